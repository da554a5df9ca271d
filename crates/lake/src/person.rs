//! One person's rows, newest or oldest first: the timeline.
//!
//! Files are looked into month by month from the near end, so that a page of a timeline touches few of them. Where a
//! file holds few rows of the person they are read whole at once; where it holds many, the narrow columns that decide
//! which rows are wanted come first, so that a robot's million rows are not read for a page of fifty.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use crate::column::{Column, ColumnSet};
use crate::decode::{FileReader, GroupRanges, locate};
use crate::error::Result;
use crate::lake::Lake;
use crate::line::{LineMap, Placed};
use crate::manifest::{LakeFile, Snapshot};
use crate::merge::Filter;
use crate::partition::{bucket_of, month_of};
use crate::row::LakeRow;
use crate::rows::Rows;
use crate::scan::overlaps;

/// Which rows of which person.
#[derive(Debug, Clone)]
pub struct PersonRead {
    /// The person, after merges and unmerges.
    pub person_id: i64,
    /// First instant, Unix milliseconds.
    pub from_ms: i64,
    /// First instant after the range.
    pub to_ms: i64,
    /// Only events with one of these interned names; `None` for all.
    pub name_ids: Option<Vec<i32>>,
    /// Only events that hang on one of these lines; `None` for all.
    pub line_ids: Option<Vec<i64>>,
    /// The `event_at` and `event_id` of the last row of the page before: the answer starts behind it.
    pub after: Option<(i64, i64)>,
    /// At most this many rows.
    pub limit: usize,
    /// Newest first, else oldest first.
    pub newest_first: bool,
}

impl PersonRead {
    /// The newest `limit` rows of a person.
    #[must_use]
    pub const fn newest(person_id: i64, limit: usize) -> Self {
        Self {
            person_id,
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            name_ids: None,
            line_ids: None,
            after: None,
            limit,
            newest_first: true,
        }
    }
}

/// A row that may be part of the answer.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    event_at: i64,
    event_id: i64,
    /// Index of the file, or [`HOT`], or [`READ`].
    file: usize,
    /// Row group and row in the file; row among the hot ones or those already read.
    group: usize,
    row: usize,
}

const HOT: usize = usize::MAX;
/// The row was read whole already.
const READ: usize = usize::MAX - 1;
/// Rows of a person in one row group that are read whole at once.
const FEW: usize = 128;

/// The columns that decide whether a row is wanted.
const NARROW: ColumnSet =
    ColumnSet::of(&[Column::PersonId, Column::EventAt, Column::EventId, Column::LineId, Column::NameId]);

impl Lake {
    /// The rows of a person, in the order and number that `read` asks for.
    pub fn read_person(&self, snapshot: &Snapshot, read: &PersonRead) -> Result<Vec<LakeRow>> {
        let want = Wanted::of(read, &snapshot.line_map);
        let mut files: Vec<&LakeFile> = snapshot.files.iter().filter(|f| self.concerns(f, &want)).collect();
        files.sort_by_key(|f| if read.newest_first { -f.month } else { f.month });
        let hot = hot_candidates(snapshot, &want);
        let mut months: Vec<i32> =
            files.iter().map(|f| f.month).chain(hot.iter().map(|c| month_of(c.event_at))).collect();
        months.sort_unstable();
        months.dedup();
        if read.newest_first {
            months.reverse();
        }
        let mut out = Vec::new();
        for month in months {
            if out.len() >= read.limit {
                break;
            }
            let files: Vec<&LakeFile> = files.iter().filter(|f| f.month == month).copied().collect();
            let mut found: Vec<Candidate> = hot.iter().filter(|c| month_of(c.event_at) == month).copied().collect();
            let mut read_whole = Rows::new(ColumnSet::ALL);
            for (i, file) in files.iter().enumerate() {
                self.file_candidates(file, i, &want, &mut read_whole, &mut found)?;
            }
            found.sort_unstable_by_key(|c| (c.event_at, c.event_id));
            if read.newest_first {
                found.reverse();
            }
            found.truncate(read.limit - out.len());
            self.fetch(&snapshot.hot.0, &read_whole, &files, &found, read.person_id, &mut out)?;
        }
        Ok(out)
    }

    fn concerns(&self, file: &LakeFile, want: &Wanted<'_>) -> bool {
        want.filter.may_hold(file)
            && overlaps(file, &want.persons)
            && want.persons.iter().any(|p| bucket_of(*p, self.config.buckets) == file.bucket)
    }

