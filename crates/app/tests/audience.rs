//! Audiences end to end on both engines: what happens to people comes in by the real pipeline, and what is kept current is
//! compared with a look at the whole history.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};
use throughline_app::audience::{
    AudienceChange, AudienceNew, ComputedDefinition, EstimateAsk, ListUpload, SetOperation, VersionState,
};
use throughline_app::collect::Verdict;
use throughline_app::identity::unmerge::UnmergeAsk;
use throughline_app::person::edit::ConsentEntry;
use throughline_app::person::timeline::TimelineFilter;
use throughline_app::privacy::EraseOrder;
use throughline_app::registry::Source;
use throughline_app::team::Caller;
use throughline_app::{App, Settings};
use throughline_base::{FixedClock, PersonId, Rng, Timestamp};
use throughline_domain::audience::rule::Definition;
use throughline_domain::event::RawEvent;
use throughline_domain::person::consent::{ConsentAction, LegalBasis};
use throughline_store::{Db, contract};

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

struct Brand {
    engine: &'static str,
    app: Arc<App>,
    clock: Arc<FixedClock>,
    server: Arc<Source>,
    web: Arc<Source>,
    sent: u64,
    _db: Option<Db>,
    _folder: tempfile::TempDir,
}

impl Drop for Brand {
    fn drop(&mut self) {
        self.app.close();
    }
}

fn brands() -> Vec<Brand> {
    let mut out = vec![Brand::open("sqlite", None)];
    out.extend(contract::postgres_target().map(|target| Brand::open("postgres", Some(target))));
    out
}

fn definition(rule: Value) -> Definition {
    serde_json::from_value(json!({ "zone": "Asia/Shanghai", "rule": rule })).unwrap()
}

impl Brand {
    fn open(engine: &'static str, target: Option<(String, Db)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOW));
        let mut settings = Settings::new(folder.path());
        settings.lake.buckets = 4;
        settings.trash_ms = 0;
        if let Some((url, _)) = &target {
            settings.database_url.clone_from(url);
        }
        let app = App::open(settings, clock.clone()).unwrap();
        let source = |kind: &str| app.source_create(&Caller::cli(), kind, kind, None).unwrap().source;
        let (server, web) = (source("server"), source("web"));
        Self { engine, app, clock, server, web, sent: 0, _db: target.map(|(_, db)| db), _folder: folder }
    }

    fn now(&self) -> i64 {
        self.app.now().ms()
    }

    /// Sends an event that happened at `at`; returns whether it was recorded.
    fn send_at(&mut self, at: i64, who: &[(&str, &str)], event: Value) -> bool {
        let source = if who.iter().all(|(n, _)| *n == "anonymous_id") { self.web.clone() } else { self.server.clone() };
        self.sent += 1;
        let mut raw: RawEvent = serde_json::from_value(event).unwrap();
        raw.message_id = Some(format!("m{:036}", self.sent));
        raw.timestamp = json!(Timestamp::from_ms(at).to_string());
        for (namespace, value) in who {
            match *namespace {
                "user_id" => raw.user_id = Some((*value).into()),
                "anonymous_id" => raw.anonymous_id = Some((*value).into()),
                _ => raw.ids.push(serde_json::from_value(json!({"namespace": namespace, "value": value})).unwrap()),
            }
        }
        let verdicts = self.app.collect_wait(self.app.collect_raw(&source, vec![raw], self.app.now())).unwrap();
        matches!(verdicts[0].verdict, Verdict::Accepted | Verdict::Corrected)
    }

    fn send(&mut self, who: &[(&str, &str)], event: Value) {
        assert!(self.send_at(self.now(), who, event), "{}", self.engine);
    }

    fn order(&mut self, user: &str, id: &str, value: f64) {
        self.send(
            &[("user_id", user)],
            json!({"kind": "track", "name": "Order Completed",
                   "properties": {"order_id": id, "revenue": value, "currency": "CNY"}}),
        );
    }

