use serde_json::json;
use throughline_base::FixedClock;
use throughline_base::time::HOUR_MS;
use throughline_domain::event::{Client, EventKind};
use throughline_store::event::{FLAG_REPLAYED, HotEvent};

use super::*;
use crate::Settings;
use crate::registry::{PlanMode, SourceSettings};
use crate::source::SourceChange;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;

struct Shop {
    app: Arc<App>,
    clock: Arc<FixedClock>,
    source: Arc<Source>,
    _folder: tempfile::TempDir,
}

fn cli() -> Caller {
    Caller::cli()
}

impl Shop {
    /// A shop whose only source quarantines what differs from the plan.
    fn strict() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOW));
        let app = App::open(Settings::new(folder.path()), clock.clone()).unwrap();
        let settings = SourceSettings { plan_mode: PlanMode::Quarantine, ..SourceSettings::of_kind("server") };
        let source = app.source_create(&cli(), "till", "server", Some(settings)).unwrap().source;
        Self { app, clock, source, _folder: folder }
    }

    fn send(&self, name: &str, message_id: Option<&str>, user: &str) -> Verdict {
        let mut raw = RawEvent::new(Client::Generic, EventKind::Track);
        raw.name = name.into();
        raw.message_id = message_id.map(str::to_owned);
        raw.user_id = Some(user.into());
        raw.timestamp = json!(self.app.now().to_string());
        raw.properties.insert("order_id".into(), json!("o1"));
        let batch = self.app.collect_raw(&self.source, vec![raw], self.app.now());
        self.app.collect_wait(batch).unwrap()[0].verdict
    }

    fn recorded(&self) -> Vec<HotEvent> {
        self.app.db.read(|tx| rows::hot_after(tx, throughline_base::EventId::new(0), 100)).unwrap()
    }

    fn open_count(&self) -> i64 {
        self.app.db.read(rows::quarantine_open).unwrap()
    }

    fn replay(&self, selection: &Selection, save: bool) -> Replayed {
        let new_fix = NewFix { name: "name of the order event".into(), ops: renamed(), save };
        self.app.quarantine_replay(&cli(), selection, Some(&new_fix), None).unwrap()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.app.close();
    }
}

fn renamed() -> Vec<FixOp> {
    vec![FixOp::RenameEvent { from: None, to: "Order Completed".into() }]
}

fn misnamed() -> Selection {
    Selection::Filter(QuarantineFilter { event_name: Some("order_done".into()), ..QuarantineFilter::default() })
}

#[test]
fn a_mended_event_is_recorded_once_with_its_old_id_and_time_of_receipt() {
    let shop = Shop::strict();
    assert_eq!(shop.send("order_done", Some("m1"), "u1"), Verdict::Quarantined);
    shop.clock.advance_ms(HOUR_MS);
    assert_eq!(shop.send("order_done", Some("m2"), "u2"), Verdict::Quarantined);
    shop.clock.advance_ms(24 * HOUR_MS);
    let done = shop.replay(&misnamed(), false);
    assert_eq!((done.accepted + done.corrected, done.quarantined, &done.errors[..]), (2, 0, &[][..]));
    let events = shop.recorded();
    let mut seen: Vec<_> =
        events.iter().map(|e| (e.message_id.as_str(), e.received_at.ms(), e.name.as_str())).collect();
    seen.sort_unstable();
    assert_eq!(seen, [("m1", NOW, "Order Completed"), ("m2", NOW + HOUR_MS, "Order Completed")]);
    assert!(events.iter().all(|e| e.flags & FLAG_REPLAYED != 0));
    assert_eq!(shop.open_count(), 0);
    let row = &shop.app.quarantine_list(&QuarantineFilter::default(), None, 10).unwrap().items[0];
    assert_eq!((row.state.as_str(), row.decided_at), ("replayed", Some(shop.app.now())));
}

