//! The contract of jobs, on both engines.

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;
use throughline_base::{Cursor, FixedClock, Rng};

use super::*;
use crate::contract;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn new_ids() -> IdGen {
    IdGen::new(Arc::new(FixedClock::at_ms(throughline_base::id::ID_EPOCH_MS)), 0)
}

fn add(db: &Db, ids: &IdGen, payload: &str, partition: Option<&str>, run_at: i64) -> JobId {
    let job = NewJob { partition_key: partition, max_attempts: 3, ..NewJob::new("mail", "send", payload, at(run_at)) };
    db.write(|tx| enqueue(tx, ids, &job, at(0))).unwrap().unwrap()
}

fn take(db: &Db, owner: &str, now: i64, limit: u32) -> Vec<Job> {
    lease(db, "mail", owner, at(now), 100, limit).unwrap()
}

fn payloads(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|j| j.payload.as_str()).collect()
}

const FLAT: Backoff = Backoff { base_ms: 10, max_ms: 1_000, jitter: 0.0 };

fn fails(db: &Db, job: &Job, now: i64) -> JobState {
    db.write(|tx| fail(tx, job, "the provider said no", at(now), &FLAT, &mut Rng::seeded(1))).unwrap()
}

#[test]
fn a_job_is_leased_when_its_time_has_come_and_done_once() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        add(&db, &ids, "b", None, 20);
        add(&db, &ids, "a", None, 10);
        assert!(take(&db, "w", 9, 10).is_empty());
        assert_eq!(db.read(|tx| next_at(tx, "mail")).unwrap(), Some(at(10)));
        assert!(lease(&db, "sms", "w", at(99), 100, 10).unwrap().is_empty(), "{engine}: another queue");
        let jobs = take(&db, "w", 30, 10);
        assert_eq!(payloads(&jobs), ["a", "b"], "{engine}");
        assert_eq!((jobs[0].state, jobs[0].attempts, jobs[0].lease_until), (JobState::Leased, 1, Some(at(130))));
        assert_eq!(db.read(|tx| next_at(tx, "mail")).unwrap(), Some(at(130)), "{engine}: the end of the leases");
        db.write(|tx| complete(tx, &jobs[0], at(31))).unwrap();
        assert!(matches!(db.write(|tx| complete(tx, &jobs[0], at(32))), Err(StoreError::Conflict(_))), "{engine}");
        let counted = db.read(|tx| counts(tx, "mail", at(40))).unwrap();
        assert_eq!(counted, QueueCounts { leased: 1, done: 1, ..QueueCounts::default() }, "{engine}");
        assert_eq!(db.read(queues).unwrap(), ["mail"]);
    }
}

#[test]
fn enqueueing_is_idempotent_by_key_and_part_of_its_transaction() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        let job = NewJob { dedupe_key: Some("receipt 7"), ..NewJob::new("mail", "send", "{}", at(0)) };
        let lost = db.write(|tx| enqueue(tx, &ids, &job, at(0)).and_then(|_| Err::<(), _>(StoreError::NotFound)));
        assert!(lost.is_err());
        assert!(take(&db, "w", 1, 10).is_empty(), "{engine}: the fact was rolled back and the job with it");
        assert!(db.write(|tx| enqueue(tx, &ids, &job, at(0))).unwrap().is_some());
        assert!(db.write(|tx| enqueue(tx, &ids, &job, at(0))).unwrap().is_none(), "{engine}");
        let leased = take(&db, "w", 1, 10);
        assert_eq!(leased.len(), 1, "{engine}");
        db.write(|tx| complete(tx, &leased[0], at(2))).unwrap();
        assert!(db.write(|tx| enqueue(tx, &ids, &job, at(3))).unwrap().is_none(), "{engine}: done, still known");
        assert_eq!(db.write(|tx| purge_done(tx, at(2), 10)).unwrap(), 0);
        assert_eq!(db.write(|tx| purge_done(tx, at(3), 10)).unwrap(), 1, "{engine}");
        assert!(db.write(|tx| enqueue(tx, &ids, &job, at(4))).unwrap().is_some(), "{engine}: purged, free again");
    }
}

