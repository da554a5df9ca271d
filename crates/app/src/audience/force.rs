//! The definitions in force, compiled together, as the tables say them. Every change of them counts a generation up, so
//! each transaction knows whether what it has in memory still holds, whichever process made the change.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use throughline_base::{AudienceVersionId, SourceId, Timestamp};
use throughline_domain::audience::rule::{Computation, Definition};
use throughline_domain::audience::tag_book::TagBook;
use throughline_domain::audience::{Behaviour, Fault, Known, Part, Program, What};
use throughline_store::audience::{self as rows, PartKind, Track, VersionRow, VersionState};
use throughline_store::{Tx, event as events, source};

use super::{OWN_SOURCE, Stored};
use crate::App;

const GENERATION: &str = "audience_generation";

/// A computed trait's definition as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComputedDefinition {
    /// IANA name of the zone of its calendar and clock times.
    pub zone: String,
    /// How it comes to its value.
    pub computation: Computation,
}

/// A version that is followed.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    pub(crate) version: AudienceVersionId,
    /// The audience or computed trait.
    pub(crate) owner: i64,
    pub(crate) kind: PartKind,
    /// The owner's key.
    pub(crate) key: String,
    pub(crate) number: i64,
    /// In force: who comes and goes is told.
    pub(crate) live: bool,
    /// Everybody is still to be looked at.
    pub(crate) unsettled: bool,
    /// Everything it reads of behaviour was read from the whole history.
    pub(crate) complete: bool,
}

/// A stored definition that cannot be used by this version of the product.
#[derive(Debug, Clone, Serialize)]
pub struct Broken {
    /// Key, with the number of the version when it is not the one in force.
    pub key: String,
    /// Why.
    pub detail: String,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) generation: i64,
    pub(crate) program: Program,
    /// By id of the version.
    pub(crate) parts: HashMap<i64, Followed>,
    /// By key.
    pub(crate) tracks: HashMap<u64, Track>,
    pub(crate) broken: Vec<Broken>,
    /// Where notes are recorded.
    pub(crate) source: Option<SourceId>,
}

impl Default for InForce {
    fn default() -> Self {
        Self {
            generation: -1,
            program: compiled(Vec::new()),
            parts: HashMap::new(),
            tracks: HashMap::new(),
            broken: Vec::new(),
            source: None,
        }
    }
}

fn compiled(parts: Vec<Part>) -> Program {
    Program::compile(parts, &Known::default()).expect("no parts have no faults")
}

/// The present generation; 0 when nothing was ever defined.
pub(crate) fn generation(tx: &mut Tx<'_>) -> Stored<i64> {
    Ok(events::setting_get(tx, GENERATION)?.and_then(|t| t.parse().ok()).unwrap_or(0))
}

/// Whether anything was ever defined.
pub(super) fn is_any(tx: &mut Tx<'_>) -> Stored<bool> {
    Ok(generation(tx)? > 0)
}

/// What definitions may refer to beside each other.
pub(super) fn known(tx: &mut Tx<'_>) -> Stored<Known> {
    let predictions = crate::insight::kinds(tx)?;
    Ok(Known { lists: rows::lists(tx)?.into_iter().map(|l| l.key).collect(), predictions })
}

/// A version with its owner's key and whether the owner is active.
type Owned = (VersionRow, String, bool);

/// Every followed version of an active owner.
pub(super) fn followed(tx: &mut Tx<'_>) -> Stored<Vec<(VersionRow, String)>> {
    let audiences = rows::all(tx)?;
    let traits = rows::computed_traits(tx)?;
    let states: Vec<VersionState> = VersionState::ALL.into_iter().filter(|s| s.is_followed()).collect();
    let owned = |v: VersionRow| -> Option<Owned> {
        let (key, state) = match v.kind {
            PartKind::Audience => audiences.iter().find(|a| a.id.get() == v.owner).map(|a| (&a.key, &a.state))?,
            PartKind::Computed => traits.iter().find(|t| t.id.get() == v.owner).map(|t| (&t.key, &t.state))?,
        };
        Some((v, key.clone(), state == "active"))
    };
    let all = rows::versions_in(tx, &states)?.into_iter().filter_map(owned);
    Ok(all.filter(|(_, _, active)| *active).map(|(v, key, _)| (v, key)).collect())
}

