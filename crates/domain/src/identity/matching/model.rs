//! The model: everything that scoring a pair needs, under a version, so that it can be stored and used again.
//!
//! With `m = P(level | one person)`, `u = P(level | unrelated)` and `h = P(level | one household)` the evidence of a pair is
//! `Σ log2(m/u)`, less what being of one household would explain: `log2(1 + (λh/λu) Π h/u)`. With the prior odds
//! `log2(λm/λu)` it is the logarithm of the odds for one person.

use super::block::Rule;
use super::comparer::{Comparer, Glance};
use super::level::{Comparison, Kind, MISSING, MOST, level_of};
use super::record::{Part, Records};
use super::value::ByHash;

/// The chances of one level.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Chances {
    /// Given one person.
    pub m: f64,
    /// Given two unrelated persons.
    pub u: f64,
    /// Given two persons of one household.
    pub h: f64,
}

impl Chances {
    fn bits(self) -> f64 {
        (self.m / self.u).log2()
    }

    fn household_bits(self) -> f64 {
        (self.h / self.u).log2()
    }
}

/// How often values of a field occur.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Frequencies {
    /// The field.
    pub part: Part,
    /// Its name.
    pub name: String,
    /// Records with a value.
    pub known: f64,
    /// The chance that two values agree.
    pub agree: f64,
    /// By hash of the value, for values that occur twice or more.
    pub counts: Vec<(u64, u32)>,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Model {
    /// Grows with each fit.
    pub version: u32,
    /// Records it was fitted to.
    pub records: u64,
    /// What is compared.
    pub comparisons: Vec<Comparison>,
    /// Chances by comparison and level.
    pub chances: Vec<Vec<Chances>>,
    /// Chance that two records of one source are one person.
    pub within: f64,
    /// Chance that two records of different sources are one person.
    pub across: f64,
    /// Chance that two records are two persons of one household.
    pub household: f64,
    /// How often values occur.
    pub frequencies: Vec<Frequencies>,
    /// In how many addresses words occur, by hash, for words in two or more.
    pub words: Vec<(u64, u32)>,
    /// Records with an address.
    pub addresses: f64,
    /// How pairs meet.
    pub rules: Vec<Rule>,
    /// Pairs at or above this probability are one person.
    pub threshold: f64,
    /// What people's answers have taught.
    #[serde(default)]
    pub calibration: Calibration,
}

/// What answers say of the odds: the odds in bits, times `scale`, plus `shift`.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Calibration {
    /// How much a bit of evidence is worth.
    pub scale: f64,
    /// Bits for or against, whatever the evidence.
    pub shift: f64,
    /// Answers it was learnt from.
    pub answers: u64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { scale: 1.0, shift: 0.0, answers: 0 }
    }
}

impl Calibration {
    /// Learns from pairs that people judged: the odds they had in bits, and whether they are one person. Platt's logistic
    /// regression (1999) with a prior that expects the model to be right, so that a few answers move it little:
    /// `scale` 1 ± 0.2, `shift` 0 ± 1.5 bits.
    #[must_use]
    pub fn learn(answers: &[(f64, bool)]) -> Self {
        const SCALE_PRECISION: f64 = 25.0;
        const SHIFT_PRECISION: f64 = 4.0 / 9.0;
        let ln2 = std::f64::consts::LN_2;
        let (mut scale, mut shift) = (1.0, 0.0);
        for _ in 0..50 {
            // Gradient and curvature of the negative logarithm of the posterior.
            let (mut g0, mut g1) = (SCALE_PRECISION * (scale - 1.0), SHIFT_PRECISION * shift);
            let (mut h00, mut h01, mut h11) = (SCALE_PRECISION, 0.0, SHIFT_PRECISION);
            for (bits, same) in answers {
                let x = bits.clamp(-40.0, 40.0);
                let p = probability(f64::mul_add(scale, x, shift));
                let (error, curve) = (ln2 * (p - f64::from(u8::from(*same))), ln2 * ln2 * p * (1.0 - p));
                g0 += error * x;
                g1 += error;
                h00 += curve * x * x;
                h01 += curve * x;
                h11 += curve;
            }
            let det = h00 * h11 - h01 * h01;
            let (d0, d1) = ((h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det);
            scale = (scale - d0).clamp(0.2, 3.0);
            shift -= d1;
            if d0.abs() + d1.abs() < 1e-10 {
                break;
            }
        }
        Self { scale, shift, answers: answers.len() as u64 }
    }

    /// The odds with what was learnt.
    #[must_use]
    pub fn of(&self, bits: f64) -> f64 {
        f64::mul_add(self.scale, bits, self.shift)
    }
}

/// How one comparison weighs in a pair.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Weight {
    /// What was compared.
    pub kind: Kind,
    /// The name of its field, where a kind may occur more than once.
    pub name: String,
    /// The level reached; `None` where a side has no value.
    pub level: Option<&'static str>,
    /// For one person, in bits; below zero against it.
    pub bits: f64,
    /// What of it is due to the value being rare or frequent.
    pub frequency_bits: f64,
}

