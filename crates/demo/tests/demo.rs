//! What whoever loads the demo relies on: it repeats, it arrives in order, it can be read, and the truth is true.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use throughline_base::Timestamp;
use throughline_demo::{DemoBatch, DemoBrand, DemoConfig, DemoRequest, SourceKind, Truth, Wire};

fn until() -> Timestamp {
    Timestamp::parse("2026-11-20T16:00:00Z").unwrap()
}

fn brand(people: u32, seed: u64) -> DemoBrand {
    DemoBrand::new(DemoConfig { people, seed, ..DemoConfig::new(until()) })
}

/// One number for everything that is sent, told and spent.
fn digest(brand: &DemoBrand) -> u64 {
    let mut h = xxhash_rust::xxh3::Xxh3::new();
    let mut batches = brand.batches();
    for b in batches.by_ref() {
        h.update(&b.received_at.ms().to_le_bytes());
        h.update(&[b.source as u8]);
        for r in b.requests {
            h.update(r.path.as_bytes());
            h.update(&r.body);
            for (name, value) in r.headers {
                h.update(name.as_bytes());
                h.update(value.as_bytes());
            }
        }
    }
    let mut truth = Vec::new();
    batches.truth().write_jsonl(&mut truth).unwrap();
    h.update(&truth);
    h.update(format!("{:?}", batches.ad_spend()).as_bytes());
    h.digest()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap();
    out
}

/// The events inside a request, as its receiver would find them.
fn events(wire: Wire, request: &DemoRequest) -> Vec<Value> {
    let body = if request.body.starts_with(&[0x1f, 0x8b]) { gunzip(&request.body) } else { request.body.clone() };
    let text = String::from_utf8(body).unwrap();
    let json = match wire {
        Wire::Sensors => {
            let data = text.strip_prefix("data_list=").unwrap().strip_suffix("&gzip=1").unwrap();
            let data = data.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
            String::from_utf8(gunzip(&STANDARD.decode(data).unwrap())).unwrap()
        }
        Wire::Segment
        | Wire::SegmentBrowser
        | Wire::Rudder
        | Wire::PostHog
        | Wire::Snowplow
        | Wire::Jitsu
        | Wire::Webhook => text,
    };
    let value: Value = serde_json::from_str(&json).unwrap_or_else(|e| panic!("{e}: {json}"));
    let Value::Object(mut o) = value else { return value.as_array().cloned().unwrap_or_else(|| panic!("{json}")) };
    match o.remove("batch").or_else(|| o.remove("data")) {
        Some(list) => list.as_array().cloned().unwrap_or_else(|| panic!("{json}")),
        None => vec![Value::Object(o)],
    }
}

/// Everything of a run, with its events.
struct Run {
    brand: DemoBrand,
    batches: Vec<DemoBatch>,
    truth: Truth,
}

fn run(people: u32, seed: u64) -> Run {
    let brand = brand(people, seed);
    let mut sent = brand.batches();
    let batches: Vec<_> = sent.by_ref().collect();
    assert!((sent.progress() - 1.0).abs() < 1e-9);
    let truth = sent.truth();
    Run { brand, batches, truth }
}

impl Run {
    fn each(&self, mut f: impl FnMut(&DemoBatch, &DemoRequest, &Value)) {
        let sources = self.brand.sources();
        for b in &self.batches {
            for r in &b.requests {
                for e in events(sources[b.source].wire, r) {
                    f(b, r, &e);
                }
            }
        }
    }
}

fn message_id(e: &Value) -> Option<String> {
    let id = e.get("messageId").or_else(|| e.get("uuid")).or_else(|| e.get("eid"));
    match id {
        Some(id) => id.as_str().map(str::to_owned),
        None => Some(format!("{}-{}-{}", e.get("_track_id")?, e.get("time")?, e.get("distinct_id")?)),
    }
}

