use throughline_base::Rng;
use throughline_base::time::DAY_MS;

use super::act::UNNAMED;
use super::calibrate::Calibration;
use super::drift::Distribution;
use super::logistic::sigmoid;
use super::measure::auc;
use super::model::{calibrates, train};
use super::*;

/// Days of the made-up shop; its people come in the first half.
const DAYS: i64 = 400;

/// A person of a shop in which interest waxes and wanes: in a phase of interest they look at things, and some of that
/// ends in an order.
fn person(rng: &mut Rng) -> Vec<Act> {
    let (mut acts, keen) = (Vec::new(), 0.02 + 0.25 * rng.unit() * rng.unit());
    let mut interested = rng.chance(0.5);
    for day in rng.below(DAYS as u64 / 2) as i64..DAYS {
        if rng.chance(0.04) {
            interested = !interested;
        }
        if !rng.chance(if interested { 0.4 } else { 0.02 }) {
            continue;
        }
        let at_ms = day * DAY_MS + rng.below(DAY_MS as u64) as i64;
        let mut of = |kind, value| {
            let act =
                Act { kind, value, category: rng.below(3) as u16, channel: 0, source: 0, ..Act::plain(at_ms, kind) };
            acts.push(act);
        };
        of(ActKind::View, 0.0);
        if rng.chance(keen * 2.0) {
            acts.push(Act::plain(at_ms + 1, ActKind::Cart));
            if rng.chance(0.4) {
                acts.push(Act { value: 5_000.0, ..Act::plain(at_ms + 2, ActKind::Order) });
            }
        }
    }
    acts.sort_by_key(|a| a.at_ms);
    acts
}

fn set() -> FeatureSet {
    FeatureSet {
        channels: vec!["direct".to_owned(), "search".to_owned()],
        sources: vec!["web".to_owned()],
        categories: ["a", "b", "c"].map(str::to_owned).to_vec(),
    }
}

fn people(n: usize) -> Vec<Vec<Act>> {
    let rng = Rng::seeded(11);
    (0..n as u64).map(|i| person(&mut rng.fork(i))).collect()
}

fn samples(people: &[Vec<Act>], label: Label, cut_day: i64, days: u32) -> Vec<Sample> {
    let cut = cut_day * DAY_MS;
    let sample = |(i, acts): (i64, &Vec<Act>)| {
        let label = label.of(acts, cut, days)?;
        Some(Sample { person: i, features: set().of(acts, cut), label })
    };
    (0..).zip(people).filter_map(sample).collect()
}

fn trained(label: Label, days: u32) -> (Trained, Vec<Sample>) {
    let people = people(3_000);
    let at = |before: i64| samples(&people, label, DAYS - before * i64::from(days), days);
    let later = at(1);
    (train(label, days, &set(), &[at(2), at(3)], &later).unwrap(), later)
}

#[test]
fn who_buys_is_ranked_better_than_by_recency_and_chances_come_true() {
    let (got, later) = trained(Label::Purchase, 30);
    let q = &got.quality;
    assert_eq!(q.people, later.len() as u64);
    assert!(q.auc > got.recency_auc + 0.03, "{} {}", q.auc, got.recency_auc);
    assert!(q.auc > got.own_rate_auc + 0.03, "{} {}", q.auc, got.own_rate_auc);
    assert!(q.calibration_error < 0.05, "{q:?}");
    let base = q.cases as f64 / q.people as f64;
    assert!(q.brier < base * (1.0 - base), "worse than saying the base rate: {q:?}");
    assert!(q.tenths[0].lift > 1.7 && q.tenths[9].lift < 0.6, "{q:?}");
    assert!((q.tenths[9].captured - 1.0).abs() < 1e-12);
    assert!(got.refused.is_empty(), "{:?}", got.refused);
}

#[test]
fn who_lapses_is_ranked_too() {
    let (got, _) = trained(Label::Lapse, 60);
    assert!(got.quality.auc > 0.6 && got.quality.auc >= got.recency_auc, "{got:?}");
    assert!(got.quality.calibration_error < 0.06, "{:?}", got.quality);
}

#[test]
fn training_twice_gives_the_same_bytes_and_a_stored_model_the_same_scores() {
    let (a, later) = trained(Label::Purchase, 30);
    let (b, _) = trained(Label::Purchase, 30);
    let text = serde_json::to_string(&a.model).unwrap();
    assert_eq!(text, serde_json::to_string(&b.model).unwrap());
    let back: Model = serde_json::from_str(&text).unwrap();
    for s in later.iter().take(200) {
        // Reading a number back from JSON may cost its last bit.
        assert!((back.chance(&s.features) - a.model.chance(&s.features)).abs() < 1e-12);
    }
}

