use std::path::PathBuf;

use flate2::read::GzDecoder;
use jiff::civil::Date;
use serde_json::Value;

use super::expect::Forecast;
use super::holdout::Compared;
use super::lifetime::{fit, fit_best};
use super::summary::{merge_day, summary_of};
use super::value::{Horizon, fit_spend};
use super::*;

/// The folder of shared test data; tests that need it say so and pass when it is not there.
fn shared(file: &str) -> Option<PathBuf> {
    let root = std::env::var_os("THROUGHLINE_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = root.join(file);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there; set THROUGHLINE_SHARED to the folder of shared data", path.display());
    None
}

fn reference(file: &str) -> Option<Value> {
    shared(&format!("reference/{file}")).map(|p| serde_json::from_reader(std::fs::File::open(p).unwrap()).unwrap())
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn near(got: f64, want: f64, part: f64) {
    assert!((got - want).abs() <= part * want.abs(), "{got} is not {want}");
}

pub(in crate::insight) fn day(year: i16, month: i8, day: i8) -> i32 {
    Date::new(year, month, day).unwrap().since(Date::new(1970, 1, 1).unwrap()).unwrap().get_days()
}

/// `YYYYMMDD`.
fn day_of(text: &str) -> i32 {
    let date: Date = text.parse().unwrap();
    day(date.year(), date.month(), date.day())
}

fn cdnow() -> Option<Vec<Purchase>> {
    let text = std::fs::read_to_string(shared("data/cdnow_sample/CDNOW_sample.txt")?).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        Purchase { customer: cells[1].parse().unwrap(), day: day_of(cells[2]), value: cells[4].parse().unwrap() }
    };
    Some(text.lines().map(row).collect())
}

pub(in crate::insight) fn online_retail() -> Option<Vec<Purchase>> {
    let file = std::fs::File::open(shared("data/online_retail/online_retail.csv.gz")?).unwrap();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let header = reader.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|h| h == name).unwrap();
    let [invoice, customer, quantity, price, at] =
        ["InvoiceNo", "CustomerID", "Quantity", "UnitPrice", "InvoiceDate"].map(place);
    let mut out = Vec::new();
    for row in reader.records() {
        let row = row.unwrap();
        let (quantity, price): (f64, f64) = (row[quantity].parse().unwrap(), row[price].parse().unwrap());
        if row[customer].is_empty() || row[invoice].starts_with('C') || quantity <= 0.0 || price <= 0.0 {
            continue;
        }
        let customer = row[customer].parse::<f64>().unwrap() as i64;
        out.push(Purchase { customer, day: day_of(&row[at][..10]), value: quantity * price });
    }
    Some(out)
}

/// Customers at the end of a calibration period and what they did after it: purchase days and their value.
struct Split {
    summaries: Vec<Summary>,
    after: Vec<(f64, f64)>,
    days: u32,
}

fn split(mut purchases: Vec<Purchase>, end: i32, last: i32) -> Split {
    let summaries = summarise(&mut purchases, end);
    let mut after = Vec::new();
    for (customer, _) in &summaries {
        let of_one = purchases.iter().skip(purchases.partition_point(|p| p.customer < *customer));
        let mut days = Vec::new();
        for p in of_one.take_while(|p| p.customer == *customer).filter(|p| p.day > end && p.day <= last) {
            merge_day(&mut days, p.day, p.value);
        }
        after.push((days.len() as f64, days.iter().map(|(_, v)| v).sum()));
    }
    let days = (last - end) as u32;
    Split { summaries: summaries.into_iter().map(|(_, s)| s).collect(), after, days }
}

impl Split {
    fn cells(&self) -> Vec<Cell> {
        cells(self.summaries.iter().copied())
    }

    /// `Σ x · ln 7`: what the log-likelihood gains when time is counted in weeks.
    fn weeks(&self) -> f64 {
        self.summaries.iter().map(|s| f64::from(s.repeats)).sum::<f64>() * 7.0_f64.ln()
    }

