//! Rows of tags on both engines.

use throughline_base::{IdentifierId, TagWorkId, Timestamp};

use super::*;
use crate::contract;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn on(line: i64, tag: &str, at_ms: i64, end: Option<i64>) -> TagRow {
    TagRow {
        line: IdentifierId::new(line),
        tag: tag.into(),
        actor: "ann".into(),
        at: at(at_ms),
        expires_at: end.map(at),
    }
}

#[test]
fn a_tag_that_is_put_again_is_prolonged_and_ends_when_its_time_has_come() {
    for (engine, db) in contract::engines() {
        db.write(|tx| put(tx, &[on(1, "vip", 1, Some(50)), on(2, "vip", 1, None), on(1, "staff", 1, None)])).unwrap();
        db.write(|tx| put(tx, &[on(1, "vip", 2, Some(90))])).unwrap();
        let tags = db.read(|tx| of_lines(tx, &[IdentifierId::new(1)])).unwrap();
        assert_eq!(tags, [on(1, "staff", 1, None), on(1, "vip", 2, Some(90))], "{engine}");
        assert!(tags[1].holds(at(89)) && !tags[1].holds(at(90)));
        assert_eq!(db.read(expires_next).unwrap(), Some(at(90)), "{engine}");
        assert!(db.write(|tx| expire(tx, at(89), 10)).unwrap().is_empty(), "{engine}");
        assert_eq!(db.write(|tx| expire(tx, at(90), 10)).unwrap(), [on(1, "vip", 2, Some(90))], "{engine}");
        assert_eq!(db.read(expires_next).unwrap(), None);
        let with = db.read(|tx| lines_with(tx, "vip", IdentifierId::new(0), 10)).unwrap();
        assert_eq!((with.len(), db.read(|tx| lines_count(tx, "vip")).unwrap()), (1, 1), "{engine}");
    }
}

#[test]
fn what_is_said_of_tags_is_kept_and_other_names_lead_to_one_tag() {
    for (engine, db) in contract::engines() {
        let said = DefinitionRow {
            tag: "vip".into(),
            category: Some("value".into()),
            description: "spends much".into(),
            audience: None,
            valid_days: Some(30),
            actor: "ann".into(),
            created_at: at(1),
            updated_at: at(1),
        };
        let category = CategoryRow { key: "value".into(), name: "Value".into(), position: 1, updated_at: at(1) };
        db.write(|tx| {
            category_put(tx, &category)?;
            definition_put(tx, &said)?;
            synonyms_set(tx, "vip", &["bigspender".into(), "whale".into()])?;
            synonyms_move(tx, "vip", "top")?;
            synonym_add(tx, "whale", "vip")
        })
        .unwrap();
        db.read(|tx| {
            assert_eq!(definition(tx, "vip")?, Some(said.clone()), "{engine}");
            assert_eq!(categories(tx)?, std::slice::from_ref(&category));
            assert_eq!(tag_of_synonym(tx, "bigspender")?.as_deref(), Some("top"), "{engine}");
            assert_eq!(synonyms_of(tx, "vip")?, ["whale"]);
            Ok(())
        })
        .unwrap();
        db.write(|tx| category_delete(tx, "value")).unwrap();
        assert_eq!(db.read(|tx| definition(tx, "vip")).unwrap().unwrap().category, None, "{engine}");
    }
}

#[test]
fn sizes_of_the_last_day_noted_are_found() {
    for (engine, db) in contract::engines() {
        db.write(|tx| {
            day_put(tx, 100, &[("vip".into(), 5)])?;
            day_put(tx, 103, &[("staff".into(), 1), ("vip".into(), 7)])
        })
        .unwrap();
        let on_day = |from, day| db.read(|tx| sizes_on(tx, from, day)).unwrap();
        assert_eq!(on_day(97, 99), None, "{engine}");
        assert_eq!(on_day(97, 102), Some(vec![("vip".into(), 5)]), "{engine}");
        assert_eq!(on_day(100, 110).map(|s| s.len()), Some(2), "{engine}");
        assert_eq!(db.write(|tx| days_purge(tx, 103)).unwrap(), 1);
    }
}

#[test]
fn of_several_changes_of_a_work_to_a_line_the_first_is_kept() {
    for (engine, db) in contract::engines() {
        let work = TagWorkId::new(7);
        let change = |put_at: i64, old: Option<&str>| ChangeRow {
            line: IdentifierId::new(1),
            tag: "vip".into(),
            put_at: Some(at(put_at)),
            old: old.map(|by| (by.into(), at(1), None)),
        };
        db.write(|tx| changes_put(tx, work, &[change(5, Some("ann"))])).unwrap();
        db.write(|tx| changes_put(tx, work, &[change(6, None)])).unwrap();
        let kept = db.read(|tx| changes(tx, work, 10)).unwrap();
        assert_eq!(kept, [change(5, Some("ann"))], "{engine}");
        assert_eq!(db.write(|tx| changes_delete(tx, work, &kept)).unwrap(), 1, "{engine}");
    }
}
