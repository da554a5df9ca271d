//! Files to rows in memory: the columns that are asked for, all rows or some ranges of them.

use std::ops::Range;
use std::sync::Arc;

use parquet::column::page::PageReader;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::statistics::Statistics;

use crate::column::{Column, ColumnSet, Slot};
use crate::error::{LakeError, Result};
use crate::meta::guarded;
use crate::rows::{NO_VALUE, Rows, Text};
use crate::storage::{Source, parquet_error};

/// Rows of one row group to read, in order and without overlap.
#[derive(Debug, Clone)]
pub(crate) struct GroupRanges {
    pub(crate) group: usize,
    pub(crate) ranges: Vec<Range<usize>>,
}

/// Reads a file front to back.
pub(crate) struct FileReader {
    source: Arc<Source>,
    meta: Arc<ParquetMetaData>,
    set: ColumnSet,
    plan: std::vec::IntoIter<GroupRanges>,
    open: Option<OpenGroup>,
    scratch: Scratch,
}

struct OpenGroup {
    columns: Vec<(Column, ColumnValues)>,
    ranges: std::vec::IntoIter<Range<usize>>,
    range: Range<usize>,
    /// Rows of the group already read or skipped.
    at: usize,
}

enum ColumnValues {
    I64(ColumnReaderImpl<Int64Type>),
    I32(ColumnReaderImpl<Int32Type>),
    Bool(ColumnReaderImpl<BoolType>),
    Text(ColumnReaderImpl<ByteArrayType>),
}

/// Buffers that live as long as the reader.
#[derive(Default)]
struct Scratch {
    present: Vec<i16>,
    texts: Vec<ByteArray>,
    numbers: Vec<i64>,
}

impl FileReader {
    /// Reads every row.
    pub(crate) fn whole(source: Arc<Source>, meta: Arc<ParquetMetaData>, set: ColumnSet) -> Self {
        let rows = |g: usize| meta.row_group(g).num_rows() as usize;
        let all = |group| GroupRanges { group, ranges: std::iter::once(0..rows(group)).collect() };
        let plan: Vec<GroupRanges> = (0..meta.num_row_groups()).map(all).collect();
        Self::ranges(source, meta, set, plan)
    }

    /// Reads some rows.
    pub(crate) fn ranges(
        source: Arc<Source>,
        meta: Arc<ParquetMetaData>,
        set: ColumnSet,
        plan: Vec<GroupRanges>,
    ) -> Self {
        let set = set.with(Column::PersonId).with(Column::EventAt);
        Self { source, meta, set, plan: plan.into_iter(), open: None, scratch: Scratch::default() }
    }

    /// Appends at most `limit` rows to `out`; 0 when the file is at its end.
    pub(crate) fn next(&mut self, out: &mut Rows, limit: usize) -> Result<usize> {
        let source = Arc::clone(&self.source);
        guarded(source.path(), || self.advance(out, limit))
    }

    fn advance(&mut self, out: &mut Rows, limit: usize) -> Result<usize> {
        let mut total = 0;
        while total < limit {
            let Some(open) = &mut self.open else {
                match self.plan.next() {
                    None => break,
                    Some(plan) => self.open = Some(open_group(&self.source, &self.meta, self.set, plan)?),
                }
                continue;
            };
            if open.range.is_empty() {
                match open.ranges.next() {
                    None => self.open = None,
                    Some(range) => open.range = range,
                }
                continue;
            }
            let take = open.range.len().min(limit - total);
            open.read(&mut self.scratch, out, take, self.source.path())?;
            total += take;
        }
        Ok(total)
    }
}

impl OpenGroup {
    fn read(&mut self, scratch: &mut Scratch, out: &mut Rows, take: usize, path: &str) -> Result<()> {
        let skip = self.range.start - self.at;
        for (column, values) in &mut self.columns {
            values
                .read(*column, skip, take, scratch, out)
                .map_err(|e| parquet_error(path, e))?
                .map_err(|detail| LakeError::corrupt(path, format!("column {}: {detail}", column.name())))?;
        }
        self.at = self.range.start + take;
        self.range.start = self.at;
        Ok(())
    }
}

/// What the decoder found wrong with the values themselves.
type Checked = std::result::Result<(), &'static str>;

