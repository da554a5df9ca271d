//! Cleans every field of an event in place, by what its name says it holds, and notes what changed.

use serde_json::Value;
use throughline_base::Timestamp;

use super::SourceContext;
use super::keys::{FieldKind, Folded, kind_of};
use crate::event::clean::{self, Cleaned, url};
use crate::event::{Correction, Object};

/// Which part of an event is cleaned; decides what a name means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Properties,
    Traits,
    Context,
}

/// What cleaning found.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) corrections: Vec<Correction>,
    pub(super) warnings: Vec<String>,
}

impl Notes {
    pub(super) fn correct(&mut self, field: String, raw: Value, rule: &str) {
        self.corrections.push(Correction { field, raw, rule: rule.to_owned() });
    }
}

/// Where a value stands. Text is made of it only when there is something to note.
#[derive(Clone, Copy)]
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Path<'_> {
    fn text(&self) -> String {
        let mut out = self.parent.map(Path::text).unwrap_or_default();
        match self.step {
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Step::Index(i) => out.push_str(&format!("[{i}]")),
        }
        out
    }
}

/// Cleans one part of an event.
pub(super) struct Walker<'a> {
    pub(super) ctx: &'a SourceContext<'a>,
    pub(super) received_at: Timestamp,
    pub(super) notes: Notes,
}

impl Walker<'_> {
    pub(super) fn clean(&mut self, object: &mut Object, name: &str, part: Part) {
        self.object(object, &Path { parent: None, step: Step::Key(name) }, part);
    }

    fn object(&mut self, object: &mut Object, path: &Path<'_>, part: Part) {
        if object.keys().any(|key| *clean::text(key) != **key) {
            self.names(object, path);
        }
        let mut beside: Vec<(String, Value)> = Vec::new();
        object.retain(|key, value| {
            let here = Path { parent: Some(path), step: Step::Key(key) };
            let part = if part == Part::Context && key == "traits" { Part::Traits } else { part };
            self.value(key, value, &here, part, &mut beside)
        });
        for (key, value) in beside {
            object.entry(key).or_insert(value);
        }
    }

    /// Mends the names in an object as texts are mended. Of two that become one the first stays; the other goes into its
    /// correction with its value.
    fn names(&mut self, object: &mut Object, path: &Path<'_>) {
        for (sent, value) in std::mem::take(object) {
            let name = clean::text(&sent).into_owned();
            let here = Path { parent: Some(path), step: Step::Key(&name) };
            if object.contains_key(&name) {
                let lost = Value::Object(Object::from_iter([(sent, value)]));
                self.notes.correct(here.text(), lost, "name_taken");
                continue;
            }
            if name != sent {
                self.notes.correct(here.text(), Value::String(sent), "name");
            }
            object.insert(name, value);
        }
    }

    /// Cleans a value; `false` when nothing is left of it.
    fn value(
        &mut self,
        key: &str,
        value: &mut Value,
        path: &Path<'_>,
        part: Part,
        beside: &mut Vec<(String, Value)>,
    ) -> bool {
        match value {
            Value::Null => false,
            Value::Bool(_) => true,
            Value::Number(_) => self.number(key, value, path, part),
            Value::String(text) => self.string(key, text, path, part, beside),
            Value::Array(list) => {
                for (i, entry) in list.iter_mut().enumerate() {
                    let here = Path { parent: Some(path), step: Step::Index(i) };
                    // A place in a list stays, even when nothing is left in it.
                    if !self.value(key, entry, &here, part, &mut Vec::new()) {
                        *entry = Value::Null;
                    }
                }
                true
            }
            Value::Object(inner) => {
                self.object(inner, path, part);
                true
            }
        }
    }

    /// A number under a name that holds text: a phone is one with its number, the others are none.
    fn number(&mut self, key: &str, value: &mut Value, path: &Path<'_>, part: Part) -> bool {
        let kind = kind_of(part, &Folded::new(key));
        if kind == FieldKind::Phone
            && let Some(phone) = clean::phone(&value.to_string(), self.ctx.default_region)
        {
            let raw = std::mem::replace(value, Value::String(phone.value.e164));
            self.notes.correct(path.text(), raw, "phone_e164");
            return true;
        }
        match refusal(kind, part) {
            Some((rule, expected)) => {
                self.notes.warnings.push(format!("{} is not {expected} and was left out", path.text()));
                self.notes.correct(path.text(), value.take(), rule);
                false
            }
            None => true,
        }
    }

    fn string(
        &mut self,
        key: &str,
        text: &mut String,
        path: &Path<'_>,
        part: Part,
        beside: &mut Vec<(String, Value)>,
    ) -> bool {
        if text.is_empty() {
            return false;
        }
        let cleaned = clean::text(text);
        let general = match cleaned.len() == text.len() && *cleaned == **text {
            true => None,
            false => Some(cleaned.into_owned()),
        };
        if general.as_deref() == Some("") {
            self.notes.correct(path.text(), Value::String(std::mem::take(text)), "empty");
            return false;
        }
        let current = general.as_deref().unwrap_or(text);
        match self.special(key, current, path, part, beside) {
            Special::Changed(value, rule, kept) => {
                let raw = std::mem::replace(text, value);
                self.notes.correct(path.text(), Value::String(kept.unwrap_or(raw)), rule);
            }
            Special::Refused(rule) => {
                self.notes.correct(path.text(), Value::String(std::mem::take(text)), rule);
                return false;
            }
            Special::Same => {
                if let Some(value) = general {
                    let raw = std::mem::replace(text, value);
                    self.notes.correct(path.text(), Value::String(raw), "text");
                }
            }
        }
        true
    }

    /// The rule of a field's kind.
    fn special(
        &mut self,
        key: &str,
        text: &str,
        path: &Path<'_>,
        part: Part,
        beside: &mut Vec<(String, Value)>,
    ) -> Special {
        let kind = kind_of(part, &Folded::new(key));
        let region = self.ctx.default_region;
        let (answer, expected) = match kind {
            FieldKind::Other => return Special::Same,
            FieldKind::Url => {
                return match url::strip_secrets(text) {
                    Some(Cleaned { value, .. }) => Special::Changed(value.url, "url_secret", Some(value.masked)),
                    None => Special::Same,
                };
            }
            FieldKind::Email => (clean::email(text), EMAIL),
            FieldKind::Phone => {
                let phone = clean::phone(text, region).map(|c| {
                    if let Some(extension) = &c.value.extension {
                        beside.push((format!("{key}_extension"), Value::from(extension.as_str())));
                    }
                    Cleaned { value: c.value.e164, rule: c.rule }
                });
                (phone, PHONE)
            }
            FieldKind::Name => (Some(clean::person_name(text)), "a name"),
            FieldKind::Birthday => {
                let date = clean::birthday(text, self.received_at);
                (date.map(|c| Cleaned { value: c.value.to_string(), rule: c.rule }), BIRTHDAY)
            }
            FieldKind::Gender => (clean::gender(text).map(owned), "a gender of the list"),
            FieldKind::Country => (clean::country(text).map(owned), "a country of ISO 3166"),
            FieldKind::Province => (clean::province(text).map(owned), ""),
            FieldKind::Currency => (
                clean::currency(text).map(|c| Cleaned { value: c.value.to_string(), rule: c.rule }),
                "a currency of ISO 4217",
            ),
        };
        match answer {
            Some(Cleaned { value, rule: Some(rule) }) => Special::Changed(value, rule, None),
            Some(Cleaned { rule: None, .. }) => Special::Same,
            None if let Some((rule, expected)) = refusal(kind, part) => {
                self.notes.warnings.push(format!("{} is not {expected} and was left out", path.text()));
                Special::Refused(rule)
            }
            None => {
                // Provinces of other countries are not in the list, so a miss there is nothing odd.
                if !expected.is_empty() {
                    self.notes.warnings.push(format!("{} is not {expected}", path.text()));
                }
                Special::Same
            }
        }
    }
}

