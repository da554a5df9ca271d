//! What callers without the right to see personal data see instead of it.
//!
//! Nobody can list what may be personal, so it is the other way round: what is known to say something about an order, a
//! product, money or a page is shown, and everything else is masked. Free text that people of the shop wrote (notes,
//! reasons) is shown without numbers and addresses somebody could be reached by. Start reading at [`Veil`].

use serde_json::{Map, Value};
use throughline_app::team::Caller;
use throughline_domain::person::search::mask;
use throughline_domain::team::Scope;

use super::person::IdentifierRef;
use crate::wording::{Wording, wording};

/// What stands for a value that is not shown.
const HIDDEN: &str = "••••";
/// Digits that could reach somebody or prove who they are.
const TELLING_DIGITS: usize = 7;
/// Digits that are a phone number whatever letters stand around them.
const PHONE_DIGITS: usize = 11;

/// Properties that name things, money and numbers of things; lower case, letters and digits only.
const THINGS: [&str; 62] = [
    "affiliation",
    "amount",
    "brand",
    "campaignid",
    "cartid",
    "category",
    "categoryid",
    "categoryname",
    "checkoutid",
    "color",
    "colour",
    "cost",
    "count",
    "coupon",
    "couponid",
    "creative",
    "currency",
    "discount",
    "index",
    "itemcategory",
    "itemid",
    "itemname",
    "itemvariant",
    "listid",
    "listprice",
    "method",
    "orderid",
    "originalprice",
    "paymentmethod",
    "position",
    "price",
    "productcategory",
    "productid",
    "productname",
    "promotionid",
    "promotionname",
    "purpose",
    "quantity",
    "rating",
    "refundamount",
    "refundid",
    "returnid",
    "revenue",
    "score",
    "shipping",
    "shippingmethod",
    "shopid",
    "size",
    "sku",
    "skuid",
    "spuid",
    "status",
    "step",
    "storeid",
    "subtotal",
    "tax",
    "total",
    "type",
    "unitprice",
    "value",
    "variant",
    "wishlistid",
];
/// Properties that hold products, whose `name` is the name of a thing.
const PRODUCTS: [&str; 4] = ["items", "product", "products", "skus"];
/// Events whose `name` is the name of a product or a promotion.
const NAMES_A_THING: [&str; 9] = [
    "Product Added",
    "Product Added to Wishlist",
    "Product Clicked",
    "Product Removed",
    "Product Removed from Wishlist",
    "Product Viewed",
    "Promotion Clicked",
    "Promotion Viewed",
    "Wishlist Product Added to Cart",
];

/// Shows personal data, or its mask to those without the right.
#[derive(Debug, Clone, Copy)]
pub struct Veil(bool);

/// What is known of the object a property stands in.
#[derive(Clone, Copy)]
struct Place {
    /// Its `name` is the name of a thing.
    is_thing: bool,
    /// Its `title` is that of a page.
    is_page: bool,
}

impl Veil {
    /// For a caller.
    pub fn of(caller: &Caller) -> Self {
        Self(!caller.has(Scope::Personal))
    }

    /// For what nobody need see in full.
    pub const fn closed() -> Self {
        Self(true)
    }

    /// An identifier.
    pub fn identifier(self, namespace: &str, value: &str) -> IdentifierRef {
        let value = if self.0 { mask(namespace, value) } else { value.to_owned() };
        IdentifierRef { namespace: namespace.to_owned(), value }
    }

    /// The name of a person or of a family.
    pub fn name(self, name: &str) -> String {
        if self.0 { mask("name", name) } else { name.to_owned() }
    }

    /// An object of which nothing is shown.
    pub fn json(self, value: Value) -> Value {
        if self.0 { Value::Object(Map::new()) } else { value }
    }

    /// The value of a trait.
    pub fn fact(self, name: &str, value: &Value) -> Value {
        if self.0 { fact(name, value) } else { value.clone() }
    }

    /// A value of which nothing is known, as it was sent.
    pub fn value(self, value: Value) -> Value {
        if self.0 { unknown(value) } else { value }
    }

    /// The properties of an event of a kind and a name.
    pub fn properties(self, kind: &str, name: &str, value: Value) -> Value {
        match value {
            Value::Object(o) if self.0 => {
                let is_page = matches!(kind, "page" | "screen");
                inside(o, Place { is_thing: is_page || NAMES_A_THING.contains(&name), is_page })
            }
            other => other,
        }
    }

    /// A field of an event by its path, as cleaning tells what it changed.
    pub fn field(self, path: &str, value: &Value) -> Value {
        let key = path.rsplit('.').next().unwrap_or_default();
        match path.split_once('.') {
            _ if !self.0 => value.clone(),
            Some(("properties", _)) => property(key, value.clone(), Place { is_thing: false, is_page: false }),
            Some(_) | None => fact(key, value),
        }
    }

