//! What one person can be reached or recognised by.

use std::collections::BTreeMap;

use serde_json::Value;
use throughline_base::{PersonId, Timestamp};

use crate::identity::rules::family;

/// One person as far as an export may need them. Identifiers are cleaned already: phones are E.164, e-mails lower-case.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Contact {
    /// Today's id.
    pub person: Option<PersonId>,
    /// Identifiers that hold today, by namespace family (`email`, `phone`, `idfa`, `openid` …), the strongest first.
    pub identifiers: BTreeMap<String, Vec<String>>,
    /// Traits as shown.
    pub traits: BTreeMap<String, Value>,
    /// Tags, sorted.
    pub tags: Vec<String>,
    /// Life-cycle stage.
    pub stage: String,
    /// Since when the person is in the audience.
    pub entered_at: Option<Timestamp>,
}

/// Identifiers of the app or installation that a person may have only as traits.
const DEVICE_TRAITS: [(&str, &[&str]); 4] =
    [("idfa", &["idfa"]), ("gaid", &["gaid", "adid", "aaid"]), ("oaid", &["oaid"]), ("imei", &["imei"])];

impl Contact {
    /// Adds an identifier; `openid:wx123` and `user_id@src_1` belong to the family before the sign.
    pub fn identify(&mut self, namespace: &str, value: &str) {
        let values = self.identifiers.entry(family(namespace).to_owned()).or_default();
        if !values.iter().any(|v| v == value) {
            values.push(value.to_owned());
        }
    }

    /// Identifiers of a family.
    #[must_use]
    pub fn all(&self, family: &str) -> &[String] {
        self.identifiers.get(family).map_or(&[], Vec::as_slice)
    }

    /// The strongest identifier of a family.
    #[must_use]
    pub fn first(&self, family: &str) -> Option<&str> {
        self.all(family).first().map(String::as_str)
    }

    /// Advertising and device identifiers: as identifiers, else as a trait of that name.
    #[must_use]
    pub fn device(&self, kind: &str) -> Vec<String> {
        let names = DEVICE_TRAITS.iter().find(|(k, _)| *k == kind).map_or(&[][..], |(_, n)| n);
        let mut out: Vec<String> = names.iter().flat_map(|n| self.all(n)).cloned().collect();
        out.extend(names.iter().filter_map(|n| self.text(&[n])));
        out.retain(|id| is_device_id(id));
        out.dedup();
        out
    }

    /// The text of the first of some traits that has one.
    #[must_use]
    pub fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|n| match self.traits.get(*n)? {
            Value::String(s) => Some(s.trim().to_owned()).filter(|s| !s.is_empty()),
            Value::Number(n) => Some(n.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        })
    }

    /// Given name.
    #[must_use]
    pub fn first_name(&self) -> Option<String> {
        self.text(&["first_name", "firstName", "firstname", "given_name"])
    }

    /// Family name.
    #[must_use]
    pub fn last_name(&self) -> Option<String> {
        self.text(&["last_name", "lastName", "lastname", "family_name"])
    }

    /// A part of the address: a trait of its own, or a field of the trait `address`.
    #[must_use]
    pub fn place(&self, names: &[&str]) -> Option<String> {
        if let Some(text) = self.text(names) {
            return Some(text);
        }
        let address = self.traits.get("address")?.as_object()?;
        let found = names.iter().find_map(|n| address.get(*n)?.as_str())?.trim();
        Some(found.to_owned()).filter(|s| !s.is_empty())
    }

    /// ISO 3166-1 alpha-2 code of the country, in capitals: the address's, else none. A name is no code.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        let text = self.place(&["country", "country_code", "countryCode"])?;
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
    }

    /// Postal code.
    #[must_use]
    pub fn zip(&self) -> Option<String> {
        self.place(&["zip", "postal_code", "postalCode", "postcode"])
    }
}

/// Zeros are what a phone shows whose owner forbids tracking.
fn is_device_id(id: &str) -> bool {
    id.len() >= 14 && id.chars().any(|c| c.is_ascii_alphanumeric() && c != '0')
}
