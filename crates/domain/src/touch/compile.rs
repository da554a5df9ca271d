//! The table of rules, checked and made ready to classify.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Serialize;

use super::channel::{channel_info, channel_key};
use super::condition::Ready;
use super::template::{MAX_CHARS, Template};
use super::{Condition, Op, Touch, TouchField, TouchKind, TouchRule};
use crate::event::TouchSignature;

/// Most rules of a table.
const MAX_RULES: usize = 5_000;
/// Most values of one condition.
const MAX_VALUES: usize = 2_000;

/// What is wrong with one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleProblem {
    /// The rule's place in the table, from 1.
    pub position: usize,
    /// The rule's id, as far as it has one.
    pub rule: String,
    /// Where in the rule, for instance `when[0].values` or `then.channel`.
    pub field: String,
    /// What is wrong and how to mend it.
    pub detail: String,
}

/// Everything that is wrong with a table, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleProblems(pub Vec<RuleProblem>);

impl fmt::Display for RuleProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, p) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}rule {} `{}`, {}: {}", p.position, p.rule, p.field, p.detail)?;
        }
        Ok(())
    }
}

impl std::error::Error for RuleProblems {}

/// The door through which edited rules become usable ones.
#[derive(Debug)]
pub struct RuleTable;

#[derive(Debug)]
enum Verdict {
    Ignore,
    Touch { channel: Template, campaign: Template, touchpoint: Template, kind: Option<TouchKind> },
}

#[derive(Debug)]
struct CompiledRule {
    id: String,
    when: Vec<Ready>,
    then: Verdict,
}

/// A checked table. Classification reads nothing but the signature, so its answers may be kept.
#[derive(Debug)]
pub struct CompiledRules(Vec<CompiledRule>);

impl RuleTable {
    /// Checks the whole table and makes it ready. Disabled rules are checked too, so that enabling one never fails.
    ///
    /// # Errors
    /// Every problem of every rule, each with the rule, the field and how to mend it.
    #[expect(clippy::needless_pass_by_value, reason = "the table is handed over; callers build it for this")]
    pub fn compile(rules: Vec<TouchRule>) -> Result<CompiledRules, RuleProblems> {
        let mut check = Check::default();
        if rules.len() > MAX_RULES {
            check.position = MAX_RULES + 1;
            check.rule = rules[MAX_RULES].id.clone();
            check.say("table", format!("{} rules; at most {MAX_RULES}: join rules with the same outcome", rules.len()));
            return Err(RuleProblems(check.problems));
        }
        let mut compiled = Vec::with_capacity(rules.len());
        for (i, rule) in rules.iter().enumerate() {
            check.position = i + 1;
            check.rule.clone_from(&rule.id);
            if let Some(ready) = check.rule(rule)
                && rule.enabled
            {
                compiled.push(ready);
            }
        }
        if check.problems.is_empty() { Ok(CompiledRules(compiled)) } else { Err(RuleProblems(check.problems)) }
    }
}

impl CompiledRules {
    /// What the signature means; `None` when no rule matches or the matching rule says it is no touch.
    #[must_use]
    pub fn classify(&self, signature: &TouchSignature) -> Option<Touch> {
        self.explain(signature).and_then(|(_, touch)| touch)
    }

    /// As [`Self::classify`], with the id of the rule that decided: the answer to "why is this `referral`?".
    #[must_use]
    pub fn explain(&self, signature: &TouchSignature) -> Option<(&str, Option<Touch>)> {
        for rule in self.0.iter().filter(|r| r.when.iter().all(|c| c.holds(signature))) {
            match &rule.then {
                Verdict::Ignore => return Some((&rule.id, None)),
                Verdict::Touch { channel, campaign, touchpoint, kind } => {
                    let Some(channel) = channel_key(&channel.render(signature)) else { continue };
                    let usual = || channel_info(&channel).map_or(TouchKind::Referral, |c| c.kind);
                    let kind = kind.unwrap_or_else(usual);
                    let (campaign, touchpoint) = (campaign.render(signature), touchpoint.render(signature));
                    return Some((&rule.id, Some(Touch { channel, campaign, touchpoint, kind })));
                }
            }
        }
        None
    }

    /// How many rules take part.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no rule takes part.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Default)]
struct Check {
    position: usize,
    rule: String,
    ids: HashMap<String, usize>,
    conditions: HashMap<String, usize>,
    catch_all: Option<String>,
    problems: Vec<RuleProblem>,
}

impl Check {
    fn say(&mut self, field: &str, detail: impl Into<String>) {
        let (position, rule) = (self.position, self.rule.clone());
        self.problems.push(RuleProblem { position, rule, field: field.to_owned(), detail: detail.into() });
    }

    fn rule(&mut self, rule: &TouchRule) -> Option<CompiledRule> {
        let before = self.problems.len();
        self.id(&rule.id);
        if rule.enabled {
            self.reachable(rule);
        }
        for (i, condition) in rule.when.iter().enumerate() {
            self.condition(i, condition);
        }
        self.contradictions(&rule.when);
        let then = self.outcome(rule);
        let when = rule.when.iter().map(Ready::new).collect();
        (self.problems.len() == before).then(|| CompiledRule { id: rule.id.clone(), when, then })
    }

