//! What counts as a conversion: the definition a marketer writes, checked.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use throughline_base::{Currency, Problem};
use throughline_domain::credit::paths::Count;
use throughline_domain::event::Object;
use throughline_domain::event::clean::amount;

use crate::Result;

/// Most conditions of a filter.
const MAX_CONDITIONS: usize = 50;
/// Most values of an `in`.
const MAX_VALUES: usize = 1_000;
/// Longest name of an event, path or text to compare, in characters.
const MAX_TEXT: usize = 200;

/// What a conversion is. This is the stored JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Name of the event. Case does not matter.
    pub event: String,
    /// Which of these events count; all when absent.
    #[serde(default)]
    pub filter: Option<Filter>,
    /// What one is worth.
    #[serde(default)]
    pub value: ConversionValue,
    /// How often a person's count.
    #[serde(default)]
    pub count: Count,
    /// What makes two of them one.
    #[serde(default)]
    pub dedupe: Dedupe,
    /// Name of the event that takes one back.
    #[serde(default)]
    pub refund_event: Option<String>,
    /// Currency of the values; conversions in another one are left out and counted in a note.
    pub currency: Currency,
}

/// What a conversion is worth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversionValue {
    /// The event's revenue.
    #[default]
    Revenue,
    /// Nothing; conversions are only counted.
    None,
    /// An amount of money at this path of the properties.
    Property(String),
    /// Always the same, in minor units.
    FixedMinor(i64),
}

/// What makes two conversions one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dedupe {
    /// The same order id.
    #[default]
    OrderId,
    /// Nothing: each event counts.
    None,
}

/// Conditions on the properties; all must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The conditions.
    pub all: Vec<Condition>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Path in the properties, steps separated by dots. A list on the way stands for each of its entries.
    pub path: String,
    /// How to compare.
    pub op: FilterOp,
    /// With what.
    #[serde(default)]
    pub value: Value,
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterOp {
    /// Equal to the value.
    Eq,
    /// Not equal; an absent property passes.
    Ne,
    /// Greater; numbers by size, texts (dates) by their order.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// One of a list.
    In,
    /// A text that contains the value, or a list with it among its entries. Case does not matter.
    Contains,
    /// Is there (`true`, the default) or not (`false`).
    Exists,
}

impl FilterOp {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::In => "in",
            Self::Contains => "contains",
            Self::Exists => "exists",
        }
    }
}

impl Definition {
    /// Checks everything that serde cannot.
    pub(super) fn check(&self) -> Result<()> {
        check_text(&self.event, "event", "the name of the event, for instance `Order Completed`")?;
        if let Some(refund) = &self.refund_event {
            check_text(refund, "refund_event", "the name of the event that takes a conversion back, or null")?;
            if same_name(refund, &self.event) {
                return Err(bad(
                    "refund_event",
                    "it is the event of the conversion itself; choose another one or null",
                ));
            }
        }
        match &self.value {
            ConversionValue::Revenue | ConversionValue::None => {}
            ConversionValue::Property(path) => check_path(path, "value.property")?,
            ConversionValue::FixedMinor(n) if (0..=1_000_000_000_000_000).contains(n) => {}
            ConversionValue::FixedMinor(n) => {
                return Err(bad("value.fixed_minor", &format!("it is {n}; use 0 to 10^15 minor units")));
            }
        }
        let Some(filter) = &self.filter else { return Ok(()) };
        if filter.all.is_empty() || filter.all.len() > MAX_CONDITIONS {
            return Err(bad(
                "filter.all",
                &format!("it has {}; use 1 to {MAX_CONDITIONS}, or no filter", filter.all.len()),
            ));
        }
        filter.all.iter().enumerate().try_for_each(|(i, c)| c.check(i))
    }

    /// Whether the properties must be read.
    pub(crate) fn reads_properties(&self) -> bool {
        self.filter.is_some() || matches!(self.value, ConversionValue::Property(_))
    }

    /// Value of an event in minor units; `revenue` is the event's own. `None` when it has no amount.
    pub(crate) fn value_of(&self, revenue: Option<i64>, properties: &Object) -> Option<i64> {
        match &self.value {
            ConversionValue::Revenue => revenue,
            ConversionValue::None => Some(0),
            ConversionValue::FixedMinor(n) => Some(*n),
            ConversionValue::Property(path) => {
                let mut found = None;
                any_at(properties, path, &mut |v| {
                    found = amount(v, self.currency).map(|c| c.value);
                    found.is_some()
                });
                found
            }
        }
    }
}