    fn holdout(&self, model: &Lifetime) -> Holdout {
        let mut forecast = Forecast::new(model, f64::from(self.days));
        let compare = |(s, (actual, _)): (&Summary, &(f64, f64))| Compared {
            repeats: s.repeats,
            predicted: forecast.expected(s),
            actual: *actual,
            own_rate: f64::from(s.repeats) / f64::from(s.age_days.max(1)) * f64::from(self.days),
        };
        Holdout::of(self.days, &self.summaries.iter().zip(&self.after).map(compare).collect::<Vec<_>>())
    }
}

fn cdnow_split() -> Option<Split> {
    Some(split(cdnow()?, day(1997, 9, 30), day(1998, 6, 30)))
}

fn same_holdout(got: &Holdout, want: &Value) {
    near(got.actual_total, number(&want["actual_total"]), 1e-12);
    near(got.predicted_total, number(&want["pred_total"]), 1e-4);
    near(100.0 * got.bias(), number(&want["bias_pct"]), 2e-3);
    near(got.mae, number(&want["MAE"]), 1e-4);
    near(got.rmse, number(&want["RMSE"]), 1e-4);
    near(got.correlation, number(&want["pearson_r"]), 1e-4);
    near(got.rank_correlation, number(&want["spearman_r"]), 1e-3);
    // Equal predictions at the edge of the tenth are ordered by nobody.
    near(got.top_tenth_share, number(&want["top_decile_capture_of_holdout_purchases"]), 0.01);
    for row in &got.by_repeats {
        let key = if row.repeats == 7 { "7+".to_owned() } else { row.repeats.to_string() };
        let want = &want["by_cal_freq_0..6"][key];
        assert_eq!(row.customers, want["n"].as_u64().unwrap());
        near(row.actual, number(&want["actual_mean"]), 1e-12);
        near(row.predicted, number(&want["pred_mean"]), 1e-4);
    }
}

/// Parameters to three digits, or a better likelihood.
fn same_fit(got: &LifetimeFit, want: &Value, weeks: f64) {
    let want_ll = number(&want["loglik"]);
    let ll = got.log_likelihood + weeks;
    assert!(ll > want_ll - 1e-6, "{ll} is worse than {want_ll}");
    let p = &want["params"];
    let Lifetime { r, alpha, a, b, .. } = got.model;
    for (got, key) in [(r, "r"), (alpha / 7.0, "alpha"), (a, "a"), (b, "b")] {
        near(got, number(&p[key]), 5e-4);
    }
}

#[test]
fn the_cdnow_sample_gives_the_published_parameters_and_errors() {
    let (Some(split), Some(want)) = (cdnow_split(), reference("clv_cdnow_sample.json")) else { return };
    let want = &want["sample_2357"];
    assert_eq!(split.summaries.len() as u64, want["customers"].as_u64().unwrap());
    let repeats: u32 = split.summaries.iter().map(|s| s.repeats).sum();
    near(f64::from(repeats), number(&want["cal_repeat_tx"]), 1e-12);
    let cells = split.cells();
    assert_eq!(cells.len(), 1_016);
    for (kind, key) in [(LifetimeKind::BgNbd, "bgnbd"), (LifetimeKind::MbgNbd, "mbgnbd")] {
        let got = fit(&cells, kind).unwrap();
        assert!(got.converged && got.shows_leaving(), "{got:?}");
        let want = &want[key];
        same_fit(&got, want, split.weeks());
        let holdout = split.holdout(&got.model);
        same_holdout(&holdout, &want["holdout_39w"]);
        let alive: f64 = split.summaries.iter().map(|s| got.model.p_alive(s)).sum();
        near(alive / split.summaries.len() as f64, number(&want["mean_p_alive"]), 1e-4);
        for (i, s) in split.summaries.iter().take(5).enumerate() {
            near(got.model.p_alive(s), number(&want["first5_customers"]["p_alive"][i]), 5e-4);
            near(got.model.expected(s, 273.0), number(&want["first5_customers"]["expected_39w"][i]), 5e-4);
        }
    }
    let bg = fit(&cells, LifetimeKind::BgNbd).unwrap();
    let holdout = split.holdout(&bg.model);
    near(holdout.zero_mae, number(&want["zero_baseline_MAE"]), 1e-12);
    near(holdout.own_rate_mae, number(&want["naive_rate_baseline"]["MAE"]), 1e-9);
    let best = fit_best(&cells).unwrap();
    assert_eq!(best.model.kind, LifetimeKind::MbgNbd, "its likelihood is the highest");
    assert!(best.log_likelihood - best.nbd_log_likelihood > 180.0, "{best:?}");
}

