//! What operators do to people, end to end on both engines: events come in by the real pipeline, are sealed, people are
//! merged and taken apart, and what everybody sees of them is compared with before.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use throughline_app::collect::Verdict;
use throughline_app::credit::{CreditQuery, Model};
use throughline_app::identity::blocked::{BlockedKind, BlockedSpec};
use throughline_app::identity::review::Decision;
use throughline_app::identity::suspend::SuspendedAction;
use throughline_app::identity::unmerge::UnmergeAsk;
use throughline_app::person::timeline::TimelineFilter;
use throughline_app::registry::Source;
use throughline_app::store::ReviewRow;
use throughline_app::team::Caller;
use throughline_app::{App, Settings};
use throughline_base::{FixedClock, IdentifierId, PersonId, Rng, Timestamp};
use throughline_domain::event::RawEvent;
use throughline_domain::identity::{Graph, GraphParts, Limit, Names, Rules, Scope, evidence, fold};
use throughline_store::{Db, contract, identity as rows};

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;
const MINUTE: i64 = 60_000;

struct Brand {
    engine: &'static str,
    app: Arc<App>,
    /// A second handle, to look at the rows themselves.
    db: Db,
    clock: Arc<FixedClock>,
    server: Arc<Source>,
    web: Arc<Source>,
    sent: u64,
    _folder: tempfile::TempDir,
}

impl Drop for Brand {
    fn drop(&mut self) {
        self.app.close();
    }
}

/// A brand on each engine that can be reached.
fn brands() -> Vec<Brand> {
    let mut out = vec![Brand::open("sqlite", None)];
    out.extend(contract::postgres_target().map(|target| Brand::open("postgres", Some(target))));
    out
}

impl Brand {
    fn open(engine: &'static str, target: Option<(String, Db)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOW));
        let mut settings = Settings::new(folder.path());
        if let Some((url, _)) = &target {
            settings.database_url.clone_from(url);
        }
        let url = settings.database_url();
        let app = App::open(settings, clock.clone()).unwrap();
        let db = target.map_or_else(|| Db::open(&url, &throughline_store::DbOptions::default()).unwrap(), |(_, db)| db);
        let source = |kind: &str| app.source_create(&Caller::cli(), kind, kind, None).unwrap().source;
        let (server, web) = (source("server"), source("web"));
        Self { engine, app, db, clock, server, web, sent: 0, _folder: folder }
    }

    /// Sends an event that happened some minutes after the beginning, `[["user_id", "ann"], …]` naming who.
    fn send(&mut self, minute: i64, who: &[(&str, &str)], event: Value) {
        let source = if who.iter().all(|(n, _)| *n == "anonymous_id") { self.web.clone() } else { self.server.clone() };
        self.sent += 1;
        self.clock.set(Timestamp::from_ms(NOW + minute * MINUTE));
        let mut raw: RawEvent = serde_json::from_value(event).unwrap();
        raw.message_id = Some(format!("m{:036}", self.sent));
        raw.timestamp = json!(Timestamp::from_ms(NOW + minute * MINUTE).to_string());
        for (namespace, value) in who {
            match *namespace {
                "user_id" => raw.user_id = Some((*value).into()),
                "anonymous_id" => raw.anonymous_id = Some((*value).into()),
                _ => raw.ids.push(serde_json::from_value(json!({"namespace": namespace, "value": value})).unwrap()),
            }
        }
        let verdicts = self.app.collect_wait(self.app.collect_raw(&source, vec![raw], self.app.now())).unwrap();
        assert!(matches!(verdicts[0].verdict, Verdict::Accepted | Verdict::Corrected), "{verdicts:?}");
    }

    fn seen(&mut self, minute: i64, who: &[(&str, &str)]) {
        self.send(minute, who, json!({"kind": "identify"}));
    }

    fn person(&self, namespace: &str, value: &str) -> PersonId {
        self.app.person_by_identifier(namespace, value).unwrap()
    }

    fn open_reviews(&self) -> Vec<ReviewRow> {
        self.app.reviews("open", None, None, 100).unwrap().items
    }

    /// Everything there is to see of a person.
    fn view(&self, id: PersonId) -> String {
        let v = self.app.person(id).unwrap();
        let page = self.app.person_timeline(id, &TimelineFilter::default(), None, 500).unwrap();
        let line: Vec<String> = page.items.iter().map(|i| format!("{} {}", i.event_at, i.message_id)).collect();
        let identifiers: BTreeSet<String> =
            v.identifiers.iter().map(|i| format!("{} {}", i.namespace, i.value)).collect();
        let traits: BTreeMap<&str, &Value> = v.traits.iter().map(|t| (t.name.as_str(), &t.shown.value)).collect();
        format!(
            "{id} {identifiers:?}\n{traits:?}\ntags {:?}\nconsents {:?}\ncontact {:?}\nrow {:?}\naliases {:?}\n{line:#?}",
            v.tags,
            v.consents.iter().map(|(c, _)| (c.id, c.action.as_str())).collect::<Vec<_>>(),
            v.contact.iter().map(|c| (&c.channel, c.answer.allowed, c.answer.reason)).collect::<Vec<_>>(),
            v.row,
            v.aliases,
        )
    }

