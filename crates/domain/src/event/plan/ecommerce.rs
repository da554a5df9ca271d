//! Segment's e-commerce events, version 2 of its specification, with the types of their properties.

use serde_json::{Map, Value, json};

/// One event a line: its name, a colon, its properties. A property is text; `#` marks a number, `?` a boolean, `*` a
/// list of products, `%` any list, `!` one that is required. Others than the listed are allowed.
const EVENTS: &str = "\
Products Searched: query
Product List Viewed: list_id category products*
Product List Filtered: list_id category filters% sorts% products*
Promotion Viewed: promotion_id creative name position
Promotion Clicked: promotion_id creative name position
Product Clicked: @
Product Viewed: @ currency value#
Product Added: @ cart_id currency value#
Product Removed: @ cart_id currency value#
Cart Viewed: cart_id products* currency value#
Checkout Started: order_id affiliation value# revenue# shipping# tax# discount# coupon currency products*
Checkout Step Viewed: checkout_id step# shipping_method payment_method
Checkout Step Completed: checkout_id step# shipping_method payment_method
Payment Info Entered: checkout_id order_id step# shipping_method payment_method
Order Updated: order_id! affiliation total# revenue# subtotal# shipping# tax# discount# coupon currency products*
Order Completed: order_id! checkout_id affiliation total# subtotal# revenue# shipping# tax# discount# coupon currency products*
Order Refunded: order_id! total# value# currency products*
Order Cancelled: order_id! affiliation total# subtotal# revenue# shipping# tax# discount# coupon currency products*
Coupon Entered: order_id cart_id coupon_id
Coupon Applied: order_id cart_id coupon_id coupon_name discount#
Coupon Denied: order_id cart_id coupon_id coupon_name reason
Coupon Removed: order_id cart_id coupon_id coupon_name discount#
Product Added to Wishlist: wishlist_id wishlist_name @
Product Removed from Wishlist: wishlist_id wishlist_name @
Wishlist Product Added to Cart: wishlist_id wishlist_name cart_id @
Product Shared: share_via share_message recipient @
Cart Shared: share_via share_message recipient cart_id products*
Product Reviewed: product_id review_id review_body rating#";

/// What `@` stands for: the properties of one product.
const PRODUCT: &str = "product_id sku category name brand variant price# quantity# coupon position# url image_url";

/// Their names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    lines().map(|(name, _)| name)
}

fn lines() -> impl Iterator<Item = (&'static str, &'static str)> {
    EVENTS.lines().filter_map(|line| line.split_once(':'))
}

/// The events with their schemas as JSON Schema, properties in the specification's order.
pub(super) fn events() -> impl Iterator<Item = (&'static str, Value)> {
    lines().map(|(name, properties)| (name, object(properties)))
}

fn object(words: &str) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    let words = words.split_whitespace().flat_map(|word| if word == "@" { PRODUCT } else { word }.split(' '));
    for word in words {
        let name = word.trim_end_matches(['#', '?', '*', '%', '!']);
        if word.ends_with('!') {
            required.push(name);
        }
        let schema = match &word[name.len()..] {
            "#" => json!({ "type": "number" }),
            "?" => json!({ "type": "boolean" }),
            "*" => json!({ "type": "array", "items": object("@") }),
            "%" => json!({ "type": "array" }),
            _ => json!({ "type": "string" }),
        };
        properties.insert(name.to_owned(), schema);
    }
    json!({ "type": "object", "properties": properties, "required": required })
}