#[test]
fn contributions_sum_to_the_score() {
    let (got, later) = trained(Label::Purchase, 30);
    let model = &got.model;
    for s in later.iter().take(200) {
        let (chance, parts) = model.explain(&s.features, usize::MAX);
        let sum: f64 = model.average_log_odds() + parts.iter().map(|p| p.log_odds).sum::<f64>();
        assert!((sum - model.log_odds(&s.features)).abs() < 1e-9);
        assert_eq!(chance.to_bits(), model.chance(&s.features).to_bits());
        assert!((0.0..=1.0).contains(&chance));
        assert!(parts.is_sorted_by(|a, b| a.log_odds.abs() >= b.log_odds.abs()));
    }
}

#[test]
fn a_feature_that_knows_the_answer_is_refused() {
    let people = people(2_000);
    let mut cuts: Vec<Vec<Sample>> = [310, 340, 370].map(|day| samples(&people, Label::Purchase, day, 30)).to_vec();
    let place = set().features().iter().position(|(k, _)| k == "messages_30d").unwrap();
    for s in cuts.iter_mut().flatten() {
        s.features[place] = if s.label { 9.0 } else { 1.0 };
    }
    let later = cuts.pop().unwrap();
    let got = train(Label::Purchase, 30, &set(), &cuts, &later).unwrap();
    assert_eq!(got.refused, ["messages_30d"]);
    assert!(got.quality.auc < 0.95, "{:?}", got.quality);
}

#[test]
fn too_few_cases_are_refused_with_their_number() {
    let people = people(40);
    let at = |day| samples(&people, Label::Purchase, day, 30);
    let e = train(Label::Purchase, 30, &set(), &[at(340)], &at(370)).unwrap_err();
    assert_eq!(e.code, "prediction_too_rare");
    assert!(e.detail.contains("at least 100"), "{}", e.detail);
}

#[test]
fn an_unchanged_crowd_does_not_drift_and_a_changed_one_does() {
    let (got, later) = trained(Label::Purchase, 30);
    let score = |samples: &[Sample]| {
        let mut watch = got.model.watch();
        for s in samples {
            got.model.count(&mut watch, &s.features, got.model.chance(&s.features));
        }
        got.model.drift(&watch)
    };
    assert!(score(&later).scores < drift::WARN, "{:?}", score(&later));
    let mut keen = later.clone();
    keen.sort_by(|a, b| got.model.chance(&b.features).total_cmp(&got.model.chance(&a.features)));
    keen.truncate(later.len() / 3);
    let drift = score(&keen);
    assert!(drift.scores > drift::STOP && drift.features[0].1 > drift::STOP, "{drift:?}");
    let mut halves = [got.model.watch(), got.model.watch()];
    for (i, s) in later.iter().enumerate() {
        got.model.count(&mut halves[i % 2], &s.features, got.model.chance(&s.features));
    }
    let [mut whole, half] = halves;
    whole.merge(&half);
    assert_eq!(got.model.drift(&whole), score(&later));
}

#[test]
fn missing_values_are_a_bin_of_their_own() {
    let of = Distribution::of(&[1.0, 2.0, 3.0, f64::NAN]);
    let mut same = of.tally();
    for v in [1.0, 2.0, 3.0, f64::NAN] {
        same.add(&of, v);
    }
    assert!(of.index(&same).abs() < 1e-12);
    let mut gone = of.tally();
    gone.add(&of, f64::NAN);
    assert!(of.index(&gone) > drift::STOP);
}

#[test]
fn a_quarter_of_the_people_calibrates() {
    let n = (0..40_000_i64).map(|i| i << 22).filter(|p| calibrates(*p)).count();
    assert!((9_500..10_500).contains(&n), "{n}");
}

#[test]
fn equal_scores_count_half_in_the_auc() {
    assert!((auc(&[(0.9, true), (0.8, false), (0.7, true), (0.1, false)]) - 0.75).abs() < 1e-12);
    assert!((auc(&[(0.5, true), (0.5, false)]) - 0.5).abs() < 1e-12);
    assert!((auc(&[(0.5, true)]) - 0.5).abs() < 1e-12);
}

