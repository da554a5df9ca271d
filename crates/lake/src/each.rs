//! Every row whole, in no particular order: exports and moves.

use crate::column::ColumnSet;
use crate::error::LakeError;
use crate::lake::Lake;
use crate::line::{LineMap, Placed};
use crate::manifest::Snapshot;
use crate::row::LakeRow;
use crate::rows::Rows;

/// Rows held at a time.
const BATCH_ROWS: usize = 1024;

impl Lake {
    /// Hands out every row of the snapshot exactly once, with the person it belongs to now, in no particular order.
    /// `from_ms..to_ms` is the half-open range of `event_at`. An error of `each` ends the pass.
    pub fn for_each_row<E: From<LakeError>>(
        &self,
        snapshot: &Snapshot,
        from_ms: i64,
        to_ms: i64,
        mut each: impl FnMut(LakeRow) -> Result<(), E>,
    ) -> Result<(), E> {
        let map = &*snapshot.line_map;
        let mut hand_out = |rows: &Rows, i: usize| {
            if !(from_ms..to_ms).contains(&rows.event_at()[i]) {
                return Ok(());
            }
            match now_of(rows, i, map) {
                Some(row) => each(row),
                None => Ok(()),
            }
        };
        let mut batch = Rows::new(ColumnSet::ALL);
        for file in snapshot.files.iter().filter(|f| f.max_event_at >= from_ms && f.min_event_at < to_ms) {
            let mut reader = self.read_whole(file, ColumnSet::ALL)?;
            while reader.next(&mut batch, BATCH_ROWS)? > 0 {
                for i in 0..batch.len() {
                    hand_out(&batch, i)?;
                }
                batch.clear();
            }
        }
        for i in 0..snapshot.hot.len() {
            hand_out(&snapshot.hot.0, i)?;
        }
        Ok(())
    }
}

/// The row as it stands now; `None` when it is erased.
fn now_of(rows: &Rows, i: usize, map: &LineMap) -> Option<LakeRow> {
    match rows.place(i, map) {
        Placed::Stays => Some(rows.row(i)),
        Placed::Moves(person_id) => Some(LakeRow { person_id, ..rows.row(i) }),
        Placed::Erased => None,
    }
}
