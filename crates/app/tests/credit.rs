//! Credit from the first event to the report: sums are exact wherever the events lie and whoever they belong to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use throughline_app::collect::Verdict;
use throughline_app::credit::{
    ConversionChange, ConversionValue, CreditQuery, CreditReport, Dedupe, Filter, Level, Model,
};
use throughline_app::credit::{MODELS, Spend, SpendFilter};
use throughline_app::registry::Source;
use throughline_app::team::Caller;
use throughline_app::{App, Settings};
use throughline_base::time::{DAY_MS, HOUR_MS};
use throughline_base::{FixedClock, Rng, Timestamp};
use throughline_domain::event::RawEvent;
use throughline_domain::touch::defaults;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;

struct Shop {
    app: Arc<App>,
    clock: Arc<FixedClock>,
    web: Arc<Source>,
    server: Arc<Source>,
    till: Arc<Source>,
    sent: u64,
    _folder: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOW));
        let app = App::open(Settings::new(folder.path()), clock.clone()).unwrap();
        let source = |kind: &str| app.source_create(&Caller::cli(), kind, kind, None).unwrap().source;
        let (web, server, till) = (source("web"), source("server"), source("pos"));
        Self { app, clock, web, server, till, sent: 0, _folder: folder }
    }

    fn send(&mut self, source: &Arc<Source>, who: &str, days_ago: f64, event: Value) {
        self.sent += 1;
        let at = NOW - (days_ago * DAY_MS as f64) as i64;
        let mut raw: RawEvent = serde_json::from_value(event).unwrap();
        raw.message_id = Some(format!("{:036}", self.sent));
        raw.timestamp = json!(Timestamp::from_ms(at).to_string());
        match who.strip_prefix("anon:") {
            Some(device) => raw.anonymous_id = Some(device.into()),
            None => raw.user_id = Some(who.into()),
        }
        let verdicts = self.app.collect_wait(self.app.collect_raw(source, vec![raw], self.app.now())).unwrap();
        assert!(matches!(verdicts[0].verdict, Verdict::Accepted | Verdict::Corrected), "{verdicts:?}");
    }

    fn visit(&mut self, who: &str, days_ago: f64, query: &str) {
        let url = format!("https://shop.example/{query}");
        let web = self.web.clone();
        self.send(&web, who, days_ago, json!({"kind": "page", "properties": {"url": url}}));
    }

    fn order(&mut self, who: &str, days_ago: f64, id: &str, total: f64) {
        let server = self.server.clone();
        let properties =
            json!({"order_id": id, "total": total, "category": if total > 50.0 { "care" } else { "home" }});
        self.send(
            &server,
            who,
            days_ago,
            json!({"kind": "track", "name": "Order Completed", "properties": properties}),
        );
    }

    fn refund(&mut self, who: &str, days_ago: f64, id: &str, total: Option<f64>) {
        let server = self.server.clone();
        let mut properties = json!({"order_id": id});
        if let Some(total) = total {
            properties["total"] = json!(total);
        }
        self.send(&server, who, days_ago, json!({"kind": "track", "name": "Order Refunded", "properties": properties}));
    }

    fn report(&self, model: Model) -> CreditReport {
        self.app.credit_report(&CreditQuery { model, ..CreditQuery::default() }).unwrap()
    }

    fn revenue_by(&self, model: Model) -> BTreeMap<String, i64> {
        let report = self.report(model);
        balanced(&report);
        let rows = report.rows.into_iter().filter(|r| r.row.revenue_minor != 0);
        rows.map(|r| (r.row.key, r.row.revenue_minor)).collect()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.app.close();
    }
}