#[test]
fn calibration_undoes_what_is_too_sure_of_itself() {
    for n in [2_000, 40_000] {
        let mut rng = Rng::seeded(3);
        let mut draw = || {
            let logit = 3.0 * rng.unit() - 2.5;
            (2.0 * logit, rng.chance(sigmoid(logit)))
        };
        let pairs: Vec<(f64, bool)> = (0..n).map(|_| draw()).collect();
        let calibration = Calibration::learn(&pairs);
        assert_eq!(matches!(calibration, Calibration::Isotonic { .. }), n > 10_000);
        let fresh: Vec<(f64, bool)> =
            (0..20_000).map(|_| draw()).map(|(logit, label)| (calibration.chance(logit), label)).collect();
        let quality = Quality::of(&fresh);
        assert!(quality.calibration_error < 0.02, "{quality:?}");
        let rising: Vec<f64> = (-80..80).map(|i| calibration.chance(f64::from(i) / 10.0)).collect();
        assert!(rising.is_sorted() && rising.iter().all(|p| *p > 0.0 && *p < 1.0));
    }
}

#[test]
fn features_say_what_happened_before_the_cut_off() {
    let day = |d: i64| d * DAY_MS;
    let mut acts = vec![
        Act { value: 1_000.0, discounted: true, category: 1, ..Act::plain(day(0), ActKind::Order) },
        Act { category: 1, channel: 1, source: 0, ..Act::plain(day(50), ActKind::View) },
        Act { value: 3_000.0, ..Act::plain(day(60), ActKind::Order) },
        Act::plain(day(60), ActKind::Refund),
        Act { category: UNNAMED, ..Act::plain(day(85), ActKind::Cart) },
    ];
    let set = set();
    let names = set.features();
    let value = |acts: &[Act], key: &str| set.of(acts, day(90))[names.iter().position(|(k, _)| k == key).unwrap()];
    for (key, want) in [
        ("days_since_order", 30.0),
        ("days_since_view", 40.0),
        ("days_since_cart", 5.0),
        ("days_known", 90.0),
        ("orders_90d", 2.0),
        ("orders_30d", 1.0),
        ("revenue_90d", 4_000.0),
        ("average_order_365d", 2_000.0),
        ("carts_since_order_30d", 1.0),
        ("gap_to_usual", 0.5),
        ("discount_share_365d", 0.5),
        ("refund_share_365d", 0.5),
        ("active_days_7d", 1.0),
        ("active_days_90d", 4.0),
        ("channel:search", 1.0),
        ("category:b", 1.0),
        ("category:a", 0.0),
    ] {
        assert!((value(&acts, key) - want).abs() < 1e-6, "{key}: {}", value(&acts, key));
    }
    assert!(value(&acts, "days_since_message").is_nan());
    let before = set.of(&acts, day(90));
    acts.push(Act { value: 9e9, ..Act::plain(day(90), ActKind::Order) });
    let same = set.of(&acts, day(90)).iter().zip(&before).all(|(a, b)| a.to_bits() == b.to_bits());
    assert!(same, "what happens at the cut-off or later is not known at it");
    assert_eq!(Label::Purchase.of(&acts, day(90), 1), Some(true));
    assert_eq!(Label::Lapse.of(&acts, day(89), 1), Some(true), "the window ends before the order");
    assert_eq!(Label::Purchase.of(&acts, day(-1), 30), None, "nobody is asked about before they are known");
    assert_eq!(Label::Lapse.of(&acts, day(0), 30), None);
}

#[test]
fn buyers_of_online_retail_are_ranked_better_than_by_recency_or_rate() {
    use crate::insight::clv::tests::{day, online_retail};
    let Some(purchases) = online_retail() else { return };
    let mut by_customer = std::collections::BTreeMap::<i64, std::collections::BTreeMap<i32, f64>>::new();
    for p in purchases {
        *by_customer.entry(p.customer).or_default().entry(p.day).or_default() += p.value;
    }
    let order = |(day, value): (&i32, &f64)| Act {
        value: (*value * 100.0) as f32,
        ..Act::plain(i64::from(*day) * DAY_MS, ActKind::Order)
    };
    let acts: Vec<(i64, Vec<Act>)> =
        by_customer.iter().map(|(customer, days)| (*customer, days.iter().map(order).collect())).collect();
    let none = FeatureSet::default();
    let end = i64::from(day(2011, 12, 9));
    for (label, days) in [(Label::Purchase, 30), (Label::Lapse, 60)] {
        let at = |before: i64| -> Vec<Sample> {
            let cut = (end - before * i64::from(days)) * DAY_MS;
            let sample = |(person, acts): &(i64, Vec<Act>)| {
                let label = label.of(acts, cut, days)?;
                Some(Sample { person: *person, features: none.of(acts, cut), label })
            };
            acts.iter().filter_map(sample).collect()
        };
        let got = train(label, days, &none, &[at(2), at(3)], &at(1)).unwrap();
        let q = &got.quality;
        assert!(q.auc > got.recency_auc + 0.02 && q.auc > got.own_rate_auc + 0.02, "{label:?} {got:?}");
    }
}
