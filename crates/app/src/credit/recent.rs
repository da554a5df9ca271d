//! The latest results, so that another model, another grouping or the next page does not read the history again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use throughline_base::ConversionId;
use throughline_store::credit::HistoryMark;

use super::scan::Pass;

/// Passes kept. One holds a few hundred kilobytes for a few thousand touches.
const PASSES: usize = 8;
/// Lists of people kept.
const LISTS: usize = 4;
/// Longest list kept; longer ones are found anew for every page.
const LIST_ROWS: usize = 200_000;

/// What a result depends on, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) conversion: ConversionId,
    /// The definition, and what else was asked.
    pub(super) asked: String,
    pub(super) history: HistoryMark,
    /// Version of the touch rules.
    pub(super) rules: i64,
}

/// People behind a number: value and person, the highest value first.
pub(super) type Ranked = Arc<Vec<(i64, i64)>>;

/// The latest results.
#[derive(Debug, Default)]
pub struct Recent {
    passes: Mutex<VecDeque<(Key, Arc<Pass>)>>,
    lists: Mutex<VecDeque<(Key, Ranked)>>,
    overview: Mutex<Option<(String, Instant, Arc<Pass>)>>,
    /// Held while the history is read: those who ask the same wait for the one answer, and memory stays bounded.
    turn: Mutex<()>,
}

impl Recent {
    /// Waits for the turn to read the history.
    pub(crate) fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock()
    }

    pub(super) fn pass(&self, key: &Key) -> Option<Arc<Pass>> {
        find(&self.passes, key)
    }

    pub(super) fn pass_keep(&self, key: Key, pass: Arc<Pass>) {
        keep(&self.passes, PASSES, key, pass);
    }

    pub(super) fn list(&self, key: &Key) -> Option<Ranked> {
        find(&self.lists, key)
    }

    pub(super) fn list_keep(&self, key: Key, list: Ranked) {
        if list.len() <= LIST_ROWS {
            keep(&self.lists, LISTS, key, list);
        }
    }

    /// The overview's figures when they were asked the same way not longer than `age` ago.
    pub(crate) fn overview(&self, asked: &str, age: Duration) -> Option<Arc<Pass>> {
        let held = self.overview.lock();
        held.as_ref().filter(|(a, at, _)| a == asked && at.elapsed() < age).map(|(_, _, pass)| pass.clone())
    }

    pub(crate) fn overview_keep(&self, asked: String, pass: Arc<Pass>) {
        *self.overview.lock() = Some((asked, Instant::now(), pass));
    }
}

fn find<T: Clone>(held: &Mutex<VecDeque<(Key, T)>>, key: &Key) -> Option<T> {
    held.lock().iter().find(|(k, _)| k == key).map(|(_, value)| value.clone())
}

fn keep<T>(held: &Mutex<VecDeque<(Key, T)>>, most: usize, key: Key, value: T) {
    let mut held = held.lock();
    held.retain(|(k, _)| *k != key);
    held.push_front((key, value));
    held.truncate(most);
}
