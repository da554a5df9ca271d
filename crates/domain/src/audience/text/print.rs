//! A tree to text. Parentheses stand where the parser needs them to give the same tree, and nowhere else.

use std::fmt::Write as _;

use serde_json::{Number, Value};

use super::super::rule::{
    Behaviour, CalendarUnit, ConsentState, Events, Filter, IdentifierTest, Measure, NamedTest, Rule, Sequence, Test,
    Window,
};
use super::token;
use super::word::{named, quoted};

/// Longest line, in characters, that is not broken.
const WIDTH: usize = 100;
const INDENT: &str = "  ";

/// A rule or filter seen as a group or as what is none.
enum Shape<'a, T> {
    All(&'a [T]),
    Any(&'a [T]),
    None(&'a [T]),
    Leaf(String),
}

/// What is written as chains and groups.
trait Tree: Sized {
    /// What an explicit group is called after `all`, `any` and `none`: conditions have ` of `, filters nothing, so that
    /// even an empty group after `where` can be told apart.
    const OF: &'static str;
    fn shape(&self) -> Shape<'_, Self>;
}

impl Tree for Rule {
    const OF: &'static str = " of ";

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::All(members) if members.is_empty() => Shape::Leaf("everyone".to_owned()),
            Self::Any(members) if members.is_empty() => Shape::Leaf("nobody".to_owned()),
            Self::All(members) => Shape::All(members),
            Self::Any(members) => Shape::Any(members),
            Self::None(members) => Shape::None(members),
            Self::Trait(t) => Shape::Leaf(format!("trait {}", named_test(t))),
            Self::Computed(t) => Shape::Leaf(format!("computed {}", named_test(t))),
            Self::Tag(tag) => Shape::Leaf(format!("tag {}", quoted(tag))),
            Self::Stage(stages) => Shape::Leaf(stage(stages)),
            Self::Consent(c) => {
                let state = match c.state {
                    ConsentState::Granted => "granted",
                    ConsentState::Refused => "refused",
                    ConsentState::Unknown => "unknown",
                };
                Shape::Leaf(format!("consent for {} by {} is {state}", named(&c.purpose), named(&c.channel)))
            }
            Self::Contactable(c) => {
                Shape::Leaf(format!("contactable for {} by {}", named(&c.purpose), named(&c.channel)))
            }
            Self::Identifier(i) => Shape::Leaf(identifier(i)),
            Self::Audience(key) => Shape::Leaf(format!("in audience {}", quoted(key))),
            Self::List(key) => Shape::Leaf(format!("on list {}", quoted(key))),
            Self::Did(did) => Shape::Leaf(behaviour(did)),
            Self::Sequence(s) => Shape::Leaf(sequence(s)),
        }
    }
}

impl Tree for Filter {
    const OF: &'static str = "";

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::All(members) => Shape::All(members),
            Self::Any(members) => Shape::Any(members),
            Self::None(members) => Shape::None(members),
            Self::Field { name, test: tested } => Shape::Leaf(format!("{} {}", named(&name.to_string()), test(tested))),
            Self::Product(tests) => {
                let tests: Vec<String> = tests.iter().map(named_test).collect();
                Shape::Leaf(format!("product({})", tests.join(" and ")))
            }
        }
    }
}

/// What a tree is a member of, and so when it needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// The whole, a group or parentheses: nothing does.
    Group,
    /// A chain of `or`: another chain of `or` does.
    Or,
    /// A chain of `and`, or `not`: every chain does.
    And,
}

/// Writes a rule.
pub(super) fn rule(rule: &Rule) -> String {
    let mut out = String::new();
    block(rule, Within::Group, 0, &mut out);
    out
}

/// A tree on one line.
fn line<T: Tree>(tree: &T, within: Within) -> String {
    let chain = |members: &[T], word: &str, inner: Within, bare: bool| {
        let members: Vec<String> = members.iter().map(|m| line(m, inner)).collect();
        let chain = members.join(word);
        if bare { chain } else { format!("({chain})") }
    };
    match tree.shape() {
        Shape::All(members) if members.len() > 1 => chain(members, " and ", Within::And, within != Within::And),
        Shape::Any(members) if members.len() > 1 => chain(members, " or ", Within::Or, within == Within::Group),
        Shape::None(members) if members.len() == 1 => format!("not {}", line(&members[0], Within::And)),
        Shape::All(members) => group("all", members),
        Shape::Any(members) => group("any", members),
        Shape::None(members) => group("none", members),
        Shape::Leaf(text) => text,
    }
}

