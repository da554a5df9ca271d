//! Distinct paths with their counts, in bounded memory and without guessing.
//!
//! Up to a limit of distinct paths everything is exact. Beyond it, paths longer than some length are counted under
//! "… and their last steps". That length is the greatest of a ladder that keeps the limit: it depends on the paths alone,
//! not on their order nor on how threads shared them, and the counts stay exact sums.

use std::collections::{HashMap, HashSet};

use super::paths::MAX_TOUCHES;

/// Lengths to which paths are folded. A ladder of few steps bounds how often the table is rebuilt.
const LADDER: [usize; 12] = [50, 25, 15, 10, 8, 6, 5, 4, 3, 2, 1, 0];

/// First step of a path whose older steps are folded away.
pub const ELLIPSIS: u32 = u32::MAX;

/// What is known of one path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PathTally {
    /// Conversions at its end.
    pub conversions: u64,
    /// Their value in minor units.
    pub value_minor: i128,
    /// Times it ended without conversion.
    pub nulls: u64,
}

impl PathTally {
    fn add(&mut self, other: Self) {
        self.conversions += other.conversions;
        self.value_minor += other.value_minor;
        self.nulls += other.nulls;
    }
}

/// Counts by path of channel numbers.
#[derive(Debug, Clone)]
pub struct PathTable {
    paths: HashMap<Box<[u32]>, PathTally>,
    limit: usize,
    /// Longest path kept whole.
    whole: usize,
    scratch: Vec<u32>,
}

impl PathTable {
    /// A table of at most `limit` distinct paths (at least 1).
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { paths: HashMap::new(), limit: limit.max(1), whole: MAX_TOUCHES, scratch: Vec::new() }
    }

    /// Counts one path.
    pub fn add(&mut self, path: &[u32], tally: PathTally) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let key = fold(path, self.whole, &mut scratch);
        if let Some(known) = self.paths.get_mut(key) {
            known.add(tally);
        } else {
            self.paths.insert(key.into(), tally);
            self.keep_limit();
        }
        self.scratch = scratch;
    }

    /// Takes in the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        if other.whole < self.whole {
            self.fold_to(other.whole);
        }
        for (path, tally) in &other.paths {
            self.add(path, *tally);
        }
    }

    /// The paths, most conversions first, then most value, then by path.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&[u32], PathTally)> {
        let mut rows: Vec<_> = self.paths.iter().map(|(path, tally)| (&**path, *tally)).collect();
        rows.sort_unstable_by(|a, b| {
            (b.1.conversions, b.1.value_minor).cmp(&(a.1.conversions, a.1.value_minor)).then(a.0.cmp(b.0))
        });
        rows
    }

    /// How many distinct paths are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether no path was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Longest path that is kept whole; `None` when all are.
    #[must_use]
    pub fn folded_to(&self) -> Option<usize> {
        (self.whole < MAX_TOUCHES).then_some(self.whole)
    }

    fn keep_limit(&mut self) {
        if self.paths.len() <= self.limit {
            return;
        }
        // The number of distinct folded paths falls with the length, and at length 0 one is left.
        let shorter = LADDER.into_iter().filter(|l| *l < self.whole);
        let fits = shorter.into_iter().find(|l| self.distinct_at(*l) <= self.limit);
        self.fold_to(fits.unwrap_or(0));
    }

    fn distinct_at(&self, whole: usize) -> usize {
        let mut scratch = Vec::new();
        let mut seen: HashSet<Vec<u32>> = HashSet::new();
        for path in self.paths.keys() {
            let key = fold(path, whole, &mut scratch);
            if !seen.contains(key) {
                seen.insert(key.to_vec());
            }
            if seen.len() > self.limit {
                break;
            }
        }
        seen.len()
    }

    fn fold_to(&mut self, whole: usize) {
        self.whole = whole;
        let mut scratch = Vec::new();
        for (path, tally) in std::mem::take(&mut self.paths) {
            let key = fold(&path, whole, &mut scratch);
            if let Some(known) = self.paths.get_mut(key) {
                known.add(tally);
            } else {
                self.paths.insert(key.into(), tally);
            }
        }
    }
}

/// The path itself when it has at most `whole` steps, else an ellipsis and its last `whole` steps.
fn fold<'a>(path: &'a [u32], whole: usize, scratch: &'a mut Vec<u32>) -> &'a [u32] {
    let folded_already = path.first() == Some(&ELLIPSIS);
    let steps = path.len() - usize::from(folded_already);
    if steps <= whole {
        return path;
    }
    scratch.clear();
    scratch.push(ELLIPSIS);
    scratch.extend_from_slice(&path[path.len() - whole..]);
    scratch
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: PathTally = PathTally { conversions: 1, value_minor: 10, nulls: 0 };

    #[test]
    fn few_paths_are_counted_exactly() {
        let mut table = PathTable::new(10);
        for path in [&[1, 2][..], &[1, 2], &[2], &[1, 2, 1]] {
            table.add(path, ONE);
        }
        assert_eq!(table.folded_to(), None);
        assert_eq!(table.sorted()[0], (&[1, 2][..], PathTally { conversions: 2, value_minor: 20, nulls: 0 }));
        assert_eq!(table.len(), 3);
    }

    proptest! {
        #[test]
        fn threads_and_order_change_nothing_even_beyond_the_limit(
            paths in prop::collection::vec(prop::collection::vec(0..4_u32, 1..7), 1..120), cut in 0..120_usize, limit in 1..40_usize
        ) {
            let count = |paths: &[Vec<u32>]| {
                let mut table = PathTable::new(limit);
                paths.iter().for_each(|p| table.add(p, ONE));
                table
            };
            let whole = count(&paths);
            let (left, right) = paths.split_at(cut.min(paths.len()));
            let mut merged = count(right);
            merged.merge(&count(left));
            prop_assert_eq!(merged.sorted(), whole.sorted());
            prop_assert_eq!(merged.folded_to(), whole.folded_to());
            prop_assert!(whole.len() <= limit);
            let conversions: u64 = whole.sorted().iter().map(|(_, t)| t.conversions).sum();
            prop_assert_eq!(conversions, paths.len() as u64);
        }
    }
}
