//! Consent: append-only records with proof, and the answer to "may I contact this person?".

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use throughline_base::{ConsentId, IdentifierId, Timestamp};

use crate::event::Object;
use crate::identity::rules::family;

/// What a person decided, or what happened to the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAction {
    /// Agreed.
    Grant,
    /// Said no when asked.
    Deny,
    /// Took an earlier yes back.
    Withdraw,
    /// Objected (also by Global Privacy Control).
    Object,
}

impl ConsentAction {
    /// Every action.
    pub const ALL: [Self; 4] = [Self::Grant, Self::Deny, Self::Withdraw, Self::Object];

    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Deny => "deny",
            Self::Withdraw => "withdraw",
            Self::Object => "object",
        }
    }

    /// Reads a name; also the words consent banners send (`granted`, `opt_in`, `revoke` …).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "grant" | "granted" | "opt_in" | "opt-in" | "accept" | "accepted" | "true" | "yes" => Some(Self::Grant),
            "deny" | "denied" | "reject" | "rejected" | "false" | "no" => Some(Self::Deny),
            "withdraw" | "withdrawn" | "revoke" | "revoked" | "opt_out" | "opt-out" | "unsubscribe" => {
                Some(Self::Withdraw)
            }
            "object" | "objected" | "gpc" => Some(Self::Object),
            _ => None,
        }
    }

    /// Whether it stands in the way of contact.
    #[must_use]
    pub const fn forbids(self) -> bool {
        match self {
            Self::Grant => false,
            Self::Deny | Self::Withdraw | Self::Object => true,
        }
    }
}

/// On what ground personal data is used. PIPL knows no legitimate interests (field note experience §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegalBasis {
    /// The person agreed.
    Consent,
    /// Needed for a contract with the person (order and delivery messages).
    Contract,
    /// Required by law.
    LegalDuty,
    /// GDPR art. 6 (1) f; not a basis under PIPL.
    LegitimateInterest,
}

impl LegalBasis {
    /// Every basis.
    pub const ALL: [Self; 4] = [Self::Consent, Self::Contract, Self::LegalDuty, Self::LegitimateInterest];

    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalDuty => "legal_duty",
            Self::LegitimateInterest => "legitimate_interest",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.as_str() == text)
    }
}

/// The purpose that needs no consent: messages a contract calls for.
pub const PURPOSE_SERVICE: &str = "service";
/// The purpose most consents are for.
pub const PURPOSE_MARKETING: &str = "marketing";
/// The channel name that stands for every channel.
pub const CHANNEL_ANY: &str = "any";

/// One record. Never changed, never removed but by erasure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsentRecord {
    /// Its id; later records have larger ids.
    pub id: ConsentId,
    /// The line it hangs on.
    pub line: IdentifierId,
    /// `marketing`, `analytics`, `personalisation`, `service` or a purpose of the operator's.
    pub purpose: String,
    /// `email`, `sms`, `push`, `phone`, `wechat`, `post`, `ads` … or `any`.
    pub channel: String,
    /// What was decided.
    pub action: ConsentAction,
    /// The legal basis claimed.
    pub legal_basis: LegalBasis,
    /// Which text the person saw.
    pub notice_version: Option<String>,
    /// Proof: method, url, store, terminal, employee, truncated IP, user agent …
    pub evidence: Value,
    /// When the person decided.
    pub given_at: Timestamp,
    /// When we learned of it.
    pub received_at: Timestamp,
    /// When a grant ends.
    pub expires_at: Option<Timestamp>,
}

/// Why contact is or is not allowed. A closed set, so that the console can explain each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactReason {
    /// A valid grant for this purpose and channel.
    Granted,
    /// The purpose needs no consent.
    NoConsentNeeded,
    /// Nothing on record: silence is no consent.
    NoRecord,
    /// Said no.
    Denied,
    /// Took it back.
    Withdrawn,
    /// Objected.
    Objected,
    /// The grant ran out.
    Expired,
    /// The lines that were joined into this person disagree; the strictest holds until the person confirms.
    Disagreement,
    /// No address for the channel.
    NoAddress,
    /// Collection is suppressed for this person.
    Suppressed,
}

impl ContactReason {
    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::NoConsentNeeded => "no_consent_needed",
            Self::NoRecord => "no_record",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Objected => "objected",
            Self::Expired => "expired",
            Self::Disagreement => "disagreement",
            Self::NoAddress => "no_address",
            Self::Suppressed => "suppressed",
        }
    }
}