    fn person(&self, user: &str) -> PersonId {
        self.app.person_by_identifier("user_id", user).unwrap()
    }

    /// Follows, builds and keeps the clock until nothing is left to do.
    fn settle(&self) {
        self.app.react_all().unwrap();
        self.app.audience_build_all().unwrap();
        self.app.audience_timers_all().unwrap();
        self.app.react_all().unwrap();
    }

    fn create(&self, key: &str, rule: Value) {
        let new = AudienceNew {
            key: key.into(),
            name: String::new(),
            description: String::new(),
            definition: definition(rule),
            announce: false,
        };
        self.app.audience_create(&Caller::cli(), &new).unwrap_or_else(|e| panic!("{}: {key}: {e}", self.engine));
    }

    fn members(&self, key: &str) -> BTreeSet<PersonId> {
        let page = self.app.audience_members(key, None, None, 500).unwrap();
        page.items.iter().map(|m| m.person.row.id).collect()
    }

    fn size(&self, key: &str) -> i64 {
        self.app.audience(key).unwrap().item.live.unwrap().size
    }

    /// Names of users who are members.
    fn users(&self, key: &str, among: &[&str]) -> Vec<String> {
        let members = self.members(key);
        among.iter().filter(|u| members.contains(&self.person(u))).map(|u| (*u).to_owned()).collect()
    }

    /// The notes on a person's line, oldest first: `+key cause` and `-key cause`.
    fn notes(&self, user: &str) -> Vec<String> {
        let page = self.app.person_timeline(self.person(user), &TimelineFilter::default(), None, 500).unwrap();
        let mut out: Vec<String> = page
            .items
            .iter()
            .filter(|i| i.name.starts_with("Audience "))
            .map(|i| {
                let p = &i.properties;
                let sign = if i.name == "Audience Entered" { "+" } else { "-" };
                format!("{sign}{} {}", p["audience"].as_str().unwrap(), p["cause"].as_str().unwrap())
            })
            .collect();
        out.reverse();
        out
    }

    fn holds(&self, what: &str) {
        let verified = self.app.audience_verify(1.0, 7).unwrap();
        assert!(verified.divergences.is_empty(), "{} {what}: {:#?}", self.engine, verified.divergences);
        for a in self.app.audience_list(true).unwrap() {
            if a.live.is_some() {
                assert_eq!(self.size(&a.row.key), self.members(&a.row.key).len() as i64, "{} {what}", a.row.key);
            }
        }
    }
}

#[test]
fn somebody_enters_with_an_event_and_leaves_when_the_window_has_slid_past() {
    for mut b in brands() {
        b.order("ann", "o1", 80.0);
        b.create("fresh", json!({"did": {"event": "Order Completed", "window": {"last": "7d"}}}));
        b.settle();
        assert_eq!(b.users("fresh", &["ann"]), ["ann"], "{}: history counts", b.engine);
        assert!(b.notes("ann").is_empty(), "{}: a definition alone tells nobody", b.engine);
        b.clock.advance_ms(DAY);
        b.order("bo", "o2", 10.0);
        b.settle();
        assert_eq!(b.users("fresh", &["ann", "bo"]), ["ann", "bo"], "{}", b.engine);
        b.clock.advance_ms(6 * DAY - 1);
        b.app.audience_timers_all().unwrap();
        assert_eq!(b.size("fresh"), 2, "{}: a moment before", b.engine);
        b.clock.advance_ms(1);
        b.app.audience_timers_all().unwrap();
        b.app.react_all().unwrap();
        assert_eq!(b.users("fresh", &["ann", "bo"]), ["bo"], "{}: to the millisecond", b.engine);
        assert_eq!(b.notes("ann"), ["-fresh timer"], "{}", b.engine);
        assert_eq!(b.notes("bo"), ["+fresh event"], "{}", b.engine);
        b.holds("after the window");
    }
}

