//! The event history: sealing hot events into the lake, snapshots for reports, compaction, verification.
//!
//! Sealing is atomic: files first, then one small transaction moves the watermark and writes the manifest. Hot rows at
//! or below the watermark are invisible at once and deleted in small steps later, so the writer never waits long. A
//! query reads watermark, hot rows and manifest in one transaction and so sees each event exactly once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use throughline_base::id::id_created_at;
use throughline_base::{EventId, IdentifierId, LakeFileId, PersonId, Problem, Timestamp};
use throughline_domain::identity::SliceState;
use throughline_lake::{
    CompactPolicy, HotRows, LakeFile, LakeRow, LineMap, NOBODY, Slice, Snapshot, Target, VerifyReport,
};
use throughline_store::event::{self as events, HotEvent};
use throughline_store::history::{self as rows, FileRow};
use throughline_store::privacy::{self, Span};
use throughline_store::{Tx, identity};

use crate::background::Watch;
use crate::person::timeline::lake_row;
use crate::{App, Result, react};

/// Events sealed in one step: bounds the memory it takes.
const STEP_EVENTS: u32 = 50_000;
/// Hot rows deleted in one transaction.
const DELETE_EVENTS: u32 = 1_000;
/// How far ahead of the clock an id can be without the clock having been set back.
const AHEAD_MS: i64 = 10 * 60_000;
/// Hot events are sealed at least this often, however few they are.
const SEAL_AT_LEAST_MS: i64 = 24 * 3_600_000;

/// What sealing did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Sealed {
    /// Events.
    pub events: u64,
    /// Files.
    pub files: u64,
}

/// What compaction did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// Files that came.
    pub new_files: u64,
    /// Files that went.
    pub replaced: u64,
    /// Rows that stand under their person for good now.
    pub moved_rows: u64,
    /// Rows of erased people that are gone for good now.
    pub erased_rows: u64,
}

/// A month of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LakeMonth {
    /// `year * 100 + month`.
    pub month: i64,
    /// Files.
    pub files: u64,
    /// Events.
    pub rows: i64,
    /// Bytes.
    pub bytes: i64,
}

/// The state of the history.
#[derive(Debug, Clone, Serialize)]
pub struct LakeStatus {
    /// Where it lies.
    pub url: String,
    /// Files.
    pub files: u64,
    /// Sealed events.
    pub rows: i64,
    /// Bytes.
    pub bytes: i64,
    /// Events not sealed yet.
    pub hot_events: i64,
    /// By month.
    pub months: Vec<LakeMonth>,
    /// Lines that moved since their events were written.
    pub overrides: u64,
    /// Last sealing.
    pub last_seal_at: Option<Timestamp>,
    /// When the waiting events are sealed at the latest; more of them bring it forward.
    pub next_seal_at: Option<Timestamp>,
}

/// Seals, compacts and clears away until the process stops.
pub(crate) fn keep(app: &Arc<App>, mut watch: Watch) {
    while !watch.is_stopping() {
        let outcome = app.history_step();
        match outcome {
            Ok(true) => {}
            Ok(false) => watch.wait(Duration::from_secs(2)),
            Err(e) => {
                tracing::warn!(error = %e, "the event history could not be kept; nothing is lost, it tries again");
                watch.wait(Duration::from_secs(10));
            }
        }
    }
}

impl App {
    /// One step of upkeep; says whether there may be more to do.
    fn history_step(&self) -> Result<bool> {
        if self.hot_clear_step()? {
            return Ok(true);
        }
        let extent = self.db.read(|tx| {
            let after = events::sealed_through(tx)?;
            events::hot_extent(tx, after)
        })?;
        let now = self.now();
        // The id tells when we recorded it; the time of receipt may be one that an import or the demo gives.
        let waited = extent.first.map_or(0, |id| now.since(id_created_at(id.get())).abs());
        // Under pressure, sealing waits until as long again has gathered: else every step would seal the few events that
        // came of age since the last one, a file a partition each time.
        let pressing = extent.count >= self.settings.seal_rows && waited >= 2 * self.settings.seal_after_ms;
        let due = pressing || (extent.count > 0 && waited > SEAL_AT_LEAST_MS);
        if due && self.seal_step(now.plus_ms(-self.settings.seal_after_ms))?.events > 0 {
            return Ok(true);
        }
        self.trash_clear()?;
        // Erasures do so themselves; this is for what was being sealed at that moment.
        if self.db.read(has_erased)? && self.compact_erased()?.replaced > 0 {
            return Ok(true);
        }
        let policy =
            CompactPolicy { min_files: self.settings.compact_files, apply_line_map: false, ..CompactPolicy::default() };
        Ok(self.compact_step(&policy)?.replaced > 0)
    }

