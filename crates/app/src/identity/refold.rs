//! After the rules changed: every part of the log folded anew, in the background, while events go on arriving.
//!
//! New rules decide from their commit on. The walk goes over all identifiers; each part is read, folded and written in one
//! transaction of the writer, so that nothing is decided on what it replaces. A part that an event joined to another one
//! meanwhile is folded as it is then. When the walk is over, the stored graph is the fold of the log from scratch. It
//! survives a stop: how far it is, is stored with what it did.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline_base::id::JobId;
use throughline_base::{IdentifierId, PersonId, Problem, ReviewId, Rng};
use throughline_domain::identity::{NodeState, ReviewItem, Rules};
use throughline_store::identity::{self as store, ReviewRow};
use throughline_store::job::{self, Backoff, Job, NewJob};
use throughline_store::{Tx, event};

use super::part::{Part, Refolded, Walk, is_empty};
use super::rules;
use super::write::{self, Cause};
use crate::background::Watch;
use crate::react::summarise;
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

const QUEUE: &str = "identity";
const KIND: &str = "refold";
const LEASE_MS: i64 = 60_000;
const PROGRESS: &str = "identity_refold";
/// How items are closed that the rules in force do not raise.
const SUPERSEDED: &str = "superseded";

/// How far the rules in force were applied to what was there before them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefoldProgress {
    /// Version of the rules.
    pub version: u32,
    /// Identifiers looked at.
    pub done: i64,
    /// Identifiers in all, when it began.
    pub total: i64,
    /// Identifiers whose person changed.
    pub moved: i64,
    /// The newest identifier looked at.
    after: i64,
    /// Whether it is over.
    pub finished: bool,
}

/// Enqueues the work for a version of the rules, in the transaction that puts it in force.
pub(super) fn enqueue(tx: &mut Tx<'_>, app: &App, version: u32) -> Stored<JobId> {
    let payload = json!({ "version": version }).to_string();
    let total = store::nodes_count(tx)?;
    put(tx, &RefoldProgress { version, total, ..RefoldProgress::default() })?;
    let new = NewJob { partition_key: Some(KIND), ..NewJob::new(QUEUE, KIND, &payload, app.now()) };
    let id = job::enqueue(tx, &app.ids, &new, app.now())?;
    Ok(id.ok_or_else(|| Problem::internal("identity_refold", "a job without dedupe key was not enqueued"))?)
}

fn put(tx: &mut Tx<'_>, progress: &RefoldProgress) -> Stored<()> {
    let text = serde_json::to_string(progress).expect("progress is plain data");
    event::setting_put(tx, PROGRESS, &text)?;
    Ok(())
}

/// How far the latest change of rules was applied; `None` while there was none.
pub(super) fn progress(tx: &mut Tx<'_>) -> Stored<Option<RefoldProgress>> {
    Ok(event::setting_get(tx, PROGRESS)?.and_then(|t| serde_json::from_str(&t).ok()))
}

/// Works off changes of rules until the process stops.
pub(crate) fn work(app: &Arc<App>, mut watch: Watch) {
    let owner = format!("node-{}", app.settings.node);
    let bell = watch.clone();
    let stop = move || bell.is_stopping();
    while !watch.is_stopping() {
        match app.identity_refold_once(&owner, &stop) {
            Ok(true) => continue,
            Ok(false) => {}
            Err(e) => tracing::warn!(error = %e, "rules could not be applied to what was there before; trying again"),
        }
        watch.rest(Duration::from_secs(1));
    }
}

