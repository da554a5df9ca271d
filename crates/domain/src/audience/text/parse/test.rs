//! Tests of a value, and values.

use serde_json::{Map, Number, Value};

use super::super::super::rule::{Span, Test};
use super::super::token::What;
use super::super::word;
use super::{Parsed, Parser};

/// A number as JSON keeps it, to the last bit: `serde_json` itself may be off by one there.
pub(super) fn exact(number: &str) -> Option<Value> {
    if let Ok(n) = number.parse::<i64>() {
        return Some(Value::from(n));
    }
    if let Ok(n) = number.parse::<u64>() {
        return Some(Value::from(n));
    }
    Some(Value::Number(Number::from_f64(number.parse().ok()?)?))
}

impl Parser<'_> {
    pub(super) fn test(&mut self) -> Parsed<Test> {
        match self.test_if_any()? {
            Some(test) => Ok(test),
            None => Err(self.unexpected("a test such as `=`, `>=`, `in` or `exists`")),
        }
    }

    pub(super) fn test_if_any(&mut self) -> Parsed<Option<Test>> {
        let test = if self.eat_sign("=") {
            Test::Eq(self.value()?)
        } else if self.eat_sign("!=") || self.eat_words(&["is", "not"]) {
            Test::Ne(self.value()?)
        } else if self.eat_sign(">=") {
            Test::Gte(self.number()?)
        } else if self.eat_sign(">") {
            Test::Gt(self.number()?)
        } else if self.eat_sign("<=") {
            Test::Lte(self.number()?)
        } else if self.eat_sign("<") {
            Test::Lt(self.number()?)
        } else if self.eat("between") {
            let from = self.number()?;
            self.expect("and")?;
            Test::Between(from, self.number()?)
        } else if self.eat_words(&["not", "in"]) {
            Test::NotIn(self.values()?)
        } else if self.eat("in") {
            Test::In(self.values()?)
        } else if self.eat("contains") {
            Test::Contains(self.text("a text in quotes")?)
        } else if self.eat("starts") {
            self.expect("with")?;
            Test::StartsWith(self.text("a text in quotes")?)
        } else if self.eat("ends") {
            self.expect("with")?;
            Test::EndsWith(self.text("a text in quotes")?)
        } else if self.eat("matches") {
            Test::Matches(self.text("a regular expression in quotes")?)
        } else if self.eat("exists") {
            Test::Exists(true)
        } else if self.eat("missing") || self.eat_words(&["is", "missing"]) {
            Test::Exists(false)
        } else if self.eat("is") {
            Test::Eq(self.value()?)
        } else {
            return self.time_test_if_any();
        };
        Ok(Some(test))
    }

    fn time_test_if_any(&mut self) -> Parsed<Option<Test>> {
        let test = if self.eat("before") {
            Test::Before(self.instant()?)
        } else if self.eat("after") {
            Test::After(self.instant()?)
        } else if self.eat("within") {
            if self.eat("next") {
                Test::WithinNext(self.span()?)
            } else {
                self.expect("last")?;
                Test::WithinLast(self.span()?)
            }
        } else if self.eat("older") {
            self.expect("than")?;
            Test::OlderThan(self.span()?)
        } else if self.eat("anniversary") {
            self.expect("from")?;
            let from_days = self.whole("days from today, such as 0")?;
            self.expect("to")?;
            let to_days = self.whole("days from today, such as 7")?;
            let _ = self.eat("days") || self.eat("day");
            Test::Anniversary { from_days, to_days }
        } else {
            return Ok(None);
        };
        Ok(Some(test))
    }

    fn values(&mut self) -> Parsed<Vec<Value>> {
        self.expect_sign("(")?;
        let mut values = Vec::new();
        while !self.eat_sign(")") {
            if !values.is_empty() {
                self.expect_sign(",")?;
            }
            values.push(self.value()?);
        }
        Ok(values)
    }

    fn value(&mut self) -> Parsed<Value> {
        let value = match self.peek() {
            What::Text(text) => Value::from(text.as_str()),
            What::Date(date) => Value::from(date.as_str()),
            What::Number(number) => exact(number).ok_or_else(|| self.unexpected("a number"))?,
            What::Word { means: Some("true"), .. } => Value::Bool(true),
            What::Word { means: Some("false"), .. } => Value::Bool(false),
            What::Word { means: Some("null"), .. } => Value::Null,
            What::Sign("[") => return self.array(),
            What::Sign("{") => return self.object(),
            What::Word { .. } | What::Span(_) | What::Sign(_) | What::End => {
                return Err(self.unquoted("a value (a text in quotes, a number, `true` or `false`)"));
            }
        };
        self.advance();
        Ok(value)
    }

    fn array(&mut self) -> Parsed<Value> {
        self.expect_sign("[")?;
        self.enter()?;
        let mut items = Vec::new();
        while !self.eat_sign("]") {
            if !items.is_empty() {
                self.expect_sign(",")?;
            }
            items.push(self.value()?);
        }
        self.leave();
        Ok(Value::Array(items))
    }

    fn object(&mut self) -> Parsed<Value> {
        self.expect_sign("{")?;
        self.enter()?;
        let mut members = Map::new();
        while !self.eat_sign("}") {
            if !members.is_empty() {
                self.expect_sign(",")?;
            }
            let name = self.text("a name in quotes")?;
            self.expect_sign(":")?;
            members.insert(name, self.value()?);
        }
        self.leave();
        Ok(Value::Object(members))
    }

    /// A number.
    pub(super) fn number(&mut self) -> Parsed<f64> {
        let read = match self.peek() {
            What::Number(number) => number.parse().ok(),
            What::Word { .. } | What::Text(_) | What::Span(_) | What::Date(_) | What::Sign(_) | What::End => None,
        };
        let read = read.ok_or_else(|| self.unexpected("a number"))?;
        self.advance();
        Ok(read)
    }

    /// A whole number that fits.
    pub(super) fn whole<T: std::str::FromStr>(&mut self, wanted: &str) -> Parsed<T> {
        let read = match self.peek() {
            What::Number(number) => number.parse().ok(),
            What::Word { .. } | What::Text(_) | What::Span(_) | What::Date(_) | What::Sign(_) | What::End => None,
        };
        let read = read.ok_or_else(|| self.unexpected(wanted))?;
        self.advance();
        Ok(read)
    }

    /// An instant: a date, or a text that is checked later.
    pub(super) fn instant(&mut self) -> Parsed<String> {
        let read = match self.peek() {
            What::Date(text) | What::Text(text) => text.clone(),
            What::Word { .. } | What::Number(_) | What::Span(_) | What::Sign(_) | What::End => {
                return Err(self.unexpected("a date such as 2025-06-30"));
            }
        };
        self.advance();
        Ok(read)
    }

    /// A length of time: `30d`, or a number and a unit.
    pub(super) fn span(&mut self) -> Parsed<Span> {
        let wanted = "a length of time such as 30d or 24 hours";
        let (text, tokens) = match self.peek() {
            What::Span(text) => (text.clone(), 1),
            What::Number(number) => {
                let unit = &self.tokens[self.at + 1];
                let written = &self.source[unit.start..unit.end];
                let kept = word::UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(written));
                let Some((_, kept)) = kept else {
                    let mut fault = self.unexpected(wanted);
                    fault.suggestion = Some(format!("{number}d"));
                    return Err(fault);
                };
                (format!("{number}{kept}"), 2)
            }
            What::Word { .. } | What::Text(_) | What::Date(_) | What::Sign(_) | What::End => {
                return Err(self.unexpected(wanted));
            }
        };
        let span = Span::parse(&text).map_err(|detail| self.fault("text_value", detail))?;
        for _ in 0..tokens {
            self.advance();
        }
        Ok(span)
    }
}
