//! Both engines.

use throughline_base::id::JobId;
use throughline_base::{AudienceId, AudienceVersionId, DestinationId, PersonId, RequestId, RunId, SyncId, Timestamp};

use super::*;
use crate::contract;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn p(n: i64) -> PersonId {
    PersonId::new(n)
}

fn sync(id: i64, mode: &str) -> SyncRow {
    SyncRow {
        id: SyncId::new(id),
        destination_id: DestinationId::new(1),
        audience_id: AudienceId::new(5),
        name: "vip".into(),
        purpose: "marketing".into(),
        channel: "ads".into(),
        format: "{}".into(),
        mode: mode.into(),
        schedule: None,
        state: "active".into(),
        full: true,
        version_id: None,
        next_at: Some(at(7)),
        job_id: Some(JobId::new(3)),
        error: None,
        created_at: at(1),
        updated_at: at(1),
    }
}

fn change(id: i64, person: i64, what: What) -> Change {
    Change { id, person: p(person), what, fingerprint: person * 10, kept: format!("[[\"{person}\"]]"), logged: true }
}

#[test]
fn destinations_syncs_and_runs_read_back() {
    for (engine, db) in contract::engines() {
        let d = DestinationRow {
            id: DestinationId::new(1),
            name: "ads".into(),
            kind: "sftp".into(),
            active: true,
            settings: "{}".into(),
            secrets: "v1:x".into(),
            created_at: at(1),
            updated_at: at(2),
        };
        let run = RunRow {
            id: RunId::new(9),
            sync_id: SyncId::new(2),
            kind: "delta".into(),
            state: "done".into(),
            started_at: at(3),
            finished_at: Some(at(4)),
            attempts: 2,
            counts: "{}".into(),
            files: "[]".into(),
            error: Some("x".into()),
        };
        db.write(|tx| {
            put(tx, &d)?;
            put(tx, &DestinationRow { id: DestinationId::new(2), active: false, ..d.clone() })?;
            sync_put(tx, &sync(2, "continuous"))?;
            sync_put(tx, &SyncRow { state: "ended".into(), ..sync(3, "scheduled") })?;
            run_put(tx, &RunRow { error: None, ..run.clone() })?;
            run_put(tx, &run)
        })
        .unwrap();
        db.read(|tx| {
            assert_eq!(list(tx)?, std::slice::from_ref(&d), "{engine}: an ended one is not listed");
            assert_eq!(all(tx)?.len(), 2);
            assert_eq!(syncs(tx)?, [sync(2, "continuous")], "{engine}");
            assert_eq!(syncs_of_destination(tx, d.id)?.len(), 2);
            assert_eq!(run_last(tx, SyncId::new(2))?, Some(run.clone()), "{engine}");
            assert_eq!(runs(tx, SyncId::new(2), None, 10)?.items, std::slice::from_ref(&run));
            Ok(())
        })
        .unwrap();
        let expired = db.write(|tx| runs_expire(tx, at(4), 10)).unwrap();
        assert_eq!(expired, 0, "{engine}: it ended at that very instant");
        let expired = db.write(|tx| {
            members_apply(tx, SyncId::new(2), run.id, &[change(1, 1, What::Sent)], at(4))?;
            runs_expire(tx, at(5), 10)
        });
        assert_eq!(expired.unwrap(), 0, "{engine}: a person's log names it");
    }
}

