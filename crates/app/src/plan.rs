//! The tracking plan: what may be sent, what is sent, and the names that nobody planned.
//!
//! The rules of checking are `domain`'s; here the plan is read, changed and held against what really arrived. Start
//! reading at [`App::plan`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};
use throughline_base::time::DAY_MS;
use throughline_base::{Problem, SourceId, Timestamp};
use throughline_domain::event::plan::{self, CompiledPlan, Plan, PlanProblem};
use throughline_lake::{Column, PersonRows, PersonVisitor, ScanRequest};
use throughline_store::event::{self as rows, PlanEvent};

use crate::registry::planned_events;
use crate::team::{Caller, audit};
use crate::{App, Result};

/// Days that "seen" looks back.
const SEEN_DAYS: i64 = 30;
/// Events a plan may hold, so that compiling it for each source stays quick.
const PLAN_EVENTS_MAX: usize = 5_000;
/// Unplanned names shown, the most frequent first.
const UNPLANNED_MAX: usize = 500;
/// Characters of a name.
const NAME_MAX: usize = 200;
/// Characters of a description.
const DESCRIPTION_MAX: usize = 2_000;
/// Setting that counts the changes of the plan.
const VERSION: &str = "plan_version";

/// An event of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanEventView {
    /// Its name; `$identify`, `$page` … stand for all events of that kind.
    pub name: String,
    /// Whether it is one of Segment's e-commerce events, known without being listed.
    pub builtin: bool,
    /// JSON Schema of its properties.
    pub schema: Value,
    /// What it means.
    pub description: String,
    /// When it was saved; `None` for a built-in event that nobody changed.
    pub updated_at: Option<Timestamp>,
    /// How often it was recorded in the last 30 days.
    pub seen_30d: i64,
}

/// A name that arrives and is not planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplanned {
    /// The name.
    pub name: String,
    /// Events of the last 30 days, and those that wait in quarantine because of the name.
    pub count: i64,
    /// The planned name it looks like.
    pub suggestion: Option<String>,
    /// Names of the sources that send it.
    pub sources: Vec<String>,
}

/// The plan beside what arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanView {
    /// Grows with every change.
    pub version: i64,
    /// Planned events by name.
    pub events: Vec<PlanEventView>,
    /// The rest, the most frequent first.
    pub unplanned: Vec<Unplanned>,
}

/// A property as it was seen on an event.
#[derive(Debug, Clone, PartialEq)]
pub struct PropertyView {
    /// Its name.
    pub name: String,
    /// How often with which JSON type.
    pub types: BTreeMap<String, i64>,
    /// Values as sent, cut short. They may be personal.
    pub examples: Vec<Value>,
}

/// Events of the last days by interned name and source.
#[derive(Debug, Default)]
struct Seen(HashMap<(i32, i64), i64>);

impl PersonVisitor for Seen {
    fn person(&mut self, rows: PersonRows<'_>) {
        for (name, source) in rows.name_id().iter().zip(rows.source_id()) {
            *self.0.entry((*name, *source)).or_insert(0) += 1;
        }
    }
}

/// Counts of one name.
#[derive(Debug, Default)]
struct Arrived {
    recorded: i64,
    waiting: i64,
    sources: BTreeSet<SourceId>,
}

impl App {
    /// The plan, how often its events were seen, and the names it does not know.
    ///
    /// # Errors
    /// When store or history cannot be read.
    pub fn plan(&self) -> Result<PlanView> {
        let (saved, version) = self.db.read(|tx| Ok((rows::plan_list(tx)?, version(tx)?)))?;
        let arrived = self.arrived()?;
        let seen = |name: &str| arrived.get(name).map_or(0, |a| a.recorded);
        let compiled = compile(saved.clone())?.0;
        let mut events: BTreeMap<String, PlanEventView> = plan::ecommerce_events()
            .into_iter()
            .map(|(name, schema)| {
                (name.to_owned(), PlanEventView { seen_30d: seen(name), ..builtin_view(name, schema) })
            })
            .collect();
        for e in saved {
            let view = PlanEventView { seen_30d: seen(&e.name), ..saved_view(&e)? };
            events.insert(e.name, view);
        }
        let unplanned = self.unplanned(&arrived, &events, &compiled);
        Ok(PlanView { version, events: events.into_values().collect(), unplanned })
    }

