//! Files of records: written to a spool folder of this machine, hashed while they are written, delivered whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use throughline_base::Problem;
use throughline_domain::audience::export::{Format, Record, Shape, cell_text};
use throughline_domain::person::consent::hex;

use crate::privacy::zip::Zip;
use crate::{App, Result};

/// Rows of a group of a Parquet file.
const GROUP: usize = 32 * 1024;
/// Lines of one text inside a zip; a zip may hold several.
const LINES: usize = 500_000;

impl App {
    /// The folder in which files wait for their delivery.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn spool_dir(&self) -> Result<PathBuf> {
        let dir = self.files_dir("destinations").join(".spool");
        fs::create_dir_all(&dir).map_err(cannot(&dir))?;
        Ok(dir)
    }
}

fn cannot(path: &Path) -> impl Fn(io::Error) -> Problem + use<> {
    let path = path.display().to_string();
    move |e| Problem::unavailable("data_dir", format!("cannot write {path}: {e}"))
}

/// Opens a file for this user alone.
fn private(path: &Path) -> io::Result<File> {
    let mut open = OpenOptions::new();
    open.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path)
}

/// A file that vanishes when it is dropped.
#[derive(Debug)]
pub(super) struct Spooled(PathBuf);

impl Spooled {
    /// A place in the spool folder.
    pub(super) fn at(dir: &Path, name: &str) -> Self {
        Self(dir.join(name))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Opens it for writing.
    pub(super) fn create(&self) -> Result<BufWriter<File>> {
        private(&self.0).map(BufWriter::new).map_err(cannot(&self.0))
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes on and counts and hashes what passes.
struct Hashing {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for Hashing {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.out.write(buf)?;
        self.hash.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

enum Writer {
    Csv(Box<csv::Writer<Hashing>>),
    JsonLines(Hashing),
    Parquet { writer: Box<ArrowWriter<Hashing>>, schema: SchemaRef, columns: Vec<StringBuilder>, rows: usize },
    Zip { zip: Box<Zip<Hashing>>, name: String, lines: Vec<u8>, count: usize, part: usize },
}

/// A file that is being written.
pub(super) struct Sheet {
    writer: Writer,
    header: Vec<String>,
    spooled: Spooled,
    rows: u64,
    /// The file's own name, for its delivery.
    name: String,
    /// `all`, `added`, `removed`.
    holds: &'static str,
}

/// A file as written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) spooled: Spooled,
    pub(super) name: String,
    pub(super) holds: &'static str,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Sheet {
    /// Begins a file `stem.extension` of a format.
    pub(super) fn begin(dir: &Path, format: &Format, stem: &str, holds: &'static str) -> Result<Self> {
        let name = format!("{stem}.{}", format.extension());
        let spooled = Spooled::at(dir, &name);
        let out = Hashing { out: spooled.create()?, hash: Sha256::new(), bytes: 0 };
        let header = format.header();
        let writer = match format.shape() {
            Shape::Csv => {
                let mut writer = csv::WriterBuilder::new().from_writer(out);
                writer.write_record(&header).map_err(|e| unwritten(&spooled, e))?;
                Writer::Csv(Box::new(writer))
            }
            Shape::JsonLines => Writer::JsonLines(out),
            Shape::Parquet => {
                let fields: Vec<Field> = header.iter().map(|n| Field::new(n, DataType::Utf8, true)).collect();
                let schema: SchemaRef = Arc::new(Schema::new(fields));
                let packing = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(GROUP));
                let writer = ArrowWriter::try_new(out, schema.clone(), Some(packing.build()))
                    .map_err(|e| unwritten(&spooled, e))?;
                let columns = header.iter().map(|_| StringBuilder::new()).collect();
                Writer::Parquet { writer: Box::new(writer), schema, columns, rows: 0 }
            }
            Shape::ZippedLines => Writer::Zip {
                zip: Box::new(Zip::new(out)),
                name: stem.to_owned(),
                lines: Vec::new(),
                count: 0,
                part: 0,
            },
        };
        Ok(Self { writer, header, spooled, rows: 0, name, holds })
    }

    /// Adds records.
    pub(super) fn write(&mut self, records: &[Record]) -> Result<()> {
        for record in records {
            self.rows += 1;
            let done = match &mut self.writer {
                Writer::Csv(writer) => {
                    writer.write_record(record.iter().map(|c| guarded(cell_text(c)))).map_err(io::Error::other)
                }
                Writer::JsonLines(out) => {
                    let mut line = object(&self.header, record).to_string();
                    line.push('\n');
                    out.write_all(line.as_bytes())
                }
                Writer::Parquet { columns, rows, .. } => {
                    for (column, cell) in columns.iter_mut().zip(record) {
                        column.append_option((!cell.is_null()).then(|| cell_text(cell)));
                    }
                    *rows += 1;
                    Ok(())
                }
                Writer::Zip { lines, count, .. } => {
                    lines.extend(record.iter().map(cell_text).collect::<Vec<_>>().join(",").into_bytes());
                    lines.push(b'\n');
                    *count += 1;
                    Ok(())
                }
            };
            done.map_err(|e| unwritten(&self.spooled, e))?;
            self.spill(false)?;
        }
        Ok(())
    }

    /// Writes out what is gathered when there is enough of it, or at the end.
    fn spill(&mut self, is_last: bool) -> Result<()> {
        match &mut self.writer {
            Writer::Csv(_) | Writer::JsonLines(_) => Ok(()),
            Writer::Parquet { writer, schema, columns, rows } => {
                if *rows == 0 || (*rows < GROUP && !is_last) {
                    return Ok(());
                }
                let arrays: Vec<ArrayRef> = columns.iter_mut().map(|c| -> ArrayRef { Arc::new(c.finish()) }).collect();
                *rows = 0;
                let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(|e| unwritten(&self.spooled, e))?;
                writer.write(&batch).map_err(|e| unwritten(&self.spooled, e))
            }
            Writer::Zip { zip, name, lines, count, part } => {
                // An empty list is one empty text, so that whoever unpacks it finds something.
                if (*count < LINES && !is_last) || (*count == 0 && *part > 0) {
                    return Ok(());
                }
                *part += 1;
                let inner = if *part == 1 { format!("{name}.txt") } else { format!("{name}-{part}.txt") };
                zip.file(&inner, lines).map_err(|e| unwritten(&self.spooled, e))?;
                lines.clear();
                *count = 0;
                Ok(())
            }
        }
    }

    /// Whether anything was written.
    pub(super) const fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<Written> {
        self.spill(true)?;
        let Self { writer, spooled, rows, name, holds, .. } = self;
        let done: io::Result<Hashing> = match writer {
            Writer::Csv(writer) => writer.into_inner().map_err(|e| io::Error::other(e.to_string())),
            Writer::JsonLines(out) => Ok(out),
            Writer::Parquet { writer, .. } => writer.into_inner().map_err(io::Error::other),
            Writer::Zip { zip, .. } => zip.finish(),
        };
        let mut out = done.map_err(|e| unwritten(&spooled, e))?;
        out.flush().map_err(|e| unwritten(&spooled, e))?;
        Ok(Written { name, holds, rows, bytes: out.bytes, sha256: hex(&out.hash.finalize()), spooled })
    }
}

fn unwritten(spooled: &Spooled, e: impl std::fmt::Display) -> Problem {
    Problem::unavailable("data_dir", format!("cannot write {}: {e}", spooled.path().display()))
}

/// A record as an object, for JSON.
pub(super) fn object(header: &[String], record: &Record) -> Value {
    Value::Object(header.iter().cloned().zip(record.iter().cloned()).collect::<Map<String, Value>>())
}

/// Text that a spreadsheet would run as a formula is told apart by an apostrophe (OWASP, "CSV Injection"): traits are
/// typed by strangers, and such files are opened by hand. Phone numbers in international form are left alone.
fn guarded(text: String) -> String {
    let mut chars = text.chars();
    let is_formula = match chars.next() {
        Some('=' | '@' | '\t' | '\r') => true,
        Some('+' | '-') => !chars.all(|c| c.is_ascii_digit() || c == '.'),
        Some(_) | None => false,
    };
    if is_formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array as _, AsArray as _};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use serde_json::json;
    use throughline_domain::audience::export::{Column, Hash, OceanId, Source};

    fn columns() -> Vec<Column> {
        let column = |name: &str| Column { name: name.into(), source: Source::Trait(name.into()), hash: Hash::None };
        vec![column("city"), column("note")]
    }

    fn written(format: &Format, records: &[Record]) -> (tempfile::TempDir, Written, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let mut sheet = Sheet::begin(dir.path(), format, "vip", "all").unwrap();
        sheet.write(records).unwrap();
        let written = sheet.finish().unwrap();
        let bytes = fs::read(written.spooled.path()).unwrap();
        assert_eq!((bytes.len() as u64, written.sha256.clone()), (written.bytes, hex(&Sha256::digest(&bytes))));
        (dir, written, bytes)
    }

    #[test]
    fn a_table_keeps_its_commas_and_runs_no_formula() {
        let rows = vec![
            vec![json!("per_1"), json!("上海, 浦东"), json!("=HYPERLINK(\"x\")")],
            vec![json!("per_2"), json!(null), json!("+8613912345678")],
        ];
        let (_dir, w, bytes) = written(&Format::Csv { columns: columns() }, &rows);
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(
            text,
            "person_id,city,note\nper_1,\"上海, 浦东\",\"'=HYPERLINK(\"\"x\"\")\"\nper_2,,+8613912345678\n"
        );
        assert_eq!((w.name.as_str(), w.rows), ("vip.csv", 2));
    }

    #[test]
    fn parquet_reads_back() {
        let rows: Vec<Record> =
            (0..GROUP + 5).map(|i| vec![json!(format!("per_{i}")), json!(i), json!(null)]).collect();
        let (_dir, w, bytes) = written(&Format::Parquet { columns: columns() }, &rows);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let mut seen = 0;
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            let city = batch.column(1).as_string::<i32>();
            assert_eq!(city.value(0), seen.to_string());
            assert_eq!(batch.column(2).null_count(), batch.num_rows());
            seen += batch.num_rows();
        }
        assert_eq!((seen, w.rows), (GROUP + 5, (GROUP + 5) as u64));
    }

    #[test]
    fn json_is_an_object_a_line() {
        let rows = vec![vec![json!("per_1"), json!(["a"]), json!(true)]];
        let (_dir, _, bytes) = written(&Format::Json { columns: columns() }, &rows);
        assert_eq!(String::from_utf8(bytes).unwrap(), "{\"person_id\":\"per_1\",\"city\":[\"a\"],\"note\":true}\n");
    }

    #[test]
    fn a_list_is_a_zip_of_texts_that_unzip_opens() {
        let rows: Vec<Record> = (0..LINES + 2).map(|i| vec![json!(format!("{i:064x}"))]).collect();
        let (dir, w, _) = written(&Format::OceanList { id: OceanId::PhoneSha256 }, &rows);
        assert_eq!(w.name, "vip.zip");
        let script = "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);assert z.testzip() is None;\
                      print([(n,z.read(n).count(b'\\n')) for n in z.namelist()])";
        let out = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(dir.path().join("vip.zip"))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stdout);
        assert_eq!(text.trim(), "[('vip.txt', 500000), ('vip-2.txt', 2)]", "{}", String::from_utf8_lossy(&out.stderr));
    }
}
