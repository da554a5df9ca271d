//! Merges, unmerges and erasures after sealing: where the rows of a line belong *now*.
//!
//! A row carries the line it hangs on (which never changes) and the person of the day it was written. The map names
//! the lines whose rows no longer belong to that person. A line that is absent stays as written.

use std::collections::{HashMap, HashSet};

/// Whose the rows of an erased stretch of a shared line are: nobody's. They vanish like those of an erased line.
pub const NOBODY: i64 = 0;

/// Where the rows of a line belong now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// All of them to this person.
    Person(i64),
    /// By time: to the person of the slice that holds `event_at`, else to `base` (shared devices).
    Slices {
        /// The person outside all slices.
        base: i64,
        /// Half-open stretches of time. The first that holds an instant rules.
        slices: Vec<Slice>,
    },
    /// Erased: the rows vanish from every read and are dropped by compaction.
    Erased,
}

/// A stretch of time during which a line belonged to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// First instant, Unix milliseconds.
    pub from_ms: i64,
    /// First instant after it.
    pub to_ms: i64,
    /// Whose the rows are; [`NOBODY`] for erased ones.
    pub person_id: i64,
}

/// What becomes of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It belongs to the person it was written under.
    Stays,
    /// It belongs to this other person.
    Moves(i64),
    /// It is gone.
    Erased,
}

#[derive(Debug, Clone)]
struct Override {
    target: Target,
    written_under: Vec<i64>,
}

/// The lines whose rows no longer belong to the person they were written under.
#[derive(Debug, Clone, Default)]
pub struct LineMap {
    overrides: HashMap<i64, Override>,
    /// Persons under which rows of overridden lines may have been written: only their rows need a look.
    touched: HashSet<i64>,
    /// Lines whose rows may belong to a person now.
    by_target: HashMap<i64, Vec<i64>>,
}

impl LineMap {
    /// A map that moves nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says where the rows of `line_id` belong now.
    ///
    /// `written_under` names every person under which rows of the line may have been written, by sealing or by an
    /// earlier compaction, since the line was made. Rows under a person it does not name stay where they are: they
    /// are still delivered exactly once, but under the person of the day they were written.
    pub fn insert(&mut self, line_id: i64, target: Target, written_under: &[i64]) {
        let mut under = written_under.to_vec();
        if let Some(old) = self.overrides.remove(&line_id) {
            for person in old.target.persons() {
                if let Some(lines) = self.by_target.get_mut(&person) {
                    lines.retain(|l| *l != line_id);
                }
            }
            under.extend(old.written_under);
        }
        under.sort_unstable();
        under.dedup();
        self.touched.extend(under.iter().copied());
        for person in target.persons() {
            let lines = self.by_target.entry(person).or_default();
            if !lines.contains(&line_id) {
                lines.push(line_id);
            }
        }
        self.overrides.insert(line_id, Override { target, written_under: under });
    }

    /// How many lines it names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.overrides.len()
    }

    /// True when it names none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.overrides.is_empty()
    }

    /// What becomes of a row of `line_id` at `event_at` that was written under `person_id`.
    #[must_use]
    pub fn place(&self, line_id: i64, event_at: i64, person_id: i64) -> Placed {
        let Some(o) = self.overrides.get(&line_id) else { return Placed::Stays };
        if !self.touched.contains(&person_id) {
            return Placed::Stays;
        }
        match o.target.at(event_at) {
            None => Placed::Erased,
            Some(now) if now == person_id => Placed::Stays,
            Some(now) => Placed::Moves(now),
        }
    }

    /// Whether rows written under `person_id` may have moved.
    pub(crate) fn touches(&self, person_id: i64) -> bool {
        self.touched.contains(&person_id)
    }

    /// The persons whose written rows may have moved, sorted.
    pub(crate) fn touched_sorted(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.touched.iter().copied().collect();
        all.sort_unstable();
        all
    }

    /// The other persons under which rows that belong to `person_id` now may have been written, sorted.
    pub(crate) fn origins_of(&self, person_id: i64) -> Vec<i64> {
        let lines = self.by_target.get(&person_id).map_or(&[][..], Vec::as_slice);
        let mut under: Vec<i64> =
            lines.iter().filter_map(|l| self.overrides.get(l)).flat_map(|o| o.written_under.iter().copied()).collect();
        under.retain(|p| *p != person_id);
        under.sort_unstable();
        under.dedup();
        under
    }
}

impl Target {
    fn at(&self, event_at: i64) -> Option<i64> {
        match self {
            Self::Person(p) => Some(*p),
            Self::Slices { base, slices } => {
                let slice = slices.iter().find(|s| s.from_ms <= event_at && event_at < s.to_ms);
                Some(slice.map_or(*base, |s| s.person_id)).filter(|p| *p != NOBODY)
            }
            Self::Erased => None,
        }
    }

    fn persons(&self) -> Vec<i64> {
        match self {
            Self::Person(p) => vec![*p],
            Self::Slices { base, slices } => {
                std::iter::once(*base).chain(slices.iter().map(|s| s.person_id)).filter(|p| *p != NOBODY).collect()
            }
            Self::Erased => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_device_belongs_to_whoever_held_it_at_the_time() {
        let mut map = LineMap::new();
        let slices = vec![Slice { from_ms: 10, to_ms: 20, person_id: 2 }];
        map.insert(7, Target::Slices { base: 1, slices }, &[1]);
        assert_eq!(map.place(7, 9, 1), Placed::Stays);
        assert_eq!(map.place(7, 10, 1), Placed::Moves(2));
        assert_eq!(map.place(7, 20, 1), Placed::Stays);
        assert_eq!(map.place(8, 10, 1), Placed::Stays, "another line");
        assert_eq!(map.origins_of(2), vec![1]);
    }

    #[test]
    fn an_erased_stretch_of_a_shared_device_is_nobodys() {
        let mut map = LineMap::new();
        let slices = vec![Slice { from_ms: 10, to_ms: 20, person_id: NOBODY }];
        map.insert(7, Target::Slices { base: 7, slices }, &[2, 7]);
        assert_eq!(map.place(7, 10, 2), Placed::Erased);
        assert_eq!(map.place(7, 19, 7), Placed::Erased);
        assert_eq!(map.place(7, 20, 2), Placed::Moves(7));
        assert_eq!(map.place(7, 20, 7), Placed::Stays);
        assert!(map.origins_of(NOBODY).is_empty());
    }

    #[test]
    fn a_second_change_remembers_where_the_rows_were_written() {
        let mut map = LineMap::new();
        map.insert(7, Target::Person(2), &[1]);
        map.insert(7, Target::Person(3), &[2]);
        assert_eq!(map.place(7, 0, 1), Placed::Moves(3));
        assert_eq!(map.place(7, 0, 2), Placed::Moves(3));
        assert_eq!(map.origins_of(3), vec![1, 2]);
        assert!(map.origins_of(2).is_empty());
        map.insert(7, Target::Erased, &[3]);
        assert_eq!(map.place(7, 0, 3), Placed::Erased);
    }
}