    fn line_of(&self, id: PersonId) -> BTreeSet<String> {
        let page = self.app.person_timeline(id, &TimelineFilter::default(), None, 500).unwrap();
        assert_eq!(page.items.len(), page.items.iter().map(|i| &i.message_id).collect::<BTreeSet<_>>().len());
        page.items.into_iter().map(|i| i.message_id).collect()
    }

    fn credit(&self) -> String {
        let report = self.app.credit_report(&CreditQuery { model: Model::Linear, ..CreditQuery::default() }).unwrap();
        let rows: Vec<_> = report.rows.iter().map(|r| (&r.row.key, r.row.revenue_minor)).collect();
        format!("{rows:?} {} buyers, {} unattributed", report.buyers, report.unattributed.revenue_minor)
    }

    fn settle(&self) {
        self.app.react_all().unwrap();
    }

    /// The stored graph is, byte for byte, the fold of the whole log from scratch under the rules in force.
    fn holds(&self) {
        let (stored, folded) = self
            .db
            .read(|tx| {
                let rules: Rules = match rows::rules(tx, 1)?.first() {
                    Some(row) => serde_json::from_str(&row.rules).unwrap(),
                    None => Rules::default(),
                };
                let nodes = rows::nodes_after(tx, IdentifierId::new(0), 1_000_000)?;
                let ids: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
                let mut log = Vec::new();
                rows::evidence_each(tx, |e| {
                    log.push(e);
                    Ok(())
                })?;
                let mut none = || panic!("the log has every id");
                let folded = fold(&rules, &Names::of(&nodes), evidence::groups(log), &mut none);
                assert_eq!(folded.minted, Vec::new());
                let stored = Graph::from_parts(GraphParts {
                    edges: rows::edges_of_nodes(tx, &ids)?,
                    slices: rows::slices_of_nodes(tx, &ids)?,
                    cannot_links: rows::cannot_links_of_nodes(tx, &ids)?,
                    nodes,
                    fingerprints: Vec::new(),
                });
                Ok((stored.canonical(), folded.graph.canonical()))
            })
            .unwrap();
        let text = |c| serde_json::to_string_pretty(&c).unwrap();
        let (stored, folded) = (text(stored), text(folded));
        let line = stored.lines().zip(folded.lines()).position(|(a, b)| a != b);
        assert!(stored == folded, "{}: line {line:?} differs\n{stored}\n---\n{folded}", self.engine);
    }
}

fn visit(query: &str) -> Value {
    json!({"kind": "page", "properties": {"url": format!("https://shop.example/{query}")}})
}

fn order(id: &str, total: f64) -> Value {
    json!({"kind": "track", "name": "Order Completed", "properties": {"order_id": id, "total": total}})
}

fn by_identifiers(all: &[(&str, &str)]) -> UnmergeAsk {
    UnmergeAsk {
        identifiers: all.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        block_future: true,
        note: "two people".into(),
        ..UnmergeAsk::default()
    }
}

fn cli() -> Caller {
    Caller::cli()
}

/// Two customers with a browser, touches, traits, consents, tags and orders each; the older half of it sealed.
fn two_customers(b: &mut Brand) -> (PersonId, PersonId) {
    for (i, who) in ["ann", "bob"].into_iter().enumerate() {
        let at = i as i64;
        let browser = [("anonymous_id", if i == 0 { "browser-a" } else { "browser-b" })];
        let query = if i == 0 { "?utm_source=newsletter&utm_medium=email" } else { "?gclid=1" };
        b.send(at, &browser, visit(query));
        let traits = json!({"kind": "identify", "traits": {"name": who, "city": format!("city of {who}")}});
        b.send(10 + at, &[("user_id", who), browser[0]], traits);
        b.send(20 + at, &[("user_id", who)], order(&format!("o-{who}-1"), 100.0 + i as f64));
    }
    b.settle();
    b.app.seal_all().unwrap();
    let (ann, bob) = (b.person("user_id", "ann"), b.person("user_id", "bob"));
    b.app.person_tag_add(&cli(), bob, "vip", None).unwrap();
    for (person, action) in [(ann, "grant"), (bob, "deny")] {
        let entry = throughline_app::person::edit::ConsentEntry {
            purpose: "marketing".into(),
            channel: "email".into(),
            action: throughline_domain::person::consent::ConsentAction::parse(action).unwrap(),
            legal_basis: throughline_domain::person::consent::LegalBasis::Consent,
            notice_version: None,
            evidence: json!({"method": "checkbox"}),
            given_at: None,
            expires_at: None,
        };
        b.app.person_consent_add(&cli(), person, entry).unwrap();
    }
    b.send(30, &[("user_id", "ann")], order("o-ann-2", 50.0));
    b.send(31, &[("user_id", "bob")], visit("?utm_source=newsletter&utm_medium=email"));
    b.settle();
    (ann, bob)
}

