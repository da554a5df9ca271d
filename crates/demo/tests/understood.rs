//! The platform's own rules read what the demo sends: requests, identifiers, ways in, consent.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use throughline_base::{SourceId, Timestamp};
use throughline_demo::{DemoBrand, DemoConfig, DemoSource};
use throughline_domain::event::prepare::{Prepared, SourceContext, prepare};
use throughline_domain::event::raw::RawEvent;
use throughline_domain::event::wire::{Decoded, Headers, Limits, WireRequest, decode};
use throughline_domain::person::consent;
use throughline_domain::touch::{RuleTable, defaults};

fn context(source: &DemoSource) -> SourceContext<'_> {
    SourceContext {
        verified: source.verified,
        openid_app: source.openid_app,
        ..SourceContext::new(SourceId::new(1), source.kind.as_str())
    }
}

fn decoded(source: &DemoSource, request: &throughline_demo::DemoRequest) -> Decoded {
    let limits = Limits::default();
    let (path, query) = request.path.split_once('?').map_or((request.path.as_str(), None), |(p, q)| (p, Some(q)));
    let header = |name: &str| request.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
    let headers = Headers {
        authorization: header("authorization"),
        write_key: header("x-write-key"),
        content_type: header("content-type"),
        content_encoding: header("content-encoding"),
        user_agent: header("user-agent"),
        ..Headers::default()
    };
    decode(&WireRequest { path, query, headers, body: &request.body }, &limits)
        .unwrap_or_else(|e| panic!("{} {}: {e}", source.key, request.path))
}

#[test]
fn the_platform_understands_the_demo() {
    let until = Timestamp::parse("2026-11-20T16:00:00Z").unwrap();
    let brand = DemoBrand::new(DemoConfig { people: 1_500, ..DemoConfig::new(until) });
    let sources = brand.sources();
    let rules = RuleTable::compile(defaults()).unwrap();
    let mut batches = brand.batches();
    let (mut ready, mut set_aside, mut bots, mut consents) = (0_u32, BTreeMap::<String, u32>::new(), 0, 0);
    let mut channels: BTreeMap<String, u32> = BTreeMap::new();
    let mut claimed: HashMap<(String, String), u32> = HashMap::new();
    let mut together: Vec<Vec<(String, String)>> = Vec::new();
    for batch in batches.by_ref() {
        let source = &sources[batch.source];
        for request in &batch.requests {
            let found = decoded(source, request);
            let key = Some(brand.write_keys()[batch.source].as_str());
            assert_eq!(found.write_key.as_deref(), key, "{}", source.key);
            assert_eq!(found.events.len(), request.events as usize);
            for raw in found.events {
                let raw: RawEvent = raw.unwrap();
                let text = format!("{raw:?}");
                let event = match prepare(raw, &context(source), batch.received_at) {
                    Prepared::Ready(event) => event,
                    Prepared::Quarantine { reason, detail, .. } => {
                        assert!(
                            text.contains("7d444840") || text.contains("SK0101"),
                            "{} {reason:?} {detail} {text}",
                            source.key
                        );
                        *set_aside.entry(format!("{reason:?}")).or_default() += 1;
                        continue;
                    }
                };
                ready += 1;
                bots += u32::from(event.bot);
                consents += consent::from_event(&event.name, &event.properties, &event.context).len();
                let touch = event.touch.as_ref().and_then(|t| rules.classify(t));
                if let Some(touch) = touch {
                    *channels.entry(touch.channel).or_default() += 1;
                }
                if source.kiosk || event.bot {
                    continue;
                }
                let ids: Vec<_> = event.claims.iter().map(|c| (c.namespace.clone(), c.value.clone())).collect();
                for id in &ids {
                    *claimed.entry(id.clone()).or_default() += 1;
                }
                together.push(ids);
            }
        }
    }
    let share = f64::from(set_aside.values().sum::<u32>()) / f64::from(ready);
    assert!(share > 0.0 && share < 0.005, "{set_aside:?} of {ready}");
    assert!(set_aside.len() >= 3, "{set_aside:?}");
    assert!(bots > 50 && consents > 100, "{bots} {consents}");
    let truth = batches.truth();
    for channel in truth.revenue_by_channel().keys().filter(|c| *c != throughline_demo::BASELINE) {
        assert!(channels.contains_key(channel), "{channel} of {channels:?}");
    }
    for channel in ["display", "direct", "organic_search"] {
        assert!(channels.contains_key(channel), "{channel} of {channels:?}");
    }
    identifiers_agree(&truth, &claimed, &together);
}

/// What events claim and what the truth lists are the same, but for the mess.
fn identifiers_agree(
    truth: &throughline_demo::Truth,
    claimed: &HashMap<(String, String), u32>,
    together: &[Vec<(String, String)>],
) {
    let mut owners: HashMap<(&str, &str), BTreeSet<&str>> = HashMap::new();
    for p in &truth.people {
        for i in &p.identifiers {
            owners.entry((&i.namespace, &i.value)).or_default().insert(&p.person);
            let key = (i.namespace.clone(), i.value.clone());
            assert!(claimed.contains_key(&key), "the truth lists {key:?}, which no event claims");
        }
    }
    let strange: Vec<_> = claimed.keys().filter(|(n, v)| !owners.contains_key(&(n.as_str(), v.as_str()))).collect();
    let share = strange.len() as f64 / claimed.len() as f64;
    assert!(
        share > 0.0 && share < 0.02,
        "{} of {}: {:?}",
        strange.len(),
        claimed.len(),
        &strange[..strange.len().min(20)]
    );
    // Identifiers of one event are one person's: only typing errors and placeholders stand apart.
    for ids in together {
        let mut common: Option<BTreeSet<&str>> = None;
        for (n, v) in ids {
            let Some(own) = owners.get(&(n.as_str(), v.as_str())) else { continue };
            common = Some(common.map_or_else(|| own.clone(), |c| &c & own));
        }
        assert!(common.is_none_or(|c| !c.is_empty()), "{ids:?} are of several people");
    }
}
