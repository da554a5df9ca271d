//! What a person did: events, filters, measures, windows and sequences.

use super::super::super::rule::{
    Behaviour, CalendarUnit, Events, Field, Filter, Measure, Rule, Sequence, Step, Test, Window,
};
use super::super::token::What;
use super::super::word;
use super::condition::CONDITIONS;
use super::test::exact;
use super::{Parsed, Parser};

const UNITS: [(&str, &str, CalendarUnit); 5] = [
    ("day", "days", CalendarUnit::Day),
    ("week", "weeks", CalendarUnit::Week),
    ("month", "months", CalendarUnit::Month),
    ("quarter", "quarters", CalendarUnit::Quarter),
    ("year", "years", CalendarUnit::Year),
];

impl Parser<'_> {
    pub(super) fn did(&mut self) -> Parsed<Rule> {
        let not = self.eat("not");
        let events = self.events()?;
        let (measure, test) = self.measured()?;
        let window = self.window_if_any()?.unwrap_or_default();
        let did = Rule::Did(Behaviour { events, window, measure, test });
        Ok(if not { Rule::None(vec![did]) } else { did })
    }

    fn events(&mut self) -> Parsed<Events> {
        let event = if self.eat("any") {
            self.expect("event")?;
            "*".to_owned()
        } else {
            self.text("the name of an event in quotes")?
        };
        let filters = if self.eat("where") { self.filters()? } else { Vec::new() };
        Ok(Events { event, filters })
    }

    /// Whether a filter begins at a token, rather than a condition: behind what opens groups stands a word of one or of
    /// the other. An empty group is a condition's when it is called `of`.
    pub(super) fn filter_begins(&self, mut at: usize) -> bool {
        let mut of = false;
        loop {
            if self.is_sign(at, "(") {
                at += 1;
            } else if self.is_sign(at, ")") {
                return !of;
            } else {
                match self.means(at) {
                    Some("not") => at += 1,
                    Some("all" | "any" | "none") => {
                        of = self.means(at + 1) == Some("of");
                        at += 1 + usize::from(of);
                        if !self.is_sign(at, "(") {
                            return false;
                        }
                    }
                    Some(word) => return !CONDITIONS.contains(&word),
                    None => return *self.what(at) != What::End,
                }
            }
        }
    }

    pub(super) fn filter(&mut self) -> Parsed<Filter> {
        let is_product = self.at_word("product") && self.is_sign(self.at + 1, "(");
        if !is_product {
            return Ok(Filter::Field { name: self.field()?, test: self.test()? });
        }
        self.advance();
        self.expect_sign("(")?;
        let mut tests = Vec::new();
        while !self.eat_sign(")") {
            if !tests.is_empty() && !self.eat_sign(",") {
                self.expect("and")?;
            }
            tests.push(self.named_test("a field of the product, such as category")?);
        }
        Ok(Filter::Product(tests))
    }

    fn field(&mut self) -> Parsed<Field> {
        let wanted = "a field of the event, such as value or properties.NAME,";
        let name = match self.peek() {
            What::Text(text) => text.clone(),
            What::Word { further: false, .. } => self.written().to_owned(),
            What::Word { further: true, .. }
            | What::Number(_)
            | What::Span(_)
            | What::Date(_)
            | What::Sign(_)
            | What::End => return Err(self.unexpected(wanted)),
        };
        let Ok(field) = Field::parse(&name) else { return Err(self.no_field(wanted, &name)) };
        self.advance();
        Ok(field)
    }

    fn no_field(&self, wanted: &str, name: &str) -> super::TextFault {
        let means = self.means(self.at);
        if let Some(condition) = means.filter(|word| CONDITIONS.contains(word)) {
            let detail =
                format!("`{condition}` is a condition on the person, but this group is about the event after `where`");
            return self.fault("text_expected", detail);
        }
        let mut fault = self.unexpected(wanted);
        fault.expected = Field::names().map(str::to_owned).collect();
        fault.expected.extend(["properties.NAME", "product"].map(str::to_owned));
        let near = word::nearest(name, Field::names().chain(["product"]).chain(CONDITIONS));
        fault.suggestion = match near {
            Some(near) => Some(near.to_owned()),
            None if means.is_none() => Some(word::named(&format!("properties.{name}"))),
            None => None,
        };
        fault
    }

    /// What is measured and what it must be; at least one event when nothing is said.
    fn measured(&mut self) -> Parsed<(Measure, Test)> {
        if self.eat("at") {
            let most = self.eat("most");
            if !most {
                self.expect("least")?;
            }
            let n = self.number()?;
            self.times();
            return Ok((Measure::Count, if most { Test::Lte(n) } else { Test::Gte(n) }));
        }
        if self.eat("exactly") {
            let What::Number(number) = self.peek() else { return Err(self.unexpected("a number")) };
            let n = exact(number).ok_or_else(|| self.unexpected("a number"))?;
            self.advance();
            self.times();
            return Ok((Measure::Count, Test::Eq(n)));
        }
        match self.measure_if_any()? {
            Some(measure) => Ok((measure, self.test()?)),
            None => Ok((Measure::Count, Test::Gte(1.0))),
        }
    }

    fn times(&mut self) {
        let _ = self.eat("times") || self.eat("time");
    }

    fn measure_if_any(&mut self) -> Parsed<Option<Measure>> {
        let measure = if self.eat("count") {
            Measure::Count
        } else if self.eat("sum") {
            Measure::Sum(self.measured_field()?)
        } else if self.eat("average") {
            Measure::Average(self.measured_field()?)
        } else if self.eat("min") {
            Measure::Min(self.measured_field()?)
        } else if self.eat("max") {
            Measure::Max(self.measured_field()?)
        } else if self.eat("distinct") {
            Measure::Distinct(self.measured_field()?)
        } else if self.eat("most") {
            self.expect("frequent")?;
            Measure::MostFrequent(self.measured_field()?)
        } else if self.eat("first") {
            if self.eat("time") { Measure::FirstAt } else { Measure::First(self.measured_field()?) }
        } else if self.eat("last") {
            if self.eat("time") { Measure::LastAt } else { Measure::Last(self.measured_field()?) }
        } else if self.eat("days") {
            self.expect("since")?;
            if self.eat("first") {
                Measure::DaysSinceFirst
            } else {
                self.expect("last")?;
                Measure::DaysSinceLast
            }
        } else {
            return Ok(None);
        };
        Ok(Some(measure))
    }

    fn measured_field(&mut self) -> Parsed<Field> {
        self.eat("of");
        self.field()
    }

    fn window_if_any(&mut self) -> Parsed<Option<Window>> {
        let window = if self.eat("ever") {
            Window::Ever
        } else if self.eat("within") {
            self.eat("the");
            self.eat("last");
            Window::Last(self.span()?)
        } else if self.eat("from") {
            let from = self.instant()?;
            self.expect("to")?;
            Window::Between(from, self.instant()?)
        } else if self.eat("among") {
            self.eat("the");
            self.expect("last")?;
            Window::Newest(self.whole("how many")?)
        } else if self.eat("in") {
            self.calendar()?
        } else {
            return Ok(None);
        };
        Ok(Some(window))
    }

    /// What follows `in`.
    fn calendar(&mut self) -> Parsed<Window> {
        if self.eat("this") {
            return Ok(Window::Calendar { unit: self.unit()?, back: 0 });
        }
        let the = self.eat("the");
        if self.eat("last") {
            if matches!(self.peek(), What::Span(_) | What::Number(_)) {
                return Ok(Window::Last(self.span()?));
            }
            return Ok(Window::Calendar { unit: self.unit()?, back: 1 });
        }
        if !the {
            return Err(self.unexpected("`this`, `last` or `the`"));
        }
        let unit = self.unit()?;
        let back = self.whole("how many")?;
        if self.unit()? != unit {
            return Err(self.fault("text_expected", "the two units of the calendar differ".to_owned()));
        }
        self.expect("ago")?;
        Ok(Window::Calendar { unit, back })
    }

    fn unit(&mut self) -> Parsed<CalendarUnit> {
        for (one, several, unit) in UNITS {
            if self.eat(one) || self.eat(several) {
                return Ok(unit);
            }
        }
        Err(self.unexpected("`day`, `week`, `month`, `quarter` or `year`"))
    }

    pub(super) fn sequence(&mut self) -> Parsed<Rule> {
        let mut steps = vec![self.step()?];
        self.expect("then")?;
        steps.push(self.step()?);
        while self.eat("then") {
            steps.push(self.step()?);
        }
        let comma = self.is_sign(self.at, ",") && self.means(self.at + 1) == Some("first");
        if comma {
            self.advance();
        }
        let mut window = Window::Ever;
        if self.eat("first") {
            window = match self.window_if_any()? {
                Some(window) => window,
                None => return Err(self.unexpected("when, such as `within last 7d`,")),
            };
        }
        Ok(Rule::Sequence(Sequence { steps, window }))
    }

    fn step(&mut self) -> Parsed<Step> {
        let absent = self.eat("not");
        let events = self.events()?;
        let within = if self.eat("within") { Some(self.span()?) } else { None };
        Ok(Step { events, within, absent })
    }
}
