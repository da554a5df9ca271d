//! Lifetime value: how often buyers come back (BG/NBD and its relatives) and what they spend when they do (Gamma-Gamma).
//!
//! A customer is three numbers: repeat days, the day of the last one, days under observation ([`summary`]). Customers who
//! are equal in all three are one [`Cell`], so a fit costs what the history varies, not how many customers there are.
//! Start reading at [`Summary`], then [`lifetime`] (the fits), [`expect`] (what they predict), [`value`] and [`holdout`].

pub mod expect;
pub mod holdout;
pub mod lifetime;
mod likelihood;
pub mod summary;
pub mod value;

#[cfg(test)]
pub(super) mod tests;

pub use expect::Forecast;
pub use holdout::Holdout;
pub use lifetime::{Lifetime, LifetimeFit, LifetimeKind};
pub use summary::{Cell, Purchase, Summary, cells, summarise};
pub use value::{SpendFit, SpendModel};
