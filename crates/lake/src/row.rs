//! One event of the history, as it is written and read back whole.

use std::borrow::Cow;

/// One event. Texts that are JSON are carried, never looked into.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LakeRow {
    /// Id of the event; also its arrival order.
    pub event_id: i64,
    /// When it happened, Unix milliseconds.
    pub event_at: i64,
    /// When it was received, Unix milliseconds.
    pub received_at: i64,
    /// The person it belonged to when the row was written (read back: the person it belongs to now).
    pub person_id: i64,
    /// The identifier node it hangs on; never changes.
    pub line_id: i64,
    /// The source it came by.
    pub source_id: i64,
    /// What it says: `track`, `page`, …
    pub kind: Cow<'static, str>,
    /// The event's or page's name.
    pub name: String,
    /// The interned name.
    pub name_id: i32,
    /// The interned touch signature, 0 for none.
    pub touch_id: i32,
    /// Value in minor units of `currency`. `i64::MIN` reads back as none.
    pub value_minor: Option<i64>,
    /// ISO 4217 code. An empty text reads back as none.
    pub currency: Option<String>,
    /// The order's id. An empty text reads back as none.
    pub order_id: Option<String>,
    /// The dedupe key within the source.
    pub message_id: String,
    /// Known robot.
    pub bot: bool,
    /// Came by a replay.
    pub replayed: bool,
    /// Properties, a JSON object.
    pub properties: String,
    /// Traits, a JSON object.
    pub traits: String,
    /// Context, a JSON object.
    pub context: String,
}
