//! Exports through the real pipeline: people come by events, consents by events and by hand, files are read back, webhooks
//! are received by a server of this test.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use throughline_base::{
    AudienceId, AudienceVersionId, Clock, FixedClock, PersonId, Rng, SyncId, SystemClock, Timestamp,
};
use throughline_domain::audience::export::{Column, Format, Hash, Schedule, Source};
use throughline_domain::event::{Client, EventKind, RawEvent, RawId};
use throughline_domain::person::consent::{ConsentAction, LegalBasis};
use throughline_store::audience::{self, AudienceRow, Membership};

use super::*;
use crate::Settings;
use crate::person::edit::ConsentEntry;
use crate::privacy::{EraseOrder, LineState, RequestState};
use crate::registry::SourceSettings;
use crate::team::Caller;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;
const AUDIENCE: AudienceId = AudienceId::new(1);
const VERSION: AudienceVersionId = AudienceVersionId::new(10);

struct Shop {
    app: Arc<App>,
    clock: Option<Arc<FixedClock>>,
    source: Arc<crate::registry::Source>,
    folder: tempfile::TempDir,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.app.close();
    }
}

fn by() -> Caller {
    Caller::cli()
}

impl Shop {
    fn open() -> Self {
        let clock = Arc::new(FixedClock::at_ms(NOW));
        Self::with(clock.clone(), Some(clock))
    }

    fn with(clock: Arc<dyn Clock>, fixed: Option<Arc<FixedClock>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { allow_private: true, ..Settings::new(folder.path()) };
        let app = App::open(settings, clock).unwrap();
        let vouching = SourceSettings { verified: true, ..SourceSettings::of_kind("server") };
        let source = app.source_create(&by(), "till", "server", Some(vouching)).unwrap().source;
        let now = app.now();
        let row = AudienceRow {
            id: AUDIENCE,
            key: "vip".into(),
            name: "VIP".into(),
            description: String::new(),
            state: "active".into(),
            live_version: Some(VERSION),
            created_at: now,
            updated_at: now,
        };
        app.db.write(|tx| audience::insert(tx, &row)).unwrap();
        Self { app, clock: fixed, source, folder }
    }

    fn later(&self, ms: i64) {
        self.clock.as_ref().unwrap().advance_ms(ms);
    }

    /// Somebody known by a customer number and an e-mail.
    fn person(&self, name: &str) -> PersonId {
        let raw = RawEvent {
            user_id: Some(name.to_owned()),
            ids: vec![RawId { namespace: "email".into(), value: format!("{name}@example.com"), verified: Some(true) }],
            traits: json!({ "city": name }).as_object().cloned().unwrap(),
            ..RawEvent::new(Client::Generic, EventKind::Identify)
        };
        let batch = self.app.collect_raw(&self.source, vec![raw], self.app.now());
        self.app.collect_wait(batch).unwrap();
        self.app.react_all().unwrap();
        self.app.person_by_identifier("user_id", name).unwrap()
    }

    fn consents(&self, person: PersonId, action: ConsentAction, expires_at: Option<Timestamp>) {
        let entry = ConsentEntry {
            purpose: "marketing".into(),
            channel: "ads".into(),
            action,
            legal_basis: LegalBasis::Consent,
            notice_version: None,
            evidence: json!({ "method": "paper" }),
            given_at: None,
            expires_at,
        };
        self.app.person_consent_add(&by(), person, entry).unwrap();
    }

    fn touch(&self, persons: &[PersonId]) {
        self.app.db.write(|tx| touched(tx, &self.app, persons)).unwrap();
        self.app.tasks.ring();
    }

    fn enter(&self, persons: &[PersonId]) {
        let since_at = self.app.now();
        let rows: Vec<Membership> = persons
            .iter()
            .map(|p| Membership { version: VERSION, person: *p, since_at, cause: "event".into() })
            .collect();
        self.app.db.write(|tx| audience::members_put(tx, &rows)).unwrap();
        self.touch(persons);
    }

