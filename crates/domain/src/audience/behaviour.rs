//! Everything a person did, as far as a program needs it: one track a matcher.

use super::encode;
use super::program::Program;
use super::track::{Form, Occurrence, Track};

/// What a person did, as far as the program that took it in needs it.
///
/// Taking in is commutative and so is joining: the state does not depend on the order in which events or persons came.
/// A track that folds (see [`Program::tracks`]) must be given each event once.
#[derive(Debug, Clone, Default)]
pub struct Behaviour {
    /// By key, sorted.
    tracks: Vec<(u64, Track)>,
}

/// Bytes that are no behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a behaviour, or one of a later version")
    }
}

impl std::error::Error for Malformed {}

impl Behaviour {
    /// Whether nothing was taken in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tracks.iter().all(|(_, t)| t.is_empty())
    }

    /// The compact form that is stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode::write(self.tracks.iter().filter(|(_, t)| !t.is_empty()))
    }

    /// Reads what [`Self::encode`] wrote. Empty bytes are an empty behaviour; no bytes make it panic.
    ///
    /// # Errors
    /// When the bytes are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut tracks = encode::read(bytes).ok_or(Malformed)?;
        tracks.sort_by_key(|(key, _)| *key);
        tracks.dedup_by_key(|(key, _)| *key);
        Ok(Self { tracks })
    }

    /// Takes in what another person did: the two are one.
    pub fn merge(&mut self, other: Self) {
        for (key, track) in other.tracks {
            match self.tracks.binary_search_by_key(&key, |(k, _)| *k) {
                Ok(i) => self.tracks[i].1.merge(track),
                Err(i) => self.tracks.insert(i, (key, track)),
            }
        }
    }

    /// Folds or drops what no evaluation at `now` or later looks at, and tracks that the program does not know.
    pub fn prune(&mut self, program: &Program, now: throughline_base::Timestamp) {
        self.tracks.retain_mut(|(key, track)| {
            let Some(matcher) = program.matcher(*key) else { return false };
            track.prune(matcher.keep, matcher.thin, now.ms());
            !track.is_empty()
        });
    }

    /// Forgets everything, keeping the room it took.
    pub fn clear(&mut self) {
        for (_, track) in &mut self.tracks {
            track.list.clear();
            if !track.total.is_empty() {
                track.total = super::total::Total::default();
            }
        }
    }

    /// Keys of the tracks that hold something.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        self.tracks.iter().filter(|(_, t)| !t.is_empty()).map(|(k, _)| *k)
    }

    /// Keeps the tracks of which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(u64) -> bool) {
        self.tracks.retain(|(k, _)| keep(*k));
    }

    pub(super) fn track(&self, key: u64) -> Option<&Track> {
        self.tracks.binary_search_by_key(&key, |(k, _)| *k).ok().map(|i| &self.tracks[i].1)
    }

    /// Takes in what one event gave to one track. False when the event is known.
    pub(super) fn add(&mut self, key: u64, form: Form, folds: bool, given: &mut Vec<Occurrence>) -> bool {
        let i = match self.tracks.binary_search_by_key(&key, |(k, _)| *k) {
            Ok(i) => i,
            Err(i) => {
                self.tracks.insert(i, (key, Track::new(form, folds)));
                i
            }
        };
        self.tracks[i].1.add(given)
    }
}
