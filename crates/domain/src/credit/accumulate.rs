//! What a pass over the events adds up. Integers only, so the sum does not depend on which thread saw whom.

use super::model::Model;
use super::path_table::PathTable;
use super::paths::MAX_TOUCHES;

/// One conversion in the units in which conversions are divided.
pub const CONVERSION_UNITS: i64 = 1_000_000_000_000;

/// Days of the time-lag histogram; longer lags are counted in its last cell.
pub const LAG_DAYS: usize = 366;

/// What one model gave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Credit {
    /// Value in minor units.
    pub value_minor: i128,
    /// Conversions in [`CONVERSION_UNITS`].
    pub conversion_units: i128,
    /// The part of them that were somebody's first, in the same units.
    pub new_customer_units: i128,
}

impl Credit {
    pub(super) fn add(&mut self, other: Self) {
        self.value_minor += other.value_minor;
        self.conversion_units += other.conversion_units;
        self.new_customer_units += other.new_customer_units;
    }
}

/// What was counted for one touch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// How often it was made in the period.
    pub touches: u64,
    /// What the additive models gave, in the order of [`Model::ALL`].
    pub credit: [Credit; Model::ADDITIVE],
}

/// What is counted once per conversion and key, and so cannot be summed from a finer level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Presence {
    /// Conversions with the key on their path.
    pub conversions: u64,
    /// The value of these conversions, in minor units.
    pub value_minor: i128,
    /// New customers among them.
    pub new_customers: u64,
    /// Conversions with the key on their path but not as the last touch.
    pub assisted: u64,
}

impl Presence {
    fn add(&mut self, other: Self) {
        self.conversions += other.conversions;
        self.value_minor += other.value_minor;
        self.new_customers += other.new_customers;
        self.assisted += other.assisted;
    }
}

/// Counts of a histogram's cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Conversions.
    pub conversions: u64,
    /// Their value in minor units.
    pub value_minor: i128,
}

/// Sums over the whole period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// People seen.
    pub people: u64,
    /// Events seen.
    pub events: u64,
    /// Sessions begun in the period.
    pub sessions: u64,
    /// Touches made in the period.
    pub touches: u64,
    /// Conversions.
    pub conversions: u64,
    /// Net value: gross less refunds, in minor units.
    pub value_minor: i128,
    /// Value before refunds.
    pub gross_minor: i128,
    /// Refunds, as a positive number.
    pub refunds_minor: i128,
    /// First conversions of a person.
    pub new_customers: u64,
    /// Value without any eligible touch, refunds of unknown orders included.
    pub unattributed_minor: i128,
    /// Conversions without any eligible touch.
    pub unattributed_conversions: u64,
    /// New customers among them.
    pub unattributed_new_customers: u64,
    /// Paths that ended without conversion.
    pub null_paths: u64,
    /// Null paths that may still convert within the look-back.
    pub open_paths: u64,
    /// Conversions whose path had more than 100 touches; the newest 100 were kept.
    pub shortened: u64,
    /// Conversions whose window reaches before the first stored event.
    pub left_truncated: u64,
    /// Events that repeated an order already counted.
    pub duplicates: u64,
    /// Repeats recognised without an order id, by name, value and 60 s.
    pub soft_duplicates: u64,
    /// Refunds of orders nobody knows; their value is unattributed.
    pub refunds_unknown: u64,
    /// Refunds of orders that are no conversion of this definition, or beyond what the order was worth.
    pub refunds_ignored: u64,
    /// Events whose touch the catalog does not know. Anything but 0 is a defect of the caller.
    pub unknown_touches: u64,
    /// Identified people who bought in a store.
    pub store_buyers: u64,
    /// Those of them with an online touch in the days before.
    pub store_buyers_touched_online: u64,
    /// Identified people who bought online.
    pub online_buyers: u64,
    /// Those of them with a touch in the world in the days before.
    pub online_buyers_touched_in_store: u64,
}

impl Totals {
    fn add(&mut self, o: &Self) {
        self.people += o.people;
        self.events += o.events;
        self.sessions += o.sessions;
        self.touches += o.touches;
        self.conversions += o.conversions;
        self.value_minor += o.value_minor;
        self.gross_minor += o.gross_minor;
        self.refunds_minor += o.refunds_minor;
        self.new_customers += o.new_customers;
        self.unattributed_minor += o.unattributed_minor;
        self.unattributed_conversions += o.unattributed_conversions;
        self.unattributed_new_customers += o.unattributed_new_customers;
        self.null_paths += o.null_paths;
        self.open_paths += o.open_paths;
        self.shortened += o.shortened;
        self.left_truncated += o.left_truncated;
        self.duplicates += o.duplicates;
        self.soft_duplicates += o.soft_duplicates;
        self.refunds_unknown += o.refunds_unknown;
        self.refunds_ignored += o.refunds_ignored;
        self.unknown_touches += o.unknown_touches;
        self.store_buyers += o.store_buyers;
        self.store_buyers_touched_online += o.store_buyers_touched_online;
        self.online_buyers += o.online_buyers;
        self.online_buyers_touched_in_store += o.online_buyers_touched_in_store;
    }
}

/// The sums of one pass, or of several merged ones over the same catalog and options.
#[derive(Debug, Clone)]
pub struct Accumulator {
    /// By touch: touch `n` of the catalog stands at `n - 1`.
    pub cells: Vec<Cell>,
    /// By channel, campaign and touchpoint number of the catalog.
    pub presence: [Vec<Presence>; 3],
    /// Conversions by number of touches: cell `n` has paths of `n` touches.
    pub path_lengths: Vec<Bucket>,
    /// Conversions by whole days from the first touch.
    pub lag_days: Vec<Bucket>,
    /// Distinct paths of channels.
    pub paths: PathTable,
    /// Sums.
    pub totals: Totals,
}

impl Accumulator {
    pub(super) fn new(touches: usize, keys: [usize; 3], path_limit: usize) -> Self {
        Self {
            cells: vec![Cell::default(); touches],
            presence: keys.map(|n| vec![Presence::default(); n]),
            path_lengths: vec![Bucket::default(); MAX_TOUCHES + 1],
            lag_days: vec![Bucket::default(); LAG_DAYS + 1],
            paths: PathTable::new(path_limit),
            totals: Totals::default(),
        }
    }

    /// Takes in another pass over other people. Both must come from the same catalog and options.
    pub fn merge(&mut self, other: &Self) {
        merge_lists(&mut self.cells, &other.cells, |a, b| {
            a.touches += b.touches;
            for (a, b) in a.credit.iter_mut().zip(&b.credit) {
                a.add(*b);
            }
        });
        for (mine, theirs) in self.presence.iter_mut().zip(&other.presence) {
            merge_lists(mine, theirs, |a, b| a.add(*b));
        }
        let buckets = |a: &mut Bucket, b: &Bucket| {
            a.conversions += b.conversions;
            a.value_minor += b.value_minor;
        };
        merge_lists(&mut self.path_lengths, &other.path_lengths, buckets);
        merge_lists(&mut self.lag_days, &other.lag_days, buckets);
        self.paths.merge(&other.paths);
        self.totals.add(&other.totals);
    }
}

fn merge_lists<T: Clone + Default>(mine: &mut Vec<T>, theirs: &[T], add: impl Fn(&mut T, &T)) {
    if mine.len() < theirs.len() {
        mine.resize(theirs.len(), T::default());
    }
    for (a, b) in mine.iter_mut().zip(theirs) {
        add(a, b);
    }
}