    fn leave(&self, persons: &[PersonId]) {
        let rows: Vec<_> = persons.iter().map(|p| (VERSION, *p)).collect();
        self.app
            .db
            .write(|tx| {
                audience::members_delete(tx, &rows)?;
                touched(tx, &self.app, persons)
            })
            .unwrap();
        self.app.tasks.ring();
    }

    fn files(&self) -> throughline_base::DestinationId {
        let place = Place::File { folder: "out".into(), keep: 99 };
        self.app.destination_create(&by(), "folder", place, SecretsPatch::default()).unwrap().0.id
    }

    fn hook(&self, name: &str, port: u16, batch: u32) -> (throughline_base::DestinationId, String) {
        let patch = SecretsPatch { url: Some(format!("http://127.0.0.1:{port}/hook")), ..SecretsPatch::default() };
        let place = Place::Webhook { host: String::new(), batch };
        let (view, secret) = self.app.destination_create(&by(), name, place, patch).unwrap();
        (view.id, secret.unwrap())
    }

    fn keep(&self, destination: throughline_base::DestinationId, format: Format, mode: Mode) -> SyncId {
        let new =
            NewSync { audience_id: AUDIENCE, name: None, purpose: "marketing".into(), channel: None, format, mode };
        self.app.sync_create(&by(), destination, new).unwrap().sync.id
    }

    fn run(&self) {
        self.app.exports_run().unwrap();
    }

    fn last(&self, sync: SyncId) -> RunView {
        self.app.sync(sync).unwrap().last_run.unwrap()
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("destinations/out")
    }

    /// The e-mails in the file of a run that holds `all`, `added` or `removed`.
    fn column(&self, run: &RunView, holds: &str, column: usize) -> BTreeSet<String> {
        let Some(file) = run.files.iter().find(|f| f.holds == holds) else { return BTreeSet::new() };
        rows_of(&self.out().join(&file.name)).into_iter().map(|r| r[column].clone()).collect()
    }
}