fn group<T: Tree>(word: &str, members: &[T]) -> String {
    let members: Vec<String> = members.iter().map(|m| line(m, Within::Group)).collect();
    format!("{word}{}({})", T::OF, members.join(", "))
}

/// A rule that may take several lines; the first begins where `out` ends.
fn block(tree: &Rule, within: Within, indent: usize, out: &mut String) {
    let whole = line(tree, within);
    let used = out.chars().rev().take_while(|c| *c != '\n').count();
    if used + whole.chars().count() <= WIDTH {
        out.push_str(&whole);
        return;
    }
    match tree.shape() {
        Shape::All(members) if members.len() > 1 => {
            chain_block(members, "and ", Within::And, within != Within::And, indent, out);
        }
        Shape::Any(members) if members.len() > 1 => {
            chain_block(members, "or ", Within::Or, within == Within::Group, indent, out);
        }
        Shape::None(members) if members.len() == 1 => {
            out.push_str("not ");
            block(&members[0], Within::And, indent, out);
        }
        Shape::All(members) => group_block("all", members, indent, out),
        Shape::Any(members) => group_block("any", members, indent, out),
        Shape::None(members) => group_block("none", members, indent, out),
        Shape::Leaf(_) => out.push_str(&whole),
    }
}

fn chain_block(members: &[Rule], word: &str, inner: Within, bare: bool, indent: usize, out: &mut String) {
    let within = if bare { indent } else { indent + 1 };
    if !bare {
        out.push('(');
        new_line(within, out);
    }
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            new_line(within, out);
            out.push_str(word);
        }
        block(member, inner, within, out);
    }
    if !bare {
        new_line(indent, out);
        out.push(')');
    }
}

fn group_block(word: &str, members: &[Rule], indent: usize, out: &mut String) {
    let _ = write!(out, "{word}{}(", Rule::OF);
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        new_line(indent + 1, out);
        block(member, Within::Group, indent + 1, out);
    }
    new_line(indent, out);
    out.push(')');
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    for _ in 0..indent {
        out.push_str(INDENT);
    }
}

fn named_test(t: &NamedTest) -> String {
    format!("{} {}", named(&t.name), test(&t.test))
}

fn stage(stages: &[String]) -> String {
    match stages {
        [one] => format!("stage {}", quoted(one)),
        several => {
            let several: Vec<String> = several.iter().map(|s| quoted(s)).collect();
            format!("stage in ({})", several.join(", "))
        }
    }
}

fn identifier(i: &IdentifierTest) -> String {
    let verified = if i.verified { "verified " } else { "" };
    let tested = i.test.as_ref().map(|t| format!(" {}", test(t))).unwrap_or_default();
    format!("{verified}identifier {}{tested}", named(&i.namespace))
}

fn behaviour(did: &Behaviour) -> String {
    let mut out = format!("did {}", events(&did.events));
    let is_default = did.measure == Measure::Count && did.test == Test::Gte(1.0);
    if !is_default {
        let _ = write!(out, " {}", measured(&did.measure, &did.test));
    }
    if !did.window.is_ever() {
        let _ = write!(out, " {}", window(&did.window));
    }
    out
}

fn events(events: &Events) -> String {
    let name = if events.event == "*" { "any event".to_owned() } else { quoted(&events.event) };
    let filters = match events.filters.as_slice() {
        [] => return name,
        // One chain of `and` without parentheses would be the list itself.
        [one @ Filter::All(members)] if members.len() > 1 => line(one, Within::And),
        [one] => line(one, Within::Group),
        several => several.iter().map(|f| line(f, Within::And)).collect::<Vec<_>>().join(" and "),
    };
    format!("{name} where {filters}")
}

fn measured(measure: &Measure, tested: &Test) -> String {
    let times = |n: &str| if n == "1" { "time" } else { "times" };
    match (measure, tested) {
        (Measure::Count, Test::Gte(n)) => format!("at least {} {}", number(*n), times(&number(*n))),
        (Measure::Count, Test::Lte(n)) => format!("at most {} {}", number(*n), times(&number(*n))),
        (Measure::Count, Test::Eq(Value::Number(n))) => format!("exactly {n} {}", times(&n.to_string())),
        (measure, tested) => format!("{} {}", measured_what(measure), test(tested)),
    }
}

