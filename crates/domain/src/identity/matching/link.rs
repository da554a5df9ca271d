//! A run: fit a model, score the pairs that meet.

use std::collections::BTreeMap;
use std::sync::Mutex;

use throughline_base::Rng;

use super::block::{Blocks, Rule, Yield, rules};
use super::comparer::Comparer;
use super::estimate::{self, Fit, Pass, RANDOM_PAIRS};
use super::keys::Keys;
use super::level::{Comparison, comparisons};
use super::model::{Explanation, Frequencies, Model, Scorer, odds_bits};
use super::record::{Part, Records};

/// Runs a piece of work for each number below the first argument, in any order and on as many threads as it likes.
pub type Spread<'a> = &'a (dyn Fn(usize, &(dyn Fn(usize) + Sync)) + Sync);

/// One after the other, on the caller's thread.
pub fn alone(pieces: usize, piece: &(dyn Fn(usize) + Sync)) {
    (0..pieces).for_each(piece);
}

/// Every record is new: a run over everything.
#[must_use]
pub const fn all_new(_: u32) -> bool {
    true
}

/// A scored pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The record with the smaller number.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// Evidence for one person in bits, without the prior.
    pub evidence: f32,
}

/// Below this probability a pair is not kept.
const KEPT: f64 = 0.005;
/// A rule that adds no more pairs than this for each record, or at all, is kept whatever it finds.
const CHEAP_A_RECORD: u64 = 1;
const CHEAP_ANYWAY: u64 = 200_000;
/// Any other must find one pair of one person in so many that it adds.
const WORTH: f64 = 1.0 / 300.0;
/// Pairs looked at to tell.
const SAMPLE: u64 = 20_000;
/// How far the prior may still grow when it is refined.
const PRIOR_ROOM_BITS: f64 = 3.0;

/// Records with a model, ready for scoring.
pub struct Linker<'a> {
    records: &'a Records,
    model: Model,
    blocks: Blocks,
    word_bits: Vec<f32>,
}

impl<'a> Linker<'a> {
    /// Fits a model to records. The same records in another order give the same model.
    #[must_use]
    pub fn fit(records: &'a Records, seed: u64, version: u32, spread: Spread<'_>) -> Self {
        let mut model = unfitted(records, version);
        let mut blocks = Blocks::default();
        let bits = model.word_bits();
        blocks.extend(&Keys::new(records, &bits), &mut model.rules, true);
        let word_bits = records.word_bits(&bits);
        let random = random_patterns(records, &model.comparisons, &word_bits, seed);
        let passes = passes(records, &model, &blocks, &word_bits, spread);
        let n = records.len() as f64;
        let (within, across) = strata(records);
        let known = |rule: usize| blocks.known(rule) / n.max(1.0);
        let Fit { chances, prior, household } =
            estimate::fit(&model.comparisons, &model.rules, &random, &passes, within + across, known);
        model.chances = chances;
        (model.within, model.across, model.household) = (prior, prior, household);
        let mut linker = Self { records, model, blocks, word_bits };
        linker.leave_out_rules(spread);
        linker
    }

    /// Leaves out rules that would add many pairs and hardly any of one person to those before them.
    fn leave_out_rules(&mut self, spread: Spread<'_>) {
        let rules = self.model.rules.len();
        let kept: Mutex<Vec<usize>> = Mutex::new(Vec::new());
        let (this, kept_ref) = (&*self, &kept);
        spread(rules, &|rule| {
            if this.is_worth_it(rule)
                && let Ok(mut kept) = kept_ref.lock()
            {
                kept.push(rule);
            }
        });
        let mut kept = kept.into_inner().unwrap_or_default();
        kept.sort_unstable();
        if kept.len() < rules {
            self.blocks.keep(&kept);
            let mut at = 0..rules;
            self.model.rules.retain(|_| at.next().is_some_and(|i| kept.binary_search(&i).is_ok()));
        }
    }

