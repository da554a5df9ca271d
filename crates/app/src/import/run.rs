//! Runs an import: batches of events, each committed together with how far the import is.
//!
//! The row of the import says how many rows of the file are done; it changes in the transaction that records their
//! events. After a kill the run goes on behind them, and message ids made from the file's content find whatever was
//! recorded already.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp as Instant;
use serde_json::Value;
use throughline_base::{Currency, ImportId, Problem, ProblemKind};
use throughline_domain::event::{EventKind, RawEvent, clean};
use throughline_domain::touch::channel_key;
use throughline_store::credit::{self, SpendRow};
use throughline_store::import::{self as rows, ImportRow, RejectRow};
use throughline_store::{Tx, import};

use super::convert::{Converter, Fault};
use super::file::{self, Layout};
use super::mapping::{Kind, Mapping};
use super::reader::{Reader, Record};
use super::target::Target;
use super::units::Units;
use super::value::{self, Decimal};
use crate::collect::{EventVerdict, Verdict};
use crate::registry::Source;
use crate::{App, Result};

/// Events of a batch.
const BATCH_EVENTS: usize = 500;
/// Rows after which a batch is committed though it has few events.
const BATCH_ROWS: u64 = 2_000;
/// Rows of spend that fit in memory before they are saved.
const SPEND_ROWS: usize = 500_000;

/// How fast the running imports are, by import: when the run began and how many rows were done then.
#[derive(Debug, Default)]
pub struct Paces(parking_lot::Mutex<HashMap<ImportId, (i64, i64)>>);

impl Paces {
    fn begin(&self, id: ImportId, now_ms: i64, rows: i64) {
        self.0.lock().insert(id, (now_ms, rows));
    }

    fn end(&self, id: ImportId) {
        self.0.lock().remove(&id);
    }

    /// Rows a second since the run began, and the seconds that remain at that pace.
    pub(super) fn of(&self, i: &ImportRow, now_ms: i64) -> (f64, Option<f64>) {
        let Some((began, before)) = self.0.lock().get(&i.id).copied() else { return (0.0, None) };
        let seconds = (now_ms - began).max(1) as f64 / 1_000.0;
        let rate = (i.rows_done - before).max(0) as f64 / seconds;
        let left = i.rows_total.map(|total| (total - i.rows_done).max(0) as f64);
        (rate, left.filter(|_| rate > 0.0).map(|left| left / rate))
    }
}

/// A file made ready to be read with a mapping.
pub(super) struct Opened {
    pub(super) layout: Layout,
    pub(super) reader: Reader,
    pub(super) path: PathBuf,
}

impl Opened {
    pub(super) fn open(path: &Path, mapping: &Mapping) -> Result<Self> {
        let layout = file::look(path, &mapping.file)?;
        let reader = Reader::open(path, &layout)?;
        Ok(Self { layout, reader, path: path.to_owned() })
    }
}

/// What a batch holds before it is committed.
#[derive(Default)]
struct Load {
    events: Vec<RawEvent>,
    lines: Vec<u64>,
    refused: Vec<RejectRow>,
    rows_done: u64,
    /// What is said of people in this batch already; reset with each, so that a resumed run cuts as a straight one.
    said: HashMap<String, u64>,
}

impl Load {
    fn take(&mut self, id: ImportId, unit: super::units::Unit) {
        for e in unit.events {
            if e.kind == EventKind::Identify && self.is_said(&e) {
                continue;
            }
            self.lines.push(unit.line);
            self.events.push(e);
        }
        self.refused.extend(unit.refused.into_iter().map(|(fault, raw)| reject(id, &fault, raw)));
        self.rows_done = unit.rows_done;
    }

    /// Whether the same was said of the same person just before.
    fn is_said(&mut self, e: &RawEvent) -> bool {
        let who = format!("{:?}{:?}{:?}", e.user_id, e.anonymous_id, e.ids);
        let text = serde_json::to_vec(&e.traits).unwrap_or_default();
        let what = xxhash_rust::xxh3::xxh3_64(&text);
        self.said.insert(who, what) == Some(what)
    }
}

fn reject(id: ImportId, fault: &Fault, raw: String) -> RejectRow {
    let line = i64::try_from(fault.line).unwrap_or(i64::MAX);
    // PostgreSQL keeps no NUL.
    RejectRow { import_id: id, line, reason: fault.reason().replace('\0', ""), raw: raw.replace('\0', "") }
}

