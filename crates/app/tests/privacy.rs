//! Erase, export, suppress on both engines, through the real pipeline: then every table and file is searched.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::AsArray as _;
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use throughline_app::collect::{EventVerdict, Verdict};
use throughline_app::credit::CreditQuery;
use throughline_app::person::edit::ConsentEntry;
use throughline_app::person::timeline::TimelineFilter;
use throughline_app::privacy::{EraseOrder, LiftOrder, LineState, RequestState, RequestView};
use throughline_app::registry::{Source, SourceSettings};
use throughline_app::team::Caller;
use throughline_app::{App, Settings};
use throughline_base::time::{DAY_MS, HOUR_MS};
use throughline_base::{FixedClock, PersonId, Timestamp};
use throughline_domain::event::RawEvent;
use throughline_domain::person::consent::{ConsentAction, ContactReason, LegalBasis};
use throughline_store::{Db, DbOptions};

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;
/// What must be nowhere after Ann is erased, in lower case.
const ANN: [&str; 7] =
    ["13911112222", "139 1111 2222", "139-1111-2222", "ann.li@example.com", "李安然", "cust-ann-7", "dev-ann"];
const PHONE: &str = "+8613911112222";

/// A database of its own, removed with the last handle.
struct Base {
    name: &'static str,
    url: String,
    admin: Option<(String, String)>,
}

impl Base {
    fn all() -> Vec<Self> {
        let mut all = vec![Self { name: "sqlite", url: String::new(), admin: None }];
        match std::env::var("THROUGHLINE_TEST_POSTGRES_URL") {
            Ok(url) => all.push(Self::postgres(&url)),
            Err(_) => assert!(std::env::var("THROUGHLINE_REQUIRE_POSTGRES").is_err(), "no url of PostgreSQL is set"),
        }
        all
    }

    fn postgres(url: &str) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("tl_privacy_{}_{n}", std::process::id());
        schema_do(url, &format!("CREATE SCHEMA {schema}"));
        let sign = if url.contains('?') { '&' } else { '?' };
        let full = format!("{url}{sign}options=-csearch_path%3D{schema}");
        Self { name: "postgres", url: full, admin: Some((url.to_owned(), schema)) }
    }
}

fn schema_do(url: &str, statement: &str) {
    let db = Db::open(url, &DbOptions::default()).unwrap();
    db.write(|tx| tx.exec(statement, &[]).map(drop)).unwrap();
    db.close().unwrap();
}

impl Drop for Base {
    fn drop(&mut self) {
        if let Some((url, schema)) = &self.admin {
            schema_do(url, &format!("DROP SCHEMA {schema} CASCADE"));
        }
    }
}

struct Town {
    app: Arc<App>,
    clock: Arc<FixedClock>,
    web: Arc<Source>,
    till: Arc<Source>,
    sent: AtomicU64,
    folder: tempfile::TempDir,
    base: Base,
}

fn settings(folder: &Path, base: &Base) -> Settings {
    let mut s = Settings::new(folder);
    s.database_url.clone_from(&base.url);
    s
}