    fn is_worth_it(&self, rule: usize) -> bool {
        let cheap = (CHEAP_A_RECORD * self.records.len() as u64).max(CHEAP_ANYWAY);
        let sorted = self.blocks.of_rule(rule);
        let pairs = estimate::pairs(&sorted);
        if pairs <= cheap {
            return true;
        }
        let single = self.pairs();
        let (mut looked_at, mut new, mut found) = (0_u64, 0_u64, 0.0);
        for run in estimate::sample(&sorted, pairs, SAMPLE) {
            for (i, (key, b)) in run.iter().enumerate() {
                for (_, a) in &run[..i] {
                    looked_at += 1;
                    if self.blocks.is_first(rule, *key, *a, *b) {
                        new += 1;
                        let prior = self.model.prior_bits(self.records.source(*a), self.records.source(*b));
                        found += super::model::probability(single.evidence(*a, *b) + prior);
                    }
                }
            }
        }
        let added = pairs as f64 * new as f64 / looked_at.max(1) as f64;
        added <= cheap as f64 || found / new.max(1) as f64 >= WORTH
    }

    /// Records under a model that was fitted before.
    #[must_use]
    pub fn with_model(records: &'a Records, mut model: Model) -> Self {
        let mut blocks = Blocks::default();
        let bits = model.word_bits();
        blocks.extend(&Keys::new(records, &bits), &mut model.rules, false);
        let word_bits = records.word_bits(&bits);
        Self { records, model, blocks, word_bits }
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// The model, to set its threshold or priors.
    pub const fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// Whether any rule lets two records meet.
    #[must_use]
    pub fn meet(&self, a: u32, b: u32) -> bool {
        self.blocks.meet(a, b)
    }

    /// The share of the true pairs that meet: no score can find more. Of a very large cluster, the pairs of its first 200.
    #[must_use]
    pub fn ceiling<T: Ord>(&self, entities: &[Option<T>]) -> f64 {
        let mut groups: BTreeMap<&T, Vec<u32>> = BTreeMap::new();
        for (record, e) in entities.iter().enumerate() {
            if let Some(e) = e {
                groups.entry(e).or_default().push(record as u32);
            }
        }
        let (mut met, mut all) = (0_u64, 0_u64);
        for group in groups.values() {
            let group = &group[..group.len().min(200)];
            for (i, a) in group.iter().enumerate() {
                all += i as u64;
                met += group[..i].iter().filter(|b| self.meet(*a, **b)).count() as u64;
            }
        }
        if all == 0 { 1.0 } else { met as f64 / all as f64 }
    }

    /// Scores all pairs that meet and of which one record at least is new.
    pub fn score(&self, is_new: &(dyn Fn(u32) -> bool + Sync), spread: Spread<'_>) -> (Vec<Edge>, Vec<Yield>) {
        let prior = odds_bits(self.model.within.max(self.model.across));
        let least = odds_bits(KEPT) - prior - PRIOR_ROOM_BITS;
        let found: Mutex<Vec<(usize, Vec<Edge>, Yield)>> = Mutex::new(Vec::new());
        let scorer = Scorer::new(&self.model, self.records);
        let (scorer, found_ref) = (&scorer, &found);
        spread(self.model.rules.len(), &|rule| {
            let part = self.score_rule(rule, is_new, scorer, least);
            if let Ok(mut all) = found_ref.lock() {
                all.push((rule, part.0, part.1));
            }
        });
        let mut found = found.into_inner().unwrap_or_default();
        found.sort_by_key(|(rule, _, _)| *rule);
        let mut edges: Vec<Edge> = Vec::new();
        let mut yields = Vec::new();
        for (_, part, counted) in found {
            edges.extend(part);
            yields.push(counted);
        }
        edges.sort_unstable_by_key(|e| (e.a, e.b));
        (edges, yields)
    }

    fn score_rule(
        &self,
        rule: usize,
        is_new: &(dyn Fn(u32) -> bool + Sync),
        scorer: &Scorer<'_>,
        least: f64,
    ) -> (Vec<Edge>, Yield) {
        let comparer = Comparer::new(self.records, &self.model.comparisons, &self.word_bits);
        let r = &self.model.rules[rule];
        let mut counted = Yield { rule: r.name(), pairs: 0, added: 0, left_out: r.left_out.len() };
        let mut edges = Vec::new();
        let sorted = self.blocks.of_rule(rule);
        for run in sorted.chunk_by(|a, b| a.0 == b.0) {
            let new: Vec<bool> = run.iter().map(|(_, record)| is_new(*record)).collect();
            if !new.contains(&true) {
                continue;
            }
            for (j, (key, b)) in run.iter().enumerate().skip(1) {
                for (i, (_, a)) in run[..j].iter().enumerate() {
                    if !new[i] && !new[j] {
                        continue;
                    }
                    counted.pairs += 1;
                    if self.blocks.is_first(rule, *key, *a, *b) {
                        counted.added += 1;
                        if let Some(evidence) = scorer.evidence(&comparer, *a, *b, least) {
                            edges.push(Edge { a: *a, b: *b, evidence: evidence as f32 });
                        }
                    }
                }
            }
        }
        (edges, counted)
    }

    /// Refines the priors until the pairs found are as many as they say (each stratum by itself), as in the last step of
    /// expectation–maximisation.
    pub fn refine_priors(&mut self, edges: &[Edge]) {
        let (within, across) = strata(self.records);
        for (same, total) in [(true, within), (false, across)] {
            if total < 1.0 {
                continue;
            }
            let evidence: Vec<f64> = edges
                .iter()
                .filter(|e| (self.records.source(e.a) == self.records.source(e.b)) == same)
                .map(|e| f64::from(e.evidence))
                .collect();
            let start = self.model.within;
            let mut chance = if same { self.model.within } else { self.model.across };
            for _ in 0..30 {
                let prior = odds_bits(chance);
                let sum: f64 = evidence.iter().map(|e| super::model::probability(e + prior)).sum();
                let most = (start * PRIOR_ROOM_BITS.exp2()).min(0.4);
                let next = (sum.max(0.5) / total).min(most);
                let settled = (next / chance - 1.0).abs() < 1e-4;
                chance = next;
                if settled {
                    break;
                }
            }
            if same {
                self.model.within = chance;
            } else {
                self.model.across = chance;
            }
        }
    }

    /// The odds of an edge in bits.
    #[must_use]
    pub fn bits(&self, edge: &Edge) -> f64 {
        let (a, b) = (self.records.source(edge.a), self.records.source(edge.b));
        self.model.calibration.of(f64::from(edge.evidence) + self.model.prior_bits(a, b))
    }

    /// Scores single pairs, with their reasons or without.
    #[must_use]
    pub fn pairs(&self) -> Pairs<'_> {
        let comparer = Comparer::new(self.records, &self.model.comparisons, &self.word_bits);
        let scorer = Scorer::new(&self.model, self.records);
        Pairs { comparer, scorer }
    }