    /// Deletes some hot rows that are sealed; says whether there were any.
    fn hot_clear_step(&self) -> Result<bool> {
        let n = self.db.write(|tx| {
            let through = events::sealed_through(tx)?;
            events::hot_delete_sealed(tx, through, DELETE_EVENTS)
        })?;
        Ok(n > 0)
    }

    /// Seals every event that the follower has seen.
    ///
    /// # Errors
    /// When store or lake fail; sealed steps stay sealed.
    pub fn seal_all(&self) -> Result<Sealed> {
        self.react_all()?;
        let mut total = Sealed::default();
        loop {
            let step = self.seal_step(Timestamp::from_ms(i64::MAX))?;
            if step.events == 0 {
                break;
            }
            total.events += step.events;
            total.files += step.files;
        }
        while self.hot_clear_step()? {}
        Ok(total)
    }

    /// Seals one step of events received before `before`.
    fn seal_step(&self, before: Timestamp) -> Result<Sealed> {
        let _one_at_a_time = self.seal_lock.lock();
        let now = self.now();
        let (after, batch, placed) = self.db.read(|tx| {
            let after = events::sealed_through(tx)?;
            let seen = react::cursor(tx)?;
            let mut batch = events::hot_after(tx, after, STEP_EVENTS)?;
            // Ids that lie ahead of the clock are those of a clock that was set back: they have waited long enough.
            let ahead = now.plus_ms(AHEAD_MS);
            let is_due = |e: &HotEvent| {
                let made = id_created_at(e.id.get());
                e.id <= seen && (made <= before || made > ahead)
            };
            batch.truncate(batch.iter().position(|e| !is_due(e)).unwrap_or(batch.len()));
            let placed = Placement::of(tx, batch.iter().map(|e| e.line))?;
            Ok((after, batch, placed))
        })?;
        let Some(last) = batch.last().map(|e| e.id) else { return Ok(Sealed::default()) };
        let lines: BTreeSet<IdentifierId> = batch.iter().map(|e| e.line).collect();
        let written: BTreeSet<(IdentifierId, PersonId)> =
            batch.iter().map(|e| (e.line, placed.person(e.line, e.event_at))).collect();
        let n = batch.len() as u64;
        let lake_rows: Vec<LakeRow> = batch
            .into_iter()
            .map(|e: HotEvent| {
                let person = placed.person(e.line, e.event_at);
                lake_row(e, person)
            })
            .collect();
        let files = self.lake.write(&lake_rows, now)?;
        drop(lake_rows);
        let sealed = self.db.write(|tx| {
            if events::sealed_through(tx)? != after {
                return Ok(false);
            }
            rows::files_insert(tx, &files.iter().map(|f| file_row(f, now)).collect::<Vec<_>>())?;
            // Whoever was merged or split while the files were written is looked for under the person written.
            let current = Placement::of(tx, lines.iter().copied())?;
            // So is whoever was erased meanwhile.
            let erased = erased_lines(tx, &lines)?;
            let moved: Vec<(IdentifierId, PersonId)> =
                written.iter().filter(|(l, p)| !current.is_only(*l, *p) || erased.contains(l)).copied().collect();
            rows::overrides_insert(tx, &moved, self.ids.next())?;
            events::setting_put(tx, "sealed_through", &last.get().to_string())?;
            events::setting_put(tx, "last_seal_at", &now.ms().to_string())?;
            events::counter_add(tx, "sealed_events", n as i64)?;
            Ok(true)
        })?;
        if !sealed {
            tracing::info!("another process sealed the same events; what this one wrote is removed");
            self.lake.delete(files.iter().map(|f| f.path.as_str()))?;
            return Ok(Sealed::default());
        }
        self.meter.sealed.fetch_add(n, Ordering::Relaxed);
        tracing::info!(events = n, files = files.len(), "events sealed");
        Ok(Sealed { events: n, files: files.len() as u64 })
    }

