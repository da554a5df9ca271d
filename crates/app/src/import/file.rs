//! A file's outside: compression, encoding, layout and sign between fields, told by its first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use throughline_base::{Problem, ProblemKind};
use xxhash_rust::xxh3::Xxh3;

use super::mapping::{FileHints, Format};
use crate::Result;

/// Bytes looked at (after decompression).
const LOOK: usize = 256 * 1024;

/// What a file looks like from outside.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Rows as what.
    pub format: Format,
    /// The encoding of text.
    pub encoding: &'static Encoding,
    /// The sign between fields.
    pub delimiter: u8,
    /// Whether the first line names the columns.
    pub header: bool,
}

/// A file that cannot be read.
pub fn unreadable(path: &Path, e: &io::Error) -> Problem {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match e.kind() {
        io::ErrorKind::NotFound => Problem::not_found(
            "import_file",
            format!("there is no file {}; name it again or upload it again", path.display()),
        ),
        io::ErrorKind::InvalidData
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other
        | io::ErrorKind::InvalidInput => {
            Problem::invalid("import_file", format!("{name} is damaged: {e}; fetch or pack it again"))
        }
        _ => Problem::new(ProblemKind::Unavailable, "import_file", format!("{name} cannot be read: {e}")),
    }
}

/// The contents without compression (gzip and zstd are told by their first bytes).
fn inflated(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    let mut magic = [0_u8; 4];
    let n = fill(&mut file, &mut magic)?;
    let whole = BufReader::with_capacity(128 * 1024, io::Cursor::new(magic).take(n as u64).chain(file));
    Ok(match magic {
        [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        [0x28, 0xb5, 0x2f, 0xfd] => Box::new(zstd::stream::read::Decoder::with_buffer(whole)?),
        _ => Box::new(whole),
    })
}

fn fill(from: &mut impl Read, to: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < to.len() {
        match from.read(&mut to[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(n)
}

/// Looks at a file. What `hints` say is taken as said.
///
/// # Errors
/// When it cannot be read or is empty, or a hint is wrong.
pub fn look(path: &Path, hints: &FileHints) -> Result<Layout> {
    let mut reader = inflated(path).map_err(|e| unreadable(path, &e))?;
    let mut head = vec![0; LOOK];
    let n = fill(&mut reader, &mut head).map_err(|e| unreadable(path, &e))?;
    head.truncate(n);
    if head.is_empty() {
        return Err(Problem::invalid("import_file", "the file is empty"));
    }
    let encoding = match &hints.encoding {
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            let detail =
                format!("the mapping: file.encoding: there is no encoding `{label}`; expected utf-8, gb18030 …");
            Problem::invalid("mapping", detail)
        })?,
        None => encoding_of(&head),
    };
    let (text, _, _) = encoding.decode(&head);
    let format = hints.format.unwrap_or_else(|| format_of(&head, &text));
    if format == Format::Jsonl && text.trim_start().starts_with('[') {
        let advice = "write one object a line (jq -c '.[]' FILE does that)";
        return Err(Problem::invalid("import_file", format!("the file is one JSON array; {advice}")));
    }
    let given = hints.delimiter.as_ref().and_then(|d| d.bytes().next());
    let delimiter = given.unwrap_or_else(|| if format == Format::Tsv { b'\t' } else { delimiter_of(&text) });
    Ok(Layout { format, encoding, delimiter, header: hints.header.unwrap_or(true) })
}

/// BOM, else UTF-8 when it is valid, else GB18030 when it is, else Western European.
fn encoding_of(head: &[u8]) -> &'static Encoding {
    if let Some((e, _)) = Encoding::for_bom(head) {
        return e;
    }
    // The last character may be cut.
    let valid = |e: &'static Encoding| {
        let mut decoder = e.new_decoder_without_bom_handling();
        let mut out = String::with_capacity(decoder.max_utf8_buffer_length(head.len()).unwrap_or(head.len() * 3));
        let (result, _) = decoder.decode_to_string_without_replacement(head, &mut out, head.len() < LOOK);
        matches!(result, encoding_rs::DecoderResult::InputEmpty)
    };
    [UTF_8, GB18030].into_iter().find(|e| valid(e)).unwrap_or(WINDOWS_1252)
}

