//! The truth: who is who, and what each order was really caused by. JSON Lines, one object a line, `kind` first.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};
use throughline_base::Timestamp;

/// An identifier that truly is (or was) somebody's and was seen in at least one event sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrueIdentifier {
    /// Namespace, for instance `phone`, `user_id`, `openid:wx…`.
    pub namespace: String,
    /// The normalised value, for instance `+8613912345678`.
    pub value: String,
    /// From when it is theirs.
    pub valid_from: Timestamp,
    /// Until when; absent while it still is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Identifiers of one person with the same number are joined by evidence in the events sent.
    pub evidence_group: u32,
}

/// One human being.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TruePerson {
    /// `p1`, `p2`, … of the demo.
    pub person: String,
    /// The true name, spelled right.
    pub name: String,
    /// Segment: `heavy`, `regular`, `occasional`, `one_time`, `browser`.
    pub segment: String,
    /// Everything that identifies them.
    pub identifiers: Vec<TrueIdentifier>,
}

/// One order and its cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrueOrder {
    /// `order_id` as sent.
    pub order_id: String,
    /// Who bought.
    pub person: String,
    /// When.
    pub at: Timestamp,
    /// Source slug it was sold at.
    pub venue: String,
    /// Revenue in minor units of CNY.
    pub revenue_minor: i64,
    /// What was given back later, minor units.
    pub refunded_minor: i64,
    /// The channel of the touch that made this order happen, or [`crate::BASELINE`].
    pub cause: String,
    /// When that touch was; absent for the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_at: Option<Timestamp>,
    /// True incremental contribution by channel, summing to 1: each channel's part of the purchase hazard at that
    /// instant, which is the probability that it was the cause.
    pub shares: BTreeMap<String, f64>,
}

/// Everything there is to know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Truth {
    /// The people with at least one identifier sent.
    pub people: Vec<TruePerson>,
    /// The orders sent, in time order.
    pub orders: Vec<TrueOrder>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Person(TruePerson),
    Order(TrueOrder),
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LineRef<'a> {
    Person(&'a TruePerson),
    Order(&'a TrueOrder),
}

impl Truth {
    /// Writes people, then orders, one JSON object a line.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_jsonl(&self, out: &mut impl Write) -> io::Result<()> {
        let lines = self.people.iter().map(LineRef::Person).chain(self.orders.iter().map(LineRef::Order));
        for line in lines {
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Reads what [`Self::write_jsonl`] wrote.
    ///
    /// # Errors
    /// What the reader says, or the number and fault of a line that is not a truth line.
    pub fn read_jsonl(input: impl BufRead) -> io::Result<Self> {
        let mut truth = Self::default();
        for (i, line) in input.lines().enumerate() {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            let parsed = serde_json::from_str(&line)
                .map_err(|e| io::Error::new(io::ErrorKind::InvalidData, format!("truth file, line {}: {e}", i + 1)))?;
            match parsed {
                Line::Person(p) => truth.people.push(p),
                Line::Order(o) => truth.orders.push(o),
            }
        }
        Ok(truth)
    }

    /// True causal revenue by channel in minor units: each order's revenue times its shares. The baseline stands under
    /// [`crate::BASELINE`].
    #[must_use]
    pub fn revenue_by_channel(&self) -> BTreeMap<String, f64> {
        let mut out = BTreeMap::new();
        for order in &self.orders {
            for (channel, share) in &order.shares {
                *out.entry(channel.clone()).or_default() += share * order.revenue_minor as f64;
            }
        }
        out
    }
}
