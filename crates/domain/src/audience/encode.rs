//! Tracks as bytes: small, because every person has them, and read without trust.
//!
//! Layout: a version byte, then each track: key (8 bytes), form and flags (1), list, total if there is one. Times are
//! distances from the time before; an id is stored as the distance between the time it was made at and the time of the
//! event, and its low bits (see `throughline_base::id`). Numbers are LEB128 varints, signed ones in zigzag.

use std::collections::HashMap;

use throughline_base::id::ID_EPOCH_MS;

use super::total::{Keyed, MAX_KEYS, MAX_VALUES, Mark, Seen, Total};
use super::track::{Form, Occurrence, Track};

const VERSION: u8 = 1;
const FOLDS: u8 = 0x10;
const HAS_TOTAL: u8 = 0x20;
/// Bits of an id below its time.
const LOW_BITS: u32 = 22;
const SEQ_BITS: u32 = 14;

pub(super) fn write<'a>(tracks: impl Iterator<Item = &'a (u64, Track)>) -> Vec<u8> {
    let mut w = Writer(vec![VERSION]);
    for (key, track) in tracks {
        w.0.extend(key.to_le_bytes());
        let flags = (u8::from(track.folds) * FOLDS) | (u8::from(!track.total.is_empty()) * HAS_TOTAL);
        w.0.push(track.form.code() | flags);
        w.list(track);
        if !track.total.is_empty() {
            w.total(&track.total);
        }
    }
    w.0
}

pub(super) fn read(bytes: &[u8]) -> Option<Vec<(u64, Track)>> {
    let mut r = Reader(bytes);
    (r.byte()? == VERSION).then_some(())?;
    let mut tracks = Vec::new();
    while !r.0.is_empty() {
        let key = r.fixed()?;
        let head = r.byte()?;
        let form = Form::ALL.into_iter().find(|f| f.code() == head & 0x0f)?;
        (head & !(0x0f | FOLDS | HAS_TOTAL) == 0).then_some(())?;
        let mut track = Track::new(form, head & FOLDS != 0);
        track.list = r.list(form)?;
        if head & HAS_TOTAL != 0 {
            track.total = r.total()?;
        }
        tracks.push((key, track));
    }
    Some(tracks)
}

/// The part of an id that varies little, and the part that varies much but is small: sequence above node.
fn id_parts(at: i64, id: i64) -> (i64, u64) {
    let made = id.wrapping_shr(LOW_BITS).wrapping_add(ID_EPOCH_MS);
    let low = (id as u64) & ((1 << LOW_BITS) - 1);
    let (node, seq) = (low >> SEQ_BITS, low & ((1 << SEQ_BITS) - 1));
    (made.wrapping_sub(at), node << SEQ_BITS | seq)
}