impl ColumnValues {
    fn read(
        &mut self,
        column: Column,
        skip: usize,
        take: usize,
        scratch: &mut Scratch,
        out: &mut Rows,
    ) -> parquet::errors::Result<Checked> {
        match (self, column.slot()) {
            (Self::I64(r), Slot::I64(i)) if column.nullable() => {
                nullable_numbers(r, skip, take, scratch, &mut out.i64s[i])
            }
            (Self::I64(r), Slot::I64(i)) => required(r, skip, take, &mut out.i64s[i]),
            (Self::I32(r), Slot::I32(i)) => required(r, skip, take, &mut out.i32s[i]),
            (Self::Bool(r), Slot::Bool(i)) => required(r, skip, take, &mut out.bools[i]),
            (Self::Text(r), Slot::Text(i)) => texts(r, column.nullable(), skip, take, scratch, &mut out.texts[i]),
            (
                Self::I64(_) | Self::I32(_) | Self::Bool(_) | Self::Text(_),
                Slot::I64(_) | Slot::I32(_) | Slot::Bool(_) | Slot::Text(_),
            ) => Ok(Err("it has another type than expected")),
        }
    }
}

const SHORT: &str = "it holds fewer values than the file has rows";

fn skipped<T: DataType>(reader: &mut ColumnReaderImpl<T>, skip: usize) -> parquet::errors::Result<bool> {
    Ok(skip == 0 || reader.skip_records(skip)? == skip)
}

fn required<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    skip: usize,
    take: usize,
    out: &mut Vec<T::T>,
) -> parquet::errors::Result<Checked> {
    let before = out.len();
    let there = skipped(reader, skip)?;
    reader.read_records(take, None, None, out)?;
    Ok(if there && out.len() == before + take { Ok(()) } else { Err(SHORT) })
}

fn nullable_numbers(
    reader: &mut ColumnReaderImpl<Int64Type>,
    skip: usize,
    take: usize,
    scratch: &mut Scratch,
    out: &mut Vec<i64>,
) -> parquet::errors::Result<Checked> {
    scratch.present.clear();
    scratch.numbers.clear();
    let there = skipped(reader, skip)?;
    reader.read_records(take, Some(&mut scratch.present), None, &mut scratch.numbers)?;
    if !there || scratch.present.len() != take {
        return Ok(Err(SHORT));
    }
    let mut values = scratch.numbers.iter();
    out.extend(scratch.present.iter().map(|p| if *p > 0 { *values.next().unwrap_or(&NO_VALUE) } else { NO_VALUE }));
    Ok(Ok(()))
}

fn texts(
    reader: &mut ColumnReaderImpl<ByteArrayType>,
    nullable: bool,
    skip: usize,
    take: usize,
    scratch: &mut Scratch,
    out: &mut Text,
) -> parquet::errors::Result<Checked> {
    scratch.present.clear();
    scratch.texts.clear();
    let there = skipped(reader, skip)?;
    let present = nullable.then_some(&mut scratch.present);
    let (records, _, _) = reader.read_records(take, present, None, &mut scratch.texts)?;
    if !there || records != take {
        return Ok(Err(SHORT));
    }
    let mut values = scratch.texts.iter();
    for i in 0..take {
        let value = if nullable && scratch.present[i] == 0 { None } else { values.next() };
        match std::str::from_utf8(value.map_or(&[], ByteArray::data)) {
            Ok(text) => out.push(text),
            Err(_) => return Ok(Err("it holds bytes that are no UTF-8 text")),
        }
    }
    Ok(Ok(()))
}

fn open_group(source: &Arc<Source>, meta: &ParquetMetaData, set: ColumnSet, plan: GroupRanges) -> Result<OpenGroup> {
    let group = meta.row_group(plan.group);
    let rows = group.num_rows() as usize;
    let index = meta.page_index_for_row_group(plan.group);
    let pages = |c: Column| index.offset_index(c.index()).map(|i| i.page_locations().clone());
    let mut ahead = Vec::new();
    for column in set.iter() {
        let (start, len) = group.column(column.index()).byte_range();
        needed_bytes(start..start.saturating_add(len), pages(column).as_deref(), rows, &plan.ranges, &mut ahead);
    }
    source.fetch_ahead(&ahead)?;
    let schema = meta.file_metadata().schema_descr();
    let mut columns = Vec::new();
    for column in set.iter() {
        let chunk = group.column(column.index());
        let reader = SerializedPageReader::new(source.clone(), chunk, rows, pages(column))
            .map_err(|e| parquet_error(source.path(), e))?;
        let reader: Box<dyn PageReader> = Box::new(reader);
        let descr = schema.column(column.index());
        let expected = match column.slot() {
            Slot::I64(_) => parquet::basic::Type::INT64,
            Slot::I32(_) => parquet::basic::Type::INT32,
            Slot::Bool(_) => parquet::basic::Type::BOOLEAN,
            Slot::Text(_) => parquet::basic::Type::BYTE_ARRAY,
        };
        if descr.physical_type() != expected || (descr.max_def_level() > 0) != column.nullable() {
            let detail = format!("column {} has another type than expected", column.name());
            return Err(LakeError::corrupt(source.path(), detail));
        }
        let values = match column.slot() {
            Slot::I64(_) => ColumnValues::I64(ColumnReaderImpl::new(descr, reader)),
            Slot::I32(_) => ColumnValues::I32(ColumnReaderImpl::new(descr, reader)),
            Slot::Bool(_) => ColumnValues::Bool(ColumnReaderImpl::new(descr, reader)),
            Slot::Text(_) => ColumnValues::Text(ColumnReaderImpl::new(descr, reader)),
        };
        columns.push((column, values));
    }
    Ok(OpenGroup { columns, ranges: plan.ranges.into_iter(), range: 0..0, at: 0 })
}