#[test]
fn a_merge_joins_all_history_and_an_unmerge_gives_each_side_its_own_back() {
    for mut b in brands() {
        let (ann, bob) = two_customers(&mut b);
        let before = (b.view(ann), b.view(bob), b.credit());
        let (of_ann, of_bob) = (b.line_of(ann), b.line_of(bob));
        b.clock.set(Timestamp::from_ms(NOW + 40 * MINUTE));
        let kept = b.app.person_merge(&cli(), bob, ann, "the same person by phone").unwrap();
        assert_eq!(kept, ann, "the oldest identifier names the person");
        assert_eq!(b.app.person_find(bob).unwrap(), ann, "the former id leads on");
        assert_eq!(b.line_of(bob), of_ann.union(&of_bob).cloned().collect(), "sealed and hot, each once");
        let merged = b.app.person(ann).unwrap();
        assert_eq!((merged.row.orders, merged.row.revenue_minor), (3, 25_100));
        assert_eq!(merged.tags.len(), 1, "tags come along");
        assert_eq!(merged.consents.len(), 2);
        assert_ne!(b.credit(), before.2, "the paths are joined");
        assert_eq!(b.app.person_merge(&cli(), ann, bob, "").unwrap_err().code, "already_one_person");
        b.holds();

        let ask = UnmergeAsk { dry_run: true, ..by_identifiers(&[("user_id", "bob")]) };
        let seen = b.view(ann);
        let told = b.app.person_unmerge(&cli(), bob, &ask).unwrap();
        assert_eq!(b.view(ann), seen, "a dry run changes nothing");
        let done = b.app.person_unmerge(&cli(), bob, &UnmergeAsk { dry_run: false, ..ask }).unwrap();
        assert_eq!(told, done, "a dry run tells what happens");
        assert_eq!(done.persons, vec![ann, bob]);
        assert_eq!(done.events_moved, of_bob.len() as i64);
        assert_eq!((done.affected["orders"], done.affected["consents"], done.affected["tags"]), (1, 1, 1));
        assert_eq!((b.view(ann), b.view(bob), b.credit()), before, "{}: as if nothing had been", b.engine);
        b.holds();
        b.app.seal_all().unwrap();
        b.app.compact_all().unwrap();
        assert_eq!((b.line_of(ann), b.line_of(bob), b.credit()), (of_ann, of_bob, before.2), "after compaction, too");
    }
}

#[test]
fn history_sealed_while_merged_goes_back_at_an_unmerge() {
    for mut b in brands() {
        let (ann, bob) = two_customers(&mut b);
        let before = (b.line_of(ann), b.line_of(bob), b.credit());
        b.app.person_merge(&cli(), ann, bob, "").unwrap();
        b.app.seal_all().unwrap();
        b.app.compact_all().unwrap();
        assert_eq!(b.line_of(ann).len(), before.0.len() + before.1.len());
        b.app.person_unmerge(&cli(), ann, &by_identifiers(&[("user_id", "bob")])).unwrap();
        assert_eq!((b.line_of(ann), b.line_of(bob), b.credit()), before, "{}", b.engine);
        b.app.compact_all().unwrap();
        assert_eq!((b.line_of(ann), b.line_of(bob), b.credit()), before, "{}: compacted", b.engine);
    }
}

