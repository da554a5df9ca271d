//! Incremental equals from scratch, at every instant.
//!
//! A person lives: events come late and out of order, lines are joined, traits and tags change, state is pruned, stored
//! and read back, time jumps. Parts are evaluated only when something they look at changed, and at the instants that were
//! foretold. Whatever is believed then must be what the oracle says from all events, at every instant that is looked at.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_base::Timestamp;
use throughline_base::time::{DAY_MS, HOUR_MS};

use super::super::{Behaviour, Facts, Outcome, Part, Program, TagFact, Touched, What};
use super::oracle::Oracle;
use super::random::{any_computation, any_deed, any_rule};
use super::{Deed, START, audience, computed, known};

#[derive(Debug, Clone)]
enum Op {
    /// An event arrives, as it happened or as if it happened now or shortly ahead.
    Event(Deed, Option<i64>),
    /// Another person's line is joined, with what was done on it.
    Merge(Vec<Deed>, bool),
    /// To so many milliseconds beside the next instant that was foretold.
    ToNext(i64),
    /// So many hours, and milliseconds beside.
    Wait(i64, i64),
    Prune,
    Store,
    Tag(Option<i64>),
    Trait(&'static str, Option<Value>),
}

fn op() -> impl Strategy<Value = Op> {
    let traits = prop_oneof![
        proptest::option::of(prop_oneof![Just(json!(1)), Just(json!("red")), Just(json!([2, "blue"]))])
            .prop_map(|v| Op::Trait("x", v)),
        proptest::option::of((0..480_i64).prop_map(|h| json!(Timestamp::from_ms(START + h * HOUR_MS).to_string())))
            .prop_map(|v| Op::Trait("born", v)),
    ];
    prop_oneof![
        8 => (any_deed(0), proptest::option::of(proptest::sample::select(vec![0, 0, 1, 300_000]))).prop_map(|(d, a)| Op::Event(d, a)),
        1 => (proptest::collection::vec(any_deed(0), 1..4), any::<bool>()).prop_map(|(d, p)| Op::Merge(d, p)),
        4 => (-1..=1_i64).prop_map(Op::ToNext),
        3 => (0..60_i64, -1..=1_i64).prop_map(|(h, ms)| Op::Wait(h, ms)),
        2 => Just(Op::Prune),
        2 => Just(Op::Store),
        1 => proptest::option::of(0..60_i64).prop_map(Op::Tag),
        1 => traits,
    ]
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let keys = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let none = Vec::new;
    (
        any_rule(none(), none()),
        any_computation(),
        any_rule(keys(&["first"]), keys(&["score"])),
        any_rule(keys(&["first", "second"]), keys(&["score"])),
    )
        .prop_map(|(first, score, second, third)| {
            // Not in the order of their references.
            vec![
                audience(30, "third", third),
                audience(10, "first", first),
                computed(40, "score", score),
                audience(20, "second", second),
            ]
        })
}

/// A person and what is believed of them.
struct Life<'a> {
    parts: &'a [Part],
    program: Program,
    facts: Facts,
    behaviour: Behaviour,
    deeds: Vec<Deed>,
    now: i64,
    due: Option<i64>,
    members: BTreeMap<i64, bool>,
    values: BTreeMap<i64, Option<Value>>,
    next_id: i64,
}

