use throughline_base::{AudienceId, AudienceListId, AudienceVersionId, IdentifierId, PersonId, SourceId, Timestamp};
use throughline_domain::identity::{NodeState, Strength};

use super::*;
use crate::contract;
use crate::db::Tx;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn per(id: i64) -> PersonId {
    PersonId::new(id)
}

const V1: AudienceVersionId = AudienceVersionId::new(11);
const V2: AudienceVersionId = AudienceVersionId::new(12);

fn version_row(id: AudienceVersionId, number: i64, state: VersionState) -> VersionRow {
    VersionRow {
        id,
        owner: 1,
        kind: PartKind::Audience,
        number,
        definition: "{}".into(),
        note: String::new(),
        actor: "cli".into(),
        state,
        unsettled: true,
        size: 0,
        auto_apply: true,
        announce: false,
        touch_rules: 0,
        replaces: None,
        error: None,
        failed_at: None,
        created_at: at(1),
        built_at: None,
        applied_at: None,
        retired_at: None,
    }
}

fn node(id: i64, namespace: &str, value: &str) -> NodeState {
    NodeState {
        id: IdentifierId::new(id),
        namespace: namespace.into(),
        value: value.into(),
        generation: 1,
        strength: Strength::Person,
        person: per(id),
        parent: None,
        created_at: at(2),
        ended_at: None,
        ended_seq: None,
        blocked: false,
        suspended_at: None,
        shared: false,
        partial: false,
        current_line: None,
        joined_count: 0,
        joined_recent: Vec::new(),
        first_at: at(2),
        last_at: at(2),
        session_start_at: at(2),
        logged_out_at: None,
        signed_in_at: None,
    }
}

fn put(tx: &mut Tx<'_>, version: AudienceVersionId, persons: &[i64]) {
    let rows: Vec<Membership> = persons
        .iter()
        .map(|p| Membership { version, person: per(*p), since_at: at(*p), cause: "event".into() })
        .collect();
    members_put(tx, &rows).unwrap();
    size_add(tx, version, rows.len() as i64).unwrap();
}

