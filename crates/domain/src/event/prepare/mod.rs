//! From a raw event to a clean [`Event`], or to quarantine with a reason.
//!
//! It knows the rules of one source ([`SourceContext`]) and nothing of other events. Start reading at [`prepare`].

mod claims;
mod hash;
mod keys;
mod time;
mod touch;
mod unread;
mod value;
mod walk;

use serde_json::Value;
use throughline_base::{Currency, SourceId, Timestamp, time::DAY_MS};

pub use claims::namespace_rank;
pub use touch::{SESSION_EVENTS, TOUCH_EVENTS};

use super::plan::CompiledPlan;
use super::raw::{QuarantineReason, RawEvent};
use super::{Event, EventKind, Object, TimeSource, clean};

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
    /// Zone of times without an offset: an IANA name, for instance `Asia/Shanghai`.
    pub time_zone: &'a str,
    /// Whether the source vouches for what it says of people: phones, e-mails, memberships, unionids, openids … Without
    /// it they are hints. Traits `phone_verified` and `email_verified` can take it back, never give it.
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
    /// A source of `kind` with the defaults: region CN, CNY, UTC, nothing vouched for, events of the last three years,
    /// addresses cut, no tracking plan.
    #[must_use]
    pub const fn new(id: SourceId, kind: &str) -> SourceContext<'_> {
        SourceContext {
            id,
            kind,
            default_region: "CN",
            default_currency: Currency::CNY,
            time_zone: "UTC",
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

/// Names of events with which a person logs out, in lower case.
const LOGOUTS: [&str; 9] = [
    "signed out",
    "logged out",
    "user signed out",
    "user logged out",
    "account signed out",
    "logout",
    "log out",
    "sign_out",
    "退出登录",
];

/// Cleans, dates and checks a raw event. Pure: the same input gives the same answer.
#[must_use]
pub fn prepare(mut raw: RawEvent, ctx: &SourceContext<'_>, received_at: Timestamp) -> Prepared {
    let seed = hash::seed(&raw, raw.fault.is_some());
    let content_hash = content_hash(&raw);
    let fault = raw.fault.take();
    let sent_id = raw.message_id.take().map(|id| clean::id(&id).into_owned()).filter(|id| !id.is_empty());
    let message_id_derived = raw.message_id_derived || sent_id.is_none();
    let message_id = sent_id.unwrap_or_else(|| hash::derived_message_id(&raw, content_hash, seed));
    let mut notes = clean_parts(&mut raw, ctx, received_at);
    unread::note(&raw, ctx, &mut notes);
    let claims = claims::collect(&mut raw, ctx, &mut notes);
    let (time, time_fault) = match time::event_time(&raw, ctx, received_at) {
        Ok(time) => (time, None),
        Err((reason, detail, time)) => (time, Some((reason, detail))),
    };
    if time.time_source == TimeSource::Clamped {
        notes.correct("timestamp".to_owned(), raw.timestamp.take(), "not_in_the_future");
    }
    let is_track = raw.kind == EventKind::Track;
    let bot = add_agent(&mut raw.context, ctx.ip);
    let mut event = Box::new(Event {
        kind: raw.kind,
        source_id: ctx.id,
        message_id,
        message_id_derived,
        content_hash,
        claims,
        time,
        touch: touch::signature(raw.kind, &raw.name, &raw.properties, &raw.context, ctx),
        value: if is_track { value::event_value(&raw.name, &raw.properties, ctx, &mut notes) } else { None },
        order_id: if is_track { value::order_id(&raw.properties) } else { None },
        bot,
        logout: is_track && LOGOUTS.iter().any(|n| n.eq_ignore_ascii_case(&raw.name)),
        name: raw.name,
        properties: raw.properties,
        traits: raw.traits,
        context: raw.context,
        group_id: raw.group_id,
        corrections: notes.corrections,
        warnings: notes.warnings,
    });
    let fault = fault.map(|f| (f.reason, f.detail)).or_else(|| own_fault(&event)).or(time_fault);
    match fault.or_else(|| ctx.plan.and_then(|plan| plan.check(&mut event))) {
        Some((reason, detail)) => Prepared::Quarantine { reason, detail, event: Some(event) },
        None => Prepared::Ready(event),
    }
}

/// The hash by which a re-sent event is told from another one of the same id.
#[must_use]
pub(super) fn content_hash(raw: &RawEvent) -> u64 {
    raw.content_hash.unwrap_or_else(|| hash::content(raw, hash::seed(raw, raw.fault.is_some())))
}

/// The dedupe key of an event that brings none: a hash of what it says.
#[must_use]
pub(super) fn derive_message_id(raw: &RawEvent) -> String {
    let seed = hash::seed(raw, raw.fault.is_some());
    hash::derived_message_id(raw, hash::content(raw, seed), seed)
}

/// What an event must have to be one.
fn own_fault(event: &Event) -> Option<(QuarantineReason, String)> {
    if event.kind == EventKind::Track && event.name.is_empty() {
        return Some((QuarantineReason::MissingName, "a track event needs a name in the field event".to_owned()));
    }
    event.claims.is_empty().then(|| {
        let detail = "the event names nobody: send userId or anonymousId, or map another field to an identifier";
        (QuarantineReason::NoIdentifier, detail.to_owned())
    })
}

fn clean_parts(raw: &mut RawEvent, ctx: &SourceContext<'_>, received_at: Timestamp) -> walk::Notes {
    let mut walker = walk::Walker { ctx, received_at, notes: walk::Notes::default() };
    walker.clean(&mut raw.properties, "properties", walk::Part::Properties);
    let traits = if raw.kind == EventKind::Group { walk::Part::Properties } else { walk::Part::Traits };
    walker.clean(&mut raw.traits, "traits", traits);
    walker.clean(&mut raw.context, "context", walk::Part::Context);
    let mut notes = walker.notes;
    let texts = [("event", Some(&mut raw.name)), ("groupId", raw.group_id.as_mut())];
    for (field, text) in texts.into_iter().filter_map(|(f, t)| t.map(|t| (f, t))) {
        let clean = if field == "event" { clean::text(text) } else { clean::id(text) };
        if *clean != **text {
            let clean = clean.into_owned();
            let before = std::mem::replace(text, clean);
            notes.correct(field.to_owned(), Value::String(before), if field == "event" { "text" } else { "id" });
        }
    }
    notes
}

/// Reads the user agent into `context.agent` and cuts the address. Returns whether it is a known robot.
///
/// The whole address is no correction's raw value: cutting it is the point.
fn add_agent(context: &mut Object, policy: IpPolicy) -> bool {
    if let Some(Value::String(ip)) = context.get_mut("ip") {
        let cut = match policy {
            IpPolicy::Keep => Some(std::mem::take(ip)),
            IpPolicy::Truncate => clean::truncate_ip(ip).map(|c| c.value),
            IpPolicy::Drop => None,
        };
        match cut {
            Some(cut) => *ip = cut,
            None => drop(context.shift_remove("ip")),
        }
    }
    let Some(Value::String(text)) = context.get("userAgent") else { return false };
    let agent = clean::agent::agent(text);
    let bot = agent.bot;
    let said = [
        ("device", agent.device),
        ("os", agent.os),
        ("os_version", agent.os_version),
        ("browser", agent.browser),
        ("browser_version", agent.browser_version),
    ];
    let told = said.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), Value::from(v)));
    let agent: Object = told.collect();
    context.insert("agent".to_owned(), Value::Object(agent));
    bot
}

#[cfg(test)]
mod tests;
