//! Rows of a file, one at a time, with their line and their text for the rejects.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use serde_json::Value;
use throughline_base::Problem;
use throughline_domain::event::Object;

use super::columnar::Columnar;
use super::file::{self, Layout, Text};
use super::mapping::Format;
use crate::Result;

/// Longest line of JSON, in bytes.
const MAX_LINE: usize = 4 * 1024 * 1024;
/// Longest text kept of a refused row, in characters.
const MAX_RAW: usize = 2_000;

/// The cells of a row.
#[derive(Debug, Clone)]
pub enum Cells {
    /// In the order of the columns.
    Flat(Vec<Value>),
    /// By name; parts of objects by path.
    Object(Object),
    /// Not readable, and why.
    Bad(String),
}

/// A row.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its line (1 is the first), or its number for Parquet.
    pub line: u64,
    /// Its cells.
    pub cells: Cells,
    /// Hash of what it says.
    pub hash: u64,
    text: String,
}

impl Record {
    pub(super) fn new(line: u64, cells: Cells, text: String) -> Self {
        Self { line, cells, hash: xxhash_rust::xxh3::xxh3_64(text.as_bytes()), text }
    }

    /// Its text as it stands in the file, cut to a readable length.
    pub fn raw(&self) -> String {
        self.text.chars().take(MAX_RAW).collect()
    }

    /// A cell by its name and, where columns have an order, its place.
    pub fn cell(&self, name: &str, place: Option<usize>) -> Option<&Value> {
        match &self.cells {
            Cells::Flat(cells) => cells.get(place?),
            Cells::Object(o) => o.get(name).or_else(|| {
                let mut parts = name.split('.');
                let first = o.get(parts.next()?)?;
                parts.try_fold(first, |v, part| v.get(part))
            }),
            Cells::Bad(_) => None,
        }
    }
}

/// Reads a file from its start.
pub struct Reader {
    columns: Vec<String>,
    rows: Rows,
}

enum Rows {
    Csv { reader: Box<csv::Reader<Text>>, record: csv::StringRecord, first: Option<csv::StringRecord>, delimiter: u8 },
    Json { reader: BufReader<Text>, line: u64, buf: Vec<u8> },
    Columnar(Box<Columnar>),
}

impl Reader {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read or its columns have no or double names.
    pub fn open(path: &Path, layout: &Layout) -> Result<Self> {
        let text = || Text::open(path, layout.encoding).map_err(|e| file::unreadable(path, &e));
        match layout.format {
            Format::Csv | Format::Tsv => {
                let mut reader = csv::ReaderBuilder::new()
                    .delimiter(layout.delimiter)
                    .has_headers(false)
                    .flexible(true)
                    .from_reader(text()?);
                let mut first = csv::StringRecord::new();
                reader.read_record(&mut first).map_err(|e| csv_problem(path, e))?;
                let columns: Vec<String> = if layout.header {
                    first.iter().map(|c| c.trim().to_owned()).collect()
                } else {
                    (1..=first.len()).map(|i| format!("c{i}")).collect()
                };
                let columns = distinct(columns)?;
                let first = (!layout.header).then_some(first);
                let record = csv::StringRecord::new();
                let rows = Rows::Csv { reader: Box::new(reader), record, first, delimiter: layout.delimiter };
                Ok(Self { columns, rows })
            }
            Format::Jsonl => {
                let reader = BufReader::with_capacity(64 * 1024, text()?);
                Ok(Self { columns: Vec::new(), rows: Rows::Json { reader, line: 0, buf: Vec::new() } })
            }
            Format::Parquet => {
                let rows = Columnar::open(path)?;
                Ok(Self { columns: distinct(rows.columns())?, rows: Rows::Columnar(Box::new(rows)) })
            }
        }
    }

