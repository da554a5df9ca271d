//! Mappings that come with the product, from `examples/mappings`.

use super::mapping::Mapping;
use crate::Result;

const TEXTS: [&str; 5] = [
    include_str!("../../../../examples/mappings/online_retail.toml"),
    include_str!("../../../../examples/mappings/clickstream_ecom.toml"),
    include_str!("../../../../examples/mappings/ad_spend.toml"),
    include_str!("../../../../examples/mappings/customers.toml"),
    include_str!("../../../../examples/mappings/orders.toml"),
];

/// A mapping that comes with the product.
#[derive(Debug, Clone)]
pub struct Shipped {
    /// Its text.
    pub toml: &'static str,
    /// It, read.
    pub mapping: Mapping,
}

/// Every one of them.
///
/// # Errors
/// Never, as a test shows: each of them reads.
pub fn shipped() -> Result<Vec<Shipped>> {
    TEXTS.into_iter().map(|toml| Ok(Shipped { toml, mapping: Mapping::parse(toml)? })).collect()
}

/// The one whose columns are all in a file, if the file has many of them.
pub(super) fn fitting(columns: &[String]) -> Option<&'static str> {
    let all = shipped().ok()?;
    let fits = |s: &Shipped| {
        let used: Vec<&str> = s.mapping.columns_used().collect();
        used.len() >= 4 && used.iter().all(|c| columns.iter().any(|have| have == c))
    };
    all.into_iter().find(fits).map(|s| s.toml)
}
