//! Files read into records: layout and encoding found out, columns understood, every row kept in its place.

use std::path::{Path, PathBuf};

use serde_json::Value;
use throughline_base::Problem;
use throughline_domain::identity::matching::{Cell, DateOrder, Field, Part, Records};

use super::columns;
use super::mapping::MatchMapping;
use crate::Result;
use crate::import::{Cells, Reader, Record, look};

/// Rows looked at before columns are understood.
const LOOK: usize = 1_000;

/// A column that is used.
#[derive(Debug, Clone)]
struct Column {
    at: usize,
    header: String,
    part: Part,
    /// Name of its field; where two columns of one file have it, the second is another field.
    name: String,
    order: DateOrder,
}

/// A file with its columns understood.
pub(super) struct Table {
    path: PathBuf,
    reader: Reader,
    ahead: Vec<Record>,
    columns: Vec<Column>,
    truth: Option<usize>,
    key: Option<usize>,
    headers: Vec<String>,
}

/// Where a record is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) file: u16,
    pub(super) line: u64,
    /// The file's own number of it, where it has one.
    pub(super) key: Option<Box<str>>,
}

/// Rows in their order, with what is asked of each.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) origins: Vec<Origin>,
    pub(super) truths: Vec<Option<Box<str>>>,
    /// Rows that could not be read, by file and line with the reason.
    pub(super) bad: Vec<(u16, u64, String)>,
}

impl Table {
    /// Opens a file. `truth` is a column that is not to be matched by.
    pub(super) fn open(path: &Path, mapping: &MatchMapping, truth: Option<&str>) -> Result<Self> {
        let layout = look(path, &mapping.file)?;
        let mut reader = Reader::open(path, &layout)?;
        let mut ahead = Vec::new();
        while ahead.len() < LOOK
            && let Some(record) = reader.next(path)?
        {
            ahead.push(record);
        }
        let headers = headers(reader.columns(), &ahead);
        if headers.is_empty() || ahead.is_empty() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            return Err(Problem::invalid(
                "match_file",
                format!("{name} has no rows; the first line names the columns"),
            ));
        }
        let mut table = Self {
            path: path.to_owned(),
            reader,
            ahead,
            columns: Vec::new(),
            truth: truth.and_then(|t| headers.iter().position(|h| h == t.trim())),
            key: headers.iter().position(|h| columns::is_key(h)),
            headers,
        };
        table.understand(mapping);
        Ok(table)
    }

    fn understand(&mut self, mapping: &MatchMapping) {
        for (at, header) in self.headers.iter().enumerate() {
            if Some(at) == self.truth {
                continue;
            }
            let texts: Vec<String> = self.ahead.iter().filter_map(|r| text(r, header, at)).collect();
            let cells: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (part, name) = match mapping.columns.get(header) {
                Some(None) => continue,
                Some(Some(meaning)) => (meaning.part, meaning.name.clone()),
                None if !mapping.guess || Some(at) == self.key => continue,
                None => match columns::named(header).or_else(|| columns::looks(&cells)) {
                    Some(part) => (part, field_name(part, header)),
                    None => continue,
                },
            };
            let order = mapping.dates.get(header).copied().unwrap_or_else(|| DateOrder::of(cells.iter().copied()));
            self.columns.push(Column { at, header: header.clone(), part, name, order });
        }
        // A whole name beside its parts adds nothing.
        let has = |part: Part| self.columns.iter().any(|c| c.part == part);
        if has(Part::GivenName) && has(Part::Surname) {
            self.columns.retain(|c| c.part != Part::Name);
        }
    }

    /// The fields of its columns.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        self.columns.iter().map(|c| Field::new(c.part, &c.name))
    }

    /// Whether it has the column that was asked for as the truth.
    pub(super) const fn has_truth(&self) -> bool {
        self.truth.is_some()
    }

    /// What each used column is taken for: `header`, meaning.
    pub(super) fn meanings(&self) -> Vec<(String, String)> {
        let meaning = |c: &Column| {
            if Field::new(c.part, &c.name).name.is_empty() {
                c.part.as_str().to_owned()
            } else {
                format!("{}:{}", c.part.as_str(), c.name)
            }
        };
        self.columns.iter().map(|c| (c.header.clone(), meaning(c))).collect()
    }

    /// Reads all rows.
    pub(super) fn load(mut self, file: u16, records: &mut Records, into: &mut Loaded) -> Result<()> {
        let ahead = std::mem::take(&mut self.ahead);
        for record in ahead {
            self.push(file, &record, records, into);
        }
        while let Some(record) = self.reader.next(&self.path)? {
            self.push(file, &record, records, into);
        }
        Ok(())
    }

    fn push(&self, file: u16, record: &Record, records: &mut Records, into: &mut Loaded) {
        if let Cells::Bad(reason) = &record.cells {
            into.bad.push((file, record.line, reason.clone()));
            return;
        }
        let mut owned: Vec<(usize, String)> = Vec::new();
        for (i, c) in self.columns.iter().enumerate() {
            match record.cell(&c.header, Some(c.at)) {
                None | Some(Value::Null | Value::String(_)) => {}
                Some(other) => owned.push((i, plain_text(other))),
            }
        }
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(self.columns.len());
        for (i, c) in self.columns.iter().enumerate() {
            let text = match record.cell(&c.header, Some(c.at)) {
                Some(Value::String(s)) => s.trim(),
                Some(_) => owned.iter().find(|(n, _)| *n == i).map_or("", |(_, t)| t.as_str()),
                None => "",
            };
            cells.push(Cell { part: c.part, name: &c.name, text, order: c.order });
        }
        records.push(file, &cells);
        let cell =
            |at: Option<usize>| at.and_then(|at| text(record, &self.headers[at], at)).map(String::into_boxed_str);
        into.origins.push(Origin { file, line: record.line, key: cell(self.key) });
        if let Some(truth) = cell(self.truth) {
            into.truths.resize(into.origins.len() - 1, None);
            into.truths.push(Some(truth));
        }
    }
}

/// Names of fields that several files may share: a number by what it numbers, everything else by its header.
fn field_name(part: Part, header: &str) -> String {
    let plain: String = header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match (part, plain.as_str()) {
        (Part::Number, "socsecid" | "socialsecurity" | "socialsecuritynumber" | "socialsecurityno") => "ssn".to_owned(),
        (Part::Category, "gender" | "性别") => "sex".to_owned(),
        (Part::Text, _) => "company".to_owned(),
        _ => plain,
    }
}

fn headers(columns: &[String], rows: &[Record]) -> Vec<String> {
    if !columns.is_empty() {
        return columns.to_vec();
    }
    let mut out: Vec<String> = Vec::new();
    for r in rows {
        if let Cells::Object(o) = &r.cells {
            for name in o.keys() {
                if out.len() < 500 && !out.contains(name) {
                    out.push(name.clone());
                }
            }
        }
    }
    out
}

fn text(record: &Record, header: &str, at: usize) -> Option<String> {
    let text = plain_text(record.cell(header, Some(at))?);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn plain_text(value: &Value) -> String {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => {
            // Numbers that a spreadsheet made of digits: 13912345678.0
            let text = n.to_string();
            text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
        }
        Value::String(s) => s.clone(),
    }
}
