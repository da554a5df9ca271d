//! Values that look like identifiers and are not (field note §3.3).

use serde::{Deserialize, Serialize};

/// What operators block besides the built-in values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlockedRules {
    /// Exact values, in every namespace.
    pub values: Vec<String>,
    /// Regular expressions, in every namespace; anchored only where they say so.
    pub patterns: Vec<String>,
    /// An identifier that was joined to more persons than this, ever, links nothing any more.
    pub seen_on_more_than: Option<u32>,
}
