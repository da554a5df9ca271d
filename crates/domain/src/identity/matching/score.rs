//! How right a run is, where the truth is known.

use std::collections::HashMap;
use std::hash::Hash;

/// Precision, recall and F1 over pairs.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Score {
    /// Share of the claimed pairs that are true.
    pub precision: f64,
    /// Share of the true pairs that are claimed.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Score {
    /// From counts of claimed pairs, of those that are true, and of all true pairs. With nothing to find, nothing claimed
    /// is perfect.
    #[must_use]
    pub fn of(right: u64, claimed: u64, truths: u64) -> Self {
        let share = |n: u64, of: u64| if of == 0 { 1.0 } else { n as f64 / of as f64 };
        let f1 = if claimed + truths == 0 { 1.0 } else { 2.0 * right as f64 / (claimed + truths) as f64 };
        Self { precision: share(right, claimed), recall: share(right, truths), f1 }
    }
}

/// Pairs among records of one entity. Records without one (`None`) are in no pair.
#[must_use]
pub fn true_pairs<T: Hash + Eq>(entities: &[Option<T>]) -> u64 {
    let mut sizes: HashMap<&T, u64> = HashMap::new();
    for e in entities.iter().flatten() {
        *sizes.entry(e).or_default() += 1;
    }
    sizes.values().map(|n| n * (n - 1) / 2).sum()
}

/// The score of claimed pairs. Pairs with a record of which the truth is not known do not count.
#[must_use]
pub fn score_pairs<T: Hash + Eq>(pairs: impl IntoIterator<Item = (u32, u32)>, entities: &[Option<T>]) -> Score {
    let (mut right, mut claimed) = (0, 0);
    for (a, b) in pairs {
        if let (Some(x), Some(y)) = (&entities[a as usize], &entities[b as usize]) {
            claimed += 1;
            right += u64::from(x == y);
        }
    }
    Score::of(right, claimed, true_pairs(entities))
}

/// The score of the pairs that clusters imply.
#[must_use]
pub fn score_clusters<T: Hash + Eq>(clusters: &[Vec<u32>], entities: &[Option<T>]) -> Score {
    let (mut right, mut claimed) = (0, 0);
    for cluster in clusters {
        let mut sizes: HashMap<&T, u64> = HashMap::new();
        for e in cluster.iter().filter_map(|r| entities[*r as usize].as_ref()) {
            *sizes.entry(e).or_default() += 1;
        }
        let n: u64 = sizes.values().sum();
        claimed += n * n.saturating_sub(1) / 2;
        right += sizes.values().map(|n| n * (n - 1) / 2).sum::<u64>();
    }
    Score::of(right, claimed, true_pairs(entities))
}