#[test]
fn a_late_event_counts_when_it_happened_and_one_sent_twice_counts_once() {
    for mut b in brands() {
        b.create("two", json!({"did": {"event": "Order Completed", "window": {"last": "7d"}, "test": {"gte": 2.0}}}));
        b.create(
            "spent",
            json!({"did": {"event": "Order Completed", "measure": {"sum": "value"}, "test": {"gte": 100.0}}}),
        );
        b.order("ann", "o1", 60.0);
        b.settle();
        // The same order from the till, a second time.
        b.order("ann", "o1", 60.0);
        let at = b.now() - 8 * DAY;
        let late = json!({"kind": "track", "name": "Order Completed", "properties": {"order_id": "o0", "revenue": 30, "currency": "CNY"}});
        assert!(b.send_at(at, &[("user_id", "ann")], late));
        b.settle();
        assert_eq!((b.size("two"), b.size("spent")), (0, 0), "{}", b.engine);
        let at = b.now() - 6 * DAY;
        let late = json!({"kind": "track", "name": "Order Completed", "properties": {"order_id": "o2", "revenue": 30, "currency": "CNY"}});
        assert!(b.send_at(at, &[("user_id", "ann")], late));
        b.settle();
        assert_eq!((b.size("two"), b.size("spent")), (1, 1), "{}", b.engine);
        b.holds("late events");
    }
}

#[test]
fn facts_changed_by_hand_move_people_with_their_cause() {
    for mut b in brands() {
        b.create("vip", json!({"tag": "vip"}));
        b.create("shanghai", json!({"trait": {"name": "city", "test": {"eq": "上海"}}}));
        b.create("leads", json!({"stage": ["lead"]}));
        b.create("reach", json!({"contactable": {"purpose": "marketing", "channel": "sms"}}));
        b.send(&[("user_id", "ann"), ("phone", "13911112222")], json!({"kind": "identify", "traits": {"name": "Ann"}}));
        b.settle();
        let (by, ann) = (Caller::cli(), b.person("ann"));
        assert_eq!(b.size("leads"), 1, "{}", b.engine);
        b.app.person_tag_add(&by, ann, "vip", None).unwrap();
        let city = json!({"city": "上海"});
        b.app.person_traits_set(&by, ann, city.as_object().unwrap()).unwrap();
        let entry = ConsentEntry {
            purpose: "marketing".into(),
            channel: "sms".into(),
            action: ConsentAction::Grant,
            legal_basis: LegalBasis::Consent,
            notice_version: None,
            evidence: json!({"method": "paper"}),
            given_at: None,
            expires_at: Some(Timestamp::from_ms(b.now() + 2 * DAY)),
        };
        b.app.person_consent_add(&by, ann, entry).unwrap();
        b.app.person_stage_set(&by, ann, Some("customer")).unwrap();
        b.settle();
        let sizes = |b: &Brand| ["vip", "shanghai", "leads", "reach"].map(|k| b.size(k));
        assert_eq!(sizes(&b), [1, 1, 0, 1], "{}", b.engine);
        b.app.person_tag_remove(&by, ann, "vip").unwrap();
        b.app.person_stage_set(&by, ann, None).unwrap();
        b.settle();
        assert_eq!(sizes(&b), [0, 1, 1, 1], "{}", b.engine);
        b.clock.advance_ms(2 * DAY);
        b.settle();
        assert_eq!(b.size("reach"), 0, "{}: the grant ended", b.engine);
        assert!(b.notes("ann").contains(&"-reach timer".to_owned()), "{:?}", b.notes("ann"));
        b.holds("facts");
    }
}