    fn id(&mut self, id: &str) {
        let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if id.is_empty() || id.chars().count() > 64 || !id.chars().all(good) {
            self.say("id", "an id is 1 to 64 letters, digits, `-`, `_` or `.`");
        }
        if let Some(first) = self.ids.insert(id.to_owned(), self.position) {
            self.say("id", format!("rule {first} has the same id; give this one another"));
        }
    }

    /// A rule behind one that takes everything it takes would never run, and its editor would wonder why.
    fn reachable(&mut self, rule: &TouchRule) {
        if let Some(earlier) = &self.catch_all {
            let detail = format!("never reached: rule `{earlier}` above has no conditions; move that one to the end");
            self.say("when", detail);
        }
        if rule.when.is_empty() && !may_pass_over(rule) {
            self.catch_all = Some(rule.id.clone());
            return;
        }
        let mut key: Vec<String> = rule.when.iter().map(|c| format!("{:?}", Ready::new(c))).collect();
        key.sort_unstable();
        if let Some(first) = self.conditions.get(&key.join("\n")) {
            self.say("when", format!("never reached: rule {first} has the same conditions; change or disable one"));
        } else if !may_pass_over(rule) {
            self.conditions.insert(key.join("\n"), self.position);
        }
    }

    fn condition(&mut self, i: usize, condition: &Condition) {
        let field = format!("when[{i}].values");
        let op = condition.op.as_str();
        if !condition.op.takes_values() {
            if !condition.values.is_empty() {
                self.say(&field, format!("`{op}` compares with nothing; remove the values or use `equals`"));
            }
            return;
        }
        if condition.values.is_empty() {
            self.say(&field, format!("`{op}` needs at least one value; add one, or use `present` or `absent`"));
        }
        if condition.values.len() > MAX_VALUES {
            self.say(&field, format!("{} values; at most {MAX_VALUES}", condition.values.len()));
        }
        for value in &condition.values {
            let value = value.trim();
            if value.is_empty() {
                self.say(&field, "an empty value; to ask for an empty field use `absent`");
            } else if value.chars().count() > MAX_CHARS {
                self.say(&field, format!("a value is longer than {MAX_CHARS} characters and can never match"));
            } else if condition.field == TouchField::ReferrerHost && !is_host(value, condition.op) {
                let detail =
                    format!("`{value}` is no host; write it without scheme, path and blanks, as `example.com`");
                self.say(&field, detail);
            }
        }
    }

    fn contradictions(&mut self, when: &[Condition]) {
        let absent: HashSet<TouchField> = when.iter().filter(|c| c.op == Op::Absent).map(|c| c.field).collect();
        for (i, c) in when.iter().enumerate() {
            let needs_text = match c.op {
                Op::Equals | Op::Contains | Op::Prefix | Op::Present => true,
                Op::NotEquals | Op::Absent => false,
            };
            if needs_text && absent.contains(&c.field) {
                let name = c.field.as_str();
                let detail = format!("`{name}` cannot be absent and hold something at once; remove one condition");
                self.say(&format!("when[{i}]"), detail);
            }
        }
    }

    fn outcome(&mut self, rule: &TouchRule) -> Verdict {
        let then = &rule.then;
        if then.ignore {
            let named = [&then.channel, &then.campaign, &then.touchpoint].iter().any(|t| !t.trim().is_empty());
            if named || then.kind.is_some() {
                self.say(
                    "then",
                    "an ignored touch has no channel, campaign, touchpoint or kind; clear them or `ignore`",
                );
            }
            return Verdict::Ignore;
        }
        let channel = self.template("then.channel", &then.channel);
        if let Some(text) = channel.as_ref().and_then(Template::literal) {
            if text.is_empty() {
                self.say("then.channel", "is empty; choose a channel, or set `ignore` if this is no touch");
            } else if channel_key(text).as_deref() != Some(text) {
                let mend = channel_key(text).map_or_else(String::new, |k| format!(", for instance `{k}`"));
                self.say(
                    "then.channel",
                    format!("`{text}` is no channel key; use lower-case words joined by `_`{mend}"),
                );
            }
        }
        let campaign = self.template("then.campaign", &then.campaign);
        let touchpoint = self.template("then.touchpoint", &then.touchpoint);
        let (channel, campaign) = (channel.unwrap_or_default(), campaign.unwrap_or_default());
        Verdict::Touch { channel, campaign, touchpoint: touchpoint.unwrap_or_default(), kind: then.kind }
    }

    /// `None` when the template cannot be read; that is said already.
    fn template(&mut self, field: &str, text: &str) -> Option<Template> {
        if text.chars().count() > MAX_CHARS {
            self.say(field, format!("is longer than {MAX_CHARS} characters; shorten it"));
        }
        Template::parse(text).map_err(|detail| self.say(field, detail)).ok()
    }
}

/// A rule whose channel comes from a field is passed over when the field names no channel.
fn may_pass_over(rule: &TouchRule) -> bool {
    !rule.then.ignore && rule.then.channel.contains('{')
}

fn is_host(value: &str, op: Op) -> bool {
    let value = if op == Op::Equals || op == Op::NotEquals { value.strip_suffix(".*").unwrap_or(value) } else { value };
    value.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) && !value.starts_with("..")
}