    fn file_candidates(
        &self,
        file: &LakeFile,
        index: usize,
        want: &Wanted<'_>,
        read_whole: &mut Rows,
        found: &mut Vec<Candidate>,
    ) -> Result<()> {
        let (source, meta) = self.open_file(file)?;
        let plan = locate(&source, &meta, &want.persons)?;
        let mut narrow = Rows::new(NARROW);
        for group in plan {
            let number = group.group;
            let places: Vec<Range<usize>> = group.ranges.clone();
            let few = places.iter().map(ExactSizeIterator::len).sum::<usize>() <= FEW;
            narrow.clear();
            let (rows, set) = if few { (&mut *read_whole, ColumnSet::ALL) } else { (&mut narrow, NARROW) };
            let base = rows.len();
            FileReader::ranges(Arc::clone(&source), Arc::clone(&meta), set, vec![group]).next(rows, usize::MAX)?;
            for (row, i) in places.into_iter().flatten().zip(base..) {
                if want.takes(rows, i) {
                    let (file, row) = if few { (READ, i) } else { (index, row) };
                    let (event_at, event_id) = (rows.event_at()[i], rows.event_id()[i]);
                    found.push(Candidate { event_at, event_id, file, group: number, row });
                }
            }
        }
        Ok(())
    }

    /// Appends the chosen rows whole, in their order.
    fn fetch(
        &self,
        hot: &Rows,
        read_whole: &Rows,
        files: &[&LakeFile],
        chosen: &[Candidate],
        person_id: i64,
        out: &mut Vec<LakeRow>,
    ) -> Result<()> {
        let base = out.len();
        out.resize_with(base + chosen.len(), LakeRow::default);
        // By place in the files, so that each is read once, front to back.
        let mut by_place: Vec<usize> = (0..chosen.len()).collect();
        by_place.sort_unstable_by_key(|i| (chosen[*i].file, chosen[*i].group, chosen[*i].row));
        for same_file in by_place.chunk_by(|a, b| chosen[*a].file == chosen[*b].file) {
            let index = chosen[same_file[0]].file;
            let mut rows = Rows::new(ColumnSet::ALL);
            if let Some(file) = files.get(index) {
                let plan = same_file
                    .chunk_by(|a, b| chosen[*a].group == chosen[*b].group)
                    .map(|group| GroupRanges {
                        group: chosen[group[0]].group,
                        ranges: joined(group.iter().map(|i| chosen[*i].row)),
                    })
                    .collect();
                let (source, meta) = self.open_file(file)?;
                FileReader::ranges(source, meta, ColumnSet::ALL, plan).next(&mut rows, usize::MAX)?;
            } else {
                let from = if index == HOT { hot } else { read_whole };
                same_file.iter().for_each(|i| rows.push_from(from, chosen[*i].row, person_id));
            }
            for (at, i) in same_file.iter().enumerate() {
                out[base + i] = LakeRow { person_id, ..rows.row(at) };
            }
        }
        Ok(())
    }
}

/// Rows in rising order as ranges.
fn joined(rows: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for row in rows {
        match out.last_mut() {
            Some(last) if last.end == row => last.end = row + 1,
            Some(_) | None => out.push(row..row + 1),
        }
    }
    out
}

struct Wanted<'a> {
    read: &'a PersonRead,
    map: &'a LineMap,
    /// Persons under which the rows may have been written, sorted.
    persons: Vec<i64>,
    filter: Filter,
    lines: Option<HashSet<i64>>,
}

impl<'a> Wanted<'a> {
    fn of(read: &'a PersonRead, map: &'a LineMap) -> Self {
        let mut persons = map.origins_of(read.person_id);
        persons.push(read.person_id);
        persons.sort_unstable();
        let mut name_ids = read.name_ids.clone();
        if let Some(names) = &mut name_ids {
            names.sort_unstable();
        }
        let (mut from_ms, mut to_ms) = (read.from_ms, read.to_ms);
        if let Some((at, _)) = read.after {
            if read.newest_first {
                to_ms = to_ms.min(at.saturating_add(1));
            } else {
                from_ms = from_ms.max(at);
            }
        }
        let filter = Filter { from_ms, to_ms, name_ids, exclude_bots: false };
        Self { read, map, persons, filter, lines: read.line_ids.as_ref().map(|l| l.iter().copied().collect()) }
    }

    fn takes(&self, rows: &Rows, i: usize) -> bool {
        let person = match rows.place(i, self.map) {
            Placed::Stays => rows.persons()[i],
            Placed::Moves(person) => person,
            Placed::Erased => return false,
        };
        let key = (rows.event_at()[i], rows.event_id()[i]);
        let behind = self.read.after.is_none_or(|after| if self.read.newest_first { key < after } else { key > after });
        person == self.read.person_id
            && behind
            && self.filter.keeps(rows, i)
            && self.lines.as_ref().is_none_or(|l| l.contains(&rows.line_id()[i]))
    }
}

fn hot_candidates(snapshot: &Snapshot, want: &Wanted<'_>) -> Vec<Candidate> {
    let hot = &snapshot.hot.0;
    (0..hot.len())
        .filter(|i| want.takes(hot, *i))
        .map(|row| Candidate { event_at: hot.event_at()[row], event_id: hot.event_id()[row], file: HOT, group: 0, row })
        .collect()
}
