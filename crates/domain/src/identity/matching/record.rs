//! Records as numbers: each cell is read once, and a column holds for each record the number of its value.

use std::collections::BTreeMap;

use super::read::{self, DateOrder};
use super::text;
use super::value::{Category, Code, Date, Mail, Name, Span, Street, Table, Word, hash, mask};
use crate::event::clean::gender;
use crate::event::clean::hanzi::is_compound_surname;

/// What a column of a file means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A whole name; it is split into given name and surname.
    Name,
    /// Given name.
    GivenName,
    /// Middle name or its initial.
    MiddleName,
    /// Surname.
    Surname,
    /// Birthday.
    Birthday,
    /// Telephone number; several are compared by the pair that agrees best.
    Phone,
    /// E-mail address; several as for telephone numbers.
    Email,
    /// A number given to the person by somebody: tax, insurance, passport, membership.
    Number,
    /// Street, house, flat; several columns are put together.
    Address,
    /// Postcode.
    Postcode,
    /// City or suburb.
    City,
    /// State or province.
    State,
    /// A text of words: an employer, a nickname.
    Text,
    /// One of a few values: a sex, a tier.
    Category,
    /// What kind of thing a record is about; records of two kinds are never compared.
    Type,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 15] = [
        Self::Name,
        Self::GivenName,
        Self::MiddleName,
        Self::Surname,
        Self::Birthday,
        Self::Phone,
        Self::Email,
        Self::Number,
        Self::Address,
        Self::Postcode,
        Self::City,
        Self::State,
        Self::Text,
        Self::Category,
        Self::Type,
    ];

    /// The name in mappings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::MiddleName => "middle_name",
            Self::Surname => "surname",
            Self::Birthday => "birthday",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Number => "number",
            Self::Address => "address",
            Self::Postcode => "postcode",
            Self::City => "city",
            Self::State => "state",
            Self::Text => "text",
            Self::Category => "category",
            Self::Type => "type",
        }
    }

    /// Reads the name in mappings.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == text)
    }

    /// Whether each name of it is a column of its own.
    const fn is_named(self) -> bool {
        matches!(self, Self::Number | Self::Text | Self::Category)
    }
}

/// A meaning with the name of what it means, such as `number` `soc_sec_id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Field {
    /// The meaning.
    pub part: Part,
    /// The name, where one meaning may occur more than once: numbers, texts, categories. Else empty.
    pub name: String,
}

impl Field {
    /// A field.
    #[must_use]
    pub fn new(part: Part, name: &str) -> Self {
        Self { part, name: if part.is_named() { name.to_owned() } else { String::new() } }
    }
}

/// A cell of a record.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// What it means.
    pub part: Part,
    /// The name of its field, as in [`Field`].
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
    /// How dates of its column are read.
    pub order: DateOrder,
}

/// Set on numbers that stand for several values.
const MANY: u32 = 1 << 31;
/// Most values of one field of one record.
const MOST_VALUES: usize = 8;

/// Records, numbered from 0 in the order they came.
#[derive(Debug, Default)]
pub struct Records {
    pub(super) names: Table<Name>,
    pub(super) dates: Table<Date>,
    pub(super) codes: Table<Code>,
    pub(super) mails: Table<Mail>,
    pub(super) streets: Table<Street>,
    pub(super) words: Table<Word>,
    pub(super) categories: Table<Category>,
    pub(super) letters: Vec<u32>,
    pub(super) signs: Vec<u8>,
    pub(super) lists: Vec<u32>,
    /// In how many addresses each word occurs.
    pub(super) word_counts: Vec<u32>,
    fields: Vec<Field>,
    /// Numbers of values, record by record.
    cells: Vec<u32>,
    many: Vec<Box<[u32]>>,
    sources: Vec<u16>,
    len: usize,
}

