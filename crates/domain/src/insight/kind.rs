//! What is predicted, by name: `purchase_30d`, `lapse_90d`, `clv_365d`, `next_category`.

use std::fmt;

/// A prediction. Its name holds its horizon, so that a score never means something else than its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PredictionKind {
    /// Chance to buy within so many days.
    Purchase(u32),
    /// Chance that a buyer does not buy within so many days.
    Lapse(u32),
    /// Money to be expected within so many days, in minor units of the currency of reports.
    Value(u32),
    /// The category somebody buys from next.
    NextCategory,
}

/// Shortest and longest horizon in days.
pub const HORIZON_DAYS: std::ops::RangeInclusive<u32> = 1..=1_095;

impl PredictionKind {
    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "next_category" {
            return Some(Self::NextCategory);
        }
        let (name, days) = text.strip_suffix('d')?.rsplit_once('_')?;
        let days: u32 = days.parse().ok().filter(|d| HORIZON_DAYS.contains(d))?;
        let kind = match name {
            "purchase" => Self::Purchase(days),
            "lapse" => Self::Lapse(days),
            "clv" => Self::Value(days),
            _ => return None,
        };
        // `purchase_030d` is no name.
        (kind.to_string() == text).then_some(kind)
    }

    /// Whether its result is a text rather than a number.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::NextCategory)
    }
}

impl fmt::Display for PredictionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Purchase(days) => write!(f, "purchase_{days}d"),
            Self::Lapse(days) => write!(f, "lapse_{days}d"),
            Self::Value(days) => write!(f, "clv_{days}d"),
            Self::NextCategory => f.write_str("next_category"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_others_do_not() {
        for kind in [
            PredictionKind::Purchase(30),
            PredictionKind::Lapse(90),
            PredictionKind::Value(365),
            PredictionKind::NextCategory,
        ] {
            assert_eq!(PredictionKind::parse(&kind.to_string()), Some(kind));
        }
        for bad in ["", "purchase", "purchase_d", "purchase_0d", "purchase_030d", "lapse_9999d", "churn_30d", "clv_365"]
        {
            assert_eq!(PredictionKind::parse(bad), None, "{bad}");
        }
    }
}