fn rows_of(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn table() -> Format {
    let column = |name: &str, source| Column { name: name.into(), source, hash: Hash::None };
    Format::Csv {
        columns: vec![
            column("email", Source::Identifier("email".into())),
            column("city", Source::Trait("city".into())),
        ],
    }
}

fn json_table() -> Format {
    match table() {
        Format::Csv { columns } => Format::Json { columns },
        other => other,
    }
}

fn hourly() -> Mode {
    Mode::Scheduled(Schedule::Hourly { minute: 0 })
}

fn names(of: &[&str]) -> BTreeSet<String> {
    of.iter().map(|n| format!("{n}@example.com")).collect()
}

fn ids(of: &[PersonId]) -> BTreeSet<String> {
    of.iter().map(ToString::to_string).collect()
}

#[test]
fn a_snapshot_holds_the_members_who_agreed_and_says_why_others_are_missing() {
    let shop = Shop::open();
    let (ann, bob, cid, dan) = (shop.person("ann"), shop.person("bob"), shop.person("cid"), shop.person("dan"));
    shop.consents(ann, ConsentAction::Grant, None);
    shop.consents(bob, ConsentAction::Withdraw, None);
    shop.consents(dan, ConsentAction::Grant, None);
    shop.enter(&[ann, bob, cid]);
    let sync = shop.keep(shop.files(), table(), hourly());
    shop.run();
    assert!(shop.app.sync(sync).unwrap().last_run.is_none(), "not before its time");
    shop.later(HOUR_MS);
    shop.run();
    let run = shop.last(sync);
    assert_eq!((run.state.as_str(), run.kind.as_str()), ("done", "snapshot"), "{run:?}");
    assert_eq!(shop.column(&run, "all", 1), names(&["ann"]), "dan agreed and is not in the audience");
    let want = Counts { members: 3, sent: 1, no_consent: 2, ..Counts::default() };
    assert_eq!(run.counts, want);
    let file = &run.files[0];
    let bytes = std::fs::read(shop.out().join(&file.name)).unwrap();
    assert_eq!((file.rows, file.bytes), (1, bytes.len() as u64));
    assert!(file.name.starts_with("vip-20261120T010000"), "{}", file.name);

    // The next hour: ann leaves, bob agrees, and the file says who is to be taken off.
    shop.leave(&[ann]);
    shop.consents(bob, ConsentAction::Grant, None);
    shop.later(HOUR_MS);
    shop.run();
    let run = shop.last(sync);
    assert_eq!(shop.column(&run, "all", 1), names(&["bob"]));
    assert_eq!(shop.column(&run, "removed", 0), ids(&[ann]));
    assert_eq!((run.counts.sent, run.counts.removed), (1, 1));
}

#[test]
fn a_continuous_sync_sends_who_comes_and_takes_back_who_goes_or_withdraws() {
    let shop = Shop::open();
    let (ann, bob) = (shop.person("ann"), shop.person("bob"));
    shop.consents(ann, ConsentAction::Grant, None);
    shop.enter(&[ann, bob]);
    let sync = shop.keep(shop.files(), table(), Mode::Continuous);
    shop.run();
    assert_eq!(shop.column(&shop.last(sync), "added", 1), names(&["ann"]));

    let first = shop.last(sync).id;
    shop.run();
    assert_eq!(shop.last(sync).id, first, "nothing changed, nothing runs");

    shop.later(1_000);
    shop.consents(bob, ConsentAction::Grant, None);
    shop.run();
    assert_eq!(shop.column(&shop.last(sync), "added", 1), names(&["bob"]));

    shop.later(1_000);
    shop.consents(ann, ConsentAction::Withdraw, None);
    shop.leave(&[bob]);
    shop.run();
    let run = shop.last(sync);
    assert_eq!(shop.column(&run, "removed", 0), ids(&[ann, bob]));
    assert_eq!(shop.app.sync(sync).unwrap().held, 0);

    let whats = |p: PersonId| -> Vec<&str> { shop.app.person_exports(p).unwrap().log.iter().map(|e| e.what).collect() };
    assert_eq!(whats(ann), ["removed", "sent"]);
    assert_eq!(whats(bob), ["removed", "sent"]);
}

#[test]
fn a_consent_that_ends_by_itself_takes_its_person_back_at_that_moment() {
    let shop = Shop::open();
    let ann = shop.person("ann");
    shop.consents(ann, ConsentAction::Grant, Some(Timestamp::from_ms(NOW + DAY_MS)));
    shop.enter(&[ann]);
    let sync = shop.keep(shop.files(), table(), Mode::Continuous);
    shop.run();
    assert_eq!(shop.app.sync(sync).unwrap().held, 1);
    shop.later(DAY_MS - 1);
    shop.run();
    assert_eq!(shop.app.sync(sync).unwrap().held, 1);
    shop.later(1);
    shop.run();
    assert_eq!(shop.column(&shop.last(sync), "removed", 0), ids(&[ann]));
    assert_eq!(shop.app.sync(sync).unwrap().held, 0);
    let last = shop.last(sync).id;
    shop.later(DAY_MS);
    shop.run();
    assert_eq!(shop.last(sync).id, last, "it does not come up again and again");
}

/// Whatever people say and wherever they go, no file ever holds somebody who may not be in it, and after each run the
/// destination holds exactly those who may.
#[test]
fn nobody_without_consent_is_ever_sent_under_random_histories() {
    for seed in 0..6 {
        let shop = Shop::open();
        let mut rng = Rng::seeded(seed);
        let people: Vec<PersonId> = (0..12).map(|i| shop.person(&format!("p{i}"))).collect();
        let folder = shop.files();
        let sync = shop.keep(folder, table(), if seed % 2 == 0 { Mode::Continuous } else { hourly() });
        let mut inside: BTreeSet<PersonId> = BTreeSet::new();
        let mut held: BTreeSet<String> = BTreeSet::new();
        let mut seen: Option<throughline_base::RunId> = None;
        for _ in 0..25 {
            shop.later(rng.below(20 * MINUTE_MS as u64) as i64 + 1);
            for _ in 0..=rng.below(3) {
                let person = *rng.pick(&people);
                match rng.below(5) {
                    0 | 1 => {
                        shop.enter(&[person]);
                        inside.insert(person);
                    }
                    2 => {
                        shop.leave(&[person]);
                        inside.remove(&person);
                    }
                    3 => {
                        let end = rng.chance(0.5).then(|| shop.app.now().plus_ms(rng.below(2 * HOUR_MS as u64) as i64));
                        shop.consents(person, ConsentAction::Grant, end);
                    }
                    _ => shop.consents(person, ConsentAction::Withdraw, None),
                }
            }
            shop.run();
            let Some(run) = shop.app.sync(sync).unwrap().last_run else { continue };
            assert_eq!(run.state, "done", "{run:?}");
            if seen == Some(run.id) {
                continue;
            }
            seen = Some(run.id);
            let allowed: BTreeSet<String> = people
                .iter()
                .filter(|p| inside.contains(p) && shop.app.may_contact(**p, "marketing", "ads").unwrap().allowed)
                .map(ToString::to_string)
                .collect();
            let sent: BTreeSet<String> =
                shop.column(&run, "all", 0).union(&shop.column(&run, "added", 0)).cloned().collect();
            assert!(sent.is_subset(&allowed), "seed {seed}: {:?}", sent.difference(&allowed));
            for gone in shop.column(&run, "removed", 0) {
                held.remove(&gone);
            }
            held.extend(sent);
            assert_eq!(held, allowed, "seed {seed}: what the receiver holds after {run:?}");
        }
    }
}

#[test]
fn a_changed_address_leaves_a_list_before_the_new_one_comes() {
    let shop = Shop::open();
    let ann = shop.person("ann");
    shop.consents(ann, ConsentAction::Grant, None);
    shop.enter(&[ann]);
    let sync = shop.keep(shop.files(), Format::MetaCustomers, Mode::Continuous);
    shop.run();
    let before = shop.column(&shop.last(sync), "added", 0);
    shop.later(1_000);
    let raw = RawEvent {
        user_id: Some("ann".into()),
        ids: vec![RawId { namespace: "phone".into(), value: "+8613912345678".into(), verified: Some(true) }],
        ..RawEvent::new(Client::Generic, EventKind::Identify)
    };
    shop.app.collect_wait(shop.app.collect_raw(&shop.source, vec![raw], shop.app.now())).unwrap();
    shop.app.react_all().unwrap();
    shop.run();
    let run = shop.last(sync);
    assert_eq!((run.counts.updated, shop.column(&run, "added", 0)), (1, before), "the e-mail is as before");
    assert!(run.files.iter().all(|f| f.holds != "removed"), "nothing of the old row is wrong: {run:?}");
}

#[test]
fn ending_a_sync_takes_everybody_back_first() {
    let shop = Shop::open();
    let ann = shop.person("ann");
    shop.consents(ann, ConsentAction::Grant, None);
    shop.enter(&[ann]);
    let folder = shop.files();
    let sync = shop.keep(folder, table(), Mode::Continuous);
    shop.run();
    assert_eq!(shop.app.destination_end(&by(), folder).unwrap_err().code, "destination_in_use");
    shop.later(1_000);
    assert_eq!(shop.app.sync_end(&by(), sync, true).unwrap().sync.state, SyncState::Ending);
    shop.run();
    let view = shop.app.sync(sync).unwrap();
    assert_eq!((view.sync.state, view.held), (SyncState::Ended, 0));
    assert_eq!(shop.column(&view.last_run.unwrap(), "removed", 0), ids(&[ann]));
    shop.app.destination_end(&by(), folder).unwrap();
    assert_eq!(shop.app.person_exports(ann).unwrap().log.len(), 2, "the log stays");
}

#[test]
fn a_pause_holds_and_a_purpose_that_nobody_agreed_to_empties_the_list() {
    let shop = Shop::open();
    let ann = shop.person("ann");
    shop.consents(ann, ConsentAction::Grant, None);
    let sync = shop.keep(shop.files(), table(), Mode::Continuous);
    shop.run();
    shop.app.sync_pause(&by(), sync, true).unwrap();
    shop.enter(&[ann]);
    shop.run();
    assert_eq!(shop.app.sync(sync).unwrap().held, 0);
    assert_eq!(shop.app.sync_run(&by(), sync).unwrap_err().code, "sync_paused");
    shop.app.sync_pause(&by(), sync, false).unwrap();
    shop.run();
    assert_eq!(shop.app.sync(sync).unwrap().held, 1);
    shop.later(1_000);
    let patch = SyncPatch { purpose: Some("research".into()), ..SyncPatch::default() };
    shop.app.sync_update(&by(), sync, patch).unwrap();
    shop.run();
    assert_eq!(shop.app.sync(sync).unwrap().held, 0);
}

#[test]
fn an_erasure_closes_its_line_when_the_destination_has_taken_the_person_back() {
    let shop = Shop::open();
    let (ann, bob) = (shop.person("ann"), shop.person("bob"));
    shop.consents(ann, ConsentAction::Grant, None);
    shop.consents(bob, ConsentAction::Grant, None);
    shop.enter(&[ann, bob]);
    let server = Server::start();
    let (hook, _) = shop.hook("crm", server.port, 100);
    let folder = shop.files();
    let (live, daily) = (shop.keep(hook, json_table(), Mode::Continuous), shop.keep(folder, table(), hourly()));
    shop.later(HOUR_MS);
    shop.run();
    assert_eq!(server.next().body["added"].as_array().unwrap().len(), 2);
    let old = shop.last(daily).files[0].name.clone();

    // The receiver is down while Ann is erased.
    drop(server);
    shop.later(1_000);
    let order = EraseOrder {
        namespace: "email".into(),
        value: "ann@example.com".into(),
        reason: "asked".into(),
        legal_hold: None,
    };
    let request = shop.app.privacy_erase(&by(), &order).unwrap().id;
    shop.app.jobs_run().unwrap();
    shop.leave(&[ann]);
    shop.run();
    shop.later(2 * HOUR_MS);
    shop.app.jobs_run().unwrap();
    let view = shop.app.privacy_request(request).unwrap();
    let line = |view: &crate::privacy::RequestView, id: throughline_base::DestinationId| {
        view.receipt.lines.iter().find(|l| l.place == format!("destination.{id}")).cloned().unwrap()
    };
    assert_eq!(
        (view.state, line(&view, hook).state, line(&view, hook).removed),
        (RequestState::Open, LineState::Open, 0)
    );
    assert_eq!(line(&view, folder).state, LineState::Closed, "the folder took her out at once: {view:?}");
    assert!(!shop.out().join(old).exists(), "and keeps no earlier file with her");

    let server = Server::start();
    let patch = SecretsPatch { url: Some(format!("http://127.0.0.1:{}/hook", server.port)), ..SecretsPatch::default() };
    shop.app.destination_update(&by(), hook, None, None, patch).unwrap();
    shop.run();
    assert_eq!(server.next().body["removed"], json!([{ "person_id": ann }]));
    shop.app.jobs_run().unwrap();
    let view = shop.app.privacy_request(request).unwrap();
    assert_eq!((view.state, line(&view, hook).removed), (RequestState::Done, 1), "{view:?}");
    assert_eq!(shop.app.sync(live).unwrap().held, 1, "bob stays");
}

#[test]
fn credentials_are_encrypted_masked_and_survive_a_change_of_the_key() {
    let shop = Shop::open();
    let place = Place::Sftp {
        host: "sftp.example.com".into(),
        port: 22,
        user: "brand".into(),
        host_key: String::new(),
        folder: String::new(),
    };
    let patch = SecretsPatch { password: Some("hunter2-hunter2".into()), ..SecretsPatch::default() };
    let (view, _) = shop.app.destination_create(&by(), "sftp", place, patch).unwrap();
    assert_eq!(view.secrets, ["password"]);
    assert!(!format!("{view:?}").contains("hunter2"));
    let mut texts = 0;
    shop.app
        .db
        .read(|tx| {
            throughline_store::schema::texts_each(tx, |table, column, text| {
                assert!(!text.contains("hunter2"), "{table}.{column}");
                texts += 1;
                Ok(())
            })
        })
        .unwrap();
    assert!(texts > 0);

    let old = Settings::new(shop.folder.path()).credential_keys;
    shop.app.close();
    let open = |keys: Vec<Vec<u8>>| {
        let settings = Settings { credential_keys: keys, allow_private: true, ..Settings::new(shop.folder.path()) };
        App::open(settings, Arc::new(FixedClock::at_ms(NOW))).unwrap()
    };
    let app = open(vec![vec![9; 32], old[0].clone()]);
    assert_eq!(app.destinations().unwrap()[0].secrets, ["password"]);
    app.close();
    let app = open(vec![vec![9; 32]]);
    assert_eq!(app.destinations().unwrap()[0].secrets, ["password"], "encrypted anew at the start before");
    app.close();
    let app = open(old);
    assert!(app.destinations().unwrap()[0].secrets.is_empty(), "the old key opens nothing any more");
    let said = app.destination_test(&by(), view.id).unwrap();
    assert!(!said.ok && said.detail.contains("credentials.key"), "{said:?}");
    app.close();
}

/// A request as received.
struct Received {
    head: String,
    raw: Vec<u8>,
    body: Value,
}

/// A receiver of webhooks that answers 200 and hands on what it got.
struct Server {
    port: u16,
    received: Receiver<Received>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (give, received) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                // The test has dropped its end: the server is down from now on.
                if give.send(answer(stream)).is_err() {
                    return;
                }
            }
        });
        Self { port, received }
    }

    fn next(&self) -> Received {
        self.received.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The listener's thread ends at the next connection, which is this one.
        let (give, received) = mpsc::channel();
        drop(give);
        self.received = received;
        let _ = TcpStream::connect(("127.0.0.1", self.port))
            .map(|mut s| s.write_all(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"));
    }
}

fn answer(mut stream: TcpStream) -> Received {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let head_end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
        if let Some(end) = head_end {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length: usize =
                head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                let raw = bytes[end + 4..end + 4 + length].to_vec();
                let body = serde_json::from_slice(&raw).unwrap_or(Value::Null);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                return Received { head, raw, body };
            }
        }
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => bytes.extend_from_slice(&buffer[..n]),
            Ok(_) | Err(_) => return Received { head: String::new(), raw: Vec::new(), body: Value::Null },
        }
    }
}

