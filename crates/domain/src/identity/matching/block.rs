//! Blocking: which pairs are compared at all. A union of cheap rules; two records meet when a rule gives them one key.
//!
//! A key that too many records share is left out of its rule (a common surname, a default value): the rule has a budget
//! of pairs, and the largest blocks go first. Which keys those are is part of the model, so that records that come later
//! meet the same ones as in a run over everything.

use std::collections::{HashMap, HashSet};

use super::keys::Keys;
use super::level::Kind;
use super::record::{Part, Records};

/// What a key is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ingredient {
    /// Given name and surname as spoken, in either order.
    Names,
    /// Given name as spoken.
    GivenName,
    /// Surname as spoken.
    Surname,
    /// How the given name sounds.
    GivenNameSound,
    /// How the surname sounds.
    SurnameSound,
    /// First three letters of the given name.
    GivenNameStart,
    /// First three letters of the surname.
    SurnameStart,
    /// First letters of given name and surname, in either order.
    Initials,
    /// Birthday.
    Birthday,
    /// Year and month of birth.
    BirthMonth,
    /// Month and day of birth.
    BirthMonthDay,
    /// Year of birth.
    BirthYear,
    /// A number.
    Number(String),
    /// The first half of a number.
    NumberHead(String),
    /// The second half of a number.
    NumberTail(String),
    /// The last eight digits of a telephone number.
    PhoneTail,
    /// The first seven digits of a telephone number.
    PhoneHead,
    /// The last four digits of a telephone number.
    PhoneEnd,
    /// The local part of an e-mail address.
    Email,
    /// The first five letters of an e-mail address.
    EmailStart,
    /// The digits of an e-mail address, at least four.
    EmailDigits,
    /// All words of the address.
    Address,
    /// The two rarest words of the address.
    AddressRarest,
    /// Postcode.
    Postcode,
    /// City.
    City,
    /// A text.
    Text(String),
    /// The first three letters of a text.
    TextStart(String),
    /// Nothing: every pair, for few records.
    Everything,
}

/// A rule: the ingredients of its keys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rule {
    /// What keys are made of; all of it must be known.
    pub of: Vec<Ingredient>,
    /// Keys left out, because too many records share them.
    pub left_out: HashSet<u32>,
}

impl Rule {
    /// A rule that leaves no key out.
    #[must_use]
    pub fn new(of: Vec<Ingredient>) -> Self {
        Self { of, left_out: HashSet::new() }
    }

    /// Its name for people: `surname + birth_year`.
    #[must_use]
    pub fn name(&self) -> String {
        let one = |i: &Ingredient| match serde_json::to_value(i) {
            Ok(serde_json::Value::String(s)) => s,
            Ok(serde_json::Value::Object(o)) => {
                o.iter().map(|(k, v)| format!("{k}:{}", v.as_str().unwrap_or_default())).collect()
            }
            Ok(_) | Err(_) => String::new(),
        };
        self.of.iter().map(one).collect::<Vec<_>>().join(" + ")
    }

    /// Whether records that meet by it agree in a comparison by that alone.
    #[must_use]
    pub(super) fn fixes(&self, kind: Kind, name: &str) -> bool {
        self.of.iter().any(|i| match i {
            Ingredient::Names | Ingredient::Initials => matches!(kind, Kind::GivenName | Kind::Surname),
            Ingredient::GivenName | Ingredient::GivenNameSound | Ingredient::GivenNameStart => kind == Kind::GivenName,
            Ingredient::Surname | Ingredient::SurnameSound | Ingredient::SurnameStart => kind == Kind::Surname,
            Ingredient::Birthday | Ingredient::BirthMonth | Ingredient::BirthMonthDay | Ingredient::BirthYear => {
                kind == Kind::Birthday
            }
            Ingredient::Number(n) | Ingredient::NumberHead(n) | Ingredient::NumberTail(n) => {
                kind == Kind::Number && n == name
            }
            Ingredient::PhoneTail | Ingredient::PhoneHead | Ingredient::PhoneEnd => kind == Kind::Phone,
            Ingredient::Email | Ingredient::EmailStart | Ingredient::EmailDigits => kind == Kind::Email,
            Ingredient::Address | Ingredient::AddressRarest => kind == Kind::Address,
            Ingredient::Postcode | Ingredient::City => kind == Kind::Place,
            Ingredient::Text(n) | Ingredient::TextStart(n) => kind == Kind::Text && n == name,
            Ingredient::Everything => false,
        })
    }
}

/// Records of which every pair is compared.
pub(super) const EVERY_PAIR: usize = 1_500;

