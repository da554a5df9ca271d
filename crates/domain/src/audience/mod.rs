//! Who is in what: the audience language, computed traits, and their evaluation, exact at every instant.
//!
//! A rule looks at facts of one person: traits, tags, consents, stage, identifiers, and *behaviour*, a small state kept
//! for what the person did. It knows nothing of where facts are kept nor of how many people there are.
//! Start reading at [`rule::Rule`], the language; its readable form is text, its stored form JSON.

pub mod export;
pub mod rule;