impl Town {
    fn open(base: Base) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(NOW));
        let app = App::open(settings(folder.path(), &base), clock.clone()).unwrap();
        // Sources that vouch for phones and addresses, so that these join people.
        let source = |kind: &str| {
            let settings = SourceSettings { verified: true, ..SourceSettings::of_kind(kind) };
            app.source_create(&cli(), kind, kind, Some(settings)).unwrap().source
        };
        let (web, till) = (source("web"), source("pos"));
        Self { app, clock, web, till, sent: AtomicU64::new(0), folder, base }
    }

    /// Stops the server as it is and starts it again.
    fn reopen(&mut self) {
        self.app.close();
        self.app = App::open(settings(self.folder.path(), &self.base), self.clock.clone()).unwrap();
    }

    fn send(&self, source: &Arc<Source>, event: Value) -> EventVerdict {
        let n = self.sent.fetch_add(1, Ordering::Relaxed);
        let mut raw: RawEvent = serde_json::from_value(event).unwrap();
        raw.message_id = raw.message_id.or_else(|| Some(format!("m-{n}")));
        let verdicts = self.app.collect_wait(self.app.collect_raw(source, vec![raw], self.app.now())).unwrap();
        self.clock.advance_ms(1_000);
        verdicts.into_iter().next().unwrap()
    }

    fn ok(&self, source: &Arc<Source>, event: Value) {
        let v = self.send(source, event);
        assert!(matches!(v.verdict, Verdict::Accepted | Verdict::Corrected), "{v:?}");
    }

    /// What Ann does, twice the same: every event has its message id.
    fn ann(&self, part: &str) -> Vec<(Arc<Source>, Value)> {
        let id = |n: u32| format!("ann-{part}-{n}");
        let profile = json!({
            "phone": "139 1111 2222", "email": "Ann.Li@example.com", "name": "李安然", "address": "幸福路 1 号",
        });
        let order = json!({ "order_id": format!("o-{part}"), "total": 100.0, "currency": "CNY" });
        vec![
            (
                self.web.clone(),
                json!({ "kind": "page", "anonymous_id": "dev-ann", "message_id": id(1),
                "properties": { "url": "https://shop.example/?utm_source=baidu&utm_medium=cpc" } }),
            ),
            (
                self.web.clone(),
                json!({ "kind": "identify", "anonymous_id": "dev-ann", "user_id": "cust-ann-7",
                "message_id": id(2), "traits": profile }),
            ),
            (
                self.till.clone(),
                json!({ "kind": "track", "name": "Order Completed", "message_id": id(3),
                "context": { "traits": { "phone": "13911112222" } }, "properties": order }),
            ),
            (
                self.web.clone(),
                json!({ "kind": "track", "name": "Consent Updated", "user_id": "cust-ann-7",
                "message_id": id(4), "properties": { "purpose": "marketing", "channel": "sms", "action": "grant",
                "method": "checkbox", "evidence": { "typed": "李安然" } } }),
            ),
        ]
    }

    fn ann_sends(&self, part: &str) {
        for (source, event) in self.ann(part) {
            self.ok(&source, event);
        }
    }

    fn bob_sends(&self, part: &str) {
        let who = "cust-bob-8";
        self.ok(
            &self.web,
            json!({ "kind": "identify", "user_id": who, "anonymous_id": "dev-bob",
            "traits": { "phone": "13933334444", "name": "王博" } }),
        );
        self.ok(
            &self.web,
            json!({ "kind": "track", "name": "Order Completed", "user_id": who,
            "properties": { "order_id": format!("b-{part}"), "total": 70.0, "currency": "CNY" } }),
        );
    }

    /// Ann and Bob, hot and sealed, on devices of their own and on one they share.
    fn fill(&self) {
        self.ann_sends("one");
        self.bob_sends("one");
        self.ok(&self.web, json!({ "kind": "identify", "anonymous_id": "tablet", "user_id": "cust-ann-7" }));
        self.ok(
            &self.web,
            json!({ "kind": "track", "name": "Product Viewed", "anonymous_id": "tablet",
            "traits": {}, "properties": { "seen_by": "李安然" } }),
        );
        self.clock.advance_ms(2 * DAY_MS);
        self.ok(&self.web, json!({ "kind": "identify", "anonymous_id": "tablet", "user_id": "cust-bob-8" }));
        self.ok(
            &self.web,
            json!({ "kind": "track", "name": "Product Viewed", "anonymous_id": "tablet",
            "properties": { "seen_by": "bob himself" } }),
        );
        self.app.seal_all().unwrap();
        self.ann_sends("two");
        self.bob_sends("two");
        // Without a name it waits in quarantine, and says who it is about in its own way.
        let v =
            self.send(&self.web, json!({ "kind": "track", "context": { "traits": { "phone": "+86 139-1111-2222" } } }));
        assert_eq!(v.verdict, Verdict::Quarantined, "{v:?}");
        let v = self.send(&self.web, json!({ "kind": "track", "user_id": "cust-bob-8" }));
        assert_eq!(v.verdict, Verdict::Quarantined, "{v:?}");
        let ann = self.person("user_id", "cust-ann-7").unwrap();
        self.app.person_tag_add(&cli(), ann, "vip", None).unwrap();
        self.app.person_consent_add(&cli(), ann, entry()).unwrap();
        self.app.react_all().unwrap();
    }

    fn person(&self, namespace: &str, value: &str) -> Option<PersonId> {
        self.app.person_by_identifier(namespace, value).ok()
    }

    fn erase(&self) -> RequestView {
        self.erase_with(None)
    }

    fn erase_with(&self, legal_hold: Option<&str>) -> RequestView {
        let order = EraseOrder {
            namespace: "phone".into(),
            value: "139 1111 2222".into(),
            reason: "asked by letter".into(),
            legal_hold: legal_hold.map(str::to_owned),
        };
        self.app.privacy_erase(&cli(), &order).unwrap()
    }

    /// Works everything off, until replaced files are gone too.
    fn work_off(&self) {
        self.app.jobs_run().unwrap();
        self.clock.advance_ms(2 * HOUR_MS);
        self.app.jobs_run().unwrap();
    }

    /// Bob as others see him.
    fn bob(&self) -> Value {
        let id = self.person("user_id", "cust-bob-8").unwrap();
        let v = self.app.person(id).unwrap();
        let line = self.app.person_timeline(id, &TimelineFilter::default(), None, 100).unwrap();
        json!({
            "row": format!("{:?}", v.row), "traits": v.traits, "identifiers": v.identifiers,
            "line": line.items.iter().map(|i| i.id.to_string()).collect::<Vec<_>>(),
        })
    }

    fn revenue(&self) -> i64 {
        self.app.credit_report(&CreditQuery::default()).unwrap().revenue_minor
    }

    /// Where any of the needles stands: tables by column, files by name. The database's own files are searched by its
    /// tables.
    fn traces(&self, needles: &[&str]) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut look = |place: String, text: &str| {
            let low = text.to_lowercase();
            if let Some(n) = needles.iter().find(|n| low.contains(**n)) {
                found.insert(place, (*n).to_owned());
            }
        };
        let url = settings(self.folder.path(), &self.base).database_url();
        let db = Db::open(&url, &DbOptions::default()).unwrap();
        db.read(|tx| {
            throughline_store::schema::texts_each(tx, |table, column, text| {
                look(format!("{table}.{column}"), text);
                Ok(())
            })
        })
        .unwrap();
        db.close().unwrap();
        for path in files(self.folder.path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("throughline.db") {
                continue;
            }
            if name.ends_with(".parquet") {
                parquet_texts(&path).iter().for_each(|t| look(name.clone(), t));
            } else {
                look(name, &String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
            }
        }
        found
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.app.close();
    }
}