    /// Compacts until nothing is worth it, applying merges, splits and erasures for good.
    ///
    /// # Errors
    /// When store or lake fail; finished steps stay.
    pub fn compact_all(&self) -> Result<Compacted> {
        let policy = CompactPolicy { min_files: 2, apply_line_map: true, ..CompactPolicy::default() };
        let mut total = Compacted::default();
        loop {
            let step = self.compact_step(&policy)?;
            total.new_files += step.new_files;
            total.replaced += step.replaced;
            total.moved_rows += step.moved_rows;
            total.erased_rows += step.erased_rows;
            if step.replaced == 0 {
                return Ok(total);
            }
        }
    }

    /// Rewrites every file that holds rows of erased lines or spans without them. Merges and splits are left for later.
    ///
    /// # Errors
    /// As [`App::compact_all`].
    pub(crate) fn compact_erased(&self) -> Result<Compacted> {
        let policy = CompactPolicy { min_files: usize::MAX, apply_line_map: true, ..CompactPolicy::default() };
        let mut total = Compacted::default();
        loop {
            let step = self.compact_lines(&policy, true)?;
            total.new_files += step.new_files;
            total.replaced += step.replaced;
            total.erased_rows += step.erased_rows;
            if step.replaced == 0 {
                return Ok(total);
            }
        }
    }

    fn compact_step(&self, policy: &CompactPolicy) -> Result<Compacted> {
        self.compact_lines(policy, false)
    }

    /// One step of compaction that knows of every moved line, or of the erased ones alone.
    fn compact_lines(&self, policy: &CompactPolicy, erased_only: bool) -> Result<Compacted> {
        let _one_at_a_time = self.seal_lock.lock();
        let (files, map, known) = self.db.read(|tx| {
            let mut known = rows::overrides(tx)?;
            if erased_only {
                let lines = known.iter().map(|(line, _, _)| *line).collect();
                let erased = erased_lines(tx, &lines)?;
                known.retain(|(line, _, _)| erased.contains(line));
            }
            Ok((manifest(tx)?, line_map(tx, &known)?, known))
        })?;
        let now = self.now();
        let done = self.lake.compact(&files, &map, policy, now)?;
        let applied = policy.apply_line_map && !done.more;
        if done.replaced.is_empty() && (known.is_empty() || !applied) {
            return Ok(Compacted::default());
        }
        self.db.write(|tx| {
            let paths: Vec<String> = done.replaced.iter().map(|f| f.path.clone()).collect();
            if rows::files_replace(tx, &paths, now)? != paths.len() as u64 {
                return Err(Problem::conflict("manifest_changed", "another node compacted the same files").into());
            }
            rows::files_insert(tx, &done.new_files.iter().map(|f| file_row(f, now)).collect::<Vec<_>>())?;
            if applied {
                let newest = known.iter().map(|(_, _, v)| *v).max().unwrap_or(0);
                let pairs: Vec<(IdentifierId, PersonId)> = known.iter().map(|(l, p, _)| (*l, *p)).collect();
                rows::overrides_forget(tx, &pairs, newest)?;
            }
            Ok(())
        })?;
        tracing::info!(replaced = done.replaced.len(), new = done.new_files.len(), "history compacted");
        Ok(Compacted {
            new_files: done.new_files.len() as u64,
            replaced: done.replaced.len() as u64,
            moved_rows: done.moved_rows,
            erased_rows: done.erased_rows,
        })
    }