impl Filter {
    /// Whether all conditions hold.
    pub(crate) fn passes(&self, properties: &Object) -> bool {
        self.all.iter().all(|c| c.holds(properties))
    }
}

impl Condition {
    fn check(&self, i: usize) -> Result<()> {
        let field = |name: &str| format!("filter.all[{i}].{name}");
        check_path(&self.path, &field("path"))?;
        let value = &self.value;
        let scalar = |v: &Value| match v {
            Value::String(s) => s.chars().count() <= MAX_TEXT,
            Value::Number(_) | Value::Bool(_) => true,
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        };
        let (fits, wanted) = match self.op {
            FilterOp::Eq | FilterOp::Ne | FilterOp::Contains => (scalar(value), "a text, a number or true/false"),
            FilterOp::Gt | FilterOp::Gte | FilterOp::Lt | FilterOp::Lte => {
                (scalar(value) && !value.is_boolean(), "a number or a text such as a date")
            }
            FilterOp::In => {
                let list = value.as_array();
                let fits = list.is_some_and(|l| !l.is_empty() && l.len() <= MAX_VALUES && l.iter().all(scalar));
                (fits, "a list of 1 to 1000 texts or numbers")
            }
            FilterOp::Exists => (value.is_boolean() || value.is_null(), "true or false"),
        };
        if fits { Ok(()) } else { Err(bad(&field("value"), &format!("`{}` compares with {wanted}", self.op.as_str()))) }
    }

    fn holds(&self, properties: &Object) -> bool {
        let wanted = &self.value;
        let any = |test: &mut dyn FnMut(&Value) -> bool| any_at(properties, &self.path, test);
        match self.op {
            FilterOp::Eq => any(&mut |v| equal(v, wanted)),
            FilterOp::Ne => !any(&mut |v| equal(v, wanted)),
            FilterOp::Gt => any(&mut |v| order(v, wanted).is_some_and(std::cmp::Ordering::is_gt)),
            FilterOp::Gte => any(&mut |v| order(v, wanted).is_some_and(std::cmp::Ordering::is_ge)),
            FilterOp::Lt => any(&mut |v| order(v, wanted).is_some_and(std::cmp::Ordering::is_lt)),
            FilterOp::Lte => any(&mut |v| order(v, wanted).is_some_and(std::cmp::Ordering::is_le)),
            FilterOp::In => any(&mut |v| wanted.as_array().is_some_and(|list| list.iter().any(|w| equal(v, w)))),
            FilterOp::Contains => any(&mut |v| contains(v, wanted)),
            FilterOp::Exists => any(&mut |v| !v.is_null()) == wanted.as_bool().unwrap_or(true),
        }
    }
}

/// Whether two names of events are the same to a person.
pub(crate) fn same_name(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

fn bad(field: &str, detail: &str) -> Problem {
    Problem::invalid("conversion", format!("{field}: {detail}"))
}

fn check_text(text: &str, field: &str, what: &str) -> Result<()> {
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return Err(bad(field, &format!("expected {what}, at most {MAX_TEXT} characters")));
    }
    Ok(())
}

fn check_path(path: &str, field: &str) -> Result<()> {
    if path.is_empty() || path.chars().count() > MAX_TEXT || path.split('.').any(str::is_empty) {
        return Err(bad(field, "expected the path of a property, for instance `category` or `products.sku`"));
    }
    Ok(())
}

/// Whether `test` holds for a value at the path. Lists on the way, and at its end, stand for each of their entries.
fn any_at(properties: &Object, path: &str, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    let path = path.strip_prefix("properties.").unwrap_or(path);
    // A property may itself have a dot in its name.
    if let Some(whole) = properties.get(path) {
        return any_in(whole, None, test);
    }
    let (first, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
    properties.get(first).is_some_and(|v| any_in(v, rest, test))
}

fn any_in(value: &Value, path: Option<&str>, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    match (value, path) {
        (Value::Array(list), _) => list.iter().any(|v| any_in(v, path, test)),
        (Value::Object(fields), Some(path)) => {
            let (first, rest) = path.split_once('.').map_or((path, None), |(a, b)| (a, Some(b)));
            fields.get(first).is_some_and(|v| any_in(v, rest, test))
        }
        (v, None) => test(v),
        (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_), Some(_)) => false,
    }
}

