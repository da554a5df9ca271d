//! Compares two records, step by step, what costs least first.

use std::cell::RefCell;

use super::alike::{fits, holds, likeness, may_be_alike, other_number};
use super::compare::{edits_within, jaro_winkler};
use super::level::{Comparison, Kind, MISSING, with_level};
use super::record::{Part, Records};
use super::value::Code;

/// What a comparison looks at.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// Given name and surname together, as two comparisons. Either column may be missing.
    Names {
        given: usize,
        surname: usize,
        second: usize,
    },
    One {
        kind: Kind,
        column: usize,
    },
    Place {
        postcode: Option<usize>,
        city: Option<usize>,
        state: Option<usize>,
    },
}

impl Look {
    const fn cost(self) -> u8 {
        match self {
            Self::One { kind: Kind::Category, .. } => 0,
            Self::One { kind: Kind::Birthday, .. } => 1,
            Self::Place { .. } => 2,
            Self::One { kind: Kind::Number, .. } => 3,
            Self::One { kind: Kind::Phone, .. } => 4,
            Self::Names { .. } => 5,
            Self::One { kind: Kind::Email, .. } => 7,
            Self::One { kind: Kind::Address, .. } => 8,
            Self::One { .. } => 6,
        }
    }
}

/// What can be told of two values without looking into them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glance {
    /// A side has none.
    Missing,
    /// They are one.
    Equal,
    /// They are two.
    Two,
    /// One must look.
    Open,
}

/// Compares records of one set.
pub struct Comparer<'a> {
    records: &'a Records,
    /// By the number of the comparison that comes first.
    looks: Vec<(usize, Look)>,
    /// How much each word of an address says, in bits.
    word_bits: &'a [f32],
    memo: RefCell<Vec<(u64, u8)>>,
}

const MEMO: usize = 1 << 15;

impl<'a> Comparer<'a> {
    /// For these comparisons; `word_bits` weighs words of addresses, by number.
    #[must_use]
    pub fn new(records: &'a Records, comparisons: &[Comparison], word_bits: &'a [f32]) -> Self {
        let place_of = |kind: Kind| comparisons.iter().position(|c| c.kind == kind);
        let given = place_of(Kind::GivenName).zip(records.column(Part::GivenName, ""));
        let surname = place_of(Kind::Surname).zip(records.column(Part::Surname, ""));
        let mut looks = Vec::new();
        for (i, c) in comparisons.iter().enumerate() {
            let one = |part: Part| records.column(part, &c.name).map(|column| Look::One { kind: c.kind, column });
            let look = match c.kind {
                Kind::GivenName => match (given, surname) {
                    (Some((_, given)), Some((second, surname))) => Some(Look::Names { given, surname, second }),
                    _ => one(Part::GivenName),
                },
                Kind::Surname if given.is_some() => None,
                Kind::Surname => one(Part::Surname),
                Kind::MiddleName => one(Part::MiddleName),
                Kind::Birthday => one(Part::Birthday),
                Kind::Phone => one(Part::Phone),
                Kind::Email => one(Part::Email),
                Kind::Number => one(Part::Number),
                Kind::Address => one(Part::Address),
                Kind::Text => one(Part::Text),
                Kind::Category => one(Part::Category),
                Kind::Place => Some(Look::Place {
                    postcode: records.column(Part::Postcode, ""),
                    city: records.column(Part::City, ""),
                    state: records.column(Part::State, ""),
                }),
            };
            looks.extend(look.map(|l| (i, l)));
        }
        // What costs least first: most pairs are decided before their names are compared.
        looks.sort_by_key(|(i, look)| (look.cost(), *i));
        Self { records, looks, word_bits, memo: RefCell::new(vec![(0, 0); MEMO]) }
    }

    /// The levels of a pair, four bits for each comparison. It does not depend on which record is named first.
    #[must_use]
    pub fn pattern(&self, a: u32, b: u32) -> u64 {
        let mut out = u64::MAX;
        for step in 0..self.steps() {
            self.step(step, a, b, |i, level| out = with_level(out, i, level));
        }
        out
    }

    /// In how many steps a pair is compared.
    pub(super) fn steps(&self) -> usize {
        self.looks.len()
    }