#[test]
fn replaying_again_changes_nothing() {
    let shop = Shop::strict();
    for i in 0..3 {
        shop.send("order_done", Some(&format!("m{i}")), "u1");
    }
    let ids: Vec<_> = shop.app.quarantine_list(&QuarantineFilter::default(), None, 10).unwrap().items;
    let ids = Selection::Ids(ids.iter().map(|q| q.id).collect());
    assert_eq!(shop.replay(&ids, false).accepted, 3);
    let before = shop.recorded();
    let again = shop.replay(&ids, false);
    assert_eq!((again.accepted, again.duplicate), (0, 3));
    assert_eq!(shop.replay(&misnamed(), false), Replayed::default());
    assert_eq!(shop.recorded(), before);
    assert_eq!(shop.send("order_done", Some("m0"), "u1"), Verdict::Duplicate, "the sender's retry is known");
}

#[test]
fn an_event_without_an_id_keeps_the_one_derived_on_arrival() {
    let shop = Shop::strict();
    shop.send("order_done", None, "u1");
    let waiting = shop.app.quarantine_list(&QuarantineFilter::default(), None, 1).unwrap().items.remove(0);
    let raw: RawEvent = serde_json::from_str(&waiting.raw).unwrap();
    let derived = fix::apply(&raw, &[]).message_id.unwrap();
    shop.replay(&misnamed(), false);
    assert_eq!(shop.recorded()[0].message_id, derived);
}

#[test]
fn a_saved_fix_mends_the_next_event_on_arrival_until_it_is_deleted() {
    let shop = Shop::strict();
    shop.send("order_done", Some("m1"), "u1");
    let done = shop.replay(&misnamed(), true);
    let id = done.fix_id.unwrap();
    assert_eq!(shop.send("order_done", Some("m2"), "u1"), Verdict::Accepted);
    assert_eq!(shop.send("another", Some("m3"), "u1"), Verdict::Quarantined, "the fix is for one name");
    assert!(shop.recorded().iter().all(|e| e.name == "Order Completed"));
    let saved = shop.app.fixes().unwrap();
    assert_eq!((saved.len(), saved[0].applied, saved[0].active), (1, 2, true), "one replayed, one on arrival");
    shop.app.fix_delete(&cli(), id).unwrap();
    assert_eq!(shop.send("order_done", Some("m4"), "u1"), Verdict::Quarantined);
    assert_eq!(shop.app.fix_delete(&cli(), id).unwrap_err().code, "fix_unknown");
}

#[test]
fn a_preview_tells_the_verdict_and_records_nothing() {
    let shop = Shop::strict();
    shop.send("order_done", Some("m1"), "u1");
    let seen = shop.app.quarantine_preview(&misnamed(), &renamed(), 20).unwrap();
    assert_eq!((seen[0].verdict, seen[0].after["name"].as_str()), (Verdict::Accepted, Some("Order Completed")));
    assert_eq!(seen[0].before["name"], "order_done");
    let seen = shop.app.quarantine_preview(&misnamed(), &[], 20).unwrap();
    assert_eq!((seen[0].verdict, seen[0].reason.as_deref()), (Verdict::Quarantined, Some("unknown_event")));
    assert_eq!((shop.recorded().len(), shop.open_count()), (0, 1));
    let broken = [FixOp::Drop { path: "secret".into() }];
    let e = shop.app.quarantine_preview(&misnamed(), &broken, 20).unwrap_err();
    assert!(e.detail.starts_with("fix.ops[0]: the path secret"), "{}", e.detail);
}

#[test]
fn what_a_fix_does_not_mend_stays_and_is_not_tried_for_ever() {
    let shop = Shop::strict();
    for i in 0..3 {
        shop.send("order_done", Some(&format!("m{i}")), "u1");
    }
    let wrong =
        NewFix { ops: vec![FixOp::RenameEvent { from: None, to: "order finished".into() }], ..NewFix::default() };
    let done = shop.app.quarantine_replay(&cli(), &misnamed(), Some(&wrong), None).unwrap();
    assert_eq!((done.accepted, done.quarantined, done.next), (0, 3, None));
    assert_eq!(shop.open_count(), 3);
}

