//! Sorted runs of one bucket to one person at a time.

use crate::column::{Column, ColumnSet};
use crate::decode::FileReader;
use crate::error::{LakeError, Result};
use crate::line::{LineMap, Placed};
use crate::manifest::LakeFile;
use crate::rows::Rows;
use crate::visit::{PersonRows, PersonVisitor, ScanRequest};

/// Which rows a reader lets through.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    /// Sorted.
    pub(crate) name_ids: Option<Vec<i32>>,
    pub(crate) exclude_bots: bool,
}

impl Filter {
    pub(crate) fn of(request: &ScanRequest) -> Self {
        let mut name_ids = request.name_ids.clone();
        if let Some(names) = &mut name_ids {
            names.sort_unstable();
        }
        Self { from_ms: request.from_ms, to_ms: request.to_ms, name_ids, exclude_bots: request.exclude_bots }
    }

    /// The columns it looks at.
    pub(crate) const fn columns(&self) -> ColumnSet {
        let mut set = ColumnSet::of(&[Column::PersonId, Column::EventAt]);
        if self.name_ids.is_some() {
            set = set.with(Column::NameId);
        }
        if self.exclude_bots {
            set = set.with(Column::Bot);
        }
        set
    }

    /// Whether the file may hold a row it lets through.
    pub(crate) const fn may_hold(&self, file: &LakeFile) -> bool {
        file.max_event_at >= self.from_ms && file.min_event_at < self.to_ms
    }

    /// Whether it lets every row of the file through.
    pub(crate) const fn holds_all(&self, file: &LakeFile) -> bool {
        file.min_event_at >= self.from_ms
            && file.max_event_at < self.to_ms
            && self.name_ids.is_none()
            && !self.exclude_bots
    }

    /// Whether it lets row `i` through.
    pub(crate) fn keeps(&self, rows: &Rows, i: usize) -> bool {
        let at = rows.event_at()[i];
        self.from_ms <= at
            && at < self.to_ms
            && self.name_ids.as_ref().is_none_or(|names| names.binary_search(&rows.name_id()[i]).is_ok())
            && !(self.exclude_bots && rows.bot()[i])
    }
}

/// Rows sorted by (person, time, id), held in memory or read from a file batch by batch.
pub(crate) struct Run<'a> {
    /// Its file; `None` for rows from memory, which are filtered and placed already.
    file: Option<(&'a LakeFile, FileReader)>,
    batch: std::borrow::Cow<'a, Rows>,
    at: usize,
    /// Nothing of it needs the filter.
    whole: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn of_file(file: &'a LakeFile, reader: FileReader, set: ColumnSet, whole: bool) -> Self {
        Self { file: Some((file, reader)), batch: std::borrow::Cow::Owned(Rows::new(set)), at: 0, whole }
    }

    pub(crate) const fn of_memory(rows: &'a Rows) -> Self {
        Self { file: None, batch: std::borrow::Cow::Borrowed(rows), at: 0, whole: true }
    }

    /// The person of the next row, reading on where needed; `None` at the end.
    fn head(&mut self, batch_rows: usize) -> Result<Option<i64>> {
        if self.at < self.batch.len() {
            return Ok(Some(self.batch.persons()[self.at]));
        }
        let Some((_, reader)) = &mut self.file else { return Ok(None) };
        let batch = self.batch.to_mut();
        batch.clear();
        self.at = 0;
        reader.next(batch, batch_rows)?;
        Ok(batch.persons().first().copied())
    }
}