    /// The records.
    #[must_use]
    pub const fn records(&self) -> &'a Records {
        self.records
    }
}

/// Scores single pairs.
pub struct Pairs<'a> {
    comparer: Comparer<'a>,
    scorer: Scorer<'a>,
}

impl Pairs<'_> {
    /// The evidence of a pair in bits, without the prior.
    #[must_use]
    pub fn evidence(&self, a: u32, b: u32) -> f64 {
        self.scorer.evidence(&self.comparer, a, b, f64::NEG_INFINITY).unwrap_or(f64::NEG_INFINITY)
    }

    /// A pair with its reasons.
    #[must_use]
    pub fn explain(&self, a: u32, b: u32) -> Explanation {
        self.scorer.explain(&self.comparer, a, b)
    }
}

/// Numbers of pairs within one source and across two, of records that may be one person at all.
fn strata(records: &Records) -> (f64, f64) {
    let kind = records.column(Part::Type, "");
    let mut sizes: BTreeMap<(u32, u16), f64> = BTreeMap::new();
    let mut kinds: BTreeMap<u32, f64> = BTreeMap::new();
    for record in 0..records.len() as u32 {
        let k = kind.map_or(0, |c| records.value(c, record));
        *sizes.entry((k, records.source(record))).or_default() += 1.0;
        *kinds.entry(k).or_default() += 1.0;
    }
    let pairs = |n: &f64| n * (n - 1.0) / 2.0;
    let within: f64 = sizes.values().map(pairs).sum();
    (within, kinds.values().map(pairs).sum::<f64>() - within)
}