#[test]
fn the_same_evidence_does_not_undo_an_unmerge_unless_the_operator_wants_it_to() {
    for mut b in brands() {
        b.seen(0, &[("user_id", "ann")]);
        b.seen(1, &[("unionid", "wechat"), ("phone", "+8613911112222")]);
        let (ann, wechat) = (b.person("user_id", "ann"), b.person("unionid", "wechat"));
        b.seen(2, &[("user_id", "ann"), ("phone", "+8613911112222")]);
        assert_eq!(b.person("unionid", "wechat"), ann);
        let phone = by_identifiers(&[("phone", "139 1111 2222")]);
        b.app.person_unmerge(&cli(), ann, &phone).unwrap();
        b.seen(3, &[("user_id", "ann"), ("phone", "+8613911112222")]);
        assert_eq!((b.person("unionid", "wechat"), b.person("phone", "+8613911112222")), (wechat, wechat));
        // Other evidence for it is not followed either, and somebody is asked to look.
        b.seen(4, &[("user_id", "ann"), ("phone", "+8613911112222"), ("email", "ann@example.com")]);
        assert_eq!((b.person("phone", "+8613911112222"), b.person("email", "ann@example.com")), (wechat, ann));
        let open = b.open_reviews();
        assert_eq!(open.iter().map(|r| r.kind.as_str()).collect::<Vec<_>>(), ["refused_merge"], "{open:?}");
        b.holds();
        // Said outright, the two are one again, and nothing is left to decide.
        let done = b.app.review_decide(&cli(), open[0].id, Decision::Merge, "she called").unwrap();
        assert_eq!((done.state.as_str(), done.decision.as_deref()), ("done", Some("merge")));
        assert_eq!(b.person("unionid", "wechat"), ann);
        assert!(b.open_reviews().is_empty());
        let again = b.app.review_decide(&cli(), open[0].id, Decision::Dismiss, "");
        assert_eq!(again.unwrap_err().code, "review_decided");
        b.app.person_unmerge(&cli(), ann, &UnmergeAsk { block_future: false, ..phone }).unwrap();
        assert_eq!(b.person("unionid", "wechat"), wechat);
        b.seen(6, &[("user_id", "ann"), ("phone", "+8613911112222")]);
        assert_eq!(b.person("unionid", "wechat"), ann, "{}: without a block the same evidence ties again", b.engine);
        b.holds();
    }
}

#[test]
fn whom_somebody_keeps_apart_no_event_joins() {
    for mut b in brands() {
        b.seen(0, &[("user_id", "ann")]);
        b.seen(1, &[("unionid", "wechat"), ("phone", "+8613911112222")]);
        let (ann, wechat) = (b.person("user_id", "ann"), b.person("unionid", "wechat"));
        b.app.person_cannot_link(&cli(), ann, wechat, "mother and daughter").unwrap();
        b.seen(2, &[("user_id", "ann"), ("phone", "+8613911112222")]);
        assert_eq!(b.person("phone", "+8613911112222"), wechat);
        let open = b.open_reviews();
        assert_eq!(open.len(), 1, "{open:?}");
        let why = b.app.person_explain(ann, Some(wechat)).unwrap().relation.unwrap();
        assert!(!why.same && why.reason.contains("mother and daughter"), "{why:?}");
        b.app.review_decide(&cli(), open[0].id, Decision::KeepApart, "still").unwrap();
        assert!(b.open_reviews().is_empty());
        b.holds();
        let unknown = b.app.person_cannot_link(&cli(), ann, PersonId::new(7), "");
        assert_eq!(unknown.unwrap_err().code, "person_unknown");
    }
}

#[test]
fn explain_shows_the_evidence_of_each_link_and_the_chain_between_two_former_people() {
    for mut b in brands() {
        b.seen(0, &[("user_id", "ann")]);
        b.seen(1, &[("unionid", "wechat"), ("phone", "+8613911112222")]);
        let (ann, wechat) = (b.person("user_id", "ann"), b.person("unionid", "wechat"));
        assert_eq!(
            b.app.person_explain(ann, Some(wechat)).unwrap().relation.unwrap().reason,
            "no evidence speaks of both"
        );
        b.seen(2, &[("user_id", "ann"), ("phone", "+8613911112222")]);
        let why = b.app.person_explain(wechat, Some(ann)).unwrap();
        assert_eq!(why.links.len(), 2, "{:?}", why.links);
        assert!(why.links.iter().all(|l| l.evidence.len() == 1 && l.evidence[0].source == Some(b.server.id)));
        assert_eq!(why.merges.iter().map(|m| (m.kept, m.absorbed)).collect::<Vec<_>>(), [(ann, wechat)]);
        let relation = why.relation.unwrap();
        assert!(relation.same);
        assert_eq!(relation.path.len(), 1, "the one is named after the login, the other after the phone");
        // Taking the one row back parts them.
        let row = relation.path.iter().flat_map(|l| &l.evidence).map(|e| e.row.seq).max().unwrap();
        let ask = UnmergeAsk { evidence: vec![row], ..UnmergeAsk::default() };
        let done = b.app.person_unmerge(&cli(), ann, &ask).unwrap();
        assert_eq!(done.persons.len(), 2);
        assert_ne!(b.person("user_id", "ann"), b.person("unionid", "wechat"));
        let strange = UnmergeAsk { evidence: vec![row], ..UnmergeAsk::default() };
        assert_eq!(b.app.person_unmerge(&cli(), ann, &strange).unwrap_err().code, "evidence_unknown");
        b.holds();
    }
}