/// What we send is what our own inbound webhooks take.
#[test]
fn a_webhook_gets_signed_batches_of_at_most_so_many_people() {
    let shop = Shop::open();
    let people: Vec<PersonId> = (0..5).map(|i| shop.person(&format!("p{i}"))).collect();
    for p in &people {
        shop.consents(*p, ConsentAction::Grant, None);
    }
    shop.enter(&people);
    let server = Server::start();
    let (hook, secret) = shop.hook("crm", server.port, 2);
    let sync = shop.keep(hook, json_table(), Mode::Continuous);
    shop.run();
    let mut sizes = Vec::new();
    for n in 1..=3 {
        let got = server.next();
        let header = |name: &str| {
            let line = got.head.lines().find_map(|l| l.strip_prefix(&format!("{name}: ")).map(str::to_owned));
            line.unwrap_or_else(|| panic!("{name}: {}", got.head))
        };
        let (signature, timestamp) = (header("x-throughline-signature"), header("x-throughline-timestamp"));
        let signed = throughline_channel::webhook::signature(&secret, &timestamp, &got.raw);
        assert_eq!(signature, signed);
        assert_eq!(timestamp, (NOW / 1_000).to_string());
        assert_eq!(got.body["type"], "audience.changed");
        assert_eq!(got.body["delivery"], json!(header("x-throughline-delivery")));
        assert_eq!(got.body["last"], json!(n == 3));
        assert_eq!((&got.body["audience"]["key"], &got.body["purpose"]), (&json!("vip"), &json!("marketing")));
        sizes.push(got.body["added"].as_array().unwrap().len());
    }
    assert_eq!(sizes, [2, 2, 1]);
    let run = shop.last(sync);
    assert_eq!((run.counts.sent, run.files[0].rows), (5, 5));
}

