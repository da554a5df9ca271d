//! A set of definitions, checked and made ready to run together.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use throughline_base::Timestamp;

use super::behaviour::Behaviour;
use super::compile;
use super::facts::{ANY, EventFacts, Facts};
use super::fault::Fault;
use super::json_path::PathSet;
use super::matcher::{Matcher, Sight};
use super::node::Ready;
use super::rule::{Computation, Definition};
use super::touched::{FactNeeds, Touched};
use super::track::Occurrence;

/// One definition of a program.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What the caller knows it by, for instance the id of a version.
    pub id: i64,
    /// What rules know it by. A version that is not shown yet is given a key that no rule can mean, such as `vip#7`.
    pub key: String,
    /// The definition.
    pub what: What,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Who is in an audience.
    Audience(Definition),
    /// The value of a computed trait.
    Computed {
        /// IANA name of the zone its calendar and clock times are in.
        zone: String,
        /// How it comes to its value.
        computation: Computation,
    },
}

/// What exists beside the parts, for references.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Keys of uploaded lists.
    pub lists: BTreeSet<String>,
    /// Keys of predictions.
    pub predictions: BTreeSet<String>,
}

/// Definitions made ready. They share what they look at: an event is matched once for all of them.
#[derive(Debug)]
pub struct Program {
    pub(super) parts: Vec<Ready>,
    /// Places of parts, referred ones before those that refer to them.
    pub(super) order: Vec<usize>,
    /// Sorted by key.
    pub(super) matchers: Vec<Matcher>,
    groups: Vec<Group>,
    by_name: HashMap<String, usize>,
    needs: Needs,
    /// For each part, the parts that refer to it, directly or not.
    pub(super) dependents: Vec<Vec<usize>>,
    by_track: HashMap<u64, Vec<usize>>,
}

/// What is done with events of one name.
#[derive(Debug, Default)]
struct Group {
    /// Places of matchers, each with those of its selects that take the name.
    takers: Vec<(usize, Vec<usize>)>,
    paths: PathSet,
}

/// What must be at hand to run a program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Every event is looked at, whatever its name.
    pub any_event: bool,
    /// Names of events that are looked at; `$page` and `$screen` for views.
    pub events: BTreeSet<String>,
    /// Properties are read.
    pub properties: bool,
    /// What the touch rules make of an event is read: when those rules change, behaviour must be taken in anew.
    pub touch: bool,
    /// Names or kinds of sources are read.
    pub source: bool,
    /// What is looked at of a person's state.
    pub facts: FactNeeds,
}

/// What became of a person's parts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Audiences by id: whether the person is in.
    pub members: Vec<(i64, bool)>,
    /// Computed traits by id: their value.
    pub computed: Vec<(i64, Option<Value>)>,
    /// The next instant at which one of these can change by the passing of time alone. After an evaluation of some parts
    /// only, what was known of the others stands: the earlier of both holds.
    pub changes_at: Option<Timestamp>,
}

/// What is kept of a matcher: see [`Program::tracks`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackInfo {
    /// Its key: the same for equal matchers in any program, and for ever.
    pub key: u64,
    /// It folds: an event given to it twice may count twice. Others know events by id.
    pub folds: bool,
    /// How many parts read it.
    pub parts: usize,
}

/// Events of one name, as a program sees them: see [`Program::slot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(usize);

impl Program {
    /// Checks definitions and makes them ready.
    ///
    /// # Errors
    /// Every fault of every definition.
    pub fn compile(parts: Vec<Part>, known: &Known) -> Result<Self, Vec<Fault>> {
        compile::compile(parts, known)
    }

