//! Reading the file.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use serde::Serialize;

use super::{PathRow, Paths};

/// Most steps of one path.
const MAX_STEPS: usize = 10_000;
/// Most distinct channels; a file with more has its paths in another column.
const MAX_CHANNELS: usize = 20_000;
/// Most bytes of a header line.
const MAX_HEADER: usize = 1 << 16;
/// Most bytes of one row.
const MAX_ROW: usize = 1 << 20;

/// Why a file cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PathFileError {
    /// The line, from 1; 0 when it is not about one.
    pub line: u64,
    /// The column's name; empty when it is not about one.
    pub column: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl PathFileError {
    fn new(line: u64, column: &str, message: impl Into<String>) -> Self {
        Self { line, column: column.to_owned(), message: message.into() }
    }

    pub(super) fn option(message: String) -> Self {
        Self::new(0, "", message)
    }
}

impl fmt::Display for PathFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}", self.line)?;
            if !self.column.is_empty() {
                write!(f, ", column {}", self.column)?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathFileError {}

const PATH: &[&str] = &["path", "paths", "channel_path"];
const CONVERSIONS: &[&str] = &["conversions", "total_conversions", "conversion"];
const VALUE: &[&str] = &["value", "total_conversion_value", "conversion_value", "total_value"];
const NULLS: &[&str] = &["nulls", "null", "total_null", "total_nulls"];

/// Where the columns stand.
#[derive(Debug, Clone, Copy)]
struct Columns {
    path: usize,
    conversions: usize,
    value: Option<usize>,
    nulls: Option<usize>,
    count: usize,
}

/// Stops a row that never ends (a quote that is never closed) before it fills the memory.
struct Bounded<R> {
    inner: R,
    /// Bytes handed out since the last row; shared with the loop that sees the rows.
    since: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > MAX_ROW {
            return Err(io::Error::other(TOO_LONG));
        }
        let n = self.inner.read(buffer)?;
        self.since.set(self.since.get().saturating_add(n));
        Ok(n)
    }
}

const TOO_LONG: &str = "a row is longer than 1 MiB; is a double quote never closed?";

/// Reads the whole file; repeated paths are summed.
pub(super) fn read(reader: impl Read) -> Result<Paths, PathFileError> {
    let mut reader = BufReader::new(reader);
    let header = header(&mut reader)?;
    let (delimiter, columns) = columns(&header)?;
    let since = Rc::new(Cell::new(0));
    let reader = Bounded { inner: reader, since: Rc::clone(&since) };
    let mut csv = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(reader);
    let mut record = csv::ByteRecord::new();
    let mut sums = Sums::default();
    loop {
        let line = csv.position().line() + 1;
        match csv.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => since.set(0),
            Err(e) => return Err(PathFileError::new(line, "", format!("cannot be read: {e}"))),
        }
        // The reader counts from the first row; the header is line 1.
        let line = record.position().map_or(line, |p| p.line() + 1);
        if record.as_slice().iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        sums.row(&columns, &record, line)?;
    }
    Ok(sums.finish(&columns))
}

fn header(reader: &mut impl BufRead) -> Result<String, PathFileError> {
    let mut line = Vec::new();
    let fail = |e: io::Error| PathFileError::new(1, "", format!("cannot be read: {e}"));
    reader.take(MAX_HEADER as u64).read_until(b'\n', &mut line).map_err(fail)?;
    if line.is_empty() {
        let wanted = "the file is empty; its first line names the columns: path, conversions, value, nulls";
        return Err(PathFileError::new(1, "", wanted));
    }
    let whole = line.ends_with(b"\n") || line.len() < MAX_HEADER;
    match String::from_utf8(line) {
        Ok(text) if whole => Ok(text.trim_start_matches('\u{feff}').trim().to_owned()),
        Ok(_) => Err(PathFileError::new(1, "", "the first line is longer than 64 KiB; is this a text file?")),
        Err(_) => Err(PathFileError::new(1, "", "is not UTF-8; save the file as UTF-8, unpacked if it is compressed")),
    }
}

/// The delimiter under which the header names the columns.
fn columns(header: &str) -> Result<(u8, Columns), PathFileError> {
    for delimiter in [b',', b';', b'\t', b'|'] {
        let names = split(header, delimiter);
        let find = |wanted: &[&str]| names.iter().position(|n| wanted.contains(&n.trim().to_lowercase().as_str()));
        if let (Some(path), Some(conversions)) = (find(PATH), find(CONVERSIONS)) {
            let (value, nulls, count) = (find(VALUE), find(NULLS), names.len());
            return Ok((delimiter, Columns { path, conversions, value, nulls, count }));
        }
    }
    let message = format!(
        "the header must name the columns path and conversions (or total_conversions), and may name value and nulls, \
         separated by comma, semicolon, tab or |; it says: {}",
        header.chars().take(200).collect::<String>()
    );
    Err(PathFileError::new(1, "", message))
}

