//! Rows become events, as a mapping says.
//!
//! A row is first asked whether it is skipped; rows of one group then make one event together. Everything that goes
//! wrong is said with its line and column.

use serde_json::Value;
use throughline_base::Problem;
use throughline_domain::event::{Client, EventKind, Object, RawEvent, RawId};
use xxhash_rust::xxh3::xxh3_64;

use super::mapping::{Compute, Mapping, Op, Type, When};
use super::reader::{Cells, Record};
use super::target::Target;
use super::value::{self, Decimal};
use crate::Result;

/// A row that cannot become what the mapping says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its line.
    pub line: u64,
    /// The column at fault, when it is one.
    pub column: Option<String>,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Fault {
    fn new(record: &Record, column: Option<&str>, message: impl Into<String>) -> Self {
        Self { line: record.line, column: column.map(str::to_owned), message: message.into() }
    }

    /// As one text, for the rejects.
    pub fn reason(&self) -> String {
        match &self.column {
            Some(c) => format!("{c}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

/// A mapping made ready for the columns of a file.
pub struct Converter<'a> {
    mapping: &'a Mapping,
    columns: Vec<String>,
    file_hash: String,
}

impl<'a> Converter<'a> {
    /// For a file with `columns` (none when rows have their own).
    ///
    /// # Errors
    /// `mapping` when it speaks of a column that the file has not.
    pub fn new(mapping: &'a Mapping, columns: &[String], file_hash: &str) -> Result<Self> {
        if !columns.is_empty()
            && let Some(lost) =
                mapping.columns_used().find(|c| !columns.iter().chain(&mapping.file.optional).any(|have| have == c))
        {
            let have: Vec<&str> = columns.iter().take(40).map(String::as_str).collect();
            return Err(Problem::invalid(
                "mapping",
                format!("the mapping: the file has no column `{lost}`; it has {}", have.join(", ")),
            ));
        }
        Ok(Self { mapping, columns: columns.to_vec(), file_hash: file_hash.to_owned() })
    }

    /// The mapping.
    pub const fn mapping(&self) -> &Mapping {
        self.mapping
    }

    /// A cell that has a value.
    pub fn cell<'r>(&self, record: &'r Record, column: &str) -> Option<&'r Value> {
        let place = self.columns.iter().position(|c| c == column);
        record.cell(column, place).filter(|v| !value::is_empty(v))
    }

    /// Why a row is left out, if it is.
    pub fn refused(&self, record: &Record) -> Option<Fault> {
        if let Cells::Bad(why) = &record.cells {
            return Some(Fault::new(record, None, why.clone()));
        }
        let rule = self.mapping.when.iter().find(|w| w.skip.is_some() && self.holds(w, record))?;
        Some(Fault::new(record, None, rule.skip.clone().unwrap_or_default()))
    }

    /// What a row is grouped by; `None` when the mapping groups nothing.
    pub fn key(&self, record: &Record) -> Option<Vec<String>> {
        let by = &self.mapping.group;
        let text = |c: &String| self.cell(record, c).map(value::text_of).unwrap_or_default();
        (!by.is_empty()).then(|| by.iter().map(text).collect())
    }

    fn holds(&self, w: &When, record: &Record) -> bool {
        let cell = self.cell(record, &w.column);
        let text = cell.map(value::text_of).unwrap_or_default();
        let any = |f: fn(&str, &str) -> bool| w.values.iter().any(|v| f(&text, v));
        let number = || cell.and_then(Value::as_f64).or_else(|| Decimal::parse(&text)?.to_string().parse().ok());
        let bound = || w.values.first().and_then(|v| v.trim().parse::<f64>().ok());
        match w.op {
            Op::Is => any(|a, b| a == b),
            Op::IsNot => !any(|a, b| a == b),
            Op::StartsWith => any(|a, b| a.starts_with(b)),
            Op::EndsWith => any(|a, b| a.ends_with(b)),
            Op::Contains => any(|a, b| a.contains(b)),
            Op::Empty => cell.is_none(),
            Op::NotEmpty => cell.is_some(),
            Op::LessThan => number().zip(bound()).is_some_and(|(a, b)| a < b),
            Op::GreaterThan => number().zip(bound()).is_some_and(|(a, b)| a > b),
        }
    }

    /// The events of the rows of a group: one, and an identify before it when the rows say something about the person.
    ///
    /// # Errors
    /// The first cell that cannot be read.
    pub fn events(&self, group: &[Record]) -> Result<Vec<RawEvent>, Fault> {
        let Some(first) = group.first() else { return Ok(Vec::new()) };
        let m = self.mapping;
        let mut e = RawEvent::new(Client::Import, m.event_kind);
        e.name = m.event_name.clone().unwrap_or_default();
        self.set_all(&mut e, &m.set, first);
        let mut products = Vec::new();
        for record in group {
            let product = self.row(&mut e, record)?;
            if !product.is_empty() {
                products.push(Value::Object(product));
            }
        }
        for w in m.when.iter().filter(|w| w.skip.is_none() && self.holds(w, first)) {
            e.kind = w.kind.unwrap_or(e.kind);
            if let Some(name) = &w.event {
                e.name.clone_from(name);
            }
            self.set_all(&mut e, &w.set, first);
        }
        if !products.is_empty() {
            e.properties.insert("products".to_owned(), Value::Array(products));
        }
        for c in &m.compute {
            let sum = self.computed(c, group)?;
            put(&mut e, &c.target, sum);
        }
        let hash = group.iter().fold(0_u64, |h, r| xxh3_64(&[h.to_le_bytes(), r.hash.to_le_bytes()].concat()));
        let key: Vec<String> = m.message_id.iter().filter_map(|c| self.cell(first, c)).map(value::text_of).collect();
        if e.message_id.is_none() && !key.is_empty() && key.len() == m.message_id.len() {
            e.message_id = Some(key.join(":"));
        }
        let id = e.message_id.take().unwrap_or_else(|| format!("import:{}:{hash:016x}:0", self.file_hash));
        Ok(self.with_identify(e, id, hash))
    }

    /// Traits are the person's, and only an identify event says them.
    fn with_identify(&self, mut e: RawEvent, id: String, hash: u64) -> Vec<RawEvent> {
        e.message_id = Some(id);
        if matches!(e.kind, EventKind::Identify | EventKind::Group) || e.traits.is_empty() {
            return vec![e];
        }
        let identify = RawEvent {
            client: Client::Import,
            kind: EventKind::Identify,
            user_id: e.user_id.clone(),
            anonymous_id: e.anonymous_id.clone(),
            ids: e.ids.clone(),
            traits: e.traits.clone(),
            timestamp: e.timestamp.clone(),
            message_id: Some(format!("import:{}:{hash:016x}:1", self.file_hash)),
            ..RawEvent::default()
        };
        vec![identify, e]
    }

    /// Puts the cells of a row where they belong; returns its product. What an earlier row of the group said stays.
    fn row(&self, e: &mut RawEvent, record: &Record) -> Result<Object, Fault> {
        let m = self.mapping;
        let mut product = Object::new();
        for (column, target, given) in &m.columns {
            let Some(cell) = self.cell(record, column) else { continue };
            let fault = |message: &str| {
                Fault::new(
                    record,
                    Some(column),
                    format!("`{}` {message}", value::text_of(cell).chars().take(60).collect::<String>()),
                )
            };
            let wanted = given.or(target.is_number().then_some(Type::Number));
            let read = match wanted {
                Some(t) => value::typed(cell, t, m.time_format.as_deref(), &m.zone).map_err(fault)?,
                None => cell.clone(),
            };
            match target {
                Target::Product(path) => set(&mut product, path, read),
                Target::Timestamp => {
                    if e.timestamp.is_null() {
                        let at = value::instant(cell, m.time_format.as_deref(), &m.zone).ok_or_else(|| {
                            fault("is no time that can be read; give its form as time.format, for instance %d/%m/%Y %H:%M")
                        })?;
                        e.timestamp = Value::String(at.to_string());
                    }
                }
                Target::Type => {
                    let text = value::text_of(cell).to_lowercase();
                    e.kind = EventKind::parse(&text).ok_or_else(|| fault("is no type of event"))?;
                }
                other => put(e, other, read),
            }
        }
        Ok(product)
    }

    fn set_all(&self, e: &mut RawEvent, constants: &[(Target, Value)], record: &Record) {
        for (target, v) in constants {
            let v = match v {
                Value::String(text) if text.contains('{') => Value::String(self.filled(text, record)),
                other => other.clone(),
            };
            put(e, target, v);
        }
    }

    /// `{column}` in a constant stands for the cell.
    fn filled(&self, text: &str, record: &Record) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((column, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            out.push_str(&self.cell(record, column).map(value::text_of).unwrap_or_default());
            rest = tail;
        }
        out + rest
    }

    fn computed(&self, c: &Compute, group: &[Record]) -> Result<Value, Fault> {
        let Some(product) = &c.sum else { return Ok(group.len().into()) };
        let mut sum = Decimal::ZERO;
        for record in group {
            let n = product.of(|column| {
                let place = self.columns.iter().position(|c| c == column);
                record.cell(column, place)
            });
            let n = n.map_err(|column| Fault::new(record, Some(column), "is no number"))?;
            sum = sum.plus(n).ok_or_else(|| Fault::new(record, None, "the sum is too large"))?;
        }
        if c.absolute {
            sum = sum.absolute();
        }
        Ok(c.decimals.map_or(sum, |d| sum.round(d)).to_json())
    }
}

/// Puts a value where its target says.
fn put(e: &mut RawEvent, target: &Target, v: Value) {
    match target {
        Target::UserId => e.user_id = Some(value::text_of(&v)),
        Target::AnonymousId => e.anonymous_id = Some(value::text_of(&v)),
        Target::MessageId => e.message_id = Some(value::text_of(&v)),
        Target::Event => e.name = value::text_of(&v),
        Target::Type => e.kind = EventKind::parse(&value::text_of(&v)).unwrap_or(e.kind),
        Target::Timestamp => e.timestamp = v,
        Target::Identifier(namespace) => {
            let id = RawId { namespace: namespace.clone(), value: value::text_of(&v), verified: None };
            if !e.ids.contains(&id) {
                e.ids.push(id);
            }
        }
        Target::Trait(path) => set(&mut e.traits, path, v),
        Target::Property(path) => set(&mut e.properties, path, v),
        Target::Context(path) => set(&mut e.context, path, v),
        Target::Ignore
        | Target::Product(_)
        | Target::Date
        | Target::Channel
        | Target::Campaign
        | Target::Impressions
        | Target::Clicks
        | Target::Cost
        | Target::Currency => {}
    }
}

/// Sets a value at a path of names; what is no object on the way is replaced by one.
fn set(object: &mut Object, path: &str, v: Value) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_owned(), v)),
        Some((head, rest)) => {
            let slot = object.entry(head).or_insert_with(|| Value::Object(Object::new()));
            if !slot.is_object() {
                *slot = Value::Object(Object::new());
            }
            if let Value::Object(inner) = slot {
                set(inner, rest, v);
            }
        }
    }
}
