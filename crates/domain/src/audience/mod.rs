//! Who is in what: the audience language, computed traits, and their evaluation, exact at every instant.
//!
//! A rule looks at facts of one person: traits, tags, consents, stage, identifiers, and *behaviour*, a small state kept
//! for what the person did. It knows nothing of where facts are kept nor of how many people there are.
//! Start reading at [`rule::Rule`], the language; its readable form is text, its stored form JSON. Definitions that run
//! together are a [`Program`]: it takes events into a [`Behaviour`] and evaluates it with [`Facts`] at an instant.

mod behaviour;
pub mod builtin;
mod check;
mod compile;
mod conduct;
mod deed;
pub mod drill;
mod encode;
mod evaluate;
mod explain;
mod facts;
mod fault;
pub mod formula;
mod given;
mod json_path;
mod matcher;
mod measure;
mod node;
mod predicate;
mod program;
pub mod export;
pub mod rule;
mod scan;
pub mod schema;
mod sequence;
pub mod tag_book;
pub mod text;
mod time;
mod total;
mod touched;
mod track;

#[cfg(test)]
mod tests;

pub use behaviour::{Behaviour, Malformed};
pub use explain::Explanation;
pub use facts::{
    ANY, ENTERED, EXITED, EventFacts, Facts, IdentifierFact, PAGE, SCREEN, StageFact, TagFact, TouchFacts,
};
pub use fault::Fault;
pub use program::{Known, Needs, Outcome, Part, Program, Slot, TrackInfo, What};
pub use scan::Scan;
pub use touched::{FactNeeds, Touched};