#[test]
fn groups_show_their_newest_three_and_discarding_needs_a_reason_and_a_choice() {
    let shop = Shop::strict();
    for i in 0..5 {
        shop.send("order_done", Some(&format!("a{i}")), "u1");
    }
    shop.send("other", Some("b"), "u1");
    let groups = shop.app.quarantine_groups().unwrap();
    let sizes: Vec<_> = groups.iter().map(|g| (g.group.event_name.as_str(), g.group.count, g.samples.len())).collect();
    assert_eq!(sizes, [("order_done", 5, 3), ("other", 1, 1)]);
    assert!(groups[0].samples.iter().all(|s| s.event_name == "order_done"));
    let all = Selection::Filter(QuarantineFilter::default());
    assert_eq!(shop.app.quarantine_discard(&cli(), &all, "test data").unwrap_err().code, "selection");
    assert_eq!(shop.app.quarantine_discard(&cli(), &misnamed(), "  ").unwrap_err().code, "discard_reason");
    assert_eq!(shop.app.quarantine_discard(&cli(), &misnamed(), "test data").unwrap(), 5);
    assert_eq!(shop.app.quarantine_discard(&cli(), &misnamed(), "test data").unwrap(), 0);
    assert_eq!(shop.open_count(), 1);
}

#[test]
fn an_event_planned_after_it_arrived_is_replayed_without_a_fix() {
    let shop = Shop::strict();
    shop.send("member_joined", Some("m1"), "u1");
    let unplanned = shop.app.plan().unwrap().unplanned;
    assert_eq!((unplanned[0].name.as_str(), unplanned[0].count), ("member_joined", 1));
    assert_eq!(unplanned[0].sources, ["till"]);
    let schema = json!({"type": "object", "properties": {"order_id": {"type": "string", "minimun": 1}}});
    let (event, notes) = shop.app.plan_put(&cli(), "member_joined", schema.as_object().unwrap().clone(), "").unwrap();
    assert!(!event.builtin);
    assert_eq!(notes[0].path, "schema.properties.order_id.minimun");
    let all = Selection::Filter(QuarantineFilter::default());
    assert_eq!(shop.app.quarantine_replay(&cli(), &all, None, None).unwrap().accepted, 1);
    let plan = shop.app.plan().unwrap();
    let seen = plan.events.iter().find(|e| e.name == "member_joined").map(|e| e.seen_30d);
    assert_eq!((seen, plan.version, plan.unplanned.len()), (Some(1), 2, 0));
}

#[test]
fn a_schema_that_cannot_work_is_refused_with_its_place_and_a_built_in_event_is_restored() {
    let shop = Shop::strict();
    let put = |schema: Value| shop.app.plan_put(&cli(), "Order Completed", schema.as_object().unwrap().clone(), "");
    let e = put(json!({"type": "object", "properties": {"total": {"type": "numbr"}}})).unwrap_err();
    assert!(e.detail.starts_with("Order Completed.schema.properties.total"), "{}", e.detail);
    put(json!({"type": "object", "required": ["channel"]})).unwrap();
    assert_eq!(shop.send("Order Completed", Some("m1"), "u1"), Verdict::Quarantined);
    shop.app.plan_delete(&cli(), "Order Completed").unwrap();
    assert_eq!(shop.send("Order Completed", Some("m2"), "u1"), Verdict::Accepted);
    assert_eq!(shop.app.plan_delete(&cli(), "nobody").unwrap_err().code, "plan_event_unknown");
}

#[test]
fn a_retired_source_takes_nothing_and_its_quarantine_can_still_be_replayed() {
    let shop = Shop::strict();
    shop.send("order_done", Some("m1"), "u1");
    let key = shop.app.source_get(shop.source.id).unwrap().keys[0].key.clone();
    shop.app.source_retire(&cli(), shop.source.id).unwrap();
    assert!(shop.app.registry.get().by_key(&key, shop.app.now()).is_err());
    let back = SourceChange { active: Some(true), ..SourceChange::default() };
    shop.app.source_update(&cli(), shop.source.id, &back).unwrap();
    assert!(shop.app.registry.get().by_key(&key, shop.app.now()).is_err(), "its keys ended");
    assert_eq!(shop.replay(&misnamed(), false).accepted, 1);
}

