//! Life-cycle stage, computed from what is known; an operator may set another by hand.

use throughline_base::Timestamp;
use throughline_base::time::DAY_MS;

/// Where a person stands with the brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Only devices and cookies are known.
    Visitor,
    /// Known by name or number, never bought.
    Lead,
    /// Bought once.
    Customer,
    /// Bought more than once.
    Repeat,
    /// Bought, but not for [`LAPSED_AFTER_MS`].
    Lapsed,
}

/// A buyer without an order for this long has lapsed.
pub const LAPSED_AFTER_MS: i64 = 365 * DAY_MS;

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [Self::Visitor, Self::Lead, Self::Customer, Self::Repeat, Self::Lapsed];

    /// Stored and shown name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Lead => "lead",
            Self::Customer => "customer",
            Self::Repeat => "repeat",
            Self::Lapsed => "lapsed",
        }
    }

    /// When a buyer lapses if nothing happens; `None` for who has not bought.
    #[must_use]
    pub fn lapses_at(orders: i64, last_order_at: Option<Timestamp>) -> Option<Timestamp> {
        last_order_at.filter(|_| orders > 0).map(|at| at.plus_ms(LAPSED_AFTER_MS + 1))
    }

    /// The stage that follows from the facts at `now`.
    #[must_use]
    pub fn compute(identified: bool, orders: i64, last_order_at: Option<Timestamp>, now: Timestamp) -> Self {
        match (orders, last_order_at) {
            (1.., Some(at)) if now.since(at) > LAPSED_AFTER_MS => Self::Lapsed,
            (2.., _) => Self::Repeat,
            (1, _) => Self::Customer,
            (i64::MIN..=0, _) if identified => Self::Lead,
            (i64::MIN..=0, _) => Self::Visitor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_moves_through_the_stages() {
        let day = |d: i64| Timestamp::from_ms(d * DAY_MS);
        assert_eq!(Stage::compute(false, 0, None, day(0)), Stage::Visitor);
        assert_eq!(Stage::compute(true, 0, None, day(0)), Stage::Lead);
        assert_eq!(Stage::compute(true, 1, Some(day(0)), day(365)), Stage::Customer);
        assert_eq!(Stage::compute(true, 2, Some(day(10)), day(20)), Stage::Repeat);
        assert_eq!(Stage::compute(true, 2, Some(day(0)), day(366)), Stage::Lapsed);
    }

    #[test]
    fn a_buyer_lapses_at_the_instant_that_is_foretold() {
        let bought = Timestamp::from_ms(123_456);
        let at = Stage::lapses_at(2, Some(bought)).unwrap();
        assert_eq!(Stage::compute(true, 2, Some(bought), at), Stage::Lapsed);
        assert_eq!(Stage::compute(true, 2, Some(bought), at.plus_ms(-1)), Stage::Repeat);
        assert_eq!(Stage::lapses_at(0, Some(bought)), None);
    }
}