impl App {
    /// Works off every change of rules that waits; for tests and tools.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn identity_refold_all(&self) -> Result<()> {
        while self.identity_refold_once("cli", &|| false)? {}
        Ok(())
    }

    /// Works off one change of rules; `false` when none waits.
    fn identity_refold_once(&self, owner: &str, stop: &dyn Fn() -> bool) -> Result<bool> {
        // Leasing writes; looking does not.
        if self.db.read(|tx| job::next_at(tx, QUEUE))?.is_none_or(|at| at > self.now()) {
            return Ok(false);
        }
        let Some(job) = job::lease(&self.db, QUEUE, owner, self.now(), LEASE_MS, 1)?.pop() else { return Ok(false) };
        match self.refold(&job, stop) {
            Ok(()) => Ok(true),
            Err(e) => {
                let text = format!("{}: {}", e.code, e.detail);
                let mut rng = Rng::seeded(job.id.get() as u64);
                self.db.write(|tx| job::fail(tx, &job, &text, self.now(), &Backoff::default(), &mut rng))?;
                Err(e)
            }
        }
    }

    fn refold(&self, job: &Job, stop: &dyn Fn() -> bool) -> Result<()> {
        let wanted: serde_json::Value = serde_json::from_str(&job.payload).unwrap_or_default();
        let found = self.db.read(|tx| Ok((rules::current(tx, self)?, progress(tx)?)))?;
        let (rules, Some(mut state)) = found else { return self.refold_over(job, None) };
        if wanted["version"] != json!(rules.version) || state.version != rules.version {
            // Newer rules have a job of their own, which looks at everything.
            return self.refold_over(job, None);
        }
        let mut walk = Walk::from(state.after, state.done);
        while let Some(seeds) = self.db.read(|tx| walk.seeds(tx))? {
            if stop() {
                self.db.write(|tx| job::release(tx, job, self.now()))?;
                return Ok(());
            }
            if !job::heartbeat(&self.db, job, self.now(), LEASE_MS)? {
                return Err(Problem::conflict("lease_lost", "another worker took the job over"));
            }
            // What the work itself adds is looked at as well.
            (state.done, state.after) = (walk.done.min(state.total), walk.after);
            if !self.refold_part(&rules, &mut walk, &seeds, &mut state)? {
                return self.refold_over(job, None);
            }
        }
        tracing::info!(version = state.version, moved = state.moved, "identity rules applied to what was there before");
        self.refold_over(job, Some(RefoldProgress { finished: true, done: state.total, ..state }))
    }

    fn refold_over(&self, job: &Job, state: Option<RefoldProgress>) -> Result<()> {
        self.db.write(|tx| {
            if let Some(state) = &state {
                put(tx, state)?;
            }
            job::complete(tx, job, self.now())
        })?;
        self.tasks.ring();
        Ok(())
    }

    /// Folds the part around some identifiers anew. `false` when newer rules came into force.
    fn refold_part(
        &self,
        rules: &Rules,
        walk: &mut Walk,
        seeds: &[NodeState],
        state: &mut RefoldProgress,
    ) -> Result<bool> {
        let ids: Vec<IdentifierId> = seeds.iter().map(|n| n.id).collect();
        // Most parts stay as they are: that is found out without the writer.
        let (part, changes) = self.db.read(|tx| {
            let part = Part::around(tx, seeds.to_vec())?;
            let folded = part.refold(rules, &mut || self.ids.next());
            let changes = !is_empty(&folded.resolution) || !reviews_agree(tx, &part, &folded.reviews)?;
            Ok((part, changes))
        })?;
        walk.note(&part);
        let on = self.db.write(|tx| {
            if rules::current(tx, self)?.version != rules.version {
                return Ok(None);
            }
            let moved = if changes { apply(tx, self, rules, &ids)? } else { 0 };
            put(tx, &RefoldProgress { moved: state.moved + moved, ..state.clone() })?;
            Ok(Some(moved))
        })?;
        state.moved += on.unwrap_or(0);
        Ok(on.is_some())
    }
}

/// Folds the part as the transaction sees it and writes the difference; returns how many lines moved.
fn apply(tx: &mut Tx<'_>, app: &App, rules: &Rules, ids: &[IdentifierId]) -> Stored<i64> {
    let seeds = store::nodes_by_id(tx, ids)?;
    let part = Part::around(tx, seeds)?;
    let Refolded { graph, resolution, reviews } = part.refold(rules, &mut || app.ids.next());
    let cause = Cause::Rules(rules.version);
    write::delta(tx, app, &resolution, cause)?;
    reissue(tx, app, &part, &reviews, cause)?;
    let moved = part.moved(&graph);
    let touched: BTreeSet<PersonId> = moved
        .iter()
        .flat_map(|(_, was, is)| [*was, *is])
        .chain(resolution.new_nodes.iter().map(|n| n.person))
        .collect();
    summarise(tx, app, &touched.into_iter().collect::<Vec<_>>())?;
    Ok(moved.len() as i64)
}

