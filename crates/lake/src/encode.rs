//! Sorted rows of one partition to the bytes of a file and its manifest entry.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use bytes::Bytes;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use throughline_base::id::LakeFileId;
use xxhash_rust::xxh3::xxh3_64;

use crate::column::{Column, Slot};
use crate::error::{LakeError, Result};
use crate::manifest::LakeFile;
use crate::partition::partition_path;
use crate::rows::{NO_VALUE, Rows, Text};
use crate::schema::{Effort, SCHEMA, properties};
use crate::storage::parquet_error;

/// Texts of one batch: offsets of an Arrow text column are 32 bits wide.
const MAX_BATCH_TEXT: usize = 1 << 30;

/// A partition: month and bucket.
pub(crate) type Partition = (i32, u16);

/// Builds one file, fed in order.
pub(crate) struct FileBuilder {
    writer: ArrowWriter<Vec<u8>>,
    partition: Partition,
    id: i64,
    path: String,
    rows: u64,
    persons: (i64, i64),
    times: (i64, i64),
    ids: (i64, i64),
}

impl FileBuilder {
    pub(crate) fn new(id: i64, partition: Partition, effort: Effort, row_group_rows: usize) -> Result<Self> {
        let path = format!("{}/{}.parquet", partition_path(partition.0, partition.1), LakeFileId::new(id));
        let options = ArrowWriterOptions::new()
            .with_properties(properties(effort, row_group_rows))
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(Vec::new(), SCHEMA.clone(), options)
            .map_err(|e| parquet_error(&path, e))?;
        let none = (i64::MAX, i64::MIN);
        Ok(Self { writer, partition, id, path, rows: 0, persons: none, times: none, ids: none })
    }

    pub(crate) const fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends rows that follow, in order, those already there. All columns must be filled.
    pub(crate) fn append(&mut self, rows: &Rows) -> Result<()> {
        if rows.len() == 0 {
            return Ok(());
        }
        let batch = record_batch(rows).map_err(|e| LakeError::storage(&self.path, "encoding", e))?;
        self.writer.write(&batch).map_err(|e| LakeError::storage(&self.path, "encoding", e))?;
        self.rows += rows.len() as u64;
        widen(&mut self.persons, rows.persons());
        widen(&mut self.times, rows.event_at());
        widen(&mut self.ids, rows.event_id());
        Ok(())
    }

    /// The file's bytes and its manifest entry.
    pub(crate) fn finish(self, now_ms: i64) -> Result<(LakeFile, Bytes)> {
        let bytes = self.writer.into_inner().map_err(|e| LakeError::storage(&self.path, "encoding", e))?;
        let file = LakeFile {
            id: self.id,
            path: self.path,
            month: self.partition.0,
            bucket: self.partition.1,
            rows: self.rows,
            bytes: bytes.len() as u64,
            min_person_id: self.persons.0,
            max_person_id: self.persons.1,
            min_event_at: self.times.0,
            max_event_at: self.times.1,
            min_event_id: self.ids.0,
            max_event_id: self.ids.1,
            checksum: checksum(&bytes),
            sealed_at: now_ms,
        };
        Ok((file, bytes.into()))
    }
}

/// XXH3-64 as 16 hexadecimal digits.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}

fn widen(range: &mut (i64, i64), values: &[i64]) {
    for v in values {
        range.0 = range.0.min(*v);
        range.1 = range.1.max(*v);
    }
}

/// How many of the rows from `start` on fit into one batch, at most `limit`.
pub(crate) fn batch_end(rows: &Rows, start: usize, limit: usize) -> usize {
    let end = (start + limit).min(rows.len());
    let fits = |end: usize| rows.texts.iter().all(|t| end == start || t.span(start, end) <= MAX_BATCH_TEXT);
    if fits(end) {
        return end;
    }
    // Texts grow with the rows: find the last end that still fits; a single row always goes.
    let (mut low, mut high) = (start + 1, end);
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if fits(middle) { low = middle } else { high = middle }
    }
    low
}

fn record_batch(rows: &Rows) -> std::result::Result<RecordBatch, arrow::error::ArrowError> {
    let columns = Column::ALL
        .into_iter()
        .map(|c| {
            Ok(match c.slot() {
                Slot::I64(i) => int64(c, &rows.i64s[i]),
                Slot::I32(i) => Arc::new(Int32Array::from(rows.i32s[i].clone())) as ArrayRef,
                Slot::Bool(i) => Arc::new(BooleanArray::from(rows.bools[i].clone())),
                Slot::Text(i) => text(c, &rows.texts[i])?,
            })
        })
        .collect::<std::result::Result<Vec<ArrayRef>, arrow::error::ArrowError>>()?;
    RecordBatch::try_new(SCHEMA.clone(), columns)
}

fn int64(column: Column, values: &[i64]) -> ArrayRef {
    match column {
        Column::EventAt | Column::ReceivedAt => {
            Arc::new(TimestampMillisecondArray::from(values.to_vec()).with_timezone("UTC"))
        }
        Column::ValueMinor => {
            let there: NullBuffer = values.iter().map(|v| *v != NO_VALUE).collect::<Vec<bool>>().into();
            Arc::new(Int64Array::new(ScalarBuffer::from(values.to_vec()), Some(there)))
        }
        Column::PersonId
        | Column::EventId
        | Column::LineId
        | Column::SourceId
        | Column::NameId
        | Column::TouchId
        | Column::Bot
        | Column::Replayed
        | Column::Kind
        | Column::Name
        | Column::Currency
        | Column::OrderId
        | Column::MessageId
        | Column::Properties
        | Column::Traits
        | Column::Context => Arc::new(Int64Array::from(values.to_vec())),
    }
}

fn text(column: Column, texts: &Text) -> std::result::Result<ArrayRef, arrow::error::ArrowError> {
    if i32::try_from(texts.bytes.len()).is_err() {
        let detail = format!("a {} is longer than 2 GiB", column.name());
        return Err(arrow::error::ArrowError::InvalidArgumentError(detail));
    }
    let mut offsets: Vec<i32> = Vec::with_capacity(texts.ends.len() + 1);
    offsets.push(0);
    offsets.extend(texts.ends.iter().map(|e| *e as i32));
    let there: Option<NullBuffer> = column.nullable().then(|| {
        let lengths = offsets.windows(2).map(|w| w[1] > w[0]);
        lengths.collect::<Vec<bool>>().into()
    });
    let values = Buffer::from_vec(texts.bytes.clone());
    let array = StringArray::try_new(OffsetBuffer::new(ScalarBuffer::from(offsets)), values, there)?;
    Ok(Arc::new(array))
}