fn id_of(at: i64, made: i64, low: u64) -> i64 {
    let time = made.wrapping_add(at).wrapping_sub(ID_EPOCH_MS);
    (time << LOW_BITS) | (low & ((1 << LOW_BITS) - 1)) as i64
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    fn signed(&mut self, n: i64) {
        self.number(((n << 1) ^ (n >> 63)) as u64);
    }

    fn moment(&mut self, before: i64, at: i64, id: i64) {
        self.signed(at.wrapping_sub(before));
        let (made, low) = id_parts(at, id);
        self.signed(made);
        self.number(low);
    }

    /// A float: money and counts as their hundredths, anything else as it is.
    fn float(&mut self, n: f64) {
        let hundredths = (n * 100.0).round();
        if hundredths.abs() < 1e15 && (hundredths as i64 as f64 / 100.0).to_bits() == n.to_bits() {
            self.number(((((hundredths as i64) << 1) ^ ((hundredths as i64) >> 63)) as u64) << 1);
        } else {
            self.number(1);
            self.0.extend(n.to_le_bytes());
        }
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend(text.as_bytes());
    }

    fn list(&mut self, track: &Track) {
        self.number(track.list.len() as u64);
        let mut before = 0;
        let mut known: HashMap<&str, u64> = HashMap::new();
        for o in &track.list {
            self.moment(before, o.at, o.id);
            before = o.at;
            match track.form {
                Form::Event | Form::Number | Form::Frequency | Form::Ends => {
                    self.0.push(u8::from(o.passed) | u8::from(o.key != 0) << 1 | u8::from(o.text.is_some()) << 2);
                    if o.key != 0 {
                        self.0.extend(o.key.to_le_bytes());
                    }
                }
                Form::Distinct => {
                    self.0.push(u8::from(o.passed));
                    self.0.extend(o.key.to_le_bytes());
                }
                Form::Steps => self.number(o.key),
            }
            if track.form == Form::Number {
                self.float(o.number);
            }
            if let Some(text) = &o.text {
                let next = known.len() as u64 + 1;
                match known.get(&**text) {
                    Some(n) => self.number(*n),
                    None => {
                        known.insert(text, next);
                        self.number(0);
                        self.text(text);
                    }
                }
            }
        }
    }

    fn total(&mut self, t: &Total) {
        self.number(t.count);
        self.0.extend(t.sum.to_le_bytes());
        self.0.push(u8::from(t.bounds.is_some()) | u8::from(t.first.is_some()) << 1);
        if let Some((low, high)) = t.bounds {
            self.float(low);
            self.float(high);
        }
        if let (Some(first), Some(last)) = (&t.first, &t.last) {
            for mark in [first, last] {
                self.moment(0, mark.at, mark.id);
                self.number(mark.text.is_some().into());
                self.text(mark.text.as_deref().unwrap_or(""));
            }
        }
        self.number(t.keys.len() as u64);
        let mut before = 0;
        for k in &t.keys {
            self.0.extend(k.key.to_le_bytes());
            self.moment(before, k.at, k.id);
            self.float(k.number);
            before = k.at;
        }
        self.number(t.values.len() as u64);
        for s in &t.values {
            self.text(&s.text);
            self.number(s.times);
            self.moment(before, s.at, s.id);
            before = s.at;
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn fixed(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn number(&mut self) -> Option<u64> {
        let mut n = 0_u64;
        for shift in (0..64).step_by(7) {
            let b = self.byte()?;
            n |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let n = self.number()?;
        Some((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    fn moment(&mut self, before: i64) -> Option<(i64, i64)> {
        let at = before.wrapping_add(self.signed()?);
        let made = self.signed()?;
        Some((at, id_of(at, made, self.number()?)))
    }

    fn float(&mut self) -> Option<f64> {
        let n = self.number()?;
        if n & 1 == 1 {
            return self.take(8)?.try_into().ok().map(f64::from_le_bytes).filter(|n| !n.is_nan());
        }
        let n = n >> 1;
        Some(((n >> 1) as i64 ^ -((n & 1) as i64)) as f64 / 100.0)
    }

    fn text(&mut self) -> Option<&'a str> {
        let n = self.number()?;
        std::str::from_utf8(self.take(usize::try_from(n).ok()?)?).ok()
    }

    /// A length of a list of which each item takes at least `least` bytes: more than the bytes hold is refused before
    /// room is made for it.
    fn length(&mut self, least: usize) -> Option<usize> {
        let n = usize::try_from(self.number()?).ok()?;
        (n <= self.0.len() / least).then_some(n)
    }

    fn list(&mut self, form: Form) -> Option<Vec<Occurrence>> {
        let n = self.length(4)?;
        let mut list: Vec<Occurrence> = Vec::with_capacity(n);
        let mut known: Vec<&str> = Vec::new();
        let mut before = 0;
        for _ in 0..n {
            let (at, id) = self.moment(before)?;
            before = at;
            let mut o = Occurrence { at, id, passed: true, key: 0, number: 0.0, text: None };
            let mut has_text = false;
            match form {
                Form::Event | Form::Number | Form::Frequency | Form::Ends => {
                    let flags = self.byte()?;
                    o.passed = flags & 1 != 0;
                    has_text = flags & 4 != 0;
                    if flags & 2 != 0 {
                        o.key = self.fixed()?;
                    }
                }
                Form::Distinct => {
                    o.passed = self.byte()? & 1 != 0;
                    o.key = self.fixed()?;
                }
                Form::Steps => o.key = self.number()?,
            }
            if form == Form::Number {
                o.number = self.float()?;
            }
            if has_text {
                let text = match self.number()? {
                    0 => {
                        let text = self.text()?;
                        known.push(text);
                        text
                    }
                    n => known.get(usize::try_from(n - 1).ok()?)?,
                };
                o.text = Some(text.into());
            }
            list.push(o);
        }
        if !list.is_sorted_by_key(Occurrence::order) {
            list.sort_by_key(Occurrence::order);
        }
        Some(list)
    }

    fn total(&mut self) -> Option<Total> {
        let mut t = Total { count: self.number()?, ..Total::default() };
        t.sum = i128::from_le_bytes(self.take(16)?.try_into().ok()?);
        let has = self.byte()?;
        if has & 1 != 0 {
            t.bounds = Some((self.float()?, self.float()?));
        }
        if has & 2 != 0 {
            t.first = Some(self.mark()?);
            t.last = Some(self.mark()?);
        }
        let n = self.length(12)?;
        let mut before = 0;
        for _ in 0..n.min(MAX_KEYS) {
            let key = self.fixed()?;
            let (at, id) = self.moment(before)?;
            before = at;
            t.keys.push(Keyed { key, at, id, number: self.float()? });
        }
        let n = self.length(5)?;
        for _ in 0..n.min(MAX_VALUES) {
            let text = self.text()?.into();
            let times = self.number()?;
            let (at, id) = self.moment(before)?;
            before = at;
            t.values.push(Seen { text, times, at, id });
        }
        t.keys.sort_by_key(|k| k.key);
        t.keys.dedup_by_key(|k| k.key);
        t.values.sort_by(|a, b| a.text.cmp(&b.text));
        t.values.dedup_by(|a, b| a.text == b.text);
        Some(t)
    }

    fn mark(&mut self) -> Option<Mark> {
        let (at, id) = self.moment(0)?;
        let has_text = self.number()? != 0;
        let text = self.text()?;
        Some(Mark { at, id, text: has_text.then(|| text.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Behaviour;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_and_times_of_any_size_come_back() {
        for at in [0, -1, i64::MIN, i64::MAX, 1_795_304_490_076] {
            for id in [0, 1, -1, i64::MAX, i64::MIN, (1_795_304_490_076 - ID_EPOCH_MS) << LOW_BITS | 5] {
                let (made, low) = id_parts(at, id);
                assert_eq!(id_of(at, made, low), id, "{at} {id}");
            }
        }
    }

    #[test]
    fn floats_come_back_to_the_bit() {
        for n in [0.0, -0.0, 12.34, -0.1, 1e300, f64::MIN_POSITIVE, 1e14, 0.001, f64::INFINITY] {
            let mut w = Writer(Vec::new());
            w.float(n);
            assert_eq!(Reader(&w.0).float().unwrap().to_bits(), n.to_bits(), "{n}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
            }
            if let Ok(mut b) = Behaviour::decode(&bytes) {
                let again = Behaviour::decode(&b.encode()).unwrap();
                b.merge(again);
                let _ = b.encode();
            }
        }
    }
}