impl fmt::Display for ContactReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to "may I contact this person?".
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MayContact {
    /// Yes or no.
    pub allowed: bool,
    /// Why.
    pub reason: ContactReason,
    /// The record that decided, if one did.
    pub record: Option<ConsentId>,
}

impl MayContact {
    const fn of(reason: ContactReason, record: Option<ConsentId>) -> Self {
        let allowed = matches!(reason, ContactReason::Granted | ContactReason::NoConsentNeeded);
        Self { allowed, reason, record }
    }
}

/// Decides from all records of all lines of a person.
///
/// On one line the newest record (by `given_at`, then id) for the exact channel holds, else the newest for
/// [`CHANNEL_ANY`]; a later refusal for every channel beats an earlier grant for one. Between lines the most
/// restrictive holds, unless a grant is newer than every refusal on the other lines *and* was given after the lines
/// were joined at `joined_at`: then the person has confirmed.
#[must_use]
pub fn may_contact(
    records: &[ConsentRecord],
    purpose: &str,
    channel: &str,
    joined_at: Option<Timestamp>,
    now: Timestamp,
) -> MayContact {
    let relevant = |r: &&ConsentRecord| {
        r.purpose == purpose && (r.channel == channel || r.channel == CHANNEL_ANY) && r.given_at <= now
    };
    let mut lines: Vec<IdentifierId> = records.iter().filter(relevant).map(|r| r.line).collect();
    lines.sort_unstable();
    lines.dedup();
    let standing: Vec<&ConsentRecord> = lines
        .iter()
        .filter_map(|l| standing_on_line(records.iter().filter(relevant).filter(|r| r.line == *l)))
        .collect();

    let newest_grant = standing.iter().filter(|r| !r.action.forbids()).max_by_key(|r| (r.given_at, r.id));
    let newest_refusal = standing.iter().filter(|r| r.action.forbids()).max_by_key(|r| (r.given_at, r.id));
    match (newest_grant, newest_refusal) {
        (None, None) if purpose == PURPOSE_SERVICE => MayContact::of(ContactReason::NoConsentNeeded, None),
        (None, None) => MayContact::of(ContactReason::NoRecord, None),
        (None, Some(no)) => MayContact::of(refusal(no.action), Some(no.id)),
        (Some(yes), None) => grant(yes, now),
        (Some(yes), Some(no)) => {
            let confirmed = yes.given_at > no.given_at && joined_at.is_some_and(|j| yes.given_at > j);
            if confirmed { grant(yes, now) } else { MayContact::of(ContactReason::Disagreement, Some(no.id)) }
        }
    }
}

fn standing_on_line<'a>(records: impl Iterator<Item = &'a ConsentRecord>) -> Option<&'a ConsentRecord> {
    records.max_by_key(|r| (r.given_at, r.id))
}

const fn refusal(action: ConsentAction) -> ContactReason {
    match action {
        ConsentAction::Withdraw => ContactReason::Withdrawn,
        ConsentAction::Object => ContactReason::Objected,
        ConsentAction::Deny | ConsentAction::Grant => ContactReason::Denied,
    }
}

fn grant(r: &ConsentRecord, now: Timestamp) -> MayContact {
    let reason = match r.expires_at {
        Some(end) if end <= now => ContactReason::Expired,
        Some(_) | None => ContactReason::Granted,
    };
    MayContact::of(reason, Some(r.id))
}

/// Channels of contact, with the namespaces of their addresses.
pub const CONTACT_CHANNELS: [(&str, &[&str]); 5] = [
    ("email", &["email"]),
    ("sms", &["phone"]),
    ("phone", &["phone"]),
    ("push", &["push_token"]),
    ("wechat", &["openid", "unionid", "external_userid"]),
];

/// What remains of an answer when the addresses and the suppression of the person are looked at: consent first, then
/// whether there is an address at all, and suppression above both; only what a contract calls for may still be said then.
/// A channel without a known kind of address needs none.
#[must_use]
pub fn may_reach<'a>(
    consent: MayContact,
    namespaces: impl IntoIterator<Item = &'a str>,
    suppressed: bool,
    purpose: &str,
    channel: &str,
) -> MayContact {
    if suppressed && purpose != PURPOSE_SERVICE {
        return MayContact { allowed: false, reason: ContactReason::Suppressed, ..consent };
    }
    let wanted = CONTACT_CHANNELS.iter().find(|(c, _)| *c == channel).map_or(&[][..], |(_, n)| n);
    let has_address = wanted.is_empty() || namespaces.into_iter().any(|n| wanted.contains(&family(n)));
    if consent.allowed && !has_address {
        return MayContact { allowed: false, reason: ContactReason::NoAddress, ..consent };
    }
    consent
}

