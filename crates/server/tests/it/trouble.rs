//! A full disk, a lost database, a clock that jumps, more than can be written: clear answers, and on it goes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use throughline_base::{SystemClock, Timestamp};
use throughline_testkit::{Answer, Engine, TestApp, engines};

use crate::process::{Place, Reply};

fn order(id: &str) -> Value {
    json!([{ "type": "track", "event": "Order Completed", "userId": "u1", "messageId": id, "properties": { "revenue": 1 } }])
}

fn heavy(id: &str) -> Value {
    let text = "重".repeat(5_000);
    json!({ "batch": (0..10).map(|i| json!({ "type": "track", "event": "Note", "userId": "u1",
            "messageId": format!("{id}-{i}"), "properties": { "text": text } })).collect::<Vec<_>>() })
}

// ---- a full disk ----

/// A small file system in memory, unmounted when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        let option = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|out| out.status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).output();
    }
}

#[test]
fn a_full_disk_is_said_with_503_and_over_when_there_is_room_again() {
    let engine = engines().remove(0);
    let place = Place::new(engine, &[]);
    let disk = place.folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(_disk) = SmallDisk::mount(&disk, "32m") else {
        eprintln!("skipped: a full disk: no file system can be mounted here");
        return;
    };
    let node = place.serve_in(&disk.join("data"));
    let filler = disk.join("filler");
    let mut acknowledged = 0;
    let send = |id: &str| -> Reply { node.send("POST", "/v1/batch", Some(&heavy(id))).expect("the server answers") };
    std::fs::write(&filler, vec![0; 16 << 20]).unwrap();
    let refused = (0..500)
        .find_map(|n| {
            let reply = send(&format!("b{n}"));
            acknowledged += u64::from(reply.status == 200);
            (reply.status != 200).then_some((n, reply))
        })
        .expect("the disk becomes full");
    let (number, reply) = refused;
    assert_eq!((reply.status, reply.retry_after.as_deref()), (503, Some("1")), "{}", reply.body);
    let detail = reply.body["detail"].as_str().unwrap();
    assert!(detail.contains("disk") && detail.contains("free space"), "{detail}");
    assert_eq!(node.get("/api/status")["events"], json!(acknowledged * 10), "reading goes on");
    std::fs::remove_file(&filler).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while send(&format!("b{number}")).status != 200 {
        assert!(Instant::now() < until, "it goes on by itself when there is room");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(node.get("/api/status")["events"], json!((acknowledged + 1) * 10), "and nothing is there twice");
}

// ---- a lost database ----

fn on(engine: &Engine, url: &str) -> TestApp {
    assert_eq!(engine.name, "postgres");
    let url = url.to_owned();
    TestApp::with(|s| s.database_url = url, Arc::new(SystemClock), None)
}

fn postgres() -> Option<Engine> {
    engines().into_iter().find(|e| e.name == "postgres")
}

fn recovers(t: &TestApp, id: &str) {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let answer = t.batch(&order(id));
        if answer.status == 200 {
            return;
        }
        lost(&answer);
        assert!(Instant::now() < until, "it goes on by itself when the database is back");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn lost(answer: &Answer) {
    assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("1")), "{}", answer.body);
    assert_eq!(answer.body["code"], "database_lost", "{}", answer.body);
}

#[test]
fn connections_ended_by_the_database_are_replaced_and_nothing_is_lost() {
    let Some(engine) = postgres() else { return };
    let t = on(&engine, &engine.url);
    for n in 0..20 {
        assert_eq!(t.batch(&order(&format!("a{n}"))).status, 200);
        assert!(engine.cut_connections() > 0);
        recovers(&t, &format!("b{n}"));
    }
    assert_eq!(t.get("/api/status").body["events"], json!(40));
}

