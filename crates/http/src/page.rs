//! The query of every list.

use serde::Deserialize;
use throughline_base::page::PAGE_MAX;
use throughline_base::{Cursor, Problem};
use utoipa::IntoParams;

/// `limit` and `cursor`.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Rows a page, 1 to 500.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Checked limit and cursor.
    ///
    /// # Errors
    /// When the cursor is none of ours.
    pub fn read(&self) -> Result<(Option<Cursor>, u32), Problem> {
        let cursor = match self.cursor.as_deref().filter(|c| !c.is_empty()) {
            None => None,
            Some(text) => Some(Cursor::decode(text).ok_or_else(|| {
                Problem::invalid("cursor", "the cursor is not one that a list gave; leave it out to start anew")
            })?),
        };
        Ok((cursor, self.limit.unwrap_or(50).clamp(1, PAGE_MAX)))
    }
}
