//! Which touch earned the money: conversions, their paths of touches, and the models that divide the revenue.
//!
//! It knows nothing of how events are kept or how touches are recognised ([`crate::touch`]); it is fed numbers and gives
//! numbers, and what it divides always sums to what it was given, to the minor unit. Credit is not cause: a row says
//! what a model gives, an experiment says what a channel brings.
//!
//! Start reading at [`Model`], then [`paths`] (events of one person at a time, to an [`Accumulator`]), [`report`]
//! (accumulator and cost to rows) and [`path_file`] (models over an aggregated path file).

pub mod accumulate;
pub mod model;
pub mod path_file;
pub mod path_table;
pub mod paths;
pub mod report;
pub mod split;

pub use accumulate::Accumulator;
pub use model::{Model, ModelSettings, PositionWeights};
pub use paths::{PathBuilder, PathEvent, PathOptions};
