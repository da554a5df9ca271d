//! Fitting a model without labels.
//!
//! * `u` from pairs drawn at random, less the share of them that are one person.
//! * `m` by expectation–maximisation (Winkler 1988) among the pairs that meet by one rule, for several rules, each leaving
//!   its own fields as they are; the mean over the rules.
//! * `h` in the same passes, as a third class: pairs that agree in surname and address, and in nothing that is a person's
//!   own. Without it a household passes for one person as soon as the address is rare.
//! * The prior from how many pairs of one person each pass holds and how likely such a pair is to meet by its rule.

use super::block::{Blocks, Ingredient, Rule};
use super::comparer::Comparer;
use super::level::{Comparison, Kind, MISSING, level_of};
use super::model::Chances;

/// How often each pattern of levels occurs.
pub(super) type Patterns = Vec<(u64, f64)>;

/// The pairs of one rule.
#[derive(Debug)]
pub(super) struct Pass {
    pub(super) rule: usize,
    pub(super) patterns: Patterns,
    /// Pairs of the rule, not only of the sample.
    pub(super) pairs: f64,
}

/// What comes of fitting.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub(super) chances: Vec<Vec<Chances>>,
    /// Chance that two records are one person.
    pub(super) prior: f64,
    /// Chance that two records are two persons of one household.
    pub(super) household: f64,
}

/// Pairs of a pass that a fit looks at.
pub(super) const PASS_PAIRS: u64 = 150_000;
/// Pairs drawn at random.
pub(super) const RANDOM_PAIRS: u64 = 300_000;

/// Whether a rule's pairs are fitted: the rules that are telling and leave most fields free.
pub(super) fn is_pass(rule: &Rule) -> bool {
    use Ingredient as I;
    matches!(
        rule.of.as_slice(),
        [I::Number(_) | I::PhoneTail | I::Email | I::Names | I::Birthday | I::Address | I::Everything]
            | [I::GivenName | I::Surname, I::BirthMonth | I::Address | I::Postcode]
            | [I::EmailDigits]
    )
}

/// Counts patterns.
pub(super) fn count(patterns: impl IntoIterator<Item = u64>) -> Patterns {
    let mut all: Vec<u64> = patterns.into_iter().collect();
    all.sort_unstable();
    all.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as f64)).collect()
}

/// How many pairs sorted keys make.
pub(super) fn pairs(sorted: &[(u32, u32)]) -> u64 {
    sorted.chunk_by(|a, b| a.0 == b.0).map(|run| run.len() as u64 * (run.len() as u64 - 1) / 2).sum()
}

/// Blocks with some `wanted` of the `pairs` there are. They are drawn by a hash of their key, so that the order of records
/// does not matter.
pub(super) fn sample(sorted: &[(u32, u32)], pairs: u64, wanted: u64) -> impl Iterator<Item = &[(u32, u32)]> {
    let share = (wanted as f64 / pairs.max(1) as f64).min(1.0);
    let drawn = move |key: u32| f64::from(key.wrapping_mul(0x9e37_79b9)) / f64::from(u32::MAX) <= share;
    sorted.chunk_by(|a, b| a.0 == b.0).filter(move |run| drawn(run[0].0))
}

/// The pairs of a rule, as far as a sample of its blocks goes.
pub(super) fn pass(blocks: &Blocks, rule: usize, comparer: &Comparer<'_>) -> Pass {
    let sorted = blocks.of_rule(rule);
    let pairs = pairs(&sorted);
    let mut patterns = Vec::new();
    for run in sample(&sorted, pairs, PASS_PAIRS) {
        for (i, (_, a)) in run.iter().enumerate() {
            patterns.extend(run[i + 1..].iter().map(|(_, b)| comparer.pattern(*a, *b)));
        }
    }
    Pass { rule, patterns: count(patterns), pairs: pairs as f64 }
}

/// The classes of pairs.
const ONE: usize = 0;
const HOME: usize = 1;
const APART: usize = 2;

/// Chances by comparison, level and class.
type Tables = Vec<Vec<[f64; 3]>>;

