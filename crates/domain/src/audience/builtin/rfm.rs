//! Recency, frequency and money in five steps each, and the groups they make.
//!
//! The steps are quintiles of everybody who has bought: cut at the quantiles .2, .4, .6 and .8, interpolated linearly
//! (type 7 of Hyndman and Fan 1996, as R, NumPy and spreadsheets do). A value equal to a cut belongs to the step below
//! it, so ties stay together: where half of all people bought once, no second step of frequency exists. Given the cuts,
//! a score is exact at every instant; the cuts move only when they are worked out anew, which makes a new version.

use serde_json::{Value, json};

use super::super::rule::{Case, Computation, NamedTest, Rule, Test};

/// Keys of the computed traits that are cut: days since the last order, orders, money net of what was given back.
pub const MEASURED: [&str; 3] = ["rfm_recency", "rfm_frequency", "rfm_monetary"];
/// Keys of the scores, 1 to 5, in the same order.
pub const SCORES: [&str; 3] = ["rfm_r", "rfm_f", "rfm_m"];
/// Key of the trait that names the group of recency and frequency.
pub const GROUP: &str = "rfm_group";
/// Key of the trait that names the class of all three.
pub const CLASS: &str = "rfm_class";

/// Where five steps part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuts(pub [f64; 4]);

impl Cuts {
    /// Works the cuts out; `None` when there are no values. Values that are no numbers are left out.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.retain(|v| v.is_finite());
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        Some(Self([0.2, 0.4, 0.6, 0.8].map(|q| {
            let place = last as f64 * q;
            let below = place.floor() as usize;
            let above = (below + 1).min(last);
            values[below] + (values[above] - values[below]) * (place - below as f64)
        })))
    }

    /// The step of a value, 1 to 5; the smallest values are in step 1.
    #[must_use]
    pub fn step(&self, value: f64) -> u8 {
        1 + self.0.iter().filter(|cut| value > **cut).count() as u8
    }

    /// The score of one of [`MEASURED`], as a computed trait: the step, or its reverse where small values are good.
    /// Without cuts nobody has a score.
    #[must_use]
    pub fn score(cuts: Option<&Self>, measured: &str, small_is_good: bool) -> Computation {
        let when = |test| Rule::Computed(NamedTest { name: measured.to_owned(), test });
        let step = |n: i64| Value::from(if small_is_good { 6 - n } else { n });
        let mut cases = Vec::new();
        match cuts {
            Some(Self(cuts)) => {
                cases.extend(cuts.iter().zip(1..).map(|(cut, n)| Case { when: when(Test::Lte(*cut)), value: step(n) }));
                cases.push(Case { when: when(Test::Exists(true)), value: step(5) });
            }
            None => cases.push(Case { when: Rule::Any(Vec::new()), value: step(1) }),
        }
        Computation::Cases { cases, otherwise: None }
    }
}

/// The computed trait of a score.
#[must_use]
pub fn score(place: usize, cuts: Option<&Cuts>) -> Computation {
    Cuts::score(cuts, MEASURED[place], place == 0)
}

/// A group of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The value of the trait.
    pub key: &'static str,
    /// Name in English.
    pub en: &'static str,
    /// Name in Chinese.
    pub zh: &'static str,
    /// Scores of recency and frequency, from and to.
    pub recency: (u8, u8),
    /// As above.
    pub frequency: (u8, u8),
}

const fn group(key: &'static str, (en, zh): (&'static str, &'static str), r: (u8, u8), f: (u8, u8)) -> Group {
    Group { key, en, zh, recency: r, frequency: f }
}

/// The ten groups that are in common use: every pair of scores is in exactly one.
pub const GROUPS: [Group; 10] = [
    group("champions", ("Champions", "冠军客户"), (5, 5), (4, 5)),
    group("loyal", ("Loyal customers", "忠诚客户"), (3, 4), (4, 5)),
    group("potential_loyalist", ("Potential loyalists", "潜在忠诚客户"), (4, 5), (2, 3)),
    group("new", ("New customers", "新客户"), (5, 5), (1, 1)),
    group("promising", ("Promising", "有潜力的客户"), (4, 4), (1, 1)),
    group("need_attention", ("Need attention", "需要关注的客户"), (3, 3), (3, 3)),
    group("about_to_sleep", ("About to sleep", "即将沉睡的客户"), (3, 3), (1, 2)),
    group("cannot_lose", ("Cannot lose them", "不能失去的客户"), (1, 2), (5, 5)),
    group("at_risk", ("At risk", "有流失风险的客户"), (1, 2), (3, 4)),
    group("hibernating", ("Hibernating", "沉睡客户"), (1, 2), (1, 2)),
];

