//! How well a system found the people and shared out the revenue, measured against the truth. Pure functions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::truth::Truth;

/// An identifier as the truth and a system both name it: namespace and value.
pub type IdentifierKey = (String, String);

/// Precision, recall and their harmonic mean, each in `0..=1`. With nothing to find and nothing found all are 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quality {
    /// Of what was claimed, how much is true.
    pub precision: f64,
    /// Of what is true, how much was claimed.
    pub recall: f64,
    /// `2pr / (p + r)`.
    pub f1: f64,
}

impl Quality {
    fn of(precision: f64, recall: f64) -> Self {
        let f1 = if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 };
        Self { precision, recall, f1 }
    }
}

/// One person of the system that holds identifiers of several true people, or one true person found in pieces.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// The system's person (over-merged) or the true person (under-merged).
    pub person: String,
    /// The true people inside it, or the system's people it lies in; at most five, the largest parts first.
    pub parts: Vec<String>,
    /// Up to five of its identifiers, as `namespace:value`.
    pub identifiers: Vec<String>,
}

/// How well identity was resolved, over the identifiers that both the truth and the system know.
///
/// An identifier with several true owners (a family phone, a shared browser, a recycled number) counts for its
/// present owner; where two own it at the same time, for the one the system's answer fits better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityScore {
    /// Over pairs of identifiers: together in the system against together in truth.
    pub pairs: Quality,
    /// The same, but recall only over pairs that the events gave evidence for. A cookie nobody ever logged in with
    /// cannot be joined by an honest system; this is the figure rules can be judged by.
    pub provable_pairs: Quality,
    /// Pairs of identifiers that truly belong together, and those of them that the events gave evidence for.
    pub true_pairs: u64,
    /// See [`Self::true_pairs`].
    pub evident_pairs: u64,
    /// B-cubed (Bagga and Baldwin 1998): precision and recall of each identifier's cluster, averaged.
    pub clusters: Quality,
    /// True people with at least one known identifier.
    pub people_true: usize,
    /// The system's people among those identifiers.
    pub people_found: usize,
    /// Identifiers compared.
    pub identifiers: usize,
    /// Identifiers of the system that truly belong to nobody: typing errors, robots, kiosks. Not judged.
    pub unknown_identifiers: usize,
    /// True people whose identifiers are exactly one person of the system.
    pub people_exact: usize,
    /// People of the system holding several true people.
    pub over_merged: usize,
    /// True people lying in several people of the system.
    pub under_merged: usize,
    /// Up to twenty of the over-merged, largest first.
    pub over_merged_samples: Vec<Mistake>,
    /// Up to twenty of the under-merged, largest first.
    pub under_merged_samples: Vec<Mistake>,
}

const SAMPLES: usize = 20;
const PARTS: usize = 5;

/// One identifier known to both sides.
struct Known<'a> {
    key: &'a IdentifierKey,
    person: u32,
    group: u32,
    found: &'a str,
}

