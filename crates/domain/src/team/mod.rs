//! Who may do what at the console and the API, and the chain that makes the audit log tamper-evident.
//!
//! Start reading at [`Role::scopes`].

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::person::consent::hex;

/// A right. Every admin route asks for exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// See reports, sources, settings without personal data.
    Read,
    /// Change sources, plans, rules, imports.
    Write,
    /// See personal data unmasked.
    Personal,
    /// Take data out.
    Export,
    /// Erase people.
    Erase,
    /// Manage users, keys and the installation.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Personal, Self::Export, Self::Erase, Self::Admin];

    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Personal => "personal",
            Self::Export => "export",
            Self::Erase => "erase",
            Self::Admin => "admin",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// What a user of the console is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything; made at first run.
    Owner,
    /// Everything but erasing people, which the privacy officer does.
    Admin,
    /// Privacy officer: sees, exports and erases personal data.
    Privacy,
    /// Works with people and campaigns.
    Marketer,
    /// Reports without personal data.
    Analyst,
    /// Looks only, without personal data.
    Viewer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [Self::Owner, Self::Admin, Self::Privacy, Self::Marketer, Self::Analyst, Self::Viewer];

    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Privacy => "privacy",
            Self::Marketer => "marketer",
            Self::Analyst => "analyst",
            Self::Viewer => "viewer",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }

    /// The rights that come with the role.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Owner => &Scope::ALL,
            Self::Admin => &[Scope::Read, Scope::Write, Scope::Personal, Scope::Export, Scope::Admin],
            Self::Privacy => &[Scope::Read, Scope::Personal, Scope::Export, Scope::Erase],
            Self::Marketer => &[Scope::Read, Scope::Write, Scope::Personal],
            Self::Analyst | Self::Viewer => &[Scope::Read],
        }
    }
}

/// What is wrong with a new password, or `None`. Length is what counts (NIST SP 800-63B): at least 10 characters, not
/// the address itself, not one character repeated.
#[must_use]
pub fn password_problem(password: &str, email: &str) -> Option<&'static str> {
    let count = password.chars().count();
    if count < 10 {
        return Some("the password needs at least 10 characters");
    }
    if count > 200 {
        return Some("the password may have at most 200 characters");
    }
    if password.eq_ignore_ascii_case(email) {
        return Some("the password may not be the e-mail address");
    }
    let mut chars = password.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) {
        return Some("the password may not be one character repeated");
    }
    None
}

/// Failed sign-ins before the door closes for [`LOGIN_PAUSE_MS`].
pub const LOGIN_TRIES: u32 = 8;
/// How long the door stays closed, and the window in which tries are counted.
pub const LOGIN_PAUSE_MS: i64 = 15 * 60_000;

/// The hash of an audit row: SHA-256 over the previous hash and the row.
#[must_use]
pub fn audit_hash(prev: &str, at_ms: i64, actor: &str, action: &str, object: &str, detail: &str) -> String {
    let mut h = Sha256::new();
    h.update(prev.as_bytes());
    h.update(at_ms.to_be_bytes());
    for part in [actor, action, object, detail] {
        h.update((part.len() as u64).to_be_bytes());
        h.update(part.as_bytes());
    }
    hex(&h.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_analyst_sees_no_personal_data_and_an_admin_erases_nobody() {
        assert!(!Role::Analyst.scopes().contains(&Scope::Personal));
        assert!(!Role::Admin.scopes().contains(&Scope::Erase));
        assert_eq!(Role::Owner.scopes().len(), Scope::ALL.len());
        for r in Role::ALL {
            assert_eq!(Role::parse(r.as_str()), Some(r));
        }
    }

    #[test]
    fn weak_passwords_are_named() {
        assert!(password_problem("short", "a@b.co").is_some());
        assert!(password_problem("aaaaaaaaaaaaaa", "a@b.co").is_some());
        assert!(password_problem("someone@example.com", "Someone@example.com").is_some());
        assert!(password_problem("violet harbour 19", "a@b.co").is_none());
    }

    #[test]
    fn moving_text_between_fields_changes_the_audit_hash() {
        assert_ne!(audit_hash("", 1, "ab", "c", "", ""), audit_hash("", 1, "a", "bc", "", ""));
    }
}
