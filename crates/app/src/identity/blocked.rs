//! Values that link nothing: the built-in list, and what operators add to it. Additions are part of the rules, so each is
//! a version of them; values blocked out of a suspension are evidence on their identifier.

use std::collections::BTreeMap;

use serde_json::json;
use throughline_base::{IdentifierId, Problem, Timestamp};
use throughline_domain::identity::blocked::{
    BlockedBy, BlockedRules, SEEN_ON_TOO_MANY, blocked_by, built_in, built_in_values,
};
use throughline_domain::identity::rules::family;
use throughline_domain::identity::{DropReason, Dropped, Operation, Rules};
use throughline_store::{Tx, event, identity as store};
use xxhash_rust::xxh3::xxh3_64;

use super::operate::{By, act};
use super::rules;
use crate::team::{Caller, audit};
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// Versions looked through for when a rule came.
const HISTORY: u32 = 1_000;
/// Most values blocked out of a suspension that are listed.
const LISTED: u32 = 500;

/// How a rule finds values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockedKind {
    /// This value.
    Exact,
    /// Values that the regular expression finds.
    Regex,
    /// Identifiers that were joined to more people than the number.
    SeenMoreThan,
}

impl BlockedKind {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Regex => "regex",
            Self::SeenMoreThan => "seen_more_than",
        }
    }
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockedSpec {
    /// The namespace; every one when absent. Exact values only.
    pub namespace: Option<String>,
    /// How it finds values.
    pub kind: BlockedKind,
    /// The value, the expression or the number.
    pub value: String,
}

impl BlockedSpec {
    /// Its name in the API, and of its counter.
    fn key(&self) -> String {
        let namespace = self.namespace.as_deref().unwrap_or("*");
        format!("blk_{:016x}", xxh3_64(format!("{namespace}\0{}\0{}", self.kind.as_str(), self.value).as_bytes()))
    }

    fn all(rules: &Rules) -> Vec<Self> {
        let spec = |namespace: Option<&str>, kind, value: &str| Self {
            namespace: namespace.map(str::to_owned),
            kind,
            value: value.to_owned(),
        };
        let mut out: Vec<Self> = rules.blocked.values.iter().map(|v| spec(None, BlockedKind::Exact, v)).collect();
        for rule in &rules.namespaces {
            out.extend(rule.blocked.iter().map(|v| spec(Some(&rule.name), BlockedKind::Exact, v)));
        }
        out.extend(rules.blocked.patterns.iter().map(|p| spec(None, BlockedKind::Regex, p)));
        out.extend(rules.blocked.seen_on_more_than.map(|n| spec(None, BlockedKind::SeenMoreThan, &n.to_string())));
        out
    }
}

/// An operator's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedRule {
    /// `blk_…`, or the identifier's id for one that was blocked out of a suspension.
    pub id: String,
    /// What it says.
    pub spec: BlockedSpec,
    /// When it came.
    pub created_at: Timestamp,
    /// Claims of events that it kept out.
    pub hits: i64,
}

/// What links nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockedView {
    /// Built in, for people.
    pub built_in: Vec<&'static str>,
    /// Operators' own.
    pub custom: Vec<BlockedRule>,
}

/// Counts the claims that operators' rules kept out, by rule.
pub(super) fn count_hits(rules: &Rules, dropped: &[Dropped], hits: &mut BTreeMap<String, i64>) {
    for d in dropped {
        let DropReason::Blocked { rule } = &d.reason else { continue };
        let exact = |namespace: Option<&str>| BlockedSpec {
            namespace: namespace.map(str::to_owned),
            kind: BlockedKind::Exact,
            value: d.claim.value.clone(),
        };
        let spec = match (blocked_by(rules, &d.claim.namespace, &d.claim.value), rules.blocked.seen_on_more_than) {
            (Some(BlockedBy::BuiltIn(_)), _) => continue,
            (Some(BlockedBy::Value), _) => exact(None),
            (Some(BlockedBy::ValueOf(namespace)), _) => exact(Some(namespace)),
            (Some(BlockedBy::Pattern(p)), _) => {
                BlockedSpec { namespace: None, kind: BlockedKind::Regex, value: p.to_owned() }
            }
            (None, Some(n)) if rule == SEEN_ON_TOO_MANY => {
                BlockedSpec { namespace: None, kind: BlockedKind::SeenMoreThan, value: n.to_string() }
            }
            (None, Some(_) | None) => continue,
        };
        *hits.entry(spec.key()).or_insert(0) += 1;
    }
}