#[test]
fn the_mode_lies_where_the_bayesian_fit_of_the_cdnow_sample_says() {
    let (Some(split), Some(want)) = (cdnow_split(), reference("pymc_clv_cdnow_sample.json")) else { return };
    let got = fit(&split.cells(), LifetimeKind::BgNbd).unwrap();
    let Lifetime { r, alpha, a, b, .. } = got.model;
    let rows = [(r, "r"), (alpha / 7.0, "alpha"), (a, "a"), (b, "b")];
    for ((value, key), error) in rows.into_iter().zip(got.log_errors) {
        let posterior = &want["nuts"][key];
        let (mean, sd) = (number(&posterior["mean"]), number(&posterior["sd"]));
        assert!((value - mean).abs() < sd, "{key}: {value} is further than {sd} from {mean}");
        // The posterior of a and b is skewed, so its width is not quite the curvature's.
        assert!((0.6..1.4).contains(&(error * value / sd)), "{key}: error {} against {sd}", error * value);
    }
}

#[test]
fn spending_of_the_cdnow_sample_gives_the_published_values() {
    let (Some(split), Some(want)) = (cdnow_split(), reference("clv_cdnow_sample.json")) else { return };
    let want = &want["sample_2357"];
    let got = fit_spend(&split.summaries).unwrap();
    let params = &want["gammagamma"]["params"];
    near(got.model.p, number(&params["p"]), 5e-4);
    near(got.model.q, number(&params["q"]), 5e-4);
    near(got.model.v, number(&params["v"]), 1e-3);
    assert_eq!(got.customers, want["gammagamma"]["n"].as_u64().unwrap());
    assert!(got.log_likelihood > number(&want["gammagamma"]["loglik_total"]) - 1e-6, "{got:?}");
    near(got.correlation, number(&want["gammagamma"]["freq_value_corr"]), 1e-9);
    let mean = split.summaries.iter().map(|s| got.model.expected(s)).sum::<f64>() / split.summaries.len() as f64;
    near(mean, number(&want["gammagamma"]["mean_expected_value_all"]), 5e-4);

    let lifetime = fit(&split.cells(), LifetimeKind::BgNbd).unwrap().model;
    let horizon = Horizon { days: split.days, margin: 1.0, yearly_discount: 0.0 };
    let values = horizon.values(&lifetime, &got.model, &split.summaries);
    let rows = values.iter().zip(&split.summaries).zip(&split.after).map(|((predicted, s), (_, actual))| Compared {
        repeats: s.repeats,
        predicted: *predicted,
        actual: *actual,
        own_rate: 0.0,
    });
    let holdout = Holdout::of(split.days, &rows.collect::<Vec<_>>());
    let want = &want["clv_39w_bgnbd_x_gammagamma"];
    near(holdout.predicted_total, number(&want["pred_value"]), 5e-4);
    near(holdout.actual_total, number(&want["actual_value"]), 1e-9);
    near(holdout.mae, number(&want["MAE"]), 5e-4);
    near(holdout.correlation, number(&want["pearson"]), 5e-4);
    near(holdout.top_tenth_share, number(&want["top_decile_capture"]), 0.01);
}

