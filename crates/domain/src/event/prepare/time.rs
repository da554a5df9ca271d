//! When an event happened (field note §1.3).

use serde_json::Value;
use throughline_base::Timestamp;
use throughline_base::time::{DAY_MS, MINUTE_MS};

use super::SourceContext;
use crate::event::raw::{QuarantineReason, RawEvent, read_time_in};
use crate::event::{EventTime, TimeSource};

/// Skew of a device clock up to which it is trusted.
const TRUSTED_SKEW_MS: i64 = 2_000;
/// Longest time an event may wait on a device and still be corrected.
const MAX_WAIT_MS: i64 = 30 * DAY_MS;
/// How far ahead of us an event may lie before it is cut.
const MAX_AHEAD_MS: i64 = 5 * MINUTE_MS;

/// The times of a raw event, or why they cannot stand. With the second goes the best guess, for display.
pub(super) fn event_time(
    raw: &RawEvent,
    ctx: &SourceContext<'_>,
    received_at: Timestamp,
) -> Result<EventTime, (QuarantineReason, String, EventTime)> {
    // An unreadable time of sending only loses the correction, so the event goes on without it.
    let sent_at = read_time_in(&raw.sent_at, ctx.time_zone).ok().flatten();
    let Ok(original_at) = read_time_in(&raw.timestamp, ctx.time_zone) else {
        let time = EventTime {
            original_at: None,
            sent_at,
            received_at,
            event_at: received_at,
            time_source: TimeSource::Received,
        };
        let detail = "the field timestamp is no RFC 3339 time and no number of milliseconds".to_owned();
        return Err((QuarantineReason::UnreadableTime, detail, time));
    };
    let (event_at, time_source) = match original_at {
        None => without_time(raw, received_at),
        Some(original) if ctx.times_final => (original, TimeSource::Original),
        Some(original) => corrected(original, sent_at, received_at),
    };
    let time = EventTime { original_at, sent_at, received_at, event_at, time_source };
    match ctx.acceptance_window_ms {
        Some(window) if received_at.since(event_at) > window => {
            let days = window / DAY_MS;
            let detail =
                format!("it happened at {event_at}, the source accepts {days} days; import it, or widen the window");
            Err((QuarantineReason::TooOld, detail, time))
        }
        Some(_) | None => Ok(time),
    }
}

fn corrected(original: Timestamp, sent_at: Option<Timestamp>, received_at: Timestamp) -> (Timestamp, TimeSource) {
    let mut at = (original, TimeSource::Original);
    if let Some(sent) = sent_at {
        let waited = sent.since(original);
        let skew = received_at.since(sent);
        if (0..=MAX_WAIT_MS).contains(&waited) && skew.abs() > TRUSTED_SKEW_MS {
            at = (received_at.plus_ms(-waited), TimeSource::Corrected);
        }
    }
    if at.0.since(received_at) > MAX_AHEAD_MS {
        return (received_at, TimeSource::Clamped);
    }
    at
}

/// Old PostHog clients send no time but how long ago it was, in milliseconds.
fn without_time(raw: &RawEvent, received_at: Timestamp) -> (Timestamp, TimeSource) {
    match raw.extra.get("offset").and_then(Value::as_i64) {
        Some(ago) if (0..=MAX_WAIT_MS).contains(&ago) => (received_at.plus_ms(-ago), TimeSource::Corrected),
        Some(_) | None => (received_at, TimeSource::Received),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use throughline_base::SourceId;

    use super::*;

    const NOW: i64 = 1_795_304_500_000;

    fn at(original: Value, sent: Value) -> (i64, TimeSource) {
        let raw = RawEvent { timestamp: original, sent_at: sent, ..RawEvent::default() };
        let time = event_time(&raw, &SourceContext::new(SourceId::new(1), "web"), Timestamp::from_ms(NOW)).unwrap();
        (time.event_at.ms() - NOW, time.time_source)
    }

    #[test]
    fn a_device_clock_is_corrected_only_when_it_is_wrong_and_the_wait_is_plausible() {
        assert_eq!(at(json!(NOW - 4_000), json!(NOW - 1_500)), (-4_000, TimeSource::Original));
        assert_eq!(at(json!(NOW - 3_604_000), json!(NOW - 3_600_000)), (-4_000, TimeSource::Corrected));
        assert_eq!(at(json!(NOW + 86_400_000), json!(NOW + 86_401_000)), (-1_000, TimeSource::Corrected));
        assert_eq!(
            at(json!(NOW - 100 * DAY_MS), json!(NOW - 10_000)),
            (-100 * DAY_MS, TimeSource::Original),
            "waited too long"
        );
        assert_eq!(
            at(json!(NOW - 5_000), json!(NOW - 9_000)),
            (-5_000, TimeSource::Original),
            "sent before it happened"
        );
    }

    #[test]
    fn the_future_is_cut_and_no_time_is_now() {
        assert_eq!(at(json!(NOW + 200_000), json!(null)), (200_000, TimeSource::Original));
        assert_eq!(at(json!(NOW + 300_001), json!(null)), (0, TimeSource::Clamped));
        assert_eq!(at(json!(null), json!(NOW)), (0, TimeSource::Received));
    }

    #[test]
    fn what_cannot_be_dated_is_set_aside() {
        let ctx = SourceContext::new(SourceId::new(1), "web");
        let reason = |timestamp: Value, ctx: &SourceContext<'_>| {
            let raw = RawEvent { timestamp, ..RawEvent::default() };
            event_time(&raw, ctx, Timestamp::from_ms(NOW)).map(|t| t.time_source).map_err(|(r, ..)| r)
        };
        assert_eq!(reason(json!("soon"), &ctx), Err(QuarantineReason::UnreadableTime));
        assert_eq!(reason(json!("2010-12-01T08:26:00"), &ctx), Err(QuarantineReason::TooOld));
        let import = SourceContext { acceptance_window_ms: None, times_final: true, ..ctx };
        assert_eq!(reason(json!("2010-12-01T08:26:00"), &import), Ok(TimeSource::Original));
    }
}