#[test]
fn a_merge_makes_one_of_two_behaviours_and_taking_it_apart_gives_each_its_own() {
    for mut b in brands() {
        b.create("twice", json!({"did": {"event": "Order Completed", "test": {"gte": 2.0}}}));
        b.order("ann", "o1", 10.0);
        b.order("bea", "o2", 10.0);
        b.settle();
        assert_eq!(b.size("twice"), 0);
        let (ann, bea) = (b.person("ann"), b.person("bea"));
        let kept = b.app.person_merge(&Caller::cli(), ann, bea, "one person").unwrap();
        b.settle();
        assert_eq!(b.members("twice"), BTreeSet::from([kept]), "{}", b.engine);
        assert_eq!(b.notes("ann"), ["+twice merge"], "{}", b.engine);
        b.app.seal_all().unwrap();
        let ask = UnmergeAsk { identifiers: vec![("user_id".into(), "bea".into())], ..UnmergeAsk::default() };
        b.app.person_unmerge(&Caller::cli(), kept, &ask).unwrap();
        b.settle();
        assert_eq!(b.size("twice"), 0, "{}", b.engine);
        b.holds("unmerge");
    }
}

#[test]
fn a_changed_definition_waits_beside_the_one_in_force_until_somebody_has_looked() {
    for mut b in brands() {
        for (user, value) in [("ann", 10.0), ("bo", 200.0), ("cy", 500.0)] {
            b.order(user, &format!("o-{user}"), value);
        }
        let over =
            |n: f64| json!({"did": {"event": "Order Completed", "measure": {"sum": "value"}, "test": {"gte": n}}});
        b.create("big", over(100.0));
        b.settle();
        assert_eq!(b.users("big", &["ann", "bo", "cy"]), ["bo", "cy"], "{}", b.engine);
        let change = AudienceChange { definition: Some(definition(over(300.0))), ..AudienceChange::default() };
        b.app.audience_update(&Caller::cli(), "big", &change).unwrap();
        b.settle();
        let next = b.app.audience("big").unwrap().item.next.unwrap();
        assert_eq!((next.number, next.state, next.size), (2, VersionState::Ready, 1), "{}", b.engine);
        let c = b.app.audience_compare("big", 2).unwrap();
        assert_eq!((c.difference.entering, c.difference.leaving, c.difference.staying), (0, 1, 1), "{}", b.engine);
        assert_eq!(c.leaving[0].row.id, b.person("bo"), "{}", b.engine);
        // It is kept current while it waits.
        b.order("ann", "o-more", 400.0);
        b.settle();
        assert_eq!(b.app.audience_compare("big", 2).unwrap().difference.staying, 2, "{}", b.engine);
        b.app.audience_apply(&Caller::cli(), "big", 2, true).unwrap();
        b.settle();
        assert_eq!(b.users("big", &["ann", "bo", "cy"]), ["ann", "cy"], "{}", b.engine);
        assert_eq!(b.notes("bo"), ["-big definition"], "{}: told because it was asked for", b.engine);
        assert!(b.app.audience_apply(&Caller::cli(), "big", 2, false).is_err(), "{}: in force already", b.engine);
        b.holds("apply");
    }
}

