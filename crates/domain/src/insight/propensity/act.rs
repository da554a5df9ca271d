//! What somebody did, as far as predictions look at it. There are no traits here, and none can get in.

/// The number of a name that is not in a [`super::FeatureSet`].
pub const UNNAMED: u16 = u16::MAX;

/// What kind of act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActKind {
    /// Anything of their own doing that is nothing of the below.
    Other,
    /// Looked at a product or a category.
    View,
    /// Put something into the cart.
    Cart,
    /// Paid an order.
    Order,
    /// A line of an order just paid; it follows its [`ActKind::Order`].
    Item,
    /// Got money back.
    Refund,
    /// Opened or clicked a message.
    Message,
}

/// One act.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Act {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// What it was.
    pub kind: ActKind,
    /// Minor units of the currency of reports.
    pub value: f32,
    /// Whether less than the list price was paid, by coupon or promotion.
    pub discounted: bool,
    /// Number of the category, or [`UNNAMED`].
    pub category: u16,
    /// Number of the channel it came by, or [`UNNAMED`].
    pub channel: u16,
    /// Number of the kind of source, or [`UNNAMED`].
    pub source: u16,
}

impl Act {
    /// An act without anything to it.
    #[must_use]
    pub const fn plain(at_ms: i64, kind: ActKind) -> Self {
        Self { at_ms, kind, value: 0.0, discounted: false, category: UNNAMED, channel: UNNAMED, source: UNNAMED }
    }
}
