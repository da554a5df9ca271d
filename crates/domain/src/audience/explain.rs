//! Why a person is in or not, or has a value: the tree of conditions with what was found at each.
//!
//! What is said are codes and parameters; the console puts them into words in the reader's language. `path` leads to the
//! condition in the definition, whose text form says it in full.

use serde::Serialize;
use serde_json::{Map, Value, json};
use throughline_base::Timestamp;

use super::behaviour::Behaviour;
use super::deed::{Deed, Scope};
use super::evaluate::{Answer, Person, consent_state, contact_reason};
use super::facts::Facts;
use super::given::{Given, Scalar, whole_or_not};
use super::node::{Body, Node, Source};
use super::program::Program;
use super::rule::{Rule, Step};
use super::sequence::Chain;
use super::time::{NEVER, Zone};
use super::track::Keep;

/// One condition, explained.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Where it stands in the definition, for instance `rule.all[2].did`.
    pub path: String,
    /// What kind of condition it is: the word rules use (`all`, `trait`, `did` …), or `measure`, `formula`, `cases`,
    /// `case`, `otherwise` for computed traits.
    pub code: &'static str,
    /// What it asks, and what else is known of its answer, for the words of the code.
    pub params: Map<String, Value>,
    /// The value found; nothing when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
    /// Whether it holds. A value holds when it is there.
    pub holds: bool,
    /// The next instant at which that can change by the passing of time alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes_at: Option<Timestamp>,
    /// The conditions inside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inside: Vec<Explanation>,
}

impl Program {
    /// Explains a part to the person who asks about another person. `None` when there is no such part.
    #[must_use]
    pub fn explain(&self, place: usize, facts: &Facts, behaviour: &Behaviour, now: Timestamp) -> Option<Explanation> {
        let part = self.parts.get(place)?;
        let mut person = Person::new(self, facts, behaviour, now, true);
        let wanted: Vec<bool> = (0..self.parts.len()).map(|i| i == place).collect();
        person.run(&wanted);
        let state = person.states[place].clone()?;
        let mut top = match &part.body {
            Body::Audience(rule, node) => return Some(person.condition("rule".to_owned(), rule, node, &part.zone)),
            Body::Measure(deed) => {
                let mut e = blank("computation.measure".to_owned(), "measure");
                person.seen(deed, &part.zone, &mut e.params);
                e
            }
            Body::Formula(formula, sources) => {
                let mut e = blank("computation.formula".to_owned(), "formula");
                let mut inputs = Map::new();
                formula.names(&mut |name| {
                    let key = match name {
                        super::formula::Formula::Trait(n) => format!("trait.{n}"),
                        super::formula::Formula::Computed(n) => format!("computed.{n}"),
                        super::formula::Formula::Number(_)
                        | super::formula::Formula::Negative(_)
                        | super::formula::Formula::Binary(..)
                        | super::formula::Formula::Call(..) => return,
                    };
                    inputs.insert(key, person.input(name, sources).map_or(Value::Null, whole_or_not));
                });
                e.params.insert("inputs".to_owned(), Value::Object(inputs));
                e
            }
            Body::Cases(cases, otherwise) => {
                let mut e = blank("computation.cases".to_owned(), "cases");
                for (i, (rule, node, value)) in cases.iter().enumerate() {
                    let path = format!("computation.cases.cases[{i}]");
                    let inner = person.condition(format!("{path}.when"), rule, node, &part.zone);
                    let mut case = blank(path, "case");
                    (case.holds, case.changes_at, case.found) = (inner.holds, inner.changes_at, Some(value.clone()));
                    case.inside.push(inner);
                    e.inside.push(case);
                }
                if let Some(value) = otherwise {
                    let mut last = blank("computation.cases.otherwise".to_owned(), "otherwise");
                    (last.holds, last.found) = (e.inside.iter().all(|c| !c.holds), Some(value.clone()));
                    e.inside.push(last);
                }
                e
            }
        };
        top.holds = state.value.is_some();
        top.found = state.value;
        top.changes_at = instant(state.changes_at);
        Some(top)
    }
}

fn blank(path: String, code: &'static str) -> Explanation {
    Explanation { path, code, params: Map::new(), found: None, holds: false, changes_at: None, inside: Vec::new() }
}

fn instant(ms: i64) -> Option<Timestamp> {
    (ms != NEVER).then(|| Timestamp::from_ms(ms))
}

/// What was found, as one value: of several a list.
fn shown(given: &Given<'_>) -> Option<Value> {
    if let Given::Tree(v) = given {
        return (!v.is_null()).then(|| (*v).clone());
    }
    let mut all = Vec::new();
    given.any(|s| {
        all.push(match s {
            Scalar::Number(n) => whole_or_not(*n),
            Scalar::Text(t) => json!(t),
            Scalar::Bool(b) => json!(b),
            Scalar::Time(t) => json!(t),
            Scalar::Object => json!({}),
        });
        false
    });
    if all.len() > 1 { Some(Value::Array(all)) } else { all.pop() }
}

