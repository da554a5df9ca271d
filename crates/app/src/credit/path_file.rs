//! Models over an aggregated path file, without any server.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use throughline_base::Problem;
use throughline_domain::credit::path_file::{PathFileOptions, PathReport, compute};

use crate::Result;

/// The first bytes of a gzip file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Computes all models over a CSV file of paths, plain or gzip-compressed.
///
/// # Errors
/// When the file cannot be opened or read as one: where, and how to mend it.
pub fn path_file(path: &Path, options: &PathFileOptions) -> Result<PathReport> {
    let unreadable =
        |e: std::io::Error| Problem::invalid("path_file", format!("{} cannot be read: {e}", path.display()));
    let mut file = File::open(path).map_err(unreadable)?;
    let mut magic = Vec::with_capacity(GZIP.len());
    file.by_ref().take(GZIP.len() as u64).read_to_end(&mut magic).map_err(unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let computed = if magic == GZIP {
        compute(BufReader::new(MultiGzDecoder::new(BufReader::new(file))), options)
    } else {
        compute(BufReader::new(file), options)
    };
    computed.map_err(|e| Problem::invalid("path_file", format!("{}: {e}", path.display())))
}
