//! The files are open: DuckDB, pandas and Arrow read them as they lie (skipped where the packages are not installed).

use std::process::Command;

use serde_json::{Value, json};
use throughline_base::Rng;
use throughline_lake::LakeRow;

use crate::support::{config, event, now, open, python_with};

#[test]
fn duckdb_and_pandas_read_the_files() {
    let Some(python) = python_with(&["duckdb", "pandas", "pyarrow"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let lake = open(config(&folder));
    let mut rng = Rng::seeded(31);
    let rows: Vec<LakeRow> = (1..=500)
        .map(|id| {
            let p = 1 + id % 13;
            event(&mut rng, id, p, 100 + p)
        })
        .collect();
    lake.write(&rows, now()).unwrap();

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/read_lake.py");
    let out = Command::new(python).args([script, &lake.path()]).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let read: Value = serde_json::from_slice(&out.stdout).unwrap();

    let mut months: Vec<String> = rows
        .iter()
        .map(|r| throughline_base::Timestamp::from_ms(r.event_at).year_month())
        .map(|m| format!("{}-{:02}", m / 100, m % 100))
        .collect();
    months.sort();
    months.dedup();
    let first = rows.iter().min_by_key(|r| (r.event_at, r.event_id)).unwrap();
    let want = json!({
        "rows": 500,
        "persons": 13,
        "value_minor": rows.iter().filter_map(|r| r.value_minor).sum::<i64>(),
        "orders": rows.iter().filter(|r| r.order_id.is_some()).count(),
        "bots": rows.iter().filter(|r| r.bot).count(),
        "months": months,
        "first_at": throughline_base::Timestamp::from_ms(first.event_at).to_string(),
        "first_sku": serde_json::from_str::<Value>(&first.properties).unwrap()["sku"],
        "viewed": rows.iter().filter(|r| r.name == "查看商品").count(),
    });
    assert_eq!(read["duckdb"], want);
    assert_eq!(read["pandas"], want);
}