/// Scores the system's answer `predicted` (identifier → the system's person) against the truth.
///
/// ```text
/// pairs:    P = Σ C(n_tf, 2) / Σ C(n_f, 2)     R = Σ C(n_tf, 2) / Σ C(n_t, 2)
/// B-cubed:  P = Σ n_tf² / n_f / N              R = Σ n_tf² / n_t / N
/// ```
/// with `n_tf` the identifiers of true person `t` in the system's person `f`.
#[must_use]
pub fn score_identity(truth: &Truth, predicted: &BTreeMap<IdentifierKey, String>) -> IdentityScore {
    let known = known_identifiers(truth, predicted);
    let mut cells: BTreeMap<(u32, &str), f64> = BTreeMap::new();
    let mut by_true: BTreeMap<u32, f64> = BTreeMap::new();
    let mut by_found: BTreeMap<&str, f64> = BTreeMap::new();
    let mut provable: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut provable_cells: BTreeMap<(u32, u32, &str), f64> = BTreeMap::new();
    for k in &known {
        *cells.entry((k.person, k.found)).or_default() += 1.0;
        *by_true.entry(k.person).or_default() += 1.0;
        *by_found.entry(k.found).or_default() += 1.0;
        *provable.entry((k.person, k.group)).or_default() += 1.0;
        *provable_cells.entry((k.person, k.group, k.found)).or_default() += 1.0;
    }
    let hit = pairs_of(cells.values());
    let precision = ratio(hit, pairs_of(by_found.values()));
    let n = known.len() as f64;
    let cubed_precision: f64 = cells.iter().map(|((_, f), c)| c * c / by_found[f]).sum();
    let cubed_recall: f64 = cells.iter().map(|((t, _), c)| c * c / by_true[t]).sum();
    let found_in_true = count_by(cells.keys().map(|(t, _)| *t));
    let true_in_found = count_by(cells.keys().map(|(_, f)| *f));
    let exact = cells.keys().filter(|(t, f)| found_in_true[t] == 1 && true_in_found[f] == 1).count();
    let over = true_in_found.values().filter(|n| **n > 1).count();
    let under = found_in_true.values().filter(|n| **n > 1).count();
    IdentityScore {
        pairs: Quality::of(precision, ratio(hit, pairs_of(by_true.values()))),
        provable_pairs: Quality::of(precision, ratio(pairs_of(provable_cells.values()), pairs_of(provable.values()))),
        true_pairs: pairs_of(by_true.values()) as u64,
        evident_pairs: pairs_of(provable.values()) as u64,
        clusters: Quality::of(ratio(cubed_precision, n), ratio(cubed_recall, n)),
        people_true: by_true.len(),
        people_found: by_found.len(),
        identifiers: known.len(),
        unknown_identifiers: predicted.len() - known.len(),
        people_exact: exact,
        over_merged: over,
        under_merged: under,
        over_merged_samples: samples(&known, true, truth),
        under_merged_samples: samples(&known, false, truth),
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 1.0 }
}

fn pairs_of<'a>(sizes: impl Iterator<Item = &'a f64>) -> f64 {
    sizes.map(|n| n * (n - 1.0) / 2.0).sum()
}

fn count_by<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut out = BTreeMap::new();
    for k in keys {
        *out.entry(k).or_insert(0) += 1;
    }
    out
}

/// Person, evidence group, and whether the identifier is still theirs.
type Owner = (u32, u32, bool);

/// The identifiers both sides know, each with one true owner.
fn known_identifiers<'a>(truth: &'a Truth, predicted: &'a BTreeMap<IdentifierKey, String>) -> Vec<Known<'a>> {
    // Owners: person and evidence group. Those whose ownership has ended only count when nobody owns it now.
    let mut owners: HashMap<(&str, &str), Vec<Owner>> = HashMap::new();
    for (i, p) in truth.people.iter().enumerate() {
        for id in &p.identifiers {
            let key = (id.namespace.as_str(), id.value.as_str());
            owners.entry(key).or_default().push((i as u32, id.evidence_group, id.valid_to.is_none()));
        }
    }
    for list in owners.values_mut() {
        if list.iter().any(|o| o.2) {
            list.retain(|o| o.2);
        }
    }
    // How many identifiers with one owner each system person holds of each true person: decides shared ones.
    let mut weight: HashMap<(u32, &str), usize> = HashMap::new();
    for (key, found) in predicted {
        if let Some([(person, _, _)]) = owners.get(&(key.0.as_str(), key.1.as_str())).map(Vec::as_slice) {
            *weight.entry((*person, found.as_str())).or_default() += 1;
        }
    }
    let mut out = Vec::new();
    for (key, found) in predicted {
        let Some(list) = owners.get(&(key.0.as_str(), key.1.as_str())) else { continue };
        let best = list.iter().max_by_key(|(person, _, _)| {
            (weight.get(&(*person, found.as_str())).copied().unwrap_or(0), std::cmp::Reverse(*person))
        });
        if let Some((person, group, _)) = best {
            out.push(Known { key, person: *person, group: *group, found });
        }
    }
    out
}