fn original_at(e: &Value) -> i64 {
    let instant = |v: &Value| match v.as_str() {
        Some(t) => t.parse().ok().or_else(|| Timestamp::parse(t).map(Timestamp::ms)),
        None => v.as_i64(),
    };
    let at = ["timestamp", "originalTimestamp", "time", "dtm"].iter().find_map(|k| e.get(k));
    at.and_then(instant).unwrap_or_else(|| panic!("no time in {e}"))
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let one = digest(&brand(150, 7));
    assert_eq!(one, digest(&brand(150, 7)));
    assert_ne!(one, digest(&brand(150, 8)));
}

#[test]
fn batches_arrive_in_order_and_nothing_lies_in_the_future() {
    let run = run(400, 1);
    assert!(run.batches.windows(2).all(|w| w[0].received_at <= w[1].received_at));
    let from = run.brand.config().from();
    assert!(run.batches.iter().all(|b| b.received_at >= from && b.received_at <= until()));
    let mut late = 0;
    run.each(|b, _, e| {
        let at = original_at(e);
        assert!(at <= until().ms(), "{e}");
        late += u32::from(b.received_at.ms() - at > 6 * 3_600_000 && at > from.ms());
    });
    assert!(late > 20, "some events come hours late, {late} did");
}

#[test]
fn every_body_can_be_read_and_holds_as_many_events_as_it_says() {
    let run = run(400, 2);
    let sources = run.brand.sources();
    let mut wires = BTreeSet::new();
    for b in &run.batches {
        for r in &b.requests {
            let found = events(sources[b.source].wire, r);
            assert_eq!(found.len(), r.events as usize, "{}", r.path);
            assert!(r.body.len() < 500_000 && found.iter().all(|e| e.to_string().len() < 32_000));
            assert_eq!(r.method, "POST");
            wires.insert(r.path.split('?').next().unwrap().to_owned());
        }
    }
    for path in ["/v1/batch", "/v1/p", "/v1/t", "/v1/i", "/v1/b", "/batch/", "/sa", "/api/s/track", "/v1/events"] {
        assert!(wires.contains(path), "{path} of {wires:?}");
    }
}

#[test]
fn write_keys_stand_where_each_client_puts_them() {
    let keys: Vec<String> = (0..16).map(|i| format!("wk{i}")).collect();
    let brand = brand(60, 3).with_write_keys(keys.clone());
    let sources = brand.sources();
    for b in brand.batches() {
        for r in &b.requests {
            let key = &keys[b.source];
            let basic = format!("Basic {}", STANDARD.encode(format!("{key}:")));
            let header = r.headers.iter().any(|(_, v)| *v == basic || v == key);
            let text = if r.body.starts_with(&[0x1f, 0x8b]) { gunzip(&r.body) } else { r.body.clone() };
            let body = String::from_utf8(text).unwrap().contains(&format!("\"{key}\""));
            let query = r.path.ends_with(&format!("?project={key}"));
            assert!(header || body || query, "{} {}", sources[b.source].key, r.path);
        }
    }
}

#[test]
fn all_touchpoints_speak_and_their_shares_are_plausible() {
    let run = run(2_000, 4);
    let sources = run.brand.sources();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for b in &run.batches {
        *counts.entry(sources[b.source].key).or_default() += b.requests.iter().map(|r| r.events).sum::<u32>();
    }
    assert_eq!(counts.len(), sources.len(), "{counts:?}");
    let total: u32 = counts.values().sum();
    let per_person = f64::from(total) / 2_000.0;
    assert!((17.0..33.0).contains(&per_person), "{per_person}");
    for (key, least, most) in [
        ("web_shop", 0.2, 0.5),
        ("mini_program", 0.15, 0.45),
        ("app", 0.03, 0.2),
        ("email", 0.02, 0.15),
        ("sms", 0.02, 0.15),
        ("stores", 0.004, 0.05),
        ("tmall", 0.004, 0.05),
    ] {
        let share = f64::from(counts[key]) / f64::from(total);
        assert!((least..most).contains(&share), "{key} {share}");
    }
    let kinds: BTreeSet<SourceKind> = sources.iter().map(|s| s.kind).collect();
    assert!(kinds.len() >= 10);
}