#[test]
fn a_retry_of_an_event_that_a_saved_fix_mended_is_a_duplicate_and_no_conflict() {
    let shop = Shop::strict();
    shop.send("order_done", Some("m1"), "u1");
    shop.replay(&misnamed(), true);
    assert_eq!(shop.send("order_done", Some("m2"), "u1"), Verdict::Accepted);
    for retried in ["m1", "m2"] {
        assert_eq!(shop.send("order_done", Some(retried), "u1"), Verdict::Duplicate);
    }
    assert_eq!((shop.recorded().len(), shop.open_count()), (2, 0));
}

#[test]
fn another_event_under_a_recorded_id_stays_in_quarantine_however_often_it_is_replayed() {
    let shop = Shop::strict();
    let everything = Selection::Filter(QuarantineFilter::default());
    assert_eq!(shop.send("Order Completed", Some("m1"), "u1"), Verdict::Accepted);
    assert_eq!(shop.send("Order Completed", Some("m1"), "u2"), Verdict::DuplicateConflict);
    assert_eq!(shop.send("order_done", Some("m1"), "u3"), Verdict::Quarantined);
    for _ in 0..2 {
        assert_eq!(shop.replay(&everything, false).quarantined, 2);
    }
    let waiting = shop.app.quarantine_list(&QuarantineFilter::default(), None, 10).unwrap().items;
    assert!(waiting.iter().all(|q| q.reason == "duplicate_conflict" && q.state == "open"));
    assert_eq!(shop.recorded().len(), 1);
}

#[test]
fn a_saved_fix_is_for_the_reason_it_was_made_for() {
    let shop = Shop::strict();
    shop.send("order_done", Some("m1"), "u1");
    let unnamed = |message_id: &str| {
        let mut raw = RawEvent::new(Client::Generic, EventKind::Track);
        raw.name = "order_done".into();
        raw.message_id = Some(message_id.into());
        let batch = shop.app.collect_raw(&shop.source, vec![raw], shop.app.now());
        shop.app.collect_wait(batch).unwrap().remove(0)
    };
    let unknown = QuarantineFilter { reason: Some("unknown_event".into()), ..QuarantineFilter::default() };
    shop.replay(&Selection::Filter(unknown), true);
    let verdict = unnamed("m2");
    assert_eq!(verdict.reason.as_deref(), Some("no_identifier"), "the fix for unknown events does not touch it");
    assert_eq!(shop.app.fixes().unwrap()[0].applied, 1);
    let saved = NewFix { name: "conflicts".into(), ops: renamed(), save: true };
    let conflicts = QuarantineFilter { reason: Some("duplicate_conflict".into()), ..QuarantineFilter::default() };
    let refused = shop.app.quarantine_replay(&cli(), &Selection::Filter(conflicts), Some(&saved), None);
    assert_eq!(refused.unwrap_err().code, "fix");
}

#[test]
fn a_time_without_an_offset_is_on_the_wall_of_its_source() {
    let shop = Shop::strict();
    let mut raw = RawEvent::new(Client::Generic, EventKind::Track);
    raw.name = "Order Completed".into();
    raw.user_id = Some("u1".into());
    raw.properties.insert("order_id".into(), json!("o1"));
    raw.timestamp = json!("2026-11-19 20:30:00");
    let batch = shop.app.collect_raw(&shop.source, vec![raw], shop.app.now());
    assert_eq!(shop.app.collect_wait(batch).unwrap()[0].verdict, Verdict::Accepted);
    assert_eq!(shop.recorded()[0].event_at.to_string(), "2026-11-19T12:30:00.000Z", "Asia/Shanghai, the source's zone");
}