/// The rules that the fields of some records allow.
#[must_use]
pub fn rules(records: &Records) -> Vec<Rule> {
    use Ingredient as I;
    let parts = records.by_part();
    let has = |part: Part| parts.contains_key(&part);
    let names_of = |part: Part| -> Vec<String> {
        parts.get(&part).into_iter().flatten().map(|c| records.fields()[*c].name.clone()).collect()
    };
    let mut out: Vec<Vec<I>> = Vec::new();
    for n in names_of(Part::Number) {
        out.push(vec![I::Number(n)]);
    }
    out.extend([vec![I::PhoneTail], vec![I::Email], vec![I::Names], vec![I::Birthday], vec![I::Address]]);
    out.extend([
        vec![I::GivenName, I::BirthMonth],
        vec![I::GivenName, I::BirthMonthDay],
        vec![I::Surname, I::BirthMonth],
        vec![I::Initials, I::BirthMonthDay],
        vec![I::Surname, I::Birthday],
        vec![I::GivenName, I::BirthYear],
        vec![I::Surname, I::BirthYear],
        vec![I::Surname, I::Address],
        vec![I::GivenName, I::Postcode],
        vec![I::Surname, I::Postcode],
        vec![I::GivenNameStart, I::SurnameStart],
        vec![I::GivenNameSound, I::SurnameSound],
        vec![I::Surname, I::AddressRarest],
        vec![I::AddressRarest],
        vec![I::EmailDigits],
        vec![I::EmailStart, I::GivenNameStart],
        vec![I::EmailStart, I::SurnameStart],
        vec![I::PhoneHead, I::GivenNameStart],
        vec![I::PhoneHead, I::SurnameStart],
        vec![I::PhoneEnd, I::Surname],
        vec![I::PhoneEnd, I::GivenName],
        vec![I::GivenName, I::City],
        vec![I::Surname, I::City],
    ]);
    for n in names_of(Part::Number) {
        out.push(vec![I::NumberHead(n.clone())]);
        out.push(vec![I::NumberTail(n)]);
    }
    for n in names_of(Part::Text) {
        out.push(vec![I::Text(n.clone()), I::GivenNameStart]);
        out.push(vec![I::Text(n.clone()), I::SurnameStart]);
        out.push(vec![I::Text(n.clone()), I::PhoneEnd]);
        out.push(vec![I::Text(n), I::EmailStart]);
    }
    let possible = |i: &I| match i {
        I::Names | I::Initials => has(Part::GivenName) && has(Part::Surname),
        I::GivenName | I::GivenNameSound | I::GivenNameStart => has(Part::GivenName),
        I::Surname | I::SurnameSound | I::SurnameStart => has(Part::Surname),
        I::Birthday | I::BirthMonth | I::BirthMonthDay | I::BirthYear => has(Part::Birthday),
        I::PhoneTail | I::PhoneHead | I::PhoneEnd => has(Part::Phone),
        I::Email | I::EmailStart | I::EmailDigits => has(Part::Email),
        I::Address | I::AddressRarest => has(Part::Address),
        I::Postcode => has(Part::Postcode),
        I::City => has(Part::City),
        I::Number(_) | I::NumberHead(_) | I::NumberTail(_) | I::Text(_) | I::TextStart(_) | I::Everything => true,
    };
    out.retain(|rule| rule.iter().all(possible));
    if records.len() <= EVERY_PAIR {
        out.push(vec![I::Everything]);
    }
    out.into_iter().map(Rule::new).collect()
}

/// The record has several keys under a rule; they are in a map.
const SEVERAL: u32 = u32::MAX;

/// Blocks of records under rules. The keys of a record lie side by side, because most of what is asked is whether two
/// records share any.
#[derive(Debug, Default)]
pub struct Blocks {
    rules: usize,
    keys: Vec<u32>,
    /// By record and rule.
    several: HashMap<(u32, u16), Box<[u32]>>,
}

/// What a rule came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Yield {
    /// The rule.
    pub rule: String,
    /// Pairs that meet by it.
    pub pairs: u64,
    /// Pairs that meet by no rule before it.
    pub added: u64,
    /// Keys left out.
    pub left_out: usize,
}

/// Pairs a rule may make: so many for each record, and so many anyway.
const PAIRS_A_RECORD: u64 = 4;
const PAIRS_ANYWAY: u64 = 500_000;

impl Blocks {
    /// Takes in the records from where it stopped. With `decide`, decides which keys are left out.
    pub(super) fn extend(&mut self, keys: &Keys<'_>, rules: &mut [Rule], decide: bool) {
        self.rules = rules.len();
        let mut found = Vec::new();
        for record in self.len() as u32..keys.records.len() as u32 {
            for (i, rule) in rules.iter().enumerate() {
                keys.of(rule, record, &mut found);
                self.keys.push(match found.as_slice() {
                    [] => 0,
                    &[one] => one,
                    more => {
                        self.several.insert((record, i as u16), more.into());
                        SEVERAL
                    }
                });
            }
        }
        if decide {
            let budget = PAIRS_ANYWAY + PAIRS_A_RECORD * keys.records.len() as u64;
            for (i, rule) in rules.iter_mut().enumerate().filter(|(_, r)| r.of != [Ingredient::Everything]) {
                rule.left_out = too_large(&self.of_rule(i), budget);
                self.leave_out(i, &rule.left_out);
            }
        }
    }