#[test]
fn duplicates_carry_the_same_id_and_the_same_event() {
    let run = run(1_000, 5);
    let mut seen: HashMap<(usize, String), Value> = HashMap::new();
    let (mut total, mut twice) = (0_u32, 0_u32);
    run.each(|b, r, e| {
        total += 1;
        let Some(id) = message_id(e) else { return };
        let again = r.headers.iter().any(|(name, _)| *name == "x-retry-count");
        match seen.get(&(b.source, id.clone())) {
            Some(first) => {
                twice += 1;
                assert!(again, "only repeats share an id: {e}");
                assert_eq!(first, e);
            }
            None => {
                assert!(!again, "a repeat comes after its first: {e}");
                seen.insert((b.source, id), e.clone());
            }
        }
    });
    let share = f64::from(twice) / f64::from(total);
    assert!((0.004..0.02).contains(&share), "{share}");
}

/// Every identifier in the events whose owner can be told from the event alone must be the right person's.
#[test]
fn every_order_has_a_cause_and_belongs_to_its_buyer() {
    let run = run(1_500, 6);
    let mut owners: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
    for p in &run.truth.people {
        for i in &p.identifiers {
            owners.entry((&i.namespace, &i.value)).or_default().insert(&p.person);
        }
    }
    let mut orders = BTreeMap::new();
    for o in &run.truth.orders {
        let sum: f64 = o.shares.values().sum();
        assert!((sum - 1.0).abs() < 1e-9 && o.shares.values().all(|s| *s >= 0.0), "{o:?}");
        assert!(o.shares.contains_key(&o.cause), "{o:?}");
        assert_eq!(o.cause_at.is_none(), o.cause == throughline_demo::BASELINE);
        assert!(o.cause_at.is_none_or(|at| at <= o.at) && o.revenue_minor > 0 && o.refunded_minor <= o.revenue_minor);
        assert!(orders.insert(o.order_id.clone(), o).is_none(), "order ids are unique");
    }
    let (mut sent, mut checked) = (BTreeSet::new(), 0);
    run.each(|_, _, e| {
        if e.get("event").and_then(Value::as_str) != Some("Order Completed") {
            return;
        }
        let props = &e["properties"];
        let id = props["order_id"].as_str().unwrap();
        let order = orders.get(id).unwrap_or_else(|| panic!("{id} is not in the truth"));
        sent.insert(id.to_owned());
        assert_eq!((props["revenue"].as_f64().unwrap() * 100.0).round() as i64, order.revenue_minor);
        let claims = [
            ("user_id", e.get("userId")),
            ("member_no", e.pointer("/context/traits/member_no")),
            ("buyer_id", e.pointer("/context/traits/buyer_id")),
            ("user_id", e.pointer("/identities/$identity_login_id")),
            ("unionid", e.pointer("/identities/$identity_mp_unionid")),
        ];
        for (namespace, value) in claims {
            if let Some(value) = value.and_then(Value::as_str) {
                let own = owners.get(&(namespace, value)).unwrap_or_else(|| panic!("{namespace} {value} is nobody's"));
                assert!(own.contains(order.person.as_str()) && own.len() == 1, "{namespace} {value} {own:?}");
                checked += 1;
            }
        }
    });
    assert_eq!(sent.len(), orders.len(), "every true order is sent, every sent order is true");
    assert!(checked > 1_000);
}