impl App {
    /// Runs an import that is in the state `running` until it is done, stopped from elsewhere, or `stop` says so.
    /// `progress` hears of every commit.
    ///
    /// # Errors
    /// What stopped it. A fault of the file or the mapping is kept with the import too, whose state is then `failed`;
    /// after a fault of an engine it stays `running` and can go on.
    pub fn import_run(
        self: &Arc<Self>,
        id: ImportId,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(&ImportRow),
    ) -> Result<ImportRow> {
        let row = self.import_row(id)?;
        if row.state != "running" {
            return Ok(row);
        }
        let result = self.import_work(row, stop, progress);
        self.imports.end(id);
        match result {
            Ok(row) => Ok(row),
            Err(p) if matches!(p.kind, ProblemKind::Unavailable | ProblemKind::Busy) => Err(p),
            Err(p) => {
                let now = self.now();
                self.db.write(|tx| {
                    let Some(mut row) = rows::get(tx, id)? else { return Ok(()) };
                    row.state = "failed".into();
                    row.error = Some(p.detail.clone());
                    row.finished_at = Some(now);
                    rows::put(tx, &row).map(drop)
                })?;
                Err(p)
            }
        }
    }

    fn import_work(
        self: &Arc<Self>,
        mut row: ImportRow,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(&ImportRow),
    ) -> Result<ImportRow> {
        let mapping = Mapping::parse(&row.mapping)?;
        let path = PathBuf::from(&row.file_path);
        let opened = Opened::open(&path, &mapping)?;
        if file::hash(&path)? != row.file_hash {
            let detail = "the file was changed since the import began; import it anew";
            return Err(Problem::conflict("import_file_changed", detail));
        }
        if row.rows_total.is_none() {
            let Some(total) = count(&path, &opened.layout, stop)? else { return Ok(row) };
            row = self.import_change(row.id, |r| r.rows_total = i64::try_from(total).ok())?;
        }
        self.imports.begin(row.id, self.now().ms(), row.rows_done);
        progress(&row);
        match mapping.kind {
            Kind::Events => self.import_events(row, &mapping, opened, stop, progress),
            Kind::AdSpend => self.import_spend(row, &mapping, opened, stop, progress),
        }
    }

    /// Changes the row of an import in a transaction of its own.
    pub(super) fn import_change(&self, id: ImportId, change: impl FnOnce(&mut ImportRow)) -> Result<ImportRow> {
        let found = self.db.write(|tx| {
            let Some(mut row) = rows::get(tx, id)? else { return Ok(None) };
            change(&mut row);
            rows::put(tx, &row)?;
            Ok(Some(row))
        })?;
        found.ok_or_else(|| unknown(id))
    }

    fn import_events(
        self: &Arc<Self>,
        mut row: ImportRow,
        mapping: &Mapping,
        opened: Opened,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(&ImportRow),
    ) -> Result<ImportRow> {
        let source = self.import_source(&row)?;
        let converter = Converter::new(mapping, opened.reader.columns(), &row.file_hash)?;
        let done = u64::try_from(row.rows_done).unwrap_or_default();
        let mut units = Units::after(opened.reader, opened.path, &converter, done)?;
        let mut load = Load { rows_done: done, ..Load::default() };
        let mut begun = done;
        loop {
            let unit = units.next()?;
            let ended = unit.is_none();
            if let Some(unit) = unit {
                load.take(row.id, unit);
            }
            if ended || load.events.len() >= BATCH_EVENTS || load.rows_done - begun >= BATCH_ROWS {
                begun = load.rows_done;
                let full = std::mem::replace(&mut load, Load { rows_done: begun, ..Load::default() });
                if let Some(now) = self.import_commit(&source, &row, full, ended)? {
                    row = now;
                } else {
                    tracing::info!(import = %row.id, "another node goes on with this import");
                    return self.import_row(row.id);
                }
                progress(&row);
                if row.state != "running" || stop() {
                    return Ok(row);
                }
            }
        }
    }

    fn import_source(&self, row: &ImportRow) -> Result<Arc<Source>> {
        let registry = self.registry.get();
        row.source_id.and_then(|id| registry.sources.get(&id).cloned()).ok_or_else(|| {
            Problem::not_found("source", "the source of the import is no longer there; import the file anew")
        })
    }

