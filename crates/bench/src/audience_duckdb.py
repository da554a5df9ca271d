# The question of the audience bench, asked of DuckDB over the same files. Arguments: lake, start, end (ms), runs.
import json, sys, time
try:
    import duckdb
except ImportError:
    sys.exit(3)
lake, start, end, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
db = duckdb.connect(config={"threads": 2})
sql = f"""
SELECT count(*) FROM (
  SELECT person_id FROM (
    SELECT person_id, coalesce(order_id, event_id::VARCHAR) AS o, arg_min(value_minor, event_at) AS v
    FROM read_parquet('{lake}/events/*/*/*.parquet')
    WHERE name_id = (SELECT min(name_id) FROM read_parquet('{lake}/events/*/*/*.parquet') WHERE name = 'Order Completed' )
      AND epoch_ms(event_at) >= {start} AND epoch_ms(event_at) < {end} AND NOT bot
    GROUP BY person_id, o)
  GROUP BY person_id HAVING count(*) >= 2 AND sum(v) >= 50000)
"""
found, best = None, None
for _ in range(runs):
    wall, cpu = time.perf_counter(), time.process_time()
    found = db.execute(sql).fetchone()[0]
    took = (time.perf_counter() - wall, time.process_time() - cpu)
    best = took if best is None or took[0] < best[0] else best
print(json.dumps([found, best[0], best[1]]))
