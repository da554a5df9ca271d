//! A file as a row of units: the rows that become one event, and the rows refused on the way.
//!
//! A unit never ends inside a group, so work that is committed up to the end of a unit can go on from there.

use std::path::PathBuf;

use throughline_domain::event::RawEvent;

use super::convert::{Converter, Fault};
use super::reader::{Reader, Record};
use crate::Result;

/// Most rows of one group; a longer one becomes several events.
const MAX_GROUP: usize = 10_000;

/// What some rows became.
#[derive(Debug, Default)]
pub struct Unit {
    /// Line of its first row.
    pub line: u64,
    /// Its events; none when its rows were refused.
    pub events: Vec<RawEvent>,
    /// Rows refused, with their text.
    pub refused: Vec<(Fault, String)>,
    /// Rows read when the unit ends.
    pub rows_done: u64,
}

/// Reads units from a file.
pub struct Units<'a> {
    reader: Reader,
    path: PathBuf,
    converter: &'a Converter<'a>,
    rows: u64,
    ahead: Option<Record>,
}

impl<'a> Units<'a> {
    /// After the first `rows_done` rows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn after(mut reader: Reader, path: PathBuf, converter: &'a Converter<'a>, rows_done: u64) -> Result<Self> {
        reader.skip(&path, rows_done)?;
        Ok(Self { reader, path, converter, rows: rows_done, ahead: None })
    }

    fn read(&mut self) -> Result<Option<Record>> {
        match self.ahead.take() {
            Some(record) => Ok(Some(record)),
            None => self.reader.next(&self.path),
        }
    }

    /// The next unit; `None` at the end.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn next(&mut self) -> Result<Option<Unit>> {
        let mut unit = Unit::default();
        let mut group: Vec<Record> = Vec::new();
        let mut key = None;
        while let Some(record) = self.read()? {
            if let Some(fault) = self.converter.refused(&record) {
                self.rows += 1;
                unit.line = if unit.line == 0 { record.line } else { unit.line };
                unit.refused.push((fault, record.raw()));
                // A long run of refused rows alone is a unit too, or it would all be held in memory.
                if group.is_empty() || unit.refused.len() >= MAX_GROUP {
                    break;
                }
                continue;
            }
            let this = self.converter.key(&record);
            if !group.is_empty() && (this.is_none() || this != key || group.len() >= MAX_GROUP) {
                self.ahead = Some(record);
                break;
            }
            unit.line = if unit.line == 0 { record.line } else { unit.line };
            self.rows += 1;
            group.push(record);
            if this.is_none() {
                break;
            }
            key = this;
        }
        if group.is_empty() && unit.refused.is_empty() {
            return Ok(None);
        }
        match self.converter.events(&group) {
            Ok(events) => unit.events = events,
            // The whole group is refused: an order without one of its lines would be wrong.
            Err(fault) => unit.refused.extend(group.iter().map(|r| {
                let message = if r.line == fault.line {
                    fault.message.clone()
                } else {
                    format!("refused with line {} of the same group: {}", fault.line, fault.reason())
                };
                let column = fault.column.clone().filter(|_| r.line == fault.line);
                (Fault { line: r.line, column, message }, r.raw())
            })),
        }
        unit.rows_done = self.rows;
        Ok(Some(unit))
    }
}
