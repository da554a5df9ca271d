//! Which records are one person? Probabilistic matching after Fellegi and Sunter (1969).

mod block;
mod cluster;
mod compare;
mod estimate;
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
pub use link::{Edge, Linker, Pairs, Spread, alone};
pub use model::{Chances, Explanation, Frequencies, Model, Weight, odds_bits, probability};
pub use read::DateOrder;
pub use record::{Cell, Field, Part, Records};
pub use run::{Expected, Options, Outcome, cluster, threshold};
pub use score::{Score, score_clusters, score_pairs};
