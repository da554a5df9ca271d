//! Arithmetic over traits: `computed.revenue_90d / computed.orders_90d`, `round(trait.age / 10)`.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = unary { ("*" | "/") unary }
//! unary   = "-" unary | atom
//! atom    = number | name | function "(" sum { "," sum } ")" | "(" sum ")"
//! name    = ("trait." | "computed.") ( letters, digits, "_", "." | "`" any but "`" "`" )
//! ```

/// A formula, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    /// A number.
    Number(f64),
    /// A trait of the person, by name.
    Trait(String),
    /// A computed trait or prediction, by key.
    Computed(String),
    /// Minus.
    Negative(Box<Formula>),
    /// Two sides.
    Binary(Operator, Box<Formula>, Box<Formula>),
    /// A function of others.
    Call(Function, Vec<Formula>),
}

/// An operator between two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// To whole numbers, or to as many decimals as the second says; halves away from zero.
    Round,
    /// Down to a whole number.
    Floor,
    /// Without sign.
    Abs,
    /// The first that is there.
    Coalesce,
}

/// Why a text is no formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormulaFault {
    /// Byte at which it goes wrong.
    pub at: usize,
    /// What is wrong and how to mend it.
    pub detail: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// Deepest nesting.
const MAX_DEPTH: usize = 50;

impl Function {
    const NAMED: [(&'static str, Self); 6] = [
        ("min", Self::Min),
        ("max", Self::Max),
        ("round", Self::Round),
        ("floor", Self::Floor),
        ("abs", Self::Abs),
        ("coalesce", Self::Coalesce),
    ];

    const fn takes(self) -> (usize, usize) {
        match self {
            Self::Min | Self::Max | Self::Coalesce => (1, 50),
            Self::Round => (1, 2),
            Self::Floor | Self::Abs => (1, 1),
        }
    }
}

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, FormulaFault> {
        let mut p = Parser { text, at: 0 };
        let formula = p.sum(0)?;
        p.blanks();
        if p.at < text.len() {
            return p.fault("an operator or the end was expected here: + - * / or nothing");
        }
        Ok(formula)
    }

    /// Its value, given those of traits (`get("trait", name)`) and computed traits. Missing in, missing out; a division by
    /// zero and what is beyond all numbers are missing too.
    pub fn value(&self, get: &mut impl FnMut(&Self) -> Option<f64>) -> Option<f64> {
        let n = match self {
            Self::Number(n) => *n,
            Self::Trait(_) | Self::Computed(_) => get(self)?,
            Self::Negative(of) => -of.value(get)?,
            Self::Binary(op, a, b) => {
                let (a, b) = (a.value(get)?, b.value(get)?);
                match op {
                    Operator::Add => a + b,
                    Operator::Subtract => a - b,
                    Operator::Multiply => a * b,
                    Operator::Divide => a / b,
                }
            }
            Self::Call(Function::Coalesce, of) => of.iter().find_map(|f| f.value(get))?,
            Self::Call(function, of) => {
                let mut values = Vec::with_capacity(of.len());
                for f in of {
                    values.push(f.value(get)?);
                }
                let first = *values.first()?;
                match function {
                    Function::Min => values.into_iter().fold(first, f64::min),
                    Function::Max => values.into_iter().fold(first, f64::max),
                    Function::Round => {
                        let unit = 10_f64.powf(values.get(1).copied().unwrap_or(0.0).round().clamp(-12.0, 12.0));
                        (first * unit).round() / unit
                    }
                    Function::Floor => first.floor(),
                    Function::Abs | Function::Coalesce => first.abs(),
                }
            }
        };
        n.is_finite().then_some(n)
    }

