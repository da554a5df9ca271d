//! Plain JSON in Segment's shape, an event or an array of events, for webhooks and whoever has no SDK.

use super::{Decoded, Limits, WireError, WireErrorKind, segment};
use crate::event::raw::Client;

/// Decodes JSON text: one event, an array of events, or an envelope with `batch`. An event without a `type` but with
/// an `event` is a track event.
///
/// # Errors
/// When the text is no JSON or larger than the limits allow.
pub fn decode(text: &[u8], client: Client, limits: &Limits) -> Result<Decoded, WireError> {
    if text.len() > limits.inflated_bytes {
        let detail = format!("the body has more than {} bytes; send smaller batches", limits.inflated_bytes);
        return Err(WireError::new(WireErrorKind::TooLarge, detail));
    }
    segment::decode_text(text, "", client, limits)
}