#[test]
fn a_failing_job_backs_off_dies_and_can_be_requeued() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        let id = add(&db, &ids, "x", None, 0);
        let mut now = 0;
        for wait in [10, 20] {
            let job = take(&db, "w", now, 1).remove(0);
            assert_eq!(fails(&db, &job, now), JobState::Ready);
            assert!(take(&db, "w", now + wait - 1, 1).is_empty(), "{engine}: backs off {wait}");
            now += wait;
        }
        let last = take(&db, "w", now, 1).remove(0);
        assert_eq!(last.last_error.as_deref(), Some("the provider said no"));
        assert_eq!(fails(&db, &last, now), JobState::Dead, "{engine}");
        assert!(take(&db, "w", now + 100_000, 1).is_empty());
        let dead = db.read(|tx| list(tx, "mail", JobState::Dead, None, 10)).unwrap().items;
        assert_eq!((dead.len(), dead[0].id, dead[0].finished_at), (1, id, Some(at(now))), "{engine}");
        db.write(|tx| requeue(tx, id, at(500))).unwrap();
        assert!(matches!(db.write(|tx| requeue(tx, id, at(500))), Err(StoreError::NotFound)));
        assert_eq!(take(&db, "w", 500, 1)[0].attempts, 1, "{engine}");
    }
}

#[test]
fn a_worker_that_dies_loses_its_lease_and_counts_an_attempt() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        add(&db, &ids, "x", Some("p"), 0);
        add(&db, &ids, "y", Some("p"), 0);
        let first = take(&db, "dead worker", 0, 1).remove(0);
        assert!(heartbeat(&db, &first, at(50), 100).unwrap());
        assert!(take(&db, "w", 149, 1).is_empty(), "{engine}: the heartbeat made it longer");
        let second = take(&db, "w", 150, 1).remove(0);
        assert_eq!((second.id, second.attempts), (first.id, 2), "{engine}");
        assert!(!heartbeat(&db, &first, at(151), 100).unwrap());
        assert!(db.write(|tx| complete(tx, &first, at(152))).is_err(), "{engine}: its effects are refused");
        assert_eq!(payloads(&take(&db, "w", 300, 1)), ["x"], "{engine}: the third attempt");
        assert_eq!(payloads(&take(&db, "w", 500, 1)), ["y"], "{engine}: x is dead, its follower runs");
        assert_eq!(db.read(|tx| counts(tx, "mail", at(500))).unwrap().dead, 1);
    }
}

#[test]
fn a_lease_of_a_clock_that_was_set_back_since_does_not_hold_a_job_for_years() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        add(&db, &ids, "a", None, 10);
        let years_ahead = 10 * 365 * DAY_MS;
        assert_eq!(take(&db, "w", years_ahead, 10).len(), 1);
        let again = take(&db, "v", 1_000, 10);
        assert_eq!(again.len(), 1, "{engine}");
        assert_eq!(again[0].lease_until, Some(at(1_100)), "{engine}");
        assert!(take(&db, "u", 1_050, 10).is_empty(), "{engine}: a lease of the present holds");
    }
}

#[test]
fn the_same_owner_cannot_settle_with_an_old_lease() {
    for (engine, db) in contract::engines() {
        add(&db, &new_ids(), "x", None, 0);
        let old = take(&db, "w", 0, 1).remove(0);
        let new = take(&db, "w", 100, 1).remove(0);
        assert!(db.write(|tx| complete(tx, &old, at(101))).is_err(), "{engine}");
        db.write(|tx| complete(tx, &new, at(102))).unwrap();
    }
}

#[test]
fn a_released_job_comes_back_without_a_lost_attempt() {
    for (engine, db) in contract::engines() {
        add(&db, &new_ids(), "x", None, 0);
        let job = take(&db, "w", 0, 1).remove(0);
        db.write(|tx| release(tx, &job, at(1))).unwrap();
        assert_eq!(take(&db, "w", 1, 1)[0].attempts, 1, "{engine}");
    }
}