fn measured_what(measure: &Measure) -> String {
    let (word, field) = match measure {
        Measure::Count => return "count".to_owned(),
        Measure::FirstAt => return "first time".to_owned(),
        Measure::LastAt => return "last time".to_owned(),
        Measure::DaysSinceFirst => return "days since first".to_owned(),
        Measure::DaysSinceLast => return "days since last".to_owned(),
        Measure::Sum(field) => ("sum", field),
        Measure::Average(field) => ("average", field),
        Measure::Min(field) => ("min", field),
        Measure::Max(field) => ("max", field),
        Measure::Distinct(field) => ("distinct", field),
        Measure::MostFrequent(field) => ("most frequent", field),
        Measure::First(field) => ("first", field),
        Measure::Last(field) => ("last", field),
    };
    format!("{word} {}", named(&field.to_string()))
}

fn window(window: &Window) -> String {
    match window {
        Window::Ever => "ever".to_owned(),
        Window::Last(span) => format!("within last {span}"),
        Window::Between(from, to) => format!("from {} to {}", instant(from), instant(to)),
        Window::Newest(n) => format!("among last {n}"),
        Window::Calendar { unit, back } => {
            let unit = match unit {
                CalendarUnit::Day => "day",
                CalendarUnit::Week => "week",
                CalendarUnit::Month => "month",
                CalendarUnit::Quarter => "quarter",
                CalendarUnit::Year => "year",
            };
            match back {
                0 => format!("in this {unit}"),
                1 => format!("in last {unit}"),
                n => format!("in the {unit} {n} {unit}s ago"),
            }
        }
    }
}

fn sequence(s: &Sequence) -> String {
    let steps: Vec<String> = s
        .steps
        .iter()
        .map(|step| {
            let not = if step.absent { "not " } else { "" };
            let within = step.within.map(|span| format!(" within {span}")).unwrap_or_default();
            format!("{not}{}{within}", events(&step.events))
        })
        .collect();
    let first = if s.window.is_ever() { String::new() } else { format!(", first {}", window(&s.window)) };
    format!("sequence {}{first}", steps.join(" then "))
}

fn test(test: &Test) -> String {
    match test {
        Test::Eq(value) => format!("= {}", json(value)),
        Test::Ne(value) => format!("!= {}", json(value)),
        Test::In(values) => format!("in ({})", values.iter().map(json).collect::<Vec<_>>().join(", ")),
        Test::NotIn(values) => format!("not in ({})", values.iter().map(json).collect::<Vec<_>>().join(", ")),
        Test::Gt(n) => format!("> {}", number(*n)),
        Test::Gte(n) => format!(">= {}", number(*n)),
        Test::Lt(n) => format!("< {}", number(*n)),
        Test::Lte(n) => format!("<= {}", number(*n)),
        Test::Between(from, to) => format!("between {} and {}", number(*from), number(*to)),
        Test::Contains(text) => format!("contains {}", quoted(text)),
        Test::StartsWith(text) => format!("starts with {}", quoted(text)),
        Test::EndsWith(text) => format!("ends with {}", quoted(text)),
        Test::Matches(text) => format!("matches {}", quoted(text)),
        Test::Exists(true) => "exists".to_owned(),
        Test::Exists(false) => "is missing".to_owned(),
        Test::Before(at) => format!("before {}", instant(at)),
        Test::After(at) => format!("after {}", instant(at)),
        Test::WithinLast(span) => format!("within last {span}"),
        Test::OlderThan(span) => format!("older than {span}"),
        Test::WithinNext(span) => format!("within next {span}"),
        Test::Anniversary { from_days, to_days } => format!("anniversary from {from_days} to {to_days} days"),
    }
}

fn json(value: &Value) -> String {
    value.to_string()
}

/// A number as it is typed: `500`, not `500.0`.
fn number(n: f64) -> String {
    let text = Number::from_f64(n).map(|n| n.to_string()).unwrap_or_default();
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// An instant: bare when it looks like one.
fn instant(at: &str) -> String {
    if token::date_length(at) == Some(at.len()) { at.to_owned() } else { quoted(at) }
}
