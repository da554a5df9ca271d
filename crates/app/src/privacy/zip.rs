//! Zip files as every system opens them (PKWARE APPNOTE 6.3.10, without its 64-bit extension), deflated, readable by
//! their owner alone once unpacked.

use std::io::{self, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
const DEFLATED: u16 = 8;
/// Version 2.0 of the format, which brought deflate.
const VERSION: u16 = 20;
/// Made on Unix, so that the attributes below are understood.
const MADE_BY: u16 = 0x0300 | VERSION;
/// 1980-01-01, the first day of the format: archives of the same content are equal.
const DATE: u16 = 0x0021;
/// A plain file, `rw-------`.
const ATTRIBUTES: u32 = 0o100_600 << 16;

struct Written {
    name: String,
    crc: u32,
    packed: u32,
    unpacked: u32,
    at: u32,
}

/// Writes files one after the other; [`Zip::finish`] writes the directory.
pub(crate) struct Zip<W> {
    out: W,
    at: u32,
    files: Vec<Written>,
}

/// Lengths and places are 32 bits wide.
fn narrow(n: usize) -> io::Result<u32> {
    u32::try_from(n).map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "an archive holds at most 4 GiB"))
}

impl<W: Write> Zip<W> {
    pub(crate) const fn new(out: W) -> Self {
        Self { out, at: 0, files: Vec::new() }
    }

    /// Adds a file; names are short and ours.
    pub(crate) fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(bytes)?;
        let packed = deflate.finish()?;
        let file = Written {
            name: name.to_owned(),
            crc: crc.sum(),
            packed: narrow(packed.len())?,
            unpacked: narrow(bytes.len())?,
            at: self.at,
        };
        let mut header = Vec::with_capacity(30 + name.len());
        header.extend(0x0403_4b50_u32.to_le_bytes());
        header.extend(common(&file));
        header.extend(file.name.as_bytes());
        self.write(&header)?;
        self.write(&packed)?;
        self.files.push(file);
        Ok(())
    }

    /// Writes the directory and gives the writer back.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        let from = self.at;
        for file in std::mem::take(&mut self.files) {
            let mut entry = Vec::with_capacity(46 + file.name.len());
            entry.extend(0x0201_4b50_u32.to_le_bytes());
            entry.extend(MADE_BY.to_le_bytes());
            entry.extend(common(&file));
            // No comment, first disk, no internal attributes.
            entry.extend([0; 6]);
            entry.extend(ATTRIBUTES.to_le_bytes());
            entry.extend(file.at.to_le_bytes());
            entry.extend(file.name.as_bytes());
            self.write(&entry)?;
            self.files.push(file);
        }
        let (count, length) = ((self.files.len() as u16).to_le_bytes(), (self.at - from).to_le_bytes());
        let mut end = Vec::with_capacity(22);
        end.extend(0x0605_4b50_u32.to_le_bytes());
        end.extend([0; 4]);
        end.extend(count);
        end.extend(count);
        end.extend(length);
        end.extend(from.to_le_bytes());
        end.extend([0; 2]);
        self.write(&end)?;
        Ok(self.out)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.at = narrow(self.at as usize + bytes.len())?;
        Ok(())
    }
}

/// The fields that a file's header and its entry in the directory share.
fn common(file: &Written) -> Vec<u8> {
    let mut out = Vec::with_capacity(26);
    for n in [VERSION, FLAGS, DEFLATED, 0, DATE] {
        out.extend(n.to_le_bytes());
    }
    for n in [file.crc, file.packed, file.unpacked] {
        out.extend(n.to_le_bytes());
    }
    out.extend((file.name.len() as u16).to_le_bytes());
    // No extra field.
    out.extend([0; 2]);
    out
}
