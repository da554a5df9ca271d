//! Value in money and order id of an event.

use serde_json::Value;
use throughline_base::Currency;

use super::SourceContext;
use super::walk::Notes;
use crate::event::clean;
use crate::event::{EventValue, Object};

/// Properties that hold the value, best first.
const AMOUNTS: [&str; 3] = ["revenue", "total", "value"];
/// Properties that hold the order's id, best first.
const ORDER_IDS: [&str; 4] = ["order_id", "orderId", "order_no", "order_number"];
/// Events whose value goes back to the customer.
const REFUNDS: [&str; 2] = ["order refunded", "order_refunded"];

/// The value of a track event: `revenue`, else `total`, else `value`; negative for refunds.
pub(super) fn event_value(
    name: &str,
    properties: &Object,
    ctx: &SourceContext<'_>,
    notes: &mut Notes,
) -> Option<EventValue> {
    let (key, raw) = AMOUNTS.iter().find_map(|key| properties.get(*key).map(|v| (*key, v)))?;
    let currency = match properties.get("currency") {
        Some(Value::String(text)) => match text.parse::<Currency>() {
            Ok(currency) if clean::currency(text).is_some() => currency,
            // Cleaning has warned about it; an amount in an unknown currency is no amount.
            Ok(_) | Err(_) => return None,
        },
        Some(_) | None => ctx.default_currency,
    };
    let Some(amount) = clean::amount(raw, currency) else {
        notes.warnings.push(format!("properties.{key} is no amount of money"));
        return None;
    };
    if let Some(rule) = amount.rule {
        notes.correct(format!("properties.{key}"), raw.clone(), rule);
    }
    let is_refund = REFUNDS.iter().any(|r| name.eq_ignore_ascii_case(r));
    let minor = if is_refund { -amount.value.saturating_abs() } else { amount.value };
    Some(EventValue { minor, currency })
}

/// The order an event is about.
pub(super) fn order_id(properties: &Object) -> Option<String> {
    ORDER_IDS.iter().find_map(|key| match properties.get(*key)? {
        Value::String(text) => Some(clean::id(text).chars().take(200).collect::<String>()).filter(|t| !t.is_empty()),
        Value::Number(n) => Some(n.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    })
}
