//! The rules: what each kind of identifier may do, which values are blocked, and the caps. Data, with a version.

use serde::{Deserialize, Serialize};
use throughline_base::SourceId;

use super::blocked::BlockedRules;

/// How strongly an identifier speaks for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Names one human: customer number, membership, verified phone.
    Person,
    /// Names one account of a human: an openid, a marketplace buyer.
    Account,
    /// Names a device, which several humans may use.
    Device,
    /// Names a browser, which several humans may use.
    Browser,
    /// Names nobody: found by search, never merged by.
    Hint,
}

impl Strength {
    /// Person and account strength make persons; the others only follow them.
    #[must_use]
    pub const fn is_strong(self) -> bool {
        match self {
            Self::Person | Self::Account => true,
            Self::Device | Self::Browser | Self::Hint => false,
        }
    }

    /// Devices and browsers have sessions.
    #[must_use]
    pub const fn is_device(self) -> bool {
        match self {
            Self::Device | Self::Browser => true,
            Self::Person | Self::Account | Self::Hint => false,
        }
    }

    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Account => "account",
            Self::Device => "device",
            Self::Browser => "browser",
            Self::Hint => "hint",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Person, Self::Account, Self::Device, Self::Browser, Self::Hint].into_iter().find(|s| s.as_str() == text)
    }
}

/// How much of a device's anonymous history a login takes along; a setting of the source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stitching {
    /// All of it for a device with one owner ever; the session only when the device is or becomes shared.
    #[default]
    Auto,
    /// The session only.
    Session,
    /// What happened since the last logout.
    SinceLogout,
    /// Everything that is nobody else's.
    All,
    /// Nothing: kiosks and staff tablets, whose devices speak for nobody.
    Off,
}

impl Stitching {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Session => "session",
            Self::SinceLogout => "since_logout",
            Self::All => "all",
            Self::Off => "off",
        }
    }

    /// Reads the stored name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Auto, Self::Session, Self::SinceLogout, Self::All, Self::Off].into_iter().find(|s| s.as_str() == text)
    }
}

/// Where a value means the same thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everywhere.
    #[default]
    Global,
    /// Within one source: the same value from another source is another identifier.
    Source,
}

/// What happens when a person already has as many identifiers of a namespace as allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLimit {
    /// The new one is not linked.
    #[default]
    Refuse,
    /// The oldest link ends and the new one takes its place. Merges are still refused.
    EndOldest,
}

/// At most `n` per person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Limit {
    /// How many.
    pub n: u32,
    /// Counting those of the last so many days; `None`: ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_days: Option<u32>,
}

/// What one kind of identifier may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamespaceRule {
    /// The namespace, or the part before `:` of a family (`openid` rules `openid:wx1`, `openid:wx2` …, each counted alone).
    pub name: String,
    /// 1 is the strongest. Conflicts are settled in favour of the smaller number.
    pub priority: u8,
    /// How strongly it speaks for a person.
    pub strength: Strength,
    /// Where a value means the same thing.
    #[serde(default)]
    pub scope: Scope,
    /// How many a person may have; `None`: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_person: Option<Limit>,
    /// How many persons may have one; `None`: any number (devices only; strong identifiers have one owner at a time).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_owners: Option<u32>,
    /// The namespace it hangs under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What happens at the limit.
    #[serde(default)]
    pub on_limit: OnLimit,
    /// A claim that the source does not vouch for is a hint only.
    #[serde(default)]
    pub needs_verification: bool,
    /// A new verified owner takes it over when the old one cannot be the same person: recycled phone numbers.
    #[serde(default)]
    pub takeover: bool,
    /// Values of this namespace that are blocked besides the general ones, exact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
    /// How values are normalised before they come here: `text`, `phone`, `email`, `lower`. Told to the cleaning rules.
    #[serde(default = "default_normaliser")]
    pub normaliser: String,
    /// After so many days from its first sight a value is taken for a new identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_days: Option<u32>,
}

fn default_normaliser() -> String {
    "text".to_owned()
}

/// Limits that keep a person from swallowing the world. Each is warned about at half its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Caps {
    /// Identifiers of one person, weak ones included.
    pub identifiers: u32,
    /// Merges of one person, ever.
    pub merges: u32,
    /// Merges of one person within 24 hours.
    pub merges_per_day: u32,
    /// An identifier that joins more persons than this within 24 hours is suspended.
    pub joins_per_day: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { identifiers: 500, merges: 100, merges_per_day: 20, joins_per_day: 10 }
    }
}

/// All rules of identity, under a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Grows with every change; written on the evidence it decided.
    pub version: u32,
    /// The namespaces.
    pub namespaces: Vec<NamespaceRule>,
    /// What holds for a namespace that is not listed: an account (it may join its own events to a person, so that no
    /// data is lost), priority 7 (it loses every conflict with a listed strong one), 5 per person, one owner.
    pub unknown: NamespaceRule,
    /// Blocked values besides the built-in ones.
    pub blocked: BlockedRules,
    /// The caps.
    pub caps: Caps,
    /// A session on a device ends after so many minutes without events.
    pub session_minutes: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            version: 1,
            namespaces: default_namespaces(),
            unknown: NamespaceRule::new("*", 7, Strength::Account).per_person(5, None).verified_only(),
            blocked: BlockedRules::default(),
            caps: Caps::default(),
            session_minutes: 30,
        }
    }
}