    /// Free text of people of the shop, and reasons: without what somebody could be reached by.
    pub fn text(self, text: &str) -> String {
        if self.0 { scrubbed(text) } else { text.to_owned() }
    }

    /// A text as codes and values, without what somebody could be reached by.
    pub fn wording(self, text: &str) -> Vec<Wording> {
        // These hold numbers of rows and names of fields.
        const OURS: [&str; 9] = ["max", "min", "n", "seq", "version", "line", "group_line", "type", "of"];
        let mut all = wording(text);
        for (name, value) in all.iter_mut().filter(|_| self.0).flat_map(|w| &mut w.params) {
            if !OURS.contains(&name.as_str()) {
                *value = scrubbed(value);
            }
        }
        all
    }

    /// What says nothing about anybody unless somebody put a number or an address there.
    pub fn plain(self, value: Value) -> Value {
        match value {
            Value::String(s) => Value::String(self.id(&s)),
            Value::Array(list) => Value::Array(list.into_iter().map(|v| self.plain(v)).collect()),
            Value::Object(o) => Value::Object(o.into_iter().map(|(k, v)| (k, self.plain(v))).collect()),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
        }
    }

    /// The id of an order or a message, unless it is a phone number or an address.
    pub fn id(self, text: &str) -> String {
        if self.0 && reaches_somebody(text) { HIDDEN.to_owned() } else { text.to_owned() }
    }
}

