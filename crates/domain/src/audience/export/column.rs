//! Tables whose columns the operator chooses.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Contact;
use super::normal::{md5, sha256};

/// The first column of every table: without it nobody could be taken back.
const PERSON_ID: &str = "person_id";
/// Columns of a table.
const COLUMNS_MAX: usize = 100;
/// Longest name of a column, in characters.
const NAME_MAX: usize = 100;

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// What it is called in the file.
    pub name: String,
    /// What it holds.
    pub source: Source,
    /// Whether a hash is sent instead.
    #[serde(default, skip_serializing_if = "Hash::is_none")]
    pub hash: Hash,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The strongest identifier of a namespace family: `email`, `phone`, `unionid` …
    Identifier(String),
    /// Every identifier of the family, as a list.
    Identifiers(String),
    /// A trait, as the person shows it.
    Trait(String),
    /// The tags, as a list.
    Tags,
    /// The life-cycle stage.
    Stage,
    /// Since when the person is in the audience, RFC 3339.
    EnteredAt,
}

/// What is done to a value before it leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hash {
    /// Nothing.
    #[default]
    None,
    /// SHA-256 of the text, hexadecimal. Of a list, of each item.
    Sha256,
    /// MD5 of the text, hexadecimal. Of a list, of each item.
    Md5,
}

impl Hash {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    fn of(self, value: Value) -> Value {
        let hash = match self {
            Self::None => return value,
            Self::Sha256 => sha256,
            Self::Md5 => md5,
        };
        match value {
            Value::Null => Value::Null,
            Value::String(s) => Value::String(hash(&s)),
            Value::Array(items) => Value::Array(items.into_iter().map(|i| self.of(i)).collect()),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Object(_)) => Value::String(hash(&other.to_string())),
        }
    }
}

/// What is wrong with chosen columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnFault {
    /// More than a table takes.
    TooMany(usize),
    /// A name that is empty, too long or holds what no header may.
    Name(String),
    /// Two of one name.
    Twice(String),
    /// The name of the column that is always there.
    Reserved,
}

impl fmt::Display for ColumnFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(n) => write!(f, "{n} columns; at most {COLUMNS_MAX} leave together"),
            Self::Name(name) => {
                write!(f, "the column `{name}` needs a name of 1 to {NAME_MAX} characters without line breaks")
            }
            Self::Twice(name) => write!(f, "two columns are named `{name}`; rename one"),
            Self::Reserved => {
                write!(f, "`{PERSON_ID}` is always the first column; leave it out or name yours otherwise")
            }
        }
    }
}

/// Checks columns.
///
/// # Errors
/// The first fault.
pub fn columns_checked(columns: &[Column]) -> Result<(), ColumnFault> {
    if columns.len() > COLUMNS_MAX {
        return Err(ColumnFault::TooMany(columns.len()));
    }
    for (i, c) in columns.iter().enumerate() {
        let length = c.name.chars().count();
        if length == 0 || length > NAME_MAX || c.name.chars().any(char::is_control) {
            return Err(ColumnFault::Name(c.name.clone()));
        }
        if c.name == PERSON_ID {
            return Err(ColumnFault::Reserved);
        }
        if columns[..i].iter().any(|other| other.name == c.name) {
            return Err(ColumnFault::Twice(c.name.clone()));
        }
    }
    Ok(())
}

pub(super) fn header(columns: &[Column]) -> Vec<String> {
    std::iter::once(PERSON_ID.to_owned()).chain(columns.iter().map(|c| c.name.clone())).collect()
}

pub(super) fn record(columns: &[Column], c: &Contact) -> Vec<Value> {
    let id = c.person.map_or(Value::Null, |p| Value::String(p.to_string()));
    std::iter::once(id).chain(columns.iter().map(|column| column.hash.of(value(&column.source, c)))).collect()
}

fn value(source: &Source, c: &Contact) -> Value {
    let list = |items: &[String]| Value::Array(items.iter().cloned().map(Value::String).collect());
    match source {
        Source::Identifier(family) => c.first(family).map_or(Value::Null, Value::from),
        Source::Identifiers(family) => list(c.all(family)),
        Source::Trait(name) => c.traits.get(name).cloned().unwrap_or(Value::Null),
        Source::Tags => list(&c.tags),
        Source::Stage => Value::String(c.stage.clone()),
        Source::EnteredAt => c.entered_at.map_or(Value::Null, |at| Value::String(at.to_string())),
    }
}
