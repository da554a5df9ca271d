//! The identifiers an event claims: normalised, without doubles, strongest namespace first.

use serde_json::Value;

use super::SourceContext;
use super::keys::{Folded, namespace_of};
use super::walk::Notes;
use crate::event::raw::RawEvent;
use crate::event::{Claim, EventKind, Object, clean, traits_op};

/// Longest identifier, in bytes.
const MAX_VALUE: usize = 512;
/// Identifiers of one event.
const MAX_CLAIMS: usize = 64;

/// Rank of a namespace by the built-in priorities (field note §3.1); lower is stronger.
#[must_use]
pub fn namespace_rank(namespace: &str) -> u8 {
    match namespace.split(':').next().unwrap_or_default() {
        "user_id" => 1,
        "member_no" => 2,
        "phone" => 3,
        "email" => 4,
        "unionid" | "external_userid" => 5,
        "openid" | "buyer_id" => 6,
        "device_id" | "push_token" => 8,
        "anonymous_id" => 9,
        _ => 7,
    }
}

/// Collects the claims of an event whose parts are clean.
pub(super) fn collect(raw: &mut RawEvent, ctx: &SourceContext<'_>, notes: &mut Notes) -> Vec<Claim> {
    let mut c = Collector { ctx, openid_app: openid_app(raw, ctx), claims: Vec::with_capacity(4), notes };
    for (field, id) in [("userId", raw.user_id.take()), ("anonymousId", raw.anonymous_id.take())] {
        let namespace = if field == "userId" { "user_id" } else { "anonymous_id" };
        if let Some(id) = id {
            c.named(field, namespace, id);
        }
    }
    if let Some(id) = raw.previous_id.take() {
        c.named("previousId", ctx.previous_id_namespace, id);
    }
    for id in std::mem::take(&mut raw.ids) {
        let namespace = clean::id(&id.namespace);
        if is_namespace(&namespace) {
            let vouched = c.vouched(id.verified);
            c.push(&namespace, &id.value, vouched, "ids");
        } else {
            c.no_namespace("the identities");
        }
    }
    // Traits of a group are the group's, not the person's.
    if raw.kind != EventKind::Group {
        c.traits(&raw.traits, "traits");
        if let Some(Value::Object(once)) = raw.traits.get(traits_op::SET_ONCE) {
            c.traits(once, "traits.$set_once");
        }
    }
    if let Some(Value::Object(traits)) = raw.context.get("traits") {
        c.traits(traits, "context.traits");
    }
    c.context(&raw.context);
    for (object, place) in [(&raw.extra, "ids"), (&raw.context, "context.ids"), (&raw.properties, "properties.ids")] {
        if let Some(Value::Object(ids)) = object.get("ids") {
            c.id_map(ids, place);
        }
    }
    for (path, namespace) in ctx.identifier_fields {
        if let Some(value) = at_path(raw, path) {
            c.values(namespace, value, ctx.verified, path);
        }
    }
    let mut claims = c.claims;
    claims.sort_by_key(|claim| namespace_rank(&claim.namespace));
    claims
}

/// The app of the event's openids: the source's, else a WeChat app id that the event names.
fn openid_app(raw: &RawEvent, ctx: &SourceContext<'_>) -> Option<String> {
    let named = || raw.context.get("app")?.get("id")?.as_str().filter(|id| id.starts_with("wx") && id.len() <= 64);
    ctx.openid_app.or_else(named).map(str::to_owned)
}

/// The value at a path such as `properties.card_no` or `context.app.user`.
fn at_path<'a>(raw: &'a RawEvent, path: &str) -> Option<&'a Value> {
    let (part, rest) = path.split_once('.')?;
    let object = match part {
        "properties" => &raw.properties,
        "traits" => &raw.traits,
        "context" => &raw.context,
        "extra" => &raw.extra,
        _ => return None,
    };
    if let Some(value) = object.get(rest) {
        return Some(value);
    }
    let mut steps = rest.split('.');
    let first = object.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

struct Collector<'a> {
    ctx: &'a SourceContext<'a>,
    openid_app: Option<String>,
    claims: Vec<Claim>,
    notes: &'a mut Notes,
}

