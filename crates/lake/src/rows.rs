//! Rows in memory, column by column: what files are read into, merged in and written from.
//!
//! One flat list per column, no allocation per row. Only the columns of its set are filled; the others stay empty.

use std::borrow::Cow;
use std::ops::Range;

use crate::column::{BOOLS, Column, ColumnSet, I32S, I64S, Slot, TEXTS};
use crate::line::{LineMap, Placed};
use crate::row::LakeRow;

/// Stands for "no value" in [`Rows::i64s`]: values are optional, and this one cannot be an amount.
pub(crate) const NO_VALUE: i64 = i64::MIN;

/// Texts end to end. An absent text is an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    /// Where each text ends.
    pub(crate) ends: Vec<usize>,
}

impl Text {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len());
    }

    const fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends.as_slice()[i - 1] }
    }

    pub(crate) fn get(&self, i: usize) -> &str {
        // Only whole, checked texts are ever pushed, so this cannot fail; an empty text is the harmless answer.
        std::str::from_utf8(&self.bytes[self.start(i)..self.ends[i]]).unwrap_or_default()
    }

    /// Bytes of the texts `start..end`; `end` must exceed `start`.
    pub(crate) fn span(&self, start: usize, end: usize) -> usize {
        self.ends[end - 1] - self.start(start)
    }

    fn extend(&mut self, from: &Self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let (a, b) = (from.start(range.start), from.ends[range.end - 1]);
        let base = self.bytes.len();
        self.bytes.extend_from_slice(&from.bytes[a..b]);
        self.ends.extend(from.ends[range].iter().map(|e| e - a + base));
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// The lists that a set of columns fills. Rows are copied in tiny pieces, millions of times: the set is unpacked once.
#[derive(Debug, Clone, Default)]
struct Filled {
    i64s: Vec<usize>,
    i32s: Vec<usize>,
    bools: Vec<usize>,
    texts: Vec<usize>,
}

impl Filled {
    fn of(set: ColumnSet) -> Self {
        let mut out = Self::default();
        for column in set.iter() {
            match column.slot() {
                Slot::I64(i) => out.i64s.push(i),
                Slot::I32(i) => out.i32s.push(i),
                Slot::Bool(i) => out.bools.push(i),
                Slot::Text(i) => out.texts.push(i),
            }
        }
        out
    }
}

/// Rows, column by column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    pub(crate) set: ColumnSet,
    filled: Filled,
    pub(crate) i64s: [Vec<i64>; I64S],
    pub(crate) i32s: [Vec<i32>; I32S],
    pub(crate) bools: [Vec<bool>; BOOLS],
    pub(crate) texts: [Text; TEXTS],
}

impl Rows {
    /// No rows, with the columns of `set`. Person and time are always there.
    pub(crate) fn new(set: ColumnSet) -> Self {
        let set = set.with(Column::PersonId).with(Column::EventAt);
        Self { set, filled: Filled::of(set), ..Self::default() }
    }

    pub(crate) const fn len(&self) -> usize {
        self.i64s[0].len()
    }

    pub(crate) fn persons(&self) -> &[i64] {
        &self.i64s[0]
    }

    pub(crate) fn event_at(&self) -> &[i64] {
        &self.i64s[1]
    }

    pub(crate) fn event_id(&self) -> &[i64] {
        &self.i64s[2]
    }

    pub(crate) fn line_id(&self) -> &[i64] {
        &self.i64s[3]
    }

    pub(crate) fn name_id(&self) -> &[i32] {
        &self.i32s[0]
    }

    pub(crate) fn bot(&self) -> &[bool] {
        &self.bools[0]
    }

    pub(crate) fn clear(&mut self) {
        self.i64s.iter_mut().for_each(Vec::clear);
        self.i32s.iter_mut().for_each(Vec::clear);
        self.bools.iter_mut().for_each(Vec::clear);
        self.texts.iter_mut().for_each(Text::clear);
    }

    /// Appends `range` of `from`, which must hold at least the columns of this one.
    #[inline]
    pub(crate) fn extend(&mut self, from: &Self, range: Range<usize>) {
        for &i in &self.filled.i64s {
            copy(&mut self.i64s[i], &from.i64s[i][range.clone()]);
        }
        for &i in &self.filled.i32s {
            copy(&mut self.i32s[i], &from.i32s[i][range.clone()]);
        }
        for &i in &self.filled.bools {
            copy(&mut self.bools[i], &from.bools[i][range.clone()]);
        }
        for &i in &self.filled.texts {
            self.texts[i].extend(&from.texts[i], range.clone());
        }
    }

    /// Appends row `i` of `from` under `person_id`.
    pub(crate) fn push_from(&mut self, from: &Self, i: usize, person_id: i64) {
        self.extend(from, i..i + 1);
        if let Some(last) = self.i64s[0].last_mut() {
            *last = person_id;
        }
    }

    /// Appends a whole row.
    pub(crate) fn push(&mut self, row: &LakeRow) {
        for column in self.set.iter() {
            match column.slot() {
                Slot::I64(i) => self.i64s[i].push(i64_of(row, column)),
                Slot::I32(i) => self.i32s[i].push(if i == 0 { row.name_id } else { row.touch_id }),
                Slot::Bool(i) => self.bools[i].push(if i == 0 { row.bot } else { row.replayed }),
                Slot::Text(i) => self.texts[i].push(text_of(row, column)),
            }
        }
    }