#[test]
fn an_audience_and_its_versions_read_back_as_they_were_written() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            let mut a = AudienceRow {
                id: AudienceId::new(1),
                key: "vip".into(),
                name: "VIP".into(),
                description: String::new(),
                state: "active".into(),
                live_version: None,
                created_at: at(1),
                updated_at: at(1),
            };
            insert(tx, &a)?;
            a.live_version = Some(V1);
            update(tx, &a)?;
            assert_eq!(by_key(tx, "vip")?.as_ref(), Some(&a), "{engine}");
            assert_eq!(get(tx, a.id)?.as_ref(), Some(&a), "{engine}");
            assert_eq!(all(tx)?, [a], "{engine}");
            let mut x = version_row(V1, 1, VersionState::Building);
            version_insert(tx, &x)?;
            (x.state, x.unsettled) = (VersionState::Failed, false);
            (x.error, x.failed_at) = (Some("no disk".into()), Some(at(9)));
            version_update(tx, &x)?;
            assert_eq!(version(tx, V1)?.as_ref(), Some(&x), "{engine}");
            let next = version_number_next(tx, 1)?;
            version_insert(tx, &version_row(V2, next, VersionState::Live))?;
            assert_eq!(versions(tx, 1)?.iter().map(|v| v.number).collect::<Vec<_>>(), [2, 1], "{engine}");
            let followed: Vec<_> = VersionState::ALL.into_iter().filter(|s| s.is_followed()).collect();
            assert_eq!(versions_in(tx, &followed)?.len(), 2, "{engine}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn members_come_in_pages_and_versions_are_compared() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            version_insert(tx, &version_row(V1, 1, VersionState::Live))?;
            version_insert(tx, &version_row(V2, 2, VersionState::Ready))?;
            put(tx, V1, &[1, 2, 3, 4]);
            put(tx, V2, &[3, 4, 5]);
            let first = members(tx, V1, per(0), 3)?;
            assert_eq!(first.iter().map(|m| m.person.get()).collect::<Vec<_>>(), [1, 2, 3], "{engine}");
            assert_eq!(members(tx, V1, first[2].person, 3)?.len(), 1, "{engine}");
            assert_eq!(difference(tx, Some(V1), V2)?, Difference { entering: 1, leaving: 2, staying: 2 }, "{engine}");
            assert_eq!(difference_page(tx, V1, V2, per(1), 10)?, [per(2)], "{engine}");
            assert_eq!(memberships_of(tx, &[per(3)])?.len(), 2, "{engine}");
            assert_eq!(differing_mark(tx, (V1, V2), 77, "definition")?, 3, "{engine}");
            assert_eq!(dirty(tx, 10)?.iter().map(|d| d.person.get()).collect::<Vec<_>>(), [1, 2, 5], "{engine}");
            members_delete(tx, &[(V1, per(1))])?;
            size_add(tx, V1, -1)?;
            assert_eq!(members_clear(tx, V1, 2)?, 2, "{engine}");
            assert_eq!(members_count(tx, V1)?, 1, "{engine}");
            assert_eq!(version(tx, V1)?.unwrap().size, 3, "{engine}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn the_strongest_mark_stays_and_a_newer_one_is_not_worked_off_with_an_older() {
    for (engine, db) in contract::engines() {
        let mark = |seq, what, cause: &str| Dirty { person: per(1), seq, what, cause: cause.into() };
        db.write(|tx| {
            dirty_mark(tx, &[mark(1, 2, "unmerge")])?;
            dirty_mark(tx, &[mark(2, 0, "tag")])?;
            assert_eq!(dirty(tx, 5)?, [mark(2, 2, "unmerge")], "{engine}");
            assert_eq!(dirty_clear(tx, &[(per(1), 1)])?, 0, "{engine}");
            assert_eq!(dirty_clear(tx, &[(per(1), 2)])?, 1, "{engine}");
            assert!(!dirty_any(tx)?, "{engine}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn the_next_time_is_the_earliest_one_that_is_set() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            due_put(tx, &[(per(1), Some(at(30))), (per(2), Some(at(20))), (per(3), Some(at(40)))])?;
            due_put(tx, &[(per(2), None), (per(1), Some(at(35)))])?;
            assert_eq!(due_next(tx)?, Some(at(35)), "{engine}");
            assert_eq!(due(tx, at(39), 10)?, [(per(1), at(35))], "{engine}");
            assert_eq!((due_of(tx, &[per(1), per(2)])?.len(), due_count(tx)?), (1, 2), "{engine}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn nothing_of_a_forgotten_person_is_left_and_sizes_shrink() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            version_insert(tx, &version_row(V1, 1, VersionState::Live))?;
            put(tx, V1, &[1, 2]);
            computed_put(tx, &[(per(1), V2, "3".into())])?;
            behaviours_put(tx, &[BehaviourRow { person: per(1), generation: 4, state: vec![0, 254] }])?;
            due_put(tx, &[(per(1), Some(at(30)))])?;
            moved_add(tx, &[per(1), per(2)])?;
            assert_eq!(behaviours(tx, &[per(1)])?[0].state, [0, 254], "{engine}");
            people_forget(tx, &[per(1)])?;
            assert_eq!(version(tx, V1)?.unwrap().size, 1, "{engine}");
            assert!(behaviours(tx, &[per(1)])?.is_empty() && computed_of(tx, &[per(1)])?.is_empty(), "{engine}");
            assert_eq!((moved(tx, per(0), 10)?, due_count(tx)?), (vec![per(2)], 0), "{engine}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn tracks_hours_and_values_are_kept() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            let track = |key, since, complete| Track { key, since, complete };
            tracks_put(tx, &[track(-5, 1, false), track(9, 1, true)])?;
            tracks_put(tx, &[track(-5, 1, true)])?;
            tracks_drop(tx, &[9])?;
            assert_eq!(tracks(tx)?, [track(-5, 1, true)], "{engine}");
            let hour = |size, entered, exited| Hour { hour: 7, size, entered, exited };
            hours_add(tx, 1, hour(5, 5, 0))?;
            hours_add(tx, 1, hour(4, 1, 2))?;
            assert_eq!(hours(tx, 1, 0)?, [hour(4, 6, 2)], "{engine}");
            computed_put(tx, &[(per(1), V1, "1".into()), (per(2), V1, "2".into())])?;
            computed_put(tx, &[(per(1), V1, "3".into())])?;
            assert_eq!(computed_of(tx, &[per(1)])?, [(per(1), V1, "3".into())], "{engine}");
            computed_delete(tx, &[(per(1), V1)])?;
            assert_eq!(computed_clear(tx, V1, 10)?, 1, "{engine}");
            Ok(())
        })
        .unwrap();
    }
}

#[test]
fn an_entry_counts_as_soon_as_somebody_has_the_identifier() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            let l = ListRow {
                id: AudienceListId::new(3),
                key: "fair".into(),
                name: "Fair".into(),
                entries: 0,
                actor: "cli".into(),
                created_at: at(1),
                updated_at: at(1),
            };
            list_put(tx, &l)?;
            let entry = |value: &str| ListEntry { namespace: "email".into(), value: value.into() };
            assert_eq!(
                list_entries_add(tx, l.id, &[entry("a@b.cn"), entry("c@d.cn"), entry("a@b.cn")])?,
                2,
                "{engine}"
            );
            list_refresh(tx, l.id)?;
            assert_eq!(list_by_key(tx, "fair")?.unwrap().entries, 2, "{engine}");
            assert_eq!((list_known(tx, l.id)?, list_unmatched(tx, l.id, None, 9)?.len()), (0, 2), "{engine}");
            crate::identity::nodes_insert(tx, &[(node(8, "email", "a@b.cn"), SourceId::new(1))])?;
            assert_eq!(list_known(tx, l.id)?, 1, "{engine}");
            assert_eq!(list_people(tx, l.id)?, [per(8)], "{engine}");
            assert_eq!(lists_of(tx, &[per(8)])?, [(per(8), "fair".into())], "{engine}");
            assert_eq!(list_unmatched(tx, l.id, None, 9)?, [entry("c@d.cn")], "{engine}");
            assert_eq!(list_unmatched(tx, l.id, Some(&entry("c@d.cn")), 9)?, [], "{engine}");
            assert_eq!(people_entries_delete(tx, &[("email".into(), "a@b.cn".into())])?, 1, "{engine}");
            assert_eq!(lists(tx)?[0].entries, 1, "{engine}");
            assert_eq!(list_delete(tx, l.id)?, 1, "{engine}");
            Ok(())
        })
        .unwrap();
    }
}
