//! Keys of records under blocking rules.

use super::block::{Ingredient, Rule};
use super::record::{Part, Records};
use super::value::{Mail, Name};

/// Makes keys of records.
pub(super) struct Keys<'a> {
    pub(super) records: &'a Records,
    given: Option<usize>,
    surname: Option<usize>,
    birthday: Option<usize>,
    phone: Option<usize>,
    email: Option<usize>,
    address: Option<usize>,
    postcode: Option<usize>,
    city: Option<usize>,
    kind: Option<usize>,
    word_rank: Box<dyn Fn(u64) -> f32 + Sync + 'a>,
}

fn mix(a: u32, b: u32) -> u32 {
    let x = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32
}

/// 0 and the largest number mean something else.
const fn proper(key: u32) -> u32 {
    if key == 0 || key == u32::MAX { 1 } else { key }
}

fn of_bytes(bytes: &[u8]) -> u32 {
    proper(xxhash_rust::xxh3::xxh3_64(bytes) as u32)
}

fn of_letters(letters: &[u32]) -> u32 {
    proper(letters.iter().fold(0x811c_9dc5, |h, c| mix(h, *c)))
}

impl<'a> Keys<'a> {
    /// `word_rank` gives how much a word of an address says; the most telling are its key.
    pub(super) fn new(records: &'a Records, word_rank: impl Fn(u64) -> f32 + Sync + 'a) -> Self {
        let column = |part: Part| records.column(part, "");
        Self {
            records,
            given: column(Part::GivenName),
            surname: column(Part::Surname),
            birthday: column(Part::Birthday),
            phone: column(Part::Phone),
            email: column(Part::Email),
            address: column(Part::Address),
            postcode: column(Part::Postcode),
            city: column(Part::City),
            kind: column(Part::Type),
            word_rank: Box::new(word_rank),
        }
    }

    /// The keys of a record under a rule, none when something of it is not known. Sorted, each once.
    pub(super) fn of(&self, rule: &Rule, record: u32, out: &mut Vec<u32>) {
        out.clear();
        let kind = self.kind.map_or(0, |c| self.records.value(c, record));
        out.push(if kind == 0 { 1 } else { self.records.categories.hash_of(kind) as u32 });
        let mut parts = Vec::new();
        for ingredient in &rule.of {
            parts.clear();
            self.ingredient(ingredient, record, &mut parts);
            if let (&[one], &mut [ref mut key]) = (parts.as_slice(), out.as_mut_slice()) {
                *key = proper(mix(*key, one));
            } else {
                *out = out.iter().flat_map(|k| parts.iter().map(|p| proper(mix(*k, *p)))).collect();
            }
            if out.is_empty() {
                return;
            }
        }
        if !rule.left_out.is_empty() {
            out.retain(|k| !rule.left_out.contains(k));
        }
        out.sort_unstable();
        out.dedup();
    }