fn cli() -> Caller {
    Caller::cli()
}

fn entry() -> ConsentEntry {
    ConsentEntry {
        purpose: "marketing".into(),
        channel: "email".into(),
        action: ConsentAction::Grant,
        legal_basis: LegalBasis::Consent,
        notice_version: Some("v3".into()),
        evidence: json!({ "method": "paper", "signed": "李安然" }),
        given_at: None,
        expires_at: None,
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for e in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if e.file_type().unwrap().is_dir() { out.extend(files(&e.path())) } else { out.push(e.path()) }
    }
    out
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Every text in a Parquet file.
fn parquet_texts(path: &Path) -> Vec<String> {
    let file = std::fs::File::open(path).unwrap();
    let mut out = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        for column in batch.columns().iter().filter(|c| is_text(c.data_type())) {
            let text = arrow::compute::cast(column, &DataType::Utf8).unwrap();
            out.extend(text.as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    assert!(!out.is_empty(), "{} holds no text", path.display());
    out
}

/// The files of a zip, by its directory.
fn unzipped(zip: &[u8]) -> BTreeMap<String, String> {
    let n16 = |at: usize| u16::from_le_bytes(zip[at..at + 2].try_into().unwrap()) as usize;
    let n32 = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let end = zip.len() - 22;
    assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
    let mut at = n32(end + 16);
    let mut out = BTreeMap::new();
    for _ in 0..n16(end + 10) {
        assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
        let (crc, packed, unpacked, name, from) =
            (n32(at + 16), n32(at + 20), n32(at + 24), n16(at + 28), n32(at + 42));
        let name = String::from_utf8(zip[at + 46..at + 46 + name].to_vec()).unwrap();
        let data = from + 30 + n16(from + 26) + n16(from + 28);
        let mut bytes = Vec::new();
        flate2::read::DeflateDecoder::new(&zip[data..data + packed]).read_to_end(&mut bytes).unwrap();
        let mut sum = flate2::Crc::new();
        sum.update(&bytes);
        assert_eq!((bytes.len(), sum.sum() as usize), (unpacked, crc), "{name}");
        at += 46 + name.len();
        out.insert(name, String::from_utf8(bytes).unwrap());
    }
    assert_eq!(at, end);
    out
}

fn line<'a>(r: &'a RequestView, place: &str) -> &'a throughline_app::privacy::ReceiptLine {
    r.receipt.lines.iter().find(|l| l.place == place).unwrap_or_else(|| panic!("no line {place}: {:?}", r.receipt))
}

#[test]
fn of_an_erased_person_nothing_is_left_but_hashes_and_the_neighbour_keeps_everything() {
    for base in Base::all() {
        let t = Town::open(base);
        let engine = t.base.name;
        t.fill();
        let before = t.traces(&ANN);
        for place in
            ["identifier.value", "trait_value.value", "event_hot.context", "quarantine.raw", "search_term.term"]
        {
            assert!(before.contains_key(place), "{engine}: the test proves nothing without {place}: {before:?}");
        }
        assert!(before.keys().any(|k| k.ends_with(".parquet")), "{engine}: {before:?}");
        let (bob, revenue) = (t.bob(), t.revenue());
        assert_eq!(revenue, 34_000, "{engine}");

        let asked = t.erase();
        assert_eq!(asked.state, RequestState::Running, "{engine}");
        assert_eq!(t.revenue(), 14_000, "{engine}: reports do not see Ann from the answer on");
        t.app.jobs_run().unwrap();
        let open = t.app.privacy_request(asked.id).unwrap();
        assert_eq!(open.state, RequestState::Open, "{engine}: replaced files are still there: {:?}", open.receipt);
        assert_eq!(line(&open, "lake.files").state, LineState::Open);
        assert_eq!(t.person("phone", PHONE), None, "{engine}");
        t.clock.advance_ms(2 * HOUR_MS);
        t.app.jobs_run().unwrap();

        let done = t.app.privacy_request(asked.id).unwrap();
        assert_eq!(done.state, RequestState::Done, "{engine}: {:?}", done.receipt);
        assert!(done.receipt.lines.iter().all(|l| l.state == LineState::Closed && l.found == l.removed + l.restricted));
        for place in ["store.identifier", "store.trait_history", "store.quarantine", "store.event_hot", "lake.rows"] {
            assert!(line(&done, place).removed > 0, "{engine}: {place}: {:?}", done.receipt);
        }
        assert_eq!(line(&done, "store.consent").restricted, 3, "{engine}: consents leave their proof");
        assert_eq!(t.traces(&ANN), BTreeMap::new(), "{engine}");

        assert_eq!(t.bob(), bob, "{engine}");
        assert_eq!(t.revenue(), 14_000, "{engine}");
        assert!(!t.traces(&["cust-bob-8"]).is_empty() && !t.traces(&["bob himself"]).is_empty(), "{engine}");
        assert!(t.app.lake_verify().unwrap().is_sound(), "{engine}");
        assert_eq!(t.app.audit_verify().unwrap().1, None, "{engine}");
    }
}

#[test]
fn what_is_sent_again_stays_buried_until_the_person_consents_anew() {
    for base in Base::all() {
        let t = Town::open(base);
        let engine = t.base.name;
        t.fill();
        let old = t.person("phone", PHONE).unwrap();
        let asked = t.erase();
        t.work_off();
        // The very same events, the same under other ids, and by one identifier alone.
        for (source, mut event) in t.ann("one").into_iter().chain(t.ann("new")) {
            for id in [event["message_id"].clone(), json!("other")] {
                event["message_id"] = id;
                let v = t.send(&source, event.clone());
                assert_eq!((v.verdict, v.reason.as_deref()), (Verdict::Rejected, Some("erased")), "{engine}: {event}");
            }
        }
        assert_eq!(t.traces(&ANN), BTreeMap::new(), "{engine}");
        let again = t.erase();
        assert_eq!((again.id, again.state), (asked.id, RequestState::Done), "{engine}: asked again, the same receipt");

        // A consent from before the erasure lets nobody in; one given since does.
        let consent = |at: Timestamp| {
            json!({ "kind": "track", "name": "Consent Updated", "timestamp": at.to_string(),
                "ids": [{ "namespace": "phone", "value": PHONE }],
                "properties": { "purpose": "marketing", "channel": "sms", "action": "grant", "method": "checkbox" } })
        };
        let v = t.send(&t.web, consent(Timestamp::from_ms(NOW)));
        assert_eq!(v.reason.as_deref(), Some("erased"), "{engine}");
        // Nor one that was kept back on the device, or whose request is replayed as it was.
        let mut kept = consent(Timestamp::from_ms(NOW));
        kept["sent_at"] = json!(Timestamp::from_ms(NOW).to_string());
        assert_eq!(t.send(&t.web, kept).reason.as_deref(), Some("erased"), "{engine}");
        t.ok(&t.web, consent(t.app.now()));
        let new = t.person("phone", PHONE).unwrap();
        assert_ne!(new, old, "{engine}");
        t.app.react_all().unwrap();
        let line = t.app.person_timeline(new, &TimelineFilter::default(), None, 10).unwrap();
        assert_eq!(line.items.len(), 1, "{engine}: the new person begins with the consent");
        assert_eq!(t.person("email", "ann.li@example.com"), None, "{engine}");
        let v = t.send(&t.web, json!({ "kind": "identify", "user_id": "cust-ann-7" }));
        assert_eq!(v.reason.as_deref(), Some("erased"), "{engine}: the others stay out");
    }
}

#[test]
fn whoever_has_the_key_of_a_web_page_brings_nobody_back() {
    for base in Base::all() {
        let t = Town::open(base);
        let engine = t.base.name;
        t.fill();
        t.app.privacy_suppress(&cli(), "user_id", "cust-bob-8").unwrap();
        t.erase();
        t.work_off();
        let page = t.app.source_create(&cli(), "page", "web", None).unwrap().source;
        assert!(!page.settings.verified, "{engine}: nobody vouches for what a page sends");
        let consent = |ids: Value, at: Option<Timestamp>| {
            let mut event = json!({ "kind": "track", "name": "Consent Updated", "anonymous_id": "zz9",
                "properties": { "purpose": "newsletter", "channel": "email", "action": "grant", "method": "x" } });
            event.as_object_mut().unwrap().extend(ids.as_object().unwrap().clone());
            event["timestamp"] = at.map_or(Value::Null, |at| json!(at.to_string()));
            event
        };
        let typed = json!({ "context": { "traits": { "phone": "139 1111 2222" } } });
        let posing = [
            (typed.clone(), "erased"),
            (json!({ "context": { "traits": { "phone": PHONE, "phone_verified": true } } }), "erased"),
            (json!({ "ids": [{ "namespace": "phone", "value": PHONE, "verified": true }] }), "erased"),
            (json!({ "user_id": "cust-ann-7" }), "erased"),
            (json!({ "anonymous_id": "cust-ann-7" }), "erased"),
            (json!({ "user_id": "cust-bob-8" }), "suppressed"),
            (json!({ "anonymous_id": "dev-bob" }), "suppressed"),
        ];
        for (ids, reason) in posing {
            let v = t.send(&page, consent(ids.clone(), Some(t.app.now())));
            assert_eq!((v.verdict, v.reason.as_deref()), (Verdict::Rejected, Some(reason)), "{engine}: {ids}");
            assert!(v.detail.as_deref().unwrap().contains("/api/privacy/lift"), "{engine}: {v:?}");
        }
        let v = t.send(&page, json!({ "kind": "identify", "user_id": "cust-ann-7" }));
        assert_eq!(v.reason.as_deref(), Some("erased"), "{engine}: she is still kept out");
        let v = t.send(&page, json!({ "kind": "identify", "user_id": "cust-bob-8" }));
        assert_eq!(v.reason.as_deref(), Some("suppressed"), "{engine}: he is still left alone");
        assert_eq!(t.person("phone", PHONE), None, "{engine}");

        // The till knows whom it serves, but must say when the consent was given.
        let v = t.send(&t.till, consent(typed.clone(), None));
        assert_eq!(v.reason.as_deref(), Some("erased"), "{engine}");
        assert!(v.detail.as_deref().unwrap().contains("`timestamp`"), "{engine}: {v:?}");
        // Not for a number that it does not vouch for itself.
        let loose = json!({ "ids": [{ "namespace": "phone", "value": PHONE, "verified": false }] });
        let v = t.send(&t.till, consent(loose, Some(t.app.now())));
        assert_eq!(v.reason.as_deref(), Some("erased"), "{engine}");
        t.ok(&t.till, consent(typed, Some(t.app.now())));
        assert!(t.person("phone", PHONE).is_some(), "{engine}");
    }
}

#[test]
fn an_erasure_goes_on_after_the_server_died_and_after_an_older_backup_came_back() {
    for base in Base::all() {
        let mut t = Town::open(base);
        let engine = t.base.name;
        t.fill();
        let backup = t.folder.path().parent().unwrap().join(format!("tl-backup-{}-{engine}.db", std::process::id()));
        t.app.backup(&backup, &mut |_| {}).unwrap();
        let lake: Vec<(PathBuf, Vec<u8>)> =
            files(&t.folder.path().join("lake")).into_iter().map(|p| (p.clone(), std::fs::read(&p).unwrap())).collect();
        let asked = t.erase();
        t.reopen();
        t.clock.advance_ms(HOUR_MS);
        t.work_off();
        assert_eq!(t.app.privacy_request(asked.id).unwrap().state, RequestState::Done, "{engine}");
        assert_eq!(t.traces(&ANN), BTreeMap::new(), "{engine}");

        // The database and the history of before the erasure, over the same data folder.
        t.app.close();
        for (path, bytes) in lake {
            std::fs::write(path, bytes).unwrap();
        }
        let other = match &t.base.admin {
            None => {
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(t.folder.path().join(format!("throughline.db{end}")));
                }
                None
            }
            Some((url, _)) => Some(Base::postgres(url)),
        };
        if let Some(fresh) = other {
            t.base = fresh;
        }
        let url = settings(t.folder.path(), &t.base).database_url();
        throughline_app::maintenance::restore(&backup, &url, &*t.clock, &mut |_| {}).unwrap();
        std::fs::remove_file(&backup).unwrap();
        t.reopen();
        let v = t.send(&t.web, json!({ "kind": "identify", "user_id": "cust-ann-7" }));
        assert_eq!(v.reason.as_deref(), Some("erased"), "{engine}: she is kept out at once");
        t.work_off();
        let done = t.app.privacy_request(asked.id).unwrap();
        assert_eq!(done.state, RequestState::Done, "{engine}: {:?}", done.receipt);
        assert_eq!(t.traces(&ANN), BTreeMap::new(), "{engine}");
        assert_eq!(t.revenue(), 14_000, "{engine}");
    }
}

