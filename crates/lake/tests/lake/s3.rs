//! The lake on an S3-compatible storage (a local `moto` server; skipped where it is not installed).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use throughline_base::Rng;
use throughline_lake::{
    Column, CompactPolicy, Fault, Lake, LakeConfig, LakeError, LakeRow, LineMap, PersonRead, S3Config, ScanRequest,
    Target,
};

use crate::support::{Collect, event, ids, now, python_with, seen, snapshot};

/// A server that ends with the test.
struct Moto {
    child: Child,
    port: u16,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Moto {
    fn start() -> Option<Self> {
        let python = python_with(&["moto.server"])?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { child, port };
        for _ in 0..300 {
            if moto.request("PUT", "/brand").is_some_and(|answer| answer.contains(" 200 ")) {
                return Some(moto);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the moto server did not answer within 30 seconds");
    }

    /// A bare request without a signature, which moto takes as it is.
    fn request(&self, method: &str, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let host = format!("127.0.0.1:{}", self.port);
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn config(&self) -> LakeConfig {
        LakeConfig {
            url: "s3://brand/history/live".into(),
            buckets: 3,
            target_rows: 200,
            row_group_rows: 64,
            s3: S3Config {
                endpoint: Some(format!("http://127.0.0.1:{}", self.port)),
                access_key_id: Some("key".into()),
                secret_access_key: Some("secret".into()),
                allow_http: true,
                ..S3Config::default()
            },
            ..LakeConfig::default()
        }
    }
}

#[test]
fn a_lake_on_s3_answers_like_one_in_a_folder() {
    let Some(moto) = Moto::start() else { return };
    let lake = Lake::open(moto.config(), ids()).unwrap();
    assert_eq!(lake.path(), "s3://brand/history/live");
    let mut rng = Rng::seeded(4);
    let mut rows: Vec<LakeRow> = (1..=900)
        .map(|id| {
            let p = 1 + id % 11;
            event(&mut rng, id, p, p)
        })
        .collect();
    let (sealed, hot) = rows.split_at(800);
    let mut files = lake.write(&sealed[..500], now()).unwrap();
    files.extend(lake.write(&sealed[500..], now()).unwrap());
    let hot = hot.to_vec();
    let mut map = LineMap::new();
    map.insert(3, Target::Person(8), &[3]);
    rows.iter_mut().filter(|r| r.line_id == 3).for_each(|r| r.person_id = 8);

    let request =
        ScanRequest::columns(&[Column::EventId, Column::NameId, Column::TouchId, Column::ValueMinor, Column::OrderId]);
    let mut want: Vec<_> = rows.iter().map(seen).collect();
    want.sort();
    let scan = |files: &[throughline_lake::LakeFile]| {
        let visitors = lake.scan(&snapshot(files, &hot, &map), &request, 2, |_| Collect::default()).unwrap();
        let mut all: Vec<_> = visitors.into_iter().flat_map(|v| v.rows).collect();
        all.sort();
        all
    };
    assert_eq!(scan(&files), want);

    let timeline = lake.read_person(&snapshot(&files, &hot, &map), &PersonRead::newest(8, 40)).unwrap();
    let mut newest: Vec<&LakeRow> = rows.iter().filter(|r| r.person_id == 8).collect();
    newest.sort_by_key(|r| std::cmp::Reverse((r.event_at, r.event_id)));
    assert!(timeline.iter().eq(newest.into_iter().take(40)));

    let policy = CompactPolicy { min_files: 2, ..CompactPolicy::default() };
    let done = lake.compact(&files, &map, &policy, now()).unwrap();
    files.retain(|f| !done.replaced.contains(f));
    files.extend(done.new_files);
    assert_eq!(scan(&files), want);
    let report = lake.verify(&files).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!(report.orphans.len(), done.replaced.len(), "replaced files wait for their deletion");
    lake.delete(done.replaced.iter().map(|f| f.path.as_str())).unwrap();
    lake.delete(done.replaced.iter().map(|f| f.path.as_str())).unwrap();
    assert!(lake.orphans(&files).unwrap().is_empty());

    lake.delete([files[0].path.as_str()]).unwrap();
    let found = lake.verify(&files).unwrap().findings;
    assert_eq!((found.len(), found[0].fault, &found[0].path), (1, Fault::Missing, &files[0].path));
    let error = lake.scan(&snapshot(&files, &[], &map), &request, 2, |_| Collect::default()).unwrap_err();
    assert!(matches!(&error, LakeError::Missing { path } if *path == files[0].path), "{error}");
    assert_eq!(Lake::open(LakeConfig { buckets: 9, ..moto.config() }, ids()).unwrap().buckets(), 3);
}
