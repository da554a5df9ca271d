//! Does the storage hold what the manifest says? Every byte and every row is read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::column::{Column, ColumnSet};
use crate::decode::FileReader;
use crate::encode::checksum;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::manifest::LakeFile;
use crate::meta::load;
use crate::partition::{EVENTS, bucket_of, month_of, partition_path};
use crate::rows::Rows;
use crate::storage::Source;
use crate::workers;

/// Event ids held at a time while looking for doubles.
const IDS_AT_ONCE: u64 = 16_000_000;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// In the manifest, not on the storage.
    Missing,
    /// Its bytes are not those that were written, or cannot be read as a file of events.
    Damaged,
    /// Its rows are not in order.
    Unsorted,
    /// It holds rows of another month or person bucket, or other bounds than the manifest says.
    Misplaced,
    /// It holds an event that another file (or the same one) holds too.
    Duplicate,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: String,
    /// What is wrong.
    pub fault: Fault,
    /// More about it.
    pub detail: String,
}

/// A file on the storage that the manifest does not name: left by a crash between writing and recording, or replaced
/// and not yet deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Its path below the lake's root.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// When it was last written, Unix milliseconds. A young one may belong to a write that is still going on.
    pub modified_at: i64,
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Files looked at.
    pub files: u64,
    /// Rows read.
    pub rows: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Faults, by path.
    pub findings: Vec<Finding>,
    /// Files that the manifest does not name. They harm nobody; they cost space.
    pub orphans: Vec<Orphan>,
}

impl VerifyReport {
    /// True when nothing is wrong with the files of the manifest.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Lake {
    /// Reads all of `files`, the live files of the manifest, and compares them with their entries and each other.
    pub fn verify(&self, files: &[LakeFile]) -> Result<VerifyReport> {
        let parts = workers::run(
            self.config.write_threads,
            files.len(),
            |_| VerifyReport::default(),
            |report, i| self.verify_file(&files[i], report),
        )?;
        let mut report = VerifyReport { orphans: self.orphans(files)?, ..VerifyReport::default() };
        for part in parts {
            report.files += part.files;
            report.rows += part.rows;
            report.bytes += part.bytes;
            report.findings.extend(part.findings);
        }
        let broken: HashSet<String> = report.findings.iter().map(|f| f.path.clone()).collect();
        let mut months: BTreeMap<i32, Vec<&LakeFile>> = BTreeMap::new();
        for file in files.iter().filter(|f| !broken.contains(&f.path)) {
            months.entry(file.month).or_default().push(file);
        }
        let months: Vec<Vec<&LakeFile>> = months.into_values().collect();
        let doubles = Mutex::new(Vec::new());
        for month in &months {
            self.find_doubles(month, &doubles)?;
        }
        report.findings.extend(doubles.into_inner());
        report.findings.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(report)
    }

    /// The files on the storage that `files` does not name, left-over temporary ones included.
    pub fn orphans(&self, files: &[LakeFile]) -> Result<Vec<Orphan>> {
        let known: HashSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
        let listed = self.storage.list(EVENTS)?;
        Ok(listed
            .into_iter()
            .filter(|l| !known.contains(l.path.as_str()))
            .map(|l| Orphan { path: l.path, bytes: l.bytes, modified_at: l.modified_ms })
            .collect())
    }