    /// Calls `see` with every trait and computed trait in it.
    pub fn names(&self, see: &mut impl FnMut(&Self)) {
        match self {
            Self::Number(_) => {}
            Self::Trait(_) | Self::Computed(_) => see(self),
            Self::Negative(of) => of.names(see),
            Self::Binary(_, a, b) => {
                a.names(see);
                b.names(see);
            }
            Self::Call(_, of) => of.iter().for_each(|f| f.names(see)),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn fault<T>(&self, detail: impl Into<String>) -> Result<T, FormulaFault> {
        Err(FormulaFault { at: self.at, detail: detail.into(), suggestion: None })
    }

    fn eat(&mut self, c: char) -> bool {
        self.blanks();
        let next = self.rest().starts_with(c);
        if next {
            self.at += c.len_utf8();
        }
        next
    }

    fn sum(&mut self, depth: usize) -> Result<Formula, FormulaFault> {
        let mut left = self.product(depth)?;
        loop {
            let op = if self.eat('+') {
                Operator::Add
            } else if self.eat('-') {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = Formula::Binary(op, Box::new(left), Box::new(self.product(depth)?));
        }
    }

    fn product(&mut self, depth: usize) -> Result<Formula, FormulaFault> {
        let mut left = self.unary(depth)?;
        loop {
            let op = if self.eat('*') {
                Operator::Multiply
            } else if self.eat('/') {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = Formula::Binary(op, Box::new(left), Box::new(self.unary(depth)?));
        }
    }

    fn unary(&mut self, depth: usize) -> Result<Formula, FormulaFault> {
        if depth > MAX_DEPTH {
            return self.fault(format!("nested deeper than {MAX_DEPTH}; split the formula into several traits"));
        }
        if self.eat('-') {
            return Ok(Formula::Negative(Box::new(self.unary(depth + 1)?)));
        }
        self.atom(depth)
    }

    fn atom(&mut self, depth: usize) -> Result<Formula, FormulaFault> {
        self.blanks();
        if self.eat('(') {
            let inner = self.sum(depth + 1)?;
            return if self.eat(')') { Ok(inner) } else { self.fault("a closing `)` is missing here") };
        }
        if self.rest().starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return self.number();
        }
        let start = self.at;
        let word = self.word();
        if word.is_empty() {
            return self.fault("a number, a name such as `trait.age` or `computed.orders`, or `(` was expected here");
        }
        if let Some((kind, rest)) = word.split_once('.')
            && matches!(kind, "trait" | "computed")
        {
            let name = if rest.is_empty() { self.quoted()? } else { rest.to_owned() };
            return Ok(if kind == "trait" { Formula::Trait(name) } else { Formula::Computed(name) });
        }
        let Some((_, function)) = Function::NAMED.into_iter().find(|(name, _)| *name == word) else {
            self.at = start;
            let names = Function::NAMED.iter().map(|(n, _)| *n);
            let detail = format!(
                "`{word}` is no function, nor a name: names begin with `trait.` or `computed.`, functions are {}",
                names.clone().collect::<Vec<_>>().join(", ")
            );
            return Err(FormulaFault { at: start, detail, suggestion: super::fault::meant(word, names) });
        };
        self.call(word, function, depth)
    }

    fn call(&mut self, word: &str, function: Function, depth: usize) -> Result<Formula, FormulaFault> {
        if !self.eat('(') {
            return self.fault(format!("`{word}` is a function: write {word}(…)"));
        }
        let mut of = vec![self.sum(depth + 1)?];
        while self.eat(',') {
            of.push(self.sum(depth + 1)?);
        }
        if !self.eat(')') {
            return self.fault("a `,` or a closing `)` is missing here");
        }
        let (least, most) = function.takes();
        if of.len() < least || of.len() > most {
            return self.fault(format!("`{word}` takes {least} to {most} values, not {}", of.len()));
        }
        Ok(Formula::Call(function, of))
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == '$')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn quoted(&mut self) -> Result<String, FormulaFault> {
        let inner = self.rest().strip_prefix('`').and_then(|r| r.split_once('`')).map(|(name, _)| name);
        match inner {
            Some(name) if !name.is_empty() => {
                self.at += name.len() + 2;
                Ok(name.to_owned())
            }
            Some(_) | None => self.fault("a name is missing here: write trait.age, or trait.`with blanks`"),
        }
    }

    fn number(&mut self) -> Result<Formula, FormulaFault> {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        match rest[..end].parse() {
            Ok(n) => {
                self.at += end;
                Ok(Formula::Number(n))
            }
            Err(_) => self.fault(format!("`{}` is no number", &rest[..end])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> Option<f64> {
        let get = |f: &Formula| match f {
            Formula::Trait(n) if n == "age" => Some(34.0),
            Formula::Computed(n) if n == "客单价" => Some(12.5),
            _ => None,
        };
        Formula::parse(text).unwrap().value(&mut { get })
    }

    #[test]
    fn arithmetic_follows_the_usual_rules() {
        for (text, want) in [
            ("1 + 2 * 3", Some(7.0)),
            ("(1 + 2) * -3", Some(-9.0)),
            ("8 / 2 / 2 - 1 - 1", Some(0.0)),
            ("round(trait.age / 10) * 10", Some(30.0)),
            ("round(2.346, 2)", Some(2.35)),
            ("max(1, computed.客单价, 3) + min(4, 2)", Some(14.5)),
            ("coalesce(trait.`no such`, trait.gone / 2, 9)", Some(9.0)),
            ("1 + trait.gone", None),
            ("1 / 0", None),
            ("abs(floor(-1.5))", Some(2.0)),
        ] {
            assert_eq!(value(text), want, "{text}");
        }
    }

    #[test]
    fn a_wrong_formula_is_told_where_and_how_to_mend_it() {
        for (text, at, detail) in [
            ("1 +", 3, "was expected"),
            ("(1", 2, "closing"),
            ("1 2", 2, "operator"),
            ("rond(1)", 0, "no function"),
            ("trait.", 6, "name is missing"),
            ("round(1,2,3)", 12, "1 to 2 values"),
            ("1.2.3", 0, "no number"),
        ] {
            let fault = Formula::parse(text).unwrap_err();
            assert_eq!(fault.at, at, "{text}");
            assert!(fault.detail.contains(detail), "{text}: {}", fault.detail);
        }
        assert_eq!(Formula::parse("rond(1)").unwrap_err().suggestion.as_deref(), Some("round"));
        assert!(Formula::parse(&"(".repeat(10_000)).unwrap_err().detail.contains("deeper"));
        assert!(Formula::parse(&"-".repeat(10_000)).unwrap_err().detail.contains("deeper"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z.`(),0-9+*/ 客-]{0,30}") {
            if let Ok(f) = Formula::parse(&text) {
                f.value(&mut |_| Some(1.0));
            }
        }
    }
}