    fn ingredient(&self, ingredient: &Ingredient, record: u32, out: &mut Vec<u32>) {
        let r = self.records;
        let name = |column: Option<usize>| {
            let value = r.value(column?, record);
            (value != 0).then(|| r.names.get(value))
        };
        let both = |f: fn(&Name, &Records) -> u32| {
            let (g, s) = (f(name(self.given)?, r), f(name(self.surname)?, r));
            Some(mix(g.min(s), g.max(s)))
        };
        let digits = || {
            let value = r.value(self.birthday?, record);
            (value != 0).then(|| r.dates.get(value).digits)
        };
        let signs = |column: Option<usize>, out: &mut Vec<u32>, key: &dyn Fn(&[u8]) -> Option<u32>| {
            for value in column.into_iter().flat_map(|c| r.values(c, record)).filter(|v| **v != 0) {
                let code = r.codes.get(*value);
                if !code.masked {
                    out.extend(key(code.signs.of(&r.signs)));
                }
            }
        };
        let mails = |out: &mut Vec<u32>, key: &dyn Fn(&Mail) -> Option<u32>| {
            for value in self.email.into_iter().flat_map(|c| r.values(c, record)).filter(|v| **v != 0) {
                out.extend(key(r.mails.get(*value)));
            }
        };
        let half = |b: &[u8]| b.len() / 2;
        match ingredient {
            Ingredient::Everything => out.push(1),
            Ingredient::Names => out.extend(both(|n, _| n.spoken)),
            Ingredient::Initials => out.extend(both(|n, r| n.letters.of(&r.letters).first().copied().unwrap_or(0))),
            Ingredient::GivenName => out.extend(name(self.given).map(|n| n.spoken)),
            Ingredient::Surname => out.extend(name(self.surname).map(|n| n.spoken)),
            Ingredient::GivenNameSound => out.extend(name(self.given).map(|n| n.sound)),
            Ingredient::SurnameSound => out.extend(name(self.surname).map(|n| n.sound)),
            Ingredient::GivenNameStart => out.extend(name(self.given).map(|n| n.start)),
            Ingredient::SurnameStart => out.extend(name(self.surname).map(|n| n.start)),
            Ingredient::Birthday => out.extend(digits().map(|d| of_bytes(&d))),
            Ingredient::BirthMonth => out.extend(digits().map(|d| of_bytes(&d[..6]))),
            Ingredient::BirthMonthDay => out.extend(digits().map(|d| of_bytes(&d[4..]))),
            Ingredient::BirthYear => out.extend(digits().map(|d| of_bytes(&d[..4]))),
            Ingredient::Number(n) => {
                signs(r.column(Part::Number, n), out, &|b| Some(of_bytes(b)));
            }
            Ingredient::NumberHead(n) => {
                signs(r.column(Part::Number, n), out, &|b| (b.len() >= 6).then(|| of_bytes(&b[..half(b)])));
            }
            Ingredient::NumberTail(n) => {
                signs(r.column(Part::Number, n), out, &|b| (b.len() >= 6).then(|| of_bytes(&b[b.len() - half(b)..])));
            }
            Ingredient::PhoneTail => signs(self.phone, out, &|b| Some(of_bytes(&b[b.len().saturating_sub(8)..]))),
            Ingredient::PhoneHead => signs(self.phone, out, &|b| Some(of_bytes(&b[..b.len().min(7)]))),
            Ingredient::PhoneEnd => signs(self.phone, out, &|b| Some(of_bytes(&b[b.len().saturating_sub(4)..]))),
            Ingredient::Email => mails(out, &|m| (m.local_key != 0).then_some(m.local_key)),
            Ingredient::EmailStart => mails(out, &|m| {
                let local = m.local.of(&r.letters);
                (local.len() >= 3).then(|| of_letters(&local[..local.len().min(5)]))
            }),
            Ingredient::EmailDigits => mails(out, &|m| {
                let digits: Vec<u32> =
                    m.whole.of(&r.letters).iter().copied().filter(|c| (0x30..=0x39).contains(c)).collect();
                (digits.len() >= 4).then(|| of_letters(&digits))
            }),
            Ingredient::Address => out.extend(self.street(record).map(|(hash, _)| hash as u32)),
            Ingredient::AddressRarest => out.extend(self.street(record).and_then(|(_, words)| self.rarest(words))),
            Ingredient::Postcode => signs(self.postcode, out, &|b| Some(of_bytes(b))),
            Ingredient::City => out.extend(name(self.city).map(|n| n.spoken)),
            Ingredient::Text(n) => out.extend(name(r.column(Part::Text, n)).map(|t| t.spoken)),
            Ingredient::TextStart(n) => out.extend(name(r.column(Part::Text, n)).map(|t| t.start)),
        }
    }

    fn street(&self, record: u32) -> Option<(u64, &'a [u32])> {
        let value = self.records.value(self.address?, record);
        let street = self.records.streets.get(value);
        (value != 0).then(|| (self.records.streets.hash_of(value), street.words.of(&self.records.lists)))
    }

    fn rarest(&self, words: &[u32]) -> Option<u32> {
        let mut ranked: Vec<(f32, u64)> = words
            .iter()
            .map(|w| {
                let hash = self.records.words.hash_of(*w);
                ((self.word_rank)(hash), hash)
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        match ranked.as_slice() {
            [(_, x), (_, y), ..] => Some(mix(x.min(y).to_owned() as u32, x.max(y).to_owned() as u32)),
            [_] | [] => None,
        }
    }
}