/// A wire to the database that can be cut.
struct Wire {
    port: u16,
    whole: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (whole, open) = (Arc::new(AtomicBool::new(true)), Arc::new(Mutex::new(Vec::new())));
        let (up, all) = (whole.clone(), open.clone());
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if !up.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&target) else { continue };
                let mut kept = all.lock().unwrap();
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || carry(from, to));
                }
                kept.extend([near, far]);
            }
        });
        Self { port, whole, open }
    }

    fn cut(&self) {
        self.whole.store(false, Ordering::SeqCst);
        for end in self.open.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.whole.store(true, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16 << 10];
    while let Ok(n) = from.read(&mut bytes) {
        if n == 0 || to.write_all(&bytes[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

#[test]
fn a_database_that_is_out_of_reach_is_said_with_503_and_the_server_goes_on_when_it_is_back() {
    let Some(engine) = postgres() else { return };
    let rest = engine.url.split_once("://").unwrap().1;
    let (place, tail) = rest.split_once('/').unwrap();
    let (user, host) = place.rsplit_once('@').unwrap_or(("postgres", place));
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    if host.starts_with(':') {
        return;
    }
    let wire = Wire::to(host);
    let t = on(&engine, &format!("postgres://{user}@127.0.0.1:{}/{tail}", wire.port));
    assert_eq!(t.batch(&order("a")).status, 200);
    wire.cut();
    for _ in 0..5 {
        lost(&t.batch(&order("b")));
    }
    lost(&t.get("/api/status"));
    assert_eq!(t.get("/readyz").status, 503);
    wire.mend();
    recovers(&t, "b");
    assert_eq!(t.batch(&order("b")).body["events"][0]["verdict"], "duplicate");
    assert_eq!(t.get("/readyz").status, 200);
    assert_eq!(t.get("/api/status").body["events"], json!(2));
}

// ---- a clock that jumps ----

const NOW: i64 = 1_795_132_800_000;
const YEARS: i64 = 10 * 365 * 86_400_000;

#[test]
fn a_clock_that_jumps_ahead_and_back_leaves_the_order_of_arrival_and_every_event() {
    for engine in engines() {
        let clock = Arc::new(throughline_base::FixedClock::at_ms(NOW));
        let url = engine.url.clone();
        let quick = |s: &mut throughline_app::Settings| {
            s.database_url = url;
            (s.seal_after_ms, s.seal_rows) = (0, 1);
        };
        let t = TestApp::with(quick, clock.clone(), Some(clock.clone()));
        let send = |id: &str, at: i64| {
            let event = json!([{ "type": "track", "event": "Seen", "userId": "u1", "messageId": id,
                                 "timestamp": Timestamp::from_ms(at).to_string() }]);
            let answer = t.batch(&event);
            assert_eq!(
                (answer.status, &answer.body["events"][0]["verdict"]),
                (200, &json!("accepted")),
                "{}",
                engine.name
            );
        };
        send("before", NOW - 1_000);
        clock.advance_ms(YEARS);
        send("ahead", NOW + YEARS - 1_000);
        clock.set(Timestamp::from_ms(NOW + 60_000));
        send("after", NOW + 59_000);
        t.settle();
        let until = Instant::now() + Duration::from_secs(20);
        while t.get("/api/status").body["sealed_events"] != json!(3) {
            assert!(Instant::now() < until, "{}: it seals by itself: {}", engine.name, t.get("/api/status").body);
            std::thread::sleep(Duration::from_millis(50));
        }
        let id = t.get("/api/people/by-identifier/user_id/u1").body["id"].as_str().unwrap().to_owned();
        let line = t.get(&format!("/api/people/{id}/timeline")).body;
        let mut items: Vec<(String, String)> = line["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| (i["id"].as_str().unwrap().to_owned(), i["event_at"].as_str().unwrap().to_owned()))
            .collect();
        items.sort();
        let want = [NOW - 1_000, NOW + YEARS - 1_000, NOW + 59_000].map(|ms| Timestamp::from_ms(ms).to_string());
        assert_eq!(
            items.iter().map(|(_, at)| at.clone()).collect::<Vec<_>>(),
            want,
            "{}: ids in order of arrival",
            engine.name
        );
    }
}

// ---- more than can be written ----

/// Resident memory of this process in MiB.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap_or(0) / 1024
}

#[test]
fn a_writer_that_stands_still_is_said_with_429_before_memory_grows() {
    let t = TestApp::with(|s| s.queue_events = 200, Arc::new(SystemClock), None);
    assert_eq!(t.batch(&order("first")).status, 200);
    let source = t.app.registry.get().sources.values().next().unwrap().clone();
    let (release, released) = mpsc::channel::<()>();
    let (holding, held) = mpsc::channel();
    let stuck = t.app.collect_raw(&source, Vec::new(), t.app.now()).along(Box::new(move |_, _| {
        holding.send(()).unwrap();
        // Until the test lets go, the one writer commits nothing.
        let _ = released.recv();
        Ok(())
    }));
    t.app.collect_submit(stuck, Box::new(|_| {})).unwrap();
    held.recv().unwrap();
    let before = resident_mib();
    let (taken, busy) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..30 {
            let (t, taken, busy) = (&t, &taken, &busy);
            scope.spawn(move || {
                // A client that is told to wait does not: it sends ten times as much as there is room for.
                for n in 0..20 {
                    let answer = t.batch(&heavy(&format!("{thread}-{n}"))["batch"]);
                    match answer.status {
                        200 => taken.fetch_add(10, Ordering::Relaxed),
                        429 => {
                            assert_eq!(answer.retry_after.as_deref(), Some("1"));
                            busy.fetch_add(1, Ordering::Relaxed)
                        }
                        other => panic!("{other}: {}", answer.body),
                    };
                }
            });
        }
        let until = Instant::now() + Duration::from_secs(30);
        while busy.load(Ordering::Relaxed) < 100 {
            assert!(Instant::now() < until, "the queue says that it is full");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(t.app.collector.pending() <= 200);
        let grown = resident_mib().saturating_sub(before);
        assert!(grown < 120, "100 refused requests of 150 KB each left {grown} MiB");
        release.send(()).unwrap();
    });
    assert_eq!(t.get("/api/status").body["events"], json!(taken.into_inner() + 1));
}
