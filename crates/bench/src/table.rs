//! Figures as they come, each beside its aim; as JSON at the end if wanted.

use std::io::Write as _;

use serde::Serialize;
use throughline_base::Problem;

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Aim {
    AtLeast(f64),
    AtMost(f64),
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    part: &'static str,
    name: String,
    value: f64,
    unit: &'static str,
    /// How good: 1 is the aim or the yardstick, more is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aim: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
}

/// The figures so far.
#[derive(Debug, Default)]
pub(crate) struct Table {
    json: bool,
    part: &'static str,
    rows: Vec<Row>,
}

impl Table {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, ..Self::default() }
    }

    /// Begins a part.
    pub(crate) fn part(&mut self, part: &'static str, what: &str) {
        self.part = part;
        self.say(&format!("\n{part}: {what}"));
    }

    /// Something to know that is no figure.
    pub(crate) fn note(&self, text: &str) {
        self.say(&format!("  {text}"));
    }

    /// A figure without an aim.
    pub(crate) fn figure(&mut self, name: &str, value: f64, unit: &'static str) {
        self.push(Row { part: self.part, name: name.to_owned(), value, unit, ratio: None, aim: None, met: None });
    }

    /// A figure beside a yardstick measured on the same bytes: `ratio` of it, more is better.
    pub(crate) fn beside(&mut self, name: &str, value: f64, unit: &'static str, ratio: f64) {
        self.push(Row {
            part: self.part,
            name: name.to_owned(),
            value,
            unit,
            ratio: Some(ratio),
            aim: None,
            met: None,
        });
    }

    /// A figure with an aim.
    pub(crate) fn aimed(&mut self, name: &str, value: f64, unit: &'static str, aim: Aim) {
        let (wanted, met, ratio) = match aim {
            Aim::AtLeast(a) => (a, value >= a, value / a),
            Aim::AtMost(a) => (a, value <= a, a / value),
        };
        let row = Row {
            part: self.part,
            name: name.to_owned(),
            value,
            unit,
            ratio: Some(ratio),
            aim: Some(wanted),
            met: Some(met),
        };
        self.push(row);
    }

    fn push(&mut self, row: Row) {
        let mut text = format!("  {:44} {:>12} {:16}", row.name, number(row.value), row.unit);
        match (row.ratio, row.aim, row.met) {
            (Some(ratio), Some(aim), Some(met)) => {
                let verdict = if met { "ok" } else { "MISSED" };
                text.push_str(&format!(" aim {:>10}   {ratio:6.2} of the aim   {verdict}", number(aim)));
            }
            (Some(ratio), _, _) => text.push_str(&format!(" {ratio:.2} of the yardstick")),
            (None, _, _) => {}
        }
        self.say(&text);
        self.rows.push(row);
    }

    /// With JSON, lines for people go to standard error.
    fn say(&self, text: &str) {
        let text = text.trim_end();
        // A closed pipe is no error.
        let _ = if self.json { writeln!(std::io::stderr(), "{text}") } else { writeln!(std::io::stdout(), "{text}") };
    }

    /// Prints the end.
    pub(crate) fn finish(&self) -> Result<(), Problem> {
        let missed: Vec<&str> = self.rows.iter().filter(|r| r.met == Some(false)).map(|r| r.name.as_str()).collect();
        let aims = self.rows.iter().filter(|r| r.met.is_some()).count();
        self.say(&format!("\n{} of {aims} aims met{}", aims - missed.len(), list(&missed)));
        if self.json {
            let text = serde_json::to_string_pretty(&self.rows)
                .map_err(|e| Problem::internal("bench", "the figures are no JSON").caused_by(e))?;
            let _ = writeln!(std::io::stdout(), "{text}");
        }
        Ok(())
    }
}

fn list(missed: &[&str]) -> String {
    if missed.is_empty() { String::new() } else { format!("; missed: {}", missed.join(", ")) }
}

/// Three digits that matter; thousands apart.
fn number(v: f64) -> String {
    if v.abs() < 100.0 {
        return format!("{v:.2}");
    }
    let whole = format!("{:.0}", v.abs());
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if v < 0.0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0.5), "0.50");
        assert_eq!(number(99.994), "99.99");
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(-1_000.0), "-1,000");
    }

    #[test]
    fn an_aim_is_met_from_its_own_side() {
        let mut t = Table::new(false);
        t.aimed("fast", 10.0, "1/s", Aim::AtLeast(20.0));
        t.aimed("late", 10.0, "ms", Aim::AtMost(20.0));
        assert_eq!(
            t.rows.iter().map(|r| (r.ratio, r.met)).collect::<Vec<_>>(),
            [(Some(0.5), Some(false)), (Some(2.0), Some(true))]
        );
    }
}