#[test]
fn audiences_of_audiences_and_computed_traits_follow_what_they_refer_to() {
    for mut b in brands() {
        b.create("buyers", json!({"did": {"event": "Order Completed"}}));
        b.create("vip", json!({"tag": "vip"}));
        b.settle();
        let minus = SetOperation::Minus.definition(&["buyers".into(), "vip".into()], "UTC").unwrap();
        b.create("plain", serde_json::to_value(minus.rule).unwrap());
        let orders = json!({"zone": "UTC", "computation": {"measure": {"event": "Order Completed"}}});
        let orders: ComputedDefinition = serde_json::from_value(orders).unwrap();
        b.app.computed_trait_put(&Caller::cli(), ("orders", "Orders", ""), &orders).unwrap();
        b.order("ann", "o1", 10.0);
        b.order("bo", "o2", 10.0);
        b.settle();
        b.create("often", json!({"computed": {"name": "orders", "test": {"gte": 2.0}}}));
        b.settle();
        assert_eq!(b.users("plain", &["ann", "bo"]), ["ann", "bo"], "{}", b.engine);
        b.app.person_tag_add(&Caller::cli(), b.person("ann"), "vip", None).unwrap();
        b.order("bo", "o3", 10.0);
        b.settle();
        assert_eq!(b.users("plain", &["ann", "bo"]), ["bo"], "{}", b.engine);
        assert_eq!(b.users("often", &["ann", "bo"]), ["bo"], "{}", b.engine);
        assert_eq!(b.app.person_computed(b.person("bo")).unwrap(), [("orders".into(), json!(2))], "{}", b.engine);
        let archive = AudienceChange { state: Some("archived".into()), ..AudienceChange::default() };
        let e = b.app.audience_update(&Caller::cli(), "vip", &archive).unwrap_err();
        assert!(e.code == "referred_to" && e.detail.contains("plain"), "{e}");
        assert_eq!(b.app.computed_trait_archive(&Caller::cli(), "orders").unwrap_err().code, "referred_to");
        // A change of what is referred to moves those who refer to it, with the definition as the cause.
        let change = AudienceChange {
            definition: Some(definition(json!({"tag": "none"}))),
            auto_apply: true,
            ..AudienceChange::default()
        };
        b.app.audience_update(&Caller::cli(), "vip", &change).unwrap();
        b.settle();
        assert_eq!(b.users("plain", &["ann", "bo"]), ["ann", "bo"], "{}", b.engine);
        b.holds("references");
    }
}

#[test]
fn a_definition_that_cannot_be_used_is_refused_with_everything_that_is_wrong() {
    let b = Brand::open("sqlite", None);
    let refused = |rule: Value| {
        let new = AudienceNew {
            key: "x".into(),
            name: String::new(),
            description: String::new(),
            definition: definition(rule),
            announce: false,
        };
        b.app.audience_create(&Caller::cli(), &new).unwrap_err()
    };
    let e = refused(json!({"all": [{"audience": "vipp"}, {"list": "fare"}]}));
    assert!(e.code == "audience_definition" && e.detail.contains("vipp") && e.detail.contains("fare"), "{e}");
    b.create("x", json!({"tag": "a"}));
    b.settle();
    b.create("y", json!({"audience": "x"}));
    b.settle();
    let circle = AudienceChange { definition: Some(definition(json!({"audience": "y"}))), ..AudienceChange::default() };
    let e = b.app.audience_update(&Caller::cli(), "x", &circle).unwrap_err();
    assert!(e.detail.contains('→'), "{e}");
    assert_eq!(refused(json!({"tag": "a"})).code, "key_taken");
}

#[test]
fn an_entry_of_a_list_counts_from_the_moment_somebody_has_it() {
    for mut b in brands() {
        b.send(&[("user_id", "ann"), ("phone", "13911112222")], json!({"kind": "identify"}));
        let upload = ListUpload {
            key: "fair".into(),
            name: String::new(),
            namespace: "phone".into(),
            text: "139 1111 2222\n13933334444\nnobody\n".into(),
            replace: false,
        };
        let v = b.app.audience_list_upload(&Caller::cli(), &upload).unwrap();
        assert_eq!((v.row.entries, v.matched, v.added, v.refused_count), (2, 1, 2, 1), "{}", b.engine);
        b.create("fair", json!({"list": "fair"}));
        b.settle();
        assert_eq!(b.size("fair"), 1, "{}", b.engine);
        b.send(&[("user_id", "bo"), ("phone", "13933334444")], json!({"kind": "identify"}));
        b.settle();
        assert_eq!(b.users("fair", &["ann", "bo"]), ["ann", "bo"], "{}", b.engine);
        let less = ListUpload { text: "13933334444".into(), replace: true, ..upload };
        b.app.audience_list_upload(&Caller::cli(), &less).unwrap();
        b.settle();
        assert_eq!(b.users("fair", &["ann", "bo"]), ["bo"], "{}", b.engine);
        assert!(b.notes("ann").contains(&"-fair list".to_owned()), "{:?}", b.notes("ann"));
        assert_eq!(b.app.audience_list_delete(&Caller::cli(), "fair").unwrap_err().code, "referred_to");
        b.holds("lists");
    }
}