/// What an event says about consent.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsentClaim {
    /// Purpose.
    pub purpose: String,
    /// Channel.
    pub channel: String,
    /// Decision.
    pub action: ConsentAction,
    /// Legal basis.
    pub legal_basis: LegalBasis,
    /// Text shown.
    pub notice_version: Option<String>,
    /// Proof.
    pub evidence: Value,
    /// When a grant ends.
    pub expires_at: Option<Timestamp>,
}

/// Reads consent out of an event: `Consent Updated` (our tag's: purpose, channel, action …), the same as several
/// `{consents: [...]}`, and the unsubscribe events of e-mail and SMS providers.
#[must_use]
pub fn from_event(name: &str, properties: &Object, context: &Object) -> Vec<ConsentClaim> {
    let implied = match name {
        "Consent Updated" => None,
        "Consent Granted" => Some((ConsentAction::Grant, CHANNEL_ANY)),
        "Consent Denied" => Some((ConsentAction::Deny, CHANNEL_ANY)),
        "Consent Withdrawn" => Some((ConsentAction::Withdraw, CHANNEL_ANY)),
        "Unsubscribed" | "Email Unsubscribed" | "Email Marked as Spam" => Some((ConsentAction::Withdraw, "email")),
        "SMS Unsubscribed" => Some((ConsentAction::Withdraw, "sms")),
        "Push Notification Disabled" => Some((ConsentAction::Withdraw, "push")),
        _ => return Vec::new(),
    };
    match properties.get("consents").and_then(Value::as_array) {
        Some(list) => list
            .iter()
            .take(100)
            .filter_map(Value::as_object)
            .filter_map(|one| claim(one, properties, context, implied))
            .collect(),
        None => claim(properties, properties, context, implied).into_iter().collect(),
    }
}

fn claim(one: &Object, all: &Object, context: &Object, implied: Option<(ConsentAction, &str)>) -> Option<ConsentClaim> {
    let text = |key: &str| one.get(key).or_else(|| all.get(key)).and_then(Value::as_str).map(str::trim);
    let action = match one.get("action").or_else(|| one.get("state")).or_else(|| one.get("granted")) {
        Some(Value::String(t)) => ConsentAction::parse(t),
        Some(Value::Bool(b)) => ConsentAction::parse(if *b { "grant" } else { "deny" }),
        Some(_) | None => implied.map(|(a, _)| a),
    }?;
    let mut evidence = all.get("evidence").and_then(Value::as_object).cloned().unwrap_or_default();
    for key in ["method", "store_id", "terminal", "employee", "file_hash"] {
        if let Some(v) = one.get(key).or_else(|| all.get(key)) {
            evidence.entry(key).or_insert_with(|| v.clone());
        }
    }
    if let Some(url) = context.get("page").and_then(|p| p.get("url")) {
        evidence.entry("url").or_insert_with(|| url.clone());
    }
    for key in ["ip", "userAgent", "locale"] {
        if let Some(v) = context.get(key) {
            evidence.entry(key).or_insert_with(|| v.clone());
        }
    }
    let short = |t: &str| t.to_lowercase().chars().take(64).collect::<String>();
    Some(ConsentClaim {
        purpose: text("purpose").filter(|t| !t.is_empty()).map_or_else(|| PURPOSE_MARKETING.into(), short),
        channel: text("channel")
            .filter(|t| !t.is_empty())
            .map_or_else(|| implied.map_or(CHANNEL_ANY, |(_, c)| c).to_owned(), short),
        action,
        legal_basis: text("legal_basis").and_then(LegalBasis::parse).unwrap_or(LegalBasis::Consent),
        notice_version: text("notice_version").map(|t| t.chars().take(100).collect()),
        evidence: Value::Object(evidence),
        expires_at: text("expires_at").and_then(Timestamp::parse),
    })
}

/// The hash that chains a record to the one before it on the same line: SHA-256 over the previous hash and the record.
#[must_use]
pub fn chain_hash(prev: &str, r: &ConsentRecord) -> String {
    let mut h = Sha256::new();
    h.update(prev.as_bytes());
    for part in [r.purpose.as_str(), &r.channel, r.action.as_str(), r.legal_basis.as_str()] {
        h.update([0]);
        h.update(part.as_bytes());
    }
    h.update([0]);
    h.update(r.notice_version.as_deref().unwrap_or("").as_bytes());
    h.update([0]);
    h.update(r.evidence.to_string().as_bytes());
    for n in [r.id.get(), r.line.get(), r.given_at.ms(), r.expires_at.map_or(-1, Timestamp::ms)] {
        h.update(n.to_be_bytes());
    }
    hex(&h.finalize())
}

