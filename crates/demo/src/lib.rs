//! A deterministic demo brand: people, touchpoints, mess and truth.
//!
//! It knows nothing of the server nor of HTTP clients: it yields requests exactly as real SDKs send them, in the
//! order they arrive, and a truth to measure against. Start reading at [`DemoBrand`], then `sim`.
//!
//! # The brand
//!
//! Mosslark (苔雀) is invented: some 300 articles in skincare, make-up, fragrance, home textiles, candles, tableware
//! and gifts; ten stores in eight cities, a web shop, an app, a mini-program, a Tmall flagship store; advertising on
//! Douyin, Xiaohongshu and search; an official account, e-mail and SMS. 16 sources speak 8 wire formats. Names,
//! numbers and addresses are generated; e-mail uses reserved domains only. The year has 618, 双11, 女王节 and a dip at the
//! lunar new year.
//!
//! 20,000 people over 18 months give about 490,000 events in 140,000 requests, 20,000 orders by 7,600 buyers. Two in
//! five people only look; the rest buy once, now and then, regularly or heavily, at rates that differ like a gamma
//! distribution, until they lose interest.
//!
//! # What causes orders
//!
//! Orders come from independent Poisson processes: each person's baseline, and one per touch that decays with its
//! channel's time constant. So each order has one true cause, and each channel a true share: its part of the hazard at
//! that instant. About 54 % of the revenue is baseline. Brand search and retargeting cause nothing, they are met on the
//! way to an order that was coming; notes and live rooms work late and partly unseen. That is why models err.
//!
//! # The mess
//!
//! | what | how much |
//! |---|---|
//! | requests sent twice, same bytes and ids, seconds or hours later | 1 % |
//! | app sessions queued without network, hours to days | 6 % |
//! | store days that arrive a day late | 3 % |
//! | devices with a wrong clock, up to two hours | 2 % |
//! | numbers typed wrong at the till; names misspelled | 1.5–2 % of orders |
//! | phones in odd spellings, full-width digits among them | 13 %, 0.5 % |
//! | people in two-person households; of those sharing a browser, a phone | 22 %, 30 %, 7 % |
//! | people who change their number; newcomers who get a released one | 4.5 %, up to 5 % |
//! | cookies that live a mean of 130 days, second browsers, a new phone every 400 days | all |
//! | sessions with `undefined`, `null`, nil UUID as user id | 0.4 % of logged-out web |
//! | sessions with an event that belongs in quarantine | 0.4 % |
//! | robots in the web shop, each with a new cookie | one per 5,000 people and day |
//! | tablets in stores that everybody uses | 10 |

mod calendar;
mod catalogue;
mod channel;
mod customers;
mod names;
mod people;
mod score;
mod sim;
mod source;
mod text;
mod truth;
mod wire;

use throughline_base::Timestamp;

pub use customers::{CustomerConfig, write_customers};
pub use score::{
    CreditRow, CreditScore, IdentifierKey, IdentityScore, Mistake, Quality, WAYS_IN, score_credit, score_identity,
};
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
    /// Whether requests say when they were sent, as SDKs do. A collector that gets the history later than it says takes
    /// the difference for a wrong clock; without it, the events keep their own times.
    pub sending_times: bool,
}

impl DemoConfig {
    /// 20,000 people over the 18 months before `until`.
    #[must_use]
    pub const fn new(until: Timestamp) -> Self {
        Self { people: 20_000, seed: 1, months: 18, until, sending_times: true }
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
    /// The device or connector it comes from. What has the same number must arrive in order.
    pub lane: u64,
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