fn balanced(report: &CreditReport) {
    let rows: i64 = report.rows.iter().map(|r| r.row.revenue_minor).sum();
    assert_eq!(rows + report.unattributed.revenue_minor, report.revenue_minor, "{report:?}");
    for (model, keys) in &report.all_models {
        let given: i64 = keys.values().sum();
        assert_eq!(given + report.unattributed.revenue_minor, report.revenue_minor, "{model}");
    }
    let conversions: f64 = report.rows.iter().map(|r| r.row.conversions).sum();
    let all = conversions + report.unattributed.conversions as f64;
    assert!((all - report.conversions as f64).abs() < 1e-6);
}

fn expected(rows: &[(&str, i64)]) -> BTreeMap<String, i64> {
    rows.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect()
}

/// E-mail 14 days, paid search 7 days, a direct visit just before the order of 100.01; a till sale without any touch.
fn story(shop: &mut Shop) {
    let hour = HOUR_MS as f64 / DAY_MS as f64;
    shop.visit("ann", 15.0 + hour, "?utm_source=newsletter&utm_medium=email&utm_campaign=spring");
    shop.visit("ann", 8.0 + hour, "?gclid=abc");
    shop.visit("ann", 1.0 + hour, "");
    shop.order("ann", 1.0, "o1", 100.01);
    let till = shop.till.clone();
    let properties = json!({"order_id": "t1", "total": 50, "channel": "store", "store_id": "sh-01"});
    shop.send(&till, "bob", 2.0, json!({"kind": "track", "name": "Order Completed", "properties": properties}));
}

#[test]
fn all_six_models_give_what_a_calculation_by_hand_gives() {
    let mut shop = Shop::open();
    story(&mut shop);
    let by_hand: [(Model, &[(&str, i64)]); 6] = [
        (Model::First, &[("email", 10_001)]),
        (Model::Last, &[("direct", 10_001)]),
        (Model::LastNonDirect, &[("paid_search", 10_001)]),
        (Model::Linear, &[("email", 3_334), ("paid_search", 3_334), ("direct", 3_333)]),
        // Half-lives of 2, 1 and 0: weights 1 : 2 : 4.
        (Model::TimeDecay, &[("email", 1_429), ("paid_search", 2_857), ("direct", 5_715)]),
        (Model::Position, &[("email", 4_001), ("paid_search", 2_000), ("direct", 4_000)]),
    ];
    for (model, rows) in by_hand {
        assert_eq!(shop.revenue_by(model), expected(rows), "{model:?}");
        let report = shop.report(model);
        assert_eq!((report.revenue_minor, report.conversions, report.buyers), (15_001, 2, 2));
        assert_eq!(report.unattributed.revenue_minor, 5_000, "a till is no touch of its own sale");
        let all: BTreeMap<String, i64> =
            report.all_models[model.as_str()].iter().filter(|(_, v)| **v != 0).map(|(k, v)| (k.clone(), *v)).collect();
        assert_eq!(all, expected(rows));
    }
    assert_eq!(shop.report(Model::Linear).all_models.len(), MODELS.len());
}

#[test]
fn labels_follow_the_language_and_rows_the_level() {
    let mut shop = Shop::open();
    story(&mut shop);
    let query = CreditQuery { by: Level::Campaign, locale: "zh-CN".into(), ..CreditQuery::default() };
    let report = shop.app.credit_report(&query).unwrap();
    balanced(&report);
    let email = report.rows.iter().find(|r| r.row.key == "email/spring").unwrap();
    assert_eq!((email.label.as_str(), email.row.campaign.as_deref()), ("邮件 / spring", Some("spring")));
    let only = CreditQuery { channel: Some("email".into()), ..query };
    let rows = shop.app.credit_report(&only).unwrap().rows;
    assert!(!rows.is_empty() && rows.iter().all(|r| r.row.channel == "email"));
}

