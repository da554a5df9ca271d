//! A request of any client family: a digit that chooses the path, then `?` and the query, or any other byte and the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use throughline_domain::event::wire::{Limits, WireRequest, decode};

const PATHS: [&str; 9] = [
    "/v1/batch",
    "/v1/t",
    "/api/s/identify",
    "/batch/",
    "/e/",
    "/sa",
    "/sa.gif",
    "/com.snowplowanalytics.snowplow/tp2",
    "/i",
];

fuzz_target!(|data: &[u8]| {
    let [path, place, rest @ ..] = data else { return };
    let path = PATHS[usize::from(path.wrapping_sub(b'0')) % PATHS.len()];
    let query = std::str::from_utf8(rest).ok().filter(|_| *place == b'?');
    let body = if query.is_some() { &[] } else { rest };
    let limits = Limits::default();
    if let Ok(decoded) = decode(&WireRequest { path, query, body, ..WireRequest::default() }, &limits) {
        assert!(decoded.events.len() <= limits.batch_entries);
        for event in decoded.events.into_iter().flatten() {
            let text = serde_json::to_string(&event).expect("a raw event is JSON");
            assert!(serde_json::from_str::<throughline_domain::event::RawEvent>(&text).is_ok());
        }
    }
});
