"""Reads a lake with DuckDB and with pandas and prints what each of them sees, as JSON."""

import json
import sys

import duckdb
import pandas

folder = sys.argv[1]


def with_duckdb():
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    db.execute(
        "CREATE VIEW events AS SELECT * FROM read_parquet(?, hive_partitioning = true)".replace(
            "?", "'" + folder.replace("'", "''") + "/events/**/*.parquet'"
        )
    )
    totals = db.execute(
        """
        SELECT count(*), count(DISTINCT person_id), sum(value_minor)::BIGINT, count(order_id),
               count(*) FILTER (WHERE bot), count(*) FILTER (WHERE name = '查看商品')
        FROM events
        """
    ).fetchone()
    months = [m for (m,) in db.execute("SELECT DISTINCT month::VARCHAR FROM events ORDER BY 1").fetchall()]
    at, sku = db.execute(
        """
        SELECT strftime(event_at, '%Y-%m-%dT%H:%M:%S.%gZ'), properties::JSON ->> 'sku'
        FROM events ORDER BY event_at, event_id LIMIT 1
        """
    ).fetchone()
    return answer(*totals[:5], months, at, sku, totals[5])


def with_pandas():
    events = pandas.read_parquet(folder + "/events")
    first = events.sort_values(["event_at", "event_id"]).iloc[0]
    return answer(
        len(events),
        int(events.person_id.nunique()),
        int(events.value_minor.sum()),
        int(events.order_id.notna().sum()),
        int(events.bot.sum()),
        sorted(str(m) for m in events.month.unique()),
        first.event_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{first.event_at.microsecond // 1000:03d}Z",
        json.loads(first.properties)["sku"],
        int((events.name == "查看商品").sum()),
    )


def answer(rows, persons, value_minor, orders, bots, months, first_at, first_sku, viewed):
    return {
        "rows": rows,
        "persons": persons,
        "value_minor": value_minor,
        "orders": orders,
        "bots": bots,
        "months": months,
        "first_at": first_at,
        "first_sku": first_sku,
        "viewed": viewed,
    }


print(json.dumps({"duckdb": with_duckdb(), "pandas": with_pandas()}, ensure_ascii=False))