#[test]
fn sums_stay_the_same_through_sealing_compaction_and_merges() {
    let mut shop = Shop::open();
    let mut rng = Rng::seeded(7);
    let queries = ["", "?gclid=1", "?utm_source=newsletter&utm_medium=email", "?utm_source=xiaohongshu", "?bd_vid=2"];
    let mut revenue = 0;
    let check = |shop: &Shop, revenue: i64, what: &str| {
        for model in MODELS {
            let report = shop.report(model);
            balanced(&report);
            assert_eq!(report.revenue_minor, revenue, "{what}, {model:?}");
        }
        shop.report(Model::Linear)
    };
    for round in 0..3 {
        for n in 0..60_u64 {
            // Ten people, each known under a device first.
            let who = if rng.below(2) == 0 { format!("anon:d{}", n % 10) } else { format!("u{}", n % 10) };
            let days = rng.below(6_000) as f64 / 100.0;
            if rng.below(3) == 0 {
                let minor = 1 + rng.below(99_999) as i64;
                shop.order(&who, days, &format!("r{round}-{n}"), minor as f64 / 100.0);
                revenue += minor;
            } else {
                let query = queries[rng.below(queries.len() as u64) as usize];
                shop.visit(&who, days, query);
            }
        }
        let hot = check(&shop, revenue, "hot");
        shop.app.seal_all().unwrap();
        let sealed = check(&shop, revenue, "sealed");
        assert_eq!(hot.rows, sealed.rows, "where events lie changes nothing");
    }
    let apart = shop.report(Model::Linear);
    // Each device turns out to be a person's.
    for n in 0..10 {
        let web = shop.web.clone();
        let event = json!({"kind": "identify", "anonymous_id": format!("d{n}")});
        shop.send(&web, &format!("u{n}"), 0.0, event);
    }
    let merged = check(&shop, revenue, "merged");
    assert!(merged.identity_version > apart.identity_version);
    assert!(merged.buyers < apart.buyers, "{} < {}", merged.buyers, apart.buyers);
    assert_ne!(merged.rows, apart.rows, "joined paths are longer");
    shop.app.seal_all().unwrap();
    assert_eq!(check(&shop, revenue, "merged and sealed").rows, merged.rows);
    shop.app.compact_all().unwrap();
    assert_eq!(check(&shop, revenue, "compacted").rows, merged.rows);
}

#[test]
fn doubles_count_once_and_refunds_go_back_the_way_the_money_came() {
    let mut shop = Shop::open();
    shop.visit("ann", 5.0, "?gclid=1");
    shop.visit("ann", 4.0, "?utm_source=newsletter&utm_medium=email");
    shop.order("ann", 3.0, "o1", 99.99);
    let web = shop.web.clone();
    let again = json!({"kind": "track", "name": "order completed", "properties": {"order_id": "o1", "total": 1}});
    shop.send(&web, "ann", 2.9, again);
    shop.refund("ann", 2.0, "o1", Some(40.0));
    let report = shop.report(Model::Linear);
    balanced(&report);
    assert_eq!((report.conversions, report.revenue_minor), (1, 5_999), "the shop's word beats the browser's");
    shop.refund("ann", 1.0, "o1", None);
    let report = shop.report(Model::Linear);
    balanced(&report);
    assert_eq!(report.revenue_minor, 0);
    assert!(report.rows.iter().all(|r| r.row.revenue_minor == 0), "what was given is taken back");
    shop.refund("ann", 0.5, "never seen", Some(7.0));
    let report = shop.report(Model::Linear);
    balanced(&report);
    assert_eq!((report.revenue_minor, report.unattributed.revenue_minor), (-700, -700));
    assert!(report.notes.iter().any(|n| n.contains("refunds of orders nobody knows")), "{:?}", report.notes);
}

