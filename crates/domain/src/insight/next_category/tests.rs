use throughline_base::Rng;

use super::*;

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("category {i}")).collect()
}

/// People who looked at one category and then buy from it, the next one, or any.
fn people(seed: u64, n: usize, own: f64, next: f64) -> Vec<Sample> {
    let mut rng = Rng::seeded(seed);
    let mut one = |person: i64| {
        let seen = rng.below(8) as u16;
        let acts = [Act { category: seen, ..Act::plain(0, ActKind::View) }];
        let draw = rng.unit();
        let bought = if draw < own {
            seen
        } else if draw < own + next {
            (seen + 1) % 8
        } else {
            (rng.below(8) as u16).min(rng.below(8) as u16)
        };
        let items = [acts[0], Act { category: bought, ..Act::plain(20 * DAY_MS, ActKind::Item) }];
        sample(person, &items, 10 * DAY_MS, 30, 8).unwrap()
    };
    (0..n as i64).map(|i| one(i << 22)).collect()
}

#[test]
fn what_follows_interest_is_found_and_beats_the_best_sellers() {
    let model = train(&names(8), &people(1, 4_000, 0.2, 0.5)).unwrap();
    let rates = model.hit_rates(&people(2, 4_000, 0.2, 0.5));
    assert!(rates.hit_1 > 0.5 && rates.hit_1 > rates.popular_1 + 0.2, "{rates:?}");
    assert!(rates.hit_3 >= rates.hit_1 && rates.popular_3 >= rates.popular_1, "{rates:?}");
    assert!(rates.log_gain > 0.3, "{rates:?}");
    let profile = [(3, 0.9), (5, 0.1)];
    let chances = model.chances(&profile);
    assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(first(&chances, 1), [4]);
    assert_eq!(model.reasons(&profile, 4, 3)[0].0, 3);
}

#[test]
fn without_anything_to_find_it_is_no_worse_than_the_best_sellers() {
    let model = train(&names(8), &people(3, 4_000, 0.0, 0.0)).unwrap();
    let rates = model.hit_rates(&people(4, 4_000, 0.0, 0.0));
    assert!(rates.log_gain > -0.01 && (rates.hit_3 - rates.popular_3).abs() < 0.05, "{rates:?}");
}

#[test]
fn interest_fades_and_purchases_count_more_than_views() {
    let day = |d: i64, kind, category| Act { category, ..Act::plain(d * DAY_MS, kind) };
    let acts =
        [day(0, ActKind::View, 0), day(30, ActKind::View, 1), day(30, ActKind::Item, 2), day(31, ActKind::View, 0)];
    let got = profile(&acts, 30 * DAY_MS + 1, 30.0, 3);
    assert_eq!(got.len(), 3);
    for ((category, weight), want) in got.iter().zip([0.5 / 4.5, 1.0 / 4.5, 3.0 / 4.5]) {
        assert!((weight - want).abs() < 1e-6, "{category}: {weight}");
    }
    assert!(profile(&acts, 0, 30.0, 3).is_empty());
    assert!(sample(1, &acts, 40 * DAY_MS, 30, 3).is_none());
}

#[test]
fn nobody_known_gets_the_best_sellers() {
    let model = train(&names(8), &people(1, 4_000, 0.2, 0.5)).unwrap();
    assert_eq!(first(&model.chances(&[]), 1), first(&model.popularity, 1));
    assert_eq!(train(&names(1), &[]).unwrap_err().code, "prediction_no_categories");
    assert_eq!(train(&names(8), &people(1, 90, 0.2, 0.5)).unwrap_err().code, "prediction_too_rare");
}
