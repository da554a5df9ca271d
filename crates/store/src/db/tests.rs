//! The contract of [`Db`] and [`Tx`](super::Tx): every test runs on both engines.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;

use super::*;
use crate::contract;

const TABLE: &str = "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, name TEXT, x REAL, body BLOB) STRICT;
                     CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY, t_id INTEGER NOT NULL REFERENCES t (id)) STRICT;";

fn databases() -> Vec<(&'static str, Db)> {
    let all = contract::empty_engines();
    for (_, db) in &all {
        db.write(|tx| tx.ddl(TABLE)).unwrap();
    }
    all
}

fn add(tx: &mut Tx<'_>, id: i64, name: &str) -> Result<()> {
    tx.exec_one("INSERT INTO t (id, name) VALUES ($1, $2)", &[&id, &name])
}

fn names(db: &Db) -> Vec<String> {
    db.read(|tx| tx.query("SELECT name FROM t ORDER BY id", &[], |r| r.text(0))).unwrap()
}

#[test]
fn values_read_back_as_they_were_written() {
    for (engine, db) in databases() {
        db.write(|tx| {
            let sql = "INSERT INTO t (name, x, body, id) VALUES ($2, $3, $4, $1)";
            assert_eq!(tx.exec(sql, &[&i64::MIN, &"张伟 \u{1F600} '\\\"", &-0.5, &b"\0\xff".as_slice()])?, 1);
            tx.exec_one(sql, &[&2_i64, &None::<String>, &f64::NAN, &None::<Vec<u8>>])
        })
        .unwrap();
        db.read(|tx| {
            let rows = tx.query("SELECT id, name, x, body FROM t ORDER BY id", &[], |r| {
                Ok((r.i64(0)?, r.opt_text(1)?, r.get::<Option<f64>>(2)?, r.get::<Option<Vec<u8>>>(3)?))
            })?;
            let first = (i64::MIN, Some("张伟 \u{1F600} '\\\"".to_owned()), Some(-0.5), Some(vec![0, 255]));
            assert_eq!(rows, [first, (2, None, None, None)], "{engine}");
            let wrong = tx.query_one("SELECT name FROM t WHERE id = $1", &[&i64::MIN], |r| r.i64(0)).unwrap_err();
            assert_eq!(wrong.to_string(), "store: column 0 holds text, expected an integer");
            let sum = "SELECT SUM(id), AVG(id), COUNT(*), 1, EXISTS (SELECT 1 FROM t) FROM t WHERE id > 0";
            let got = tx.query_one(sum, &[], |r| Ok((r.i64(0)?, r.f64(1)?, r.i64(2)?, r.i64(3)?, r.bool(4)?)))?;
            assert_eq!(got, (2, 2.0, 1, 1, true), "{engine}: aggregates read the same");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn text_with_a_nul_is_refused_by_both_and_leaves_the_transaction_usable() {
    for (engine, db) in databases() {
        db.write(|tx| {
            let e = add(tx, 1, "a\0b").unwrap_err();
            assert!(matches!(e, StoreError::Invalid { code: "nul_in_text", .. }), "{engine}: {e}");
            add(tx, 2, "ab")
        })
        .unwrap();
        assert_eq!(names(&db), ["ab"]);
    }
}

#[test]
fn text_sorts_by_its_bytes_on_both() {
    for (engine, db) in databases() {
        let words = ["a", "B", "_", "é", "张", "ab", "A"];
        db.write(|tx| (1..).zip(words).try_for_each(|(i, w)| add(tx, i, w))).unwrap();
        let sorted = db.read(|tx| tx.query("SELECT name FROM t ORDER BY name", &[], |r| r.text(0))).unwrap();
        assert_eq!(sorted, ["A", "B", "_", "a", "ab", "é", "张"], "{engine}");
        let (from, to) = prefix_range("a");
        let sql = "SELECT name FROM t WHERE name >= $1 AND name < $2 ORDER BY name";
        assert_eq!(db.read(|tx| tx.query(sql, &[&from, &to], |r| r.text(0))).unwrap(), ["a", "ab"], "{engine}");
    }
}

#[test]
fn a_failed_or_panicking_transaction_leaves_nothing() {
    for (engine, db) in databases() {
        let failed = db.write(|tx| add(tx, 1, "a").and_then(|()| Err::<(), _>(StoreError::NotFound)));
        assert!(matches!(failed, Err(StoreError::NotFound)));
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            db.write(|tx| add(tx, 2, "b").map(|()| assert!(names(&db).len() > 9, "a panic in the middle")))
        }));
        assert!(panicked.is_err());
        assert!(names(&db).is_empty(), "{engine}");
        db.write(|tx| add(tx, 3, "c")).unwrap();
        assert_eq!(names(&db), ["c"], "{engine}: the next write works");
    }
}

#[test]
fn a_savepoint_undoes_only_its_own_part() {
    for (engine, db) in databases() {
        db.write(|tx| {
            add(tx, 1, "a")?;
            let clash = tx.savepoint(|tx| add(tx, 2, "b").and_then(|()| add(tx, 1, "again"))).unwrap_err();
            assert!(matches!(clash, StoreError::Conflict(_)), "{engine}: {clash}");
            tx.savepoint(|tx| add(tx, 3, "c"))
        })
        .unwrap();
        assert_eq!(names(&db), ["a", "c"], "{engine}");
    }
}

#[test]
fn errors_name_what_clashed_and_never_the_data() {
    for (engine, db) in databases() {
        db.write(|tx| add(tx, 77_123, "secret-name")).unwrap();
        let errors = [
            db.write(|tx| add(tx, 77_123, "secret-name")).unwrap_err(),
            db.write(|tx| tx.exec("INSERT INTO child (id, t_id) VALUES (1, $1)", &[&99_881_i64])).unwrap_err(),
            db.write(|tx| tx.exec("INSERT INTO t (id, name) VALUES ($1, $2)", &[&"secret-name", &1_i64])).unwrap_err(),
            db.write(|tx| tx.exec("INSERT INTO t (id) VALUES ($1)", &[])).unwrap_err(),
            db.read(|tx| tx.exec("SELECT secret FROM nowhere", &[])).unwrap_err(),
        ];
        assert!(matches!(errors[0], StoreError::Conflict(_)) && matches!(errors[1], StoreError::Conflict(_)));
        for e in errors {
            let text = e.to_string();
            assert!(
                !text.contains("secret-name") && !text.contains("77123") && !text.contains("99881"),
                "{engine}: {text}"
            );
        }
    }
}

#[test]
fn a_read_cannot_write_and_sees_one_moment() {
    for (engine, db) in databases() {
        db.write(|tx| add(tx, 1, "a")).unwrap();
        db.read(|tx| {
            assert!(tx.query("SELECT id FROM t", &[], |r| r.i64(0))?.len() == 1);
            db.write(|tx| add(tx, 2, "b"))?;
            assert_eq!(tx.query("SELECT id FROM t", &[], |r| r.i64(0))?, [1], "{engine}: a snapshot");
            Ok(())
        })
        .unwrap();
        assert!(db.read(|tx| add(tx, 3, "c")).is_err(), "{engine}");
        assert_eq!(names(&db), ["a", "b"]);
    }
}

#[test]
fn a_write_inside_a_write_is_an_error_on_sqlite_and_not_a_deadlock() {
    let db = contract::sqlite(&DbOptions::default());
    let e = db.write(|_| db.write(|_| Ok(()))).unwrap_err();
    assert!(e.to_string().contains("inside a write"));
    db.write(|_| Ok(())).unwrap();
}

#[test]
fn writers_of_several_threads_take_turns() {
    for (engine, db) in databases() {
        db.write(|tx| tx.exec_one("INSERT INTO t (id, x) VALUES (1, 0)", &[])).unwrap();
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..25 {
                        db.write(|tx| {
                            let x = tx.query_one("SELECT x FROM t WHERE id = 1", &[], |r| r.f64(0))?;
                            tx.exec_one("UPDATE t SET x = $1 WHERE id = 1", &[&(x + 1.0)])
                        })
                        .unwrap();
                    }
                });
            }
        });
        let x = db.read(|tx| tx.query_one("SELECT x FROM t WHERE id = 1", &[], |r| r.f64(0))).unwrap();
        assert_eq!(x, 100.0, "{engine}: no update was lost");
    }
}

