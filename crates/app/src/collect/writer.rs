//! The one thread that records. While it commits, the next requests gather, so commits are shared without waiting.

use std::sync::Arc;
use std::time::Instant;

use throughline_base::{Problem, ProblemKind};

use super::record::{self, Caches};
use super::{Batch, EventVerdict, Verdict, apart};
use crate::meter::Meter;
use crate::{App, Result};

/// Most events of one commit: large enough to share the fsync, small enough to answer soon.
const GROUP_EVENTS: usize = 2_000;

/// Starts the writer.
pub(crate) fn start(app: &Arc<App>) -> Result<()> {
    let mut caches = Caches::load(app)?;
    app.tasks.spawn(app, "writer", move |app, _| {
        while let Some(mut group) = app.collector.take(GROUP_EVENTS) {
            let events = group.iter().map(Batch::len).sum();
            write_group(app, &mut caches, &mut group);
            app.collector.finished(events);
        }
    });
    // `take` marks the queue as running; readiness must not race it.
    while !app.collector.is_running() {
        std::thread::yield_now();
    }
    Ok(())
}

pub(super) fn write_group(app: &Arc<App>, caches: &mut Caches, group: &mut [Batch]) {
    let started = Instant::now();
    match record::record(app, caches, group) {
        Ok(outcome) => {
            app.meter.commit.record_us(started.elapsed().as_micros() as u64);
            Meter::add(&app.meter.commits, 1);
            answer(app, group, outcome);
        }
        // A defect in one batch must not take its neighbours along: write them one by one.
        Err(e) if e.kind == ProblemKind::Unavailable => turn_away(group, &e),
        Err(e) if group.len() > 1 => {
            tracing::warn!(error = %e, batches = group.len(), "group not recorded; recording its batches one by one");
            for i in 0..group.len() {
                write_group(app, caches, &mut group[i..=i]);
            }
        }
        // Nor must a defect in one event take along its neighbours in the batch.
        Err(e) => {
            tracing::warn!(error = %e, "batch not recorded; looking for the event at fault");
            for batch in group.iter_mut() {
                apart::write(app, caches, batch);
            }
        }
    }
}

/// Tells the senders to try again. Whatever kept the events from being recorded, it is not the senders' to mend: they
/// would drop the events on any other answer.
pub(super) fn turn_away(group: &mut [Batch], e: &Problem) {
    tracing::error!(error = %e, batches = group.len(), "events not recorded; the senders are told to try again");
    for b in group.iter_mut() {
        if let Some(done) = b.done.take() {
            done(Err(match e.kind {
                ProblemKind::Unavailable => Problem::unavailable(e.code, e.detail.clone()),
                _ => Problem::unavailable("not_recorded", format!("the events could not be recorded: {}", e.detail)),
            }));
        }
    }
}

pub(super) fn answer(app: &App, group: &mut [Batch], outcome: record::Outcome) {
    let now = app.now();
    let (mut recorded, mut quarantined) = (0, 0);
    for (b, verdicts) in group.iter_mut().zip(outcome.verdicts) {
        for v in &verdicts {
            let counter = match v.verdict {
                Verdict::Accepted => &app.meter.accepted,
                Verdict::Corrected => &app.meter.corrected,
                Verdict::Duplicate => &app.meter.duplicates,
                Verdict::DuplicateConflict | Verdict::Quarantined => &app.meter.quarantined,
                Verdict::Rejected => &app.meter.rejected,
            };
            Meter::add(counter, 1);
            match v.verdict {
                Verdict::Accepted | Verdict::Corrected => recorded += 1,
                Verdict::DuplicateConflict | Verdict::Quarantined => quarantined += 1,
                Verdict::Duplicate | Verdict::Rejected => {}
            }
        }
        app.meter.ingest.record_us(b.started.elapsed().as_micros() as u64);
        if let Some(done) = b.done.take() {
            done(Ok::<Vec<EventVerdict>, _>(verdicts));
        }
    }
    app.meter.tick(now, recorded, quarantined);
    if !outcome.arrivals.is_empty() {
        app.live.publish(outcome.arrivals);
    }
}
