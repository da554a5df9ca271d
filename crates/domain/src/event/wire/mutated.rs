//! A million damaged requests: whatever arrives, decoding and preparing neither panic nor exceed their limits.

use throughline_base::{Rng, SourceId, Timestamp};

use super::tests::{captured, gzip};
use super::*;
use crate::event::prepare::{Prepared, SourceContext, prepare};

const INPUTS: u64 = 1_000_000;
const THREADS: u64 = 2;

/// A request that is damaged again and again: path, query, body as JSON or form text.
#[derive(Clone)]
struct Seed {
    path: String,
    query: Option<String>,
    body: Vec<u8>,
}

/// Requests of every family, so that the test stands without the captured ones too.
const OWN: [(&str, &str, &str); 12] = [
    (
        "/v1/batch",
        "",
        r#"{"batch":[{"type":"track","event":"Order Completed","userId":"u","messageId":"m","timestamp":"2026-11-21T23:41:30.076Z","properties":{"order_id":"1","total":12.5,"currency":"CNY","products":[{"sku":"a","price":"3"}]}},{"type":"alias","userId":"u","previousId":"a"}],"sentAt":"2026-11-21T23:41:31Z","writeKey":"k","context":{"ip":"1.2.3.4"}}"#,
    ),
    (
        "/v1/i",
        "",
        r#"{"userId":"u","traits":{"email":"A@B.co","phone":"+86 139 1234 5678","name":"欧阳 娜娜","birthday":"1990/5/17","gender":"女","country":"中国","province":"粤"},"context":{"externalIds":[{"id":"x","type":"member_no","collection":"users","encoding":"none"}],"device":{"id":"d","token":"t"},"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1) MicroMessenger/8.0"}}"#,
    ),
    (
        "/v1/p",
        "",
        r#"{"anonymousId":"a","name":"Home","properties":{"url":"https://u:p@s.cn/?utm_source=x&token=abc&clickid=1#/a?utm_term=%E5","referrer":"https://www.baidu.com/s?wd=1","search":"?utm_source=x"}}"#,
    ),
    ("/api/s/s2s/track", "", r#"{"event":"x","anonymousId":"a","ids":{"unionid":["a","b"],"openid":"o"}}"#),
    (
        "/e/",
        "ip=1&_=1795304490076",
        r#"{"event":"$pageview","api_key":"k","distinct_id":"d","$set":{"a":1},"properties":{"$device_id":"d","$current_url":"https://s.cn","$set_once":{"b":2}},"offset":12}"#,
    ),
    (
        "/batch/",
        "",
        r#"{"api_key":"k","batch":[{"event":"$identify","distinct_id":"u","properties":{"$anon_distinct_id":"a"},"uuid":"1"},{"event":"$groupidentify","distinct_id":"$c_1","properties":{"$group_key":"1","$group_set":{}}}]}"#,
    ),
    (
        "/sa",
        "project=p",
        r#"[{"type":"track","event":"E","distinct_id":"$identity_mobile+13912345678","_track_id":5,"time":1795304492933,"_flush_time":1795304492999,"identities":{"$identity_login_id":"u","$identity_mobile":["1"]},"properties":{"$is_login_id":true,"$url":"https://s.cn"},"lib":{"$lib":"js"}}]"#,
    ),
    ("/sa", "", r#"data={"type":"profile_set_once","distinct_id":"u","properties":{"a":[1,2]},"time":1}&gzip=1"#),
    (
        "/com.snowplowanalytics.snowplow/tp2",
        "",
        r#"{"schema":"iglu:x","data":[{"e":"ue","ue_pr":"{\"data\":{\"schema\":\"iglu:a/b/c/1\",\"data\":{\"x\":[1]}}}","co":"{\"data\":[]}","dtm":"1","stm":"2"},{"e":"tr","tr_id":"1","tr_tt":"9.5"}]}"#,
    ),
    (
        "/i",
        "e=ue&ue_px=eyJkYXRhIjp7InNjaGVtYSI6ImlnbHU6YS9iL2MvMSIsImRhdGEiOnt9fX0&duid=c&uid=u&url=https%3A%2F%2Fs.cn",
        "",
    ),
    ("/sa.gif", "data=eyJ0eXBlIjoidHJhY2siLCJldmVudCI6ImEifQ%3D%3D", ""),
    ("/v1/pixel/track", "data=eyJldmVudCI6IkUifQ", ""),
];

/// Pieces that parsers trip over.
const PIECES: [&[u8]; 30] = [
    b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"]]]]",
    b"}}}",
    b"\\ud83d",
    b"\\u0000",
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-0",
    b"99999999999999999999",
    b"null",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b\x08",
    b"&data=",
    b"%",
    b"%F",
    b"=",
    b"\"batch\":[",
    b"\"batch\":{",
    b"\"data\":null,",
    b"$identity_",
    b"+86",
    "转12".as_bytes(),
    "\u{200b}\u{202e}".as_bytes(),
    b"\\",
    b"\"",
    b"/",
    b"\n",
];

fn damage(rng: &mut Rng, body: &mut Vec<u8>, seeds: &[Seed]) {
    let at = |rng: &mut Rng, len: usize| rng.below(len as u64 + 1) as usize;
    match rng.below(9) {
        0 if !body.is_empty() => {
            let i = at(rng, body.len() - 1);
            body[i] ^= 1 << rng.below(8);
        }
        1 if !body.is_empty() => {
            let i = at(rng, body.len() - 1);
            body[i] = rng.below(256) as u8;
        }
        2 => body.truncate(at(rng, body.len())),
        3 => {
            let other = &seeds[rng.below(seeds.len() as u64) as usize].body;
            let (from, i) = (at(rng, other.len()), at(rng, body.len()));
            let to = from + at(rng, (other.len() - from).min(200));
            body.splice(i..i, other[from..to].iter().copied());
        }
        4 => {
            let from = at(rng, body.len());
            let to = from + at(rng, (body.len() - from).min(60));
            let block = body[from..to].repeat(rng.below(20) as usize);
            body.splice(to..to, block);
        }
        5 | 6 => {
            let (i, piece) = (at(rng, body.len()), PIECES[rng.below(PIECES.len() as u64) as usize]);
            body.splice(i..i, piece.iter().copied());
        }
        7 => {
            let from = at(rng, body.len());
            let to = from + at(rng, (body.len() - from).min(30));
            body.drain(from..to);
        }
        _ => {
            let (i, j) = (at(rng, body.len()), at(rng, body.len()));
            body[i.min(j)..i.max(j)].reverse();
        }
    }
}

/// Packs the text as clients do: plain, gzip, or a form of base64.
fn packed(rng: &mut Rng, body: Vec<u8>) -> Vec<u8> {
    use base64::Engine;
    let encoded = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes).replace('+', "%2B");
    match rng.below(40) {
        0 => gzip(&body),
        1 => format!("data_list={}&gzip=1", encoded(&gzip(&body))).into_bytes(),
        2 | 3 => format!("data={}", encoded(&body)).into_bytes(),
        4 => {
            let mut zipped = gzip(&body);
            damage(rng, &mut zipped, &[Seed { path: String::new(), query: None, body }]);
            zipped
        }
        _ => body,
    }
}

fn seeds() -> Vec<Seed> {
    let own = OWN.iter().map(|(path, query, body)| Seed {
        path: (*path).to_owned(),
        query: (!query.is_empty()).then(|| (*query).to_owned()),
        body: body.as_bytes().to_vec(),
    });
    let mut out: Vec<Seed> = own.collect();
    for request in ["wire.jsonl", "wire2.jsonl", "wire3.jsonl"].iter().flat_map(|f| captured(f)) {
        // Inside a form or gzip the text is damaged, not only its wrapping.
        let text = body::json_text(&request.request(), &Limits::default()).unwrap().into_owned();
        out.push(Seed { path: request.path.clone(), query: request.query.clone(), body: text });
        out.push(Seed { path: request.path, query: request.query, body: request.body });
    }
    out
}

/// Limits that are seldom reached, and limits that nearly every request reaches.
fn limits() -> [Limits; 2] {
    let wide = || Limits { body_bytes: 16 << 10, inflated_bytes: 32 << 10, request_values: 2_000, ..Limits::default() };
    let narrow =
        Limits { depth: 6, batch_events: 2, batch_entries: 60, event_bytes: 600, request_values: 40, ..wide() };
    [wide(), narrow]
}

/// What was seen, so that the test proves that it reached what it set out to.
#[derive(Default, Debug)]
struct Seen {
    refused: u64,
    rejected: u64,
    quarantined: u64,
    ready: u64,
}

fn check(req: &WireRequest<'_>, limits: &Limits, seen: &mut Seen) {
    let ctx = SourceContext::new(SourceId::new(1), "web");
    let now = Timestamp::from_ms(1_795_304_500_000);
    let Ok(decoded) = decode(req, limits) else {
        seen.refused += 1;
        return;
    };
    assert!(decoded.events.len() <= limits.batch_entries);
    let mut heap = 0;
    for event in decoded.events {
        match event {
            Err(_) => seen.rejected += 1,
            Ok(raw) => {
                heap += raw.heap_bytes();
                match prepare(raw, &ctx, now) {
                    Prepared::Ready(event) => {
                        assert!(!event.message_id.is_empty() && !event.claims.is_empty());
                        seen.ready += 1;
                    }
                    Prepared::Quarantine { .. } => seen.quarantined += 1,
                }
            }
        }
    }
    // A value takes at most 200 bytes with its key's slot; texts take what they had on the wire, some twice.
    let most = limits.request_values * 200 + 4 * limits.inflated_bytes + limits.batch_entries * 4_096;
    assert!(heap <= most, "{heap} bytes for a request of {}", req.body.len());
}

#[test]
fn a_million_mutated_requests_neither_panic_nor_exceed_limits() {
    let seeds = seeds();
    let bomb = gzip(&vec![b'['; 4 << 20]);
    let work = |thread: u64| {
        let mut rng = Rng::seeded(0x5eed + thread);
        let mut seen = Seen::default();
        let limits = limits();
        for i in 0..INPUTS / THREADS {
            let seed = &seeds[rng.below(seeds.len() as u64) as usize];
            let mut body = seed.body.clone();
            let mut query = seed.query.clone();
            for _ in 0..rng.below(4) {
                damage(&mut rng, &mut body, &seeds);
            }
            if let Some(text) = query.as_mut().filter(|_| body.is_empty()) {
                let mut bytes = std::mem::take(text).into_bytes();
                damage(&mut rng, &mut bytes, &seeds);
                *text = String::from_utf8_lossy(&bytes).into_owned();
            }
            let body = if i % 5_000 == 0 { bomb.clone() } else { packed(&mut rng, body) };
            let path =
                if rng.below(10) == 0 { &seeds[rng.below(seeds.len() as u64) as usize].path } else { &seed.path };
            let headers = Headers { user_agent: Some("Mozilla/5.0"), client_ip: Some("1.2.3.4"), ..Headers::default() };
            check(
                &WireRequest { path, query: query.as_deref(), headers, body: &body },
                &limits[(i % 2) as usize],
                &mut seen,
            );
        }
        seen
    };
    let all: Vec<Seen> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|t| scope.spawn(move || work(t))).collect();
        threads.into_iter().map(|t| t.join().expect("no input makes decoding panic")).collect()
    });
    for seen in all {
        let least = seen.refused.min(seen.rejected).min(seen.quarantined).min(seen.ready);
        assert!(least > 1_000, "every outcome is reached: {seen:?}");
    }
}

#[test]
fn arbitrary_bytes_are_refused_or_read_but_never_panic() {
    let mut rng = Rng::seeded(7);
    let limits = limits();
    for _ in 0..50_000 {
        let body: Vec<u8> = (0..rng.below(200)).map(|_| rng.below(256) as u8).collect();
        let path = OWN[rng.below(OWN.len() as u64) as usize].0;
        check(&WireRequest { path, body: &body, ..WireRequest::default() }, &limits[0], &mut Seen::default());
    }
}
