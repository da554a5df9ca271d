//! The next category somebody buys from: what they looked at and bought lately, and what buyers with such a past bought
//! next, drawn towards what everybody buys the less is known. Judged beside the best-sellers, which it must beat.

use serde::{Deserialize, Serialize};
use throughline_base::Problem;
use throughline_base::time::DAY_MS;

use super::propensity::model::calibrates;
use super::propensity::{Act, ActKind};

/// A category and its weight.
pub type Weighted = (u16, f64);

/// A person at a cut-off: what they did, by category, and the categories they bought from afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The person: decides on which side of the split they are.
    pub person: i64,
    /// A profile for each of [`HALF_LIVES`].
    pub profiles: [Vec<Weighted>; HALF_LIVES.len()],
    /// Distinct, rising; never empty.
    pub bought: Vec<u16>,
}

/// Half-lives of interest in days that are tried.
pub const HALF_LIVES: [f64; 2] = [30.0, 180.0];
const PRIORS: [f64; 3] = [3.0, 30.0, 300.0];
const FLOORS: [f64; 3] = [0.02, 0.1, 0.3];

/// Buyers without whom nothing is learned.
const FEWEST_BUYERS: usize = 100;

/// What somebody did before the cut-off by category: a view counts 1, a cart 2, a purchase 3, all halved with every
/// half-life; the whole is 1. Empty when they did nothing.
#[must_use]
pub fn profile(acts: &[Act], cut_ms: i64, half_life_days: f64, categories: usize) -> Vec<Weighted> {
    let mut weights = vec![0.0; categories];
    for act in acts.iter().take_while(|a| a.at_ms < cut_ms) {
        let worth = match act.kind {
            ActKind::View => 1.0,
            ActKind::Cart => 2.0,
            ActKind::Item => 3.0,
            ActKind::Order | ActKind::Other | ActKind::Refund | ActKind::Message => continue,
        };
        if let Some(weight) = weights.get_mut(usize::from(act.category)) {
            *weight += worth * (-((cut_ms - act.at_ms) as f64) / DAY_MS as f64 / half_life_days).exp2();
        }
    }
    let whole: f64 = weights.iter().sum();
    if whole < 1e-12 {
        return Vec::new();
    }
    (0..).zip(weights).filter(|(_, w)| *w > 0.0).map(|(c, w)| (c, w / whole)).collect()
}

/// The sample of a person who buys in the days after the cut-off; `None` when they do not, or nothing with a category.
#[must_use]
pub fn sample(person: i64, acts: &[Act], cut_ms: i64, days: u32, categories: usize) -> Option<Sample> {
    let end = cut_ms + i64::from(days) * DAY_MS;
    let after = acts.iter().skip_while(|a| a.at_ms < cut_ms).take_while(|a| a.at_ms < end);
    let items = after.filter(|a| a.kind == ActKind::Item && usize::from(a.category) < categories);
    let mut bought: Vec<u16> = items.map(|a| a.category).collect();
    bought.sort_unstable();
    bought.dedup();
    if bought.is_empty() {
        return None;
    }
    let profiles = HALF_LIVES.map(|h| profile(acts, cut_ms, h, categories));
    Some(Sample { person, profiles, bought })
}

/// The model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The categories; their places are their numbers.
    pub categories: Vec<String>,
    /// Half-life of interest.
    pub half_life_days: f64,
    /// Buyers that the best-sellers count for in every row.
    prior: f64,
    /// Part of a score that is the best-sellers'.
    floor: f64,
    popularity: Vec<f64>,
    /// Purchases of the second after interest in the first, row after row.
    follow: Vec<f64>,
}

/// How often the right category was among the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HitRates {
    /// People who bought.
    pub people: u64,
    /// One of the bought was the first.
    pub hit_1: f64,
    /// One of the bought was among the first three.
    pub hit_3: f64,
    /// The same for the best-sellers.
    pub popular_1: f64,
    /// The same for the best-sellers.
    pub popular_3: f64,
    /// Mean `ln` of the chances given to what was bought, over those the best-sellers give.
    pub log_gain: f64,
}

/// Learns from buyers at earlier cut-offs; three quarters of them count, the others choose half-life and smoothing.
///
/// # Errors
/// When there are too few buyers or fewer than two categories.
pub fn train(categories: &[String], earlier: &[Sample]) -> Result<Model, Problem> {
    if categories.len() < 2 {
        let detail = format!("{} categories are known from orders; two are needed at least", categories.len());
        return Err(Problem::invalid("prediction_no_categories", detail));
    }
    let (choosing, counting): (Vec<&Sample>, Vec<&Sample>) = earlier.iter().partition(|s| calibrates(s.person));
    if counting.len() < FEWEST_BUYERS {
        let detail = format!("{} buyers with a category; {FEWEST_BUYERS} are needed at least", counting.len());
        return Err(Problem::invalid("prediction_too_rare", detail));
    }
    let mut best: Option<(f64, Model)> = None;
    for (h, half_life_days) in HALF_LIVES.into_iter().enumerate() {
        let counted = count(categories, &counting, h, half_life_days);
        for prior in PRIORS {
            for floor in FLOORS {
                let model = Model { prior, floor, ..counted.clone() };
                let gain: f64 = choosing.iter().map(|s| model.log_chance(s, h)).sum();
                if best.as_ref().is_none_or(|(most, _)| gain > *most) {
                    best = Some((gain, model));
                }
            }
        }
    }
    Ok(best.expect("there are settings to try").1)
}

