//! Amounts and currencies.

use serde_json::Value;
use throughline_base::{Currency, Money};

use super::Cleaned;

/// What people write for a currency, in lower case.
const SYNONYMS: [(&str, &str); 30] = [
    ("rmb", "CNY"),
    ("人民币", "CNY"),
    ("元", "CNY"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("cn¥", "CNY"),
    ("yuan", "CNY"),
    ("cnh", "CNY"),
    ("$", "USD"),
    ("us$", "USD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("dollar", "USD"),
    ("€", "EUR"),
    ("欧元", "EUR"),
    ("euro", "EUR"),
    ("£", "GBP"),
    ("英镑", "GBP"),
    ("hk$", "HKD"),
    ("港币", "HKD"),
    ("港元", "HKD"),
    ("nt$", "TWD"),
    ("新台币", "TWD"),
    ("ntd", "TWD"),
    ("日元", "JPY"),
    ("jp¥", "JPY"),
    ("₩", "KRW"),
    ("韩元", "KRW"),
    ("s$", "SGD"),
    ("新加坡元", "SGD"),
];

/// ISO 4217 codes in use.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF \
CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS \
INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK \
MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP \
STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

/// An ISO 4217 code from its usual spellings; `None` when there is no such currency. Rule `currency`.
#[must_use]
pub fn currency(raw: &str) -> Option<Cleaned<Currency>> {
    let text = raw.trim();
    if text.len() > 24 {
        return None;
    }
    let code = match SYNONYMS.iter().find(|(word, _)| text.to_lowercase() == *word) {
        Some((_, code)) => (*code).to_owned(),
        None => text.to_ascii_uppercase(),
    };
    let known = code.len() == 3 && CODES.split(' ').any(|c| c == code);
    let value = code.parse().ok().filter(|_| known)?;
    Some(Cleaned::when(value, code != raw, "currency"))
}

/// An amount as sent, a number or a decimal text, in minor units; `None` when it is no amount.
/// Rule `money_rounded` when it had more decimals than the currency.
#[must_use]
pub fn amount(raw: &Value, currency: Currency) -> Option<Cleaned<i64>> {
    let (money, rounded) = match raw {
        Value::Number(n) => match n.as_i64().and_then(|i| i.checked_mul(10_i64.pow(currency.exponent()))) {
            Some(minor) => (Money { minor, currency }, false),
            None => Money::parse_decimal(&n.to_string(), currency)?,
        },
        Value::String(text) => Money::parse_decimal(&plain(text)?, currency)?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(Cleaned::when(money.minor, rounded, "money_rounded"))
}

/// The decimal in a text: without currency signs, blanks and thousands separators.
fn plain(text: &str) -> Option<String> {
    let text = super::id(text);
    if text.len() > 40 {
        return None;
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || "¥￥$€£元".contains(c));
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    // 1,234.50 and 1,234,567 are thousands; 12,5 could be either and is refused.
    let (whole, frac) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().trim_start_matches(['-', '+']);
    let is_grouped = (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3) && !frac.contains(',');
    is_grouped.then(|| text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_become_minor_units_and_rounding_is_told() {
        let cny = |v: Value| amount(&v, Currency::CNY).map(|c| (c.value, c.rule));
        assert_eq!(cny(json!(14.99)), Some((1499, None)));
        assert_eq!(cny(json!("14.99")), Some((1499, None)));
        assert_eq!(cny(json!(0.1 + 0.2)), Some((30, Some("money_rounded"))));
        assert_eq!(cny(json!("¥1,234.50")), Some((123_450, None)));
        assert_eq!(cny(json!("１２")), Some((1200, None)));
        assert_eq!(cny(json!(-3)), Some((-300, None)));
        assert_eq!(cny(json!("12,5")), None);
        assert_eq!(cny(json!("free")), None);
        assert_eq!(cny(json!(i64::MAX)), None);
        assert_eq!(cny(json!(true)), None);
    }

    #[test]
    fn currencies_are_a_closed_list() {
        let code = |t: &str| currency(t).map(|c| c.value.to_string());
        assert_eq!(code("rmb").as_deref(), Some("CNY"));
        assert_eq!(code("usd").as_deref(), Some("USD"));
        assert_eq!(code("￥").as_deref(), Some("CNY"));
        assert_eq!(code("XYZ"), None);
        assert_eq!(currency("CNY").unwrap().rule, None);
    }
}
