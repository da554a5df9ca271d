//! Values, each kept once: a number stands for it wherever it occurs, and equal numbers are equal values.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::compare::MAX;
use super::text::{all_han, romanised, sound};

/// Hashes are their own hash.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }

    fn write_u32(&mut self, n: u32) {
        self.0 = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// A map by hashes.
pub(super) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<Same>>;

/// The hash of a value's text. Two texts with one hash would pass for equal: once in 2⁶⁴ / n² of n values.
#[must_use]
pub(super) fn hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// Values of one kind. Number 0 is "no value".
#[derive(Debug, Clone)]
pub(super) struct Table<T> {
    by_hash: ByHash<u32>,
    hashes: Vec<u64>,
    values: Vec<T>,
}

impl<T: Default> Default for Table<T> {
    fn default() -> Self {
        Self { by_hash: ByHash::default(), hashes: vec![0], values: vec![T::default()] }
    }
}

impl<T> Table<T> {
    /// The number of the value with this hash; `make` makes a value that is new.
    pub(super) fn number(&mut self, hash: u64, make: impl FnOnce() -> T) -> u32 {
        if let Some(n) = self.by_hash.get(&hash) {
            return *n;
        }
        let n = self.values.len() as u32;
        self.values.push(make());
        self.hashes.push(hash);
        self.by_hash.insert(hash, n);
        n
    }

    pub(super) fn get(&self, n: u32) -> &T {
        &self.values[n as usize]
    }

    pub(super) fn hash_of(&self, n: u32) -> u64 {
        self.hashes[n as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

/// A stretch of an arena.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    at: u32,
    len: u16,
}

impl Span {
    /// Appends to an arena.
    pub(super) fn push<T>(arena: &mut Vec<T>, items: impl IntoIterator<Item = T>) -> Self {
        let at = arena.len();
        arena.extend(items.into_iter().take(MAX));
        Self { at: at as u32, len: (arena.len() - at) as u16 }
    }

    pub(super) fn of<T>(self, arena: &[T]) -> &[T] {
        &arena[self.at as usize..self.at as usize + usize::from(self.len)]
    }

    pub(super) const fn len(self) -> usize {
        self.len as usize
    }
}

/// A name, or another short text of words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Name {
    /// Letters without blanks; pinyin for Chinese.
    pub(super) letters: Span,
    /// Hashes of its words, or of its Chinese characters; empty for a single one.
    pub(super) words: Span,
    /// Which letters occur.
    pub(super) mask: u64,
    /// Hash of the letters.
    pub(super) spoken: u32,
    /// How it sounds, for blocking.
    pub(super) sound: u32,
    /// Its first three letters, for blocking.
    pub(super) start: u32,
    /// Whether it is written in Chinese characters.
    pub(super) han: bool,
}

impl Name {
    /// Takes a name apart. `text` is words as [`super::text::words`] gives them.
    pub(super) fn new(text: &str, surname: bool, arena: &mut Vec<u32>) -> Self {
        let han = all_han(text);
        let spoken: String = if han { romanised(text, surname) } else { text.chars().filter(|c| *c != ' ').collect() };
        let letters = Span::push(arena, spoken.chars().map(u32::from));
        let part = |t: &str| hash(t) as u32;
        let words = if han {
            let characters: Vec<u32> =
                text.chars().filter(|c| *c != ' ').map(|c| part(c.encode_utf8(&mut [0; 4]))).collect();
            if characters.len() > 1 { Span::push(arena, characters) } else { Span::default() }
        } else if text.contains(' ') {
            Span::push(arena, text.split(' ').map(part))
        } else {
            Span::default()
        };
        let start: String = spoken.chars().take(3).collect();
        Self {
            letters,
            words,
            mask: mask(letters.of(arena)),
            spoken: hash(&spoken) as u32,
            sound: if han { hash(&spoken) as u32 | 1 } else { sound(&spoken) },
            start: hash(&start) as u32,
            han,
        }
    }
}

/// A bit for each letter of the Latin alphabet and digit, one of the rest for any other.
#[must_use]
pub(super) fn mask(letters: &[u32]) -> u64 {
    letters.iter().fold(0, |m, c| {
        m | 1
            << match *c {
                c @ 0x61..=0x7a => c - 0x61,
                c @ 0x30..=0x39 => 26 + c - 0x30,
                c => 36 + c % 28,
            }
    })
}

/// A date: what was written, and the day it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Date {
    /// `YYYYMMDD`.
    pub(super) digits: [u8; 8],
    /// Days since 0000-03-01; `i32::MIN` for a date that does not exist.
    pub(super) day: i32,
}

impl Default for Date {
    fn default() -> Self {
        Self { digits: *b"00000000", day: i32::MIN }
    }
}

/// A code of digits and letters.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Code {
    /// Its signs.
    pub(super) signs: Span,
    /// Whether some are hidden: `138****5678`.
    pub(super) masked: bool,
}

/// An e-mail address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mail {
    /// All of it.
    pub(super) whole: Span,
    /// What stands before the `@`.
    pub(super) local: Span,
    /// Hash of that, without what providers ignore; 0 when it is hidden or none.
    pub(super) local_key: u32,
    /// Which letters occur before the `@`.
    pub(super) mask: u64,
    /// Whether some is hidden: `a***@b.c`.
    pub(super) masked: bool,
}

/// The words of an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Street {
    /// Numbers of its words, sorted, each once.
    pub(super) words: Span,
}

/// A word of addresses.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Word {
    pub(super) letters: Span,
    pub(super) mask: u64,
    /// Whether it holds a digit.
    pub(super) number: bool,
}

/// A closed word: a sex, a state.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Category;