#[test]
fn a_legal_hold_keeps_orders_without_the_person() {
    for base in Base::all() {
        let t = Town::open(base);
        t.fill();
        let asked = t.erase_with(Some("tax law, five years"));
        t.work_off();
        let done = t.app.privacy_request(asked.id).unwrap();
        assert_eq!(line(&done, "store.order_held").restricted, 2, "{:?}", done.receipt);
        assert_eq!(done.receipt.legal_hold.as_deref(), Some("tax law, five years"));
        assert_eq!(t.traces(&ANN), BTreeMap::new(), "{}", t.base.name);
        assert!(t.traces(&["o-one"]).contains_key("order_held.order_id"));
    }
}

#[test]
fn nobody_is_collected_about_who_asked_not_to_be_and_nobody_is_contacted() {
    for base in Base::all() {
        let t = Town::open(base);
        let engine = t.base.name;
        t.fill();
        let ann = t.person("phone", PHONE).unwrap();
        let may = |channel: &str| t.app.may_contact(ann, "marketing", channel).unwrap();
        assert_eq!(may("sms").reason, ContactReason::Granted, "{engine}");
        t.app.privacy_suppress(&cli(), "email", "ann.li@example.com").unwrap();
        let events = t.app.person_timeline(ann, &TimelineFilter::default(), None, 100).unwrap().items.len();
        for event in [
            json!({ "kind": "identify", "user_id": "cust-ann-7" }),
            json!({ "kind": "track", "name": "Product Viewed", "anonymous_id": "dev-ann" }),
            json!({ "kind": "track", "name": "Product Viewed", "ids": [{ "namespace": "email", "value": "ANN.LI@example.com" }] }),
        ] {
            let v = t.send(&t.web, event.clone());
            assert_eq!((v.verdict, v.reason.as_deref()), (Verdict::Rejected, Some("suppressed")), "{engine}: {event}");
        }
        t.ok(&t.web, json!({ "kind": "track", "name": "Product Viewed", "anonymous_id": "tablet" }));
        assert_eq!(may("sms").reason, ContactReason::Suppressed, "{engine}");
        assert!(!may("sms").allowed);
        let light = t.app.person(ann).unwrap().contact.into_iter().find(|l| l.channel == "sms").unwrap();
        assert_eq!(light.answer.reason, ContactReason::Suppressed, "{engine}");
        let after = t.app.person_timeline(ann, &TimelineFilter::default(), None, 100).unwrap().items.len();
        assert_eq!(after, events, "{engine}: what is recorded stays, nothing comes");

        let order = |method: &str| LiftOrder {
            namespace: "phone".into(),
            value: "139 1111 2222".into(),
            purpose: None,
            channel: Some("sms".into()),
            notice_version: Some("v4".into()),
            evidence: if method.is_empty() { json!({}) } else { json!({ "method": method }) },
        };
        assert_eq!(t.app.privacy_lift(&cli(), &order("")).unwrap_err().code, "consent_evidence");
        t.app.privacy_lift(&cli(), &order("paper")).unwrap();
        assert_eq!(may("sms").reason, ContactReason::Granted, "{engine}");
        t.ok(&t.web, json!({ "kind": "identify", "user_id": "cust-ann-7" }));
        assert_eq!(t.app.privacy_lift(&cli(), &order("paper")).unwrap_err().code, "not_suppressed");
    }
}