impl NamespaceRule {
    /// A rule without limits; strong ones have one owner.
    #[must_use]
    pub fn new(name: &str, priority: u8, strength: Strength) -> Self {
        Self {
            name: name.to_owned(),
            priority,
            strength,
            scope: Scope::Global,
            max_per_person: None,
            max_owners: strength.is_strong().then_some(1),
            parent: None,
            on_limit: OnLimit::Refuse,
            needs_verification: false,
            takeover: false,
            blocked: Vec::new(),
            normaliser: default_normaliser(),
            ttl_days: None,
        }
    }

    /// With at most `n` per person (in `window_days`).
    #[must_use]
    pub const fn per_person(mut self, n: u32, window_days: Option<u32>) -> Self {
        self.max_per_person = Some(Limit { n, window_days });
        self
    }

    /// Only what a source vouches for counts: a web page can name anybody's phone, card or account.
    const fn verified_only(mut self) -> Self {
        self.needs_verification = true;
        self
    }

    fn normalised(mut self, normaliser: &str) -> Self {
        normaliser.clone_into(&mut self.normaliser);
        self
    }

    fn under(mut self, parent: &str) -> Self {
        self.parent = Some(parent.to_owned());
        self
    }
}

/// The table of the field note, §3.1. The household ids are hints: a household is an entity of its own, never a person.
fn default_namespaces() -> Vec<NamespaceRule> {
    use Strength::{Account, Browser, Device, Hint, Person};
    let vouched = |name: &str, priority, strength, n| {
        NamespaceRule::new(name, priority, strength).per_person(n, None).verified_only()
    };
    let mut phone = vouched("phone", 3, Person, 3).normalised("phone");
    phone.takeover = true;
    vec![
        NamespaceRule::new("user_id", 1, Person).per_person(1, None),
        vouched("member_no", 2, Person, 1),
        phone,
        vouched("email", 4, Person, 5).normalised("email"),
        vouched("unionid", 5, Person, 2),
        vouched("external_userid", 5, Person, 2),
        vouched("openid", 6, Account, 1).under("unionid"),
        vouched("buyer_id", 6, Account, 1),
        NamespaceRule::new("device_id", 8, Device).per_person(10, None),
        NamespaceRule::new("push_token", 8, Device).per_person(10, None),
        NamespaceRule::new("anonymous_id", 9, Browser).per_person(20, Some(90)),
        NamespaceRule::new("household", 10, Hint),
        NamespaceRule::new("landline", 10, Hint),
        NamespaceRule::new("address", 10, Hint),
    ]
}

/// The part of a namespace that rules are looked up by: without application, shop, programme or source.
#[must_use]
pub fn family(namespace: &str) -> &str {
    namespace.split([':', '@']).next().unwrap_or(namespace)
}

impl Rules {
    /// The rule of a namespace: its own, its family's, or [`Rules::unknown`].
    #[must_use]
    pub fn of(&self, namespace: &str) -> &NamespaceRule {
        let unscoped = namespace.split('@').next().unwrap_or(namespace);
        let named = |name: &str| self.namespaces.iter().find(|rule| rule.name == name);
        named(unscoped).or_else(|| named(family(unscoped))).unwrap_or(&self.unknown)
    }

    /// Whether a claim of this namespace is a hint only.
    #[must_use]
    pub fn is_hint(&self, namespace: &str, verified: bool) -> bool {
        let rule = self.of(namespace);
        rule.strength == Strength::Hint || (rule.needs_verification && !verified)
    }

    /// Checks what the types cannot: names, priorities, parents, patterns. Each problem says what and where.
    ///
    /// # Errors
    /// Every problem found, for people.
    pub fn validate(&self) -> Result<(), Vec<String>> {
        let mut problems = Vec::new();
        for (i, rule) in self.namespaces.iter().enumerate() {
            let name = &rule.name;
            if name.is_empty() || name.contains('@') || name.trim() != name {
                problems.push(format!(
                    "namespaces[{i}].name: {name:?} must be non-empty, without blanks around it and without '@'"
                ));
            }
            if self.namespaces[..i].iter().any(|other| other.name == *name) {
                problems.push(format!("namespaces[{i}].name: {name:?} is listed twice; keep one"));
            }
            if rule.strength.is_strong() && rule.max_owners != Some(1) {
                problems.push(format!(
                    "namespaces[{i}].max_owners: {name:?} is of {} strength and has one owner at a time; set it to 1",
                    rule.strength.as_str()
                ));
            }
            if let Some(parent) = &rule.parent
                && !self.namespaces.iter().any(|other| other.name == *parent && other.strength.is_strong())
            {
                problems.push(format!(
                    "namespaces[{i}].parent: {parent:?} is no listed namespace of person or account strength"
                ));
            }
            if rule.max_per_person.is_some_and(|limit| limit.n == 0) {
                problems.push(format!(
                    "namespaces[{i}].max_per_person.n: 0 links nothing; use strength = \"hint\" for that"
                ));
            }
        }
        if self.session_minutes == 0 {
            problems.push("session_minutes: must be at least 1".to_owned());
        }
        problems.extend(self.blocked.problems());
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// The namespace a node of this claim is stored under: with the source when its scope is the source.
    #[must_use]
    pub fn stored_namespace(&self, namespace: &str, source_id: SourceId) -> String {
        match self.of(namespace).scope {
            Scope::Global => namespace.to_owned(),
            Scope::Source => format!("{namespace}@{source_id}"),
        }
    }
}