#[test]
fn select_in_finds_any_number_of_keys() {
    for (engine, db) in databases() {
        db.write(|tx| {
            let rows: Vec<(i64, String)> = (0..1_500).map(|i| (i, format!("n{}", i % 10))).collect();
            tx.insert_many("INSERT INTO t (id, name) VALUES", rows.iter().map(|(i, n)| [v(*i), v(n)]), "")
        })
        .unwrap();
        db.read(|tx| {
            for count in [0, 1, 2, 8, 9, 64, 65, 513, 1_400] {
                let mut keys: Vec<i64> = (0..count).chain(0..count).collect();
                keys.push(-1);
                let sql = "SELECT id FROM t WHERE id IN ($list) AND name <> $1 ORDER BY id";
                let mut got = tx.select_in(sql, &[&"n3"], &keys, |r| r.i64(0))?;
                got.sort_unstable();
                assert_eq!(got, (0..count).filter(|i| i % 10 != 3).collect::<Vec<_>>(), "{engine} {count}");
            }
            let by_name = tx.select_in("SELECT id FROM t WHERE name IN ($list)", &[], &["n1", "n2"], |r| r.i64(0))?;
            assert_eq!(by_name.len(), 300);
            assert!(tx.select_in("SELECT id FROM t", &[], &[1_i64], |r| r.i64(0)).is_err());
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn rows_inserted_at_once_may_hold_nulls_of_every_type() {
    for (engine, db) in databases() {
        let rows = [[v(1), v(None::<&str>), v(None::<f64>), v(b"x".as_slice())], [v(2), v("b"), v(1.5), Value::Null]];
        let n = db.write(|tx| tx.insert_many("INSERT INTO t (id, name, x, body)", rows, "")).unwrap();
        assert_eq!(n, 2, "{engine}");
        let none = db.write(|tx| tx.insert_many("INSERT INTO t (id)", Vec::<[Value<'_>; 1]>::new(), "")).unwrap();
        assert_eq!(none, 0, "{engine}");
    }
}

/// What the rows leave behind when they are applied one after the other, and which of them were new.
fn model(rows: &[(i64, String)], update: bool) -> (std::collections::BTreeMap<i64, String>, Vec<bool>) {
    let mut map = std::collections::BTreeMap::new();
    let mut new = Vec::new();
    for (id, name) in rows {
        new.push(!map.contains_key(id));
        if update || !map.contains_key(id) {
            map.insert(*id, name.clone());
        }
    }
    (map, new)
}

#[test]
fn many_rows_at_once_mean_the_same_as_one_after_the_other() {
    let all = databases();
    let rows = prop::collection::vec((0..30_i64, "[a-c]{0,3}"), 0..60);
    proptest!(ProptestConfig::with_cases(40), |(rows in rows)| {
        for (engine, db) in &all {
            let stored = |tx: &mut Tx<'_>| tx.query("SELECT id, name FROM t ORDER BY id", &[], |r| Ok((r.i64(0)?, r.text(1)?)));
            let values: Vec<[Value<'_>; 2]> = rows.iter().map(|(i, n)| [v(*i), v(n)]).collect();
            db.write(|tx| {
                tx.exec("DELETE FROM t", &[])?;
                let n = tx.insert_many("INSERT INTO t (id, name) VALUES", values.iter().copied(),
                    "ON CONFLICT (id) DO UPDATE SET name = excluded.name")?;
                assert_eq!(n, rows.len() as u64, "{engine}");
                assert_eq!(stored(tx)?, model(&rows, true).0.into_iter().collect::<Vec<_>>(), "{engine}");
                tx.exec("DELETE FROM t", &[])?;
                let n = tx.insert_many("INSERT INTO t (id, name)", values.iter().copied(), "ON CONFLICT DO NOTHING")?;
                let (map, new) = model(&rows, false);
                assert_eq!(n, map.len() as u64, "{engine}");
                tx.exec("DELETE FROM t", &[])?;
                assert_eq!(tx.insert_new("t", ["id", "name"], &["id"], &values)?, new, "{engine}");
                assert_eq!(stored(tx)?, map.into_iter().collect::<Vec<_>>(), "{engine}");
                assert!(tx.insert_new("t", ["id", "name"], &["id"], &values)?.iter().all(|n| !n), "{engine}");
                Ok(())
            }).unwrap();
        }
    });
}

#[test]
fn a_full_disk_is_said_and_recovers() {
    let options = DbOptions { max_pages: Some(64), ..DbOptions::default() };
    let db = contract::sqlite(&options);
    db.write(|tx| tx.ddl(TABLE)).unwrap();
    db.write(|tx| add(tx, 1, "before")).unwrap();
    let big = "x".repeat(512 * 1024);
    let e = db.write(|tx| add(tx, 2, &big)).unwrap_err();
    assert!(matches!(e, StoreError::Unavailable { code: "database_full", .. }), "{e}");
    assert!(e.is_unavailable());
    db.write(|tx| add(tx, 3, "after")).unwrap();
    assert_eq!(names(&db), ["before", "after"]);
    assert!(db.integrity().unwrap().is_empty());
}

#[test]
fn a_lost_connection_fails_one_transaction_and_the_next_works() {
    let Some(db) = contract::postgres(&DbOptions { pg_connections: 2, ..DbOptions::default() }) else { return };
    db.write(|tx| tx.ddl(TABLE)).unwrap();
    let kill = |pid: i64| {
        let mut other = ::postgres::Client::connect(contract::postgres_url().unwrap(), ::postgres::NoTls).unwrap();
        other.execute("SELECT pg_terminate_backend($1)", &[&(pid as i32)]).unwrap();
        // The backend is gone once it no longer shows.
        while !other.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1", &[&(pid as i32)]).unwrap().is_empty() {
            std::thread::yield_now();
        }
    };
    let pid = |tx: &mut Tx<'_>| tx.query_one("SELECT pg_backend_pid()", &[], |r| r.i64(0));
    let e = db
        .write(|tx| {
            add(tx, 1, "lost")?;
            kill(pid(tx)?);
            add(tx, 2, "lost too")
        })
        .unwrap_err();
    assert!(matches!(e, StoreError::Unavailable { code: "database_lost", .. }), "{e}");
    db.write(|tx| add(tx, 3, "kept")).unwrap();
    kill(db.read(pid).unwrap());
    db.write(|tx| add(tx, 4, "after an idle connection died")).unwrap();
    assert_eq!(names(&db), ["kept", "after an idle connection died"]);
}

#[test]
fn closing_folds_the_log_into_the_file_and_the_database_goes_on() {
    for (engine, db) in databases() {
        db.write(|tx| add(tx, 1, "a")).unwrap();
        db.close().unwrap();
        if let Some(file) = db.sqlite() {
            let wal = file.path.with_extension("db-wal");
            assert_eq!(std::fs::metadata(wal).map_or(0, |m| m.len()), 0);
        }
        db.write(|tx| add(tx, 2, "b")).unwrap();
        assert_eq!(names(&db), ["a", "b"], "{engine}");
        assert!(db.integrity().unwrap().is_empty());
    }
}

#[test]
fn a_url_that_is_none_says_what_one_looks_like_and_hides_its_password() {
    for url in ["", ":memory:", "mysql://root:hunter2@host/db", "postgres://u:hunter2@host:notaport/db"] {
        let e = Db::open(url, &DbOptions::default()).unwrap_err().to_string();
        assert!(e.contains("expected") && !e.contains("hunter2"), "{e}");
    }
    let e = Db::open("postgres://u:hunter2@127.0.0.1:1/db", &DbOptions::default()).unwrap_err();
    assert!(e.is_unavailable() && !e.to_string().contains("hunter2"), "{e}");
}
