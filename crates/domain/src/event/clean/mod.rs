//! Cleaning (field note §2): one pure function per kind of field. Each gives the clean value and the rule that
//! changed it, if one did; the caller keeps the raw text.
//!
//! Cleaning twice changes nothing more. Start reading at [`Cleaned`].

pub mod agent;
mod birthday;
mod email;
mod gender;
pub(crate) mod hanzi;
mod ip;
mod money;
mod name;
mod phone;
mod place;
mod place_names;
mod text;
pub mod url;

pub use birthday::{Birthday, birthday};
pub use email::{email, email_match_key};
pub use gender::gender;
pub use ip::truncate_ip;
pub use money::{amount, currency};
pub use name::{NameKeys, name_keys, person_name};
pub use phone::{Phone, phone};
pub use place::{country, province};
pub use text::{id, text};

/// A clean value, and the rule that changed it (`None`: it was clean already).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleaned<T> {
    /// The clean value.
    pub value: T,
    /// The rule, for [`super::Correction::rule`].
    pub rule: Option<&'static str>,
}

impl<T> Cleaned<T> {
    /// `value`, changed by `rule` when `changed`.
    pub(crate) fn when(value: T, changed: bool, rule: &'static str) -> Self {
        Self { value, rule: changed.then_some(rule) }
    }
}