impl Records {
    /// No records of these fields. A whole name is kept as given name and surname.
    #[must_use]
    pub fn new(fields: impl IntoIterator<Item = Field>) -> Self {
        let mut kept: Vec<Field> = Vec::new();
        for field in fields {
            let parts: &[Part] =
                if field.part == Part::Name { &[Part::GivenName, Part::Surname] } else { &[field.part] };
            kept.extend(parts.iter().map(|p| Field::new(*p, &field.name)));
        }
        kept.sort();
        kept.dedup();
        Self { fields: kept, word_counts: vec![0], ..Self::default() }
    }

    /// The fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The source of a record.
    #[must_use]
    pub fn source(&self, record: u32) -> u16 {
        self.sources[record as usize]
    }

    /// The place of a field.
    pub(super) fn column(&self, part: Part, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.part == part && f.name == name)
    }

    /// The values of a column of a record.
    pub(super) fn values(&self, column: usize, record: u32) -> &[u32] {
        let cell = &self.cells[record as usize * self.fields.len() + column];
        if *cell & MANY != 0 { &self.many[(*cell & !MANY) as usize] } else { std::slice::from_ref(cell) }
    }

    /// The value of a column of a record, of several the first; 0 when there is none.
    pub(super) fn value(&self, column: usize, record: u32) -> u32 {
        let cell = self.cells[record as usize * self.fields.len() + column];
        if cell & MANY != 0 { self.many[(cell & !MANY) as usize][0] } else { cell }
    }

    /// A hash of a value of a column that does not depend on what else is there.
    pub(super) fn hash_of(&self, column: usize, value: u32) -> u64 {
        match self.fields[column].part {
            Part::Name | Part::GivenName | Part::MiddleName | Part::Surname | Part::City | Part::Text => {
                self.names.hash_of(value)
            }
            Part::Birthday => self.dates.hash_of(value),
            Part::Phone | Part::Number | Part::Postcode => self.codes.hash_of(value),
            Part::Email => self.mails.hash_of(value),
            Part::Address => self.streets.hash_of(value),
            Part::State | Part::Category | Part::Type => self.categories.hash_of(value),
        }
    }

    /// How many values a column may have, 0 (none) with them.
    pub(super) fn value_count(&self, column: usize) -> usize {
        match self.fields[column].part {
            Part::Name | Part::GivenName | Part::MiddleName | Part::Surname | Part::City | Part::Text => {
                self.names.len()
            }
            Part::Birthday => self.dates.len(),
            Part::Phone | Part::Number | Part::Postcode => self.codes.len(),
            Part::Email => self.mails.len(),
            Part::Address => self.streets.len(),
            Part::State | Part::Category | Part::Type => self.categories.len(),
        }
    }

    /// A hash of what a record says: equal for records that say the same, whatever their order.
    #[must_use]
    pub fn content(&self, record: u32) -> u64 {
        let mut bytes = Vec::with_capacity(self.fields.len() * 8);
        for column in 0..self.fields.len() {
            for value in self.values(column, record) {
                bytes.extend_from_slice(&self.hash_of(column, *value).to_le_bytes());
            }
        }
        xxhash_rust::xxh3::xxh3_64(&bytes)
    }

    /// Adds a record of a source and gives its number. Cells of fields that are not here are passed over.
    pub fn push(&mut self, source: u16, cells: &[Cell<'_>]) -> u32 {
        let record = self.len as u32;
        self.cells.resize(self.cells.len() + self.fields.len(), 0);
        let mut address = String::new();
        for cell in cells {
            if cell.text.is_empty() {
                continue;
            }
            match cell.part {
                Part::Name => self.whole_name(cell.text),
                Part::Address => {
                    address.push(' ');
                    address.push_str(cell.text);
                }
                Part::GivenName
                | Part::MiddleName
                | Part::Surname
                | Part::Birthday
                | Part::Phone
                | Part::Email
                | Part::Number
                | Part::Postcode
                | Part::City
                | Part::State
                | Part::Text
                | Part::Category
                | Part::Type => {
                    let name = if cell.part.is_named() { cell.name } else { "" };
                    if let Some(column) = self.column(cell.part, name) {
                        let value = self.read(cell);
                        self.set(column, value);
                    }
                }
            }
        }
        if let (false, Some(column)) = (address.is_empty(), self.column(Part::Address, "")) {
            let value = self.street(&address);
            self.set(column, value);
        }
        self.sources.push(source);
        self.len += 1;
        record
    }

    /// The first value of a field counts, but for telephone numbers and e-mail addresses, which may be several.
    fn set(&mut self, column: usize, value: u32) {
        let several = matches!(self.fields[column].part, Part::Phone | Part::Email);
        let at = self.cells.len() - self.fields.len() + column;
        let cell = &mut self.cells[at];
        if value == 0 || (*cell != 0 && !several) {
            return;
        }
        if *cell == 0 {
            *cell = value;
        } else if *cell & MANY == 0 {
            if *cell != value {
                let mut both = [*cell, value];
                both.sort_unstable();
                *cell = MANY | self.many.len() as u32;
                self.many.push(Box::new(both));
            }
        } else {
            let list = &mut self.many[(*cell & !MANY) as usize];
            if list.len() < MOST_VALUES && !list.contains(&value) {
                let mut longer = list.to_vec();
                longer.push(value);
                longer.sort_unstable();
                *list = longer.into_boxed_slice();
            }
        }
    }

    fn read(&mut self, cell: &Cell<'_>) -> u32 {
        match cell.part {
            Part::Name | Part::Address => 0,
            Part::GivenName | Part::MiddleName => self.name(&text::name_words(cell.text), false),
            Part::Surname => self.name(&text::name_words(cell.text), true),
            Part::City | Part::Text => self.name(&text::words(cell.text), false),
            Part::Birthday => {
                let Some(digits) = read::date(cell.text, cell.order) else { return 0 };
                let day = read::day_number(digits).unwrap_or(i32::MIN);
                self.dates.number(xxhash_rust::xxh3::xxh3_64(&digits), || Date { digits, day })
            }
            Part::Phone => read::phone(cell.text).map_or(0, |t| self.code(&t)),
            Part::Number | Part::Postcode => read::number(cell.text).map_or(0, |t| self.code(&t)),
            Part::Email => self.mail(cell.text),
            Part::State | Part::Category | Part::Type => {
                let sex = if cell.part == Part::Category { gender(cell.text) } else { None };
                let text = sex.map_or_else(|| text::words(cell.text), |g| g.value.to_owned());
                if text.is_empty() { 0 } else { self.categories.number(hash(&text), || Category) }
            }
        }
    }

    fn name(&mut self, words: &str, surname: bool) -> u32 {
        if words.is_empty() || crate::identity::blocked::built_in("name", words).is_some() {
            return 0;
        }
        let letters = &mut self.letters;
        // A Chinese surname may be read otherwise than the same character in a given name.
        let key = hash(words) ^ u64::from(surname && text::all_han(words));
        self.names.number(key, || Name::new(words, surname, letters))
    }

    /// Chinese: a compound surname, else the first character. `Surname, Given`. Else the last word is the surname.
    fn whole_name(&mut self, raw: &str) {
        let (Some(given_column), Some(surname_column)) =
            (self.column(Part::GivenName, ""), self.column(Part::Surname, ""))
        else {
            return;
        };
        let mut words = text::name_words(raw);
        let (surname, given) = if text::all_han(&words) {
            words.retain(|c| c != ' ');
            let count = words.chars().count();
            let at = |n: usize| words.char_indices().nth(n).map_or(words.len(), |(i, _)| i);
            let cut = at(if count > 2 && is_compound_surname(&words[..at(2)]) { 2 } else { 1 });
            (words[..cut].to_owned(), words[cut..].to_owned())
        } else if let Some((surname, given)) = raw.split_once([',', '，']) {
            (text::name_words(surname), text::name_words(given))
        } else if let Some((surname, given)) = text::pinyin_name(&words) {
            (surname.to_owned(), given.to_owned())
        } else {
            match words.rsplit_once(' ') {
                Some((given, surname)) => (surname.to_owned(), given.to_owned()),
                None => (String::new(), words),
            }
        };
        let (surname, given) = (self.name(&surname, true), self.name(&given, false));
        self.set(surname_column, surname);
        self.set(given_column, given);
    }

    fn code(&mut self, signs: &str) -> u32 {
        let arena = &mut self.signs;
        let masked = signs.contains('*');
        self.codes.number(hash(signs), || Code { signs: Span::push(arena, signs.bytes()), masked })
    }

    fn mail(&mut self, raw: &str) -> u32 {
        let Some((whole, at, key)) = read::mail(raw) else { return 0 };
        let arena = &mut self.letters;
        self.mails.number(hash(&whole), || {
            let local = Span::push(arena, whole[..at].chars().map(u32::from));
            let masked = whole.contains('*');
            Mail {
                whole: Span::push(arena, whole.chars().map(u32::from)),
                local,
                local_key: if key.is_empty() { 0 } else { hash(&key) as u32 | 1 },
                mask: mask(local.of(arena)),
                masked,
            }
        })
    }

    fn street(&mut self, raw: &str) -> u32 {
        let mut numbers: Vec<u32> = Vec::new();
        let (words, counts, letters) = (&mut self.words, &mut self.word_counts, &mut self.letters);
        read::street_words(raw, |w| {
            let n = words.number(hash(w), || {
                let span = Span::push(letters, w.chars().map(u32::from));
                let number = w.bytes().any(|b| b.is_ascii_digit());
                Word { letters: span, mask: mask(span.of(letters)), number }
            });
            numbers.push(n);
        });
        numbers.sort_unstable();
        numbers.dedup();
        numbers.truncate(24);
        if numbers.is_empty() {
            return 0;
        }
        counts.resize(words.len(), 0);
        for n in &numbers {
            counts[*n as usize] += 1;
        }
        let mut hashes: Vec<u64> = numbers.iter().map(|n| words.hash_of(*n)).collect();
        hashes.sort_unstable();
        let bytes: Vec<u8> = hashes.iter().flat_map(|h| h.to_le_bytes()).collect();
        let lists = &mut self.lists;
        self.streets
            .number(xxhash_rust::xxh3::xxh3_64(&bytes), || Street { words: Span::push(lists, numbers.iter().copied()) })
    }

    /// How often each value of a column occurs, over all records.
    pub(super) fn counts(&self, column: usize) -> Vec<u32> {
        let mut out = vec![0; self.value_count(column)];
        for record in 0..self.len as u32 {
            for value in self.values(column, record) {
                out[*value as usize] += 1;
            }
        }
        out
    }

    /// Whether a column has a value that occurs twice and more than one value.
    pub(super) fn distinguishes(&self, column: usize) -> bool {
        let counts = self.counts(column);
        let mut seen = counts.iter().skip(1).filter(|n| **n > 0);
        seen.clone().any(|n| *n > 1) && seen.nth(1).is_some()
    }

    /// What `bits` gives for each word of addresses.
    pub(super) fn word_bits(&self, bits: impl Fn(u64) -> f32) -> Vec<f32> {
        (0..self.words.len()).map(|n| bits(self.words.hash_of(n as u32))).collect()
    }

    /// Fields by part, for what asks by meaning.
    pub(super) fn by_part(&self) -> BTreeMap<Part, Vec<usize>> {
        let mut out: BTreeMap<Part, Vec<usize>> = BTreeMap::new();
        for (i, f) in self.fields.iter().enumerate() {
            out.entry(f.part).or_default().push(i);
        }
        out
    }
}
