//! Matching: which rows of files, and which people of the database, are one person?
//!
//! The rules are `domain::identity::matching`'s. Here files are read ([`file`]), their columns understood ([`columns`],
//! [`mapping`]) and the answer written; the [`database`] is matched by a job. Start reading at [`match_files`] and
//! [`App::matching_run`](crate::App::matching_run).

mod columns;
pub mod database;
mod file;
mod mapping;
mod table;
#[cfg(test)]
mod tests;

pub use file::{MatchReport, MatchRequest, Zones, match_files};
pub use mapping::MatchMapping;

use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs pieces of work on as many threads as the machine has processors.
pub(crate) fn spread(pieces: usize, piece: &(dyn Fn(usize) + Sync)) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(pieces.max(1));
    if threads <= 1 {
        return (0..pieces).for_each(piece);
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= pieces {
                        break;
                    }
                    piece(i);
                }
            });
        }
    });
}
