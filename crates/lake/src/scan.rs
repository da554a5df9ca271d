//! The ordered pass: every person once, with all rows of the person in order of time.
//!
//! Rows of moved lines lie in files of their former person's bucket. They are fetched first (the line map says under
//! which persons to look), join the hot rows in a sorted run per bucket, and are left out where they are met in the
//! files. Then buckets are merged one by one: the files of a bucket are sorted runs, streamed a batch at a time.

use crate::column::{Column, ColumnSet};
use crate::error::{LakeError, Result};
use crate::lake::Lake;
use crate::line::{LineMap, Placed};
use crate::manifest::{LakeFile, Snapshot};
use crate::merge::{Filter, Merge, Run};
use crate::partition::bucket_of;
use crate::rows::Rows;
use crate::visit::{PersonVisitor, ScanRequest};
use crate::workers;

/// Rows of one run held at a time. Small enough that the runs of a bucket share the processor's cache.
const BATCH_ROWS: usize = 4096;

impl Lake {
    /// Hands every person of the snapshot to one of the visitors, exactly once, with the rows that `request` asks
    /// for. One visitor is made per thread (`make` gets the thread's number); all come back at the end.
    pub fn scan<V, F>(&self, snapshot: &Snapshot, request: &ScanRequest, threads: usize, make: F) -> Result<Vec<V>>
    where
        V: PersonVisitor,
        F: Fn(usize) -> V + Sync,
    {
        let plan = self.plan(snapshot, request, threads)?;
        let buckets: Vec<usize> = (0..plan.buckets.len())
            .filter(|b| request.buckets.as_ref().is_none_or(|only| only.iter().any(|o| usize::from(*o) == *b)))
            .collect();
        workers::run(threads, buckets.len(), make, |visitor, job| self.scan_bucket(&plan, buckets[job], visitor))
    }

    fn plan<'a>(&self, snapshot: &'a Snapshot, request: &ScanRequest, threads: usize) -> Result<Plan<'a>> {
        let filter = Filter::of(request);
        let read = request.columns.union(filter.columns());
        let mut buckets: Vec<BucketPlan<'a>> = Vec::new();
        buckets.resize_with(usize::from(self.config.buckets), BucketPlan::default);
        for file in snapshot.files.iter().filter(|f| filter.may_hold(f)) {
            let Some(bucket) = buckets.get_mut(usize::from(file.bucket)) else {
                let detail = format!("bucket {} of {}", file.bucket, self.config.buckets);
                return Err(LakeError::corrupt(&file.path, detail));
            };
            bucket.files.push(file);
        }
        let map = &*snapshot.line_map;
        let touched = map.touched_sorted();
        let memory = self.memory_runs(snapshot, &touched, read, &filter, threads)?;
        for (bucket, memory) in buckets.iter_mut().zip(memory) {
            bucket.files.sort_unstable_by_key(|f| (f.month, f.id));
            bucket.memory = memory;
        }
        Ok(Plan { buckets, map, touched, read, filter, asked: request.columns })
    }

    /// The rows that do not lie where they belong, by bucket: the hot ones, and those of moved lines.
    fn memory_runs(
        &self,
        snapshot: &Snapshot,
        touched: &[i64],
        read: ColumnSet,
        filter: &Filter,
        threads: usize,
    ) -> Result<Vec<Rows>> {
        let with_keys = read.with(Column::EventId).with(Column::LineId);
        let empty = || vec![Rows::new(with_keys); usize::from(self.config.buckets)];
        let mut runs = empty();
        let map = &*snapshot.line_map;
        let hot = &snapshot.hot.0;
        for i in 0..hot.len() {
            let person = match hot.place(i, map) {
                Placed::Stays => hot.persons()[i],
                Placed::Moves(person) => person,
                Placed::Erased => continue,
            };
            if filter.keeps(hot, i) {
                runs[usize::from(bucket_of(person, self.config.buckets))].push_from(hot, i, person);
            }
        }
        let files: Vec<&LakeFile> =
            snapshot.files.iter().filter(|f| filter.may_hold(f) && overlaps(f, touched)).collect();
        let moved = workers::run(
            threads,
            files.len(),
            |_| empty(),
            |runs, job| self.moved_rows(files[job], touched, map, filter, runs),
        )?;
        for worker in &moved {
            for (run, more) in runs.iter_mut().zip(worker) {
                run.extend(more, 0..more.len());
            }
        }
        Ok(runs.iter().map(|run| run.permuted(&run.sorted_order())).collect())
    }

    /// Adds the rows of `file` that belong to another person now.
    fn moved_rows(
        &self,
        file: &LakeFile,
        touched: &[i64],
        map: &LineMap,
        filter: &Filter,
        runs: &mut [Rows],
    ) -> Result<()> {
        let set = runs.first().map_or(ColumnSet::NONE, |r| r.set);
        let mut reader = self.read_persons(file, touched, set)?;
        let mut batch = Rows::new(set);
        while reader.next(&mut batch, BATCH_ROWS)? > 0 {
            for i in 0..batch.len() {
                if let Placed::Moves(person) = batch.place(i, map)
                    && filter.keeps(&batch, i)
                {
                    runs[usize::from(bucket_of(person, self.config.buckets))].push_from(&batch, i, person);
                }
            }
            batch.clear();
        }
        Ok(())
    }

    fn scan_bucket(&self, plan: &Plan<'_>, bucket: usize, visitor: &mut impl PersonVisitor) -> Result<()> {
        let bucket = &plan.buckets[bucket];
        let set = bucket.columns(plan);
        let mut runs = Vec::with_capacity(bucket.files.len() + 1);
        for file in &bucket.files {
            runs.push(Run::of_file(file, self.read_whole(file, set)?, set, plan.filter.holds_all(file)));
        }
        if bucket.memory.len() > 0 {
            runs.push(Run::of_memory(&bucket.memory));
        }
        Merge::new(runs, plan.map, &plan.filter, set, BATCH_ROWS).visit(plan.asked, visitor)
    }
}

struct Plan<'a> {
    buckets: Vec<BucketPlan<'a>>,
    map: &'a LineMap,
    /// Persons whose rows may have moved, sorted.
    touched: Vec<i64>,
    read: ColumnSet,
    filter: Filter,
    asked: ColumnSet,
}

#[derive(Default)]
struct BucketPlan<'a> {
    files: Vec<&'a LakeFile>,
    memory: Rows,
}

impl BucketPlan<'_> {
    /// The columns to read: those asked for, and what ordering and the line map need here. Months never share an
    /// instant, so event ids decide the order only where a month has several files, or rows come from memory.
    fn columns(&self, plan: &Plan<'_>) -> ColumnSet {
        let mut set = plan.read.with(Column::PersonId).with(Column::EventAt);
        if self.memory.len() > 0 || self.files.windows(2).any(|f| f[0].month == f[1].month) {
            set = set.with(Column::EventId);
        }
        if self.files.iter().any(|f| overlaps(f, &plan.touched)) {
            set = set.with(Column::LineId);
        }
        set
    }
}

/// Whether a file may hold rows of one of `persons` (sorted).
pub(crate) fn overlaps(file: &LakeFile, persons: &[i64]) -> bool {
    let at = persons.partition_point(|p| *p < file.min_person_id);
    persons.get(at).is_some_and(|p| *p <= file.max_person_id)
}