#[test]
fn a_definition_filters_values_and_counts_as_it_says() {
    let mut shop = Shop::open();
    shop.visit("ann", 9.0, "?gclid=1");
    for (days, id, total) in [(8.0, "a", 80.0), (7.0, "b", 20.0), (6.0, "c", 60.0)] {
        shop.order("ann", days, id, total);
    }
    let caller = Caller::cli();
    let filter: Filter =
        serde_json::from_value(json!({"all": [{"path": "category", "op": "eq", "value": "care"}]})).unwrap();
    let change = |key: &str| ConversionChange {
        name: Some(key.into()),
        key: Some(key.into()),
        event: Some("Order Completed".into()),
        ..ConversionChange::default()
    };
    let care = ConversionChange { filter: Some(Some(filter)), ..change("care") };
    let care = shop.app.conversion_create(&caller, care).unwrap();
    let fixed = ConversionChange { value: Some(ConversionValue::FixedMinor(500)), ..change("fixed") };
    shop.app.conversion_create(&caller, fixed).unwrap();
    let property = ConversionChange { value: Some(ConversionValue::Property("total".into())), ..change("property") };
    shop.app.conversion_create(&caller, property).unwrap();
    let once = ConversionChange {
        count: Some(throughline_app::credit::Count::OncePerPerson),
        dedupe: Some(Dedupe::None),
        ..change("once")
    };
    shop.app.conversion_create(&caller, once).unwrap();
    let sums = |key: &str| {
        let report =
            shop.app.credit_report(&CreditQuery { conversion: Some(key.into()), ..CreditQuery::default() }).unwrap();
        balanced(&report);
        (report.conversions, report.revenue_minor)
    };
    for sealed in [false, true] {
        if sealed {
            shop.app.seal_all().unwrap();
        }
        assert_eq!(sums("care"), (2, 14_000));
        assert_eq!(sums("fixed"), (3, 1_500));
        assert_eq!(sums("property"), (3, 16_000));
        assert_eq!(sums("once"), (1, 8_000));
        assert_eq!(sums("order"), (3, 16_000));
    }
    let taken = shop.app.conversion_create(&caller, change("care")).unwrap_err();
    assert_eq!(taken.code, "conversion_key");
    let default = ConversionChange { is_default: Some(true), ..ConversionChange::default() };
    let care = shop.app.conversion_update(&caller, care.id, default).unwrap();
    assert_eq!(shop.app.conversion(None).unwrap().key, "care");
    assert_eq!(shop.app.conversion_delete(&caller, care.id).unwrap_err().code, "conversion_default");
    let unknown = CreditQuery { conversion: Some("nope".into()), ..CreditQuery::default() };
    assert!(shop.app.credit_report(&unknown).unwrap_err().detail.contains("care, "));
}

#[test]
fn dedupe_none_counts_every_event() {
    let mut shop = Shop::open();
    for _ in 0..3 {
        shop.order("ann", 1.0, "same", 10.0);
    }
    let change = ConversionChange {
        name: Some("Each".into()),
        key: Some("each".into()),
        event: Some("Order Completed".into()),
        dedupe: Some(Dedupe::None),
        ..ConversionChange::default()
    };
    shop.app.conversion_create(&Caller::cli(), change).unwrap();
    let query = CreditQuery { conversion: Some("each".into()), ..CreditQuery::default() };
    assert_eq!(shop.app.credit_report(&query).unwrap().revenue_minor, 3_000);
    assert_eq!(shop.report(Model::Linear).revenue_minor, 1_000);
}

#[test]
fn other_currencies_are_left_out_and_told_hot_or_sealed() {
    let mut shop = Shop::open();
    shop.order("ann", 2.0, "o1", 10.0);
    let server = shop.server.clone();
    let properties = json!({"order_id": "o2", "total": 99, "currency": "USD"});
    shop.send(&server, "ann", 1.0, json!({"kind": "track", "name": "Order Completed", "properties": properties}));
    for _ in 0..2 {
        let report = shop.report(Model::Linear);
        assert_eq!((report.revenue_minor, report.conversions), (1_000, 1));
        assert!(report.notes.iter().any(|n| n.starts_with("1 conversions in other currencies")), "{:?}", report.notes);
        shop.app.seal_all().unwrap();
    }
}

