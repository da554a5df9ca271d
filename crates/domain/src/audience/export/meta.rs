//! Meta Custom Audiences from a customer list.
//!
//! Column names: "How to format a customer list when creating a custom audience" (Meta Business Help Centre, page
//! 2082575038703844): up to three columns each for e-mail and phone, one line a person. Normalisation and hashing:
//! "Customer Information Parameters" and "Customer File Custom Audiences, Hashing and Normalizing Data" (Meta for
//! Developers): SHA-256 of everything but `madid`; e-mail trimmed and lower-case; phone digits with the country code,
//! without symbols and leading zeros; names lower-case without punctuation, any script as UTF-8; city and province
//! lower-case letters without blanks and punctuation; postal code lower-case without blanks and dashes, of the United
//! States five digits; country two lower-case letters. The pages' own examples are in the tests. That Ads Manager takes
//! a file which is hashed already is on the help page; that it does so column by column could not be verified.

use serde_json::Value;

use super::normal::{letters, phone_digits, sha256, trim_lower};
use super::{Contact, Record, cell};

pub(super) const HEADER: [&str; 13] =
    ["email", "email", "email", "phone", "phone", "phone", "madid", "fn", "ln", "zip", "ct", "st", "country"];
/// So many columns, the first ones, each find a person by themselves.
pub(super) const IDENTIFYING: usize = 7;
/// Columns of a kind.
const EACH: usize = 3;

/// The row of one person; `None` without e-mail, phone and advertising id, by which alone a name finds nobody.
pub(super) fn record(c: &Contact) -> Option<Record> {
    let emails: Vec<String> = c.all("email").iter().map(|e| sha256(&trim_lower(e))).take(EACH).collect();
    let phones: Vec<String> =
        c.all("phone").iter().filter_map(|p| phone_digits(p)).map(|p| sha256(&p)).take(EACH).collect();
    let device = c.device("idfa").into_iter().chain(c.device("gaid")).next().map(|id| id.to_lowercase());
    if emails.is_empty() && phones.is_empty() && device.is_none() {
        return None;
    }
    let country = c.country();
    let hashed = |text: Option<String>, normal: fn(&str) -> String| {
        cell(text.map(|t| normal(&t)).filter(|t| !t.is_empty()).map(|t| sha256(&t)))
    };
    let mut row: Record = Vec::with_capacity(HEADER.len());
    row.extend(padded(emails));
    row.extend(padded(phones));
    row.push(cell(device));
    row.push(hashed(c.first_name(), letters));
    row.push(hashed(c.last_name(), letters));
    row.push(cell(c.zip().map(|z| zip(&z, country.as_deref())).filter(|z| !z.is_empty()).map(|z| sha256(&z))));
    row.push(hashed(c.place(&["city"]), letters));
    row.push(hashed(c.place(&["state", "province", "region"]), letters));
    row.push(hashed(country, trim_lower));
    Some(row)
}

fn padded(values: Vec<String>) -> impl Iterator<Item = Value> {
    values.into_iter().map(Value::String).chain(std::iter::repeat(Value::Null)).take(EACH)
}

fn zip(text: &str, country: Option<&str>) -> String {
    let plain: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    if country == Some("US") { plain.chars().take(5).collect() } else { plain }
}
