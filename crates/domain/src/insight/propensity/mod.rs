//! Who will buy, who will lapse: what people did before a cut-off day against what they did after it.
//!
//! The model is a logistic regression over an allow-list of features of behaviour ([`feature`]), each bent at two knots
//! ([`design`]), fitted with a ridge ([`logistic`]) and calibrated on people it was not fitted on ([`calibrate`]). It is
//! judged at a later cut-off ([`measure`]) and watched for drift ([`drift`]). It stays additive, so what each feature
//! brings to a person's score is exact, not an approximation. Start reading at [`Model`] in [`model`].

pub mod act;
pub mod calibrate;
pub mod design;
pub mod drift;
pub mod feature;
pub mod logistic;
pub mod measure;
pub mod model;

#[cfg(test)]
mod tests;

pub use act::{Act, ActKind};
pub use feature::{FeatureSet, Label};
pub use measure::Quality;
pub use model::{Contribution, Model, Sample, Trained};
