//! Sealing: rows in, one sorted file per partition (or more when it is large) out.

use throughline_base::Timestamp;

use crate::column::ColumnSet;
use crate::encode::{FileBuilder, Partition, batch_end};
use crate::error::Result;
use crate::lake::Lake;
use crate::manifest::LakeFile;
use crate::partition::{bucket_of, month_of};
use crate::row::LakeRow;
use crate::rows::Rows;
use crate::schema::Effort;
use crate::workers;

/// Rows turned into columns at a time.
const BATCH_ROWS: usize = 16 * 1024;

/// A row's place in the order of the files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Sorted {
    partition: Partition,
    key: (i64, i64, i64),
    row: u32,
}

impl Lake {
    /// Writes rows to new files and returns their manifest entries; when it returns, the files are durable. The rows
    /// count as sealed only once the caller has recorded the entries; a file that was never recorded is an orphan.
    ///
    /// On an error nothing is left behind, as far as the storage still answers.
    pub fn write(&self, rows: &[LakeRow], now: Timestamp) -> Result<Vec<LakeFile>> {
        // Places are 32 bits wide; this cut keeps them so and bounds the memory of the sort.
        let mut files = Vec::new();
        for part in rows.chunks(1 << 26) {
            match self.write_part(part, now) {
                Ok(new) => files.extend(new),
                Err(e) => {
                    self.take_back(&files);
                    return Err(e);
                }
            }
        }
        Ok(files)
    }

    fn write_part(&self, rows: &[LakeRow], now: Timestamp) -> Result<Vec<LakeFile>> {
        let buckets = self.config.buckets;
        let mut order: Vec<Sorted> = rows
            .iter()
            .enumerate()
            .map(|(i, r)| Sorted {
                partition: (month_of(r.event_at), bucket_of(r.person_id, buckets)),
                key: (r.person_id, r.event_at, r.event_id),
                row: i as u32,
            })
            .collect();
        order.sort_unstable();
        let jobs: Vec<(i64, &[Sorted])> = order
            .chunk_by(|a, b| a.partition == b.partition)
            .flat_map(|partition| partition.chunks(self.config.target_rows))
            .map(|chunk| (self.ids.next(), chunk))
            .collect();
        let done = parking_lot::Mutex::new(Vec::with_capacity(jobs.len()));
        let written = workers::run(
            self.config.write_threads,
            jobs.len(),
            |_| Rows::new(ColumnSet::ALL),
            |batch, job| {
                let (id, order) = jobs[job];
                let mut builder = FileBuilder::new(id, order[0].partition, Effort::Seal, self.config.row_group_rows)?;
                for part in order.chunks(BATCH_ROWS) {
                    batch.clear();
                    part.iter().for_each(|s| batch.push(&rows[s.row as usize]));
                    append_all(&mut builder, batch)?;
                }
                let file = self.finish(builder, now)?;
                done.lock().push(file);
                Ok(())
            },
        );
        let mut files = done.into_inner();
        if let Err(e) = written {
            self.take_back(&files);
            return Err(e);
        }
        files.sort_unstable_by_key(|f| f.id);
        Ok(files)
    }

    /// Makes a built file durable.
    pub(crate) fn finish(&self, builder: FileBuilder, now: Timestamp) -> Result<LakeFile> {
        let (file, bytes) = builder.finish(now.ms())?;
        self.storage.create(&file.path, bytes)?;
        Ok(file)
    }

    /// Deletes files that no manifest will ever name.
    pub(crate) fn take_back(&self, files: &[LakeFile]) {
        for file in files {
            if let Err(error) = self.storage.delete(&file.path) {
                tracing::warn!(path = file.path, %error, "could not take back a file of a failed write; it is an orphan");
            }
        }
    }
}

/// Appends rows in batches whose texts fit.
pub(crate) fn append_all(builder: &mut FileBuilder, rows: &Rows) -> Result<()> {
    let mut start = 0;
    while start < rows.len() {
        let end = batch_end(rows, start, rows.len());
        if start == 0 && end == rows.len() {
            return builder.append(rows);
        }
        let mut part = Rows::new(ColumnSet::ALL);
        part.extend(rows, start..end);
        builder.append(&part)?;
        start = end;
    }
    Ok(())
}