fn split(header: &str, delimiter: u8) -> Vec<String> {
    let mut csv = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(header.as_bytes());
    let first = csv.records().next().and_then(Result::ok).unwrap_or_default();
    first.iter().map(str::to_owned).collect()
}

#[derive(Default)]
struct Sums {
    channels: Vec<String>,
    numbers: HashMap<String, u32>,
    paths: HashMap<Vec<u32>, [f64; 3]>,
    steps: Vec<u32>,
    read: u64,
}

impl Sums {
    fn row(&mut self, columns: &Columns, record: &csv::ByteRecord, line: u64) -> Result<(), PathFileError> {
        if record.len() != columns.count {
            let message = format!(
                "has {} columns, the header has {}; a path that holds the delimiter must stand in double quotes",
                record.len(),
                columns.count
            );
            return Err(PathFileError::new(line, "", message));
        }
        let text = |i: usize, name: &str| {
            std::str::from_utf8(&record[i]).map(str::trim).map_err(|_| PathFileError::new(line, name, "is not UTF-8"))
        };
        let number = |i: Option<usize>, name: &str, negative: bool| {
            i.map_or(Ok(0.0), |i| amount(text(i, name)?, line, name, negative))
        };
        self.path(text(columns.path, "path")?, line)?;
        let conversions = number(Some(columns.conversions), "conversions", false)?;
        let value = number(columns.value, "value", true)?;
        let nulls = number(columns.nulls, "nulls", false)?;
        self.read += 1;
        let sums = match self.paths.get_mut(&self.steps) {
            Some(sums) => sums,
            None => self.paths.entry(self.steps.clone()).or_default(),
        };
        for (sum, add) in sums.iter_mut().zip([conversions, value, nulls]) {
            *sum += add;
        }
        Ok(())
    }

    fn path(&mut self, text: &str, line: u64) -> Result<(), PathFileError> {
        self.steps.clear();
        if text.is_empty() {
            return Ok(());
        }
        for step in text.split('>').map(str::trim) {
            if step.is_empty() {
                let message = "a step without a name; steps are joined by ` > `, as in `search > email`";
                return Err(PathFileError::new(line, "path", message));
            }
            if self.steps.len() == MAX_STEPS {
                let message = format!("more than {MAX_STEPS} steps; cut the path to its newest ones");
                return Err(PathFileError::new(line, "path", message));
            }
            let number = match self.numbers.get(step) {
                Some(number) => *number,
                None if self.channels.len() == MAX_CHANNELS => {
                    let message = format!("more than {MAX_CHANNELS} distinct channels; is this the column of paths?");
                    return Err(PathFileError::new(line, "path", message));
                }
                None => {
                    let number = self.channels.len() as u32;
                    self.channels.push(step.to_owned());
                    self.numbers.insert(step.to_owned(), number);
                    number
                }
            };
            self.steps.push(number);
        }
        Ok(())
    }

    /// Renumbers the channels by name and sorts, so that the order of the file changes nothing.
    fn finish(self, columns: &Columns) -> Paths {
        let mut channels = self.channels.clone();
        channels.sort_unstable();
        let place = |name: &String| channels.binary_search(name).map_or(0, |i| i as u32);
        let renumbered: Vec<u32> = self.channels.iter().map(place).collect();
        let mut rows: Vec<PathRow> = self
            .paths
            .into_iter()
            .map(|(steps, [conversions, value, nulls])| PathRow {
                steps: steps.iter().map(|s| renumbered[*s as usize]).collect(),
                conversions,
                value,
                nulls,
            })
            .collect();
        rows.sort_by(|a, b| a.steps.cmp(&b.steps));
        Paths {
            channels,
            rows,
            read: self.read,
            has_value: columns.value.is_some(),
            has_nulls: columns.nulls.is_some(),
        }
    }
}

fn amount(text: &str, line: u64, column: &str, negative: bool) -> Result<f64, PathFileError> {
    if text.is_empty() {
        return Ok(0.0);
    }
    let shown = || text.chars().take(40).collect::<String>();
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() && n.abs() <= 1e15 && (negative || n >= 0.0) => Ok(n),
        Ok(n) if n.is_finite() && n.abs() <= 1e15 => {
            Err(PathFileError::new(line, column, format!("{} is negative; a count is 0 or more", shown())))
        }
        Ok(_) => Err(PathFileError::new(line, column, format!("{} is out of range", shown()))),
        Err(_) => {
            let message =
                format!("`{}` is not a number; write it as 1234.5, without unit or thousands separator", shown());
            Err(PathFileError::new(line, column, message))
        }
    }
}
