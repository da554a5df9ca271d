//! Timers: "wake me for this at that time". One per kind and key; arming again replaces.
//!
//! A due timer is claimed by one worker at a time with a lease and settled in the transaction of its effects. A million
//! armed timers cost what is due: everything goes through the index on `wake_at`.

use throughline_base::{IdGen, Timestamp};

use crate::db::{Db, Result, Row, StoreError, Tx, v};

/// A timer. One from [`due`] is also the proof of the claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Of this arming; arming again gives another.
    pub id: i64,
    /// Which room it belongs to, and what for.
    pub kind: String,
    /// What it is about, unique in its kind.
    pub key: String,
    /// When it is due.
    pub due_at: Timestamp,
    /// JSON for whoever handles it.
    pub payload: String,
    /// How often it was claimed, this time included.
    pub attempts: u32,
    /// Who claimed it.
    pub lease_owner: Option<String>,
}

/// A timer to arm.
#[derive(Debug, Clone, Copy)]
pub struct NewTimer<'a> {
    /// Which room it belongs to, and what for.
    pub kind: &'a str,
    /// What it is about, unique in its kind.
    pub key: &'a str,
    /// When it is due.
    pub due_at: Timestamp,
    /// JSON for whoever handles it.
    pub payload: &'a str,
}

fn read(r: &Row<'_>) -> Result<Timer> {
    Ok(Timer {
        id: r.i64(0)?,
        kind: r.text(1)?,
        key: r.text(2)?,
        due_at: r.at(3)?,
        payload: r.text(4)?,
        attempts: r.get(5)?,
        lease_owner: r.opt_text(6)?,
    })
}

/// Arms timers, each replacing the one of its kind and key. A worker that has claimed the old one can no longer settle it.
pub fn arm(tx: &mut Tx<'_>, ids: &IdGen, timers: &[NewTimer<'_>]) -> Result<()> {
    let rows =
        timers.iter().map(|t| [v(ids.next()), v(t.kind), v(t.key), v(t.payload), v(t.due_at), v(t.due_at), v(0)]);
    tx.insert_many(
        "INSERT INTO timer (id, kind, key, payload, due_at, wake_at, attempts)",
        rows,
        "ON CONFLICT (kind, key) DO UPDATE SET id = excluded.id, payload = excluded.payload, due_at = excluded.due_at,
           wake_at = excluded.wake_at, attempts = 0, lease_owner = NULL",
    )?;
    Ok(())
}

/// Takes a timer away; `false` when there is none.
pub fn disarm(tx: &mut Tx<'_>, kind: &str, key: &str) -> Result<bool> {
    Ok(tx.exec("DELETE FROM timer WHERE kind = $1 AND key = $2", &[&kind, &key])? == 1)
}

/// The timer of a kind and key.
pub fn get(tx: &mut Tx<'_>, kind: &str, key: &str) -> Result<Option<Timer>> {
    tx.query_opt(
        "SELECT id, kind, key, due_at, payload, attempts, lease_owner FROM timer WHERE kind = $1 AND key = $2",
        &[&kind, &key],
        read,
    )
}

/// Claims up to `limit` due timers for `lease_ms`, the longest due first. One that is not settled by then is due again.
pub fn due(db: &Db, owner: &str, now: Timestamp, lease_ms: i64, limit: u32) -> Result<Vec<Timer>> {
    db.write_unlocked(|tx| {
        let sql = format!(
            "SELECT id FROM timer WHERE wake_at <= $1 ORDER BY wake_at, id LIMIT $2{}",
            tx.for_update_skip_locked()
        );
        let ids: Vec<i64> = tx.query(&sql, &[&now, &limit], |r| r.i64(0))?;
        let mut timers = tx.select_in(
            "UPDATE timer SET wake_at = $1, lease_owner = $2, attempts = attempts + 1
             WHERE id IN ($list) RETURNING id, kind, key, due_at, payload, attempts, lease_owner",
            &[&now.plus_ms(lease_ms), &owner],
            &ids,
            read,
        )?;
        timers.sort_by_key(|t| (t.due_at, t.id));
        Ok(timers)
    })
}