#[test]
fn an_unmerge_that_makes_no_sense_changes_nothing_and_says_why() {
    for mut b in brands() {
        b.seen(0, &[("user_id", "ann"), ("email", "ann@example.com")]);
        b.seen(1, &[("user_id", "bob")]);
        let ann = b.person("user_id", "ann");
        let code = |ask: &UnmergeAsk| b.app.person_unmerge(&cli(), ann, ask).unwrap_err().code;
        assert_eq!(code(&by_identifiers(&[])), "nothing_named");
        assert_eq!(code(&by_identifiers(&[("user_id", "bob")])), "identifier_unknown");
        assert_eq!(code(&by_identifiers(&[("user_id", "ann"), ("email", "ann@example.com")])), "nobody_stays");
        assert_eq!(code(&UnmergeAsk { evidence: vec![1], ..UnmergeAsk::default() }), "evidence_unknown");
        assert_eq!(b.person("email", "ann@example.com"), ann);
        b.holds();
    }
}

// ---- suspension and blocked values ----

/// Makes an e-mail address join more people in a day than it may; returns its identifier.
fn wear_out(b: &mut Brand, email: &str) -> IdentifierId {
    for i in 0..12 {
        b.seen(i, &[("user_id", &format!("u{i}")), ("email", email)]);
    }
    let list = b.app.suspended(None, 50).unwrap().items;
    assert_eq!(list.iter().map(|n| n.value.as_str()).collect::<Vec<_>>(), [email]);
    list[0].id
}

#[test]
fn a_released_identifier_links_again_and_a_blocked_one_never() {
    for mut b in brands() {
        let node = wear_out(&mut b, "desk@example.com");
        let owner = b.person("email", "desk@example.com");
        b.seen(20, &[("unionid", "early"), ("email", "desk@example.com")]);
        assert_ne!(b.person("unionid", "early"), owner, "a suspended identifier links nothing");
        let items = b.open_reviews();
        assert_eq!(items.iter().filter(|r| r.kind == "suspended").count(), 1);
        b.app.suspended_act(&cli(), node, SuspendedAction::Release).unwrap();
        assert!(b.app.suspended(None, 50).unwrap().items.is_empty());
        assert!(b.open_reviews().iter().all(|r| r.kind != "suspended"), "the item is settled with it");
        b.seen(21, &[("unionid", "early"), ("email", "desk@example.com")]);
        assert_eq!(b.person("unionid", "early"), b.person("email", "desk@example.com"), "seen again, it links again");
        b.holds();

        let other = wear_out_again(&mut b, "till@example.com");
        b.app.suspended_act(&cli(), other, SuspendedAction::Block).unwrap();
        let gone = b.app.suspended_act(&cli(), other, SuspendedAction::Release);
        assert_eq!(gone.unwrap_err().code, "not_suspended");
        b.seen(90, &[("unionid", "late"), ("email", "till@example.com")]);
        assert_ne!(b.person("unionid", "late"), b.person("email", "till@example.com"));
        let listed = b.app.blocked().unwrap().custom;
        assert_eq!(listed.iter().map(|r| r.id.clone()).collect::<Vec<_>>(), [other.to_string()]);
        b.app.blocked_remove(&cli(), &other.to_string()).unwrap();
        b.seen(91, &[("unionid", "late"), ("email", "till@example.com")]);
        assert_eq!(b.person("unionid", "late"), b.person("email", "till@example.com"));
        b.holds();
    }
}

fn wear_out_again(b: &mut Brand, email: &str) -> IdentifierId {
    for i in 0..12 {
        b.seen(40 + i, &[("user_id", &format!("u{i}")), ("email", email)]);
    }
    b.app.suspended(None, 50).unwrap().items[0].id
}