#[test]
fn what_is_at_a_destination_follows_what_was_delivered_and_the_log_keeps_all_of_it() {
    for (engine, db) in contract::engines() {
        let (s, r) = (SyncId::new(1), RunId::new(1));
        db.write(|tx| {
            members_apply(tx, s, r, &[change(1, 1, What::Sent), change(2, 2, What::Sent)], at(1))?;
            members_apply(tx, s, r, &[change(3, 1, What::Updated), change(4, 2, What::Removed)], at(2))?;
            // Settled twice, as after a crash.
            members_apply(tx, s, r, &[change(3, 1, What::Updated), change(4, 2, What::Removed)], at(2))
        })
        .unwrap();
        db.read(|tx| {
            assert_eq!(held(tx, s, &[p(1), p(2)])?.len(), 1, "{engine}");
            assert_eq!(held_page(tx, s, p(0), 10)?, [p(1)]);
            assert_eq!(held_count(tx, s)?, 1);
            let log: Vec<What> = log_of(tx, &[p(1), p(2)], i64::MAX, 10)?.iter().map(|l| l.what).collect();
            assert_eq!(log, [What::Removed, What::Updated, What::Sent, What::Sent], "{engine}");
            assert_eq!(log_of(tx, &[p(1)], 3, 10)?.len(), 1);
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn a_touch_reaches_members_and_held_people_alone_and_survives_a_comparison_that_began_before() {
    for (engine, db) in contract::engines() {
        let (s, version) = (SyncId::new(1), AudienceVersionId::new(7));
        let due = |now: i64| db.read(|tx| dirty_due(tx, s, at(now), 10)).unwrap();
        db.write(|tx| {
            tx.exec(
                "INSERT INTO audience_member (version_id, person_id, since_at, cause) VALUES (7, 1, 0, 'event')",
                &[],
            )?;
            members_apply(tx, s, RunId::new(1), &[change(1, 2, What::Sent)], at(1))?;
            dirty_touch(tx, &[(s, Some(version))], &[p(1), p(2), p(3)], 10, at(5))
        })
        .unwrap();
        let taken = due(5);
        assert_eq!(taken.iter().map(|d| d.person).collect::<Vec<_>>(), [p(1), p(2)], "{engine}: 3 is nowhere");
        db.write(|tx| {
            dirty_touch(tx, &[(s, Some(version))], &[p(2)], 11, at(6))?;
            dirty_clear(tx, s, &taken)
        })
        .unwrap();
        assert_eq!(due(6), [Dirty { person: p(2), seq: 11 }], "{engine}");
        db.write(|tx| {
            dirty_clear(tx, s, &[Dirty { person: p(2), seq: 11 }])?;
            dirty_put(tx, s, &[(p(1), at(100))], 12)
        })
        .unwrap();
        assert_eq!((due(99).len(), due(100).len()), (0, 1), "{engine}: a consent that ends later");
        assert_eq!(db.read(|tx| dirty_next(tx, s)).unwrap(), Some(at(100)));
        assert_eq!(db.write(|tx| dirty_clear_all(tx, s, 99, at(99))).unwrap(), 0, "{engine}: not due yet");
        db.write(|tx| dirty_put(tx, s, &[(p(1), at(50))], 13)).unwrap();
        db.write(|tx| dirty_put(tx, s, &[(p(1), at(100))], 14)).unwrap();
        assert_eq!(db.read(|tx| dirty_next(tx, s)).unwrap(), Some(at(50)), "{engine}: the earlier one stays");
    }
}

#[test]
fn an_erased_person_leaves_only_what_takes_them_back() {
    for (engine, db) in contract::engines() {
        let (s, request) = (SyncId::new(1), RequestId::new(4));
        db.write(|tx| {
            sync_put(tx, &sync(1, "continuous"))?;
            members_apply(tx, s, RunId::new(1), &[change(1, 1, What::Sent), change(2, 2, What::Sent)], at(1))?;
            dirty_put(tx, s, &[(p(1), at(1))], 1)?;
            let mut id = 100;
            let mut next = || {
                id += 1;
                id
            };
            let (logged, waiting) = forget_persons(tx, &[p(1)], request, &mut next, at(2))?;
            assert_eq!((logged, waiting), (1, vec![(s, 1)]), "{engine}");
            assert!(log_of(tx, &[p(1)], i64::MAX, 10)?.is_empty());
            assert!(dirty_due(tx, s, at(9), 10)?.is_empty());
            assert_eq!(held_page(tx, s, p(0), 10)?, [p(2)]);
            assert_eq!(removals_of_request(tx, request)?, [(DestinationId::new(1), 1)]);
            let left = removals(tx, s, 10)?;
            assert_eq!(left, [Removal { id: 101, request, kept: "[[\"1\"]]".into() }], "{engine}");
            removals_clear(tx, &[101])?;
            assert!(!removals_left(tx, request)?);
            assert!(held_any(tx, s)?, "{engine}: somebody else is still there");
            Ok(())
        })
        .unwrap();
    }
}