fn count(categories: &[String], samples: &[&Sample], h: usize, half_life_days: f64) -> Model {
    let n = categories.len();
    // One more of each, so that nothing is impossible.
    let mut popularity = vec![1.0; n];
    let mut follow = vec![0.0; n * n];
    for s in samples {
        let part = 1.0 / s.bought.len() as f64;
        for c in &s.bought {
            popularity[usize::from(*c)] += part;
            for (from, weight) in &s.profiles[h] {
                follow[usize::from(*from) * n + usize::from(*c)] += weight * part;
            }
        }
    }
    let whole: f64 = popularity.iter().sum();
    for p in &mut popularity {
        *p /= whole;
    }
    Model { categories: categories.to_vec(), half_life_days, prior: PRIORS[0], floor: FLOORS[0], popularity, follow }
}

impl Model {
    /// The chances of all categories for a profile; they sum to 1.
    #[must_use]
    pub fn chances(&self, profile: &[Weighted]) -> Vec<f64> {
        if profile.is_empty() {
            return self.popularity.clone();
        }
        let mut out: Vec<f64> = self.popularity.iter().map(|p| p * self.floor).collect();
        for (from, weight) in profile {
            for (c, chance) in out.iter_mut().enumerate() {
                *chance += (1.0 - self.floor) * weight * self.follows(usize::from(*from), c);
            }
        }
        out
    }

    /// Chance of `to` after interest in `from`.
    fn follows(&self, from: usize, to: usize) -> f64 {
        let n = self.categories.len();
        let row = &self.follow[from * n..(from + 1) * n];
        let whole: f64 = row.iter().sum();
        (row[to] + self.prior * self.popularity[to]) / (whole + self.prior)
    }

    /// What of the profile speaks most for a category: its parts of the chance, the largest first.
    #[must_use]
    pub fn reasons(&self, profile: &[Weighted], category: u16, most: usize) -> Vec<Weighted> {
        let part =
            |(from, weight): &Weighted| (*from, weight * self.follows(usize::from(*from), usize::from(category)));
        let mut parts: Vec<Weighted> = profile.iter().map(part).collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        parts.truncate(most);
        parts
    }

    fn log_chance(&self, sample: &Sample, h: usize) -> f64 {
        let chances = self.chances(&sample.profiles[h]);
        sample.bought.iter().map(|c| chances[usize::from(*c)].ln()).sum::<f64>() / sample.bought.len() as f64
    }

    /// How it does on buyers at a later cut-off.
    #[must_use]
    pub fn hit_rates(&self, later: &[Sample]) -> HitRates {
        let h = HALF_LIVES.iter().position(|l| *l == self.half_life_days).unwrap_or(0);
        let n = later.len().max(1) as f64;
        let rate = |hit: &dyn Fn(&Sample) -> bool| later.iter().filter(|s| hit(s)).count() as f64 / n;
        let among = |s: &Sample, chances: &[f64], k: usize| first(chances, k).iter().any(|c| s.bought.contains(c));
        let own = |s: &Sample| self.chances(&s.profiles[h]);
        let popular = |s: &Sample| s.bought.iter().map(|c| self.popularity[usize::from(*c)].ln()).sum::<f64>();
        let gain = |s: &Sample| self.log_chance(s, h) - popular(s) / s.bought.len() as f64;
        HitRates {
            people: later.len() as u64,
            hit_1: rate(&|s| among(s, &own(s), 1)),
            hit_3: rate(&|s| among(s, &own(s), 3)),
            popular_1: rate(&|s| among(s, &self.popularity, 1)),
            popular_3: rate(&|s| among(s, &self.popularity, 3)),
            log_gain: later.iter().map(gain).sum::<f64>() / n,
        }
    }
}

/// The `k` likeliest categories, the lower number first of equals.
#[must_use]
pub fn first(chances: &[f64], k: usize) -> Vec<u16> {
    let mut order: Vec<u16> = (0..chances.len() as u16).collect();
    order.sort_by(|a, b| chances[usize::from(*b)].total_cmp(&chances[usize::from(*a)]));
    order.truncate(k);
    order
}

#[cfg(test)]
mod tests;