#[test]
fn an_archive_holds_everything_of_one_person_and_expires() {
    for base in Base::all() {
        let t = Town::open(base);
        let engine = t.base.name;
        t.fill();
        let ann = t.person("phone", PHONE).unwrap();
        let events = t.app.person_timeline(ann, &TimelineFilter::default(), None, 100).unwrap().items.len();
        let asked = t.app.privacy_export(&cli(), "phone", "139 1111 2222").unwrap();
        assert_eq!(t.app.privacy_archive(&cli(), asked.id).unwrap_err().code, "archive_unready");
        t.app.jobs_run().unwrap();
        let bytes = t.app.privacy_archive(&cli(), asked.id).unwrap();
        let files = unzipped(&bytes);
        let read = |name: &str| files[name].clone();
        let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
        let listed = |name: &str| {
            manifest["files"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap()["rows"].clone()
        };
        let table = read("events.csv");
        assert_eq!(csv::Reader::from_reader(table.as_bytes()).records().count(), events, "{engine}: {table}");
        assert_eq!(listed("events.csv"), events, "{engine}");
        let mut everything = table;
        for name in ["identity.json", "person.json", "audience.json", "event.json", "privacy.json"] {
            let text = read(name);
            serde_json::from_str::<Value>(&text).unwrap();
            everything.push_str(&text);
        }
        for needle in [
            PHONE,
            "ann.li@example.com",
            "李安然",
            "cust-ann-7",
            "dev-ann",
            "幸福路",
            "checkbox",
            "paper",
            "vip",
            "139-1111-2222",
        ] {
            assert!(everything.contains(needle), "{engine}: {needle} is missing");
        }
        for foreign in ["cust-bob-8", "王博", "13933334444", "bob himself"] {
            assert!(!everything.contains(foreign), "{engine}: {foreign} is somebody else's");
        }
        assert!(read("README.md").contains("events.csv") && read("README.zh-CN.md").contains("events.csv"));

        t.clock.advance_ms(7 * DAY_MS);
        assert_eq!(t.app.privacy_archive(&cli(), asked.id).unwrap_err().code, "archive_expired");
        let fresh = t.app.privacy_export(&cli(), "user_id", "cust-ann-7").unwrap();
        t.app.jobs_run().unwrap();
        t.app.privacy_archive(&cli(), fresh.id).unwrap();
        let archive = |id: throughline_base::RequestId| t.folder.path().join("exports").join(format!("{id}.zip"));
        assert!(archive(fresh.id).exists());
        t.erase();
        t.work_off();
        assert!(!archive(fresh.id).exists() && !archive(asked.id).exists(), "{engine}: an archive is erased too");
        assert_eq!(t.app.privacy_archive(&cli(), fresh.id).unwrap_err().code, "archive_expired");
    }
}

#[test]
fn somebody_never_seen_can_ask_to_stay_unknown() {
    for base in Base::all() {
        let t = Town::open(base);
        let asked = t.erase();
        assert_eq!((asked.state, asked.receipt.tombstones), (RequestState::Done, 1));
        let (source, event) = t.ann("one").remove(1);
        assert_eq!(t.send(&source, event).reason.as_deref(), Some("erased"));
        assert_eq!(t.traces(&ANN), BTreeMap::new(), "{}", t.base.name);
        assert_eq!(t.app.privacy_export(&cli(), "phone", PHONE).unwrap_err().code, "person_unknown");
    }
}
