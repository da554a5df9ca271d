//! Typed 64-bit ids: time-ordered, made without coordination, stored as INTEGER, shown as `per_…`.
//!
//! Layout (63 bits used, always positive): 41 bits of milliseconds since 2024-01-01T00:00:00Z,
//! 8 bits of node, 14 bits of sequence. Text form: prefix, `_`, 13 characters of Crockford base 32.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::clock::Clock;
use crate::time::Timestamp;

/// 2024-01-01T00:00:00Z in Unix milliseconds: the origin of the time part of an id.
pub const ID_EPOCH_MS: i64 = 1_704_067_200_000;
const SEQ_BITS: u32 = 14;
const NODE_BITS: u32 = 8;
const NODE_MASK: i64 = (1 << NODE_BITS) - 1;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseIdError {
    /// The prefix the text should have had.
    pub expected: &'static str,
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an id of the form {}_ followed by 13 letters and digits", self.expected)
    }
}

impl std::error::Error for ParseIdError {}

fn encode(prefix: &str, value: i64) -> String {
    let mut out = String::with_capacity(prefix.len() + 14);
    out.push_str(prefix);
    out.push('_');
    for i in (0..13).rev() {
        out.push(char::from(ALPHABET[((value >> (i * 5)) & 31) as usize]));
    }
    out
}

fn decode(prefix: &'static str, text: &str) -> Result<i64, ParseIdError> {
    let err = ParseIdError { expected: prefix };
    let rest = text.strip_prefix(prefix).and_then(|r| r.strip_prefix('_')).ok_or_else(|| err.clone())?;
    if rest.len() != 13 {
        return Err(err);
    }
    let mut value: i64 = 0;
    for (i, b) in rest.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|a| *a == b.to_ascii_lowercase()).ok_or_else(|| err.clone())? as i64;
        // 13 characters carry 65 bits; the first may hold only the three bits that remain of a positive i64.
        if i == 0 && digit > 7 {
            return Err(err);
        }
        value = (value << 5) | digit;
    }
    Ok(value)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The prefix of the text form.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a stored value.
            #[must_use]
            pub const fn new(value: i64) -> Self {
                Self(value)
            }

            /// The stored value.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode($prefix, self.0))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                decode($prefix, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A person: the smallest person-strength identifier id of its cluster (see `domain::identity`).
    PersonId = "per";
    /// One generation of one identifier value: a node of the identity graph and the *line* events hang on.
    IdentifierId = "idn";
    /// A recorded event; also its arrival order.
    EventId = "evt";
    /// A source of events: one key, one trust level, one tracking plan.
    SourceId = "src";
    /// A user of the console.
    UserId = "usr";
    /// A key for the admin API.
    ApiKeyId = "key";
    /// A quarantined event.
    QuarantineId = "qua";
    /// A fix rule for quarantined events.
    FixId = "fix";
    /// A consent record.
    ConsentId = "con";
    /// A queued job.
    JobId = "job";
    /// A file import.
    ImportId = "imp";
    /// A privacy request (erasure or export) and its receipt.
    RequestId = "dsr";
    /// An entry of the identity review queue.
    ReviewId = "rev";
    /// A household.
    HouseholdId = "hou";
    /// A conversion definition.
    ConversionId = "cnv";
    /// A version of a prediction model.
    PredictionModelId = "prm";
    /// An audience.
    AudienceId = "aud";
    /// A version of the definition of an audience or a computed trait.
    AudienceVersionId = "auv";
    /// A computed trait.
    ComputedTraitId = "ctr";
    /// An uploaded list of identifiers.
    AudienceListId = "lst";
    /// A change of many people's tags.
    TagWorkId = "tgw";
    /// A persona.
    PersonaId = "psn";
    /// A place outside that audiences are sent to.
    DestinationId = "dst";
    /// An audience kept at a destination.
    SyncId = "syn";
    /// One run of a sync.
    RunId = "run";
    /// A lake file in the manifest.
    LakeFileId = "lkf";
}

/// Makes ids from the injected clock. One per node; shared by reference or `Arc`.
#[derive(Debug)]
pub struct IdGen {
    clock: Arc<dyn Clock>,
    node: i64,
    /// The last id issued, without its node bits' meaning: strictly increasing even if the clock steps back.
    last: AtomicI64,
}

impl IdGen {
    /// A generator for `node` (0–255).
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, node: u8) -> Self {
        Self { clock, node: i64::from(node), last: AtomicI64::new(0) }
    }

    /// A new id value, larger than every one this generator gave before.
    pub fn next(&self) -> i64 {
        let ms = (self.clock.now().ms() - ID_EPOCH_MS).max(0);
        let fresh = (ms << (NODE_BITS + SEQ_BITS)) | (self.node << SEQ_BITS);
        let seq_mask = (1_i64 << SEQ_BITS) - 1;
        let step = |last: i64| {
            if fresh > last {
                return fresh;
            }
            // Same millisecond, or the clock stepped back: go on from the last id, into the next millisecond when the
            // sequence of this one is used up or belongs to another node.
            if last & seq_mask < seq_mask && (last >> SEQ_BITS) & NODE_MASK == self.node {
                last + 1
            } else {
                (((last >> (NODE_BITS + SEQ_BITS)) + 1) << (NODE_BITS + SEQ_BITS)) | (self.node << SEQ_BITS)
            }
        };
        let before = self
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(step(last)))
            .expect("the closure always returns a value");
        step(before)
    }

    /// Makes sure that later ids exceed `floor`, an id found in the store.
    pub fn advance_past(&self, floor: i64) {
        self.last.fetch_max(floor, Ordering::Relaxed);
    }
}

/// The instant an id was made, to the millisecond.
#[must_use]
pub fn id_created_at(value: i64) -> Timestamp {
    Timestamp::from_ms((value >> (NODE_BITS + SEQ_BITS)) + ID_EPOCH_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;

    #[test]
    fn text_form_reads_back() {
        for v in [0, 1, 77, i64::MAX] {
            let id = PersonId::new(v);
            assert_eq!(id.to_string().parse::<PersonId>(), Ok(id));
        }
        assert!("evt_0000000000000".parse::<PersonId>().is_err());
        assert!("per_z000000000000".parse::<PersonId>().is_err(), "more than 63 bits");
    }

    #[test]
    fn ids_grow_through_a_clock_that_steps_back() {
        let clock = Arc::new(FixedClock::at_ms(ID_EPOCH_MS + 5_000));
        let ids = IdGen::new(clock.clone(), 3);
        let mut last = ids.next();
        for i in 0..40_000 {
            if i == 20_000 {
                clock.set(Timestamp::from_ms(ID_EPOCH_MS + 1_000));
            }
            let next = ids.next();
            assert!(next > last);
            last = next;
        }
        assert_eq!((last >> 14) & 255, 3, "the node bits stay");
        ids.advance_past(last + (5 << 14));
        let after = ids.next();
        assert!(after > last + (5 << 14));
        assert_eq!((after >> 14) & 255, 3, "another node's id is gone past, not gone on from");
    }
}
