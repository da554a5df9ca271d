//! A lake in a folder of its own, and events to put into it.

use std::sync::Arc;

use tempfile::TempDir;
use throughline_base::{Clock, FixedClock, IdGen, Rng, Timestamp};
use throughline_lake::{HotRows, Lake, LakeConfig, LakeFile, LakeRow, LineMap, PersonRows, PersonVisitor, Snapshot};

/// 2026-10-15T00:00:00Z.
pub(crate) const NOW_MS: i64 = 1_792_022_400_000;
pub(crate) const DAY_MS: i64 = 86_400_000;

pub(crate) fn ids() -> Arc<IdGen> {
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at_ms(NOW_MS));
    Arc::new(IdGen::new(clock, 1))
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_ms(NOW_MS)
}

pub(crate) fn config(folder: &TempDir) -> LakeConfig {
    let url = folder.path().join("lake").display().to_string();
    LakeConfig { url, buckets: 4, target_rows: 40, row_group_rows: 16, write_threads: 2, ..LakeConfig::default() }
}

pub(crate) fn open(config: LakeConfig) -> Lake {
    Lake::open(config, ids()).expect("the lake opens")
}

/// A believable event. Times are coarse, so that ties are common.
pub(crate) fn event(rng: &mut Rng, event_id: i64, person_id: i64, line_id: i64) -> LakeRow {
    let event_at = NOW_MS - rng.below(90) as i64 * DAY_MS / 2;
    let paid = rng.chance(0.2);
    LakeRow {
        event_id,
        event_at,
        received_at: event_at + rng.below(5_000) as i64,
        person_id,
        line_id,
        source_id: 1 + rng.below(3) as i64,
        kind: if rng.chance(0.5) { "page" } else { "track" }.into(),
        name: if paid { "Order Completed".into() } else { "查看商品".into() },
        name_id: rng.below(5) as i32,
        touch_id: rng.below(9) as i32,
        value_minor: paid.then(|| rng.below(100_000) as i64 - 5_000),
        currency: paid.then(|| "CNY".into()),
        order_id: paid.then(|| format!("o{event_id}")),
        message_id: format!("m-{:016x}", rng.next_u64()),
        bot: rng.chance(0.05),
        replayed: rng.chance(0.05),
        properties: format!("{{\"sku\":\"{}\",\"note\":\"口红 {}\"}}", rng.below(1_000), rng.next_u64()),
        traits: "{}".into(),
        context: "{\"page\":{\"path\":\"/\"}}".into(),
    }
}

pub(crate) fn snapshot(files: &[LakeFile], hot: &[LakeRow], map: &LineMap) -> Snapshot {
    let hot: HotRows = hot.iter().collect();
    Snapshot { files: files.into(), hot: Arc::new(hot), line_map: Arc::new(map.clone()) }
}

/// Keeps what it sees: (person, time, id, name id, touch id, value, order id) of every row, in order.
#[derive(Debug, Default)]
pub(crate) struct Collect {
    pub(crate) persons: Vec<i64>,
    pub(crate) rows: Vec<Seen>,
}

pub(crate) type Seen = (i64, i64, i64, i32, i32, Option<i64>, String);

impl PersonVisitor for Collect {
    fn person(&mut self, rows: PersonRows<'_>) {
        assert!(rows.len() > 0, "a person without rows");
        self.persons.push(rows.person_id());
        for i in 0..rows.len() {
            self.rows.push((
                rows.person_id(),
                rows.event_at()[i],
                rows.event_id()[i],
                rows.name_id()[i],
                rows.touch_id()[i],
                rows.value_minor(i),
                rows.text(throughline_lake::Column::OrderId, i).to_owned(),
            ));
        }
    }
}

pub(crate) fn seen(row: &LakeRow) -> Seen {
    let order_id = row.order_id.clone().unwrap_or_default();
    (row.person_id, row.event_at, row.event_id, row.name_id, row.touch_id, row.value_minor, order_id)
}

/// The Python that has the packages the test needs; `None`, said out loud, when there is none.
///
/// `THROUGHLINE_PYTHON` names it, else `python3` is tried.
pub(crate) fn python_with(modules: &[&str]) -> Option<String> {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".into());
    let imports = modules.iter().map(|m| format!("import {m}")).collect::<Vec<_>>().join(";");
    match std::process::Command::new(&python).args(["-c", &imports]).output() {
        Ok(out) if out.status.success() => Some(python),
        Ok(_) => {
            println!("skipped: {python} lacks one of the packages {}", modules.join(", "));
            None
        }
        Err(e) => {
            println!("skipped: {python} does not start: {e}");
            None
        }
    }
}