#[test]
fn online_retail_shows_no_leaving_and_says_so() {
    let (Some(purchases), Some(want)) = (online_retail(), reference("clv_online_retail.json")) else { return };
    let split = split(purchases, day(2011, 8, 31), day(2011, 12, 9));
    assert_eq!(split.summaries.len() as u64, want["customers_cal"].as_u64().unwrap());
    let cells = split.cells();
    let bg = fit(&cells, LifetimeKind::BgNbd).unwrap();
    let want_ll = number(&want["bgnbd_own_mle"]["loglik"]);
    assert!(bg.log_likelihood > want_ll - 1e-3, "{} {want_ll}", bg.log_likelihood);
    assert!(!bg.shows_leaving(), "{bg:?}");
    let best = fit_best(&cells).unwrap();
    assert!(best.log_likelihood > want_ll - 1e-2, "{best:?}");
    assert_eq!(best.model.kind, LifetimeKind::Nbd);
    near(best.model.r, number(&want["bgnbd_own_mle"]["params_r_alpha_a_b"][0]), 5e-4);
    near(best.model.alpha, number(&want["bgnbd_own_mle"]["params_r_alpha_a_b"][1]), 5e-4);
    // The reference lets nobody leave either (s is 5e-8), so the holdout of its Pareto/NBD is that of the NBD.
    let holdout = split.holdout(&best.model);
    same_holdout(&holdout, &want["paretonbd"]["holdout"]);
    near(holdout.own_rate_mae, number(&want["naive_rate_baseline_MAE"]), 1e-9);

    let spend = fit_spend(&split.summaries).unwrap();
    let params = &want["gammagamma"]["params"];
    near(spend.model.p, number(&params["p"]), 5e-4);
    near(spend.model.q, number(&params["q"]), 5e-4);
    near(spend.model.v, number(&params["v"]), 1e-3);
    assert_eq!(spend.customers, want["gammagamma"]["n"].as_u64().unwrap());
    near(spend.correlation, number(&want["gammagamma"]["freq_value_corr"]), 1e-9);
}

#[test]
fn expectations_are_the_integral_over_the_chance_to_leave() {
    for line in include_str!("expected.csv").lines().skip(1) {
        let v: Vec<f64> = line.split(',').map(|c| c.parse().unwrap()).collect();
        let kind = if v[4] == 0.0 { LifetimeKind::BgNbd } else { LifetimeKind::MbgNbd };
        let model = Lifetime { kind, r: v[0], alpha: v[1], a: v[2], b: v[3] };
        let got = model.expected_alive(v[5] as u32, v[6] as u32, v[7]);
        assert!((got / v[8] - 1.0).abs() < 1e-5, "{line}: {got}");
        if (model.a - 1.0).abs() > 1e-3 {
            assert!((got / v[8] - 1.0).abs() < 1e-9, "{line}: {got}");
        }
    }
}

#[test]
fn customers_with_thousands_of_purchases_do_not_blow_up() {
    let model = Lifetime { kind: LifetimeKind::BgNbd, r: 0.243, alpha: 30.9, a: 0.793, b: 2.426 };
    let often = Summary { repeats: 3_000, last_days: 3_000, age_days: 3_001, repeat_mean: 1.0 };
    let year = model.expected(&often, 365.0);
    assert!((300.0..365.0).contains(&year), "{year}");
    let gone = Summary { age_days: 6_000, ..often };
    assert!(model.p_alive(&gone) < 1e-12 && model.expected(&gone, 365.0) < 1e-6);
    for kind in [LifetimeKind::BgNbd, LifetimeKind::MbgNbd] {
        let steady = Lifetime { kind, r: 1e6, alpha: 3e7, a: 0.1, b: 0.2 };
        let e = steady.expected(&Summary { repeats: 0, last_days: 0, age_days: 0, repeat_mean: 0.0 }, 3_650.0);
        assert!(e.is_finite() && (0.0..=122.0).contains(&e), "{e}");
    }
}