#[test]
fn every_number_opens_the_people_behind_it() {
    let mut shop = Shop::open();
    for (n, total) in [(1, 10.0), (2, 30.0), (3, 20.0)] {
        shop.visit(&format!("u{n}"), 3.0, "?gclid=1");
        shop.order(&format!("u{n}"), 2.0, &format!("o{n}"), total);
    }
    shop.order("u4", 2.0, "o4", 5.0);
    shop.app.react_all().unwrap();
    let query = CreditQuery { model: Model::Last, ..CreditQuery::default() };
    let people = |key: Option<&str>, limit: u32| {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let page = shop.app.credit_people(&query, key, cursor, limit).unwrap();
            all.extend(page.items.iter().map(|p| p.row.revenue_minor));
            cursor = page.next.as_deref().and_then(throughline_base::Cursor::decode);
            if cursor.is_none() {
                return all;
            }
        }
    };
    assert_eq!(people(Some("paid_search"), 2), [3_000, 2_000, 1_000]);
    assert_eq!(people(Some("unattributed"), 50), [500]);
    assert_eq!(people(Some("email"), 50), Vec::<i64>::new());
    assert_eq!(people(None, 1), [3_000, 2_000, 1_000, 500]);
}

#[test]
fn spend_gives_cost_and_return_in_the_currency_of_the_report_only() {
    let mut shop = Shop::open();
    let caller = Caller::cli();
    shop.visit("ann", 3.0, "?gclid=1");
    shop.order("ann", 2.0, "o1", 100.0);
    let spend = |date: &str, channel: &str, currency: &str, cost_minor| Spend {
        id: 0,
        date: date.into(),
        channel: channel.into(),
        campaign: String::new(),
        impressions: 1_000,
        clicks: 10,
        cost_minor,
        currency: currency.into(),
        import_id: None,
    };
    shop.app.spend_put(&caller, &spend("2026-11-17", "SEM", "", 2_000)).unwrap();
    let saved = shop.app.spend_put(&caller, &spend("2026-11-17", "paid_search", "CNY", 2_500)).unwrap();
    assert_eq!((saved.channel.as_str(), saved.currency.as_str()), ("paid_search", "CNY"), "names become keys");
    shop.app.spend_put(&caller, &spend("2026-11-18", "paid_search", "USD", 9)).unwrap();
    shop.app.spend_put(&caller, &spend("2026-11-18", "douyin_ads", "CNY", 700)).unwrap();
    let report = shop.report(Model::Linear);
    let row = |key: &str| report.rows.iter().find(|r| r.row.key == key).unwrap();
    let search = row("paid_search");
    assert_eq!((search.row.cost_minor, search.row.roas, search.impressions), (Some(2_500), Some(4.0), 2_000));
    assert_eq!(row("douyin_ads").row.cost_minor, Some(700), "spend that met nobody is shown");
    assert!(report.notes.iter().any(|n| n.contains("USD")), "{:?}", report.notes);
    let filter = SpendFilter { channel: Some("douyin_ads".into()), from: Some("2026-11-01".into()), to: None };
    assert_eq!(shop.app.spend_list(&filter, None, 50).unwrap().items.len(), 1);
    let none = SpendFilter { to: Some("2026-11-16".into()), ..SpendFilter::default() };
    assert!(shop.app.spend_list(&none, None, 50).unwrap().items.is_empty());
    let page = shop.app.spend_list(&SpendFilter::default(), None, 2).unwrap();
    assert!(page.items.len() == 2 && page.next.is_some());
    shop.app.spend_delete(&caller, "2026-11-18", "douyin_ads", "").unwrap();
    assert_eq!(shop.app.spend_delete(&caller, "2026-11-18", "douyin_ads", "").unwrap_err().code, "spend_unknown");
    for (wrong, field) in [(spend("yesterday", "sms", "", 1), "date"), (spend("2026-11-18", "!", "", 1), "channel")] {
        assert!(shop.app.spend_put(&caller, &wrong).unwrap_err().detail.starts_with(field));
    }
}

