//! What a person did, as far as one matcher needs it.
//!
//! A track is a sorted list of occurrences and, where a rule looks at all time, a [`Total`] into which occurrences are
//! folded once they lie in the past. Taking in is commutative: events may come in any order, two persons' tracks may be
//! joined in any order. An event that is still among the occurrences is known by its id and taken in once; one that is
//! folded is not known any more, so each event must be given to a track that folds once.

use super::total::Total;

/// What a track keeps of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Form {
    /// That it happened; `key` is the order it is about, or 0.
    Event,
    /// A number; `key` is the order it is the amount of, or 0.
    Number,
    /// A hash of a value in `key`.
    Distinct,
    /// A value, for the most frequent.
    Frequency,
    /// A value, for the first and the last.
    Ends,
    /// Which steps of a sequence it makes: a bit each in `key`.
    Steps,
}

impl Form {
    pub(super) const ALL: [Self; 6] =
        [Self::Event, Self::Number, Self::Distinct, Self::Frequency, Self::Ends, Self::Steps];

    /// Its number in the encoding; never changed.
    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Event => 0,
            Self::Number => 1,
            Self::Distinct => 2,
            Self::Frequency => 3,
            Self::Ends => 4,
            Self::Steps => 5,
        }
    }
}

/// How long a track keeps occurrences apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Keep {
    /// Not at all: they are folded once they lie in the past.
    Total,
    /// As [`Keep::Total`], of those from the first instant to before the second.
    Range(i64, i64),
    /// Those of the last so many milliseconds.
    Within(i64),
    /// All from this instant on.
    Since(i64),
    /// The newest so many events.
    Newest(u32),
}

/// One occurrence: an event, or one of several values of an event (then they share time and id and keep their order).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Occurrence {
    pub at: i64,
    pub id: i64,
    /// Whether the filters passed; only [`Keep::Newest`] keeps others.
    pub passed: bool,
    pub key: u64,
    pub number: f64,
    /// A plain JSON value.
    pub text: Option<Box<str>>,
}

impl Occurrence {
    pub(super) fn order(&self) -> (i64, i64) {
        (self.at, self.id)
    }
}

/// Most occurrences that a window looks at: the newest. People do not do one thing eight thousand times in a window;
/// robots do.
pub(super) const LOOKED_AT: usize = 8_192;
/// Most occurrences that a track keeps apart. Beyond it the oldest are folded, or dropped where nothing is folded. So much
/// more than is looked at, that what lies ahead of now takes nobody's place.
const MAX_OCCURRENCES: usize = 10_000;
/// How many are left then.
const SHORTENED: usize = 9_000;

/// What a person did, as far as one matcher needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub form: Form,
    /// Whether what leaves the list is folded.
    pub folds: bool,
    /// Sorted by time, then id, then the order of values in the event.
    pub list: Vec<Occurrence>,
    pub total: Total,
}

impl Track {
    pub(super) fn new(form: Form, folds: bool) -> Self {
        Self { form, folds, list: Vec::new(), total: Total::default() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty() && self.total.is_empty()
    }

    /// Takes in what one event gave, taken from `given`. False when the event is known.
    pub(super) fn add(&mut self, given: &mut Vec<Occurrence>) -> bool {
        let Some(first) = given.first() else { return false };
        let order = first.order();
        if self.list.last().is_none_or(|l| l.order() < order) {
            self.list.append(given);
        } else {
            let place = self.list.partition_point(|o| o.order() < order);
            if self.list[place].order() == order {
                given.clear();
                return false;
            }
            self.list.splice(place..place, given.drain(..));
        }
        if self.list.len() > MAX_OCCURRENCES {
            self.shorten(self.list.len() - SHORTENED);
        }
        true
    }

    /// Takes in another person's track.
    pub(super) fn merge(&mut self, other: Self) {
        self.total.merge(other.total, self.form);
        if other.list.is_empty() {
            return;
        }
        if self.list.last().is_none_or(|l| l.order() < other.list[0].order()) {
            self.list.extend(other.list);
        } else {
            let mut joined = Vec::with_capacity(self.list.len() + other.list.len());
            let mut mine = std::mem::take(&mut self.list).into_iter().peekable();
            let mut theirs = other.list.into_iter().peekable();
            while let (Some(a), Some(b)) = (mine.peek(), theirs.peek()) {
                let order = a.order().min(b.order());
                let both = a.order() == b.order();
                while let Some(o) = mine.next_if(|o| o.order() == order) {
                    joined.push(o);
                }
                // Of an event that both hold one side is enough.
                while let Some(o) = theirs.next_if(|o| o.order() == order) {
                    if !both {
                        joined.push(o);
                    }
                }
            }
            joined.extend(mine);
            joined.extend(theirs);
            self.list = joined;
        }
        if self.list.len() > MAX_OCCURRENCES {
            self.shorten(self.list.len() - SHORTENED);
        }
    }

    /// Folds or drops at least `n` of the oldest, whole events at a time.
    fn shorten(&mut self, n: usize) {
        let Some(last) = n.checked_sub(1).and_then(|i| self.list.get(i)) else { return };
        let order = last.order();
        let end = self.list.partition_point(|o| o.order() <= order);
        self.leave(end);
    }

    /// The first `n` leave the list.
    fn leave(&mut self, n: usize) {
        if self.folds {
            for o in self.list.drain(..n) {
                self.total.fold(o, self.form);
            }
        } else {
            self.list.drain(..n);
        }
    }

    /// Folds or drops what no later evaluation looks at.
    pub(super) fn prune(&mut self, keep: Keep, thin: Thin, now: i64) {
        let past = self.list.partition_point(|o| o.at <= now);
        match keep {
            Keep::Total | Keep::Range(..) => self.leave(past),
            Keep::Within(d) => {
                let gone = self.list.partition_point(|o| o.at <= now.saturating_sub(d));
                self.leave(gone);
            }
            Keep::Since(_) => {}
            Keep::Newest(n) => {
                let gone = newest(&self.list[..past], n);
                self.leave(gone);
            }
        }
        if self.form == Form::Steps {
            thin.apply(&mut self.list, now);
        }
    }
}

/// Where the newest `n` events of a list begin.
pub(super) fn newest(list: &[Occurrence], n: u32) -> usize {
    let mut left = n;
    let mut i = list.len();
    while i > 0 {
        let order = list[i - 1].order();
        if left == 0 {
            return i;
        }
        left -= 1;
        while i > 0 && list[i - 1].order() == order {
            i -= 1;
        }
    }
    0
}

/// Steps of a sequence of which one occurrence stands for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Thin {
    /// Of these the earliest is enough: the first step, when the next may follow at any time and the window is open.
    pub first: u64,
    /// Of these the latest is enough: the last step, when it may follow at any time.
    pub last: u64,
}

impl Thin {
    fn apply(self, list: &mut Vec<Occurrence>, now: i64) {
        if self.first == 0 && self.last == 0 {
            return;
        }
        let earliest = list.iter().position(|o| o.key & self.first != 0);
        // What lies ahead counts later; until then the latest in the past is needed as well.
        let latest = list.iter().rposition(|o| o.at <= now && o.key & self.last != 0);
        for (i, o) in list.iter_mut().enumerate() {
            if Some(i) != earliest {
                o.key &= !self.first;
            }
            if Some(i) != latest && o.at <= now {
                o.key &= !self.last;
            }
        }
        list.retain(|o| o.key != 0);
    }
}