/// The worst mistakes of one kind: `over` groups by the system's person, else by the true one.
fn samples(known: &[Known<'_>], over: bool, truth: &Truth) -> Vec<Mistake> {
    let mut groups: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut identifiers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for k in known {
        let true_name = truth.people[k.person as usize].person.clone();
        let (outer, inner) = if over { (k.found.to_owned(), true_name) } else { (true_name, k.found.to_owned()) };
        identifiers.entry(outer.clone()).or_default().insert(format!("{}:{}", k.key.0, k.key.1));
        *groups.entry(outer).or_default().entry(inner).or_default() += 1;
    }
    let mut wrong: Vec<_> = groups.into_iter().filter(|(_, parts)| parts.len() > 1).collect();
    wrong.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    wrong.truncate(SAMPLES);
    wrong
        .into_iter()
        .map(|(person, parts)| {
            let mut parts: Vec<_> = parts.into_iter().collect();
            parts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let ids = identifiers.remove(&person).unwrap_or_default();
            Mistake {
                person,
                parts: parts.into_iter().take(PARTS).map(|(name, _)| name).collect(),
                identifiers: ids.into_iter().take(PARTS).collect(),
            }
        })
        .collect()
}

/// One channel of a credit comparison, as shares of the revenue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreditRow {
    /// Channel key.
    pub channel: String,
    /// Its true causal share.
    pub truth: f64,
    /// The share the model gave it.
    pub model: f64,
    /// `model - truth`: positive when the model flatters the channel.
    pub error: f64,
}

/// How far a model's revenue shares lie from the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CreditScore {
    /// Half the sum of absolute errors, 0 (right) to 1 (all money in the wrong place).
    pub total_variation: f64,
    /// Mean absolute error of a channel's share.
    pub mean_absolute_error: f64,
    /// Total variation among the marketing channels alone: without the baseline, both sides scaled to 1. Credit models
    /// that know no baseline are judged by this one.
    pub total_variation_marketing: f64,
    /// Mean absolute error among the marketing channels alone.
    pub mean_absolute_error_marketing: f64,
    /// Every channel, the largest true share first.
    pub rows: Vec<CreditRow>,
}

/// Channels that only name a way in. Nothing was done to bring these people, so their money is the baseline's.
pub const WAYS_IN: [&str; 10] = [
    "direct",
    "organic_search",
    "mini_program",
    "tmall",
    "taobao",
    "marketplace",
    "service",
    "referral",
    "other",
    "unattributed",
];

/// Compares `model_shares` with `truth_shares`, both channel → revenue or share (scaled to sum 1 here). A channel
/// missing on one side counts 0 there. Money without a marketing touch goes under [`crate::BASELINE`]; so does that of
/// [`WAYS_IN`], on both sides.
#[must_use]
pub fn score_credit(truth_shares: &BTreeMap<String, f64>, model_shares: &BTreeMap<String, f64>) -> CreditScore {
    let all = compare(truth_shares, model_shares, |_| true);
    let marketing = compare(truth_shares, model_shares, |c| c != crate::BASELINE);
    let (total_variation, mean_absolute_error) = distance(&all);
    let (total_variation_marketing, mean_absolute_error_marketing) = distance(&marketing);
    CreditScore {
        total_variation,
        mean_absolute_error,
        total_variation_marketing,
        mean_absolute_error_marketing,
        rows: all,
    }
}

fn compare(
    truth: &BTreeMap<String, f64>,
    model: &BTreeMap<String, f64>,
    keep: impl Fn(&str) -> bool,
) -> Vec<CreditRow> {
    let scaled = |m: &BTreeMap<String, f64>| -> BTreeMap<String, f64> {
        let mut folded: BTreeMap<String, f64> = BTreeMap::new();
        for (channel, v) in m.iter().filter(|(_, v)| v.is_finite()) {
            let channel = if WAYS_IN.contains(&channel.as_str()) { crate::BASELINE } else { channel };
            if keep(channel) {
                *folded.entry(channel.to_owned()).or_default() += v;
            }
        }
        let sum: f64 = folded.values().sum();
        for v in folded.values_mut() {
            *v = if sum > 0.0 { *v / sum } else { 0.0 };
        }
        folded
    };
    let (truth, model) = (scaled(truth), scaled(model));
    let channels: BTreeSet<&String> = truth.keys().chain(model.keys()).collect();
    let share = |m: &BTreeMap<String, f64>, c: &String| m.get(c).copied().unwrap_or(0.0);
    let mut rows: Vec<_> = channels
        .into_iter()
        .map(|c| {
            let (truth, model) = (share(&truth, c), share(&model, c));
            CreditRow { channel: c.clone(), truth, model, error: model - truth }
        })
        .collect();
    rows.sort_by(|a, b| b.truth.total_cmp(&a.truth).then_with(|| a.channel.cmp(&b.channel)));
    rows
}

fn distance(rows: &[CreditRow]) -> (f64, f64) {
    let sum: f64 = rows.iter().map(|r| r.error.abs()).sum();
    (sum / 2.0, if rows.is_empty() { 0.0 } else { sum / rows.len() as f64 })
}