impl Collector<'_> {
    /// An id with a field of its own: its cleaning is noted.
    fn named(&mut self, field: &str, namespace: &str, id: String) {
        let clean = clean::id(&id);
        if *clean != *id {
            let clean = clean.into_owned();
            self.push(namespace, &clean, true, field);
            self.notes.correct(field.to_owned(), Value::String(id), "id");
        } else {
            self.push(namespace, &id, true, field);
        }
    }

    /// What an event says of its own identifiers can only take back what the source vouches for: anybody can write
    /// `phone_verified` where anybody can write a phone.
    fn vouched(&self, said: Option<bool>) -> bool {
        self.ctx.verified && said.unwrap_or(true)
    }

    /// Traits that are identifiers. `phone_verified` and `email_verified` take back what the source vouches for.
    fn traits(&mut self, traits: &Object, place: &str) {
        for (key, value) in traits {
            let Some(namespace) = namespace_of(&Folded::new(key)) else { continue };
            let verified = match namespace {
                "phone" => flag(traits, "phoneverified"),
                "email" => flag(traits, "emailverified"),
                // A trait called device_id or user_id is a fact about the person's account elsewhere.
                "user_id" | "anonymous_id" | "device_id" | "push_token" => continue,
                _ => None,
            };
            let vouched = self.vouched(verified);
            self.values(namespace, value, vouched, place);
        }
    }

    fn context(&mut self, context: &Object) {
        if let Some(Value::Array(list)) = context.get("externalIds") {
            for entry in list.iter().take(MAX_CLAIMS) {
                let collection = entry.get("collection").and_then(Value::as_str).unwrap_or("users");
                let encoding = entry.get("encoding").and_then(Value::as_str).unwrap_or("none");
                let (Some(id), Some(kind)) = (entry.get("id"), entry.get("type").and_then(Value::as_str)) else {
                    continue;
                };
                if matches!(collection, "users" | "user") && encoding == "none" {
                    self.mapped(kind, id, "context.externalIds");
                }
            }
        }
        if let Some(Value::Object(device)) = context.get("device") {
            for (key, namespace) in [("id", "device_id"), ("advertisingId", "device_id"), ("token", "push_token")] {
                if let Some(value) = device.get(key) {
                    self.values(namespace, value, true, "context.device");
                }
            }
        }
    }

    fn id_map(&mut self, ids: &Object, place: &str) {
        for (key, value) in ids {
            self.mapped(key, value, place);
        }
    }

    /// An identifier under a name of the client's: a known one, else the name itself as namespace.
    fn mapped(&mut self, key: &str, value: &Value, place: &str) {
        match namespace_of(&Folded::new(key)) {
            // `openid:wx123` keeps its app.
            Some(namespace) => self.values(namespace, value, self.ctx.verified, place),
            None if is_namespace(key) => self.values(key, value, self.ctx.verified, place),
            None => self.no_namespace(place),
        }
    }

    fn no_namespace(&mut self, place: &str) {
        let text = format!("a name in {place} is no namespace: letters, digits, _ - . and : only");
        self.notes.warnings.push(text);
    }

    fn values(&mut self, namespace: &str, value: &Value, verified: bool, place: &str) {
        match value {
            Value::String(text) => self.push(namespace, text, verified, place),
            Value::Number(n) => self.push(namespace, &n.to_string(), verified, place),
            Value::Array(list) => {
                for entry in list.iter().take(MAX_CLAIMS).filter(|e| !e.is_array()) {
                    self.values(namespace, entry, verified, place);
                }
            }
            Value::Null | Value::Bool(_) | Value::Object(_) => {}
        }
    }

    fn push(&mut self, namespace: &str, value: &str, verified: bool, place: &str) {
        if value.len() > MAX_VALUE {
            self.notes
                .warnings
                .push(format!("an identifier in {place} is longer than {MAX_VALUE} bytes and was left out"));
            return;
        }
        if self.claims.len() == MAX_CLAIMS {
            self.notes
                .warnings
                .push(format!("the event claims more than {MAX_CLAIMS} identifiers; the rest was left out"));
            return;
        }
        let (value, vouched) = match namespace {
            "phone" => (clean::phone(value, self.ctx.default_region).map(|c| c.value.e164), verified),
            "email" => (clean::email(value).map(|c| c.value), verified),
            _ => {
                let id = Some(clean::id(value).into_owned()).filter(|v| !v.is_empty());
                (id, verified || names_itself(namespace))
            }
        };
        let Some(value) = value else { return };
        let namespace = match (namespace, &self.openid_app) {
            ("openid", Some(app)) => format!("openid:{app}"),
            _ => namespace.to_owned(),
        };
        match self.claims.iter_mut().find(|c| c.namespace == namespace && c.value == value) {
            Some(known) => known.verified |= vouched,
            None => self.claims.push(Claim { namespace, value, verified: vouched }),
        }
    }
}

/// Ids that a client makes or is given by itself. Everything else is a statement about a person or an account, and holds
/// no more than the source that makes it.
fn names_itself(namespace: &str) -> bool {
    matches!(namespace, "user_id" | "anonymous_id" | "device_id" | "push_token")
}

fn flag(traits: &Object, folded: &str) -> Option<bool> {
    traits.iter().find(|(k, _)| Folded::new(k).as_bytes() == folded.as_bytes()).and_then(|(_, v)| v.as_bool())
}

fn is_namespace(key: &str) -> bool {
    !key.is_empty() && key.len() <= 64 && key.chars().all(|c| c.is_alphanumeric() || "_-.:".contains(c))
}
