//! The simulation, day by day.

use crate::{DemoBatch, DemoConfig, SpendRow, Truth};

/// Everything the brand's touchpoints send, in the order of arrival.
#[derive(Debug)]
pub struct Batches {
    progress: f64,
}

impl Batches {
    pub(crate) fn new(_config: &DemoConfig, _write_keys: &[String]) -> Self {
        Self { progress: 1.0 }
    }

    /// How much of the history has been sent, `0..=1`.
    #[must_use]
    pub const fn progress(&self) -> f64 {
        self.progress
    }

    /// The truth about everything sent so far.
    #[must_use]
    pub fn truth(&self) -> Truth {
        Truth::default()
    }

    /// Advertising spend so far.
    #[must_use]
    pub fn ad_spend(&self) -> Vec<SpendRow> {
        Vec::new()
    }
}

impl Iterator for Batches {
    type Item = DemoBatch;

    fn next(&mut self) -> Option<DemoBatch> {
        None
    }
}
