//! Compaction: small files of a partition become one, moved rows go where they belong for good, erased rows go away.
//!
//! It writes new files and names those they replace; the caller exchanges the entries in one transaction and deletes
//! the replaced files later, when no running query can need them.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use throughline_base::Timestamp;

use crate::column::{Column, ColumnSet};
use crate::encode::FileBuilder;
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::line::{LineMap, Placed};
use crate::manifest::LakeFile;
use crate::merge::{Filter, Merge, Run};
use crate::partition::bucket_of;
use crate::rows::Rows;
use crate::scan::overlaps;
use crate::schema::Effort;
use crate::visit::ScanRequest;
use crate::workers;
use crate::write::append_all;

/// Rows of one run held at a time, and rows encoded at a time.
const BATCH_ROWS: usize = 4096;

/// What is worth rewriting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactPolicy {
    /// Small files (less than half full) of a partition that make it worth merging them.
    pub min_files: usize,
    /// Rows rewritten in one call, roughly; more is left for the next call.
    pub max_rows: u64,
    /// Rewrites every file that holds rows of moved or erased lines.
    pub apply_line_map: bool,
}

impl Default for CompactPolicy {
    fn default() -> Self {
        Self { min_files: 4, max_rows: 8_000_000, apply_line_map: true }
    }
}

/// What a compaction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compaction {
    /// The new files.
    pub new_files: Vec<LakeFile>,
    /// The files they replace. Never empty unless there was nothing to do.
    pub replaced: Vec<LakeFile>,
    /// Rows that changed their person for good.
    pub moved_rows: u64,
    /// Rows dropped because their line is erased.
    pub erased_rows: u64,
    /// There is more to do under this policy: call again after the exchange. Once `false` with
    /// `apply_line_map`, no file of those given (nor of the new ones) holds a row that the line map still moves.
    pub more: bool,
}

impl Lake {
    /// Rewrites what the policy finds worth it among `files`, the live files of the manifest.
    pub fn compact(
        &self,
        files: &[LakeFile],
        map: &LineMap,
        policy: &CompactPolicy,
        now: Timestamp,
    ) -> Result<Compaction> {
        let touched = map.touched_sorted();
        let (months, more) = self.select(files, map, &touched, policy)?;
        let mut out = Compaction { more, ..Compaction::default() };
        for (_, selected) in months {
            match self.compact_month(&selected, map, &touched, now, &mut out) {
                Ok(()) => out.replaced.extend(selected.into_iter().cloned()),
                Err(e) => {
                    self.take_back(&out.new_files);
                    return Err(e);
                }
            }
        }
        Ok(out)
    }

