//! People as records: their names, birthdays and addresses from traits, telephone numbers and e-mail addresses from traits
//! and identifiers, also from those nobody vouched for.

use std::collections::BTreeMap;

use serde_json::Value;
use throughline_base::{IdentifierId, PersonId};
use throughline_domain::identity::matching::{Cell, DateOrder, Field, Part, Records};
use throughline_store::person::TraitRow;
use throughline_store::{Tx, identity, person};

type Stored<T> = throughline_store::Result<T>;

/// The fields of a person.
pub(super) const FIELDS: [(Part, &str); 14] = [
    (Part::GivenName, ""),
    (Part::MiddleName, ""),
    (Part::Surname, ""),
    (Part::Birthday, ""),
    (Part::Phone, ""),
    (Part::Email, ""),
    (Part::Number, "id_number"),
    (Part::Address, ""),
    (Part::Postcode, ""),
    (Part::City, ""),
    (Part::State, ""),
    (Part::Text, "company"),
    (Part::Category, "sex"),
    (Part::Name, ""),
];

/// Traits by what they say of a person; of several names the first that has a value.
const TRAITS: &[(Part, &str, &[&str])] = &[
    (Part::Name, "", &["name", "full_name", "fullName"]),
    (Part::GivenName, "", &["first_name", "firstName", "given_name"]),
    (Part::MiddleName, "", &["middle_name", "middleName"]),
    (Part::Surname, "", &["last_name", "lastName", "surname"]),
    (Part::Birthday, "", &["birthday", "birth_date", "birthDate", "date_of_birth", "dob"]),
    (Part::Phone, "", &["phone", "mobile"]),
    (Part::Phone, "", &["landline"]),
    (Part::Email, "", &["email"]),
    (Part::Number, "id_number", &["id_number", "idNumber", "passport"]),
    (Part::Address, "", &["address", "street"]),
    (Part::Postcode, "", &["postcode", "postal_code", "postalCode", "zip"]),
    (Part::City, "", &["city"]),
    (Part::State, "", &["province", "state"]),
    (Part::Text, "company", &["company"]),
    (Part::Category, "sex", &["gender", "sex"]),
];

/// What is known of a person.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) person: PersonId,
    cells: Vec<(Part, &'static str, String)>,
}

/// No records of people.
pub(super) fn empty() -> Records {
    Records::new(FIELDS.map(|(part, name)| Field::new(part, name)))
}

impl Facts {
    /// Adds the person to records.
    pub(super) fn push(&self, records: &mut Records) {
        let cells: Vec<Cell<'_>> = self
            .cells
            .iter()
            .map(|(part, name, text)| Cell { part: *part, name, text, order: DateOrder::DayFirst })
            .collect();
        records.push(0, &cells);
    }

    /// What it says in a comparison of this kind.
    pub(super) fn texts(&self, kind: &str) -> Vec<String> {
        let in_kind = |part: Part| match kind {
            "given_name" => matches!(part, Part::GivenName | Part::Name),
            "surname" => matches!(part, Part::Surname | Part::Name),
            "middle_name" => part == Part::MiddleName,
            "birthday" => part == Part::Birthday,
            "phone" => part == Part::Phone,
            "email" => part == Part::Email,
            "number" => part == Part::Number,
            "address" => part == Part::Address,
            "place" => matches!(part, Part::Postcode | Part::City | Part::State),
            "text" => part == Part::Text,
            "category" => part == Part::Category,
            _ => false,
        };
        self.cells.iter().filter(|(part, _, _)| in_kind(*part)).map(|(_, _, text)| text.clone()).collect()
    }
}

/// What is known of people who are there, in the order asked.
pub(super) fn facts(tx: &mut Tx<'_>, people: &[PersonId]) -> Stored<Vec<Facts>> {
    let nodes = identity::nodes_of_persons(tx, people)?;
    let lines: Vec<IdentifierId> = nodes.iter().map(|n| n.id).collect();
    let owner: BTreeMap<IdentifierId, PersonId> = nodes.iter().map(|n| (n.id, n.person)).collect();
    let mut traits: BTreeMap<PersonId, BTreeMap<String, TraitRow>> = BTreeMap::new();
    for t in person::traits(tx, &lines)? {
        let Some(person) = owner.get(&t.line) else { continue };
        let of = traits.entry(*person).or_default();
        // The newest of several lines, as the person's page shows it.
        if of.get(&t.name).is_none_or(|old| (old.event_at, old.event_id) <= (t.event_at, t.event_id)) {
            of.insert(t.name.clone(), t);
        }
    }
    let mut out = Vec::with_capacity(people.len());
    for person in people {
        let mut cells: Vec<(Part, &'static str, String)> = Vec::new();
        if let Some(traits) = traits.get(person) {
            of_traits(traits, &mut cells);
        }
        for n in nodes.iter().filter(|n| n.person == *person && !n.blocked && n.ended_at.is_none()) {
            let part = match n.namespace.as_str() {
                "phone" | "landline" => Part::Phone,
                "email" => Part::Email,
                _ => continue,
            };
            if !cells.iter().any(|(p, _, text)| *p == part && *text == n.value) {
                cells.push((part, "", n.value.clone()));
            }
        }
        out.push(Facts { person: *person, cells });
    }
    Ok(out)
}

fn of_traits(traits: &BTreeMap<String, TraitRow>, cells: &mut Vec<(Part, &'static str, String)>) {
    for (part, name, keys) in TRAITS {
        let Some(row) = keys.iter().find_map(|k| traits.get(*k)) else { continue };
        let value: Value = serde_json::from_str(&row.value).unwrap_or_default();
        match &value {
            Value::Object(o) if *part == Part::Address => {
                for (key, inner) in o {
                    let part = match key.as_str() {
                        "street" | "street_address" | "line1" | "line2" | "district" => Part::Address,
                        "city" => Part::City,
                        "state" | "province" | "region" => Part::State,
                        "postal_code" | "postalCode" | "postcode" | "zip" => Part::Postcode,
                        _ => continue,
                    };
                    push(cells, part, "", inner);
                }
            }
            other => push(cells, *part, name, other),
        }
    }
}

fn push(cells: &mut Vec<(Part, &'static str, String)>, part: Part, name: &'static str, value: &Value) {
    match value {
        Value::String(text) if !text.trim().is_empty() => cells.push((part, name, text.trim().to_owned())),
        Value::Number(n) => cells.push((part, name, n.to_string())),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {}
    }
}