    pub(super) fn assemble(parts: Vec<Ready>, order: Vec<usize>, mut matchers: Vec<Matcher>, mut needs: Needs) -> Self {
        matchers.sort_by_key(|m| m.key);
        let names: BTreeSet<String> = matchers.iter().flat_map(|m| &m.selects).map(|s| s.event.clone()).collect();
        let mut groups = vec![group(&matchers, ANY)];
        let mut by_name = HashMap::new();
        for name in names.iter().filter(|n| *n != ANY) {
            by_name.insert(name.clone(), groups.len());
            groups.push(group(&matchers, name));
        }
        needs.any_event = names.contains(ANY);
        needs.events = names.into_iter().filter(|n| n != ANY).collect();
        needs.properties = groups.iter().any(|g| !g.paths.is_empty());
        let mut by_track: HashMap<u64, Vec<usize>> = HashMap::new();
        for (i, p) in parts.iter().enumerate() {
            needs.facts.join(&p.facts);
            for track in &p.tracks {
                by_track.entry(*track).or_default().push(i);
            }
        }
        let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); parts.len()];
        for i in order.iter().rev() {
            // Those that refer to `i` stand behind it, so theirs are complete.
            let mut all: BTreeSet<usize> = BTreeSet::new();
            for (j, _) in parts.iter().enumerate().filter(|(_, p)| p.parts.contains(i)) {
                all.insert(j);
                all.extend(&dependents[j]);
            }
            dependents[*i] = all.into_iter().collect();
        }
        Self { parts, order, matchers, groups, by_name, needs, dependents, by_track }
    }

    /// What must be at hand to run it.
    #[must_use]
    pub fn needs(&self) -> &Needs {
        &self.needs
    }

    /// Ids of the parts, in the order they were given.
    pub fn ids(&self) -> impl Iterator<Item = i64> {
        self.parts.iter().map(|p| p.id)
    }

    /// The place of a part by its id, for [`Program::explain`].
    #[must_use]
    pub fn place(&self, id: i64) -> Option<usize> {
        self.parts.iter().position(|p| p.id == id)
    }

    /// The tracks that a part reads, itself and through the parts it refers to, by key. A part is ready to be evaluated
    /// when every one of them was taken in from the whole history.
    #[must_use]
    pub fn tracks_of(&self, place: usize) -> BTreeSet<u64> {
        let mut all = BTreeSet::new();
        let mut open = vec![place];
        while let Some(part) = open.pop().and_then(|i| self.parts.get(i)) {
            all.extend(&part.tracks);
            open.extend(&part.parts);
        }
        all
    }

    /// Every track, sorted by key.
    pub fn tracks(&self) -> impl Iterator<Item = TrackInfo> {
        self.matchers.iter().map(|m| TrackInfo {
            key: m.key,
            folds: m.folds(),
            parts: self.by_track.get(&m.key).map_or(0, Vec::len),
        })
    }

    /// Where events of this name go; `None` when no part looks at them. Ask once a name, not once an event.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let i = self.by_name.get(name).copied().unwrap_or(0);
        (!self.groups[i].takers.is_empty()).then_some(Slot(i))
    }

    /// Takes in an event: `true` when a track took it. The tracks that did are noted in `touched`.
    pub fn occur(&self, e: &EventFacts<'_>, into: &mut Behaviour, touched: &mut Touched) -> bool {
        let Some(slot) = self.slot(e.name) else { return false };
        self.take_in(slot, e, into, &mut Vec::new(), |key| {
            touched.tracks.insert(key);
        })
    }

    /// Takes in an event; `given` is room to work in.
    pub(super) fn take_in(
        &self,
        slot: Slot,
        e: &EventFacts<'_>,
        into: &mut Behaviour,
        given: &mut Vec<Occurrence>,
        mut note: impl FnMut(u64),
    ) -> bool {
        let Some(group) = self.groups.get(slot.0).filter(|_| e.is_deed()) else { return false };
        let sight = Sight::new(e, &group.paths);
        let mut any = false;
        for (place, selects) in &group.takers {
            let matcher = &self.matchers[*place];
            matcher.take(selects, &sight, given);
            if !given.is_empty() && into.add(matcher.key, matcher.form, matcher.folds(), given) {
                note(matcher.key);
                any = true;
            }
        }
        any
    }

    pub(super) fn matcher(&self, key: u64) -> Option<&Matcher> {
        self.matchers.binary_search_by_key(&key, |m| m.key).ok().map(|i| &self.matchers[i])
    }

    /// Places of the parts that may have changed, in no order.
    pub(super) fn stale(&self, touched: &Touched) -> Vec<bool> {
        let mut stale = vec![touched.everything; self.parts.len()];
        if touched.everything {
            return stale;
        }
        let by_fact = self.parts.iter().enumerate().filter(|(_, p)| p.facts.touched(touched)).map(|(i, _)| i);
        let by_track = touched.tracks.iter().filter_map(|t| self.by_track.get(t)).flatten().copied();
        for i in by_fact.chain(by_track) {
            stale[i] = true;
            for j in &self.dependents[i] {
                stale[*j] = true;
            }
        }
        stale
    }
}

fn group(matchers: &[Matcher], name: &str) -> Group {
    let mut group = Group::default();
    for (place, m) in matchers.iter().enumerate() {
        let takes = |event: &str| event == name || event == ANY;
        let selects: Vec<usize> = (0..m.selects.len()).filter(|i| takes(&m.selects[*i].event)).collect();
        if selects.is_empty() {
            continue;
        }
        for (path, leaf) in selects.iter().flat_map(|i| &m.selects[*i].paths) {
            group.paths.add(path, *leaf);
        }
        group.takers.push((place, selects));
    }
    group
}

impl Program {
    /// Evaluates every part.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts, behaviour: &Behaviour, now: Timestamp) -> Outcome {
        super::evaluate::evaluate(self, &vec![true; self.parts.len()], facts, behaviour, now)
    }

    /// Evaluates the parts that can have changed by what was touched.
    #[must_use]
    pub fn evaluate_touched(&self, touched: &Touched, facts: &Facts, behaviour: &Behaviour, now: Timestamp) -> Outcome {
        super::evaluate::evaluate(self, &self.stale(touched), facts, behaviour, now)
    }
}