/// Adds what was counted to the counters.
pub(super) fn write_hits(tx: &mut Tx<'_>, hits: &BTreeMap<String, i64>) -> Stored<()> {
    for (key, n) in hits {
        event::counter_add(tx, &counter(key), *n)?;
    }
    Ok(())
}

fn counter(key: &str) -> String {
    format!("blocked.{key}")
}

/// Since when each rule is in force, from the versions, newest first.
fn since(tx: &mut Tx<'_>) -> Stored<BTreeMap<BlockedSpec, Timestamp>> {
    let mut out = BTreeMap::new();
    for (i, row) in store::rules(tx, HISTORY)?.iter().enumerate() {
        let specs = BlockedSpec::all(&rules::parse(row)?);
        if i > 0 && !specs.iter().any(|s| out.contains_key(s)) {
            break;
        }
        for spec in specs {
            // A rule that is not in force now may have been before; that does not count.
            if i == 0 || out.contains_key(&spec) {
                out.insert(spec, row.at);
            }
        }
    }
    Ok(out)
}

impl App {
    /// What links nothing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn blocked(&self) -> Result<BlockedView> {
        Ok(self.db.read(|tx| {
            let counters: BTreeMap<String, i64> = event::counters(tx)?.into_iter().collect();
            let hits = |key: &str| counters.get(&counter(key)).copied().unwrap_or(0);
            let rule = |(spec, created_at): (BlockedSpec, Timestamp)| {
                let id = spec.key();
                BlockedRule { hits: hits(&id), id, spec, created_at }
            };
            let mut custom: Vec<BlockedRule> = since(tx)?.into_iter().map(rule).collect();
            custom.extend(store::blocked_suspended(tx, LISTED)?.into_iter().map(|n| BlockedRule {
                id: n.id.to_string(),
                spec: BlockedSpec { namespace: Some(n.namespace), kind: BlockedKind::Exact, value: n.value },
                created_at: n.suspended_at.unwrap_or(n.created_at),
                hits: i64::from(n.joined_count),
            }));
            custom.sort_by_key(|r| std::cmp::Reverse(r.created_at));
            Ok(BlockedView { built_in: built_in_values(), custom })
        })?)
    }

    /// Blocks values: from now on, and for what is there already by a fold in the background.
    ///
    /// # Errors
    /// When the rule makes no sense, or is there already.
    pub fn blocked_add(&self, caller: &Caller, spec: &BlockedSpec) -> Result<BlockedRule> {
        let now = self.now();
        let spec = self.db.write(|tx| {
            let mut rules = rules::current(tx, self)?.as_ref().clone();
            let spec = add(&mut rules, spec)?;
            rules.validate().map_err(|all| Problem::invalid("blocked_value", all.join("; ")))?;
            let note = format!("blocked: {} {}", spec.kind.as_str(), spec.key());
            rules::put(tx, self, caller, rules, &note)?;
            Ok(spec)
        })?;
        self.tasks.ring();
        Ok(BlockedRule { id: spec.key(), spec, created_at: now, hits: 0 })
    }

    /// Takes a rule back. What it kept apart is linked again as the evidence says.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn blocked_remove(&self, caller: &Caller, id: &str) -> Result<()> {
        self.db.write(|tx| {
            if let Ok(node) = id.parse::<IdentifierId>() {
                return self.unblock(tx, caller, node);
            }
            let mut rules = rules::current(tx, self)?.as_ref().clone();
            let found = BlockedSpec::all(&rules).into_iter().find(|s| s.key() == id).ok_or_else(|| unknown(id))?;
            remove(&mut rules, &found);
            rules::put(tx, self, caller, rules, &format!("no longer blocked: {id}")).map(|_| ())
        })?;
        self.tasks.ring();
        Ok(())
    }

    fn unblock(&self, tx: &mut Tx<'_>, caller: &Caller, node: IdentifierId) -> Stored<()> {
        let blocked = store::nodes_by_id(tx, &[node])?.into_iter().any(|n| n.blocked);
        if !blocked {
            return Err(unknown(&node.to_string()).into());
        }
        act(tx, self, By { caller, note: "" }, &Operation::Unblock { node })?;
        audit(tx, self, &caller.actor, "identity.unblock", &node.to_string(), &json!({}))
    }
}