#[test]
fn a_chance_to_leave_that_is_the_same_for_everybody_is_no_overflow() {
    for (p, kind) in [(0.05, LifetimeKind::BgNbd), (0.3, LifetimeKind::MbgNbd), (1e-4, LifetimeKind::BgNbd)] {
        let together = 1.2e6;
        let model = Lifetime { kind, r: 0.8, alpha: 40.0, a: p * together, b: (1.0 - p) * together };
        for (repeats, age, days) in [(0, 10, 365.0), (4, 200, 365.0), (60, 700, 30.0), (2_000, 2_500, 1_000.0)] {
            let got = model.expected_alive(repeats, age, days);
            let s = model.r + f64::from(repeats);
            let u = days / (model.alpha + f64::from(age));
            let want = -(-s * (p * u).ln_1p()).exp_m1() / p;
            assert!((got / want - 1.0).abs() < 2e-3, "{p} {repeats}: {got} {want}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn chances_are_chances_and_later_purchases_are_better(
        r in 0.05..5.0_f64, alpha in 1.0..200.0_f64, a in 0.05..5.0_f64, b in 0.05..8.0_f64,
        repeats in 1..60_u32, last in 0..800_u32, quiet in 0..800_u32, modified: bool,
    ) {
        let kind = if modified { LifetimeKind::MbgNbd } else { LifetimeKind::BgNbd };
        let model = Lifetime { kind, r, alpha, a, b };
        let s = |last_days| Summary { repeats, last_days, age_days: last + quiet, repeat_mean: 1.0 };
        let (early, late) = (s(last / 2), s(last));
        let (p_early, p_late) = (model.p_alive(&early), model.p_alive(&late));
        proptest::prop_assert!((0.0..=1.0).contains(&p_early) && (0.0..=1.0).contains(&p_late));
        proptest::prop_assert!(p_early <= p_late, "{p_early} {p_late}");
        let mut before = 0.0;
        for days in [1.0, 30.0, 365.0, 3_650.0] {
            let e = model.expected(&late, days);
            proptest::prop_assert!(e >= before * (1.0 - 1e-9), "{days}: {e} after {before}");
            // Whoever stays buys at the rate (r+x)/(α+T) at most.
            let most = (r + f64::from(repeats)) / (alpha + f64::from(late.age_days)) * days;
            proptest::prop_assert!(e <= most * (1.0 + 1e-9), "{days}: {e} above {most}");
            before = e;
        }
    }

    #[test]
    fn spending_lies_between_ones_own_mean_and_everybodys(
        p in 0.5..20.0_f64, q in 1.1..10.0_f64, v in 1.0..500.0_f64, repeats in 1..50_u32, mean in 1.0..1_000.0_f64,
    ) {
        let model = SpendModel { p, q, v };
        let e = model.expected(&Summary { repeats, last_days: 1, age_days: 9, repeat_mean: mean });
        let (low, high) = (mean.min(model.mean()), mean.max(model.mean()));
        proptest::prop_assert!(e >= low * (1.0 - 1e-9) && e <= high * (1.0 + 1e-9), "{low} {e} {high}");
    }
}

#[test]
fn discount_takes_off_what_comes_late() {
    let model = Lifetime { kind: LifetimeKind::BgNbd, r: 0.8, alpha: 30.0, a: 0.8, b: 4.0 };
    let spend = SpendModel { p: 6.0, q: 4.0, v: 1_500.0 };
    let customer = [Summary { repeats: 5, last_days: 300, age_days: 320, repeat_mean: 4_000.0 }];
    let value =
        |yearly_discount| Horizon { days: 365, margin: 0.4, yearly_discount }.values(&model, &spend, &customer)[0];
    let plain = model.expected(&customer[0], 365.0) * spend.expected(&customer[0]) * 0.4;
    near(value(0.0), plain, 1e-12);
    near(value(1e-9), plain, 1e-6);
    let less = value(0.1) / plain;
    assert!((1.0 / 1.1..0.97).contains(&less), "{less}");
}

#[test]
fn too_little_is_refused_with_its_reason() {
    assert_eq!(fit_best(&[]).unwrap_err().code, "prediction_no_buyers");
    let once = Cell { repeats: 0, last_days: 0, age_days: 9, customers: 500 };
    assert_eq!(fit_best(&[once]).unwrap_err().code, "prediction_no_repeats");
    assert_eq!(fit_spend(&[]).unwrap_err().code, "prediction_no_repeats");
    assert_eq!(summary_of(&[(9, 1.0)], 8), None);
}