    /// A first look at a step: calls `found` with each of its comparisons.
    pub(super) fn glance(&self, step: usize, a: u32, b: u32, mut found: impl FnMut(usize, Glance)) {
        let (i, look) = self.looks[step];
        let of = |column: usize| match (self.records.values(column, a), self.records.values(column, b)) {
            (&[x], &[y]) if x == 0 || y == 0 => Glance::Missing,
            (&[x], &[y]) => {
                if x == y {
                    Glance::Equal
                } else {
                    Glance::Two
                }
            }
            _ => Glance::Open,
        };
        match look {
            Look::Names { given, surname, second } => match (of(given), of(surname)) {
                // Swapped, or written in one word.
                (Glance::Equal, s) => {
                    found(i, Glance::Equal);
                    found(second, s);
                }
                (g, Glance::Equal) => {
                    found(i, g);
                    found(second, Glance::Equal);
                }
                (Glance::Missing, Glance::Missing) => {
                    found(i, Glance::Missing);
                    found(second, Glance::Missing);
                }
                _ => {
                    found(i, Glance::Two);
                    found(second, Glance::Two);
                }
            },
            Look::One { column, .. } => found(i, of(column)),
            Look::Place { .. } => found(i, Glance::Open),
        }
    }

    /// One step: calls `found` with a comparison and its level.
    pub(super) fn step(&self, step: usize, a: u32, b: u32, mut found: impl FnMut(usize, u8)) {
        let (i, look) = self.looks[step];
        match look {
            Look::Names { given, surname, second } => {
                let (g, s) = self.names(given, surname, a, b);
                found(i, g);
                found(second, s);
            }
            Look::One { kind, column } => found(i, self.best(kind, column, a, b)),
            Look::Place { postcode, city, state } => found(i, self.place(postcode, city, state, a, b)),
        }
    }

    fn best(&self, kind: Kind, column: usize, a: u32, b: u32) -> u8 {
        let (left, right) = (self.records.values(column, a), self.records.values(column, b));
        if let ([x], [y]) = (left, right) {
            return self.one(kind, *x, *y);
        }
        let mut best = MISSING;
        for x in left {
            for y in right {
                let level = self.one(kind, *x, *y);
                if level != MISSING && (best == MISSING || rank(kind, level) > rank(kind, best)) {
                    best = level;
                }
            }
        }
        best
    }

    fn one(&self, kind: Kind, x: u32, y: u32) -> u8 {
        if x == 0 || y == 0 {
            return MISSING;
        }
        match kind {
            Kind::GivenName | Kind::Surname | Kind::MiddleName | Kind::Text => self.name(x, y),
            Kind::Birthday => self.date(x, y),
            Kind::Phone => self.phone(x, y),
            Kind::Number => self.number(x, y),
            Kind::Email => self.mail(x, y),
            Kind::Address => self.address(x, y),
            Kind::Category | Kind::Place => u8::from(x == y),
        }
    }

    fn names(&self, given: usize, surname: usize, a: u32, b: u32) -> (u8, u8) {
        let r = self.records;
        let (ga, gb) = (r.value(given, a), r.value(given, b));
        let (sa, sb) = (r.value(surname, a), r.value(surname, b));
        let straight = (self.one(Kind::GivenName, ga, gb), self.one(Kind::Surname, sa, sb));
        let poor = |level: u8| level < 2 || level == MISSING;
        if !poor(straight.0) || !poor(straight.1) {
            return straight;
        }
        let close = |x: u32, y: u32| matches!(self.one(Kind::GivenName, x, y), 3..=5);
        if close(ga, sb) && close(sa, gb) {
            return (7, MISSING);
        }
        // One side in one word: `wangxiaoming`.
        let joined = |whole: u32, g: u32, s: u32| {
            let (w, g, s) = (r.names.get(whole), r.names.get(g), r.names.get(s));
            let (w, g, s) = (w.letters.of(&r.letters), g.letters.of(&r.letters), s.letters.of(&r.letters));
            w.len() == g.len() + s.len()
                && ((w.starts_with(s) && w.ends_with(g)) || (w.starts_with(g) && w.ends_with(s)))
        };
        let one_word = (sa == 0 && ga != 0 && gb != 0 && sb != 0 && joined(ga, gb, sb))
            || (sb == 0 && gb != 0 && ga != 0 && sa != 0 && joined(gb, ga, sa));
        if one_word { (7, MISSING) } else { straight }
    }