    fn len(&self) -> usize {
        self.keys.len() / self.rules.max(1)
    }

    fn row(&self, record: u32) -> &[u32] {
        let at = record as usize * self.rules;
        &self.keys[at..at + self.rules]
    }

    fn of(&self, rule: usize, record: u32) -> &[u32] {
        match &self.row(record)[rule] {
            0 => &[],
            &SEVERAL => self.several.get(&(record, rule as u16)).map_or(&[], |k| k),
            one => std::slice::from_ref(one),
        }
    }

    /// The smallest key that two records share under a rule.
    fn shared(&self, rule: usize, a: u32, b: u32) -> Option<u32> {
        let right = self.of(rule, b);
        self.of(rule, a).iter().copied().find(|k| right.contains(k))
    }

    fn leave_out(&mut self, rule: usize, keys: &HashSet<u32>) {
        if keys.is_empty() {
            return;
        }
        for row in self.keys.chunks_mut(self.rules) {
            if keys.contains(&row[rule]) {
                row[rule] = 0;
            }
        }
        for ((record, _), list) in self.several.iter_mut().filter(|((_, r), _)| usize::from(*r) == rule) {
            let kept: Vec<u32> = list.iter().copied().filter(|k| !keys.contains(k)).collect();
            if kept.is_empty() {
                self.keys[*record as usize * self.rules + rule] = 0;
            }
            *list = kept.into_boxed_slice();
        }
    }

    /// The blocks of a rule: records by key.
    pub(super) fn of_rule(&self, rule: usize) -> Vec<(u32, u32)> {
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(self.len());
        for record in 0..self.len() as u32 {
            out.extend(self.of(rule, record).iter().map(|k| (*k, record)));
        }
        out.sort_unstable();
        out
    }

    /// Whether a pair that shares `key` under `rule` is new: it shares no smaller key there and none under a rule before.
    pub(super) fn is_first(&self, rule: usize, key: u32, a: u32, b: u32) -> bool {
        let (x, y) = (self.row(a), self.row(b));
        let mut shares = false;
        let mut several = x[rule] == SEVERAL || y[rule] == SEVERAL;
        for (k, l) in x[..rule].iter().zip(&y[..rule]) {
            shares |= k == l && *k != 0 && *k != SEVERAL;
            several |= *k == SEVERAL || *l == SEVERAL;
        }
        if shares {
            return false;
        }
        !several || (self.shared(rule, a, b) == Some(key) && !(0..rule).any(|r| self.shared(r, a, b).is_some()))
    }

    /// Keeps only these rules, by number.
    pub(super) fn keep(&mut self, rules: &[usize]) {
        let old = self.rules;
        self.rules = rules.len();
        self.keys = self.keys.chunks(old.max(1)).flat_map(|row| rules.iter().map(|r| row[*r])).collect();
        let several = std::mem::take(&mut self.several);
        let place = |rule: u16| rules.iter().position(|r| *r == usize::from(rule));
        self.several =
            several.into_iter().filter_map(|((record, r), k)| Some(((record, place(r)? as u16), k))).collect();
    }

    /// How many records know what a rule asks for.
    pub(super) fn known(&self, rule: usize) -> f64 {
        self.keys.chunks(self.rules.max(1)).filter(|row| row[rule] != 0).count() as f64
    }

    /// Whether any rule lets two records meet.
    #[must_use]
    pub fn meet(&self, a: u32, b: u32) -> bool {
        (0..self.rules).any(|r| self.shared(r, a, b).is_some())
    }
}

/// The keys of the largest blocks, as many as must go for the rest to keep within the budget.
fn too_large(blocks: &[(u32, u32)], budget: u64) -> HashSet<u32> {
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let mut by_size: HashMap<u64, u64> = HashMap::new();
    for run in blocks.chunk_by(|a, b| a.0 == b.0) {
        *by_size.entry(run.len() as u64).or_default() += 1;
    }
    let mut sizes: Vec<(u64, u64)> = by_size.into_iter().collect();
    sizes.sort_unstable();
    let (mut sum, mut most) = (0, 0);
    for (size, count) in sizes {
        sum += pairs(size) * count;
        if sum > budget {
            break;
        }
        most = size;
    }
    blocks.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() as u64 > most).map(|run| run[0].0).collect()
}