/// A receiver that takes the connection and never answers, beside one that does.
#[test]
fn a_dead_destination_does_not_delay_another() {
    let shop = Shop::with(Arc::new(SystemClock), None);
    shop.app.start();
    let people: Vec<PersonId> = (0..3).map(|i| shop.person(&format!("p{i}"))).collect();
    for p in &people {
        shop.consents(*p, ConsentAction::Grant, None);
    }
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let (dead, _) = shop.hook("dead", hanging.local_addr().unwrap().port(), 100);
    let gone = shop.hook("gone", 1, 100).0;
    let server = Server::start();
    let (good, _) = shop.hook("good", server.port, 100);
    let stuck = shop.keep(dead, json_table(), Mode::Continuous);
    let refused = shop.keep(gone, json_table(), Mode::Continuous);
    shop.keep(good, json_table(), Mode::Continuous);
    for p in &people {
        let entered = Instant::now();
        shop.enter(&[*p]);
        let got = server.next();
        assert_eq!(got.body["added"][0]["person_id"], json!(p));
        // The hanging one is given 30 seconds; far less has passed.
        assert!(entered.elapsed() < Duration::from_secs(15), "{:?}", entered.elapsed());
    }
    let run = shop.app.sync(stuck).unwrap().last_run.unwrap();
    assert_eq!((run.state.as_str(), run.attempts), ("running", 1), "it still hangs: {run:?}");
    let failed = shop.app.sync(refused).unwrap();
    assert_eq!(failed.last_run.unwrap().state, "retrying");
    assert!(failed.error.unwrap().contains("cannot be reached"));
    drop(hanging);
}