/// Settles a claimed timer in the transaction of its effects: it is gone. [`StoreError::Conflict`] when the claim was lost
/// or the timer was armed anew or disarmed meanwhile; the effects must not be committed then.
pub fn settle(tx: &mut Tx<'_>, timer: &Timer) -> Result<()> {
    let gone = tx.exec(
        "DELETE FROM timer WHERE id = $1 AND lease_owner = $2 AND attempts = $3",
        &[&timer.id, &timer.lease_owner, &timer.attempts],
    )?;
    if gone == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict(format!(
        "the claim of a timer of kind {} was lost or the timer was armed anew",
        timer.kind
    )))
}

/// Gives a claimed timer back, due again at `at`. `false` when the claim was lost.
pub fn put_back(tx: &mut Tx<'_>, timer: &Timer, at: Timestamp) -> Result<bool> {
    let back = tx.exec(
        "UPDATE timer SET wake_at = $1, lease_owner = NULL WHERE id = $2 AND lease_owner = $3 AND attempts = $4",
        &[&at, &timer.id, &timer.lease_owner, &timer.attempts],
    )?;
    Ok(back == 1)
}

/// When the next timer is due or a claim ends; `None` when nothing is armed.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>> {
    tx.query_one("SELECT MIN(wake_at) FROM timer", &[], |r| r.opt_at(0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use throughline_base::FixedClock;

    use super::*;
    use crate::contract;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn new_ids() -> IdGen {
        IdGen::new(Arc::new(FixedClock::at_ms(throughline_base::id::ID_EPOCH_MS)), 0)
    }

    fn one<'a>(key: &'a str, due_ms: i64, payload: &'a str) -> NewTimer<'a> {
        NewTimer { kind: "wait", key, due_at: at(due_ms), payload }
    }

    fn keys(timers: &[Timer]) -> Vec<&str> {
        timers.iter().map(|t| t.key.as_str()).collect()
    }

    #[test]
    fn due_timers_come_once_in_the_order_they_are_due() {
        for (engine, db) in contract::engines() {
            let ids = new_ids();
            db.write(|tx| arm(tx, &ids, &[one("late", 30, "{}"), one("b", 20, "{}"), one("a", 10, "{}")])).unwrap();
            assert_eq!(db.read(next_due).unwrap(), Some(at(10)));
            assert!(due(&db, "w1", at(9), 100, 10).unwrap().is_empty(), "{engine}");
            let claimed = due(&db, "w1", at(20), 100, 10).unwrap();
            assert_eq!(keys(&claimed), ["a", "b"], "{engine}");
            assert!(due(&db, "w2", at(20), 100, 10).unwrap().is_empty(), "{engine}: claimed already");
            db.write(|tx| settle(tx, &claimed[0])).unwrap();
            assert!(db.write(|tx| settle(tx, &claimed[0])).is_err(), "{engine}: settled once");
            let again = due(&db, "w2", at(120), 100, 10).unwrap();
            assert_eq!(keys(&again), ["b", "late"], "{engine}: the claim of b ran out");
            assert_eq!(again[0].attempts, 2);
            assert!(matches!(db.write(|tx| settle(tx, &claimed[1])), Err(StoreError::Conflict(_))), "{engine}");
            assert!(db.write(|tx| put_back(tx, &again[1], at(200))).unwrap());
            assert_eq!(db.read(next_due).unwrap(), Some(at(200)), "{engine}");
        }
    }

    #[test]
    fn arming_again_replaces_and_voids_a_running_claim() {
        for (engine, db) in contract::engines() {
            let ids = new_ids();
            db.write(|tx| arm(tx, &ids, &[one("k", 10, "1")])).unwrap();
            let claimed = due(&db, "w", at(10), 100, 1).unwrap();
            db.write(|tx| arm(tx, &ids, &[one("k", 50, "2"), one("k", 60, "3")])).unwrap();
            assert!(db.write(|tx| settle(tx, &claimed[0])).is_err(), "{engine}");
            let timer = db.read(|tx| get(tx, "wait", "k")).unwrap().unwrap();
            assert_eq!((timer.due_at, timer.payload.as_str(), timer.attempts), (at(60), "3", 0), "{engine}");
            assert!(db.write(|tx| disarm(tx, "wait", "k")).unwrap());
            assert!(!db.write(|tx| disarm(tx, "wait", "k")).unwrap());
            assert_eq!(db.read(next_due).unwrap(), None);
        }
    }

    #[test]
    fn a_claim_and_its_effects_commit_or_fail_together() {
        for (engine, db) in contract::engines() {
            let ids = new_ids();
            db.write(|tx| arm(tx, &ids, &[one("k", 10, "{}")])).unwrap();
            let claimed = due(&db, "w", at(10), 5, 1).unwrap();
            let failed = db.write(|tx| settle(tx, &claimed[0]).and_then(|()| Err::<(), _>(StoreError::NotFound)));
            assert!(failed.is_err());
            assert_eq!(keys(&due(&db, "w", at(15), 5, 1).unwrap()), ["k"], "{engine}");
        }
    }

    #[test]
    fn two_workers_share_the_due_timers_without_overlap() {
        for (engine, db) in contract::engines() {
            let ids = new_ids();
            let names: Vec<String> = (0..200).map(|i| format!("k{i}")).collect();
            let all: Vec<NewTimer<'_>> = names.iter().map(|n| one(n, 1, "{}")).collect();
            db.write(|tx| arm(tx, &ids, &all)).unwrap();
            let run = |owner: &'static str| {
                let mut got = Vec::new();
                loop {
                    let some = due(&db, owner, at(1), 1_000, 7).unwrap();
                    if some.is_empty() {
                        return got;
                    }
                    got.extend(some.into_iter().map(|t| t.key));
                }
            };
            let (mut a, b) = std::thread::scope(|s| {
                let (a, b) = (s.spawn(|| run("a")), s.spawn(|| run("b")));
                (a.join().unwrap(), b.join().unwrap())
            });
            a.extend(b);
            a.sort();
            let mut want = names.clone();
            want.sort();
            assert_eq!(a, want, "{engine}");
        }
    }

    #[test]
    fn a_claim_reads_the_index_and_not_the_table() {
        let db = contract::engines().remove(0).1;
        let plan = |sql: &str| {
            db.read(|tx| tx.query(&format!("EXPLAIN QUERY PLAN {sql}"), &[&1_i64, &1_i64], |r| r.text(3)))
                .unwrap()
                .join("; ")
        };
        let claim = plan("SELECT id FROM timer WHERE wake_at <= $1 ORDER BY wake_at, id LIMIT $2");
        assert!(claim.contains("timer_wake") && !claim.contains("TEMP B-TREE"), "{claim}");
        assert!(plan("SELECT MIN(wake_at) FROM timer").contains("timer_wake"));
    }

    #[test]
    fn every_armed_timer_fires_once_at_or_after_its_time() {
        let all = contract::engines();
        let cases = (prop::collection::vec(0..100_i64, 1..40), 1..10_u32);
        proptest!(ProptestConfig::with_cases(24), |((dues, limit) in cases)| {
            for (engine, db) in &all {
                let ids = new_ids();
                let names: Vec<String> = (0..dues.len()).map(|i| format!("k{i}")).collect();
                let timers: Vec<NewTimer<'_>> = names.iter().zip(&dues).map(|(n, d)| one(n, *d, "{}")).collect();
                db.write(|tx| arm(tx, &ids, &timers)).unwrap();
                let mut fired = 0;
                while let Some(now) = db.read(next_due).unwrap() {
                    for timer in due(db, "w", now, 1_000, limit).unwrap() {
                        assert!(timer.due_at <= now, "{engine}");
                        db.write(|tx| settle(tx, &timer)).unwrap();
                        fired += 1;
                    }
                }
                assert_eq!(fired, dues.len(), "{engine}");
            }
        });
    }
}