#[test]
fn an_estimate_says_what_the_audience_will_be() {
    let mut b = Brand::open("sqlite", None);
    for i in 0..40 {
        let user = format!("u{i}");
        b.send(&[("user_id", &user), ("email", &format!("u{i}@example.com"))], json!({"kind": "identify"}));
        if i % 4 == 0 {
            b.order(&user, &format!("o{i}"), 10.0);
        }
    }
    b.create("all", json!({"identifier": {"namespace": "email"}}));
    b.settle();
    b.app.seal_all().unwrap();
    let rule = json!({"did": {"event": "Order Completed", "window": {"last": "30d"}}});
    let ask = EstimateAsk {
        definition: definition(rule.clone()),
        exact: true,
        compare: Vec::new(),
        purpose: "service".into(),
    };
    let e = b.app.audience_estimate(&ask, &AtomicBool::new(false)).unwrap();
    assert!(e.exact && (e.size, e.low, e.high, e.looked_at) == (10, 10, 10, 40), "{e:?}");
    assert_eq!(e.reach.iter().find(|r| r.channel == "email").unwrap().people, 10);
    assert_eq!((e.overlap[0].both, e.overlap[0].other), (10, 40));
    assert_eq!(b.app.audience_estimate(&ask, &AtomicBool::new(true)).unwrap_err().code, "stopped");
    b.create("buyers", rule);
    b.settle();
    assert_eq!(b.size("buyers"), 10);
}

#[test]
fn the_answer_to_why_shows_each_condition_and_when_it_can_change() {
    let mut b = Brand::open("sqlite", None);
    b.create("x", json!({"all": [{"tag": "vip"}, {"did": {"event": "Order Completed", "window": {"last": "7d"}}}]}));
    b.order("ann", "o1", 10.0);
    b.settle();
    let why = b.app.audience_why(b.person("ann"), "x").unwrap();
    assert!(!why.member && !why.explanation.holds && !why.pending, "{why:?}");
    let inside = &why.explanation.inside;
    assert!(!inside[0].holds && inside[1].holds, "{inside:?}");
    assert_eq!(inside[1].changes_at.unwrap().ms(), b.now() + 7 * DAY);
}

#[test]
fn new_touch_rules_are_taken_in_and_nobody_comes_or_goes_by_half_of_them() {
    let mut b = Brand::open("sqlite", None);
    let visit = json!({"kind": "page", "name": "Home", "properties": {"url": "https://shop.example/?utm_source=zine&utm_medium=print"}});
    b.send(&[("anonymous_id", "a1")], visit);
    b.create(
        "print",
        json!({"did": {"event": "$page", "where": [{"field": {"name": "channel", "test": {"eq": "print"}}}]}}),
    );
    b.settle();
    assert_eq!(b.size("print"), 0);
    let (_, mut rules) = b.app.touch_rules().unwrap();
    let own = json!({"id": "zine", "when": [{"field": "utm_source", "op": "equals", "values": ["zine"]}], "then": {"channel": "print"}});
    rules.insert(0, serde_json::from_value(own).unwrap());
    b.app.touch_rules_put(&Caller::cli(), &rules).unwrap();
    b.app.react_all().unwrap();
    assert_eq!(b.size("print"), 0, "not before everything was read");
    b.settle();
    assert_eq!(b.size("print"), 1, "the past is read by the rules in force");
    b.holds("touch rules");
}

/// What a random run does to people.
struct Play {
    rng: Rng,
    b: Brand,
    orders: u64,
    made: usize,
}

const USERS: [&str; 7] = ["ann", "bea", "cy", "dan", "eve", "fay", "gus"];
const DEVICES: [&str; 4] = ["d1", "d2", "d3", "d4"];

