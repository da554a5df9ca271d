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

/// Longest row of text, in bytes.
const MAX_LINE: usize = 4 * 1024 * 1024;
/// Most cells of a row.
const MAX_CELLS: usize = 16_384;
/// Room for cells that is kept from row to row.
const KEPT_BUFFER: usize = 64 * 1024;
const TOO_LONG: &str = "longer than 4 MB or has more than 16,384 cells; is a quotation mark left open?";
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
    Csv { reader: Box<CsvRows>, first: Option<CsvRow>, delimiter: u8 },
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
                let mut reader = CsvRows::new(text()?, layout.delimiter);
                let first = reader.next().map_err(|e| file::unreadable(path, &e))?.unwrap_or_default();
                if !first.whole {
                    return Err(Problem::invalid("import_file", format!("its first row is {TOO_LONG}")));
                }
                let columns: Vec<String> = if layout.header {
                    first.cells().map(|c| c.trim().to_owned()).collect()
                } else {
                    (1..=first.ends.len()).map(|i| format!("c{i}")).collect()
                };
                let columns = distinct(columns)?;
                let first = (!layout.header && !first.ends.is_empty()).then_some(first);
                let rows = Rows::Csv { reader: Box::new(reader), first, delimiter: layout.delimiter };
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
            Rows::Csv { reader, first, delimiter } => {
                let row = match first.take() {
                    Some(first) => Some(first),
                    None => reader.next().map_err(|e| file::unreadable(path, &e))?,
                };
                Ok(row.map(|row| csv_record(&row, width, *delimiter)))
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

/// Rows of separated values. However long a row is, no more than [`MAX_LINE`] of it is kept.
struct CsvRows {
    text: BufReader<Text>,
    core: csv_core::Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
}

/// A row of separated values.
#[derive(Default)]
struct CsvRow {
    line: u64,
    /// The cells, one after the other.
    text: String,
    /// Where each ends.
    ends: Vec<usize>,
    whole: bool,
}

impl CsvRow {
    fn cells(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            cell
        })
    }
}

impl CsvRows {
    fn new(text: Text, delimiter: u8) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self { text: BufReader::with_capacity(64 * 1024, text), core, out: vec![0; 4096], ends: vec![0; 64] }
    }

    fn next(&mut self) -> io::Result<Option<CsvRow>> {
        let line = self.core.line();
        let (mut out, mut ends, mut whole) = (0, 0, true);
        loop {
            let input = self.text.fill_buf()?;
            let (state, read, written, ended) =
                self.core.read_record(input, &mut self.out[out..], &mut self.ends[ends..]);
            self.text.consume(read);
            (out, ends) = (out + written, ends + ended);
            match state {
                csv_core::ReadRecordResult::InputEmpty => {}
                csv_core::ReadRecordResult::OutputFull if self.out.len() < MAX_LINE => {
                    self.out.resize((self.out.len() * 2).min(MAX_LINE), 0);
                }
                // What is too long is read to its end, so that the rows after it are found, and not kept.
                csv_core::ReadRecordResult::OutputFull => (out, whole) = (0, false),
                csv_core::ReadRecordResult::OutputEndsFull if self.ends.len() < MAX_CELLS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                csv_core::ReadRecordResult::OutputEndsFull => (ends, whole) = (0, false),
                csv_core::ReadRecordResult::Record => {
                    // A reader of text gives text; a row cut short may be cut within a letter.
                    let text = String::from_utf8_lossy(&self.out[..out]).into_owned();
                    let ends = if whole { self.ends[..ends].to_vec() } else { Vec::new() };
                    self.out.truncate(KEPT_BUFFER);
                    self.out.shrink_to(KEPT_BUFFER);
                    return Ok(Some(CsvRow { line, text, ends, whole }));
                }
                csv_core::ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

fn csv_record(row: &CsvRow, width: usize, delimiter: u8) -> Record {
    if !row.whole {
        return Record::new(row.line, Cells::Bad(format!("the row is {TOO_LONG}")), row.text.clone());
    }
    let mut text = String::with_capacity(row.text.len() + row.ends.len() * 2);
    for (i, cell) in row.cells().enumerate() {
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
    let cells = if row.ends.len() != width {
        Cells::Bad(format!("the line has {} fields, the file has {width} columns", row.ends.len()))
    } else if row.text.contains('\u{fffd}') {
        Cells::Bad("the line holds bytes that are no text; name the file's encoding under [file]".to_owned())
    } else {
        Cells::Flat(row.cells().map(Value::from).collect())
    };
    Record::new(row.line, cells, text)
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