    /// Commits a batch with the progress. `None` when somebody else has committed it meanwhile.
    fn import_commit(
        self: &Arc<Self>,
        source: &Arc<Source>,
        before: &ImportRow,
        load: Load,
        ended: bool,
    ) -> Result<Option<ImportRow>> {
        let now = self.now();
        let (id, expected) = (before.id, before.rows_done);
        let Load { events, lines, refused, rows_done, .. } = load;
        let rows_done = i64::try_from(rows_done).unwrap_or(i64::MAX);
        let ours = Arc::new(AtomicBool::new(false));
        let told = ours.clone();
        let settle = move |tx: &mut Tx<'_>, verdicts: &[EventVerdict]| -> throughline_store::Result<()> {
            let Some(mut row) = rows::get(tx, id)? else { return Ok(()) };
            if row.rows_done != expected {
                return Ok(());
            }
            let mut refused = refused.clone();
            for (verdict, line) in verdicts.iter().zip(&lines) {
                match verdict.verdict {
                    Verdict::Accepted | Verdict::Corrected => row.accepted += 1,
                    Verdict::Duplicate => row.duplicates += 1,
                    Verdict::DuplicateConflict | Verdict::Quarantined => row.quarantined += 1,
                    Verdict::Rejected => {
                        let message = verdict.detail.clone().or(verdict.reason.clone()).unwrap_or_default();
                        refused.push(reject(id, &Fault { line: *line, column: None, message }, String::new()));
                    }
                }
            }
            row.rejected += i64::try_from(refused.len()).unwrap_or_default();
            row.rows_done = rows_done;
            if ended && row.state == "running" {
                row.state = "done".into();
                row.rows_total = Some(rows_done);
                row.finished_at = Some(now);
                row.error = None;
            }
            import::rejects_insert(tx, &refused)?;
            rows::put(tx, &row)?;
            told.store(true, Ordering::Release);
            Ok(())
        };
        if events.is_empty() {
            self.db.write(|tx| settle(tx, &[]))?;
        } else {
            let batch = self.collect_raw(source, events, now).along(Box::new(settle));
            self.collect_wait(batch)?;
        }
        if ours.load(Ordering::Acquire) { self.import_row(id).map(Some) } else { Ok(None) }
    }

    /// Spend is summed by day, channel, campaign and currency over the whole file and saved at its end, all or nothing:
    /// several lines of one campaign and day add up, and importing a file again replaces what it brought.
    fn import_spend(
        self: &Arc<Self>,
        row: ImportRow,
        mapping: &Mapping,
        mut opened: Opened,
        stop: &dyn Fn() -> bool,
        progress: &mut dyn FnMut(&ImportRow),
    ) -> Result<ImportRow> {
        let converter = Converter::new(mapping, opened.reader.columns(), &row.file_hash)?;
        let mut sums: BTreeMap<SpendKey, (i64, i64, i64)> = BTreeMap::new();
        let mut refused = Vec::new();
        let (mut read, mut good) = (0_i64, 0_i64);
        while let Some(record) = opened.reader.next(&opened.path)? {
            read += 1;
            match spend_of(&converter, &record, self.settings.currency) {
                Ok((key, amounts)) => {
                    good += 1;
                    let sum = sums.entry(key).or_default();
                    sum.0 = sum.0.saturating_add(amounts.0);
                    sum.1 = sum.1.saturating_add(amounts.1);
                    sum.2 = sum.2.saturating_add(amounts.2);
                }
                Err(fault) => refused.push(reject(row.id, &fault, record.raw())),
            }
            if sums.len() + refused.len() > SPEND_ROWS {
                let detail = format!("the file has more than {SPEND_ROWS} days of campaigns; split it by month");
                return Err(Problem::invalid("import_file", detail));
            }
            if read % 5_000 == 0 {
                if stop() || self.import_row(row.id)?.state != "running" {
                    return self.import_row(row.id);
                }
                progress(&ImportRow { rows_done: read, ..row.clone() });
            }
        }
        let now = self.now();
        let rows: Vec<SpendRow> = sums
            .into_iter()
            .map(|((day, channel, campaign, currency), (impressions, clicks, cost_minor))| SpendRow {
                id: self.ids.next(),
                day,
                channel,
                campaign,
                currency,
                impressions,
                clicks,
                cost_minor,
                import_id: Some(row.id),
            })
            .collect();
        let done = self.db.write(|tx| {
            let Some(mut i) = import::get(tx, row.id)? else { return Ok(None) };
            if i.state == "running" {
                credit::spend_put(tx, &rows)?;
                import::rejects_insert(tx, &refused)?;
                (i.rows_done, i.rows_total) = (read, Some(read));
                (i.accepted, i.rejected) = (good, refused.len() as i64);
                (i.state, i.finished_at, i.error) = ("done".into(), Some(now), None);
                import::put(tx, &i)?;
            }
            Ok(Some(i))
        })?;
        let done = done.ok_or_else(|| unknown(row.id))?;
        progress(&done);
        Ok(done)
    }
}