    /// Removes replaced files that no report can be reading any more.
    pub(crate) fn trash_clear(&self) -> Result<()> {
        let before = self.now().plus_ms(-self.settings.trash_ms);
        let paths = self.db.read(|tx| rows::trash(tx, before))?;
        if paths.is_empty() {
            return Ok(());
        }
        self.lake.delete(paths.iter().map(String::as_str))?;
        self.db.write(|tx| rows::trash_forget(tx, &paths))?;
        Ok(())
    }

    /// Reads every file and compares it with the manifest. Files that wait to be removed are no orphans.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lake_verify(&self) -> Result<VerifyReport> {
        let (files, known) = self.db.read(|tx| Ok((manifest(tx)?, rows::known_paths(tx)?)))?;
        let mut report = self.lake.verify(&files)?;
        report.orphans.retain(|o| !known.contains(&o.path));
        Ok(report)
    }

    /// As [`App::lake_verify`], failing with what is found.
    ///
    /// # Errors
    /// `lake_unsound`, naming the first files with their faults.
    pub fn lake_sound(&self) -> Result<()> {
        let report = self.lake_verify()?;
        if report.is_sound() {
            return Ok(());
        }
        let list: Vec<String> =
            report.findings.iter().take(5).map(|f| format!("{}: {:?}: {}", f.path, f.fault, f.detail)).collect();
        let detail = format!(
            "{} of {} files are not as they were written; restore them from a copy of the history: {}",
            report.findings.len(),
            report.files,
            list.join("; ")
        );
        Err(Problem::internal("lake_unsound", detail))
    }

    /// Where the files are: what other engines are pointed at.
    #[must_use]
    pub fn lake_path(&self) -> String {
        self.lake.path()
    }

    /// The state of the history.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lake_status(&self) -> Result<LakeStatus> {
        let (files, hot, overrides, last) = self.db.read(|tx| {
            let after = events::sealed_through(tx)?;
            Ok((
                rows::files(tx)?,
                events::hot_extent(tx, after)?,
                rows::overrides(tx)?.len(),
                events::setting_get(tx, "last_seal_at")?,
            ))
        })?;
        let mut months: BTreeMap<i64, LakeMonth> = BTreeMap::new();
        for f in &files {
            let m = months.entry(f.month).or_insert(LakeMonth { month: f.month, files: 0, rows: 0, bytes: 0 });
            m.files += 1;
            m.rows += f.rows;
            m.bytes += f.bytes;
        }
        Ok(LakeStatus {
            url: self.lake.path(),
            files: files.len() as u64,
            rows: files.iter().map(|f| f.rows).sum(),
            bytes: files.iter().map(|f| f.bytes).sum(),
            hot_events: hot.count,
            months: months.into_values().collect(),
            overrides: overrides as u64,
            last_seal_at: last.and_then(|t| t.parse().ok()).map(Timestamp::from_ms),
            next_seal_at: hot.first.map(|id| {
                let wait =
                    if hot.count >= self.settings.seal_rows { self.settings.seal_after_ms } else { SEAL_AT_LEAST_MS };
                id_created_at(id.get()).plus_ms(wait)
            }),
        })
    }

    /// The sealed part of a snapshot, to be taken in the transaction that also reads the hot rows.
    pub(crate) fn sealed_snapshot(&self, tx: &mut Tx<'_>) -> throughline_store::Result<Snapshot> {
        let files = manifest(tx)?;
        let overrides = rows::overrides(tx)?;
        let map = line_map(tx, &overrides)?;
        Ok(Snapshot { files: files.into(), hot: Arc::default(), line_map: Arc::new(map) })
    }

    /// A whole snapshot for reports: manifest, what identity changed since, and the columns of hot events that reports
    /// read. `properties_of` names the interned names whose properties are read too.
    pub(crate) fn snapshot(&self, properties_of: &BTreeSet<i64>) -> Result<Snapshot> {
        let mut found: Vec<(LakeRow, IdentifierId)> = Vec::new();
        let mut snapshot = self.db.read(|tx| {
            found.clear();
            let after = events::sealed_through(tx)?;
            events::hot_scan(tx, after, |r, order, properties| {
                let row = LakeRow {
                    event_id: r.id,
                    event_at: r.event_at,
                    line_id: r.line,
                    source_id: r.source_id,
                    name_id: r.name_id as i32,
                    touch_id: r.touch_id as i32,
                    value_minor: r.value_minor,
                    bot: r.flags & events::FLAG_BOT != 0,
                    order_id: order.map(str::to_owned),
                    properties: if properties_of.contains(&r.name_id) { properties.to_owned() } else { String::new() },
                    ..LakeRow::default()
                };
                found.push((row, IdentifierId::new(r.line)));
                Ok(())
            })?;
            let placed = Placement::of(tx, found.iter().map(|(_, l)| *l))?;
            for (row, line) in &mut found {
                row.person_id = placed.person(*line, Timestamp::from_ms(row.event_at)).get();
            }
            self.sealed_snapshot(tx)
        })?;
        let hot: HotRows = found.iter().map(|(r, _)| r).collect();
        snapshot.hot = Arc::new(hot);
        Ok(snapshot)
    }
}

