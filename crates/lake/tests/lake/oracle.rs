//! Whatever is sealed, moved, erased and compacted in whatever order: a query sees every event exactly once, under the
//! person it belongs to now, in order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use tempfile::TempDir;
use throughline_base::Rng;
use throughline_lake::{
    Column, ColumnSet, CompactPolicy, Lake, LakeError, LakeFile, LakeRow, LineMap, PersonRead, ScanRequest, Slice,
    Target,
};

use crate::support::{Collect, DAY_MS, NOW_MS, Seen, config, event, now, open, seen, snapshot};

/// One thing that happens to the history.
#[derive(Debug, Clone)]
enum Step {
    /// Events arrive and stay hot.
    Arrive(u8),
    /// Hot events are sealed, all or half of them.
    Seal { half: bool },
    /// A line gets a new person.
    Move { line: i64, person: i64 },
    /// A line is shared over time.
    Share { line: i64, base: i64, person: i64, from_day: i64 },
    /// A line is erased.
    Erase { line: i64 },
    /// Files are compacted until there is no more to do.
    Compact { min_files: usize, max_rows: u64, apply: bool, forget: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..120_u8).prop_map(Step::Arrive),
        4 => any::<bool>().prop_map(|half| Step::Seal { half }),
        3 => (1..16_i64, 1..10_i64).prop_map(|(line, person)| Step::Move { line, person }),
        1 => (1..16_i64, 1..10_i64, 1..10_i64, 0..45_i64)
            .prop_map(|(line, base, person, from_day)| Step::Share { line, base, person, from_day }),
        1 => (1..16_i64).prop_map(|line| Step::Erase { line }),
        2 => (1..4_usize, prop_oneof![Just(30_u64), Just(300), Just(1_000_000)], any::<bool>(), any::<bool>())
            .prop_map(|(min_files, max_rows, apply, forget)| Step::Compact { min_files, max_rows, apply, forget }),
    ]
}

/// The caller's side: the manifest, the hot events, the line map; and beside it the plain truth.
struct World {
    lake: Lake,
    _folder: TempDir,
    rng: Rng,
    files: Vec<LakeFile>,
    hot: Vec<LakeRow>,
    map: LineMap,
    next_id: i64,
    line_now: HashMap<i64, Target>,
    written_under: HashMap<i64, BTreeSet<i64>>,
    /// Every event that is not erased, with the person of now.
    truth: BTreeMap<i64, LakeRow>,
}