/// Definitions of every kind, in the order they are made.
fn rules() -> Vec<(&'static str, Value)> {
    let did = |event: &str| json!({"did": {"event": event}});
    vec![
        ("bought", did("Order Completed")),
        ("week", json!({"did": {"event": "Order Completed", "window": {"last": "7d"}}})),
        ("vip", json!({"tag": "vip"})),
        ("quiet", json!({"all": [{"audience": "bought"}, {"none": [{"audience": "week"}]}]})),
        ("spent", json!({"did": {"event": "Order Completed", "measure": {"sum": "value"}, "test": {"gte": 120.0}}})),
        ("today", json!({"did": {"event": "*", "window": {"calendar": {"unit": "day"}}, "test": {"gte": 2.0}}})),
        (
            "left",
            json!({"sequence": {"steps": [{"event": "Product Viewed"},
            {"event": "Order Completed", "within": "12h", "absent": true}], "window": {"last": "3d"}}}),
        ),
        (
            "then",
            json!({"sequence": {"steps": [{"event": "Product Viewed"}, {"event": "Order Completed", "within": "1d"}]}}),
        ),
        (
            "shoes",
            json!({"did": {"event": "Product Viewed", "window": {"newest": 3},
            "where": [{"field": {"name": "properties.category", "test": {"eq": "shoes"}}}], "test": {"gte": 2.0}}}),
        ),
        ("city", json!({"trait": {"name": "city", "test": {"in": ["上海", "北京"]}}})),
        ("stage", json!({"stage": ["customer", "lapsed"]})),
        ("reach", json!({"contactable": {"purpose": "marketing", "channel": "email"}})),
        (
            "often",
            json!({"did": {"event": "Product Viewed", "measure": {"distinct": "properties.category"}, "test": {"gte": 2.0}}}),
        ),
        (
            "favourite",
            json!({"did": {"event": "Product Viewed", "measure": {"most_frequent": "properties.category"}, "test": {"eq": "hats"}}}),
        ),
        ("gone", json!({"did": {"event": "*", "measure": "days_since_last", "test": {"gte": 5.0}}})),
    ]
}

