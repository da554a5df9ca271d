//! Google Ads Customer Match.
//!
//! Column names: "Format your customer data file" (Google Ads Help, page 7659867) and its template: `Email`, `Phone`,
//! `First Name`, `Last Name`, `Country`, `Zip`; several columns of one kind are allowed. Normalisation: "Format user
//! data" (Data Manager API): SHA-256 of e-mail, phone and names, never of country and postal code; e-mail lower-case
//! without any blank, and at `gmail.com` and `googlemail.com` without dots and without `+` and what follows in the part
//! before the `@`; phone in E.164 with `+`; names trimmed and lower-case. An address counts only with first name, last
//! name, country and postal code together. The pages' own examples are in the tests.

use serde_json::Value;

use super::normal::{e164, sha256, trim_lower};
use super::{Contact, Record, cell};

pub(super) const HEADER: [&str; 10] =
    ["Email", "Email", "Email", "Phone", "Phone", "Phone", "First Name", "Last Name", "Country", "Zip"];
/// So many columns, the first ones, each find a person by themselves.
pub(super) const IDENTIFYING: usize = 6;
/// Columns of a kind.
const EACH: usize = 3;

/// The row of one person; `None` without e-mail, phone and a whole address.
pub(super) fn record(c: &Contact) -> Option<Record> {
    let mut emails: Vec<String> = c.all("email").iter().map(|e| sha256(&email(e))).collect();
    emails.dedup();
    let phones: Vec<String> = c.all("phone").iter().filter_map(|p| e164(p)).map(sha256).collect();
    let address = address(c);
    if emails.is_empty() && phones.is_empty() && address.is_none() {
        return None;
    }
    let mut row: Record = padded(emails).chain(padded(phones)).collect();
    match address {
        Some(parts) => row.extend(parts.into_iter().map(|p| cell(Some(p)))),
        None => row.extend(std::iter::repeat_n(Value::Null, 4)),
    }
    Some(row)
}

fn address(c: &Contact) -> Option<[String; 4]> {
    let name = |text: String| Some(trim_lower(&text)).filter(|t| !t.is_empty()).map(|t| sha256(&t));
    Some([name(c.first_name()?)?, name(c.last_name()?)?, c.country()?, c.zip()?])
}

fn padded(values: Vec<String>) -> impl Iterator<Item = Value> {
    values.into_iter().map(Value::String).chain(std::iter::repeat(Value::Null)).take(EACH)
}

/// An address as Google hashes it.
pub(super) fn email(text: &str) -> String {
    let plain: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let Some((local, domain)) = plain.rsplit_once('@') else { return plain };
    if !matches!(domain, "gmail.com" | "googlemail.com") {
        return plain;
    }
    let local = local.split('+').next().unwrap_or(local).replace('.', "");
    format!("{local}@{domain}")
}
