//! What connectors say: tills, marketplaces, senders, the service desk. Who is meant is written the same way by all.

use super::World;
use super::ledger::seen;
use crate::people::{Id, MINI_APP, Ns, plain_text};
use crate::text::{field, key, number};
use crate::wire::{Say, Verb, fragment};

/// Fields of JSON under construction, without braces.
#[derive(Debug, Default, Clone)]
pub(super) struct Fields(pub(super) String);

impl Fields {
    pub(super) fn new() -> Self {
        Self(String::with_capacity(256))
    }

    pub(super) fn text(mut self, name: &str, value: &str) -> Self {
        field(&mut self.0, name, value);
        self
    }

    pub(super) fn number(mut self, name: &str, value: i64) -> Self {
        number(&mut self.0, name, value);
        self
    }

    pub(super) fn amount(mut self, name: &str, minor: i64) -> Self {
        crate::text::amount(&mut self.0, name, minor);
        self
    }

    /// Adds ready-made JSON.
    pub(super) fn raw(mut self, name: &str, json: &str) -> Self {
        key(&mut self.0, name);
        self.0.push_str(json);
        self
    }

    /// Adds the fields of `other`.
    pub(super) fn and(mut self, other: &str) -> Self {
        if !other.is_empty() {
            crate::text::comma(&mut self.0);
            self.0.push_str(other);
        }
        self
    }
}

/// The official account says which app its openids belong to.
const ACCOUNT_CONTEXT: &str = r#""app":{"id":"wx90c4de7712ab3f05"}"#;

/// One event of a connector.
pub(super) struct Report<'a> {
    pub(super) source: usize,
    pub(super) verb: Verb,
    pub(super) name: &'a str,
    pub(super) at: i64,
    /// Who it is about; they go to `userId`, `anonymousId` or the traits, as the source writes them.
    pub(super) ids: &'a [Id],
    pub(super) props: &'a Fields,
    /// Traits beside the identifiers.
    pub(super) traits: &'a str,
    /// Store or other place, for outages.
    pub(super) place: u64,
}

impl World {
    /// Says an event through a connector. True when it arrives before the end: then it is evidence, too.
    pub(super) fn report(&mut self, person: usize, r: &Report<'_>) -> bool {
        let flush_at = self.outbox.flush_at(r.source, r.at, r.place);
        if flush_at > self.until {
            return false;
        }
        let (mut user, mut anonymous) = (String::new(), String::new());
        let mut traits = Fields(r.traits.to_owned());
        for id in r.ids {
            let p = &self.people[person];
            match id.0 {
                Ns::User => user = plain_text(*id),
                Ns::Anonymous => anonymous = plain_text(*id),
                Ns::Phone => traits = traits.text("phone", &id.1.to_string()),
                Ns::Email => traits = traits.text("email", &p.text_of(*id)),
                Ns::Member => traits = traits.text("member_no", &plain_text(*id)),
                Ns::Union => traits = traits.text("unionid", &plain_text(*id)),
                Ns::OpenMini => traits = traits.text("openid", &plain_text(*id)).text("appid", MINI_APP),
                Ns::OpenAccount | Ns::OpenDouyin | Ns::OpenNotes => traits = traits.text("openid", &plain_text(*id)),
                Ns::Buyer => traits = traits.text("buyer_id", &plain_text(*id)),
                Ns::Device => traits = traits.text("device_id", &plain_text(*id)),
            }
        }
        let say = Say {
            verb: r.verb,
            name: r.name,
            at: r.at,
            user: &user,
            anonymous: &anonymous,
            props: &r.props.0,
            traits: &traits.0,
            context: if r.source == crate::source::at::WECHAT { ACCOUNT_CONTEXT } else { "" },
            identities: "",
            id: self.message_id(person),
        };
        let fragment = fragment(r.source, &say);
        seen(&mut self.people[person], r.ids, r.at);
        self.outbox.connector(r.source, r.at, flush_at, fragment)
    }

    /// The phone somebody has at an instant.
    pub(super) fn phone(&self, person: usize, at: i64) -> Id {
        Id(Ns::Phone, self.people[person].phone_at(at))
    }

    /// The number the brand has of somebody, which may be an old one.
    pub(super) fn last_phone(&self, person: usize, at: i64) -> Id {
        let known = self.people[person].owned.iter().rev().map(|o| o.id).find(|id| id.0 == Ns::Phone);
        known.unwrap_or_else(|| self.phone(person, at))
    }

    /// Strong identifiers a database of ours knows about somebody: user id and phone, or phone alone.
    pub(super) fn known(&self, person: usize, at: i64) -> Vec<Id> {
        let p = &self.people[person];
        let mut ids = Vec::with_capacity(3);
        if p.user_no > 0 {
            ids.push(Id(Ns::User, u64::from(p.user_no)));
        }
        ids.push(self.phone(person, at));
        ids
    }

    /// A number of somebody's own, stable for `what`.
    pub(super) fn own(&self, person: usize, what: u64) -> u64 {
        crate::text::mix(&[self.seed, person as u64, what])
    }

    pub(super) fn email_id(&self, person: usize) -> Option<Id> {
        self.people[person].has_email.then_some(Id(Ns::Email, person as u64))
    }

    pub(super) fn union_id(&self, person: usize) -> Id {
        Id(Ns::Union, self.own(person, 70))
    }

    /// A membership number, given on first use.
    pub(super) fn member_id(&mut self, person: usize) -> Id {
        if self.people[person].member_no == 0 {
            self.members += 1;
            // Numbers grow with a check digit behind them, as on real cards.
            self.people[person].member_no = self.members * 10 + self.members * 7 % 10;
        }
        Id(Ns::Member, u64::from(self.people[person].member_no))
    }

    /// A user id, given on first use.
    pub(super) fn user_id(&mut self, person: usize) -> Id {
        if self.people[person].user_no == 0 {
            self.users += 1;
            self.people[person].user_no = self.users;
        }
        Id(Ns::User, u64::from(self.people[person].user_no))
    }
}
