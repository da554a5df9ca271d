//! Credit: what a conversion is, which touches earned it, what they cost, and who is behind a number.
//!
//! How credit is divided is [`throughline_domain::credit`]'s; here the event history is read for it. Start reading at
//! [`App::credit_report`](crate::App::credit_report), then `scan`.

mod conversion;
mod definition;
mod path_file;
mod people;
mod recent;
mod report;
mod scan;
mod spend;

pub use conversion::{Conversion, ConversionChange};
pub use definition::{Condition, ConversionValue, Dedupe, Definition, Filter, FilterOp};
pub use path_file::path_file;
pub use recent::Recent;
pub use report::{CreditPaths, CreditQuery, CreditReport, CreditRow, MODELS};
pub use spend::{Spend, SpendFilter};

pub use throughline_domain::credit::Model;
pub use throughline_domain::credit::path_file::{PathFileOptions, PathReport};
pub use throughline_domain::credit::paths::Count;
pub use throughline_domain::credit::report::Level;

pub(crate) use conversion::seed_conversions;
pub(crate) use definition::same_name;
pub(crate) use report::channel_label;
pub(crate) use scan::{Pass, Period};