/// The manifest as the lake knows it.
fn manifest(tx: &mut Tx<'_>) -> throughline_store::Result<Vec<LakeFile>> {
    rows::files(tx)?
        .into_iter()
        .map(|f| {
            serde_json::from_str(&f.entry).map_err(|_| {
                throughline_store::StoreError::internal(format!("the manifest entry of {} cannot be read", f.path))
            })
        })
        .collect()
}

/// The manifest row of a file.
///
/// # Panics
/// Never: a manifest entry is plain data.
#[must_use]
pub fn file_row(f: &LakeFile, now: Timestamp) -> FileRow {
    FileRow {
        id: LakeFileId::new(f.id),
        path: f.path.clone(),
        entry: serde_json::to_string(f).expect("a manifest entry is plain data"),
        rows: f.rows as i64,
        bytes: f.bytes as i64,
        month: i64::from(f.month),
        bucket: i64::from(f.bucket),
        sealed_at: now,
    }
}

/// Where the rows of moved and erased lines belong now.
fn line_map(tx: &mut Tx<'_>, overrides: &[(IdentifierId, PersonId, i64)]) -> throughline_store::Result<LineMap> {
    let mut under: BTreeMap<IdentifierId, Vec<i64>> = BTreeMap::new();
    for (line, person, _) in overrides {
        under.entry(*line).or_default().push(person.get());
    }
    let erased: BTreeSet<IdentifierId> = rows::erased_pending(tx)?.into_iter().collect();
    let mut spans: BTreeMap<IdentifierId, Vec<Span>> = BTreeMap::new();
    for span in privacy::spans_pending(tx)? {
        spans.entry(span.line).or_default().push(span);
    }
    let placed = Placement::of(tx, under.keys().copied())?;
    let mut map = LineMap::new();
    for (line, under) in under {
        let target = if erased.contains(&line) {
            Target::Erased
        } else {
            placed.target(line, spans.get(&line).map_or(&[][..], Vec::as_slice))
        };
        map.insert(line.get(), target, &under);
    }
    Ok(map)
}

/// Which of these lines are erased, as a whole or in a span.
fn erased_lines(tx: &mut Tx<'_>, lines: &BTreeSet<IdentifierId>) -> throughline_store::Result<BTreeSet<IdentifierId>> {
    let lines: Vec<IdentifierId> = lines.iter().copied().collect();
    let mut erased: BTreeSet<IdentifierId> = rows::erased_among(tx, &lines)?.into_iter().collect();
    erased.extend(privacy::spans_of(tx, &lines)?.into_iter().map(|s| s.line));
    Ok(erased)
}

/// Whether sealed files may hold rows of erased lines or spans though no erasure is under way.
fn has_erased(tx: &mut Tx<'_>) -> throughline_store::Result<bool> {
    let left = !rows::erased_pending(tx)?.is_empty() || !privacy::spans_pending(tx)?.is_empty();
    Ok(left && privacy::unfinished(tx, "erase")?.is_empty())
}