    fn verify_file(&self, file: &LakeFile, report: &mut VerifyReport) -> Result<()> {
        report.files += 1;
        let mut find = |fault, detail: String| {
            report.findings.push(Finding { path: file.path.clone(), fault, detail });
        };
        let Some(bytes) = self.storage.read_if_there(&file.path)? else {
            find(Fault::Missing, "in the manifest, not on the storage".into());
            return Ok(());
        };
        report.bytes += bytes.len() as u64;
        if bytes.len() as u64 != file.bytes || checksum(&bytes) != file.checksum {
            find(Fault::Damaged, "its bytes are not those that were written (length or checksum)".into());
            return Ok(());
        }
        let source = Arc::new(Source::memory(&file.path, bytes));
        match check_rows(file, &source, self.config.buckets) {
            Ok(checked) => {
                report.rows += checked.rows;
                checked.faults.into_iter().for_each(|(fault, detail)| find(fault, detail));
            }
            Err(LakeError::Corrupt { detail, .. }) => find(Fault::Damaged, detail),
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Events that lie in the files of a month more than once. An event never changes its month.
    fn find_doubles(&self, files: &[&LakeFile], doubles: &Mutex<Vec<Finding>>) -> Result<()> {
        let rows: u64 = files.iter().map(|f| f.rows).sum();
        let passes = rows.div_ceil(IDS_AT_ONCE).max(1);
        for pass in 0..passes {
            let mut ids: Vec<(i64, u32)> = Vec::new();
            for (n, file) in files.iter().enumerate() {
                let mut batch = Rows::new(ColumnSet::of(&[Column::EventId]));
                let mut reader = self.read_whole(file, batch.set)?;
                while reader.next(&mut batch, 64 * 1024)? > 0 {
                    let mine = |id: &i64| passes == 1 || id.unsigned_abs() % passes == pass;
                    ids.extend(batch.event_id().iter().filter(|id| mine(id)).map(|id| (*id, n as u32)));
                    batch.clear();
                }
            }
            ids.sort_unstable();
            let mut per_file: BTreeMap<u32, (u64, i64, u32)> = BTreeMap::new();
            for pair in ids.windows(2).filter(|p| p[0].0 == p[1].0) {
                per_file.entry(pair[1].1).or_insert((0, pair[0].0, pair[0].1)).0 += 1;
            }
            for (n, (count, id, other)) in per_file {
                let other = &files[other as usize].path;
                let detail = format!("{count} of its events lie elsewhere too, for instance {id} in {other}");
                let path = files[n as usize].path.clone();
                doubles.lock().push(Finding { path, fault: Fault::Duplicate, detail });
            }
        }
        Ok(())
    }
}

struct Checked {
    rows: u64,
    faults: Vec<(Fault, String)>,
}

fn check_rows(file: &LakeFile, source: &Arc<Source>, buckets: u16) -> Result<Checked> {
    let meta = Arc::new(load(file, source)?);
    let mut reader = FileReader::whole(source.clone(), meta, ColumnSet::ALL);
    let mut batch = Rows::new(ColumnSet::ALL);
    let mut out = Checked { rows: 0, faults: Vec::new() };
    let (mut unsorted, mut misplaced) = (0_u64, 0_u64);
    let mut last: Option<(i64, i64, i64)> = None;
    let (mut min, mut max) = ([i64::MAX; 3], [i64::MIN; 3]);
    while reader.next(&mut batch, 8 * 1024)? > 0 {
        for i in 0..batch.len() {
            let key = (batch.persons()[i], batch.event_at()[i], batch.event_id()[i]);
            unsorted += u64::from(last.is_some_and(|l| l >= key));
            misplaced += u64::from(bucket_of(key.0, buckets) != file.bucket || month_of(key.1) != file.month);
            last = Some(key);
            for (n, v) in [key.0, key.1, key.2].into_iter().enumerate() {
                min[n] = min[n].min(v);
                max[n] = max[n].max(v);
            }
        }
        out.rows += batch.len() as u64;
        batch.clear();
    }
    if unsorted > 0 {
        out.faults.push((Fault::Unsorted, format!("{unsorted} rows are not in order of person, time and id")));
    }
    if misplaced > 0 || !file.path.starts_with(&partition_path(file.month, file.bucket)) {
        out.faults.push((Fault::Misplaced, format!("{misplaced} rows belong to another month or person bucket")));
    }
    let told = (
        [file.min_person_id, file.min_event_at, file.min_event_id],
        [file.max_person_id, file.max_event_at, file.max_event_id],
    );
    if told != (min, max) {
        out.faults.push((Fault::Misplaced, "its bounds are not those of the manifest".into()));
    }
    Ok(out)
}