const EMAIL: &str = "an e-mail address";
const PHONE: &str = "a telephone number";
const BIRTHDAY: &str = "a birthday between 1900 and today";

/// The rule by which a trait of this kind is left out when it is not what its name says, and what it should be. People
/// are written to and matched by these, so a wrong one must not stand beside them; elsewhere a wrong one is only text.
const fn refusal(kind: FieldKind, part: Part) -> Option<(&'static str, &'static str)> {
    if !matches!(part, Part::Traits) {
        return None;
    }
    match kind {
        FieldKind::Email => Some(("not_an_email", EMAIL)),
        FieldKind::Phone => Some(("not_a_phone", PHONE)),
        FieldKind::Birthday => Some(("not_a_birthday", BIRTHDAY)),
        FieldKind::Name
        | FieldKind::Gender
        | FieldKind::Country
        | FieldKind::Province
        | FieldKind::Currency
        | FieldKind::Url
        | FieldKind::Other => None,
    }
}

fn owned(c: Cleaned<&'static str>) -> Cleaned<String> {
    Cleaned { value: c.value.to_owned(), rule: c.rule }
}

/// What a field's own rule says.
enum Special {
    /// New text, rule, and what to keep as raw when the raw text itself must not be kept.
    Changed(String, &'static str, Option<String>),
    /// It is not what its name says, and is left out by this rule.
    Refused(&'static str),
    /// Nothing changes.
    Same,
}
