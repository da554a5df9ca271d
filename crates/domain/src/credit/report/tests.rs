//! Reports as their readers check them: sums, ratios, labels.

use super::*;
use crate::credit::paths::{PathBuilder, PathEvent, PathOptions, QUALIFIES};
use crate::touch::{Touch, TouchKind};
use throughline_base::time::DAY_MS;

fn catalog() -> Catalog {
    let mut catalog = Catalog::new();
    for (channel, campaign, touchpoint, kind) in [
        ("douyin_ads", "summer", "video-a", TouchKind::AdClick),
        ("douyin_ads", "summer", "video-b", TouchKind::AdClick),
        ("douyin_ads", "spring", "video-a", TouchKind::AdClick),
        ("our_own", "", "", TouchKind::Referral),
    ] {
        let own = str::to_owned;
        catalog.intern(&Touch { channel: own(channel), campaign: own(campaign), touchpoint: own(touchpoint), kind });
    }
    catalog
}

/// Three people: touches 2, 3, 5 then 100.00; touches 4, 5 then 50.01; nothing then 10.00.
fn sums(catalog: &Catalog) -> Accumulator {
    let mut builder = PathBuilder::new(catalog, &PathOptions::default()).unwrap();
    for (touches, value_minor) in [(&[2, 3, 5][..], 10_000), (&[4, 5], 5_001), (&[], 1_000)] {
        let mut events: Vec<_> = touches
            .iter()
            .zip(0..)
            .map(|(touch, i)| PathEvent { event_at: i * DAY_MS, touch: *touch, ..PathEvent::default() })
            .collect();
        let event_at = touches.len() as i64 * DAY_MS;
        events.push(PathEvent { event_at, value_minor, order_key: 9, flags: QUALIFIES, ..PathEvent::default() });
        builder.person(true, &events);
    }
    builder.finish()
}

fn query(model: Model, by: Level) -> ReportQuery {
    ReportQuery { model, by, top_paths: 10 }
}

#[test]
fn rows_and_unattributed_sum_to_the_revenue_at_every_level() {
    let catalog = catalog();
    let sums = sums(&catalog);
    for by in [Level::Channel, Level::Campaign, Level::Touchpoint] {
        for model in Model::ALL.into_iter().filter(|m| m.is_additive()) {
            let report = report(&sums, &catalog, &[], &query(model, by));
            let revenue: i64 = report.rows.iter().map(|r| r.revenue_minor).sum();
            assert_eq!(revenue + report.unattributed.revenue_minor, 16_001, "{model:?} by {by:?}");
            let conversions: f64 = report.rows.iter().map(|r| r.conversions).sum();
            assert!((conversions + report.unattributed.conversions as f64 - 3.0).abs() < 1e-9);
        }
    }
}

#[test]
fn cost_gives_return_and_cost_of_a_new_customer() {
    let catalog = catalog();
    let costs = [
        Cost { channel: "巨量引擎".into(), campaign: "Summer".into(), cost_minor: 4_000 },
        Cost { channel: "douyin_ads".into(), campaign: "autumn".into(), cost_minor: 1_000 },
        Cost { channel: "kuaishou".into(), campaign: String::new(), cost_minor: 700 },
    ];
    let sums = sums(&catalog);
    let by_channel = report(&sums, &catalog, &costs, &query(Model::First, Level::Channel));
    let douyin = &by_channel.rows[0];
    assert_eq!((douyin.key.as_str(), douyin.channel_label.en.as_str()), ("douyin_ads", "Douyin ads"));
    assert_eq!((douyin.revenue_minor, douyin.cost_minor, douyin.cac_minor), (15_001, Some(5_000), Some(2_500)));
    assert_eq!(douyin.roas, Some(3.0002));
    let kuaishou = by_channel.rows.iter().find(|r| r.key == "kuaishou").unwrap();
    assert_eq!((kuaishou.touches, kuaishou.cost_minor, kuaishou.cac_minor), (0, Some(700), None));
    assert_eq!(by_channel.totals.cost_minor, Some(5_700));
    assert_eq!(by_channel.totals.cac_minor, Some(1_900));
    let by_campaign = report(&sums, &catalog, &costs, &query(Model::First, Level::Campaign));
    let summer = by_campaign.rows.iter().find(|r| r.key == "douyin_ads/summer").unwrap();
    assert_eq!((summer.cost_minor, summer.revenue_minor), (Some(4_000), 10_000));
    assert!(by_campaign.rows.iter().any(|r| r.key == "douyin_ads/autumn" && r.touches == 0));
    let by_touchpoint = report(&sums, &catalog, &costs, &query(Model::First, Level::Touchpoint));
    assert!(by_touchpoint.rows.iter().all(|r| r.cost_minor.is_none()));
}

#[test]
fn first_last_and_assists_are_whole_conversions() {
    let catalog = catalog();
    let report = report(&sums(&catalog), &catalog, &[], &query(Model::Linear, Level::Channel));
    let by_key = |key: &str| report.rows.iter().find(|r| r.key == key).unwrap();
    let (douyin, own) = (by_key("douyin_ads"), by_key("our_own"));
    assert_eq!((douyin.first_conversions, douyin.last_conversions, douyin.assisted_conversions), (2, 0, 2));
    assert_eq!((own.first_conversions, own.last_conversions, own.assisted_conversions), (0, 2, 0));
    assert_eq!((douyin.touches, own.touches), (3, 2));
    assert_eq!(own.channel_label.zh, "our_own");
}

#[test]
fn any_counts_a_channel_once_a_conversion_and_says_that_it_does_not_sum() {
    let catalog = catalog();
    let report = report(&sums(&catalog), &catalog, &[], &query(Model::Any, Level::Channel));
    assert!(!report.additive);
    assert_eq!((report.rows[0].conversions, report.rows[0].revenue_minor), (2.0, 15_001));
}

#[test]
fn lengths_lags_and_top_paths_are_shown() {
    let catalog = catalog();
    let report = report(&sums(&catalog), &catalog, &[], &query(Model::Linear, Level::Channel));
    let lengths: Vec<_> = report.paths.lengths.iter().map(|l| (l.touches, l.conversions)).collect();
    assert_eq!(lengths, [(2, 1), (3, 1)]);
    assert_eq!(report.paths.mean_length, Some(2.5));
    let lags: Vec<_> = report.paths.lags.iter().map(|l| (l.days, l.revenue_minor)).collect();
    assert_eq!(lags, [(2, 5_001), (3, 10_000)]);
    assert_eq!(report.paths.top[0].channels, ["douyin_ads", "douyin_ads", "our_own"]);
    assert_eq!(report.paths.online_to_store.share, None);
    assert_eq!(report.unattributed.revenue_share, Some(1_000.0 / 16_001.0));
}

#[test]
fn the_comparison_shows_all_models_of_a_key() {
    let catalog = catalog();
    let table = compare(&sums(&catalog), &catalog, Level::Channel);
    assert_eq!(table.rows[0].key, "douyin_ads");
    let first = table.rows[0].models.iter().find(|m| m.model == Model::First).unwrap();
    assert_eq!((first.conversions, first.revenue_minor), (2.0, 15_001));
    assert_eq!(table.rows[0].models.len(), Model::ALL.len());
    assert_eq!(table.unattributed_minor, 1_000);
}
