//! The readable form of the audience language. It parses to the tree of [`super::rule`] and prints from it, and what is
//! printed reads back as the same tree.
//!
//! The grammar is in `docs/audience-language.md`; [`parse`] has a function a rule of it.
//!
//! Precedence is `or` < `and` < `not`. A chain of `and` is one `all`, parentheses make a group of their own, and groups
//! that no chain can write (empty, or with one member) are `all of ( … )`, `any of ( … )`, `none of ( … )`; `not x` is
//! `none` of one. After `where`, `and` and `or` go on with filters while what follows is about the event; conditions
//! and filters begin with different words, so both reader and parser can tell. Words are read in either case and in
//! Chinese ([`word`] lists them); English is printed. `#` begins a comment that ends with the line.

mod parse;
mod print;
#[cfg(test)]
pub(super) mod tests;
mod token;
mod word;

use std::fmt;

use serde::Serialize;

use super::rule::{Definition, Rule};

/// Longest text, in bytes.
pub const MAX_BYTES: usize = 65_536;
/// Deepest nesting: of groups, and of lists inside values.
pub const MAX_DEPTH: usize = 32;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextFault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Offset in bytes, from 0.
    pub offset: usize,
    /// Length in bytes of what is wrong; 0 at the end of the text.
    pub length: usize,
    /// Stable code: `text_expected`, `text_character`, `text_unclosed`, `text_value`, `text_too_long`, `text_too_deep`.
    pub code: &'static str,
    /// What is wrong, for people.
    pub detail: String,
    /// What may stand there instead.
    pub expected: Vec<String>,
    /// What was probably meant, in place of what is there.
    pub suggestion: Option<String>,
}

impl fmt::Display for TextFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.detail)?;
        match &self.suggestion {
            Some(meant) => write!(f, "; did you mean {meant}?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TextFault {}

/// Reads a definition; a text that names no zone gets `zone`.
///
/// # Errors
/// The first fault.
pub fn parse(text: &str, zone: &str) -> Result<Definition, TextFault> {
    parse::definition(text, zone)
}

/// Reads a rule.
///
/// # Errors
/// The first fault.
pub fn parse_rule(text: &str) -> Result<Rule, TextFault> {
    parse::rule(text)
}

/// Writes a definition, its zone last.
#[must_use]
pub fn print(definition: &Definition) -> String {
    format!("{}\nzone {}", print_rule(&definition.rule), word::quoted(&definition.zone))
}

/// Writes a rule: on one line when it fits, else a line a condition.
#[must_use]
pub fn print_rule(rule: &Rule) -> String {
    print::rule(rule)
}