impl<'a> Life<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let program = Program::compile(parts.to_vec(), &known()).unwrap();
        let mut life = Self {
            parts,
            program,
            facts: Facts::default(),
            behaviour: Behaviour::default(),
            deeds: Vec::new(),
            now: START + 5 * DAY_MS,
            due: None,
            members: BTreeMap::new(),
            values: BTreeMap::new(),
            next_id: 1,
        };
        life.evaluate();
        life
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_ms(self.now)
    }

    fn evaluate(&mut self) {
        self.due = None;
        let outcome = self.program.evaluate(&self.facts, &self.behaviour, self.at());
        self.believe(outcome);
    }

    fn touch(&mut self, touched: &Touched) {
        let outcome = self.program.evaluate_touched(touched, &self.facts, &self.behaviour, self.at());
        self.believe(outcome);
    }

    fn believe(&mut self, outcome: Outcome) {
        self.members.extend(outcome.members);
        self.values.extend(outcome.computed);
        if let Some(t) = outcome.changes_at {
            assert!(t.ms() > self.now, "a change that is foretold lies ahead");
            self.due = Some(self.due.map_or(t.ms(), |d| d.min(t.ms())));
        }
    }

    /// Compares what is believed with what the oracle says of `now`.
    fn judge(&self, now: i64) -> Result<(), TestCaseError> {
        let oracle = Oracle::new(self.parts, &self.facts, &self.deeds, now);
        for part in self.parts {
            match &part.what {
                What::Audience(_) => {
                    let (want, got) = (oracle.is_in(&part.key), self.members[&part.id]);
                    prop_assert_eq!(got, want, "{} at {}", &part.key, Timestamp::from_ms(now));
                }
                What::Computed { .. } => {
                    let (want, got) = (oracle.value(&part.key), &self.values[&part.id]);
                    prop_assert!(
                        alike(got.as_ref(), want.as_ref()),
                        "{:?} is not {:?} at {}",
                        got,
                        want,
                        Timestamp::from_ms(now)
                    );
                }
            }
        }
        Ok(())
    }

    /// Time passes; what was foretold is looked at when it is due, and just before.
    fn pass(&mut self, to: i64) -> Result<(), TestCaseError> {
        let mut turns = 0;
        while let Some(due) = self.due.filter(|d| *d <= to) {
            if due - 1 > self.now {
                self.judge(due - 1)?;
            }
            self.now = due;
            self.evaluate();
            self.judge(due)?;
            turns += 1;
            prop_assert!(turns < 2_000, "changes are foretold without end");
        }
        self.now = to.max(self.now);
        self.judge(self.now)
    }

    fn arrive(&mut self, mut deed: Deed, into: Option<&mut Behaviour>) {
        deed.id = self.next_id;
        self.next_id += 1;
        // No event lies more than five minutes ahead.
        deed.at = deed.at.min(self.now + 300_000);
        let mut touched = Touched::default();
        match into {
            Some(other) => {
                self.program.occur(&deed.facts(), other, &mut touched);
            }
            None => {
                self.program.occur(&deed.facts(), &mut self.behaviour, &mut touched);
                self.touch(&touched);
            }
        }
        let place = self.deeds.partition_point(|d| (d.at, d.id) < (deed.at, deed.id));
        self.deeds.insert(place, deed);
        if let Some(at) = touched_ahead(&self.deeds, self.now) {
            assert!(at > self.now);
        }
    }

    fn step(&mut self, op: Op) -> Result<(), TestCaseError> {
        match op {
            Op::Event(mut deed, ahead) => {
                if let Some(ahead) = ahead {
                    deed.at = self.now + ahead;
                }
                self.arrive(deed, None);
            }
            Op::Merge(deeds, pruned) => {
                let mut other = Behaviour::default();
                for d in deeds {
                    self.arrive(d, Some(&mut other));
                }
                if pruned {
                    other.prune(&self.program, self.at());
                }
                self.behaviour.merge(other);
                self.touch(&Touched::all());
            }
            Op::ToNext(beside) => {
                let to = self.due.map_or(self.now, |d| d + beside).max(self.now);
                // An instant that is far off is another test's matter.
                self.pass(to.min(self.now + 40 * DAY_MS))?;
            }
            Op::Wait(hours, beside) => self.pass((self.now + hours * HOUR_MS + beside).max(self.now))?,
            Op::Prune => self.behaviour.prune(&self.program, self.at()),
            Op::Store => self.behaviour = Behaviour::decode(&self.behaviour.encode()).unwrap(),
            Op::Tag(hours) => {
                let ends_at = hours.map(|h| Timestamp::from_ms(self.now + h * HOUR_MS));
                self.facts.tags = vec![TagFact { tag: "vip".into(), ends_at }];
                self.touch(&Touched { tags: ["vip".to_owned()].into(), ..Touched::default() });
            }
            Op::Trait(name, value) => {
                match value {
                    Some(v) => self.facts.traits.insert(name.to_owned(), v),
                    None => self.facts.traits.remove(name),
                };
                self.touch(&Touched { traits: [name.to_owned()].into(), ..Touched::default() });
            }
        }
        self.judge(self.now)
    }
}

fn touched_ahead(deeds: &[Deed], now: i64) -> Option<i64> {
    deeds.iter().map(|d| d.at).find(|at| *at > now)
}

/// Equal, but for the last digits of a mean.
fn alike(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a.and_then(Value::as_f64), b.and_then(Value::as_f64)) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        _ => a == b,
    }
}

proptest! {
    #![proptest_config(super::config(200))]

    #[test]
    fn what_is_believed_is_true_at_every_instant(parts in parts(), ops in proptest::collection::vec(op(), 1..40)) {
        let mut life = Life::new(&parts);
        life.judge(life.now)?;
        for op in ops {
            life.step(op)?;
        }
        let far = life.now + 45 * DAY_MS;
        life.pass(far)?;
    }

    #[test]
    fn the_order_of_events_and_of_joins_does_not_matter(
        parts in parts(),
        deeds in proptest::collection::vec(any_deed(0), 0..25),
        shuffled in any::<u64>(),
        cut in 0..25_usize,
    ) {
        let program = Program::compile(parts, &known()).unwrap();
        let now = Timestamp::from_ms(START + 15 * DAY_MS);
        let deeds: Vec<Deed> = deeds.into_iter().enumerate().map(|(i, d)| Deed { id: i as i64, ..d }).collect();
        let take = |deeds: &[Deed], prune: bool| {
            let mut b = Behaviour::default();
            for d in deeds {
                program.occur(&d.facts(), &mut b, &mut Touched::default());
                if prune {
                    b.prune(&program, now);
                }
            }
            b
        };
        let mut mixed = deeds.clone();
        mixed.sort_by_key(|d| xxhash_rust::xxh3::xxh3_64_with_seed(&d.id.to_le_bytes(), shuffled));
        let whole = take(&deeds, false);
        let (left, right) = mixed.split_at(cut.min(mixed.len()));
        let mut one = take(left, true);
        one.merge(take(right, false));
        let mut other = take(right, true);
        other.merge(take(left, true));
        let mut pruned = take(&mixed, true);
        // Events that are known are not taken in again, but by what folds.
        for d in &mixed {
            for key in program.tracks().filter(|t| !t.folds).map(|t| t.key).collect::<Vec<_>>() {
                let mut again = Behaviour::default();
                program.occur(&d.facts(), &mut again, &mut Touched::default());
                again.retain(|k| k == key);
                pruned.merge(again);
            }
        }
        let facts = Facts::default();
        let want = program.evaluate(&facts, &whole, now);
        for b in [one, other, pruned] {
            let read = Behaviour::decode(&b.encode()).unwrap();
            let got = program.evaluate(&facts, &read, now);
            prop_assert_eq!(&got.members, &want.members);
            for (g, w) in got.computed.iter().zip(&want.computed) {
                prop_assert!(alike(g.1.as_ref(), w.1.as_ref()), "{:?} {:?}", g, w);
            }
        }
    }
}
