//! Identity at work: the rows an observation needs are loaded, `domain` decides, the delta is written.
//!
//! Start reading at [`Rows`], which does this for the events of one commit; operators' actions are in [`operate`],
//! changes of the rules in [`rules`] and [`refold`].

pub mod blocked;
mod census;
pub mod explain;
pub mod operate;
mod part;
pub(crate) mod refold;
pub mod review;
mod rows;
pub mod rules;
pub mod simulate;
pub mod simulator;
pub mod suspend;
pub mod unmerge;
pub(crate) mod write;

pub(crate) use rows::Rows;

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