    fn name(&self, x: u32, y: u32) -> u8 {
        if x == y {
            return 5;
        }
        let (a, b) = (self.records.names.get(x), self.records.names.get(y));
        if a.spoken == b.spoken {
            // Two spellings without their blanks are one; two Chinese ones only sound alike.
            return if a.han || b.han { 4 } else { 5 };
        }
        let letters = &self.records.letters;
        let (la, lb) = (a.letters.of(letters), b.letters.of(letters));
        if la.len() == 1 || lb.len() == 1 {
            return if la.first() == lb.first() { 6 } else { 0 };
        }
        if holds(a.words.of(&self.records.letters), b.words.of(&self.records.letters), a, b) {
            return 3;
        }
        if !may_be_alike(a, b, la, lb) {
            return 0;
        }
        let pair = u64::from(x.min(y)) << 32 | u64::from(x.max(y));
        let slot = (pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 49) as usize & (MEMO - 1);
        if let Some((known, level)) = self.memo.borrow().get(slot)
            && *known == pair
        {
            return *level;
        }
        // Greedy pairing of letters may depend on the order: hashes fix it.
        let ordered = self.records.names.hash_of(x) <= self.records.names.hash_of(y);
        let level = likeness(if ordered { jaro_winkler(la, lb) } else { jaro_winkler(lb, la) });
        self.memo.borrow_mut()[slot] = (pair, level);
        level
    }

    fn date(&self, x: u32, y: u32) -> u8 {
        if x == y {
            return 5;
        }
        let (a, b) = (self.records.dates.get(x), self.records.dates.get(y));
        let (p, q) = (a.digits, b.digits);
        if p[..4] == *b"0000" || q[..4] == *b"0000" {
            return if p[4..] == q[4..] { 6 } else { 0 };
        }
        let differ: u8 = (0..8).fold(0, |n, i| n | u8::from(p[i] != q[i]) << i);
        let first = differ.trailing_zeros() as usize;
        let swapped =
            differ.count_ones() == 2 && differ >> first == 3 && p[first] == q[first + 1] && p[first + 1] == q[first];
        if differ.count_ones() == 1 || swapped {
            return 4;
        }
        if p[..4] == q[..4] && p[4..6] == q[6..] && p[6..] == q[4..6] {
            return 3;
        }
        if a.day == i32::MIN || b.day == i32::MIN {
            return 0;
        }
        match (a.day - b.day).abs() {
            0..=31 => 2,
            32..=366 => 1,
            _ => 0,
        }
    }

    fn codes(&self, x: u32, y: u32) -> (&Code, &[u8], &Code, &[u8]) {
        let (a, b) = (self.records.codes.get(x), self.records.codes.get(y));
        (a, a.signs.of(&self.records.signs), b, b.signs.of(&self.records.signs))
    }

    fn phone(&self, x: u32, y: u32) -> u8 {
        if x == y {
            return 4;
        }
        let (a, p, b, q) = self.codes(x, y);
        if a.masked || b.masked {
            return if fits(p, q) { 5 } else { 0 };
        }
        if p.len().min(q.len()) >= 7 && (p.ends_with(q) || q.ends_with(p)) {
            return 3;
        }
        edits_within(p, q, 2).map_or(0, |d| 3 - d as u8)
    }

    fn number(&self, x: u32, y: u32) -> u8 {
        if x == y {
            return 3;
        }
        let (a, p, b, q) = self.codes(x, y);
        if a.masked || b.masked {
            return if fits(p, q) { 4 } else { 0 };
        }
        edits_within(p, q, 2).map_or(0, |d| 3 - d as u8)
    }