#[test]
fn a_value_blocked_by_a_rule_ties_nobody_in_the_past_either_and_does_again_when_the_rule_goes() {
    for mut b in brands() {
        b.seen(0, &[("user_id", "ann"), ("email", "shop@example.com")]);
        b.seen(1, &[("unionid", "wechat"), ("email", "shop@example.com")]);
        b.settle();
        assert_eq!(b.person("unionid", "wechat"), b.person("user_id", "ann"));
        let spec = |namespace: Option<&str>, kind, value: &str| BlockedSpec {
            namespace: namespace.map(str::to_owned),
            kind,
            value: value.into(),
        };
        let rule = b.app.blocked_add(&cli(), &spec(Some("email"), BlockedKind::Exact, " Shop@Example.com ")).unwrap();
        assert_eq!(rule.spec.value, "shop@example.com", "as e-mails are stored");
        b.app.identity_refold_all().unwrap();
        assert_ne!(b.person("unionid", "wechat"), b.person("user_id", "ann"));
        b.holds();
        b.seen(2, &[("user_id", "ann"), ("email", "shop@example.com")]);
        assert_eq!(b.app.blocked().unwrap().custom[0].hits, 1);
        let pattern = b.app.blocked_add(&cli(), &spec(None, BlockedKind::Regex, "^qa-")).unwrap();
        b.app.blocked_add(&cli(), &spec(None, BlockedKind::SeenMoreThan, "3")).unwrap();
        let wrong = |s: &BlockedSpec| b.app.blocked_add(&cli(), s).unwrap_err().code;
        assert_eq!(wrong(&spec(None, BlockedKind::SeenMoreThan, "4")), "blocked_already");
        assert_eq!(wrong(&spec(None, BlockedKind::SeenMoreThan, "many")), "blocked_value");
        assert_eq!(wrong(&spec(None, BlockedKind::Regex, "(")), "blocked_value");
        assert_eq!(wrong(&spec(Some("email"), BlockedKind::Regex, "x")), "blocked_value");
        assert_eq!(wrong(&spec(None, BlockedKind::Exact, "anonymous")), "blocked_already");
        assert_eq!(b.app.blocked().unwrap().custom.len(), 3);
        b.app.blocked_remove(&cli(), &pattern.id).unwrap();
        b.app.blocked_remove(&cli(), &rule.id).unwrap();
        assert_eq!(b.app.blocked_remove(&cli(), &rule.id).unwrap_err().code, "blocked_unknown");
        b.app.identity_refold_all().unwrap();
        assert_eq!(b.person("unionid", "wechat"), b.person("user_id", "ann"), "{}", b.engine);
        b.holds();
    }
}

// ---- rules ----

/// Some hundred events of some thirty customers who share phones, addresses and browsers.
fn crowd(b: &mut Brand, rng: &mut Rng, from: i64, events: i64) {
    for i in 0..events {
        let mut who: Vec<(&str, String)> = Vec::new();
        let names: [(&str, u64); 5] =
            [("user_id", 30), ("unionid", 20), ("phone", 20), ("email", 25), ("anonymous_id", 15)];
        for (namespace, many) in names {
            if rng.below(5) < 2 {
                let n = rng.below(many);
                who.push((
                    namespace,
                    match namespace {
                        "phone" => format!("+86139000000{n:02}"),
                        "email" => format!("e{n}@example.com"),
                        _ => format!("{namespace}-{n}"),
                    },
                ));
            }
        }
        if who.is_empty() {
            who.push(("user_id", format!("user_id-{}", rng.below(30))));
        }
        let who: Vec<(&str, &str)> = who.iter().map(|(n, v)| (*n, v.as_str())).collect();
        b.send(from + i * 7, &who, json!({"kind": "identify", "traits": {"city": format!("c{}", rng.below(4))}}));
    }
}

/// Whose each identifier is, by value.
fn partition(b: &Brand) -> BTreeSet<BTreeSet<String>> {
    let nodes = b.db.read(|tx| rows::nodes_after(tx, IdentifierId::new(0), 1_000_000)).unwrap();
    let mut by_person: BTreeMap<PersonId, BTreeSet<String>> = BTreeMap::new();
    for n in nodes.iter().filter(|n| n.strength.is_strong() && n.ended_at.is_none()) {
        by_person.entry(n.person).or_default().insert(format!("{} {}", n.namespace, n.value));
    }
    by_person.into_values().collect()
}

fn homes(b: &Brand) -> BTreeMap<IdentifierId, PersonId> {
    let nodes = b.db.read(|tx| rows::nodes_after(tx, IdentifierId::new(0), 1_000_000)).unwrap();
    nodes.into_iter().map(|n| (n.id, n.person)).collect()
}

fn with(b: &Brand, change: impl Fn(&mut Rules)) -> Value {
    let mut rules = b.app.identity_rules().unwrap().rules;
    change(&mut rules);
    serde_json::to_value(rules).unwrap()
}

fn per_person(rules: &mut Rules, name: &str, n: u32) {
    let rule = rules.namespaces.iter_mut().find(|r| r.name == name).unwrap();
    rule.max_per_person = Some(Limit { n, window_days: None });
}