#[test]
fn the_mess_is_there() {
    let run = run(2_000, 8);
    let mut full_width = 0;
    let mut placeholders = 0;
    let mut nameless = 0;
    let mut robots = 0;
    run.each(|_, _, e| {
        let text = e.to_string();
        full_width += u32::from(text.contains("\"phone\":\"１"));
        placeholders += u32::from(text.contains("\"userId\":\"undefined\"") || text.contains("\"userId\":\"null\""));
        nameless += u32::from(e.get("type").is_some_and(|t| t == "track") && e.get("event").is_none_or(|n| n == ""));
        robots += u32::from(text.contains("spider") || text.contains("bot.htm"));
    });
    assert!(full_width > 0 && placeholders > 0 && nameless > 0 && robots > 50);
    let mut owners: HashMap<(&str, &str), Vec<(&str, bool)>> = HashMap::new();
    for p in &run.truth.people {
        for i in &p.identifiers {
            owners.entry((&i.namespace, &i.value)).or_default().push((&p.person, i.valid_to.is_some()));
        }
    }
    let shared = |namespace: &str| owners.iter().filter(|((n, _), o)| *n == namespace && o.len() > 1).count();
    assert!(shared("phone") > 0, "families share phones");
    assert!(shared("anonymous_id") > 0, "households share browsers");
    assert!(owners.values().flatten().any(|(_, ended)| *ended), "numbers change hands");
    for namespace in ["user_id", "member_no", "email", "unionid", "buyer_id", "device_id"] {
        assert_eq!(shared(namespace), 0, "{namespace} is one person's");
    }
    let mails = owners.keys().filter(|(n, _)| *n == "email");
    assert!(mails.clone().count() > 50);
    for (_, mail) in mails {
        let domain = mail.split('@').nth(1).unwrap();
        assert!(domain.ends_with(".example") || matches!(domain, "example.com" | "example.net"), "{mail}");
    }
}

#[test]
fn spend_covers_the_clicks_and_harvesting_channels_cause_nothing() {
    let brand = brand(1_500, 9);
    let mut batches = brand.batches();
    let mut landed: BTreeMap<String, u64> = BTreeMap::new();
    let sources = brand.sources();
    for b in batches.by_ref() {
        for r in b.requests.iter().filter(|r| !r.headers.iter().any(|(n, _)| *n == "x-retry-count")) {
            for e in events(sources[b.source].wire, r) {
                if let Some(name) = e.pointer("/context/campaign/name").and_then(Value::as_str)
                    && e["type"] == "page"
                {
                    *landed.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
    }
    let mut bought: BTreeMap<String, u64> = BTreeMap::new();
    let spend = batches.ad_spend();
    for row in &spend {
        assert!(row.impressions >= row.clicks && row.cost_minor >= 0 && row.currency == "CNY");
        *bought.entry(row.campaign.clone()).or_default() += row.clicks;
    }
    let own = |c: &str| c.starts_with("brand_") || c.starts_with("retarget_") || c.starts_with("category_");
    for (campaign, visits) in landed.iter().filter(|(c, _)| own(c)) {
        assert!(
            bought.get(campaign).is_some_and(|clicks| clicks >= visits),
            "{campaign}: {visits} {:?}",
            bought.get(campaign)
        );
    }
    assert!(landed.keys().any(|c| c.starts_with("brand_")) && landed.keys().any(|c| c.starts_with("retarget_")));
    let revenue = batches.truth().revenue_by_channel();
    assert!(!revenue.contains_key("display"), "retargeting harvests: {revenue:?}");
    let total: f64 = revenue.values().sum();
    let organic = revenue[throughline_demo::BASELINE] / total;
    assert!((0.3..0.75).contains(&organic), "{organic}");
    assert!(revenue["xiaohongshu"] / total > 0.03);
}

#[test]
fn a_truth_file_reads_back_as_it_was_written() {
    let truth = brand(120, 10).truth();
    assert!(!truth.people.is_empty() && !truth.orders.is_empty());
    let mut file = Vec::new();
    truth.write_jsonl(&mut file).unwrap();
    assert_eq!(Truth::read_jsonl(file.as_slice()).unwrap(), truth);
    let broken = Truth::read_jsonl("\n{\"kind\":\"pony\"}\n".as_bytes()).unwrap_err();
    assert!(broken.to_string().contains("line 2"), "{broken}");
}

#[test]
fn a_tiny_brand_and_no_time_at_all_are_fine() {
    for (people, months) in [(0, 18), (1, 18), (50, 0), (3, 1)] {
        let config = DemoConfig { people, months, ..DemoConfig::new(until()) };
        let sent: u32 = DemoBrand::new(config).batches().flat_map(|b| b.requests).map(|r| r.events).sum();
        assert!(sent < 20_000);
    }
}