impl Play {
    fn step(&mut self) -> String {
        let user = *self.rng.pick(&USERS);
        let device = *self.rng.pick(&DEVICES);
        let at = self.b.now() - if self.rng.chance(0.3) { self.rng.below(10 * DAY as u64) as i64 } else { 0 };
        let by = Caller::cli();
        let known = |b: &Brand| b.app.person_by_identifier("user_id", user).ok();
        match self.rng.below(20) {
            0..=3 => {
                self.orders += self.rng.below(2);
                let event = json!({"kind": "track", "name": "Order Completed", "properties":
                    {"order_id": format!("o{}", self.orders), "revenue": self.rng.below(90), "currency": "CNY"}});
                self.b.send_at(at, &[("user_id", user)], event);
                format!("{user} orders o{}", self.orders)
            }
            4..=7 => {
                let category = *self.rng.pick(&["shoes", "hats", "bags"]);
                let event = json!({"kind": "track", "name": "Product Viewed", "properties": {"category": category}});
                let who: &[(&str, &str)] = match self.rng.below(3) {
                    0 => &[("anonymous_id", device)],
                    1 => &[("user_id", user)],
                    _ => &[("user_id", user), ("anonymous_id", device)],
                };
                self.b.send_at(at, who, event);
                format!("{who:?} views {category}")
            }
            8 => {
                let traits = json!({"city": *self.rng.pick(&["上海", "北京", "成都"])});
                let email = format!("{}@example.com", *self.rng.pick(&USERS));
                let who = [("user_id", user), ("email", email.as_str())];
                self.b.send_at(at, &who, json!({"kind": "identify", "traits": traits}));
                format!("{user} is {email}")
            }
            9 => {
                let granted = *self.rng.pick(&["grant", "withdraw"]);
                let event = json!({"kind": "track", "name": "Consent Updated", "properties": {"action": granted,
                    "purpose": "marketing", "channel": "email", "evidence": {"method": "checkbox"}}});
                self.b.send_at(at, &[("user_id", user)], event);
                format!("{user} {granted}s")
            }
            10 => {
                if let Some(id) = known(&self.b) {
                    if self.rng.chance(0.5) {
                        self.b.app.person_tag_add(&by, id, "vip", None).unwrap();
                    } else {
                        self.b.app.person_tag_remove(&by, id, "vip").unwrap();
                    }
                }
                format!("{user} tagged")
            }
            11 => {
                let other = *self.rng.pick(&USERS);
                let both = known(&self.b).zip(self.b.app.person_by_identifier("user_id", other).ok());
                if let Some((a, b)) = both.filter(|(a, b)| a != b) {
                    // Caps and cannot-links may forbid it.
                    let _ = self.b.app.person_merge(&by, a, b, "test");
                }
                format!("{user} and {other} merged")
            }
            12 => {
                let ask = UnmergeAsk { identifiers: vec![("user_id".into(), user.into())], ..UnmergeAsk::default() };
                if let Some(id) = known(&self.b) {
                    let _ = self.b.app.person_unmerge(&by, id, &ask);
                }
                format!("{user} taken out")
            }
            13 if self.rng.chance(0.3) => {
                let order = EraseOrder {
                    namespace: "user_id".into(),
                    value: user.into(),
                    reason: "asked".into(),
                    legal_hold: None,
                };
                self.b.app.privacy_erase(&by, &order).unwrap();
                self.b.app.jobs_run().unwrap();
                format!("{user} erased")
            }
            14 => {
                self.b.app.seal_all().unwrap();
                if self.rng.chance(0.4) {
                    self.b.app.compact_all().unwrap();
                }
                "sealed".into()
            }
            15 if self.made < rules().len() => {
                let (key, rule) = rules().swap_remove(self.made);
                self.made += 1;
                // What it refers to must be in force.
                self.b.settle();
                self.b.create(key, rule);
                format!("{key} made")
            }
            16 if self.made > 2 => {
                let days = 2 + self.rng.below(9);
                let rule = json!({"did": {"event": "Order Completed", "window": {"last": format!("{days}d")}}});
                let change = AudienceChange {
                    definition: Some(definition(rule)),
                    auto_apply: true,
                    ..AudienceChange::default()
                };
                self.b.app.audience_update(&by, "week", &change).unwrap();
                format!("week is {days} days")
            }
            _ => {
                let most = if self.rng.chance(0.5) { DAY } else { 6 * HOUR };
                let by = 1 + self.rng.below(most as u64);
                self.b.clock.advance_ms(by as i64);
                format!("{by} ms pass")
            }
        }
    }

    fn run(seed: u64, b: Brand, steps: usize) {
        let mut play = Self { rng: Rng::seeded(seed), b, orders: 0, made: 0 };
        let mut done: Vec<String> = Vec::new();
        for n in 0..steps {
            let did = play.step();
            done.push(did);
            // Sometimes things are followed one by one, sometimes many at once.
            match play.rng.below(4) {
                0 => {
                    play.b.app.react_once().unwrap();
                }
                1 => {
                    play.b.app.audience_timers_all().unwrap();
                }
                _ => {}
            }
            if n % 8 == 7 {
                play.b.settle();
                let last: Vec<&String> = done.iter().rev().take(24).rev().collect();
                play.b.holds(&format!("seed {seed}, step {n}: {last:#?}"));
            }
        }
    }
}

#[test]
fn what_is_kept_current_is_what_the_whole_history_gives_whatever_happens() {
    for seed in 1..=6 {
        Play::run(seed, Brand::open("sqlite", None), 160);
    }
}

#[test]
fn what_is_kept_current_is_what_the_whole_history_gives_on_postgresql_too() {
    if let Some(target) = contract::postgres_target() {
        Play::run(99, Brand::open("postgres", Some(target)), 80);
    }
}
