//! Segment's e-commerce events, version 2 of its specification, with the types of their properties.

use super::schema::{Schema, Types};

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

/// The events with their schemas.
pub(super) fn schemas() -> Vec<(&'static str, Schema)> {
    let events = EVENTS.lines().filter_map(|line| line.split_once(':'));
    events.map(|(name, properties)| (name, object(properties))).collect()
}

fn object(properties: &str) -> Schema {
    let mut out = Schema::of(Types::OBJECT);
    let words = properties.split_whitespace().flat_map(|word| if word == "@" { PRODUCT } else { word }.split(' '));
    for word in words {
        let name = word.trim_end_matches(['#', '?', '*', '%', '!']);
        if word.ends_with('!') {
            out.required.push(name.to_owned());
        }
        let schema = match &word[name.len()..] {
            "#" => Schema::of(Types::NUMBER),
            "?" => Schema::of(Types::BOOLEAN),
            "*" => Schema { items: Some(Box::new(object("@"))), ..Schema::of(Types::ARRAY) },
            "%" => Schema::of(Types::ARRAY),
            _ => Schema::of(Types::STRING),
        };
        out.properties.push((name.to_owned(), schema));
    }
    out.properties.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    out
}