struct Fitting<'a> {
    comparisons: &'a [Comparison],
    tables: Tables,
    /// Surname and address, which make a household where both are known.
    roof: Option<(usize, usize)>,
}

/// Fits chances and priors to random pairs and passes. `total` is the number of all pairs; `known` the share of records
/// that know what a rule asks for.
pub(super) fn fit(
    comparisons: &[Comparison],
    rules: &[Rule],
    random: &Patterns,
    passes: &[Pass],
    total: f64,
    known: impl Fn(usize) -> f64,
) -> Fit {
    let roof = roof(comparisons);
    let mut f = Fitting { comparisons, tables: first_tables(comparisons), roof };
    let (mut prior, mut household) = (1.0 / total.max(4.0).sqrt(), if roof.is_some() { 1e-9 } else { 1e-12 });
    f.unrelated(random, prior, household);
    f.restart_homes();
    for round in 0..4 {
        let mut results = Vec::new();
        for pass in passes {
            let fixed: Vec<bool> = comparisons.iter().map(|c| rules[pass.rule].fixes(c.kind, &c.name)).collect();
            results.push(f.pass(&pass.patterns, &fixed, if round == 0 { 40 } else { 15 }));
        }
        f.combine(&results);
        (prior, household) = f.priors(passes, &results, rules, total, &known);
        f.unrelated(random, prior, household);
        f.own_fields(passes, &results, rules, total);
    }
    f.in_order();
    let chances =
        f.tables.iter().map(|levels| levels.iter().map(|c| Chances { m: c[ONE], u: c[APART], h: c[HOME] }).collect());
    Fit { chances: chances.collect(), prior, household }
}

/// The comparisons that make a household: surname and address.
pub(super) fn roof(comparisons: &[Comparison]) -> Option<(usize, usize)> {
    let place = |kind: Kind| comparisons.iter().position(|c| c.kind == kind);
    place(Kind::Surname).zip(place(Kind::Address))
}

fn first_tables(comparisons: &[Comparison]) -> Tables {
    let one = |c: &Comparison| {
        let m = c.kind.guess();
        let u = 1.0 / m.len() as f64;
        m.iter().map(|m| [*m, if c.kind.is_shared() { *m } else { u }, u]).collect()
    };
    comparisons.iter().map(one).collect()
}

/// What a pass found.
struct Found {
    /// Shares of the classes.
    shares: [f64; 3],
    /// Pairs looked at.
    pairs: f64,
    /// Expected counts by comparison, level and class; empty for fields of the rule.
    counts: Vec<Vec<[f64; 3]>>,
}