#[test]
fn new_rules_do_to_the_past_what_the_simulation_told_and_equal_a_fold_from_scratch() {
    for mut b in brands() {
        let mut rng = Rng::seeded(7);
        crowd(&mut b, &mut rng, 0, 150);
        b.settle();
        b.app.seal_all().unwrap();
        crowd(&mut b, &mut rng, 1_100, 150);
        b.settle();
        b.holds();
        let first = (partition(&b), b.open_reviews().len());
        assert!(first.1 > 0, "there is something to decide");
        let changes: [&dyn Fn(&mut Rules); 4] = [
            &|r| per_person(r, "user_id", 3),
            &|r| {
                per_person(r, "user_id", 1);
                per_person(r, "email", 1);
            },
            &|r| r.namespaces.iter_mut().find(|n| n.name == "phone").unwrap().takeover = false,
            &|r| r.caps.joins_per_day = 1,
        ];
        for (i, change) in changes.into_iter().enumerate() {
            let rules = with(&b, change);
            let (was, people) = (homes(&b), partition(&b).len());
            let begun = b.app.rules_simulate(&rules).unwrap();
            b.app.rules_simulate_all().unwrap();
            let told = b.app.rules_simulation(begun.id).unwrap().diff.unwrap();
            assert_eq!(told.people_before, count_people(&b), "{i}");
            assert!(told.split + told.joined > 0, "{i}: the change does something");
            assert_eq!(partition(&b).len(), people, "{i}: a simulation changes nothing");
            b.app.identity_rules_put(&cli(), &rules, "try").unwrap();
            b.app.identity_refold_all().unwrap();
            b.holds();
            assert_eq!(told.people_after, count_people(&b), "{i}");
            let now = homes(&b);
            let moved: Vec<IdentifierId> = was.iter().filter(|(id, p)| now[id] != **p).map(|(id, _)| *id).collect();
            let events = b.db.read(|tx| throughline_store::person::line_stats(tx, &moved)).unwrap();
            assert_eq!(told.events_affected, events.iter().map(|s| s.events).sum::<i64>(), "{i}");
            let progress = b.app.identity_rules().unwrap().refold.unwrap();
            assert!(progress.finished && progress.done == progress.total, "{progress:?}");
            everybody_has_what_is_theirs(&b);
        }
        let back = with(&b, |r| *r = Rules { version: r.version, ..Rules::default() });
        b.app.identity_rules_put(&cli(), &back, "as it was").unwrap();
        b.app.identity_refold_all().unwrap();
        b.holds();
        assert_eq!((partition(&b), b.open_reviews().len()), first, "{}: the old rules give the old people", b.engine);
        crowd(&mut b, &mut rng, 2_300, 60);
        b.holds();
    }
}

fn count_people(b: &Brand) -> i64 {
    let nodes = b.db.read(|tx| rows::nodes_after(tx, IdentifierId::new(0), 1_000_000)).unwrap();
    nodes.iter().filter(|n| n.strength.is_strong()).map(|n| n.person).collect::<BTreeSet<_>>().len() as i64
}

/// Every event is on exactly one person's line, and every summary counts what is on its lines.
fn everybody_has_what_is_theirs(b: &Brand) {
    let persons: BTreeSet<PersonId> = homes(b).into_values().collect();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for person in &persons {
        let row = b.app.person(*person).unwrap().row;
        for id in b.line_of(*person) {
            assert!(seen.insert(id), "an event on two lines");
        }
        assert_eq!(row.id, *person);
    }
    assert_eq!(seen.len() as u64, b.sent, "{}: no event is lost", b.engine);
    let counted = b.db.read(|tx| {
        let ids: Vec<PersonId> = persons.iter().copied().collect();
        throughline_store::person::get(tx, &ids)
    });
    assert_eq!(
        counted.unwrap().iter().map(|p| p.events).sum::<i64>() as u64,
        b.sent,
        "summaries count each event once"
    );
}

#[test]
fn events_that_arrive_while_new_rules_are_applied_end_up_where_they_belong() {
    for mut b in brands() {
        let mut rng = Rng::seeded(11);
        crowd(&mut b, &mut rng, 0, 120);
        let rules = with(&b, |r| per_person(r, "user_id", 2));
        b.app.identity_rules_put(&cli(), &rules, "").unwrap();
        crowd(&mut b, &mut rng, 900, 60);
        b.app.identity_refold_all().unwrap();
        crowd(&mut b, &mut rng, 1_400, 60);
        b.settle();
        b.holds();
        everybody_has_what_is_theirs(&b);
    }
}