/// Merges runs person by person.
pub(crate) struct Merge<'a> {
    runs: Vec<Run<'a>>,
    /// The next person of each run.
    heads: Vec<i64>,
    map: &'a LineMap,
    filter: &'a Filter,
    batch_rows: usize,
    person: Rows,
    /// The person's rows came out of order and must be sorted.
    shuffled: bool,
    spare: Rows,
    order: Vec<u32>,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(
        runs: Vec<Run<'a>>,
        map: &'a LineMap,
        filter: &'a Filter,
        set: ColumnSet,
        batch_rows: usize,
    ) -> Self {
        Self {
            runs,
            heads: Vec::new(),
            map,
            filter,
            batch_rows,
            person: Rows::new(set),
            shuffled: false,
            spare: Rows::new(set),
            order: Vec::new(),
        }
    }

    /// Hands the persons out, in order of their ids.
    pub(crate) fn visit(mut self, asked: ColumnSet, visitor: &mut impl PersonVisitor) -> Result<()> {
        self.start()?;
        while let Some(person_id) = self.next_person()? {
            if self.person.len() > 0 {
                visitor.person(PersonRows { person_id, rows: &self.person, asked });
            }
        }
        Ok(())
    }

    /// Reads the first batch of every run. Must come before [`Self::next_person`].
    pub(crate) fn start(&mut self) -> Result<()> {
        let mut kept = Vec::with_capacity(self.runs.len());
        for mut run in std::mem::take(&mut self.runs) {
            if let Some(person) = run.head(self.batch_rows)? {
                self.heads.push(person);
                kept.push(run);
            }
        }
        self.runs = kept;
        Ok(())
    }

    /// Gathers the rows of the next person into [`Self::person`]: none when the filter or the map take them all.
    pub(crate) fn next_person(&mut self) -> Result<Option<i64>> {
        let Some(person) = self.heads.iter().copied().min() else { return Ok(None) };
        self.person.clear();
        self.shuffled = false;
        let touched = self.map.touches(person);
        let mut ended = false;
        for i in 0..self.runs.len() {
            if self.heads[i] == person {
                ended |= self.take(i, person, touched)?;
            }
        }
        if ended {
            self.drop_ended();
        }
        if self.shuffled {
            self.sort_person();
        }
        Ok(Some(person))
    }

    /// The rows of the person that [`Self::next_person`] gathered.
    pub(crate) const fn rows(&self) -> &Rows {
        &self.person
    }

    /// Takes a person's rows from a run; true when the run is at its end.
    fn take(&mut self, i: usize, person: i64, touched: bool) -> Result<bool> {
        let before = self.person.len();
        let run = &mut self.runs[i];
        let next = loop {
            let persons = run.batch.persons();
            let start = run.at;
            let mut end = start + 1;
            while end < persons.len() && persons[end] == person {
                end += 1;
            }
            run.at = end;
            let placed = run.file.is_none() || !touched;
            if run.whole && placed {
                self.person.extend(&run.batch, start..end);
            } else {
                for row in start..end {
                    let stays = placed || run.batch.place(row, self.map) == Placed::Stays;
                    if stays && (run.whole || self.filter.keeps(&run.batch, row)) {
                        self.person.extend(&run.batch, row..row + 1);
                    }
                }
            }
            match run.head(self.batch_rows)? {
                Some(p) if p == person => {}
                next => break next,
            }
        };
        if before > 0 && self.person.len() > before && !follows(&self.person, before) {
            self.shuffled = true;
        }
        match next {
            Some(next) if next > person => self.heads[i] = next,
            Some(_) => {
                let path = run.file.as_ref().map_or("", |(f, _)| f.path.as_str());
                return Err(LakeError::corrupt(path, "its rows are not in order of persons"));
            }
            None => return Ok(true),
        }
        Ok(false)
    }

    /// Forgets runs that are at their end, keeping the others in order.
    fn drop_ended(&mut self) {
        let mut i = 0;
        while i < self.runs.len() {
            if self.runs[i].at < self.runs[i].batch.len() {
                i += 1;
            } else {
                self.runs.remove(i);
                self.heads.remove(i);
            }
        }
    }

    fn sort_person(&mut self) {
        let rows = &self.person;
        self.order.clear();
        self.order.extend(0..rows.len() as u32);
        let ids = rows.event_id();
        self.order.sort_unstable_by_key(|i| {
            (rows.event_at()[*i as usize], ids.get(*i as usize).copied().unwrap_or_default())
        });
        self.spare.clear();
        rows.permute_into(&self.order, &mut self.spare);
        std::mem::swap(&mut self.person, &mut self.spare);
    }
}

/// Whether row `i` comes after row `i - 1`. Without event ids the runs are of different months and never tie.
fn follows(rows: &Rows, i: usize) -> bool {
    let key = |i: usize| (rows.event_at()[i], rows.event_id().get(i));
    key(i - 1) <= key(i)
}