/// The word of a rule and what it asks, as its JSON form has them.
fn worded(rule: &Rule) -> (&'static str, Value) {
    let code = match rule {
        Rule::All(_) => "all",
        Rule::Any(_) => "any",
        Rule::None(_) => "none",
        Rule::Trait(_) => "trait",
        Rule::Computed(_) => "computed",
        Rule::Tag(_) => "tag",
        Rule::Stage(_) => "stage",
        Rule::Consent(_) => "consent",
        Rule::Contactable(_) => "contactable",
        Rule::Identifier(_) => "identifier",
        Rule::Audience(_) => "audience",
        Rule::List(_) => "list",
        Rule::Did(_) => "did",
        Rule::Sequence(_) => "sequence",
    };
    let asks = match rule {
        // Their conditions are explained one by one.
        Rule::All(_) | Rule::Any(_) | Rule::None(_) => Value::Null,
        _ => serde_json::to_value(rule).ok().and_then(|mut v| v.get_mut(code).map(Value::take)).unwrap_or_default(),
    };
    (code, asks)
}

impl Person<'_> {
    fn condition(&self, path: String, rule: &Rule, node: &Node, zone: &Zone) -> Explanation {
        let (code, asks) = worded(rule);
        let Answer { holds, changes_at } = self.node(node, zone);
        let mut e = Explanation { holds, changes_at: instant(changes_at), ..blank(format!("{path}.{code}"), code) };
        if !asks.is_null() {
            e.params.insert("asks".to_owned(), asks);
        }
        self.fill(&mut e, rule, node, zone);
        e
    }

    /// What is known beside whether it holds.
    fn fill(&self, e: &mut Explanation, rule: &Rule, node: &Node, zone: &Zone) {
        let now = Timestamp::from_ms(self.now);
        match (rule, node) {
            (
                Rule::All(rules) | Rule::Any(rules) | Rule::None(rules),
                Node::All(of) | Node::Any(of) | Node::None(of),
            ) => {
                for (i, (rule, node)) in rules.iter().zip(of).enumerate() {
                    e.inside.push(self.condition(format!("{}[{i}]", e.path), rule, node, zone));
                }
            }
            (_, Node::Trait(name, _)) => e.found = shown(&self.trait_of(name)),
            (_, Node::Computed(source, _)) => {
                e.found = shown(&self.computed(source).0);
                let kind = if matches!(source, Source::Prediction(_)) { "prediction" } else { "computed" };
                e.params.insert("kind".to_owned(), json!(kind));
            }
            (_, Node::Tag(tag)) => {
                let ends = self.facts.tags.iter().filter(|t| t.tag == *tag).filter_map(|t| t.ends_at).max();
                e.params.extend(ends.map(|t| ("ends_at".to_owned(), json!(t))));
            }
            (_, Node::Stage(_)) => e.found = Some(json!(self.facts.stage.at(now))),
            (_, Node::Consent { purpose, channel, .. }) => {
                e.found = serde_json::to_value(consent_state(self.facts, purpose, channel, now)).ok();
            }
            (_, Node::Contactable { purpose, channel }) => {
                e.found = Some(json!(contact_reason(self.facts, purpose, channel, now).1.as_str()));
            }
            (_, Node::Identifier { namespace, verified, .. }) => {
                let family = |n: &str| n == namespace || crate::identity::rules::family(n) == namespace;
                let of = self.facts.identifiers.iter().filter(|i| family(&i.namespace) && (i.verified || !verified));
                // How many, not which: an explanation is no place for addresses.
                e.found = Some(json!(of.count()));
            }
            (_, Node::Did(deed, test)) => {
                let m = deed.measure(self.behaviour.track(deed.track), Some(test), zone, self.now, false);
                e.found = m.value.value();
                self.seen(deed, zone, &mut e.params);
            }
            (Rule::Sequence(s), Node::Sequence(track, chain)) => self.chained(e, &s.steps, *track, chain, zone),
            (
                _,
                Node::All(_) | Node::Any(_) | Node::None(_) | Node::Audience(_) | Node::List(_) | Node::Sequence(..),
            ) => {}
        }
    }

    /// The window, and how much of what is known falls into it.
    fn seen(&self, deed: &Deed, zone: &Zone, params: &mut Map<String, Value>) {
        let mut put = |name: &str, ms: i64| {
            params.insert(name.to_owned(), json!(Timestamp::from_ms(ms)));
        };
        match (deed.window, self.program.matcher(deed.track).map(|m| m.keep)) {
            (Scope::Last(d), _) => put("window_from", self.now.saturating_sub(d)),
            (Scope::Calendar(unit, back), _) => {
                let (from, to) = zone.calendar(unit, back, self.now);
                put("window_from", from);
                put("window_to", to);
            }
            (Scope::All, Some(Keep::Range(from, to))) => {
                put("window_from", from);
                put("window_to", to);
            }
            (Scope::All | Scope::Newest(_), _) => {}
        }
        let Some(track) = self.behaviour.track(deed.track) else { return };
        let past = &track.list[..track.list.partition_point(|o| o.at <= self.now)];
        let seen = deed.seen(past, zone, self.now);
        let folded = if matches!(deed.window, Scope::All) { track.total.last.as_ref().map(|m| m.at) } else { None };
        let last = seen.iter().rev().find(|o| o.passed).map(|o| o.at).max(folded);
        if let Some(last) = last {
            put("last_at", last);
        }
    }

    /// How far a sequence came.
    fn chained(&self, e: &mut Explanation, steps: &[Step], track: u64, chain: &Chain, zone: &Zone) {
        let c = chain.evaluate(self.behaviour.track(track), zone, self.now);
        e.found = Some(json!(c.reached));
        e.params.insert("steps".to_owned(), json!(steps.len()));
        if let Some(began) = c.began_at {
            e.params.insert("began_at".to_owned(), json!(Timestamp::from_ms(began)));
        }
    }
}