fn person_of(target: &Target, at: i64) -> Option<i64> {
    match target {
        Target::Person(p) => Some(*p),
        Target::Slices { base, slices } => {
            Some(slices.iter().find(|s| s.from_ms <= at && at < s.to_ms).map_or(*base, |s| s.person_id))
        }
        Target::Erased => None,
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            lake: open(config(&folder)),
            _folder: folder,
            rng: Rng::seeded(seed),
            files: Vec::new(),
            hot: Vec::new(),
            map: LineMap::new(),
            next_id: 1,
            line_now: HashMap::new(),
            written_under: HashMap::new(),
            truth: BTreeMap::new(),
        }
    }

    fn arrive(&mut self, n: u8) {
        for _ in 0..n {
            let line = 1 + self.rng.below(15) as i64;
            let mut row = event(&mut self.rng, self.next_id, 0, line);
            // A line starts with a person of its own; from then on the person of the day is what identity last said.
            let first = Target::Person(1 + line % 9);
            let Some(person) = person_of(self.line_now.get(&line).unwrap_or(&first), row.event_at) else { continue };
            row.person_id = person;
            self.next_id += 1;
            self.written_under.entry(line).or_default().insert(person);
            self.truth.insert(row.event_id, row.clone());
            self.hot.push(row);
        }
    }

    fn change(&mut self, line: i64, target: Target) {
        if self.line_now.get(&line) == Some(&Target::Erased) {
            return;
        }
        let under = self.written_under.entry(line).or_default();
        self.map.insert(line, target.clone(), &under.iter().copied().collect::<Vec<_>>());
        match &target {
            Target::Person(p) => {
                under.insert(*p);
            }
            Target::Slices { base, slices } => {
                under.insert(*base);
                under.extend(slices.iter().map(|s| s.person_id));
            }
            Target::Erased => {}
        }
        self.truth.retain(|_, row| {
            if row.line_id == line {
                match person_of(&target, row.event_at) {
                    Some(person) => row.person_id = person,
                    None => return false,
                }
            }
            true
        });
        self.line_now.insert(line, target);
    }

    fn compact(&mut self, policy: &CompactPolicy, forget: bool) {
        loop {
            let before = self.files.len();
            let done = self.lake.compact(&self.files, &self.map, policy, now()).unwrap();
            let gone: Vec<i64> = done.replaced.iter().map(|f| f.id).collect();
            self.files.retain(|f| !gone.contains(&f.id));
            assert_eq!(self.files.len() + gone.len(), before, "only live files are replaced");
            self.files.extend(done.new_files);
            self.check_scan();
            self.lake.delete(done.replaced.iter().map(|f| f.path.as_str())).unwrap();
            if !done.more {
                break;
            }
            assert!(!gone.is_empty(), "more to do, but nothing done");
        }
        // The hot events still need the map unless the caller brings them up to date too.
        if forget && policy.apply_line_map {
            self.hot = self.hot.iter().filter_map(|r| self.truth.get(&r.event_id)).cloned().collect();
            self.map = LineMap::new();
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Arrive(n) => self.arrive(n),
            Step::Seal { half } => {
                let cut = if half { self.hot.len() / 2 } else { self.hot.len() };
                let sealed: Vec<LakeRow> = self.hot.drain(..cut).collect();
                self.files.extend(self.lake.write(&sealed, now()).unwrap());
            }
            Step::Move { line, person } => self.change(line, Target::Person(person)),
            Step::Share { line, base, person, from_day } => {
                let from_ms = NOW_MS - from_day * DAY_MS;
                let slices = vec![Slice { from_ms, to_ms: from_ms + 20 * DAY_MS, person_id: person }];
                self.change(line, Target::Slices { base, slices });
            }
            Step::Erase { line } => self.change(line, Target::Erased),
            Step::Compact { min_files, max_rows, apply, forget } => {
                self.compact(&CompactPolicy { min_files, max_rows, apply_line_map: apply }, forget);
            }
        }
        self.check();
    }

    fn expected(&self, keep: impl Fn(&LakeRow) -> bool) -> Vec<Seen> {
        let mut all: Vec<Seen> = self.truth.values().filter(|r| keep(r)).map(seen).collect();
        all.sort();
        all
    }

    fn scanned(&self, request: &ScanRequest) -> Vec<Seen> {
        let snapshot = snapshot(&self.files, &self.hot, &self.map);
        let visitors = self.lake.scan(&snapshot, request, 3, |_| Collect::default()).unwrap();
        let mut persons: Vec<i64> = visitors.iter().flat_map(|v| v.persons.iter().copied()).collect();
        let count = persons.len();
        persons.sort_unstable();
        persons.dedup();
        assert_eq!(persons.len(), count, "a person came twice");
        let mut all = Vec::new();
        for visitor in visitors {
            for person in visitor.rows.chunk_by(|a, b| a.0 == b.0) {
                assert!(person.is_sorted_by_key(|r| (r.1, r.2)), "rows of a person out of order");
            }
            all.extend(visitor.rows);
        }
        all.sort();
        all
    }

    fn check(&mut self) {
        self.check_scan();
        self.check_person();
        self.check_rows();
        let report = self.lake.verify(&self.files).unwrap();
        assert!(report.is_sound(), "{report:?}");
    }

    fn check_scan(&self) {
        use Column::{EventId, NameId, OrderId, TouchId, ValueMinor};
        let mut request = ScanRequest::columns(&[EventId, NameId, TouchId, ValueMinor, OrderId]);
        assert_eq!(self.scanned(&request), self.expected(|_| true));
        let (from, to) = (NOW_MS - 30 * DAY_MS, NOW_MS - 4 * DAY_MS);
        (request.from_ms, request.to_ms) = (from, to);
        request.name_ids = Some(vec![3, 1]);
        request.exclude_bots = true;
        let keep = |r: &LakeRow| (from..to).contains(&r.event_at) && [1, 3].contains(&r.name_id) && !r.bot;
        assert_eq!(self.scanned(&request), self.expected(keep));
    }

    fn check_person(&mut self) {
        let snapshot = snapshot(&self.files, &self.hot, &self.map);
        let mut read = PersonRead::newest(1 + self.rng.below(9) as i64, 1 + self.rng.below(20) as usize);
        read.newest_first = self.rng.chance(0.5);
        if self.rng.chance(0.3) {
            read.from_ms = NOW_MS - self.rng.below(40) as i64 * DAY_MS;
        }
        let mut want: Vec<LakeRow> = self.truth.values().filter(|r| r.person_id == read.person_id).cloned().collect();
        want.retain(|r| r.event_at >= read.from_ms);
        want.sort_by_key(|r| (r.event_at, r.event_id));
        if read.newest_first {
            want.reverse();
        }
        let mut got = Vec::new();
        loop {
            let page = self.lake.read_person(&snapshot, &read).unwrap();
            assert!(page.len() <= read.limit);
            let Some(last) = page.last() else { break };
            read.after = Some((last.event_at, last.event_id));
            got.extend(page);
        }
        assert_eq!(got, want);
    }

    fn check_rows(&self) {
        let snapshot = snapshot(&self.files, &self.hot, &self.map);
        let mut rows = BTreeMap::new();
        self.lake
            .for_each_row(&snapshot, i64::MIN, i64::MAX, |row| {
                assert!(rows.insert(row.event_id, row).is_none(), "a row came twice");
                Ok::<(), LakeError>(())
            })
            .unwrap();
        assert_eq!(rows, self.truth);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_event_is_seen_exactly_once_under_the_person_of_now(
        seed: u64,
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let mut world = World::new(seed);
        world.arrive(100);
        for step in steps {
            world.step(step);
        }
    }
}