    /// The files to rewrite by month, and whether some had to wait.
    fn select<'a>(
        &self,
        files: &'a [LakeFile],
        map: &LineMap,
        touched: &[i64],
        policy: &CompactPolicy,
    ) -> Result<(BTreeMap<i32, Vec<&'a LakeFile>>, bool)> {
        let mut chosen = vec![false; files.len()];
        if policy.apply_line_map {
            let affected = Mutex::new(&mut chosen);
            workers::run(
                self.config.write_threads,
                files.len(),
                |_| (),
                |(), i| {
                    if overlaps(&files[i], touched) && self.is_affected(&files[i], map, touched)? {
                        affected.lock()[i] = true;
                    }
                    Ok(())
                },
            )?;
        }
        let mut small: BTreeMap<(i32, u16), Vec<usize>> = BTreeMap::new();
        for (i, f) in files.iter().enumerate().filter(|(_, f)| f.rows < (self.config.target_rows as u64).div_ceil(2)) {
            small.entry((f.month, f.bucket)).or_default().push(i);
        }
        let worth = small.into_values().filter(|p| p.len() >= policy.min_files.max(2)).flatten();
        let affected: Vec<usize> = (0..files.len()).filter(|i| chosen[*i]).collect();
        let mut months: BTreeMap<i32, Vec<&LakeFile>> = BTreeMap::new();
        let mut rows = 0;
        let mut taken = vec![false; files.len()];
        for i in affected.into_iter().chain(worth) {
            if taken[i] {
                continue;
            }
            if rows >= policy.max_rows {
                return Ok((months, true));
            }
            taken[i] = true;
            rows += files[i].rows;
            months.entry(files[i].month).or_default().push(&files[i]);
        }
        Ok((months, false))
    }

    fn is_affected(&self, file: &LakeFile, map: &LineMap, touched: &[i64]) -> Result<bool> {
        let mut rows = Rows::new(ColumnSet::of(&[Column::LineId]));
        let mut reader = self.read_persons(file, touched, rows.set)?;
        while reader.next(&mut rows, BATCH_ROWS)? > 0 {
            if (0..rows.len()).any(|i| rows.place(i, map) != Placed::Stays) {
                return Ok(true);
            }
            rows.clear();
        }
        Ok(false)
    }

    fn compact_month(
        &self,
        files: &[&LakeFile],
        map: &LineMap,
        touched: &[i64],
        now: Timestamp,
        out: &mut Compaction,
    ) -> Result<()> {
        let Some(month) = files.first().map(|f| f.month) else { return Ok(()) };
        let mut arrivals: BTreeMap<u16, Rows> = BTreeMap::new();
        let (mut moved, mut erased) = (0, 0);
        for file in files.iter().filter(|f| overlaps(f, touched)) {
            let mut rows = Rows::new(ColumnSet::ALL);
            let mut reader = self.read_persons(file, touched, ColumnSet::ALL)?;
            while reader.next(&mut rows, BATCH_ROWS)? > 0 {
                for i in 0..rows.len() {
                    match rows.place(i, map) {
                        Placed::Stays => {}
                        Placed::Erased => erased += 1,
                        Placed::Moves(person) => {
                            moved += 1;
                            let bucket = bucket_of(person, self.config.buckets);
                            let at = arrivals.entry(bucket).or_insert_with(|| Rows::new(ColumnSet::ALL));
                            at.push_from(&rows, i, person);
                        }
                    }
                }
                rows.clear();
            }
        }
        let mut partitions: BTreeMap<u16, (Vec<&LakeFile>, Rows)> = BTreeMap::new();
        for (bucket, rows) in arrivals {
            partitions.entry(bucket).or_default().1 = rows.permuted(&rows.sorted_order());
        }
        for file in files {
            partitions.entry(file.bucket).or_default().0.push(file);
        }
        let jobs: Vec<(u16, (Vec<&LakeFile>, Rows))> = partitions.into_iter().collect();
        let written = Mutex::new(Vec::new());
        let done = workers::run(
            self.config.write_threads,
            jobs.len(),
            |_| (),
            |(), i| {
                let (bucket, (files, arrivals)) = &jobs[i];
                self.rewrite((month, *bucket), files, arrivals, map, now, &written)
            },
        );
        let mut new_files = written.into_inner();
        new_files.sort_unstable_by_key(|f| f.id);
        let rows_in: u64 = files.iter().map(|f| f.rows).sum();
        let rows_out: u64 = new_files.iter().map(|f| f.rows).sum();
        out.new_files.extend(new_files);
        done?;
        if rows_in != rows_out + erased {
            let detail = format!("compaction of {month} read {rows_in} rows, dropped {erased} and wrote {rows_out}");
            return Err(LakeError::Defect { detail });
        }
        out.moved_rows += moved;
        out.erased_rows += erased;
        Ok(())
    }

    /// Merges files and arriving rows of one partition into full files.
    fn rewrite(
        &self,
        partition: (i32, u16),
        files: &[&LakeFile],
        arrivals: &Rows,
        map: &LineMap,
        now: Timestamp,
        written: &Mutex<Vec<LakeFile>>,
    ) -> Result<()> {
        let filter = Filter::of(&ScanRequest::default());
        let mut runs = Vec::with_capacity(files.len() + 1);
        for file in files {
            runs.push(Run::of_file(file, self.read_whole(file, ColumnSet::ALL)?, ColumnSet::ALL, true));
        }
        if arrivals.len() > 0 {
            runs.push(Run::of_memory(arrivals));
        }
        let mut merge = Merge::new(runs, map, &filter, ColumnSet::ALL, BATCH_ROWS);
        merge.start()?;
        let mut batch = Rows::new(ColumnSet::ALL);
        let mut builder: Option<FileBuilder> = None;
        loop {
            let person = merge.next_person()?;
            batch.extend(merge.rows(), 0..if person.is_some() { merge.rows().len() } else { 0 });
            if batch.len() < BATCH_ROWS && person.is_some() {
                continue;
            }
            if batch.len() > 0 {
                if builder.is_none() {
                    let rows = self.config.row_group_rows;
                    builder = Some(FileBuilder::new(self.ids.next(), partition, Effort::Compact, rows)?);
                }
                if let Some(builder) = &mut builder {
                    append_all(builder, &batch)?;
                }
                batch.clear();
            }
            let full = builder.as_ref().is_some_and(|b| b.rows() >= self.config.target_rows as u64);
            if (full || person.is_none())
                && let Some(done) = builder.take()
            {
                let file = self.finish(done, now)?;
                written.lock().push(file);
            }
            if person.is_none() {
                return Ok(());
            }
        }
    }
}
