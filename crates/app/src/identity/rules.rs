//! The rules in force, and putting others in force.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use throughline_base::Problem;
use throughline_base::id::JobId;
use throughline_domain::identity::Rules;
use throughline_store::Tx;
use throughline_store::identity::{self as store, RulesRow};

use super::refold::{self, RefoldProgress};
use crate::team::{Caller, audit};
use crate::{App, Result};

type Stored<T> = throughline_store::Result<T>;

/// Versions shown.
const HISTORY: u32 = 100;

/// A version of the rules, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesVersion {
    /// Its number.
    pub version: i64,
    /// Since when.
    pub at: throughline_base::Timestamp,
    /// Who put it in force.
    pub actor: String,
    /// Why.
    pub note: String,
}

/// The rules in force with those before.
#[derive(Debug, Clone, PartialEq)]
pub struct RulesView {
    /// In force.
    pub rules: Rules,
    /// The versions, newest first; none while the built-in rules hold.
    pub history: Vec<RulesVersion>,
    /// How far the latest change was applied to what was there before.
    pub refold: Option<RefoldProgress>,
}

impl RulesView {
    /// The rules as they are sent and stored.
    ///
    /// # Panics
    /// Never: rules are plain data.
    #[must_use]
    pub fn as_map(&self) -> Map<String, Value> {
        match to_value(&self.rules) {
            Value::Object(map) => map,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
        }
    }
}

fn to_value(rules: &Rules) -> Value {
    serde_json::to_value(rules).expect("rules are plain data")
}

/// The newest saved rules, else the built-in ones.
pub(crate) fn in_force(tx: &mut Tx<'_>) -> Stored<Rules> {
    match store::rules(tx, 1)?.into_iter().next() {
        Some(row) => parse(&row),
        None => Ok(Rules::default()),
    }
}

pub(super) fn parse(row: &RulesRow) -> Stored<Rules> {
    serde_json::from_str(&row.rules).map_err(|e| {
        Problem::internal("identity_rules", "the stored identity rules cannot be read").caused_by(e).into()
    })
}

/// The rules that a transaction has to decide by. Kept in memory by version, so that a decision made after a change,
/// on this node or another one, never follows the rules before it.
pub(crate) fn current(tx: &mut Tx<'_>, app: &App) -> Stored<Arc<Rules>> {
    let kept = app.identity_rules.read().clone();
    let version = store::rules_version(tx)?.unwrap_or_else(|| i64::from(Rules::default().version));
    if i64::from(kept.version) == version {
        return Ok(kept);
    }
    let rules = Arc::new(in_force(tx)?);
    *app.identity_rules.write() = rules.clone();
    Ok(rules)
}

/// Rules as somebody wrote them.
pub(super) fn checked(rules: &Value) -> Result<Rules> {
    let rules: Rules = serde_json::from_value(rules.clone()).map_err(|e| {
        Problem::invalid(
            "identity_rules",
            format!("the rules cannot be read: {e}; GET /api/identity/rules shows their shape"),
        )
    })?;
    rules.validate().map_err(|all| Problem::invalid("identity_rules", all.join("; ")))?;
    Ok(rules)
}

/// What a change of rules cannot bring about.
fn compatible(old: &Rules, new: &Rules) -> Result<()> {
    let before = |name: &str| old.namespaces.iter().find(|n| n.name == name).map_or(old.unknown.scope, |n| n.scope);
    match new.namespaces.iter().find(|n| n.scope != before(&n.name)) {
        None => Ok(()),
        Some(n) => Err(Problem::invalid(
            "identity_rules",
            format!(
                "namespaces: the scope of {:?} cannot change, since what was seen is stored under it; use a new namespace",
                n.name
            ),
        )),
    }
}

/// Puts rules in force as the next version and enqueues what follows for what is there already.
pub(super) fn put(tx: &mut Tx<'_>, app: &App, caller: &Caller, mut rules: Rules, note: &str) -> Stored<(u32, JobId)> {
    let old = current(tx, app)?;
    compatible(&old, &rules)?;
    rules.version = old.version + 1;
    let text = to_value(&rules).to_string();
    store::rules_insert(tx, i64::from(rules.version), &text, &caller.actor, note, app.now())?;
    let job = refold::enqueue(tx, app, rules.version)?;
    let detail = json!({ "version": rules.version, "note": note });
    audit(tx, app, &caller.actor, "identity.rules", &format!("v{}", rules.version), &detail)?;
    Ok((rules.version, job))
}

impl App {
    /// The identity rules in force.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn identity_rules(&self) -> Result<RulesView> {
        Ok(self.db.read(|tx| {
            let history = store::rules(tx, HISTORY)?.into_iter();
            Ok(RulesView {
                rules: in_force(tx)?,
                history: history
                    .map(|r| RulesVersion { version: r.version, at: r.at, actor: r.actor, note: r.note })
                    .collect(),
                refold: refold::progress(tx)?,
            })
        })?)
    }

    /// Puts rules in force. They decide from now on; what is there already is folded anew by the job that is returned.
    ///
    /// # Errors
    /// When they are not valid, or were drafted from other rules than those in force.
    pub fn identity_rules_put(&self, caller: &Caller, rules: &Value, note: &str) -> Result<(u32, JobId)> {
        let drafted_from = rules.get("version").and_then(Value::as_u64);
        let rules = checked(rules)?;
        let done = self.db.write(|tx| {
            let version = current(tx, self)?.version;
            if let Some(from) = drafted_from.filter(|from| *from != u64::from(version)) {
                let text =
                    format!("the draft was made from version {from}, but version {version} is in force; load it again");
                return Err(Problem::conflict("rules_changed", text).into());
            }
            put(tx, self, caller, rules.clone(), note)
        })?;
        self.tasks.ring();
        Ok(done)
    }
}
