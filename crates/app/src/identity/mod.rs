//! Identity at work: the rows an observation needs are loaded, `domain` decides, the delta is written.
//!
//! Start reading at [`Rows`], which does this for the events of one commit; operators' actions are in `operate`.

mod census;
pub mod review;
mod rows;
pub(crate) mod write;

pub(crate) use rows::Rows;

use throughline_base::Problem;
use throughline_domain::identity::Rules;
use throughline_store::{Db, identity as store};

use crate::Result;

/// The rules in force: the newest saved ones, else the built-in ones.
pub(crate) fn rules_in_force(db: &Db) -> Result<Rules> {
    match db.read(|tx| store::rules(tx, 1))?.into_iter().next() {
        Some(row) => serde_json::from_str(&row.rules)
            .map_err(|e| Problem::internal("identity_rules", "the stored identity rules cannot be read").caused_by(e)),
        None => Ok(Rules::default()),
    }
}

/// A value as its namespace is stored: what a person types finds what an event brought.
#[must_use]
pub fn normalise(namespace: &str, value: &str) -> String {
    use throughline_domain::event::clean;
    let cleaned = match namespace {
        "phone" => clean::phone(value, "CN").map(|p| p.value.e164),
        "email" => clean::email(value).map(|e| e.value),
        _ => None,
    };
    cleaned.unwrap_or_else(|| value.trim().to_owned())
}