fn unfitted(records: &Records, version: u32) -> Model {
    let frequencies = records.fields().iter().enumerate().map(|(column, f)| {
        let counts = records.counts(column);
        let known: f64 = counts.iter().skip(1).map(|n| f64::from(*n)).sum();
        let agree = counts.iter().skip(1).map(|n| f64::from(*n).powi(2)).sum::<f64>() / known.powi(2).max(1.0);
        let mut often: Vec<(u64, u32)> = counts
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, n)| **n > 1)
            .map(|(v, n)| (records.hash_of(column, v as u32), *n))
            .collect();
        often.sort_unstable();
        Frequencies { part: f.part, name: f.name.clone(), known, agree, counts: often }
    });
    let mut words: Vec<(u64, u32)> = (1..records.words.len())
        .map(|n| (records.words.hash_of(n as u32), records.word_counts[n]))
        .filter(|(_, n)| *n > 1)
        .collect();
    words.sort_unstable();
    let addresses = records
        .column(Part::Address, "")
        .map_or(0, |c| (0..records.len() as u32).filter(|r| records.value(c, *r) != 0).count());
    Model {
        version,
        records: records.len() as u64,
        comparisons: comparisons(records),
        chances: Vec::new(),
        within: 0.0,
        across: 0.0,
        household: 0.0,
        frequencies: frequencies.collect(),
        words,
        addresses: addresses as f64,
        rules: rules(records),
        threshold: 0.5,
        calibration: super::model::Calibration::default(),
    }
}

/// Patterns of pairs drawn at random; of all pairs where they are not more than would be drawn.
fn random_patterns(records: &Records, comparisons: &[Comparison], word_bits: &[f32], seed: u64) -> estimate::Patterns {
    let n = records.len() as u64;
    let comparer = Comparer::new(records, comparisons, word_bits);
    let kind = records.column(Part::Type, "");
    if n * n.saturating_sub(1) / 2 <= RANDOM_PAIRS {
        let n = n as u32;
        return estimate::count(
            (0..n)
                .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
                .filter(|(a, b)| kind.is_none_or(|c| records.value(c, *a) == records.value(c, *b)))
                .map(|(a, b)| comparer.pattern(a, b)),
        );
    }
    // Drawn among records sorted by what they say, so that their order in the file does not matter.
    let mut sorted: Vec<(u64, u32)> = (0..n as u32).map(|r| (records.content(r), r)).collect();
    sorted.sort_unstable();
    let mut rng = Rng::seeded(seed);
    let draws = (0..RANDOM_PAIRS).filter_map(|_| {
        let (a, b) = (rng.below(n) as usize, rng.below(n) as usize);
        let (a, b) = (sorted[a].1, sorted[b].1);
        let one_kind = kind.is_none_or(|c| records.value(c, a) == records.value(c, b));
        (a != b && one_kind).then(|| comparer.pattern(a, b))
    });
    estimate::count(draws)
}

fn passes(records: &Records, model: &Model, blocks: &Blocks, word_bits: &[f32], spread: Spread<'_>) -> Vec<Pass> {
    let wanted: Vec<usize> =
        model.rules.iter().enumerate().filter(|(_, r): &(usize, &Rule)| estimate::is_pass(r)).map(|(i, _)| i).collect();
    let found: Mutex<Vec<Pass>> = Mutex::new(Vec::new());
    let found_ref = &found;
    spread(wanted.len(), &|i| {
        let comparer = Comparer::new(records, &model.comparisons, word_bits);
        let pass = estimate::pass(blocks, wanted[i], &comparer);
        if let Ok(mut all) = found_ref.lock() {
            all.push(pass);
        }
    });
    let mut passes = found.into_inner().unwrap_or_default();
    passes.retain(|p| p.pairs > 0.0);
    passes.sort_by_key(|p| p.rule);
    passes
}