/// Letters and digits of a key in lower case: `productId`, `product_id` and `Product ID` are one.
fn folded(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn fact(name: &str, value: &Value) -> Value {
    match value {
        Value::String(s) => {
            let key = folded(name);
            let namespace = if key.contains("mail") && s.contains('@') {
                "email"
            } else if key.contains("phone") || key.contains("mobile") {
                "phone"
            } else {
                "name"
            };
            Value::String(mask(namespace, s))
        }
        Value::Array(_) | Value::Object(_) => unknown(value.clone()),
        Value::Number(n) => number(n),
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

/// A number, unless it is long enough for a phone, a card or a place on the map.
fn number(n: &serde_json::Number) -> Value {
    let digits = n.to_string().bytes().filter(u8::is_ascii_digit).count();
    if digits >= TELLING_DIGITS { HIDDEN.into() } else { n.clone().into() }
}

/// A value without what may be personal; its shape stays.
fn unknown(value: Value) -> Value {
    match value {
        Value::String(s) => Value::String(mask("name", &s)),
        Value::Number(n) => number(&n),
        Value::Array(list) => Value::Array(list.into_iter().map(unknown).collect()),
        Value::Object(o) => Value::Object(o.into_iter().map(|(k, v)| (scrubbed(&k), unknown(v))).collect()),
        plain @ (Value::Null | Value::Bool(_)) => plain,
    }
}

fn inside(o: Map<String, Value>, place: Place) -> Value {
    let each = o.into_iter().map(|(k, v)| {
        let shown = property(&k, v, place);
        (scrubbed(&k), shown)
    });
    Value::Object(each.collect())
}

fn property(key: &str, value: Value, place: Place) -> Value {
    let key = folded(key);
    if PRODUCTS.contains(&key.as_str()) {
        return things(value);
    }
    match key.as_str() {
        "url" | "referrer" | "path" => match value {
            Value::String(s) => Value::String(page(&s)),
            other => unknown(other),
        },
        "name" if place.is_thing => thing(&key, value),
        "title" if place.is_page => thing(&key, value),
        known if THINGS.contains(&known) => thing(&key, value),
        _ => unknown(value),
    }
}

/// Products: an object, or a list of them.
fn things(value: Value) -> Value {
    match value {
        Value::Array(list) => Value::Array(list.into_iter().map(things).collect()),
        Value::Object(o) => inside(o, Place { is_thing: true, is_page: false }),
        other => unknown(other),
    }
}

/// The value of a property that says something about a thing. An id may have many digits; other text may not.
fn thing(key: &str, value: Value) -> Value {
    match value {
        Value::String(s) if key.ends_with("id") || key == "sku" => Value::String(Veil::closed().id(&s)),
        Value::String(s) => Value::String(scrubbed(&s)),
        Value::Array(list) => Value::Array(list.into_iter().map(|v| thing(key, v)).collect()),
        Value::Object(o) => inside(o, Place { is_thing: false, is_page: false }),
        Value::Number(n) if reaches_somebody(&n.to_string()) => HIDDEN.into(),
        plain @ (Value::Number(_) | Value::Null | Value::Bool(_)) => plain,
    }
}

/// An address of a page without its query, which holds what people typed and who they are.
fn page(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    match bare.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{}", scrubbed(&path))
        }
        None => scrubbed(bare),
    }
}

/// Whether an id is a mobile phone number of mainland China, or an e-mail address.
fn reaches_somebody(text: &str) -> bool {
    let is_mobile = |run: &str| {
        let national = if run.len() == 13 { run.strip_prefix("86").unwrap_or(run) } else { run };
        national.len() == PHONE_DIGITS && national.starts_with('1') && !national[1..].starts_with(['0', '1', '2'])
    };
    text.contains('@') || text.contains("%40") || text.split(|c: char| !c.is_ascii_digit()).any(is_mobile)
}

/// Text without e-mail addresses and without numbers somebody could be reached by, however they are grouped. Ids of ours
/// (`per_…`) and instants stay.
fn scrubbed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let len = if c.is_numeric() || c == '+' { digits_run(rest, before) } else { mail_run(rest, before) };
        let (shown, taken) = match len {
            Some(n) => (HIDDEN, n),
            None => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        out.push_str(shown);
        before = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
    out
}

/// The length of a run of digits at the start of `rest` that tells too much.
fn digits_run(rest: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|c| c.is_numeric() || c == '_') {
        return None;
    }
    let (mut digits, mut end) = (0, 0);
    for (i, c) in rest.char_indices() {
        if c.is_numeric() {
            digits += 1;
            end = i + c.len_utf8();
        } else if !matches!(c, ' ' | '-' | '.' | '(' | ')' | '+' | '\u{a0}' | '\u{3000}') {
            break;
        }
    }
    let is_part_of_a_word = before.is_some_and(|c| c.is_ascii_alphanumeric())
        || rest[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    (digits >= PHONE_DIGITS || (digits >= TELLING_DIGITS && !is_part_of_a_word)).then_some(end)
}

/// The length of an e-mail address at the start of `rest`.
fn mail_run(rest: &str, before: Option<char>) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    if before.is_some_and(is_part) {
        return None;
    }
    let local = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
    if let Some(coded) = rest[..local].find("%40") {
        return (coded > 0).then_some(local);
    }
    let domain = rest[local..].strip_prefix(['@', '＠']).filter(|_| local > 0)?;
    let at = rest.len() - domain.len();
    Some(at + domain.find(|c: char| !is_part(c)).unwrap_or(domain.len()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn free_text_loses_what_somebody_could_be_reached_by_and_nothing_else() {
        for (text, shown) in [
            ("same as 139 1111 2222, she says", "same as ••••, she says"),
            ("mail ann.li+x@example.com today", "mail •••• today"),
            ("ann.li%40example.com", "••••"),
            ("电话13911112222", "电话••••"),
            ("call tel13911112222", "call tel••••"),
            ("+86-139-1111-2222", "••••"),
            (
                "per_0000000000001 at 2026-11-20T00:00:00Z, 12 of 100",
                "per_0000000000001 at 2026-11-20T00:00:00Z, 12 of 100",
            ),
            ("joined to 12 people", "joined to 12 people"),
            ("", ""),
        ] {
            assert_eq!(scrubbed(text), shown, "{text}");
        }
    }

    #[test]
    fn of_properties_orders_products_money_and_pages_stay_readable() {
        let order = json!({
            "order_id": "20260301001234", "total": 1_234_567.5, "currency": "CNY", "coupon": "SPRING", "quantity": 2,
            "products": [{ "productId": "p-1", "name": "Long coat", "category": "Coats", "price": 899, "engraving": "Ann Li" }],
            "receiver": { "name": "Ann Li", "phone": 13_911_112_222_i64 }, "name": "Ann Li", "paid": true,
            "13911112222": 1, "url": "https://ann@shop.example/done/13911112222?mail=ann.li@example.com",
        });
        let seen = Veil(true).properties("track", "Order Completed", order.clone());
        for key in ["order_id", "total", "currency", "coupon", "quantity", "paid"] {
            assert_eq!(seen[key], order[key], "{key}");
        }
        for key in ["productId", "name", "category", "price"] {
            assert_eq!(seen["products"][0][key], order["products"][0][key], "{key}");
        }
        assert_eq!(seen["url"], "https://shop.example/done/••••");
        let text = seen.to_string();
        assert!(!text.contains("Ann Li") && !text.contains("13911112222") && !text.contains("example.com"), "{text}");
        assert_eq!(Veil(false).properties("track", "Order Completed", order.clone()), order);
    }

    #[test]
    fn traits_are_masked_to_the_bottom() {
        let seen = |name: &str, value: Value| Veil(true).fact(name, &value);
        assert_eq!(seen("name", json!("Ann Li")), "A••••");
        assert_eq!(seen("mobile", json!("13911112222")), "139••••2222");
        assert_eq!(seen("phone", json!(13_911_112_222_i64)), HIDDEN);
        assert_eq!(seen("visits", json!(12)), 12);
        let address = seen("address", json!({ "street": "Happy Road 1", "city": "杭州", "default": true }));
        assert_eq!(address, json!({ "street": "H••••", "city": "杭•", "default": true }));
    }
}