    /// Adds or changes an event of the plan. Gives it with notes on keywords that are not obeyed.
    ///
    /// # Errors
    /// `plan_schema`, naming place and fault, when the plan would not compile; `plan_event` when name or description
    /// cannot be used.
    pub fn plan_put(
        &self,
        caller: &Caller,
        name: &str,
        schema: Map<String, Value>,
        description: &str,
    ) -> Result<(PlanEventView, Vec<PlanProblem>)> {
        let event = PlanEvent {
            name: checked_name(name)?,
            schema: Value::Object(schema).to_string(),
            description: checked_description(description)?,
            updated_at: self.now(),
        };
        let notes = self.db.write(|tx| {
            let mut all = rows::plan_list(tx)?;
            let at = match all.iter().position(|e| e.name == event.name) {
                Some(at) => {
                    all[at] = event.clone();
                    at
                }
                None if all.len() >= PLAN_EVENTS_MAX => {
                    let detail = format!("the plan holds {PLAN_EVENTS_MAX} events already; delete some first");
                    return Err(Problem::invalid("plan_event", detail).into());
                }
                None => {
                    all.push(event.clone());
                    all.len() - 1
                }
            };
            // The whole plan is compiled: its size is limited as a whole.
            let notes = match compile(all) {
                Ok((_, notes)) => notes,
                Err(problem) => return Err(problem.into()),
            };
            rows::plan_put(tx, &event)?;
            let version = raise_version(tx)?;
            let detail = serde_json::json!({ "version": version });
            audit(tx, self, &caller.actor, "plan.put", &event.name, &detail)?;
            Ok(own_problems(notes, at))
        });
        let notes = notes?;
        self.registry.refresh(&self.db)?;
        let seen_30d = self.arrived()?.get(&event.name).map_or(0, |a| a.recorded);
        Ok((PlanEventView { seen_30d, ..saved_view(&event)? }, notes))
    }

    /// Takes an event out of the plan; a built-in one becomes what it was.
    ///
    /// # Errors
    /// When the plan has no such event.
    pub fn plan_delete(&self, caller: &Caller, name: &str) -> Result<()> {
        let builtin = plan::is_ecommerce_event(name);
        self.db.write(|tx| {
            if !rows::plan_delete(tx, name)? {
                // Restoring what was never changed is no fault, and changes nothing.
                return if builtin { Ok(()) } else { Err(unknown_event().into()) };
            }
            let version = raise_version(tx)?;
            let detail = serde_json::json!({ "version": version, "restored": builtin });
            audit(tx, self, &caller.actor, "plan.delete", name, &detail)
        })?;
        self.registry.refresh(&self.db)
    }

    /// Which properties an event really had, planned or not.
    ///
    /// # Errors
    /// When nothing of that name is planned or was ever recorded.
    pub fn plan_properties(&self, name: &str) -> Result<Vec<PropertyView>> {
        let (seen, known) = self.db.read(|tx| {
            let seen = rows::properties_of(tx, name)?;
            let known = !seen.is_empty()
                || plan::is_ecommerce_event(name)
                || rows::names(tx)?.iter().any(|n| n.1 == name)
                || rows::plan_list(tx)?.iter().any(|e| e.name == name);
            Ok((seen, known))
        })?;
        if !known {
            return Err(unknown_event());
        }
        let mut out: Vec<PropertyView> = Vec::new();
        // They come ordered by property.
        for p in seen {
            if out.last().is_none_or(|last| last.name != p.property) {
                out.push(PropertyView { name: p.property.clone(), types: BTreeMap::new(), examples: Vec::new() });
            }
            let Some(view) = out.last_mut() else { continue };
            *view.types.entry(p.kind).or_insert(0) += p.count;
            let example = serde_json::from_str(&p.example).unwrap_or(Value::String(p.example));
            if !view.examples.contains(&example) {
                view.examples.push(example);
            }
        }
        Ok(out)
    }

    /// What arrived in the last days, by name.
    fn arrived(&self) -> Result<HashMap<String, Arrived>> {
        let request = ScanRequest {
            from_ms: self.now().plus_ms(-SEEN_DAYS * DAY_MS).ms(),
            ..ScanRequest::columns(&[Column::NameId, Column::SourceId])
        };
        let snapshot = self.snapshot(&BTreeSet::new())?;
        let seen = self.lake.scan(&snapshot, &request, self.settings.report_threads.max(1), |_| Seen::default())?;
        // After the snapshot: every name it holds is interned by now.
        let (names, groups) = self.db.read(|tx| Ok((rows::names(tx)?, rows::quarantine_groups(tx)?)))?;
        let names: HashMap<i64, String> = names.into_iter().map(|(id, name, _, _)| (id, name)).collect();
        let mut out: HashMap<String, Arrived> = HashMap::new();
        for ((name, source), n) in seen.into_iter().flat_map(|s| s.0) {
            let Some(name) = names.get(&i64::from(name)) else { continue };
            let a = out.entry(name.clone()).or_default();
            a.recorded += n;
            a.sources.insert(SourceId::new(source));
        }
        for g in groups.into_iter().filter(|g| g.reason == "unknown_event") {
            let a = out.entry(g.event_name).or_default();
            a.waiting += g.count;
            a.sources.insert(g.source_id);
        }
        Ok(out)
    }