/// Whose the events of some lines are.
pub(crate) struct Placement {
    persons: HashMap<IdentifierId, PersonId>,
    slices: HashMap<IdentifierId, Vec<SliceState>>,
}

impl Placement {
    pub(crate) fn of(tx: &mut Tx<'_>, lines: impl Iterator<Item = IdentifierId>) -> throughline_store::Result<Self> {
        let lines: Vec<IdentifierId> = lines.collect::<BTreeSet<_>>().into_iter().collect();
        let mut slices: HashMap<IdentifierId, Vec<SliceState>> = HashMap::new();
        let mut needed = lines.clone();
        for s in identity::slices_of_nodes(tx, &lines)? {
            needed.push(s.line);
            slices.entry(s.node).or_default().push(s);
        }
        needed.sort_unstable();
        needed.dedup();
        let persons = identity::persons_of_lines(tx, &needed)?.into_iter().collect();
        Ok(Self { persons, slices })
    }

    fn base(&self, line: IdentifierId) -> PersonId {
        self.persons.get(&line).copied().unwrap_or_else(|| PersonId::new(line.get()))
    }

    pub(crate) fn person(&self, line: IdentifierId, at: Timestamp) -> PersonId {
        let slice = self.slices.get(&line).and_then(|all| all.iter().find(|s| s.covers(at)));
        slice.map_or_else(|| self.base(line), |s| self.base(s.line))
    }

    /// Whether every event of the line is this person's.
    fn is_only(&self, line: IdentifierId, person: PersonId) -> bool {
        self.base(line) == person
            && self.slices.get(&line).is_none_or(|all| all.iter().all(|s| self.base(s.line) == person))
    }

    /// Where the rows of a line belong; its erased spans come first.
    fn target(&self, line: IdentifierId, erased: &[Span]) -> Target {
        let ms = |from: Option<Timestamp>, to: Option<Timestamp>| {
            (from.map_or(i64::MIN, Timestamp::ms), to.map_or(i64::MAX, Timestamp::ms))
        };
        let slice = |(from_ms, to_ms), person_id| Slice { from_ms, to_ms, person_id };
        let own = self.slices.get(&line).map_or(&[][..], Vec::as_slice);
        let slices: Vec<Slice> = erased
            .iter()
            .map(|s| slice(ms(s.from_at, s.to_at), NOBODY))
            .chain(own.iter().map(|s| slice(ms(s.from_at, s.to_at), self.base(s.line).get())))
            .collect();
        let base = self.base(line).get();
        if slices.is_empty() { Target::Person(base) } else { Target::Slices { base, slices } }
    }
}

/// Notes where sealed events of lines whose person or slices change must be looked for. To be called *before* the
/// change is written: it reads who they belong to until now.
pub(crate) fn note_moves(tx: &mut Tx<'_>, app: &App, lines: &BTreeSet<IdentifierId>) -> throughline_store::Result<()> {
    let through = events::sealed_through(tx)?;
    // Events of a line come after the line itself: a line younger than the watermark has no sealed events.
    let old: Vec<IdentifierId> = lines.iter().filter(|l| EventId::new(l.get()) <= through).copied().collect();
    // Devices whose slices lead to these lines have events under the same persons.
    let mut all = old;
    let mut leading: Vec<IdentifierId> = lines.iter().copied().collect();
    leading.sort_unstable();
    all.extend(identity::slices_of_lines(tx, &leading)?.into_iter().map(|s| s.node));
    all.retain(|l| EventId::new(l.get()) <= through);
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        return Ok(());
    }
    let placed = Placement::of(tx, all.iter().copied())?;
    let mut written: BTreeSet<(IdentifierId, PersonId)> = BTreeSet::new();
    for line in all {
        written.insert((line, placed.base(line)));
        for s in placed.slices.get(&line).into_iter().flatten() {
            written.insert((line, placed.base(s.line)));
        }
    }
    let pairs: Vec<(IdentifierId, PersonId)> = written.into_iter().collect();
    rows::overrides_insert(tx, &pairs, app.ids.next())?;
    Ok(())
}