/// The name of a version among rules: its key when it is in force, else one that no rule can mean.
pub(super) fn part_key(key: &str, v: &VersionRow) -> String {
    if v.state == VersionState::Live { key.to_owned() } else { format!("{key}#{}", v.number) }
}

/// The definition of a version as a part, with what its rules about tags mean now.
pub(super) fn part(v: &VersionRow, key: String, book: &TagBook) -> Result<Part, Broken> {
    let broken = |e: serde_json::Error| Broken { key: key.clone(), detail: format!("it cannot be read: {e}") };
    let what = match v.kind {
        PartKind::Audience => What::Audience(serde_json::from_str::<Definition>(&v.definition).map_err(broken)?),
        PartKind::Computed => {
            let c: ComputedDefinition = serde_json::from_str(&v.definition).map_err(broken)?;
            What::Computed { zone: c.zone, computation: c.computation }
        }
    };
    Ok(Part { id: v.id.get(), key, what: bound(what, book) })
}

/// A definition with what its rules about tags mean now.
pub(super) fn bound(mut what: What, book: &TagBook) -> What {
    match &mut what {
        What::Audience(d) => book.bind(&mut d.rule),
        What::Computed { computation, .. } => book.bind_computation(computation),
    }
    what
}

/// Compiles what can be compiled; what cannot is left out and told.
fn compile_good(mut parts: Vec<Part>, known: &Known, broken: &mut Vec<Broken>) -> Program {
    loop {
        match Program::compile(parts.clone(), known) {
            Ok(program) => return program,
            Err(faults) => {
                let bad: BTreeSet<String> = faults.iter().map(|f| f.part.clone()).collect();
                let before = parts.len();
                parts.retain(|p| !bad.contains(&p.key));
                broken.extend(faults.into_iter().map(|f| Broken { detail: f.to_string(), key: f.part }));
                if parts.len() == before {
                    parts.clear();
                }
            }
        }
    }
}

impl InForce {
    pub(super) fn load(tx: &mut Tx<'_>) -> Stored<Self> {
        let generation = generation(tx)?;
        let known = known(tx)?;
        let mut broken = Vec::new();
        let mut parts = Vec::new();
        let followed = followed(tx)?;
        let book = crate::tag::book(tx)?;
        for (v, key) in &followed {
            match part(v, part_key(key, v), &book) {
                Ok(p) => parts.push(p),
                Err(b) => broken.push(b),
            }
        }
        let program = compile_good(parts, &known, &mut broken);
        for b in &broken {
            tracing::error!(key = b.key, detail = b.detail, "a definition in force cannot be used; its members stay");
        }
        let tracks: HashMap<u64, Track> = rows::tracks(tx)?.into_iter().map(|t| (t.key as u64, t)).collect();
        let is_complete = |id: i64| {
            program.place(id).is_some_and(|place| {
                program.tracks_of(place).iter().all(|key| tracks.get(key).is_some_and(|t| t.complete))
            })
        };
        let parts = followed
            .into_iter()
            .filter(|(v, _)| program.place(v.id.get()).is_some())
            .map(|(v, key)| {
                let f = Followed {
                    version: v.id,
                    owner: v.owner,
                    kind: v.kind,
                    key,
                    number: v.number,
                    live: v.state == VersionState::Live,
                    unsettled: v.unsettled,
                    complete: is_complete(v.id.get()),
                };
                (v.id.get(), f)
            })
            .collect();
        let source = source::list(tx)?.into_iter().find(|s| s.name == OWN_SOURCE).map(|s| s.id);
        Ok(Self { generation, program, parts, tracks, broken, source })
    }

    /// Whether nothing is followed.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether some definition looks at what is predicted of people.
    pub(crate) fn asks_for_predictions(&self) -> bool {
        !self.program.needs().facts.predictions.is_empty()
    }

    /// A stored state without what it does not hold for certain: tracks that began to be followed after it was written.
    /// `None` when it cannot be read.
    pub(super) fn read(&self, row: &rows::BehaviourRow) -> Option<Behaviour> {
        let mut behaviour = Behaviour::decode(&row.state).ok()?;
        behaviour.retain(|key| self.tracks.get(&key).is_some_and(|t| t.since <= row.generation));
        Some(behaviour)
    }

