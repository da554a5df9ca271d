//! What a credit pass is asked.

use serde::{Deserialize, Serialize};
use throughline_base::Problem;
use throughline_base::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use crate::credit::model::{ModelSettings, Weigher};
use crate::touch::TouchKind;

/// Which touches a conversion sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathMode {
    /// All within the look-back; a touch may serve several conversions.
    #[default]
    Window,
    /// Those since the conversion before; a touch serves one conversion.
    Cut,
}

/// How often a person's conversions count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Every one.
    #[default]
    Every,
    /// The first of each session.
    OncePerSession,
    /// The first ever.
    OncePerPerson,
}

/// On which day a refund shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundDate {
    /// On the order's, so that past periods are restated.
    #[default]
    Order,
    /// On its own.
    Refund,
}

/// Everything a credit pass is asked. Instants are Unix milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PathOptions {
    /// Conversions from this instant on are reported. Feed older events too: they hold the touches.
    pub from_ms: i64,
    /// Conversions before this instant are reported. Feed later events too: they hold the refunds.
    pub to_ms: i64,
    /// Event names of the conversion; empty when [`super::QUALIFIES`] alone decides.
    pub names: Vec<u32>,
    /// How often a person's conversions count.
    pub count: Count,
    /// One look-back for all touches, in days; `None` for the default of each kind.
    pub lookback_days: Option<u32>,
    /// Which touches a conversion sees.
    pub mode: PathMode,
    /// Drop touches without campaign where the window holds one with a campaign.
    pub campaign_first: bool,
    /// Count served impressions as touches; only sensible with an imported log of them.
    pub ad_views: bool,
    /// A pause longer than this starts a new session.
    pub session_gap_ms: i64,
    /// A new source starts a new session.
    pub campaign_starts_session: bool,
    /// The same (channel, campaign) again within this time is one touch; 0 keeps all.
    pub collapse_ms: i64,
    /// On which day a refund shows.
    pub refund_date: RefundDate,
    /// Fully refunded conversions are not counted.
    pub net_count: bool,
    /// The first instant that is stored; windows that reach before it are counted as left-truncated.
    pub history_start_ms: Option<i64>,
    /// "Before" of online → store and store → online, in days.
    pub cross_days: u32,
    /// Keep null paths in the table of paths; they are counted anyway.
    pub keep_null_paths: bool,
    /// Most distinct paths kept; beyond it long ones are folded.
    pub path_limit: usize,
    /// Settings of the models.
    pub models: ModelSettings,
}

impl Default for PathOptions {
    fn default() -> Self {
        Self {
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            names: Vec::new(),
            count: Count::default(),
            lookback_days: None,
            mode: PathMode::default(),
            campaign_first: false,
            ad_views: false,
            session_gap_ms: 30 * MINUTE_MS,
            campaign_starts_session: true,
            collapse_ms: 30 * MINUTE_MS,
            refund_date: RefundDate::default(),
            net_count: false,
            history_start_ms: None,
            cross_days: 7,
            keep_null_paths: false,
            path_limit: 200_000,
            models: ModelSettings::default(),
        }
    }
}

/// Options, checked.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) options: PathOptions,
    pub(super) weigher: Weigher,
    /// Longest look-back of any kind, in milliseconds.
    pub(super) reach_ms: i64,
    fixed_ms: Option<i64>,
}

impl Plan {
    pub(super) fn new(options: &PathOptions) -> Result<Self, Problem> {
        let weigher = options.models.weigher()?;
        if options.from_ms >= options.to_ms {
            return Err(Problem::invalid("credit_period", "the period ends before it begins; swap from and to"));
        }
        if options.lookback_days.is_some_and(|d| d == 0 || d > 3_650) {
            return Err(Problem::invalid("credit_lookback", "lookback_days is 1 to 3650, or left out"));
        }
        if !(MINUTE_MS..=8 * HOUR_MS).contains(&options.session_gap_ms) {
            return Err(Problem::invalid("credit_session_gap", "session_gap_ms is 1 minute to 8 hours"));
        }
        if !(0..=DAY_MS).contains(&options.collapse_ms) {
            return Err(Problem::invalid("credit_collapse", "collapse_ms is 0 to one day"));
        }
        if options.cross_days > 3_650 {
            return Err(Problem::invalid("credit_cross_days", "cross_days is at most 3650"));
        }
        let fixed_ms = options.lookback_days.map(|d| i64::from(d) * DAY_MS);
        let longest = TouchKind::ALL.into_iter().map(TouchKind::look_back_ms).max().unwrap_or(0);
        Ok(Self { options: options.clone(), weigher, reach_ms: fixed_ms.unwrap_or(longest), fixed_ms })
    }

    /// How long a touch of `kind` may earn credit.
    pub(super) fn look_back_ms(&self, kind: TouchKind) -> i64 {
        self.fixed_ms.unwrap_or_else(|| kind.look_back_ms())
    }

    pub(super) fn in_period(&self, at: i64) -> bool {
        (self.options.from_ms..self.options.to_ms).contains(&at)
    }
}