fn format_of(head: &[u8], text: &str) -> Format {
    if head.starts_with(b"PAR1") {
        return Format::Parquet;
    }
    let first = text.trim_start();
    if first.starts_with('{') || first.starts_with("[{") || first.starts_with("[\n") {
        return Format::Jsonl;
    }
    if delimiter_of(text) == b'\t' { Format::Tsv } else { Format::Csv }
}

/// The sign that stands most evenly in the first lines, outside quotes.
fn delimiter_of(text: &str) -> u8 {
    let count = |line: &str, sign: u8| {
        let mut quoted = false;
        line.bytes()
            .filter(|b| {
                quoted ^= *b == b'"';
                !quoted && *b == sign
            })
            .count()
    };
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).take(20).collect();
    let first = |sign: u8| lines.first().map_or(0, |l| count(l, sign));
    let even = |sign: u8| lines.iter().filter(|l| count(l, sign) == first(sign)).count();
    let signs = [b',', b'\t', b';', b'|'];
    signs
        .into_iter()
        .rev()
        .filter(|s| first(*s) > 0)
        .max_by_key(|s| (even(*s) * 2 > lines.len(), first(*s)))
        .unwrap_or(b',')
}

/// The text of a file as UTF-8, whatever its encoding; bytes that are none become U+FFFD.
pub struct Text {
    from: Box<dyn Read + Send>,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    out: Vec<u8>,
    out_at: usize,
    out_end: usize,
    ended: bool,
}

impl Text {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path, encoding: &'static Encoding) -> io::Result<Self> {
        // A BOM is taken off; one of another encoding than the given is left to the given.
        let decoder = if encoding == UTF_16LE || encoding == UTF_16BE || encoding == UTF_8 {
            encoding.new_decoder_with_bom_removal()
        } else {
            encoding.new_decoder_without_bom_handling()
        };
        Ok(Self {
            from: inflated(path)?,
            decoder,
            raw: vec![0; 64 * 1024],
            raw_at: 0,
            raw_end: 0,
            out: vec![0; 256 * 1024],
            out_at: 0,
            out_end: 0,
            ended: false,
        })
    }
}

impl Read for Text {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.out_at == self.out_end && !self.ended {
            if self.raw_at == self.raw_end {
                self.raw_at = 0;
                self.raw_end = fill(&mut self.from, &mut self.raw)?;
            }
            let last = self.raw_end < self.raw.len();
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.raw_at..self.raw_end], &mut self.out, last);
            self.raw_at += read;
            (self.out_at, self.out_end) = (0, written);
            self.ended = last && matches!(result, CoderResult::InputEmpty);
        }
        let n = buf.len().min(self.out_end - self.out_at);
        buf[..n].copy_from_slice(&self.out[self.out_at..self.out_at + n]);
        self.out_at += n;
        Ok(n)
    }
}

/// Hash of a file's bytes, as 32 hexadecimal digits.
///
/// # Errors
/// When it cannot be read.
pub fn hash(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let mut state = Xxh3::new();
    let mut buf = vec![0; 256 * 1024];
    loop {
        match fill(&mut file, &mut buf).map_err(|e| unreadable(path, &e))? {
            0 => return Ok(format!("{:032x}", state.digest128())),
            n => state.update(&buf[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_between_fields_is_the_one_that_every_line_has() {
        assert_eq!(delimiter_of("a,b,c\n1,2,3\n"), b',');
        assert_eq!(delimiter_of("a;b\n\"1,5;x\";2\n\"2,5\";3\n"), b';');
        assert_eq!(delimiter_of("姓名\t电话\n王\t1\n"), b'\t');
        assert_eq!(delimiter_of("one\ntwo\n"), b',');
    }

    #[test]
    fn chinese_files_of_old_spreadsheets_are_told_from_utf_8_and_from_western_ones() {
        let (gb, _, _) = GB18030.encode("姓名,电话\n王小明,13912345678\n");
        assert_eq!(encoding_of(&gb), GB18030);
        assert_eq!(encoding_of("姓名,电话\n".as_bytes()), UTF_8);
        assert_eq!(encoding_of(b"\xff\xfea\0"), UTF_16LE);
        let (latin, _, _) = WINDOWS_1252.encode("name,city\nJosé,Málaga\n");
        assert_eq!(encoding_of(&latin), WINDOWS_1252);
    }
}