    /// Names of the columns; none for JSON Lines, where each row has its own.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are, where the file says so.
    pub fn rows_known(&self) -> Option<u64> {
        match &self.rows {
            Rows::Columnar(c) => Some(c.rows()),
            Rows::Csv { .. } | Rows::Json { .. } => None,
        }
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the file is damaged. A damaged row is a row with [`Cells::Bad`].
    pub fn next(&mut self, path: &Path) -> Result<Option<Record>> {
        let width = self.columns.len();
        match &mut self.rows {
            Rows::Csv { reader, record, first, delimiter } => {
                if let Some(first) = first.take() {
                    return Ok(Some(csv_record(&first, width, *delimiter)));
                }
                if reader.read_record(record).map_err(|e| csv_problem(path, e))? {
                    Ok(Some(csv_record(record, width, *delimiter)))
                } else {
                    Ok(None)
                }
            }
            Rows::Json { reader, line, buf } => json_record(reader, line, buf).map_err(|e| file::unreadable(path, &e)),
            Rows::Columnar(c) => c.next(),
        }
    }

    /// Passes over rows.
    ///
    /// # Errors
    /// As [`Reader::next`].
    pub fn skip(&mut self, path: &Path, rows: u64) -> Result<()> {
        for _ in 0..rows {
            if self.next(path)?.is_none() {
                break;
            }
        }
        Ok(())
    }
}

fn distinct(columns: Vec<String>) -> Result<Vec<String>> {
    let mut out: Vec<String> = Vec::with_capacity(columns.len());
    for (i, c) in columns.into_iter().enumerate() {
        let name = if c.is_empty() { format!("c{}", i + 1) } else { c };
        if out.contains(&name) {
            return Err(Problem::invalid(
                "import_file",
                format!("the file has two columns named `{name}`; rename one, or set header = false under [file]"),
            ));
        }
        out.push(name);
    }
    Ok(out)
}

fn csv_problem(path: &Path, e: csv::Error) -> Problem {
    match e.into_kind() {
        csv::ErrorKind::Io(e) => file::unreadable(path, &e),
        other => Problem::invalid("import_file", format!("the file cannot be read: {other:?}")),
    }
}

fn csv_record(r: &csv::StringRecord, width: usize, delimiter: u8) -> Record {
    let line = r.position().map_or(0, csv::Position::line);
    let mut text = String::with_capacity(r.as_slice().len() + r.len() * 2);
    for (i, cell) in r.iter().enumerate() {
        if i > 0 {
            text.push(char::from(delimiter));
        }
        if cell.contains(['"', '\n', char::from(delimiter)]) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    let cells = if r.len() != width {
        Cells::Bad(format!("the line has {} fields, the file has {width} columns", r.len()))
    } else if r.as_slice().contains('\u{fffd}') {
        Cells::Bad("the line holds bytes that are no text; name the file's encoding under [file]".to_owned())
    } else {
        Cells::Flat(r.iter().map(Value::from).collect())
    };
    Record::new(line, cells, text)
}

fn json_record(reader: &mut BufReader<Text>, line: &mut u64, buf: &mut Vec<u8>) -> io::Result<Option<Record>> {
    loop {
        buf.clear();
        let whole = read_line(reader, buf)?;
        if buf.is_empty() {
            return Ok(None);
        }
        *line += 1;
        let text = String::from_utf8_lossy(buf).trim().to_owned();
        if text.is_empty() {
            continue;
        }
        let cells = if !whole {
            Cells::Bad(format!("the line is longer than {MAX_LINE} bytes"))
        } else if text.contains('\u{fffd}') {
            Cells::Bad("the line holds bytes that are no text; name the file's encoding under [file]".to_owned())
        } else {
            match serde_json::from_str::<Value>(&text) {
                Ok(Value::Object(o)) => Cells::Object(o),
                Ok(_) => Cells::Bad("the line is no JSON object".to_owned()),
                Err(e) => Cells::Bad(format!("the line is no JSON: {e}")),
            }
        };
        return Ok(Some(Record::new(*line, cells, text)));
    }
}

/// One line into `buf`, without more of it than [`MAX_LINE`]; whether all of it fitted.
fn read_line(reader: &mut impl BufRead, buf: &mut Vec<u8>) -> io::Result<bool> {
    let mut whole = true;
    loop {
        let part = reader.fill_buf()?;
        if part.is_empty() {
            return Ok(whole);
        }
        let end = part.iter().position(|b| *b == b'\n');
        let n = end.map_or(part.len(), |i| i + 1);
        let room = MAX_LINE.saturating_sub(buf.len());
        buf.extend_from_slice(&part[..n.min(room)]);
        whole &= n <= room;
        reader.consume(n);
        if end.is_some() {
            return Ok(whole);
        }
    }
}