/// A scored pair with its reasons; everything adds up.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Explanation {
    /// The prior odds, in bits.
    pub prior_bits: f64,
    /// By comparison.
    pub weights: Vec<Weight>,
    /// What being of one household explains; never above zero.
    pub household_bits: f64,
    /// What people's answers to other pairs say.
    pub answers_bits: f64,
    /// The sum.
    pub bits: f64,
    /// The probability of one person.
    pub probability: f64,
}

/// The probability of some odds in bits.
#[must_use]
pub fn probability(bits: f64) -> f64 {
    1.0 / (1.0 + (-bits).exp2())
}

/// The odds of a probability in bits.
#[must_use]
pub fn odds_bits(probability: f64) -> f64 {
    (probability / (1.0 - probability)).log2()
}

impl Model {
    /// How much a word of an address says, in bits: the rarer the more.
    pub(super) fn word_bits(&self) -> impl Fn(u64) -> f32 + Sync + use<> {
        let counts: ByHash<u32> = self.words.iter().copied().collect();
        let all = self.addresses.max(1.0);
        move |hash| (all / f64::from(counts.get(&hash).copied().unwrap_or(1))).log2().clamp(0.5, 16.0) as f32
    }

    /// The prior odds of a pair of sources, in bits.
    #[must_use]
    pub fn prior_bits(&self, a: u16, b: u16) -> f64 {
        let chance = if a == b { self.within } else { self.across };
        (chance / (1.0 - chance)).log2()
    }
}

/// How a frequency counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rarity {
    /// Rare values weigh more, frequent ones less.
    Both,
    /// Frequent ones weigh less. For what is one person's own: that it is rare is the rule.
    Less,
}

const fn rarity(part: Part) -> Rarity {
    match part {
        Part::Name
        | Part::GivenName
        | Part::MiddleName
        | Part::Surname
        | Part::Postcode
        | Part::City
        | Part::State
        | Part::Text
        | Part::Category
        | Part::Type => Rarity::Both,
        Part::Birthday | Part::Phone | Part::Email | Part::Number | Part::Address => Rarity::Less,
    }
}

/// Bits to add where a value is agreed on, by column and number of the value.
#[derive(Debug)]
pub(super) struct Rarities {
    /// By column; empty where the model has no frequencies.
    bits: Vec<Vec<f32>>,
    /// The columns behind each comparison's levels, in the order they are asked.
    columns: Vec<Vec<(u8, usize)>>,
}

