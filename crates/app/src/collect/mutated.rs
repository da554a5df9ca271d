//! Thousands of damaged requests of every client go the whole way: read, cleaned, recorded, followed, sealed. Whatever they
//! hold, each event has its verdict, and what was accepted is there.

use std::sync::mpsc;

use throughline_base::{FixedClock, Rng};
use throughline_domain::event::wire::Headers;
use throughline_store::event::QuarantineFilter;

use super::*;
use crate::Settings;
use crate::team::Caller;

/// 2026-11-20T00:00:00Z
const NOW: i64 = 1_795_132_800_000;
const REQUESTS: u64 = 6_000;

/// Requests of every family: path and body. Ids are marked `~`, so that events differ.
const SEEDS: [(&str, &str); 10] = [
    (
        "/v1/batch",
        r#"{"batch":[{"type":"track","event":"Order Completed","userId":"u~","messageId":"m~","timestamp":"2026-11-19T23:41:30.076Z","properties":{"order_id":"~","total":12.5,"currency":"CNY","products":[{"sku":"a","price":"3"}]}},{"type":"alias","userId":"u~","previousId":"a~"},{"type":"group","userId":"u~","groupId":"g"}],"sentAt":"2026-11-19T23:41:31Z"}"#,
    ),
    (
        "/v1/i",
        r#"{"userId":"u~","anonymousId":"a~","traits":{"email":"A~@B.co","phone":"+86 139 1234 5678","name":"欧阳 娜娜","birthday":"1990/5/17","gender":"女","country":"中国","$add":{"n":1},"$append":{"l":["x"]},"$unset":["y"]},"context":{"externalIds":[{"id":"x~","type":"member_no","collection":"users","encoding":"none"}],"device":{"id":"d~","token":"t"},"userAgent":"Mozilla/5.0 (iPhone; CPU iPhone OS 17_1)","ip":"1.2.3.4"}}"#,
    ),
    (
        "/v1/p",
        r#"{"anonymousId":"a~","name":"Home","properties":{"url":"https://u:p@s.cn/?utm_source=x&clickid=1~/a","referrer":"https://www.baidu.com/s?wd=1","search":"?utm_source=x"}}"#,
    ),
    ("/api/s/s2s/track", r#"{"event":"x","anonymousId":"a~","ids":{"unionid":["a~","b~"],"openid":"o~"}}"#),
    (
        "/v1/t",
        r#"{"event":"Consent Updated","userId":"u~","properties":{"action":"grant","purpose":"marketing","channel":"sms","evidence":{"method":"form"}}}"#,
    ),
    (
        "/e/",
        r#"{"event":"$pageview","distinct_id":"d~","$set":{"a":1},"properties":{"$device_id":"d~","$current_url":"https://s.cn","$set_once":{"b":2}}}"#,
    ),
    (
        "/batch/",
        r#"{"batch":[{"event":"$identify","distinct_id":"u~","properties":{"$anon_distinct_id":"a~"},"uuid":"1~"},{"event":"Bought","distinct_id":"u~","properties":{"revenue":"3"},"uuid":"2~"}]}"#,
    ),
    (
        "/sa",
        r#"data=[{"type":"track","event":"E","distinct_id":"$identity_mobile+13912345678","_track_id":5,"time":1795132792933,"identities":{"$identity_login_id":"u~","$identity_mobile":["1391234567~"]},"properties":{"$is_login_id":true,"$url":"https://s.cn"},"lib":{"$lib":"js"}},{"type":"track_id_bind","identities":{"$identity_login_id":"u~","$identity_email":"e~@x.cn"},"event":"$BindID","time":1795132792934}]"#,
    ),
    (
        "/sa",
        r#"data={"type":"profile_append","distinct_id":"u~","properties":{"$name":"王","tags":[1,2]},"time":1795132792933}"#,
    ),
    (
        "/com.snowplowanalytics.snowplow/tp2",
        r#"{"schema":"iglu:x","data":[{"e":"ue","uid":"u~","ue_pr":"{\"data\":{\"schema\":\"iglu:a/b/c/1\",\"data\":{\"x\":[1]}}}","co":"{\"data\":[]}","dtm":"1795132792933"},{"e":"tr","uid":"u~","tr_id":"1~","tr_tt":"9.5"},{"e":"pv","duid":"c~","url":"https://s.cn/"}]}"#,
    ),
];

/// Pieces that what comes behind the parsers trips over.
const PIECES: [&str; 26] = [
    "\\u0000",
    "\\u0000",
    "\\u0000x",
    "\\ufeff",
    "\\u200b",
    "\\ud83d",
    "\\uffff",
    "\\n",
    " ",
    "\\\"",
    "[",
    "]",
    "{",
    "}",
    "null",
    "true",
    "-0",
    "1e308",
    "99999999999999999999",
    "9223372036854775807",
    "\"\":",
    "\"k\\u0000\":1,",
    "\"ids\":{\"a b\":1},",
    "转12",
    "undefined",
    "$",
];

fn damaged(rng: &mut Rng, text: &str) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..rng.below(5) {
        let at = |rng: &mut Rng, len: usize| rng.below(len as u64 + 1) as usize;
        let i = at(rng, chars.len());
        match rng.below(8) {
            // Behind a quote a piece is in a name or a value, where it leaves the JSON whole.
            0..=4 => {
                let quotes: Vec<usize> =
                    chars.iter().enumerate().filter(|(_, c)| **c == '"').map(|(i, _)| i + 1).collect();
                let place = if quotes.is_empty() { i } else { quotes[rng.below(quotes.len() as u64) as usize] };
                let piece = PIECES[rng.below(PIECES.len() as u64) as usize];
                chars.splice(place..place, piece.chars());
            }
            5 => {
                let end = (i + at(rng, 12)).min(chars.len());
                chars.drain(i..end);
            }
            6 => {
                let end = (i + at(rng, 40)).min(chars.len());
                let block = chars[i..end].to_vec();
                chars.splice(i..i, block);
            }
            _ => chars.truncate(chars.len().saturating_sub(at(rng, 3))),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn thousands_of_damaged_requests_are_recorded_followed_and_sealed_each_event_with_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(Settings::new(folder.path()), Arc::new(FixedClock::at_ms(NOW))).unwrap();
    let keys: Vec<String> = ["web", "server", "mini_program"]
        .iter()
        .map(|kind| app.source_create(&Caller::cli(), kind, kind, None).unwrap().keys[0].key.clone())
        .collect();
    let mut rng = Rng::seeded(0xda3a6ed);
    let (tx, rx) = mpsc::channel();
    let mut submitted = 0;
    for n in 0..REQUESTS {
        let (path, body) = SEEDS[rng.below(SEEDS.len() as u64) as usize];
        let body = body.replace('~', &rng.below(400).to_string());
        let body = damaged(&mut rng, &body);
        let key = keys[rng.below(keys.len() as u64) as usize].as_str();
        let headers = Headers { write_key: Some(key), user_agent: Some("Mozilla/5.0"), ..Headers::default() };
        let req = WireRequest { path, headers, body: body.as_bytes(), ..WireRequest::default() };
        // What cannot be read at all is refused as a whole.
        let Ok(mut batch) = app.collect_prepare(&req, None) else { continue };
        let (events, tx) = (batch.len(), tx.clone());
        batch.done = Some(Box::new(move |answer| tx.send((events, answer)).unwrap()));
        app.collector.push_blocking(batch).unwrap();
        submitted += 1;
        if n % 2_000 == 1_999 {
            app.react_all().unwrap();
        }
    }
    drop(tx);
    let (mut recorded, mut seen) = (0, HashMap::<&str, u64>::new());
    for (events, answer) in rx {
        let verdicts = answer.expect("no event makes its request fail");
        assert_eq!(verdicts.len(), events);
        for v in verdicts {
            recorded += i64::from(matches!(v.verdict, Verdict::Accepted | Verdict::Corrected));
            *seen.entry(v.verdict.as_str()).or_default() += 1;
        }
        submitted -= 1;
    }
    assert_eq!(submitted, 0, "every request is answered");
    for verdict in ["accepted", "corrected", "duplicate", "duplicate_conflict", "quarantined"] {
        assert!(seen.get(verdict).copied().unwrap_or_default() > 20, "{verdict} is reached: {seen:?}");
    }
    let unstorable = QuarantineFilter { reason: Some(apart::UNSTORABLE.into()), ..QuarantineFilter::default() };
    assert_eq!(
        app.quarantine_list(&unstorable, None, 5).unwrap().items,
        [],
        "cleaning leaves nothing the store refuses"
    );
    app.react_all().unwrap();
    assert_eq!((app.status().unwrap().events, app.follower.skipped()), (recorded, 0));
    let sealed = app.seal_all().unwrap();
    let status = app.status().unwrap();
    assert_eq!((status.sealed_events, status.hot_events, status.follower.lag_s), (recorded, 0, 0), "{sealed:?}");
    assert!(app.lake_verify().unwrap().is_sound());
    app.close();
}