    /// The row to store, without what no evaluation looks at any more; `None` when nothing is left.
    pub(super) fn row(
        &self,
        person: throughline_base::PersonId,
        mut behaviour: Behaviour,
        now: Timestamp,
    ) -> Option<rows::BehaviourRow> {
        behaviour.prune(&self.program, now);
        (!behaviour.is_empty()).then(|| rows::BehaviourRow {
            person,
            generation: self.generation,
            state: behaviour.encode(),
        })
    }

    /// Names of the events that are looked at, as numbers of interned names; `None` for all.
    pub(super) fn name_ids(&self, names: &[(i64, String, i64, Timestamp)]) -> Option<Vec<i32>> {
        name_ids(&self.program, names)
    }
}

/// Numbers of the interned names that a program looks at; `None` for all.
pub(super) fn name_ids(program: &Program, names: &[(i64, String, i64, Timestamp)]) -> Option<Vec<i32>> {
    let needs = program.needs();
    if needs.any_event {
        return None;
    }
    Some(names.iter().filter(|(_, name, _, _)| needs.events.contains(name)).map(|(id, ..)| *id as i32).collect())
}

impl App {
    /// What is in force in this transaction. Not to be asked behind a change of definitions in the same transaction: that
    /// may not commit, and its generation then be given to another change.
    pub(crate) fn audiences_in(&self, tx: &mut Tx<'_>) -> Stored<Arc<InForce>> {
        let generation = generation(tx)?;
        let held = self.audiences.force.read().clone();
        if held.generation == generation {
            return Ok(held);
        }
        let fresh = Arc::new(InForce::load(tx)?);
        *self.audiences.force.write() = fresh.clone();
        Ok(fresh)
    }

    /// At the start: what this version of the product follows in another way than the one before is begun anew.
    pub(crate) fn audience_begin(&self) -> crate::Result<()> {
        Ok(self.db.write(|tx| {
            if !is_any(tx)? {
                return Ok(());
            }
            let force = self.audiences_in(tx)?;
            let is_new = force.program.tracks().any(|t| !force.tracks.contains_key(&t.key));
            let is_left = force.parts.values().any(|p| p.unsettled || !p.complete);
            if is_new {
                super::define::registered(tx, self)?;
            } else if is_left {
                super::build::enqueue(tx, self)?;
            }
            Ok(())
        })?)
    }

    /// What is in force.
    pub(crate) fn audiences_now(&self) -> crate::Result<Arc<InForce>> {
        Ok(self.db.read(|tx| self.audiences_in(tx))?)
    }
}

/// Takes a change of definitions in: counts the generation up, begins to follow what is new and ends what is not needed.
/// To be called last in the transaction of the change. Says whether something is to be built.
pub(super) fn register(tx: &mut Tx<'_>) -> Stored<bool> {
    let next = generation(tx)? + 1;
    events::setting_put(tx, GENERATION, &next.to_string())?;
    let new = InForce::load(tx)?;
    let keys: BTreeSet<u64> = new.program.tracks().map(|t| t.key).collect();
    // With no event ever recorded there is no history to read.
    let unwritten = events::newest(tx)?.get() == 0;
    let begun: Vec<Track> = keys
        .iter()
        .filter(|k| !new.tracks.contains_key(k))
        .map(|k| Track { key: *k as i64, since: next, complete: unwritten })
        .collect();
    rows::tracks_put(tx, &begun)?;
    let over: Vec<i64> = new.tracks.keys().filter(|k| !keys.contains(k)).map(|k| *k as i64).collect();
    rows::tracks_drop(tx, &over)?;
    // Whoever comes or goes while what a version reads is incomplete, is found when everybody is looked at.
    let left = InForce::load(tx)?;
    for part in left.parts.values().filter(|p| !p.complete && !p.unsettled) {
        if let Some(v) = rows::version(tx, part.version)? {
            rows::version_update(tx, &VersionRow { unsettled: true, ..v })?;
        }
    }
    Ok(left.parts.values().any(|p| p.unsettled || !p.complete))
}

/// Faults as one text.
pub(super) fn told(faults: &[Fault]) -> String {
    const SHOWN: usize = 5;
    let mut text = faults.iter().take(SHOWN).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    if faults.len() > SHOWN {
        text.push_str(&format!("; and {} more", faults.len() - SHOWN));
    }
    text
}