fn unknown(id: &str) -> Problem {
    Problem::not_found("blocked_unknown", format!("no rule of yours is called {id}; built-in ones cannot be removed"))
}

fn invalid(text: impl Into<String>) -> Problem {
    Problem::invalid("blocked_value", text)
}

/// Adds a rule; returns it as it is kept.
fn add(rules: &mut Rules, spec: &BlockedSpec) -> Result<BlockedSpec> {
    let value = spec.value.trim();
    if value.is_empty() {
        return Err(invalid("a rule needs a value, an expression or a number"));
    }
    if spec.namespace.is_some() && spec.kind != BlockedKind::Exact {
        return Err(invalid("expressions and thresholds hold in every namespace; leave the namespace out"));
    }
    let kept = match spec.kind {
        BlockedKind::Exact => exact(rules, spec.namespace.as_deref(), value)?,
        BlockedKind::Regex => value.to_owned(),
        BlockedKind::SeenMoreThan => match value.parse::<u32>() {
            Ok(n) if n > 0 => n.to_string(),
            Ok(_) | Err(_) => return Err(invalid(format!("`{value}` is no number of people from 1"))),
        },
    };
    let kept = BlockedSpec { value: kept, ..spec.clone() };
    if BlockedSpec::all(rules).contains(&kept) {
        return Err(Problem::conflict("blocked_already", format!("{} says so already", kept.key())));
    }
    match (kept.kind, &kept.namespace) {
        (BlockedKind::Exact, None) => rules.blocked.values.push(kept.value.clone()),
        (BlockedKind::Exact, Some(namespace)) => {
            let rule = rules.namespaces.iter_mut().find(|r| r.name == *namespace);
            let rule = rule.ok_or_else(|| {
                invalid(format!(
                    "the rules do not list a namespace `{namespace}`; add it there, or block the value everywhere"
                ))
            })?;
            rule.blocked.push(kept.value.clone());
        }
        (BlockedKind::Regex, _) => {
            let mut patterns = rules.blocked.patterns.clone();
            patterns.push(kept.value.clone());
            rules.blocked = BlockedRules::new(rules.blocked.values.clone(), patterns, rules.blocked.seen_on_more_than);
        }
        (BlockedKind::SeenMoreThan, _) => {
            if let Some(n) = rules.blocked.seen_on_more_than {
                let text = format!("there is a threshold of {n} people already; remove it first");
                return Err(Problem::conflict("blocked_already", text));
            }
            rules.blocked.seen_on_more_than = kept.value.parse().ok();
        }
    }
    Ok(kept)
}

/// A value as identifiers of the namespace are stored.
fn exact(rules: &Rules, namespace: Option<&str>, value: &str) -> Result<String> {
    let stored = namespace.map_or_else(|| value.to_owned(), |n| super::normalise(family(n), value));
    match built_in(namespace.unwrap_or_default(), &stored) {
        Some(words) => Err(Problem::conflict("blocked_already", format!("built in already ({words})"))),
        None if rules.blocked.values.contains(&stored) => {
            Err(Problem::conflict("blocked_already", "blocked in every namespace already"))
        }
        None => Ok(stored),
    }
}

fn remove(rules: &mut Rules, spec: &BlockedSpec) {
    match spec.kind {
        BlockedKind::Exact => match &spec.namespace {
            None => rules.blocked.values.retain(|v| *v != spec.value),
            Some(namespace) => {
                for rule in rules.namespaces.iter_mut().filter(|r| r.name == *namespace) {
                    rule.blocked.retain(|v| *v != spec.value);
                }
            }
        },
        BlockedKind::Regex => {
            let patterns = rules.blocked.patterns.iter().filter(|p| **p != spec.value).cloned().collect();
            rules.blocked = BlockedRules::new(rules.blocked.values.clone(), patterns, rules.blocked.seen_on_more_than);
        }
        BlockedKind::SeenMoreThan => rules.blocked.seen_on_more_than = None,
    }
}