impl Rarities {
    pub(super) fn new(model: &Model, records: &Records) -> Self {
        let mut bits: Vec<Vec<f32>> = records.fields().iter().map(|_| Vec::new()).collect();
        for f in &model.frequencies {
            let Some(column) = records.column(f.part, &f.name) else { continue };
            let counts: ByHash<u32> = f.counts.iter().copied().collect();
            let value = |n: usize| {
                let count = f64::from(counts.get(&records.hash_of(column, n as u32)).copied().unwrap_or(1));
                // Two records have it, whether or not the model has seen them.
                let bits = match rarity(f.part) {
                    Rarity::Both => (f.agree / (count.max(2.0) / f.known.max(2.0))).log2(),
                    Rarity::Less => (2.0 * f.agree * f.known / count.max(2.0)).log2().min(0.0),
                };
                bits.clamp(-12.0, 12.0) as f32
            };
            bits[column] = (0..records.value_count(column)).map(value).collect();
        }
        let column = |part: Part, name: &str| records.column(part, name);
        let columns = model
            .comparisons
            .iter()
            .map(|c| {
                let exact = |part: Part| column(part, &c.name).map(|x| (c.kind.exact(), x)).into_iter().collect();
                match c.kind {
                    Kind::GivenName => exact(Part::GivenName),
                    Kind::MiddleName => exact(Part::MiddleName),
                    Kind::Surname => exact(Part::Surname),
                    Kind::Birthday => exact(Part::Birthday),
                    Kind::Phone => exact(Part::Phone),
                    Kind::Email => exact(Part::Email),
                    Kind::Number => exact(Part::Number),
                    Kind::Address => exact(Part::Address),
                    Kind::Text => exact(Part::Text),
                    Kind::Category => exact(Part::Category),
                    Kind::Place => [(5, Part::Postcode), (3, Part::City), (1, Part::State)]
                        .into_iter()
                        .filter_map(|(level, part)| column(part, "").map(|x| (level, x)))
                        .collect(),
                }
            })
            .collect();
        Self { bits, columns }
    }

    /// What agreeing on this value adds to the weight of `level`.
    pub(super) fn of(&self, records: &Records, comparison: usize, level: u8, a: u32, b: u32) -> f64 {
        let Some((_, column)) = self.columns[comparison].iter().find(|(l, _)| *l == level) else { return 0.0 };
        let bits = &self.bits[*column];
        if bits.is_empty() {
            return 0.0;
        }
        let (left, right) = (records.values(*column, a), records.values(*column, b));
        // Of several values agreed on, the rarest.
        left.iter()
            .filter(|v| **v != 0 && right.contains(v))
            .map(|v| f64::from(bits[*v as usize]))
            .fold(None, |best: Option<f64>, x| Some(best.map_or(x, |b| b.max(x))))
            .unwrap_or(0.0)
    }

    fn most(&self, comparison: usize, level: u8) -> f64 {
        let column = self.columns[comparison].iter().find(|(l, _)| *l == level);
        column.map_or(0.0, |(_, c)| self.bits[*c].iter().fold(0.0_f32, |a, b| a.max(*b)).into())
    }
}

/// Weights ready for use on one set of records.
pub(super) struct Scorer<'a> {
    records: &'a Records,
    model: &'a Model,
    bits: Vec<[f64; 16]>,
    household: Vec<[f64; 16]>,
    household_prior: f64,
    roof: Option<(usize, usize)>,
    rarities: Rarities,
    /// The most that a comparison can add: at all, and where its values are two.
    most: Vec<(f64, f64)>,
}

impl<'a> Scorer<'a> {
    pub(super) fn new(model: &'a Model, records: &'a Records) -> Self {
        let table = |f: fn(Chances) -> f64| -> Vec<[f64; 16]> {
            let row = |levels: &Vec<Chances>| {
                let mut row = [0.0; 16];
                levels.iter().enumerate().for_each(|(l, c)| row[l] = f(*c));
                row
            };
            model.chances.iter().map(row).collect()
        };
        let (bits, household) = (table(Chances::bits), table(Chances::household_bits));
        let rarities = Rarities::new(model, records);
        let most = |c: usize| {
            let exact = model.comparisons[c].kind.exact();
            let reach = |all: bool| {
                (0..model.chances[c].len() as u8)
                    .filter(|l| all || *l != exact)
                    .map(|l| bits[c][usize::from(l)] + if all { rarities.most(c, l) } else { 0.0 })
                    .fold(0.0, f64::max)
            };
            (reach(true), reach(false))
        };
        let most = (0..model.comparisons.len()).map(most).collect();
        let household_prior = (model.household / (1.0 - model.household)).log2();
        let roof = super::estimate::roof(&model.comparisons);
        Self { records, model, bits, household, household_prior, roof, rarities, most }
    }