    fn mail(&self, x: u32, y: u32) -> u8 {
        if x == y {
            return 4;
        }
        let (a, b) = (self.records.mails.get(x), self.records.mails.get(y));
        let letters = &self.records.letters;
        if a.masked || b.masked {
            return if fits(a.whole.of(letters), b.whole.of(letters)) { 5 } else { 0 };
        }
        if a.local_key == b.local_key {
            return 3;
        }
        let (la, lb) = (a.local.of(letters), b.local.of(letters));
        if other_number(la, lb) {
            return 0;
        }
        let shared = (a.mask & b.mask).count_ones();
        if shared * 2 < a.mask.count_ones().min(b.mask.count_ones()) {
            return 0;
        }
        if edits_within(a.whole.of(letters), b.whole.of(letters), 2).is_some() {
            return 2;
        }
        let ordered = self.records.mails.hash_of(x) <= self.records.mails.hash_of(y);
        let alike = if ordered { jaro_winkler(la, lb) } else { jaro_winkler(lb, la) };
        u8::from(alike >= 0.88)
    }

    fn address(&self, x: u32, y: u32) -> u8 {
        if x == y {
            return 5;
        }
        let r = self.records;
        let a = r.streets.get(x).words.of(&r.lists);
        let b = r.streets.get(y).words.of(&r.lists);
        let bits = |n: u32| self.word_bits.get(n as usize).copied().unwrap_or(1.0);
        let all: f32 = a.iter().chain(b).map(|n| bits(*n)).sum();
        let (mut common, mut i, mut j) = (0.0, 0, 0);
        let (mut left, mut right): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        while i < a.len() || j < b.len() {
            match (a.get(i), b.get(j)) {
                (Some(p), Some(q)) if p == q => {
                    common += 2.0 * bits(*p);
                    (i, j) = (i + 1, j + 1);
                }
                (Some(p), q) if q.is_none_or(|q| p < q) => {
                    left.push(*p);
                    i += 1;
                }
                (_, Some(q)) => {
                    right.push(*q);
                    j += 1;
                }
                (_, None) => i += 1,
            }
        }
        let share = (common + self.alike_words(&left, &mut right)) / all.max(f32::MIN_POSITIVE);
        match share {
            s if s >= 0.8 => 4,
            s if s >= 0.6 => 3,
            s if s >= 0.4 => 2,
            s if s >= 0.2 => 1,
            _ => 0,
        }
    }

    /// What words that are not equal but nearly so add.
    fn alike_words(&self, left: &[u32], right: &mut Vec<u32>) -> f32 {
        let r = self.records;
        let mut sum = 0.0;
        for x in left {
            let a = r.words.get(*x);
            let found = right.iter().position(|y| {
                let b = r.words.get(*y);
                let (p, q) = (a.letters.of(&r.letters), b.letters.of(&r.letters));
                let short = p.len().min(q.len());
                let long_enough = if p.first().is_some_and(|c| *c > 0x2e80) { short >= 3 } else { short >= 4 };
                !a.number
                    && !b.number
                    && long_enough
                    && (a.mask ^ b.mask).count_ones() <= 4
                    && edits_within(p, q, if short >= 7 { 2 } else { 1 }).is_some()
            });
            if let Some(at) = found {
                let y = right.swap_remove(at);
                let bits = |n: u32| self.word_bits.get(n as usize).copied().unwrap_or(1.0);
                sum += 0.8 * (bits(*x) + bits(y));
            }
        }
        sum
    }

    fn place(&self, postcode: Option<usize>, city: Option<usize>, state: Option<usize>, a: u32, b: u32) -> u8 {
        let r = self.records;
        let pair = |column: Option<usize>| {
            let column = column?;
            let (x, y) = (r.value(column, a), r.value(column, b));
            (x != 0 && y != 0).then_some((x, y))
        };
        let mut known = false;
        if let Some((x, y)) = pair(postcode) {
            known = true;
            if x == y {
                return 5;
            }
            let (p, q) = (r.codes.get(x).signs.of(&r.signs), r.codes.get(y).signs.of(&r.signs));
            if edits_within(p, q, 1).is_some() {
                return 4;
            }
        }
        if let Some((x, y)) = pair(city) {
            known = true;
            match self.name(x, y) {
                4 | 5 => return 3,
                2 | 3 => return 2,
                _ => {}
            }
        }
        if let Some((x, y)) = pair(state) {
            known = true;
            if x == y {
                return 1;
            }
        }
        if known { 0 } else { MISSING }
    }
}

/// How near levels are when several values are compared: those behind the ordered ones come below the exact one.
const fn rank(kind: Kind, level: u8) -> u8 {
    if level as usize >= kind.ordered() { 2 * kind.exact() - 1 } else { 2 * level }
}
