//! Which records are one person? Probabilistic matching after Fellegi and Sunter (1969), fitted without labels.
//!
//! It knows nothing of files and databases: records come as cells with a meaning ([`Records`]) and go as numbers. The same
//! records in another order give the same answer, and new ones against stored ones the answer of a run over all.
//!
//! 1. `record` reads cells into values (`read`, `text`, `value`).
//! 2. `block` says which pairs are compared (`keys`).
//! 3. `level` and `comparer` say how far a pair agrees (`compare`).
//! 4. `estimate` fits a [`Model`], which turns levels into bits.
//! 5. `run` chooses a threshold, and `cluster` makes groups.
//!
//! Start reading at [`Outcome::of`]; `docs/identity.md` has the formulas.

mod alike;
mod block;
mod cluster;
mod compare;
mod comparer;
mod estimate;
mod keys;
mod level;
mod link;
mod model;
mod read;
mod record;
mod run;
mod score;
#[cfg(test)]
mod tests;
mod text;
mod value;

pub use block::{Ingredient, Rule, Yield};
pub use cluster::{Odds, Question, clusters, component};
pub use level::{Comparison, Kind, MISSING, comparisons};
pub use link::{Edge, Linker, Pairs, Spread, all_new, alone};
pub use model::{Calibration, Chances, Explanation, Frequencies, Model, Weight, odds_bits, probability};
pub use read::DateOrder;
pub use record::{Cell, Field, Part, Records};
pub use run::{Expected, Options, Outcome, cluster, threshold};
pub use score::{Score, score_clusters, score_pairs};