/// The bytes of a column chunk that reading `ranges` will touch.
fn needed_bytes(
    chunk: Range<u64>,
    pages: Option<&[PageLocation]>,
    rows: usize,
    ranges: &[Range<usize>],
    out: &mut Vec<Range<u64>>,
) {
    let read: usize = ranges.iter().map(ExactSizeIterator::len).sum();
    let Some(pages) = pages.filter(|p| read < rows && !p.is_empty()) else {
        out.push(chunk);
        return;
    };
    let first = pages[0].offset as u64;
    if first > chunk.start {
        out.push(chunk.start..first); // the dictionary
    }
    for (i, page) in pages.iter().enumerate() {
        let start = page.first_row_index as usize;
        let end = pages.get(i + 1).map_or(rows, |next| next.first_row_index as usize);
        if ranges.iter().any(|r| r.start < end && start < r.end) {
            let at = page.offset as u64;
            out.push(at..at.saturating_add(page.compressed_page_size as u64));
        }
    }
}

/// Where the rows of `persons` (sorted) lie.
pub(crate) fn locate(source: &Arc<Source>, meta: &Arc<ParquetMetaData>, persons: &[i64]) -> Result<Vec<GroupRanges>> {
    let mut plan = Vec::new();
    for group in 0..meta.num_row_groups() {
        let candidates = candidate_pages(meta, group, persons);
        if candidates.is_empty() {
            continue;
        }
        let mut ids = Rows::new(ColumnSet::NONE);
        let wanted = vec![GroupRanges { group, ranges: candidates.clone() }];
        let mut reader = FileReader::ranges(source.clone(), meta.clone(), ColumnSet::NONE, wanted);
        reader.set = ColumnSet::of(&[Column::PersonId]);
        reader.next(&mut ids, usize::MAX)?;
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut base = 0;
        for candidate in candidates {
            let found = &ids.persons()[base..base + candidate.len()];
            base += candidate.len();
            let from = persons.partition_point(|p| Some(p) < found.first());
            for person in persons[from..].iter().take_while(|p| Some(*p) <= found.last()) {
                let start = found.partition_point(|p| p < person);
                let end = found.partition_point(|p| p <= person);
                if start < end {
                    push_range(&mut ranges, candidate.start + start..candidate.start + end);
                }
            }
        }
        if !ranges.is_empty() {
            plan.push(GroupRanges { group, ranges });
        }
    }
    Ok(plan)
}

fn push_range(ranges: &mut Vec<Range<usize>>, next: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == next.start => last.end = next.end,
        Some(_) | None => ranges.push(next),
    }
}

/// Ranges of rows of a group that may hold one of `persons` (sorted): by the group's statistics, then by its pages'.
fn candidate_pages(meta: &ParquetMetaData, group: usize, persons: &[i64]) -> Vec<Range<usize>> {
    let rows = meta.row_group(group).num_rows() as usize;
    let any_within = |min: i64, max: i64| {
        let at = persons.partition_point(|p| *p < min);
        persons.get(at).is_some_and(|p| *p <= max)
    };
    let column = Column::PersonId.index();
    if let Some(Statistics::Int64(s)) = meta.row_group(group).column(column).statistics()
        && let (Some(min), Some(max)) = (s.min_opt(), s.max_opt())
        && !any_within(*min, *max)
    {
        return Vec::new();
    }
    let index = meta.page_index_for_row_group(group);
    let (Some(ColumnIndexMetaData::INT64(bounds)), Some(offsets)) =
        (index.column_index(column), index.offset_index(column))
    else {
        return std::iter::once(0..rows).collect();
    };
    let pages = offsets.page_locations();
    let mut out = Vec::new();
    for (i, page) in pages.iter().enumerate() {
        let (Some(min), Some(max)) = (bounds.min_values().get(i), bounds.max_values().get(i)) else {
            return std::iter::once(0..rows).collect();
        };
        if any_within(*min, *max) {
            let end = pages.get(i + 1).map_or(rows, |next| next.first_row_index as usize);
            push_range(&mut out, page.first_row_index as usize..end);
        }
    }
    out
}