#[test]
fn a_partition_runs_in_order_one_at_a_time_and_does_not_starve_others() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        for p in ["a1", "a2", "a3"] {
            add(&db, &ids, p, Some("a"), 0);
        }
        add(&db, &ids, "b1", Some("b"), 1);
        add(&db, &ids, "c", None, 2);
        let first = take(&db, "w", 10, 1);
        assert_eq!(payloads(&first), ["a1"], "{engine}");
        db.write(|tx| complete(tx, &first[0], at(10))).unwrap();
        assert_eq!(payloads(&take(&db, "w", 10, 9)), ["b1", "c", "a2"], "{engine}: a2 went behind");
        assert!(take(&db, "w", 10, 9).is_empty(), "{engine}: a3 waits for a2");
    }
}

#[test]
fn partitioned_jobs_ask_for_a_write_of_their_own() {
    for (engine, db) in contract::engines() {
        let job = NewJob { partition_key: Some("p"), ..NewJob::new("mail", "send", "{}", at(0)) };
        let tried = db.write_unlocked(|tx| enqueue(tx, &new_ids(), &job, at(0)));
        assert_eq!(tried.is_err(), engine == "postgres", "{engine}");
    }
}

#[test]
fn pages_of_a_list_show_every_job_once() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        let mut all: Vec<JobId> = (0..7).map(|_| add(&db, &ids, "x", None, 0)).collect();
        all.reverse();
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let page = db.read(|tx| list(tx, "mail", JobState::Ready, cursor, 3)).unwrap();
            seen.extend(page.items.iter().map(|j| j.id));
            match page.next {
                Some(next) => cursor = Cursor::decode(&next),
                None => break,
            }
        }
        assert_eq!(seen, all, "{engine}");
    }
}

#[test]
fn an_error_text_of_any_kind_is_kept_short() {
    for (engine, db) in contract::engines() {
        add(&db, &new_ids(), "x", None, 0);
        let job = take(&db, "w", 0, 1).remove(0);
        let text = format!("\0{}", "错".repeat(2_000));
        db.write(|tx| bury(tx, &job, &text, at(1))).unwrap();
        let kept = db.read(|tx| get(tx, job.id)).unwrap().unwrap().last_error.unwrap();
        assert!(kept.len() <= ERROR_BYTES && kept.starts_with(" 错"), "{engine}");
    }
}

#[test]
fn two_workers_never_hold_the_same_job() {
    for (engine, db) in contract::engines() {
        let ids = new_ids();
        for i in 0..120 {
            let partition = format!("p{}", i % 7);
            add(&db, &ids, &i.to_string(), (i % 3 > 0).then_some(partition.as_str()), 0);
        }
        let run = |owner: &'static str| {
            let mut done = Vec::new();
            // Empty when the rest is held by the other or waits behind it.
            while db.read(|tx| counts(tx, "mail", at(0))).unwrap().done < 120 {
                for job in take(&db, owner, 0, 5) {
                    db.write(|tx| complete(tx, &job, at(0))).unwrap();
                    done.push(job.id);
                }
            }
            done
        };
        let (mut a, b) = std::thread::scope(|s| {
            let (a, b) = (s.spawn(|| run("a")), s.spawn(|| run("b")));
            (a.join().unwrap(), b.join().unwrap())
        });
        let total = a.len() + b.len();
        a.extend(b);
        a.sort();
        a.dedup();
        assert_eq!((total, a.len()), (120, 120), "{engine}");
    }
}

#[test]
fn a_lease_reads_what_may_run_and_not_the_backlog() {
    let db = contract::engines().remove(0).1;
    let sql = "EXPLAIN QUERY PLAN SELECT id FROM job WHERE queue = $1 AND state = 'ready' AND head = 1 AND run_at <= $2
               ORDER BY run_at, id LIMIT $3";
    let plan = db.read(|tx| tx.query(sql, &[&"mail", &0_i64, &1_i64], |r| r.text(3))).unwrap().join("; ");
    assert!(plan.contains("job_ready") && !plan.contains("TEMP B-TREE"), "{plan}");
    let sql = "EXPLAIN QUERY PLAN SELECT id FROM job WHERE queue = $1 AND partition_key = $2 AND finished_at IS NULL
               ORDER BY id LIMIT 1";
    let plan = db.read(|tx| tx.query(sql, &[&"mail", &"p"], |r| r.text(3))).unwrap().join("; ");
    assert!(plan.contains("job_partition") && !plan.contains("TEMP B-TREE"), "{plan}");
}

