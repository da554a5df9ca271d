//! What the history lets one expect: lifetime value, the chance to buy or to lapse, the next category.
//!
//! It knows nothing of how events are kept or scores are stored: it is fed purchases and acts, and gives parameters,
//! probabilities and what they are made of. Everything is deterministic; whoever is left out of a fit is chosen by a
//! hash of their number. It never sees traits, so none that is sensitive can enter a model. A prediction is not a cause:
//! who will buy anyway is not whom an offer moves.
//!
//! Start reading at [`clv`] (probability models of repeat purchase and value), then [`propensity`] (what people did
//! before a day against what they did after it) and [`next_category`].

pub mod clv;
pub mod kind;
pub mod next_category;
pub mod numeric;
pub mod propensity;

pub use kind::PredictionKind;
