//! A deterministic demo brand: people, touchpoints, mess and truth.
//!
//! It knows nothing of the server nor of HTTP clients: it yields requests exactly as real SDKs send them, in the
//! order they arrive, and a truth file to measure against. Start reading at [`DemoBrand`], then `sim`.

mod calendar;
mod catalogue;
mod channel;
mod names;
mod people;
mod score;
mod sim;
mod source;
mod text;
mod truth;
mod wire;

use throughline_base::Timestamp;

pub use score::{CreditRow, CreditScore, IdentifierKey, IdentityScore, Mistake, Quality, score_credit, score_identity};
pub use sim::Batches;
pub use source::{DemoSource, SourceKind, Wire};
pub use truth::{TrueIdentifier, TrueOrder, TruePerson, Truth};

/// The channel key of purchases that no marketing caused.
pub const BASELINE: &str = "organic";

/// What to generate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoConfig {
    /// How many true people live; 20,000 give about half a million events.
    pub people: u32,
    /// The same seed gives byte-identical output.
    pub seed: u64,
    /// Length of the history, in months of 30.4 days.
    pub months: u32,
    /// End of the history: nothing is dated or sent later.
    pub until: Timestamp,
}

impl DemoConfig {
    /// 20,000 people over the 18 months before `until`.
    #[must_use]
    pub const fn new(until: Timestamp) -> Self {
        Self { people: 20_000, seed: 1, months: 18, until }
    }

    /// First instant of the history.
    #[must_use]
    pub const fn from(&self) -> Timestamp {
        self.until.plus_ms(-(self.months as i64) * 2_626_560_000)
    }
}

/// One HTTP request as a client sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoRequest {
    /// `POST`.
    pub method: &'static str,
    /// Path, with the query where the client has one.
    pub path: String,
    /// Headers, lower-case names, without host and length.
    pub headers: Vec<(&'static str, String)>,
    /// The body as it goes over the wire.
    pub body: Vec<u8>,
    /// Events inside.
    pub events: u32,
}

/// What one source sends at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoBatch {
    /// Index into [`DemoBrand::sources`].
    pub source: usize,
    /// When it reaches the collector.
    pub received_at: Timestamp,
    /// The requests, in order.
    pub requests: Vec<DemoRequest>,
}

/// What a campaign cost on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpendRow {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Channel key as in the truth.
    pub channel: &'static str,
    /// Campaign, as in `utm_campaign`.
    pub campaign: String,
    /// Times shown.
    pub impressions: u64,
    /// Times clicked; at least the clicks among the generated events.
    pub clicks: u64,
    /// Cost in minor units.
    pub cost_minor: i64,
    /// ISO 4217.
    pub currency: &'static str,
}

/// The brand.
#[derive(Debug, Clone)]
pub struct DemoBrand {
    config: DemoConfig,
    write_keys: Vec<String>,
}

impl DemoBrand {
    /// English name.
    pub const NAME_EN: &'static str = "Mosslark";
    /// Chinese name.
    pub const NAME_ZH: &'static str = "苔雀";

    /// The brand with write keys `demo_<source key>`.
    #[must_use]
    pub fn new(config: DemoConfig) -> Self {
        let write_keys = source::SOURCES.iter().map(|s| format!("demo_{}", s.key)).collect();
        Self { config, write_keys }
    }

    /// Uses these write keys, one per source in the order of [`Self::sources`]; a missing one keeps its default.
    #[must_use]
    pub fn with_write_keys(mut self, keys: impl IntoIterator<Item = String>) -> Self {
        for (slot, key) in self.write_keys.iter_mut().zip(keys) {
            *slot = key;
        }
        self
    }

    /// What was asked for.
    #[must_use]
    pub const fn config(&self) -> &DemoConfig {
        &self.config
    }

    /// The touchpoints. A batch names its source by the position here.
    #[must_use]
    pub fn sources(&self) -> Vec<DemoSource> {
        source::SOURCES.to_vec()
    }

    /// The write key of each source.
    #[must_use]
    pub fn write_keys(&self) -> &[String] {
        &self.write_keys
    }

    /// Everything that is sent, in the order of arrival. Truth and spend of what has been sent so far are read off the
    /// iterator.
    #[must_use]
    pub fn batches(&self) -> Batches {
        Batches::new(&self.config, &self.write_keys)
    }

    /// The whole truth. Runs the generator to its end; after a run of [`Self::batches`], [`Batches::truth`] is cheaper.
    #[must_use]
    pub fn truth(&self) -> Truth {
        let mut batches = self.batches();
        batches.by_ref().for_each(drop);
        batches.truth()
    }

    /// All advertising spend. Runs the generator to its end; after a run, [`Batches::ad_spend`] is cheaper.
    #[must_use]
    pub fn ad_spend(&self) -> Vec<SpendRow> {
        let mut batches = self.batches();
        batches.by_ref().for_each(drop);
        batches.ad_spend()
    }
}