impl Fitting<'_> {
    /// `u`: levels of random pairs, each counted by how likely it is to be of unrelated persons.
    fn unrelated(&mut self, random: &Patterns, prior: f64, household: f64) {
        let shares = [prior, household, 1.0 - prior - household];
        let first = self.tables.iter().all(|t| t.iter().all(|c| (c[APART] - t[0][APART]).abs() < 1e-12));
        let free = vec![false; self.comparisons.len()];
        let mut counts: Vec<Vec<f64>> = self.tables.iter().map(|t| vec![0.0; t.len()]).collect();
        for (pattern, n) in random {
            let apart = if first { 1.0 } else { self.classes(*pattern, shares, &free)[APART] };
            for (i, levels) in counts.iter_mut().enumerate() {
                if let Some(x) = levels.get_mut(usize::from(level_of(*pattern, i))) {
                    *x += n * apart;
                }
            }
        }
        for (table, counts) in self.tables.iter_mut().zip(counts) {
            let sum: f64 = counts.iter().sum();
            for (chances, n) in table.iter_mut().zip(&counts) {
                chances[APART] = (n + 0.2) / (sum + 0.2 * counts.len() as f64);
            }
        }
    }

    /// Before anything is known of households: what is a person's own is as unlike as between strangers.
    fn restart_homes(&mut self) {
        for (c, table) in self.comparisons.iter().zip(&mut self.tables) {
            for chances in table {
                chances[HOME] = if c.kind.is_shared() { chances[ONE] } else { chances[APART] };
            }
        }
    }

    /// The chances of the classes for a pattern, leaving fixed comparisons out.
    fn classes(&self, pattern: u64, shares: [f64; 3], fixed: &[bool]) -> [f64; 3] {
        let mut p = shares;
        let known = |i: usize| level_of(pattern, i) != MISSING;
        if !self.roof.is_some_and(|(surname, address)| known(surname) && known(address)) {
            p[HOME] = 0.0;
        }
        for (i, table) in self.tables.iter().enumerate() {
            let level = level_of(pattern, i);
            if level != MISSING && !fixed[i] {
                let chances = table[usize::from(level)];
                (0..3).for_each(|k| p[k] *= chances[k]);
            }
        }
        let sum: f64 = p.iter().sum();
        if sum > 0.0 { p.map(|x| x / sum) } else { [0.0, 0.0, 1.0] }
    }

    /// Expectation and maximisation over one pass; the tables themselves stay.
    fn pass(&mut self, patterns: &Patterns, fixed: &[bool], rounds: usize) -> Found {
        let before = self.tables.clone();
        let mut shares = if self.roof.is_some() { [0.4, 0.2, 0.4] } else { [0.5, 0.0, 0.5] };
        let mut counts = Vec::new();
        let pairs: f64 = patterns.iter().map(|(_, n)| n).sum();
        for _ in 0..rounds {
            counts = self.tables.iter().map(|t| vec![[0.0; 3]; t.len()]).collect::<Vec<_>>();
            let mut sums = [0.0; 3];
            for (pattern, n) in patterns {
                let p = self.classes(*pattern, shares, fixed);
                (0..3).for_each(|k| sums[k] += n * p[k]);
                for (i, levels) in counts.iter_mut().enumerate() {
                    if let Some(x) = levels.get_mut(usize::from(level_of(*pattern, i))) {
                        (0..3).for_each(|k| x[k] += n * p[k]);
                    }
                }
            }
            shares = sums.map(|s| (s + 1e-9) / (pairs + 3e-9));
            for (i, c) in self.comparisons.iter().enumerate().filter(|(i, _)| !fixed[*i]) {
                maximise(c.kind, &mut self.tables[i], &counts[i], &before[i]);
            }
        }
        self.tables = before;
        for (i, levels) in counts.iter_mut().enumerate() {
            if fixed[i] {
                levels.clear();
            }
        }
        Found { shares, pairs, counts }
    }

    /// `m` and `h` over the passes. A pass counts by the root of its pairs, so that the largest does not drown the rest.
    fn combine(&mut self, results: &[Found]) {
        for (i, c) in self.comparisons.iter().enumerate() {
            let guess = c.kind.guess();
            for class in [ONE, HOME] {
                let mut sum: Vec<f64> = vec![0.0; guess.len()];
                let mut weight = 0.0;
                for found in results.iter().filter(|f| !f.counts[i].is_empty()) {
                    let counts: Vec<f64> = found.counts[i].iter().map(|x| x[class]).collect();
                    let n: f64 = counts.iter().sum();
                    if n < 5.0 {
                        continue;
                    }
                    let w = n.sqrt();
                    weight += w;
                    sum.iter_mut().zip(&counts).for_each(|(s, x)| *s += w * x / n);
                }
                let table = &mut self.tables[i];
                // A handful of pairs' worth of the guess keeps levels that were not seen possible.
                let own: Vec<f64> = match class {
                    ONE => guess.to_vec(),
                    _ if c.kind.is_shared() => table.iter().map(|x| x[ONE]).collect(),
                    _ => table.iter().map(|x| x[APART]).collect(),
                };
                let prior_weight = if class == ONE { 0.02 } else { 0.3 };
                let total = if weight > 0.0 { weight } else { 1.0 };
                for (l, chances) in table.iter_mut().enumerate() {
                    let seen = if weight > 0.0 { sum[l] / total } else { own[l] };
                    chances[class] = (1.0 - prior_weight) * seen + prior_weight * own[l];
                }
            }
        }
    }

    /// Chances that a pair of records is one person, or of one household: pairs found by a rule, divided by the chance that
    /// such a pair meets by it. The median over the rules.
    fn priors(
        &self,
        passes: &[Pass],
        results: &[Found],
        rules: &[Rule],
        total: f64,
        known: &impl Fn(usize) -> f64,
    ) -> (f64, f64) {
        let (mut one, mut home) = (Vec::new(), Vec::new());
        for (pass, found) in passes.iter().zip(results) {
            let rule = &rules[pass.rule];
            let agree = |class: usize| -> f64 {
                let each = self.comparisons.iter().zip(&self.tables).filter(|(c, _)| rule.fixes(c.kind, &c.name));
                each.map(|(c, t)| t[usize::from(c.kind.exact())][class]).product()
            };
            let meets = known(pass.rule).powi(2).max(1e-6);
            if found.pairs > 0.0 {
                one.push((pass.pairs * found.shares[ONE] / (agree(ONE) * meets)).max(0.5));
            }
            if self.roof.is_some() && matches!(rule.of.as_slice(), [Ingredient::Surname, Ingredient::Address]) {
                home.push(pass.pairs * found.shares[HOME] / (agree(HOME) * meets));
            }
        }
        let most = 0.4;
        let prior = (median(&mut one) / total.max(1.0)).clamp(0.5 / total.max(2.0), most);
        let household = (median(&mut home).max(0.5) / total.max(1.0)).clamp(1e-12, most);
        (prior, if self.roof.is_some() { household } else { 1e-12 })
    }

    /// What is a person's own agrees between strangers too rarely for random pairs to show it: it is counted among all
    /// pairs that agree.
    fn own_fields(&mut self, passes: &[Pass], results: &[Found], rules: &[Rule], total: f64) {
        for (pass, found) in passes.iter().zip(results) {
            let [ingredient] = rules[pass.rule].of.as_slice() else { continue };
            let single = matches!(
                ingredient,
                Ingredient::Number(_)
                    | Ingredient::PhoneTail
                    | Ingredient::Email
                    | Ingredient::Birthday
                    | Ingredient::Address
            );
            if !single || !rules[pass.rule].left_out.is_empty() {
                continue;
            }
            for (c, table) in self.comparisons.iter().zip(&mut self.tables) {
                if rules[pass.rule].fixes(c.kind, &c.name) {
                    let strangers = pass.pairs * found.shares[APART] + 0.5;
                    let level = usize::from(c.kind.exact());
                    table[level][APART] = (strangers / total.max(1.0)).clamp(1e-12, 1.0);
                    if !c.kind.is_shared() {
                        table[level][HOME] = table[level][HOME].max(table[level][APART]);
                    }
                }
            }
        }
    }

    /// A closer level is never weaker evidence: neighbours that say otherwise are put together.
    fn in_order(&mut self) {
        for (c, table) in self.comparisons.iter().zip(&mut self.tables) {
            pool(&mut table[..c.kind.ordered()]);
        }
    }
}