    fn unplanned(
        &self,
        arrived: &HashMap<String, Arrived>,
        events: &BTreeMap<String, PlanEventView>,
        compiled: &CompiledPlan,
    ) -> Vec<Unplanned> {
        let mut out: Vec<Unplanned> = arrived
            .iter()
            // Events of other kinds than track need no plan.
            .filter(|(name, _)| !events.contains_key(*name) && !stands_for_kind(name) && !name.is_empty())
            .map(|(name, a)| Unplanned {
                name: name.clone(),
                count: a.recorded + a.waiting,
                suggestion: compiled.suggestion(name).map(str::to_owned),
                sources: a.sources.iter().map(|id| self.registry.source_name(*id)).collect(),
            })
            .collect();
        out.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        out.truncate(UNPLANNED_MAX);
        out
    }
}

fn version(tx: &mut throughline_store::Tx<'_>) -> throughline_store::Result<i64> {
    Ok(rows::setting_get(tx, VERSION)?.and_then(|t| t.parse().ok()).unwrap_or(1))
}

fn raise_version(tx: &mut throughline_store::Tx<'_>) -> throughline_store::Result<i64> {
    let next = version(tx)? + 1;
    rows::setting_put(tx, VERSION, &next.to_string())?;
    Ok(next)
}

/// Compiles the built-in events together with saved ones.
fn compile(saved: Vec<PlanEvent>) -> Result<(CompiledPlan, Vec<PlanProblem>)> {
    let names: Vec<String> = saved.iter().map(|e| e.name.clone()).collect();
    let plan = Plan { ecommerce: true, events: planned_events(saved)?, ..Plan::default() };
    plan::compile(&plan).map_err(|problems| {
        let fatal: Vec<String> = problems
            .into_iter()
            .filter(|p| p.fatal)
            .take(5)
            .map(|p| {
                let place = names.iter().enumerate().find_map(|(i, name)| {
                    let rest = p.path.strip_prefix(&format!("events[{i}]"))?;
                    Some(format!("{name}{rest}"))
                });
                format!("{}: {}", place.unwrap_or(p.path), p.message)
            })
            .collect();
        Problem::invalid("plan_schema", fatal.join("; "))
    })
}

/// The notes on event `at`, with paths that start at the event.
fn own_problems(problems: Vec<PlanProblem>, at: usize) -> Vec<PlanProblem> {
    let prefix = format!("events[{at}].");
    problems
        .into_iter()
        .filter_map(|p| Some(PlanProblem { path: p.path.strip_prefix(&prefix)?.to_owned(), ..p }))
        .collect()
}

fn builtin_view(name: &str, schema: Value) -> PlanEventView {
    PlanEventView {
        name: name.to_owned(),
        builtin: true,
        schema,
        description: String::new(),
        updated_at: None,
        seen_30d: 0,
    }
}

fn saved_view(e: &PlanEvent) -> Result<PlanEventView> {
    let schema = serde_json::from_str(&e.schema).map_err(|err| {
        Problem::internal("plan", "a stored schema of the tracking plan cannot be read").caused_by(err)
    })?;
    Ok(PlanEventView {
        name: e.name.clone(),
        builtin: plan::is_ecommerce_event(&e.name),
        schema,
        description: e.description.clone(),
        updated_at: Some(e.updated_at),
        seen_30d: 0,
    })
}

/// `$identify`, `$page` … are the interned names of whole kinds.
fn stands_for_kind(name: &str) -> bool {
    name.strip_prefix('$').is_some_and(|kind| throughline_domain::event::EventKind::parse(kind).is_some())
}

fn unknown_event() -> Problem {
    Problem::not_found("plan_event_unknown", "no event of this name is planned or was recorded; names are exact")
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        let detail = format!("the name of an event has 1 to {NAME_MAX} characters and no control characters");
        return Err(Problem::invalid("plan_event", detail));
    }
    Ok(name.to_owned())
}

fn checked_description(text: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX {
        let detail = format!("the description has more than {DESCRIPTION_MAX} characters; say it shorter");
        return Err(Problem::invalid("plan_event", detail));
    }
    Ok(text.to_owned())
}