fn is_item(row: &ReviewRow, item: &ReviewItem) -> bool {
    (row.kind.as_str(), row.a, row.b) == (item.kind.as_str(), item.a, item.b)
}

/// Items about the part that rules raise. A matcher's items are nobody's to take back here.
fn items_of(tx: &mut Tx<'_>, part: &Part) -> Stored<Vec<ReviewRow>> {
    let ids: Vec<IdentifierId> = part.nodes.iter().map(|n| n.id).collect();
    let mut rows = store::reviews_of_nodes(tx, &ids)?;
    rows.retain(|r| r.kind != "probable");
    Ok(rows)
}

fn reviews_agree(tx: &mut Tx<'_>, part: &Part, wanted: &[ReviewItem]) -> Stored<bool> {
    let open = items_of(tx, part)?;
    let all_wanted = open.iter().all(|row| wanted.iter().any(|item| is_item(row, item)));
    Ok(all_wanted && wanted.iter().all(|item| open.iter().any(|row| is_item(row, item))))
}

/// Closes what the rules in force do not raise, and raises what they do. What somebody decided stays decided.
fn reissue(tx: &mut Tx<'_>, app: &App, part: &Part, wanted: &[ReviewItem], cause: Cause<'_>) -> Stored<()> {
    let stale: Vec<ReviewId> = items_of(tx, part)?
        .into_iter()
        .filter(|row| !wanted.iter().any(|item| is_item(row, item)))
        .map(|row| row.id)
        .collect();
    for id in stale {
        store::review_decide(tx, id, SUPERSEDED, "rules", "", app.now())?;
    }
    for item in wanted {
        store::review_reopen(tx, item.kind.as_str(), item.a, item.b, SUPERSEDED)?;
    }
    write::reviews(tx, app, wanted, cause)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::json;
    use throughline_base::FixedClock;
    use throughline_domain::event::RawEvent;

    use super::*;
    use crate::Settings;
    use crate::team::Caller;

    #[test]
    fn a_change_that_was_stopped_half_way_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at_ms(1_795_132_800_000));
        let app = App::open(Settings::new(folder.path()), clock).unwrap();
        let source = app.source_create(&Caller::cli(), "server", "server", None).unwrap().source;
        let raws: Vec<RawEvent> = (0..1_200)
            .map(|i| {
                let email = json!({"namespace": "email", "value": format!("e{}@example.com", i / 2)});
                serde_json::from_value(json!({"kind": "identify", "user_id": format!("u{i}"), "ids": [email]})).unwrap()
            })
            .collect();
        app.collect_wait(app.collect_raw(&source, raws, app.now())).unwrap();
        let mut rules = app.identity_rules().unwrap().rules;
        rules.namespaces[0].max_per_person = None;
        let rules = serde_json::to_value(rules).unwrap();
        app.identity_rules_put(&Caller::cli(), &rules, "").unwrap();

        let asked = Cell::new(0);
        let third_time = || {
            asked.set(asked.get() + 1);
            asked.get() == 3
        };
        assert!(app.identity_refold_once("a", &third_time).unwrap());
        let half = app.identity_rules().unwrap().refold.unwrap();
        assert!(!half.finished && half.done > 0 && half.done < half.total, "{half:?}");
        app.identity_refold_all().unwrap();
        let over = app.identity_rules().unwrap().refold.unwrap();
        assert!(over.finished && over.done == over.total && over.moved > half.moved, "{over:?}");
        let person = |user: &str| app.person_by_identifier("user_id", user).unwrap();
        assert!((0..600).all(|i| person(&format!("u{}", 2 * i)) == person(&format!("u{}", 2 * i + 1))));
        app.close();
    }
}