fn between(name: &str, (from, to): (u8, u8)) -> Rule {
    let test = Test::Between(f64::from(from), f64::from(to));
    Rule::Computed(NamedTest { name: name.to_owned(), test })
}

/// The computed trait that names the group.
#[must_use]
pub fn group_computation() -> Computation {
    let cases = GROUPS.iter().map(|g| Case {
        when: Rule::All(vec![between(SCORES[0], g.recency), between(SCORES[1], g.frequency)]),
        value: json!(g.key),
    });
    Computation::Cases { cases: cases.collect(), otherwise: None }
}

/// The eight classes in common use in China: whether recency, frequency and money are high (4 or 5).
pub const CLASSES: [(&str, &str, &str, [bool; 3]); 8] = [
    ("key_value", "Key: valued", "重要价值客户", [true, true, true]),
    ("key_keep", "Key: keep", "重要保持客户", [false, true, true]),
    ("key_develop", "Key: develop", "重要发展客户", [true, false, true]),
    ("key_win_back", "Key: win back", "重要挽留客户", [false, false, true]),
    ("general_value", "General: valued", "一般价值客户", [true, true, false]),
    ("general_keep", "General: keep", "一般保持客户", [false, true, false]),
    ("general_develop", "General: develop", "一般发展客户", [true, false, false]),
    ("general_win_back", "General: win back", "一般挽留客户", [false, false, false]),
];

/// The computed trait that names the class.
#[must_use]
pub fn class_computation() -> Computation {
    let cases = CLASSES.iter().map(|(key, _, _, high)| {
        let rules = SCORES.iter().zip(high).map(|(score, high)| between(score, if *high { (4, 5) } else { (1, 3) }));
        Case { when: Rule::All(rules.collect()), value: json!(key) }
    });
    Computation::Cases { cases: cases.collect(), otherwise: None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_are_the_quantiles_that_numpy_gives() {
        // numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [.2, .4, .6, .8])
        let cuts = Cuts::of(vec![3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]).unwrap();
        let expected = [1.4, 2.8, 4.2, 5.6];
        assert!(cuts.0.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{cuts:?}");
        assert_eq!(Cuts::of(vec![7.0]), Some(Cuts([7.0; 4])));
        assert_eq!(Cuts::of(vec![f64::NAN]), None);
    }

    #[test]
    fn who_bought_as_often_has_the_same_score() {
        // Half bought once: there is no second step.
        let cuts = Cuts::of(vec![1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 9.0]).unwrap();
        assert_eq!([1.0, 2.0, 3.0, 9.0].map(|v| cuts.step(v)), [1, 3, 4, 5]);
    }

    #[test]
    fn every_pair_of_scores_is_in_one_group_and_every_triple_in_one_class() {
        for r in 1..=5_u8 {
            for f in 1..=5_u8 {
                let within = |(from, to): (u8, u8), s: u8| from <= s && s <= to;
                let found = GROUPS.iter().filter(|g| within(g.recency, r) && within(g.frequency, f)).count();
                assert_eq!(found, 1, "{r}{f}");
            }
        }
        let mut all: Vec<[bool; 3]> = CLASSES.iter().map(|c| c.3).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 8);
    }

    proptest! {
        #[test]
        fn a_computed_score_says_what_the_step_says(values in prop::collection::vec(0_i64..40, 1..60)) {
            let cuts = Cuts::of(values.iter().map(|v| *v as f64).collect()).unwrap();
            for reverse in [false, true] {
                let Computation::Cases { cases, .. } = Cuts::score(Some(&cuts), "x", reverse) else { panic!("cases") };
                for v in &values {
                    let v = *v as f64;
                    let holds = |c: &&Case| match &c.when {
                        Rule::Computed(NamedTest { test: Test::Lte(cut), .. }) => v <= *cut,
                        Rule::Computed(NamedTest { test: Test::Exists(true), .. }) => true,
                        other => panic!("{other:?}"),
                    };
                    let given = cases.iter().find(holds).unwrap().value.as_u64().unwrap();
                    let step = u64::from(cuts.step(v));
                    prop_assert_eq!(given, if reverse { 6 - step } else { step });
                }
            }
        }
    }
}