#[derive(Debug, Clone)]
enum Step {
    Enqueue(u8),
    Lease(u32),
    Complete,
    Fail,
    Die,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u8).prop_map(Step::Enqueue),
        (1..4_u32).prop_map(Step::Lease),
        Just(Step::Complete),
        Just(Step::Fail),
        Just(Step::Die),
        (1..150_i64).prop_map(Step::Wait),
    ]
}

/// Whatever happens, a partition has one job in hand at most, runs in order, and nothing is stuck in the end.
fn drive(engine: &str, db: &Db, steps: &[Step]) {
    db.write(|tx| tx.exec("DELETE FROM job", &[])).unwrap();
    let ids = new_ids();
    let (mut now, mut held, mut count) = (0, Vec::<Job>::new(), 0);
    let mut last_of: HashMap<String, JobId> = HashMap::new();
    let mut check_leased = |jobs: &[Job], held: &[Job], now: i64| {
        for job in jobs {
            let Some(p) = &job.partition_key else { continue };
            let others = held.iter().filter(|h| h.id != job.id && h.lease_until > Some(at(now)));
            assert!(others.clone().all(|h| h.partition_key.as_ref() != Some(p)), "{engine}: two of partition {p}");
            let last = last_of.insert(p.clone(), job.id);
            assert!(last <= Some(job.id), "{engine}: partition {p} out of order");
        }
    };
    for s in steps {
        match s {
            Step::Enqueue(p) => {
                count += 1;
                let partition = format!("p{p}");
                add(db, &ids, "x", (*p > 0).then_some(partition.as_str()), now);
            }
            Step::Lease(n) => {
                let jobs = take(db, "w", now, *n);
                check_leased(&jobs, &held, now);
                held.retain(|h| jobs.iter().all(|j| j.id != h.id));
                held.extend(jobs);
            }
            Step::Complete | Step::Fail => {
                if let Some(job) = held.pop() {
                    let settled = if matches!(s, Step::Complete) {
                        db.write(|tx| complete(tx, &job, at(now)))
                    } else {
                        db.write(|tx| fail(tx, &job, "no", at(now), &FLAT, &mut Rng::seeded(7))).map(|_| ())
                    };
                    assert!(settled.is_ok() || job.lease_until <= Some(at(now)), "{engine}");
                }
            }
            Step::Die => held.clear(),
            Step::Wait(ms) => now += ms,
        }
    }
    while db.read(|tx| next_at(tx, "mail")).unwrap().is_some() && now < 1_000_000 {
        now += 150;
        let jobs = take(db, "w", now, 100);
        check_leased(&jobs, &[], now);
        for job in jobs {
            db.write(|tx| complete(tx, &job, at(now))).unwrap();
        }
    }
    let end = db.read(|tx| counts(tx, "mail", at(now))).unwrap();
    assert_eq!((end.done + end.dead, end.ready, end.leased), (count, 0, 0), "{engine}: nothing is stuck");
}

#[test]
fn whatever_workers_do_partitions_keep_their_order_and_nothing_is_stuck() {
    let all = contract::engines();
    proptest!(ProptestConfig::with_cases(12), |(steps in prop::collection::vec(step(), 1..60))| {
        for (engine, db) in &all {
            drive(engine, db, &steps);
        }
    });
}

proptest! {
    #[test]
    fn a_back_off_grows_and_stays_in_its_bounds(base in 0..100_000_i64, max in 0..10_000_000_i64, jitter in 0.0..1.0_f64, attempt in 0..2_000_u32, seed: u64) {
        let backoff = Backoff { base_ms: base, max_ms: max, jitter };
        let wait = backoff.delay_ms(attempt, &mut Rng::seeded(seed));
        let exact = Backoff { jitter: 0.0, ..backoff };
        let full = exact.delay_ms(attempt, &mut Rng::seeded(seed));
        prop_assert!(wait >= (full as f64 * (1.0 - jitter)) as i64 && wait <= full && full <= max);
        prop_assert!(full <= exact.delay_ms(attempt + 1, &mut Rng::seeded(seed)));
    }
}