/// Day since 1970, channel, campaign, currency.
pub(super) type SpendKey = (i64, String, String, String);

pub(super) fn spend_of(
    c: &Converter<'_>,
    record: &Record,
    currency: Currency,
) -> Result<(SpendKey, (i64, i64, i64)), Fault> {
    if let Some(fault) = c.refused(record) {
        return Err(fault);
    }
    let m = c.mapping();
    let found = |target: Target| -> (Option<&str>, Option<Value>) {
        let column = m.columns.iter().find(|(_, t, _)| *t == target).map(|(column, _, _)| column.as_str());
        let fixed = m.set.iter().find(|(t, _)| *t == target).map(|(_, v)| v);
        (column, column.and_then(|name| c.cell(record, name)).or(fixed).cloned())
    };
    let fault = |column: Option<&str>, message: &str| Fault {
        line: record.line,
        column: column.map(str::to_owned),
        message: message.to_owned(),
    };
    let (column, cell) = found(Target::Date);
    let at = cell.as_ref().and_then(|v| value::instant(v, m.time_format.as_deref(), &m.zone));
    let at = at.ok_or_else(|| fault(column, "is no date that can be read; give its form as time.format"))?;
    // The day on the wall of the file's zone.
    let offset = Instant::from_millisecond(at.ms()).map_or(0, |t| i64::from(m.zone.to_offset(t).seconds()));
    let day = at.plus_ms(offset * 1_000).day();
    let (column, cell) = found(Target::Channel);
    let channel = cell.as_ref().map(value::text_of).and_then(|t| channel_key(&t)).filter(|k| k.chars().count() <= 200);
    let channel = channel.ok_or_else(|| fault(column, "is no channel; expected one such as douyin_ads"))?;
    let campaign: String = found(Target::Campaign).1.as_ref().map(value::text_of).unwrap_or_default();
    if campaign.chars().count() > 200 {
        return Err(fault(found(Target::Campaign).0, "a campaign has at most 200 characters"));
    }
    let (column, cell) = found(Target::Currency);
    let currency = match cell.as_ref().map(value::text_of).filter(|t| !t.is_empty()) {
        None => currency,
        Some(text) => clean::currency(&text)
            .and_then(|_| text.parse().ok())
            .ok_or_else(|| fault(column, "is no currency; expected three letters such as CNY"))?,
    };
    let (column, cell) = found(Target::Cost);
    let cell = cell.ok_or_else(|| fault(column, "the cost is missing"))?;
    let scale = Decimal::parse(&10_i64.pow(currency.exponent()).to_string()).unwrap_or(Decimal::ZERO);
    let minor = Decimal::of(&cell).and_then(|d| d.times(scale)).map(|d| d.round(0).to_string());
    let cost = minor.and_then(|t| t.parse::<i64>().ok()).filter(|n| (0..=1_000_000_000_000_000).contains(n));
    let cost = cost.ok_or_else(|| fault(column, "is no cost; expected a number such as 1234.50, not below zero"))?;
    let whole = |target: Target| -> Result<i64, Fault> {
        let (column, cell) = found(target);
        let Some(cell) = cell else { return Ok(0) };
        let n = Decimal::of(&cell).and_then(|d| d.round(0).to_string().parse::<i64>().ok());
        n.filter(|n| (0..=1_000_000_000_000_000).contains(n)).ok_or_else(|| fault(column, "is no count of 0 or more"))
    };
    let counts = (whole(Target::Impressions)?, whole(Target::Clicks)?);
    Ok(((day, channel, campaign.trim().to_owned(), currency.to_string()), (counts.0, counts.1, cost)))
}

pub(super) fn unknown(id: ImportId) -> Problem {
    Problem::not_found("import", format!("there is no import {id}"))
}

/// How many rows a file has; `None` when asked to stop meanwhile.
fn count(path: &Path, layout: &Layout, stop: &dyn Fn() -> bool) -> Result<Option<u64>> {
    let mut reader = Reader::open(path, layout)?;
    if let Some(n) = reader.rows_known() {
        return Ok(Some(n));
    }
    let mut n = 0_u64;
    while reader.next(path)?.is_some() {
        n += 1;
        if n.is_multiple_of(10_000) && stop() {
            return Ok(None);
        }
    }
    Ok(Some(n))
}