/// Numbers are compared as numbers, also when one side wrote them as text.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Number(_) | Value::String(_), Value::Number(_) | Value::String(_)) => {
            number(a).zip(number(b)).is_some_and(|(a, b)| a == b)
        }
        (Value::Bool(t), Value::String(s)) | (Value::String(s), Value::Bool(t)) => {
            s == if *t { "true" } else { "false" }
        }
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => false,
    }
}

fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    if let Some((a, b)) = number(a).zip(number(b)) {
        return a.partial_cmp(&b);
    }
    Some(a.as_str()?.cmp(b.as_str()?))
}

fn number(v: &Value) -> Option<f64> {
    match v {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok().filter(|f: &f64| f.is_finite()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn contains(v: &Value, wanted: &Value) -> bool {
    match (v, wanted) {
        (Value::String(text), Value::String(part)) => text.to_lowercase().contains(&part.to_lowercase()),
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => equal(v, wanted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(change: &Value) -> Definition {
        let mut all = json!({"event": "Order Completed", "currency": "CNY"});
        for (k, v) in change.as_object().unwrap() {
            all[k] = v.clone();
        }
        serde_json::from_value(all).unwrap()
    }

    fn holds(path: &str, op: &str, value: &Value, properties: &Value) -> bool {
        let d = definition(&json!({"filter": {"all": [{"path": path, "op": op, "value": value}]}}));
        d.check().unwrap();
        d.filter.unwrap().passes(properties.as_object().unwrap())
    }

    #[test]
    fn every_operator_compares_as_a_marketer_expects() {
        let p = json!({
            "category": "Skin Care", "price": 129.5, "count": "3", "gift": true, "tags": ["new", "sale"], "empty": null,
            "products": [{"sku": "A1", "qty": 1}, {"sku": "B2", "qty": 5}], "day": "2026-11-11", "a.b": 7
        });
        assert!(holds("category", "eq", &json!("Skin Care"), &p) && !holds("category", "eq", &json!("skin"), &p));
        assert!(holds("properties.category", "contains", &json!("skin"), &p));
        assert!(holds("price", "gt", &json!(129), &p) && !holds("price", "gt", &json!(129.5), &p));
        assert!(holds("price", "gte", &json!(129.5), &p) && holds("count", "lte", &json!(3), &p));
        assert!(holds("count", "eq", &json!(3), &p) && holds("count", "lt", &json!(10), &p));
        assert!(holds("day", "gte", &json!("2026-11-01"), &p) && holds("gift", "eq", &json!(true), &p));
        assert!(holds("products.sku", "in", &json!(["Z", "B2"]), &p) && holds("products.qty", "gt", &json!(4), &p));
        assert!(holds("products.sku", "ne", &json!("C3"), &p) && !holds("products.sku", "ne", &json!("A1"), &p));
        assert!(holds("tags", "contains", &json!("sale"), &p) && holds("absent", "ne", &json!("x"), &p));
        assert!(holds("category", "exists", &Value::Null, &p) && holds("empty", "exists", &json!(false), &p));
        assert!(holds("absent", "exists", &json!(false), &p) && holds("a.b", "eq", &json!(7), &p));
    }

    #[test]
    fn wrong_definitions_say_where_and_how_to_mend_them() {
        for (change, place) in [
            (json!({"event": " "}), "event:"),
            (json!({"refund_event": "order completed"}), "refund_event:"),
            (json!({"value": {"property": "a..b"}}), "value.property:"),
            (json!({"value": {"fixed_minor": -1}}), "value.fixed_minor:"),
            (json!({"filter": {"all": []}}), "filter.all:"),
            (json!({"filter": {"all": [{"path": "a", "op": "in", "value": "x"}]}}), "filter.all[0].value:"),
            (json!({"filter": {"all": [{"path": "", "op": "eq", "value": 1}]}}), "filter.all[0].path:"),
            (json!({"filter": {"all": [{"path": "a", "op": "gt", "value": true}]}}), "filter.all[0].value:"),
        ] {
            let problem = definition(&change).check().unwrap_err();
            assert!(problem.detail.starts_with(place), "{change}: {}", problem.detail);
        }
    }

    #[test]
    fn a_property_becomes_money_of_the_currency() {
        let d = definition(&json!({"value": {"property": "products.margin"}}));
        let p = json!({"products": [{"margin": "¥12.34"}]});
        assert_eq!(d.value_of(Some(9), p.as_object().unwrap()), Some(1_234));
        assert_eq!(d.value_of(Some(9), &Object::new()), None);
    }
}