    /// Row `i` whole. All columns must be filled.
    pub(crate) fn row(&self, i: usize) -> LakeRow {
        let text = |n: usize| self.texts[n].get(i).to_owned();
        let optional = |n: usize| Some(self.texts[n].get(i)).filter(|t| !t.is_empty()).map(str::to_owned);
        LakeRow {
            person_id: self.i64s[0][i],
            event_at: self.i64s[1][i],
            event_id: self.i64s[2][i],
            line_id: self.i64s[3][i],
            received_at: self.i64s[4][i],
            source_id: self.i64s[5][i],
            value_minor: Some(self.i64s[6][i]).filter(|v| *v != NO_VALUE),
            name_id: self.i32s[0][i],
            touch_id: self.i32s[1][i],
            bot: self.bools[0][i],
            replayed: self.bools[1][i],
            kind: known_kind(self.texts[0].get(i)),
            name: text(1),
            currency: optional(2),
            order_id: optional(3),
            message_id: text(4),
            properties: text(5),
            traits: text(6),
            context: text(7),
        }
    }

    /// The order of its rows by (person, event_at, event_id). Needs the event ids.
    pub(crate) fn sorted_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        let key = |i: &u32| (self.persons()[*i as usize], self.event_at()[*i as usize], self.event_id()[*i as usize]);
        order.sort_unstable_by_key(key);
        order
    }

    /// Its rows in `order`.
    pub(crate) fn permuted(&self, order: &[u32]) -> Self {
        let mut out = Self::new(self.set);
        self.permute_into(order, &mut out);
        out
    }

    /// Appends its rows in `order` to `out`, which has the same columns.
    pub(crate) fn permute_into(&self, order: &[u32], out: &mut Self) {
        for column in self.set.iter() {
            let at = order.iter().map(|i| *i as usize);
            match column.slot() {
                Slot::I64(s) => out.i64s[s].extend(at.map(|i| self.i64s[s][i])),
                Slot::I32(s) => out.i32s[s].extend(at.map(|i| self.i32s[s][i])),
                Slot::Bool(s) => out.bools[s].extend(at.map(|i| self.bools[s][i])),
                Slot::Text(s) => at.for_each(|i| out.texts[s].extend(&self.texts[s], i..i + 1)),
            }
        }
    }

    /// What the line map makes of row `i`. Needs the line ids.
    pub(crate) fn place(&self, i: usize, map: &LineMap) -> Placed {
        map.place(self.line_id()[i], self.event_at()[i], self.persons()[i])
    }
}

/// Appends values. A person's rows in one file are few, and a call to copy memory costs more than copying one value.
#[inline]
fn copy<T: Copy>(to: &mut Vec<T>, from: &[T]) {
    match from {
        [one] => to.push(*one),
        [one, two] => to.extend([*one, *two]),
        more => to.extend_from_slice(more),
    }
}

const fn i64_of(row: &LakeRow, column: Column) -> i64 {
    match column {
        Column::PersonId => row.person_id,
        Column::EventAt => row.event_at,
        Column::EventId => row.event_id,
        Column::LineId => row.line_id,
        Column::ReceivedAt => row.received_at,
        Column::SourceId => row.source_id,
        Column::ValueMinor => match row.value_minor {
            Some(v) => v,
            None => NO_VALUE,
        },
        Column::NameId
        | Column::TouchId
        | Column::Bot
        | Column::Replayed
        | Column::Kind
        | Column::Name
        | Column::Currency
        | Column::OrderId
        | Column::MessageId
        | Column::Properties
        | Column::Traits
        | Column::Context => 0,
    }
}

pub(crate) fn text_of(row: &LakeRow, column: Column) -> &str {
    match column {
        Column::Kind => &row.kind,
        Column::Name => &row.name,
        Column::Currency => row.currency.as_deref().unwrap_or_default(),
        Column::OrderId => row.order_id.as_deref().unwrap_or_default(),
        Column::MessageId => &row.message_id,
        Column::Properties => &row.properties,
        Column::Traits => &row.traits,
        Column::Context => &row.context,
        Column::PersonId
        | Column::EventAt
        | Column::EventId
        | Column::LineId
        | Column::ReceivedAt
        | Column::SourceId
        | Column::NameId
        | Column::TouchId
        | Column::ValueMinor
        | Column::Bot
        | Column::Replayed => "",
    }
}

/// The kinds of events are few: reading them back allocates nothing.
fn known_kind(text: &str) -> Cow<'static, str> {
    const KNOWN: [&str; 8] = ["track", "page", "screen", "identify", "group", "alias", "bind", "unbind"];
    KNOWN.iter().find(|k| **k == text).map_or_else(|| Cow::Owned(text.to_owned()), |k| Cow::Borrowed(*k))
}

/// Events that are not sealed yet, as the caller found them in the store.
#[derive(Debug, Clone)]
pub struct HotRows(pub(crate) Rows);

impl Default for HotRows {
    fn default() -> Self {
        Self(Rows::new(ColumnSet::ALL))
    }
}

impl HotRows {
    /// Adds an event, in any order. Texts that no reader of the snapshot asks for may be left empty.
    pub fn push(&mut self, row: &LakeRow) {
        self.0.push(row);
    }

    /// How many events it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// True when it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.len() == 0
    }
}

impl<'a> FromIterator<&'a LakeRow> for HotRows {
    fn from_iter<T: IntoIterator<Item = &'a LakeRow>>(rows: T) -> Self {
        let mut out = Self::default();
        rows.into_iter().for_each(|r| out.push(r));
        out
    }
}