#[test]
fn erased_lines_vanish_at_once_and_leave_the_files_with_compaction() {
    let mut world = World::new(7);
    world.arrive(200);
    world.step(Step::Seal { half: false });
    let of_line = |w: &World| w.truth.values().filter(|r| r.line_id == 4).count();
    let gone = of_line(&world);
    assert!(gone > 0);
    world.step(Step::Erase { line: 4 });
    assert_eq!(of_line(&world), 0);
    let policy = CompactPolicy { min_files: usize::MAX, ..CompactPolicy::default() };
    let done = world.lake.compact(&world.files, &world.map, &policy, now()).unwrap();
    assert_eq!(done.erased_rows, gone as u64);
    assert!(!done.more);
    world.compact(&policy, true);
    let rows: u64 = world.files.iter().map(|f| f.rows).sum();
    assert_eq!(rows, world.truth.len() as u64, "the erased rows are no longer on the storage");
}

#[test]
fn columns_that_were_not_asked_for_stay_empty() {
    struct Look;
    impl throughline_lake::PersonVisitor for Look {
        fn person(&mut self, rows: throughline_lake::PersonRows<'_>) {
            assert_eq!(rows.event_at().len(), rows.len());
            assert!(rows.event_id().is_empty() && rows.name_id().is_empty());
            assert_eq!((rows.value_minor(0), rows.text(Column::Properties, 0)), (None, ""));
        }
    }
    let mut world = World::new(1);
    world.arrive(50);
    let snapshot = snapshot(&[], &world.hot, &world.map);
    let request = ScanRequest { columns: ColumnSet::NONE, ..ScanRequest::default() };
    world.lake.scan(&snapshot, &request, 1, |_| Look).unwrap();
}