/// Lower-case hexadecimal text.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        use fmt::Write as _;
        write!(s, "{b:02x}").expect("writing to a String does not fail");
        s
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: i64, line: i64, channel: &str, action: ConsentAction, at: i64) -> ConsentRecord {
        ConsentRecord {
            id: ConsentId::new(id),
            line: IdentifierId::new(line),
            purpose: PURPOSE_MARKETING.into(),
            channel: channel.into(),
            action,
            legal_basis: LegalBasis::Consent,
            notice_version: None,
            evidence: Value::Null,
            given_at: Timestamp::from_ms(at),
            received_at: Timestamp::from_ms(at),
            expires_at: None,
        }
    }

    fn ask(records: &[ConsentRecord], joined: Option<i64>) -> ContactReason {
        may_contact(records, "marketing", "sms", joined.map(Timestamp::from_ms), Timestamp::from_ms(1_000)).reason
    }

    #[test]
    fn silence_is_no_consent_but_a_service_message_needs_none() {
        assert_eq!(ask(&[], None), ContactReason::NoRecord);
        let now = Timestamp::from_ms(1);
        assert_eq!(may_contact(&[], "service", "sms", None, now).reason, ContactReason::NoConsentNeeded);
    }

    #[test]
    fn the_newest_word_of_one_line_holds() {
        use ConsentAction::{Grant, Withdraw};
        assert_eq!(ask(&[record(1, 1, "sms", Grant, 10)], None), ContactReason::Granted);
        let both = [record(1, 1, "sms", Grant, 10), record(2, 1, "any", Withdraw, 20)];
        assert_eq!(ask(&both, None), ContactReason::Withdrawn);
        let again = [record(1, 1, "any", Withdraw, 20), record(2, 1, "sms", Grant, 30)];
        assert_eq!(ask(&again, None), ContactReason::Granted);
        assert_eq!(ask(&[record(1, 1, "email", Grant, 10)], None), ContactReason::NoRecord);
    }

    #[test]
    fn after_a_merge_the_strictest_holds_until_the_person_confirms() {
        use ConsentAction::{Deny, Grant};
        let two = [record(1, 1, "sms", Grant, 30), record(2, 2, "sms", Deny, 20)];
        assert_eq!(ask(&two, Some(50)), ContactReason::Disagreement);
        let confirmed = [two[0].clone(), two[1].clone(), record(3, 1, "sms", Grant, 60)];
        assert_eq!(ask(&confirmed, Some(50)), ContactReason::Granted);
        assert_eq!(ask(&two[..1], None), ContactReason::Granted, "after the split each side has its own record back");
    }

    #[test]
    fn a_grant_runs_out() {
        let mut r = record(1, 1, "sms", ConsentAction::Grant, 10);
        r.expires_at = Some(Timestamp::from_ms(500));
        assert_eq!(ask(&[r], None), ContactReason::Expired);
    }

    #[test]
    fn consent_is_read_from_events() {
        let object = |v: Value| v.as_object().cloned().unwrap();
        let p = object(
            serde_json::json!({"purpose":"marketing","channel":"SMS","action":"grant","notice_version":"v3","method":"checkbox"}),
        );
        let c = &from_event("Consent Updated", &p, &Object::new())[0];
        assert_eq!(
            (c.channel.as_str(), c.action, c.notice_version.as_deref()),
            ("sms", ConsentAction::Grant, Some("v3"))
        );
        assert_eq!(c.evidence["method"], "checkbox");
        let c = &from_event("Email Unsubscribed", &Object::new(), &Object::new())[0];
        assert_eq!((c.channel.as_str(), c.action), ("email", ConsentAction::Withdraw));
        let many = object(
            serde_json::json!({"consents":[{"channel":"email","granted":true},{"channel":"sms","granted":false}]}),
        );
        assert_eq!(from_event("Consent Updated", &many, &Object::new()).len(), 2);
        assert!(
            from_event("Consent Updated", &Object::new(), &Object::new()).is_empty(),
            "without an action nothing is said"
        );
        assert!(from_event("Order Completed", &p, &Object::new()).is_empty());
    }

    #[test]
    fn a_changed_record_breaks_the_chain() {
        let a = record(1, 1, "sms", ConsentAction::Grant, 10);
        let b = record(1, 1, "sms", ConsentAction::Deny, 10);
        assert_ne!(chain_hash("", &a), chain_hash("", &b));
        assert_eq!(chain_hash("", &a).len(), 64);
    }
}