    /// The evidence of a pair in bits, without the prior, where it can reach `least`.
    pub(super) fn evidence(&self, comparer: &Comparer<'_>, a: u32, b: u32, least: f64) -> Option<f64> {
        // First without looking into values: what each comparison could add at most.
        let mut reach = 0.0;
        let mut could = [0.0; MOST + 1];
        for (step, could) in could.iter_mut().enumerate().take(comparer.steps()) {
            comparer.glance(step, a, b, |c, glance| {
                *could += match glance {
                    Glance::Missing => 0.0,
                    Glance::Equal => {
                        let exact = self.model.comparisons[c].kind.exact();
                        self.bits[c][usize::from(exact)] + self.rarities.of(self.records, c, exact, a, b)
                    }
                    Glance::Two => self.most[c].1,
                    Glance::Open => self.most[c].0,
                }
            });
            reach += *could;
        }
        let (mut sum, mut household, mut known) = (0.0, self.household_prior, 0_u16);
        for (step, could) in could.iter().enumerate().take(comparer.steps()) {
            if reach < least {
                return None;
            }
            let before = sum;
            comparer.step(step, a, b, |c, level| {
                let (bits, rare, home) = self.weigh(c, level, a, b);
                sum += bits + rare;
                household += home;
                known |= u16::from(level != MISSING) << c;
            });
            reach += sum - before - could;
        }
        let total = if self.under_one_roof(known) { sum - softplus(household) } else { sum };
        (total >= least).then_some(total)
    }

    /// Whether surname and address are known of both, so that a household can explain what is shared.
    fn under_one_roof(&self, known: u16) -> bool {
        self.roof.is_some_and(|(surname, address)| known >> surname & known >> address & 1 == 1)
    }

    fn weigh(&self, c: usize, level: u8, a: u32, b: u32) -> (f64, f64, f64) {
        if level == MISSING {
            return (0.0, 0.0, 0.0);
        }
        let l = usize::from(level);
        let rare = self.rarities.of(self.records, c, level, a, b);
        // A rare value is as telling of a household that shares it as of a person.
        let shared = if self.model.comparisons[c].kind.is_shared() { rare } else { 0.0 };
        (self.bits[c][l], rare, self.household[c][l] + shared)
    }

    /// A pair with its reasons.
    pub(super) fn explain(&self, comparer: &Comparer<'_>, a: u32, b: u32) -> Explanation {
        let pattern = comparer.pattern(a, b);
        let (mut household, mut known) = (self.household_prior, 0_u16);
        let mut weights = Vec::with_capacity(self.model.comparisons.len());
        for (i, c) in self.model.comparisons.iter().enumerate() {
            let level = level_of(pattern, i);
            let (bits, rare, home) = self.weigh(i, level, a, b);
            household += home;
            known |= u16::from(level != MISSING) << i;
            weights.push(Weight {
                kind: c.kind,
                name: c.name.clone(),
                level: c.kind.levels().get(usize::from(level)).copied(),
                bits: bits + rare,
                frequency_bits: rare,
            });
        }
        let prior_bits = self.model.prior_bits(self.records.source(a), self.records.source(b));
        let household_bits = if self.under_one_roof(known) { -softplus(household) } else { 0.0 };
        let sum = prior_bits + weights.iter().map(|w| w.bits).sum::<f64>() + household_bits;
        let bits = self.model.calibration.of(sum);
        let answers_bits = bits - sum;
        Explanation { prior_bits, weights, household_bits, answers_bits, bits, probability: probability(bits) }
    }
}

/// `log2(1 + 2^x)`.
fn softplus(x: f64) -> f64 {
    if x > 40.0 { x } else { x.exp2().ln_1p() / std::f64::consts::LN_2 }
}