#[test]
fn periods_paths_and_crossings_read_the_same_history() {
    let mut shop = Shop::open();
    story(&mut shop);
    let till = shop.till.clone();
    shop.visit("eve", 6.0, "?utm_source=xiaohongshu&utm_medium=note");
    let sale = json!({"kind": "track", "name": "Order Completed", "properties": {"order_id": "t2", "total": 20}});
    shop.send(&till, "eve", 4.0, sale);
    let before = CreditQuery { to: Some(Timestamp::from_ms(NOW - 3 * DAY_MS)), ..CreditQuery::default() };
    let after = CreditQuery { from: before.to, ..CreditQuery::default() };
    let (before, after) = (shop.app.credit_report(&before).unwrap(), shop.app.credit_report(&after).unwrap());
    assert_eq!((before.revenue_minor, after.revenue_minor), (2_000, 15_001));
    assert_eq!((before.buyers, after.buyers), (1, 2));
    let paths = shop.app.credit_paths(&CreditQuery::default()).unwrap().shape;
    let lengths: Vec<(usize, u64)> = paths.lengths.iter().map(|l| (l.touches, l.conversions)).collect();
    assert_eq!(lengths, [(1, 1), (3, 1)]);
    assert_eq!(paths.top[0].conversions, 1);
    assert_eq!((paths.online_to_store.buyers, paths.online_to_store.touched), (2, 1));
    let short = CreditQuery { lookback_days: 1, ..CreditQuery::default() };
    let report = shop.app.credit_report(&short).unwrap();
    assert_eq!(report.unattributed.revenue_minor, 7_000, "only the visit an hour before is near enough");
    let wrong = CreditQuery { lookback_days: 0, ..CreditQuery::default() };
    assert_eq!(shop.app.credit_report(&wrong).unwrap_err().code, "credit_lookback");
}

#[test]
fn edited_rules_classify_past_touches_anew_and_are_audited() {
    let mut shop = Shop::open();
    let caller = Caller::cli();
    shop.visit("ann", 3.0, "?utm_source=mystery&utm_medium=box");
    shop.order("ann", 2.0, "o1", 10.0);
    assert_eq!(shop.revenue_by(Model::Linear), expected(&[("other", 1_000)]));
    let open = shop.app.touch_unclassified().unwrap();
    assert_eq!((open.len(), open[0].events, open[0].signature.utm_source.as_str()), (1, 1, "mystery"));
    let mut rules = defaults();
    let when = json!([{"field": "utm_source", "op": "equals", "values": ["mystery"]}]);
    let rule = json!({"id": "mystery", "when": when, "then": {"channel": "mystery_box", "campaign": "{utm_medium}"}});
    rules.insert(0, serde_json::from_value(rule).unwrap());
    let table = shop.app.touch_rules_put(&caller, &rules).unwrap();
    assert_eq!((table.version, table.rules.len()), (1, rules.len()));
    assert!(table.channels.iter().any(|c| c.key == "mystery_box"));
    assert_eq!(shop.revenue_by(Model::Linear), expected(&[("mystery_box", 1_000)]));
    assert!(shop.app.touch_unclassified().unwrap().is_empty());
    let signature = shop.app.touch_signature("https://shop.example/?utm_source=Mystery&utm_medium=x", "").unwrap();
    let tested = shop.app.touch_test(&[signature]).unwrap();
    assert_eq!(tested[0].rule_id.as_deref(), Some("mystery"));
    assert_eq!(tested[0].touch.as_ref().unwrap().campaign, "x");
    rules[0].then.channel = "{nonsense}".into();
    let problem = shop.app.touch_rules_put(&caller, &rules).unwrap_err();
    assert!(problem.detail.contains("`mystery`, then.channel"), "{}", problem.detail);
    assert_eq!(shop.app.touch_rules().unwrap().0, 1);
}