fn maximise(kind: Kind, table: &mut [[f64; 3]], counts: &[[f64; 3]], before: &[[f64; 3]]) {
    let guess = kind.guess();
    let sum = |class: usize| counts.iter().map(|x| x[class]).sum::<f64>();
    let (one, home) = (sum(ONE), sum(HOME));
    for (l, chances) in table.iter_mut().enumerate() {
        chances[ONE] = (counts[l][ONE] + 4.0 * guess[l]) / (one + 4.0);
        // Households stay near what they began as, or the class would take in pairs of one person with an error.
        let weight = 20.0 + 0.5 * home;
        chances[HOME] = (counts[l][HOME] + weight * before[l][HOME]) / (home + weight);
    }
}

/// Pool adjacent violators over `m/u`, weighted by `m + u`.
fn pool(levels: &mut [[f64; 3]]) {
    let mut groups: Vec<(usize, [f64; 3])> = Vec::new();
    for level in levels.iter() {
        groups.push((1, *level));
        while let [.., (n, a), (k, b)] = groups.as_slice()
            && a[ONE] * b[APART] > b[ONE] * a[APART]
        {
            let merged = (n + k, [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
            groups.truncate(groups.len() - 2);
            groups.push(merged);
        }
    }
    let mut i = 0;
    for (n, sum) in groups {
        for level in &mut levels[i..i + n] {
            *level = sum.map(|x| x / n as f64);
        }
        i += n;
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}
