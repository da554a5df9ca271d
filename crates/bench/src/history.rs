//! The event history: sealing what came in, and scans and credit reports over a large generated one.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use throughline_app::credit::{CreditQuery, Level, MODELS};
use throughline_app::{App, Settings};
use throughline_base::{Problem, SystemClock};
use throughline_lake::{Column, Lake, LakeFile, PersonRead, PersonRows, PersonVisitor, ScanRequest, Snapshot};

use crate::machine::{Took, best, quantile, resident_mb, timed};
use crate::table::Aim;
use crate::{Bench, broken, generate};

/// Runs of everything that can be repeated; the quickest counts.
const RUNS: usize = 3;

/// Adds up what it sees, so that nothing is optimised away.
#[derive(Default)]
struct Sum {
    rows: u64,
    sum: i64,
}

impl PersonVisitor for Sum {
    fn person(&mut self, rows: PersonRows<'_>) {
        self.rows += rows.len() as u64;
        for ((at, name), touch) in rows.event_at().iter().zip(rows.name_id()).zip(rows.touch_id()) {
            self.sum = self.sum.wrapping_add(*at ^ i64::from(*name) ^ i64::from(*touch));
        }
    }
}

impl Bench {
    /// Seals the events that a server left in `data`.
    pub(crate) fn sealing(&mut self, data: &Path) -> Result<(), Problem> {
        let app = App::open(Settings::new(data), Arc::new(SystemClock))?;
        app.react_all()?;
        let (sealed, took) = timed(|| app.seal_all());
        let sealed = sealed?.events as f64;
        let sound = app.lake_verify()?.is_sound();
        app.close();
        if !sound {
            return Err(broken("the sealed history is not sound"));
        }
        self.table.part("sealing", &format!("{sealed} events"));
        self.table.figure("hot events into Parquet, and away", sealed / took.wall, "events/s");
        Ok(())
    }

    /// Makes a history, then scans it and reports on it.
    pub(crate) fn history(&mut self) -> Result<(), Problem> {
        let size = generate::Size::of(self.history_events);
        self.table.part("history", &format!("{} events of {} people", size.events, size.people));
        let app = App::open(Settings::new(self.dir.join("history")), Arc::new(SystemClock))?;
        let (files, wrote) = generate::history(&app, size)?;
        let events = size.events as f64;
        let bytes: u64 = files.iter().map(|f| f.bytes).sum();
        self.table.figure("sorted into Parquet, one thread", events / wrote.wall, "events/s");
        self.table.figure("size of an event", bytes as f64 / events, "bytes");
        let lake = Lake::open(app.settings.lake.clone(), generate::ids())?;
        let snapshot = generate::sealed(files);
        self.scan(&lake, &snapshot, size.events, app.settings.report_threads)?;
        self.timeline(&lake, &snapshot, size)?;
        self.credit(&app, size.events)?;
        let (_, highest) = resident_mb(None);
        self.table.figure("resident memory of all this, highest", highest, "MB");
        app.close();
        Ok(())
    }

    fn scan(&mut self, lake: &Lake, snapshot: &Snapshot, events: usize, threads: usize) -> Result<(), Problem> {
        let columns = [Column::PersonId, Column::EventAt, Column::NameId, Column::TouchId];
        let decode = best(RUNS, || plain_decode(lake, &snapshot.files, &columns, threads, events))?;
        let request = ScanRequest::columns(&[Column::NameId, Column::TouchId]);
        let scan = best(RUNS, || -> Result<(), Problem> {
            let seen = lake.scan(snapshot, &request, threads, |_| Sum::default())?;
            let rows: u64 = seen.iter().map(|v| v.rows).sum();
            if rows == events as u64 { Ok(()) } else { Err(broken(format!("a scan saw {rows} events"))) }
        })?;
        let rate = |t: Took| events as f64 / t.wall;
        self.table.figure("plain decode of four columns, no order", rate(decode), "events/s");
        self.table.aimed("ordered scan of four columns", rate(scan), "events/s", Aim::AtLeast(15e6));
        self.table.beside("processor time beside the plain decode", scan.cpu, "s", decode.cpu / scan.cpu);
        Ok(())
    }

    fn timeline(&mut self, lake: &Lake, snapshot: &Snapshot, size: generate::Size) -> Result<(), Problem> {
        let mut times = Vec::new();
        for n in (0..size.people).step_by((size.people as usize / 500).max(1)) {
            let started = Instant::now();
            lake.read_person(snapshot, &PersonRead::newest(generate::person(n), 50))?;
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        self.table.figure("newest 50 of a person, sealed, p50", quantile(&mut times, 0.5), "ms");
        self.table.figure("newest 50 of a person, sealed, p99", quantile(&mut times, 0.99), "ms");
        Ok(())
    }

    fn credit(&mut self, app: &App, events: usize) -> Result<(), Problem> {
        let mut lookback_days = 30;
        let mut report = |model, by| -> Result<Took, Problem> {
            let query = CreditQuery { model, by, lookback_days, ..CreditQuery::default() };
            let (found, took) = timed(|| app.credit_report(&query));
            let found = found?;
            if found.conversions == 0 || found.events_scanned == 0 {
                return Err(broken("a report counts nothing"));
            }
            // Another window, so that the next one cannot use what is kept.
            lookback_days += 1;
            Ok(took)
        };
        for model in MODELS {
            let took = report(model, Level::Channel)?;
            let name = format!("credit by {}, cold", model.as_str());
            self.table.figure(&name, events as f64 / took.wall, "events/s");
        }
        let all = report(MODELS[3], Level::Campaign)?;
        self.table.aimed("report of all six models, cold", all.wall, "s", Aim::AtMost(2.0));
        let query = CreditQuery { lookback_days: 30, ..CreditQuery::default() };
        app.credit_report(&query)?;
        let (again, took) = timed(|| app.credit_report(&query));
        again?;
        self.table.figure("the same report again", took.wall * 1e3, "ms");
        Ok(())
    }
}

/// The same columns of the same files through the `parquet` crate's own reader, in no order.
fn plain_decode(
    lake: &Lake,
    files: &[LakeFile],
    columns: &[Column],
    threads: usize,
    events: usize,
) -> Result<(), Problem> {
    let next = AtomicUsize::new(0);
    let unreadable = |e: &dyn std::fmt::Display| broken(format!("a file of the history cannot be read: {e}"));
    let work = || -> Result<usize, Problem> {
        let mut rows = 0;
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = File::open(Path::new(&lake.path()).join(&file.path)).map_err(|e| unreadable(&e))?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| unreadable(&e))?;
            let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().map(|c| c.name()));
            let reader = builder.with_projection(mask).with_batch_size(8192).build().map_err(|e| unreadable(&e))?;
            for batch in reader {
                rows += batch.map_err(|e| unreadable(&e))?.num_rows();
            }
        }
        Ok(rows)
    };
    let all: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut rows = 0;
    for one in all {
        rows += one.map_err(|_| broken("a reader panicked"))??;
    }
    if rows == events { Ok(()) } else { Err(broken(format!("the plain decode saw {rows} events"))) }
}