#[test]
fn the_overview_shows_this_period_and_the_one_before() {
    let mut shop = Shop::open();
    shop.visit("old", 12.0, "?gclid=1");
    shop.order("old", 11.0, "o1", 10.0);
    shop.visit("new", 3.0, "?utm_source=newsletter&utm_medium=email");
    shop.order("new", 2.0, "o2", 30.0);
    shop.order("old", 1.0, "o3", 5.0);
    let o = shop.app.overview(7, "zh-CN").unwrap();
    let figures = |f: throughline_app::overview::Figures| (f.revenue_minor, f.orders, f.buyers, f.new_people);
    assert_eq!(figures(o.now), (3_500, 2, 2, 1));
    assert_eq!(figures(o.before), (1_000, 1, 1, 1));
    let top: Vec<(&str, &str, i64)> = o.top_channels.iter().map(|c| (c.0.as_str(), c.1.as_str(), c.2)).collect();
    assert_eq!(top, [("email", "邮件", 3_000), ("paid_search", "付费搜索", 500)]);
    assert_eq!(o.days.len(), 7);
    shop.clock.advance_ms(3 * DAY_MS);
    let silent = shop.app.overview(30, "en").unwrap().attention;
    assert!(silent.contains(&("silent_sources", 2, "/sources")), "{silent:?}");
}

#[test]
fn another_model_does_not_read_the_history_again() {
    let mut shop = Shop::open();
    story(&mut shop);
    shop.app.seal_all().unwrap();
    let first = shop.report(Model::First);
    // Without its files the history cannot be read: the answers come from what is kept.
    let lake = shop.app.settings.data_dir.join("lake");
    let away = shop.app.settings.data_dir.join("away");
    std::fs::rename(&lake, &away).unwrap();
    let by_campaign = CreditQuery { by: Level::Campaign, model: Model::Position, ..CreditQuery::default() };
    assert_eq!(shop.app.credit_report(&by_campaign).unwrap().revenue_minor, first.revenue_minor);
    assert!(shop.app.credit_paths(&CreditQuery::default()).is_ok());
    std::fs::rename(&away, &lake).unwrap();
    shop.order("ann", 0.5, "o9", 1.0);
    assert_eq!(shop.report(Model::First).revenue_minor, first.revenue_minor + 100, "a new event is seen at once");
}

#[test]
fn known_robots_earn_and_spend_nothing() {
    let mut shop = Shop::open();
    let web = shop.web.clone();
    let robot = json!({"kind": "track", "name": "Order Completed", "properties": {"order_id": "x", "total": 9},
        "context": {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}});
    shop.send(&web, "anon:bot", 1.0, robot);
    assert_eq!(shop.report(Model::Linear).conversions, 0);
}

#[test]
fn conversions_without_revenue_are_counted_and_shared() {
    let mut shop = Shop::open();
    let web = shop.web.clone();
    shop.visit("ann", 1.0, "?gclid=1");
    shop.send(&web, "ann", 0.999, json!({"kind": "track", "name": "Signed Up"}));
    let change = ConversionChange {
        name: Some("Sign-up".into()),
        key: Some("signup".into()),
        event: Some("signed up".into()),
        value: Some(ConversionValue::None),
        ..ConversionChange::default()
    };
    shop.app.conversion_create(&Caller::cli(), change).unwrap();
    let query = CreditQuery { conversion: Some("signup".into()), ..CreditQuery::default() };
    let report = shop.app.credit_report(&query).unwrap();
    balanced(&report);
    assert_eq!((report.conversions, report.revenue_minor), (1, 0));
    let search = report.rows.iter().find(|r| r.row.key == "paid_search").unwrap();
    assert!((search.share - 1.0).abs() < f64::EPSILON, "without revenue the conversions are shared");
}
