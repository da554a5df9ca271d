//! Keyset pages: every list has a limit and an opaque cursor.

use serde::{Deserialize, Serialize};

/// Largest page a caller may ask for.
pub const PAGE_MAX: u32 = 500;

/// Where a list goes on: the sort key and the id of the last row shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The sort key of the last row.
    pub key: i64,
    /// Its id, which breaks ties.
    pub id: i64,
}

impl Cursor {
    /// Text form `key.id`.
    #[must_use]
    pub fn encode(self) -> String {
        format!("{}.{}", self.key, self.id)
    }

    /// Reads the text form.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let (key, id) = text.split_once('.')?;
        Some(Self { key: key.parse().ok()?, id: id.parse().ok()? })
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this back as `cursor` to go on; absent at the end.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` of `rows`, which were read with `limit + 1`; `cursor` names the last one shown.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next = if more { rows.last().map(|r| cursor(r).encode()) } else { None };
        Self { items: rows, next }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}
