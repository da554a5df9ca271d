//! The mapping: TOML that says what the columns of a file mean.
//!
//! `[columns]` maps a column to a target and is all that most files need; the other tables refine it. Unknown keys are
//! refused with their name, so a typing error never passes for a default.

use std::collections::BTreeMap;

use serde::Deserialize;
use throughline_base::Problem;
use throughline_domain::event::EventKind;

use super::target::Target;
use super::value::Product;
use crate::Result;

/// What the rows of a file become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Events and people.
    #[default]
    Events,
    /// What advertising cost by day, channel and campaign.
    AdSpend,
}

impl Kind {
    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::AdSpend => "ad_spend",
        }
    }
}

/// How a file is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma, semicolon, pipe or another sign between fields.
    Csv,
    /// Tabs between fields.
    Tsv,
    /// A JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// The stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

/// `[file]`: what detection would get wrong.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileHints {
    /// The layout.
    pub format: Option<Format>,
    /// One sign between fields.
    pub delimiter: Option<String>,
    /// An encoding's label, for instance `utf-8`, `gb18030`, `windows-1252`.
    pub encoding: Option<String>,
    /// Whether the first line names the columns; else they are `c1`, `c2`, ….
    pub header: Option<bool>,
    /// Columns of the mapping that a file may lack.
    pub optional: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SourceText {
    name: Option<String>,
    kind: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EventText {
    r#type: Option<String>,
    name: Option<String>,
    message_id: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TimeText {
    format: Option<String>,
    zone: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct GroupText {
    by: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(toml::Value),
    Many(Vec<toml::Value>),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenText {
    column: String,
    #[serde(default)]
    op: Op,
    value: Option<OneOrMany>,
    r#type: Option<String>,
    event: Option<String>,
    skip: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComputeText {
    target: String,
    sum: Option<String>,
    #[serde(default)]
    count: bool,
    decimals: Option<u32>,
    #[serde(default)]
    absolute: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    #[serde(default)]
    kind: Kind,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    source: SourceText,
    #[serde(default)]
    file: FileHints,
    #[serde(default)]
    event: EventText,
    #[serde(default)]
    time: TimeText,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    types: BTreeMap<String, Type>,
    #[serde(default)]
    set: BTreeMap<String, toml::Value>,
    #[serde(default)]
    group: GroupText,
    #[serde(default)]
    when: Vec<WhenText>,
    #[serde(default)]
    compute: Vec<ComputeText>,
}

/// What a cell is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// As it stands.
    Text,
    /// A number; thousands separators and currency signs are taken off.
    Number,
    /// `true`, `yes`, `1`, `是` and their opposites.
    Boolean,
    /// An instant, in the zone of `[time]`.
    Time,
    /// Parts between `|` or `;`.
    List,
    /// JSON text.
    Json,
}

/// How a rule compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// One of the values.
    #[default]
    Is,
    /// None of the values.
    IsNot,
    /// Begins with one of the values.
    StartsWith,
    /// Ends with one of the values.
    EndsWith,
    /// Holds one of the values.
    Contains,
    /// Has no value.
    Empty,
    /// Has a value.
    NotEmpty,
    /// A number below the value.
    LessThan,
    /// A number above the value.
    GreaterThan,
}

/// A rule of `[[when]]`. Every rule that holds applies, in order.
#[derive(Debug, Clone)]
pub struct When {
    pub(super) column: String,
    pub(super) op: Op,
    pub(super) values: Vec<String>,
    pub(super) kind: Option<EventKind>,
    pub(super) event: Option<String>,
    pub(super) skip: Option<String>,
    pub(super) set: Vec<(Target, serde_json::Value)>,
}

/// A rule of `[[compute]]`, over the rows of an event.
#[derive(Debug, Clone)]
pub struct Compute {
    pub(super) target: Target,
    /// Summed over the rows; `None` counts them.
    pub(super) sum: Option<Product>,
    pub(super) decimals: Option<u32>,
    pub(super) absolute: bool,
}

/// A checked mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// What rows become.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Name of the source of the events, when it names one.
    pub source_name: Option<String>,
    /// Kind of that source.
    pub source_kind: String,
    /// Layout of the file, where given.
    pub file: FileHints,
    pub(super) event_kind: EventKind,
    pub(super) event_name: Option<String>,
    pub(super) message_id: Vec<String>,
    pub(super) time_format: Option<String>,
    pub(super) zone: jiff::tz::TimeZone,
    pub(super) columns: Vec<(String, Target, Option<Type>)>,
    pub(super) set: Vec<(Target, serde_json::Value)>,
    pub(super) group: Vec<String>,
    pub(super) when: Vec<When>,
    pub(super) compute: Vec<Compute>,
}

fn wrong(detail: impl Into<String>) -> Problem {
    Problem::invalid("mapping", detail)
}

fn event_kind(text: &str) -> Result<EventKind> {
    EventKind::parse(text).filter(|k| !matches!(k, EventKind::Bind | EventKind::Unbind | EventKind::Alias)).ok_or_else(
        || wrong(format!("the mapping: `{text}` is no type of event; expected track, page, screen, identify or group")),
    )
}

fn constants(table: BTreeMap<String, toml::Value>) -> Result<Vec<(Target, serde_json::Value)>> {
    table
        .into_iter()
        .map(|(target, value)| {
            let value = serde_json::to_value(value).map_err(|e| wrong(format!("the mapping: set.{target}: {e}")))?;
            Ok((Target::parse(&target)?, value))
        })
        .collect()
}

fn when(w: WhenText) -> Result<When> {
    let values: Vec<String> = match w.value {
        None => Vec::new(),
        Some(OneOrMany::One(v)) => vec![plain(&v)],
        Some(OneOrMany::Many(v)) => v.iter().map(plain).collect(),
    };
    if values.is_empty() != matches!(w.op, Op::Empty | Op::NotEmpty) {
        let advice = "give `value`, except with the ops `empty` and `not_empty`";
        return Err(wrong(format!("the mapping: the [[when]] about column `{}`: {advice}", w.column)));
    }
    Ok(When {
        column: w.column,
        op: w.op,
        values,
        kind: w.r#type.as_deref().map(event_kind).transpose()?,
        event: w.event,
        skip: w.skip,
        set: constants(w.set)?,
    })
}

fn plain(v: &toml::Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

fn compute(c: ComputeText) -> Result<Compute> {
    if c.count == c.sum.is_some() {
        let detail = format!("the mapping: the [[compute]] of `{}` needs either `sum` or `count = true`", c.target);
        return Err(wrong(detail));
    }
    if c.decimals.is_some_and(|d| d > 8) {
        return Err(wrong(format!("the mapping: the [[compute]] of `{}`: at most 8 decimals", c.target)));
    }
    Ok(Compute {
        target: Target::parse(&c.target)?,
        sum: c.sum.as_deref().map(Product::parse).transpose()?,
        decimals: c.decimals,
        absolute: c.absolute,
    })
}

impl Mapping {
    /// Reads and checks a mapping.
    ///
    /// # Errors
    /// `mapping`: what is wrong, with its line where TOML tells.
    pub fn parse(text: &str) -> Result<Self> {
        let t: Text = toml::from_str(text).map_err(|e| wrong(format!("the mapping cannot be read: {e}")))?;
        let zone_name = t.time.zone.as_deref().unwrap_or("UTC");
        let zone = jiff::tz::TimeZone::get(zone_name).map_err(|_| {
            wrong(format!("the mapping: time.zone: there is no zone `{zone_name}`; expected one such as Asia/Shanghai"))
        })?;
        let source_kind = t.source.kind.unwrap_or_else(|| "import".into());
        if !crate::registry::SOURCE_KINDS.iter().any(|(k, _)| *k == source_kind) {
            return Err(wrong(format!("the mapping: source.kind: there is no kind of source `{source_kind}`")));
        }
        let types = t.types;
        if let Some(lost) = types.keys().find(|k| !t.columns.contains_key(*k)) {
            return Err(wrong(format!("the mapping: types: the column `{lost}` is not in [columns]")));
        }
        let mut columns = Vec::new();
        for (column, target) in t.columns {
            if !target.trim().is_empty() {
                let given = types.get(&column).copied();
                columns.push((column, Target::parse(&target)?, given));
            }
        }
        let m = Self {
            kind: t.kind,
            name: t.name,
            description: t.description,
            source_name: t.source.name,
            source_kind,
            file: t.file,
            event_kind: t.event.r#type.as_deref().map_or(Ok(EventKind::Track), event_kind)?,
            event_name: t.event.name,
            message_id: t.event.message_id,
            time_format: t.time.format,
            zone,
            columns,
            set: constants(t.set)?,
            group: t.group.by,
            when: t.when.into_iter().map(when).collect::<Result<_>>()?,
            compute: t.compute.into_iter().map(compute).collect::<Result<_>>()?,
        };
        m.check()?;
        Ok(m)
    }

    fn check(&self) -> Result<()> {
        if self.file.delimiter.as_ref().is_some_and(|d| d.len() != 1 || !d.is_ascii()) {
            return Err(wrong("the mapping: file.delimiter is one ASCII sign, for instance \";\" or \"\\t\""));
        }
        let has = |wanted: fn(&Target) -> bool| {
            let fixed = self.set.iter().map(|(t, _)| t);
            self.columns.iter().map(|(_, t, _)| t).chain(fixed).any(wanted)
        };
        match self.kind {
            Kind::AdSpend => {
                if let Some((column, t, _)) = self.columns.iter().find(|(_, t, _)| !t.is_spend()) {
                    let detail = format!("the mapping: column `{column}`: `{t}` is no target of ad spend");
                    return Err(wrong(format!("{detail}; expected {}", Target::SPEND)));
                }
                if !has(|t| *t == Target::Date) || !has(|t| *t == Target::Channel) || !has(|t| *t == Target::Cost) {
                    return Err(wrong("the mapping: ad spend needs columns for date, channel and cost"));
                }
            }
            Kind::Events => {
                if let Some((column, t, _)) = self.columns.iter().find(|(_, t, _)| t.is_spend()) {
                    let detail = format!("the mapping: column `{column}`: `{t}` is for kind = \"ad_spend\"");
                    return Err(wrong(format!("{detail}; for events write properties.{t}")));
                }
                let names = matches!(self.event_kind, EventKind::Track)
                    && self.event_name.is_none()
                    && !has(|t| *t == Target::Event)
                    && !self.when.iter().any(|w| w.event.is_some() || w.kind.is_some());
                if names {
                    return Err(wrong("the mapping: say event.name, or map a column to `event`"));
                }
                if !has(Target::is_identity) {
                    let advice = "map a column to user_id, anonymous_id or identifiers.NAMESPACE (phone, email …)";
                    return Err(wrong(format!("the mapping: nothing says whose the events are: {advice}")));
                }
            }
        }
        Ok(())
    }

    /// Every column it speaks of.
    pub(super) fn columns_used(&self) -> impl Iterator<Item = &str> {
        let mapped = self.columns.iter().map(|(c, _, _)| c.as_str());
        let rules = self.when.iter().map(|w| w.column.as_str());
        let sums = self.compute.iter().filter_map(|c| c.sum.as_ref()).flat_map(Product::columns);
        mapped.chain(rules).chain(sums).chain(self.group.iter().chain(&self.message_id).map(String::as_str))
    }
}
