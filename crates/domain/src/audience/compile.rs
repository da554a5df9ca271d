//! Definitions become a program: references are resolved, matchers shared, everything that can be wrong is said.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::check::Checker;
use super::fault::{Fault, meant};
use super::formula::Formula;
use super::matcher::Matcher;
use super::node::{Body, Node, Ready, Source};
use super::program::{Known, Needs, Part, Program, What};
use super::rule::{Case, Computation, Rule};
use super::time::Zone;
use super::touched::FactNeeds;

/// Most parts of a program.
const MAX_PARTS: usize = 5_000;

/// What one part is being compiled into.
pub(super) struct Compiler<'k> {
    pub check: Checker,
    known: &'k Known,
    /// Audiences and computed traits by key: their place.
    audiences: HashMap<String, usize>,
    computed: HashMap<String, usize>,
    pub zone: Arc<Zone>,
    pub facts: FactNeeds,
    pub tracks: BTreeSet<u64>,
    parts: BTreeSet<usize>,
    /// Matchers of the whole program by their canonical form.
    pub matchers: HashMap<String, Matcher>,
    /// Numbers of property paths.
    pub leaves: HashMap<String, u32>,
    pub needs: Needs,
}

pub(super) fn compile(parts: Vec<Part>, known: &Known) -> Result<Program, Vec<Fault>> {
    let utc = Zone::named("UTC").expect("UTC is always known");
    let mut c = Compiler {
        check: Checker::default(),
        known,
        audiences: HashMap::new(),
        computed: HashMap::new(),
        zone: Arc::new(utc),
        facts: FactNeeds::default(),
        tracks: BTreeSet::new(),
        parts: BTreeSet::new(),
        matchers: HashMap::new(),
        leaves: HashMap::new(),
        needs: Needs::default(),
    };
    if parts.len() > MAX_PARTS {
        c.check.say("too_many", format!("{} definitions; at most {MAX_PARTS}", parts.len()));
        return Err(c.check.faults);
    }
    for (i, part) in parts.iter().enumerate() {
        c.check.begin(&part.key);
        let keys = match part.what {
            What::Audience(_) => &mut c.audiences,
            What::Computed { .. } => &mut c.computed,
        };
        if keys.insert(part.key.clone(), i).is_some() {
            c.check.say("key_twice", format!("the key `{}` stands twice; give one another", part.key));
        }
    }
    let mut zones: HashMap<String, Arc<Zone>> = HashMap::new();
    let mut ready = Vec::with_capacity(parts.len());
    for part in parts {
        ready.extend(c.part(part, &mut zones));
    }
    if !c.check.faults.is_empty() {
        return Err(c.check.faults);
    }
    let order = order(&ready).map_err(|cycle| {
        let keys: Vec<&str> = cycle.iter().map(|i| ready[*i].key.as_str()).collect();
        c.check.begin(keys.first().copied().unwrap_or(""));
        let way = keys.join(" → ");
        c.check.say("cycle", format!("it refers to itself: {way}; take out one of these references"));
        std::mem::take(&mut c.check.faults)
    })?;
    Ok(Program::assemble(ready, order, c.matchers.into_values().collect(), c.needs))
}

/// Places so that those referred to stand first, or a cycle that begins and ends with the same place.
fn order(parts: &[Ready]) -> Result<Vec<usize>, Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; parts.len()];
    let mut order = Vec::with_capacity(parts.len());
    for start in 0..parts.len() {
        // A stack of our own: a chain of thousands of references must not use up the thread's.
        let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
        if marks[start] == Mark::New {
            marks[start] = Mark::Open;
            stack.push((start, parts[start].parts.iter().copied().collect()));
        }
        while let Some((i, open)) = stack.last_mut() {
            let i = *i;
            match open.pop() {
                None => {
                    marks[i] = Mark::Done;
                    order.push(i);
                    stack.pop();
                }
                Some(next) if marks[next] == Mark::New => {
                    marks[next] = Mark::Open;
                    stack.push((next, parts[next].parts.iter().copied().collect()));
                }
                Some(next) if marks[next] == Mark::Open => {
                    let from = stack.iter().position(|(j, _)| *j == next).unwrap_or(0);
                    return Err(stack[from..].iter().map(|(j, _)| *j).chain([next]).collect());
                }
                Some(_) => {}
            }
        }
    }
    Ok(order)
}