#[test]
fn what_is_refused_waits_for_a_person_and_is_tried_again_when_it_is_mended() {
    let shop = Shop::open();
    let ann = shop.person("ann");
    shop.consents(ann, ConsentAction::Grant, None);
    shop.enter(&[ann]);
    let place = Place::Sftp {
        host: "127.0.0.1".into(),
        port: 1,
        user: "u".into(),
        host_key: "SHA256:x".into(),
        folder: String::new(),
    };
    let patch = SecretsPatch { password: Some("p".into()), ..SecretsPatch::default() };
    let id = shop.app.destination_create(&by(), "sftp", place, patch).unwrap().0.id;
    let sync = shop.keep(id, table(), Mode::Continuous);
    shop.run();
    let view = shop.app.sync(sync).unwrap();
    assert_eq!((view.last_run.unwrap().state.as_str(), view.queued, view.held), ("retrying", true, 0));
    assert!(view.error.unwrap().contains("does not answer"));
    assert_eq!(shop.app.destinations().unwrap()[0].failing, 1);
    // Attempts run out.
    for _ in 0..12 {
        shop.later(20 * MINUTE_MS);
        shop.run();
    }
    let view = shop.app.sync(sync).unwrap();
    assert!(view.error.is_some() && view.held == 0);
    assert!(shop.app.status().unwrap().jobs.dead >= 1, "what was given up is in the list of jobs");
    let runs = shop.app.sync_runs(sync, None, 10).unwrap().items;
    assert!(runs.iter().any(|r| r.state == "failed" && r.attempts == 10), "{runs:?}");
}
