//! What an ordered scan hands out: one person's rows at a time, in order of time.

use crate::column::{Column, ColumnSet, Slot};
use crate::rows::{NO_VALUE, Rows};

/// What a scan reads and which rows it hands out.
#[derive(Debug, Clone)]
pub struct ScanRequest {
    /// The columns the visitor looks at; others come back empty. Person and time are always there.
    pub columns: ColumnSet,
    /// First instant, Unix milliseconds.
    pub from_ms: i64,
    /// First instant after the range.
    pub to_ms: i64,
    /// Only events with one of these interned names; `None` for all.
    pub name_ids: Option<Vec<i32>>,
    /// Leaves known robots out.
    pub exclude_bots: bool,
    /// Only people of these buckets; `None` for all. A bucket is as good a sample of people as any.
    pub buckets: Option<Vec<u16>>,
}

impl Default for ScanRequest {
    fn default() -> Self {
        Self {
            columns: ColumnSet::NONE,
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            name_ids: None,
            exclude_bots: false,
            buckets: None,
        }
    }
}

impl ScanRequest {
    /// All rows of all time, with these columns.
    #[must_use]
    pub fn columns(columns: &[Column]) -> Self {
        Self { columns: ColumnSet::of(columns), ..Self::default() }
    }
}

/// Sees every person of a scan once, with all of the person's rows.
///
/// A scan runs one visitor per thread; which persons it meets, and in which order, is not fixed. Results must not
/// depend on either: add them up afterwards.
pub trait PersonVisitor: Send {
    /// One person's rows, ordered by (`event_at`, `event_id`). Never empty.
    fn person(&mut self, rows: PersonRows<'_>);
}

/// The rows of one person. Slices of columns that were not asked for are empty.
#[derive(Debug, Clone, Copy)]
pub struct PersonRows<'a> {
    pub(crate) person_id: i64,
    pub(crate) rows: &'a Rows,
    /// The columns of the request; `rows` may hold more.
    pub(crate) asked: ColumnSet,
}

impl<'a> PersonRows<'a> {
    /// The person, after merges and unmerges.
    #[must_use]
    pub const fn person_id(&self) -> i64 {
        self.person_id
    }

    /// How many rows.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a person without rows is never handed out")]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// When the events happened, Unix milliseconds.
    #[must_use]
    pub fn event_at(&self) -> &'a [i64] {
        self.rows.event_at()
    }

    /// Ids of the events.
    #[must_use]
    pub fn event_id(&self) -> &'a [i64] {
        self.asked(Column::EventId, &self.rows.i64s[2])
    }

    /// Identifier nodes the events hang on.
    #[must_use]
    pub fn line_id(&self) -> &'a [i64] {
        self.asked(Column::LineId, &self.rows.i64s[3])
    }

    /// When the events were received, Unix milliseconds.
    #[must_use]
    pub fn received_at(&self) -> &'a [i64] {
        self.asked(Column::ReceivedAt, &self.rows.i64s[4])
    }

    /// Sources the events came by.
    #[must_use]
    pub fn source_id(&self) -> &'a [i64] {
        self.asked(Column::SourceId, &self.rows.i64s[5])
    }

    /// Interned event names.
    #[must_use]
    pub fn name_id(&self) -> &'a [i32] {
        self.asked(Column::NameId, &self.rows.i32s[0])
    }

    /// Interned touch signatures, 0 for none.
    #[must_use]
    pub fn touch_id(&self) -> &'a [i32] {
        self.asked(Column::TouchId, &self.rows.i32s[1])
    }

    /// Known robots.
    #[must_use]
    pub fn bot(&self) -> &'a [bool] {
        self.asked(Column::Bot, &self.rows.bools[0])
    }

    /// Value of event `i` in minor units; `None` when it has none or the column was not asked for.
    #[must_use]
    pub fn value_minor(&self, i: usize) -> Option<i64> {
        self.asked(Column::ValueMinor, &self.rows.i64s[6]).get(i).copied().filter(|v| *v != NO_VALUE)
    }

    /// A text of event `i`; empty when it has none or the column was not asked for.
    #[must_use]
    pub fn text(&self, column: Column, i: usize) -> &'a str {
        match column.slot() {
            Slot::Text(t) if self.asked.has(column) => self.rows.texts[t].get(i),
            Slot::Text(_) | Slot::I64(_) | Slot::I32(_) | Slot::Bool(_) => "",
        }
    }

    fn asked<T>(&self, column: Column, values: &'a [T]) -> &'a [T] {
        if self.asked.has(column) { values } else { &[] }
    }
}