impl Compiler<'_> {
    /// `None` when something is wrong; that is said.
    fn part(&mut self, part: Part, zones: &mut HashMap<String, Arc<Zone>>) -> Option<Ready> {
        self.check.begin(&part.key);
        self.facts = FactNeeds::default();
        self.tracks.clear();
        self.parts.clear();
        let zone = match &part.what {
            What::Audience(d) => &d.zone,
            What::Computed { zone, .. } => zone,
        };
        self.zone = match zones.get(zone) {
            Some(known) => Arc::clone(known),
            None => {
                let found = Arc::new(self.zone_named(zone)?);
                zones.insert(zone.clone(), Arc::clone(&found));
                found
            }
        };
        let body = match part.what {
            What::Audience(d) => {
                let node = self
                    .check
                    .inside("rule", |c| c.rule_size(&d.rule))
                    .and_then(|()| self.at("rule", |c| c.rule(&d.rule)));
                Body::Audience(d.rule, Box::new(node?))
            }
            What::Computed { computation, .. } => self.at("computation", |c| c.computation(computation))?,
        };
        Some(Ready {
            id: part.id,
            key: part.key,
            zone: Arc::clone(&self.zone),
            body,
            facts: std::mem::take(&mut self.facts),
            tracks: std::mem::take(&mut self.tracks),
            parts: std::mem::take(&mut self.parts),
        })
    }

    fn zone_named(&mut self, name: &str) -> Option<Zone> {
        let found = Zone::named(name);
        if found.is_none() {
            let names: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
            let suggestion = meant(name, names.iter().map(String::as_str));
            self.check.inside("zone", |c| {
                let detail = format!("there is no time zone `{name}`; write an IANA name such as Asia/Shanghai");
                c.say_meant("zone_unknown", detail, suggestion);
            });
        }
        found
    }

    /// Does something one step deeper in the tree.
    pub(super) fn at<T>(&mut self, step: &str, body: impl FnOnce(&mut Self) -> T) -> T {
        self.check.push(step);
        let out = body(self);
        self.check.pop();
        out
    }

    /// As [`Self::at`], for each item of a list; `None` when one failed, after all were tried.
    pub(super) fn each<A, B>(
        &mut self,
        step: &str,
        of: &[A],
        mut one: impl FnMut(&mut Self, &A) -> Option<B>,
    ) -> Option<Vec<B>> {
        let done: Vec<Option<B>> =
            of.iter().enumerate().map(|(i, item)| self.at(&format!("{step}[{i}]"), |c| one(c, item))).collect();
        done.into_iter().collect()
    }

    pub(super) fn rule(&mut self, rule: &Rule) -> Option<Node> {
        match rule {
            Rule::All(of) => self.each(".all", of, Self::rule).map(Node::All),
            Rule::Any(of) => self.each(".any", of, Self::rule).map(Node::Any),
            Rule::None(of) => self.each(".none", of, Self::rule).map(Node::None),
            Rule::Trait(t) => self.at(".trait", |c| {
                c.check.text(".name", &t.name)?;
                // The name itself may hold a dot; both are looked at.
                c.facts.traits.insert(t.name.clone());
                c.facts.traits.extend(t.name.split_once('.').map(|(first, _)| first.to_owned()));
                Some(Node::Trait(t.name.clone(), c.predicate(".test", &t.test)?))
            }),
            Rule::Computed(t) => self.at(".computed", |c| {
                let source = c.at(".name", |c| c.source(&t.name));
                let test = c.predicate(".test", &t.test);
                Some(Node::Computed(source?, test?))
            }),
            Rule::Tag(tag) => {
                self.check.text(".tag", tag)?;
                self.facts.tags.insert(tag.clone());
                Some(Node::Tag(tag.clone()))
            }
            Rule::Stage(stages) => {
                self.facts.stage = true;
                self.check.texts(".stage", stages)?;
                Some(Node::Stage(stages.clone()))
            }
            Rule::Consent(t) => {
                self.facts.consents = true;
                self.check.text(".consent.purpose", &t.purpose)?;
                self.check.text(".consent.channel", &t.channel)?;
                Some(Node::Consent { purpose: t.purpose.clone(), channel: t.channel.clone(), state: t.state })
            }
            Rule::Contactable(c) => {
                self.facts.consents = true;
                self.facts.identifiers = true;
                self.facts.suppressed = true;
                self.check.text(".contactable.purpose", &c.purpose)?;
                self.check.text(".contactable.channel", &c.channel)?;
                Some(Node::Contactable { purpose: c.purpose.clone(), channel: c.channel.clone() })
            }
            Rule::Identifier(t) => self.at(".identifier", |c| {
                c.facts.identifiers = true;
                c.check.text(".namespace", &t.namespace)?;
                let test = match &t.test {
                    Some(test) => Some(c.predicate(".test", test)?),
                    None => None,
                };
                Some(Node::Identifier { namespace: t.namespace.clone(), verified: t.verified, test })
            }),
            Rule::Audience(key) => self.at(".audience", |c| c.audience(key)),
            Rule::List(key) => self.at(".list", |c| c.list(key)),
            Rule::Did(did) => self.at(".did", |c| c.did(did)),
            Rule::Sequence(s) => self.at(".sequence", |c| c.sequence(s)),
        }
    }

    fn audience(&mut self, key: &str) -> Option<Node> {
        if let Some(place) = self.audiences.get(key) {
            self.parts.insert(*place);
            return Some(Node::Audience(*place));
        }
        let like = meant(key, self.audiences.keys().map(String::as_str));
        let is_list = self.known.lists.contains(key);
        let mend = if is_list { "; it is a list: use `list`" } else { "" };
        self.check.say_meant("audience_unknown", format!("there is no audience `{}`{mend}", short(key)), like);
        None
    }

    fn list(&mut self, key: &str) -> Option<Node> {
        if self.known.lists.contains(key) {
            self.facts.lists.insert(key.to_owned());
            return Some(Node::List(key.to_owned()));
        }
        let like = meant(key, self.known.lists.iter().map(String::as_str));
        let mend = if self.audiences.contains_key(key) { "; it is an audience: use `audience`" } else { "" };
        self.check.say_meant("list_unknown", format!("there is no list `{}`{mend}", short(key)), like);
        None
    }

    fn source(&mut self, key: &str) -> Option<Source> {
        if let Some(place) = self.computed.get(key) {
            self.parts.insert(*place);
            return Some(Source::Part(*place));
        }
        if self.known.predictions.contains(key) {
            self.facts.predictions.insert(key.to_owned());
            return Some(Source::Prediction(key.to_owned()));
        }
        let names = self.computed.keys().map(String::as_str);
        let like = meant(key, names.chain(self.known.predictions.iter().map(String::as_str)));
        let detail = format!("there is no computed trait and no prediction `{}`", short(key));
        self.check.say_meant("computed_unknown", detail, like);
        None
    }

    fn computation(&mut self, computation: Computation) -> Option<Body> {
        match computation {
            Computation::Measure { events, window, measure } => {
                self.at(".measure", |c| c.deed(&events, &window, &measure)).map(Body::Measure)
            }
            Computation::Formula(text) => self.at(".formula", |c| c.formula(&text)),
            Computation::Cases { cases, otherwise } => self.at(".cases", |c| {
                c.check.count(".cases", cases.len(), 1, 200)?;
                if let Some(value) = &otherwise {
                    c.check.value(".otherwise", value)?;
                }
                let nodes = c.each(".cases", &cases, |c, case: &Case| {
                    c.check.value(".value", &case.value)?;
                    c.check.inside(".when", |c| c.rule_size(&case.when))?;
                    c.at(".when", |c| c.rule(&case.when))
                })?;
                let cases = cases.into_iter().zip(nodes).map(|(case, node)| (case.when, node, case.value)).collect();
                Some(Body::Cases(cases, otherwise))
            }),
        }
    }

    fn formula(&mut self, text: &str) -> Option<Body> {
        if text.chars().count() > 2_000 {
            self.check.say("text_too_long", "longer than 2000 characters; split it into several traits");
            return None;
        }
        let formula = match Formula::parse(text) {
            Ok(formula) => formula,
            Err(fault) => {
                let column = text[..fault.at].chars().count() + 1;
                self.check.say_meant("formula", format!("at character {column}: {}", fault.detail), fault.suggestion);
                return None;
            }
        };
        let mut names = Vec::new();
        formula.names(&mut |name| names.push(name.clone()));
        let mut sources: Vec<(String, Source)> = Vec::new();
        let mut good = true;
        for name in names {
            match name {
                Formula::Trait(name) => {
                    self.facts.traits.extend(name.split_once('.').map(|(first, _)| first.to_owned()));
                    self.facts.traits.insert(name);
                }
                Formula::Computed(key) if sources.iter().all(|(k, _)| *k != key) => match self.source(&key) {
                    Some(source) => sources.push((key, source)),
                    None => good = false,
                },
                Formula::Computed(_)
                | Formula::Number(_)
                | Formula::Negative(_)
                | Formula::Binary(..)
                | Formula::Call(..) => {}
            }
        }
        good.then_some(Body::Formula(formula, sources))
    }
}

/// A key as it is told.
fn short(text: &str) -> &str {
    super::given::cut(text, 120)
}