#[test]
fn what_the_rules_no_longer_refuse_is_not_asked_any_more() {
    for mut b in brands() {
        b.seen(0, &[("user_id", "ann"), ("email", "a@example.com")]);
        b.seen(1, &[("user_id", "bob"), ("email", "a@example.com")]);
        assert_eq!(b.open_reviews().len(), 1);
        let two = with(&b, |r| per_person(r, "user_id", 2));
        b.app.identity_rules_put(&cli(), &two, "two numbers").unwrap();
        b.app.identity_refold_all().unwrap();
        assert_eq!(b.person("user_id", "ann"), b.person("user_id", "bob"));
        assert!(b.open_reviews().is_empty(), "nothing to decide");
        let one = with(&b, |r| per_person(r, "user_id", 1));
        b.app.identity_rules_put(&cli(), &one, "one number").unwrap();
        b.app.identity_refold_all().unwrap();
        assert_eq!(b.open_reviews().len(), 1, "{}: asked again", b.engine);
        let item = b.open_reviews()[0].id;
        b.app.review_decide(&cli(), item, Decision::Dismiss, "").unwrap();
        for n in [2, 1] {
            b.app.identity_rules_put(&cli(), &with(&b, |r| per_person(r, "user_id", n)), "").unwrap();
            b.app.identity_refold_all().unwrap();
        }
        assert!(b.open_reviews().is_empty(), "what somebody decided stays decided");
    }
}

#[test]
fn rules_that_make_no_sense_are_refused_with_what_to_mend() {
    for b in brands() {
        let refused = |rules: &Value| {
            let e = b.app.identity_rules_put(&cli(), rules, "").unwrap_err();
            assert_eq!(e.code, "identity_rules");
            e.detail
        };
        assert!(refused(&with(&b, |r| r.session_minutes = 0)).contains("session_minutes"));
        assert!(refused(&with(&b, |r| r.namespaces[0].max_owners = None)).contains("namespaces[0].max_owners"));
        assert!(refused(&json!({"namespace": []})).contains("namespace"));
        assert!(refused(&with(&b, |r| r.namespaces[2].scope = Scope::Source)).contains("scope"));
        assert_eq!(b.app.identity_rules().unwrap().rules.version, 1, "nothing was put in force");
    }
}

#[test]
fn people_do_not_depend_on_how_their_events_were_batched() {
    let mut found = Vec::new();
    for size in [1, 7, 400] {
        let mut b = Brand::open("sqlite", None);
        let mut rng = Rng::seeded(3);
        let raws: Vec<RawEvent> = (0..400)
            .map(|i| {
                let mut raw: RawEvent = serde_json::from_value(json!({"kind": "identify"})).unwrap();
                raw.message_id = Some(format!("m{i:036}"));
                raw.timestamp = json!(Timestamp::from_ms(NOW + i * MINUTE).to_string());
                raw.user_id = (rng.below(2) == 0).then(|| format!("u{}", rng.below(40)));
                raw.anonymous_id = Some(format!("a{}", rng.below(25)));
                if rng.below(3) == 0 {
                    let id = json!({"namespace": "email", "value": format!("e{}@example.com", rng.below(40))});
                    raw.ids.push(serde_json::from_value(id).unwrap());
                }
                raw
            })
            .collect();
        b.clock.set(Timestamp::from_ms(NOW + 500 * MINUTE));
        for part in raws.chunks(size) {
            b.app.collect_wait(b.app.collect_raw(&b.server, part.to_vec(), b.app.now())).unwrap();
        }
        b.sent = 400;
        b.settle();
        b.holds();
        found.push((partition(&b), b.open_reviews().len()));
    }
    assert_eq!(found[0], found[1]);
    assert_eq!(found[0], found[2]);
}

#[test]
fn a_browser_taken_from_one_of_two_who_share_it_takes_along_what_was_done_on_it_anonymously() {
    for mut b in brands() {
        let browser = ("anonymous_id", "kitchen-tablet");
        b.seen(0, &[("user_id", "ann"), browser]);
        b.send(2, &[browser], visit("?a"));
        b.send(1_499, &[browser], visit("?b"));
        b.seen(1_500, &[("user_id", "bob"), browser]);
        b.settle();
        b.app.seal_all().unwrap();
        let (ann, bob) = (b.person("user_id", "ann"), b.person("user_id", "bob"));
        assert_eq!(
            (b.line_of(ann).len(), b.line_of(bob).len()),
            (2, 2),
            "{}: the session before a login is dealt out with it",
            b.engine
        );
        let spans = b.app.person_explain(bob, None).unwrap().spans;
        assert!(spans.iter().any(|s| s.person == bob) && spans.iter().any(|s| s.person == ann), "{spans:?}");
        b.app.person_unmerge(&cli(), bob, &by_identifiers(&[browser])).unwrap();
        assert_eq!(b.line_of(bob).len(), 1, "{}: only the login is his", b.engine);
        everybody_has_what_is_theirs(&b);
        b.holds();
        b.seen(3_000, &[("user_id", "bob"), browser]);
        b.send(3_001, &[browser], visit("?c"));
        assert_eq!(b.line_of(bob).len(), 2, "{}: what is done on it is his no more", b.engine);
        b.settle();
        everybody_has_what_is_theirs(&b);
        b.holds();
    }
}
