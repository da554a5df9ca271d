//! Sessions, touches, conversions and refunds as a marketer would check them by hand; `oracle` checks random people.

mod oracle;

use super::*;
use crate::credit::accumulate::{Accumulator, CONVERSION_UNITS};
use crate::credit::model::Model;
use crate::touch::{Catalog, Touch, TouchKind};

pub(super) const MIN: i64 = 60_000;
pub(super) const DAY: i64 = 1_440 * MIN;
const WEB: u16 = 1;
const ORDER: u32 = 7;

/// Touches 1 direct, 2 douyin ad, 3 e-mail click, 4 search, 5 store, 6 e-mail of another campaign, 7 ad view.
pub(super) fn catalog() -> Catalog {
    let mut catalog = Catalog::new();
    for (channel, campaign, kind) in [
        ("douyin_ads", "summer", TouchKind::AdClick),
        ("email", "may", TouchKind::EmailClick),
        ("organic_search", "", TouchKind::Search),
        ("store", "", TouchKind::StoreVisit),
        ("email", "june", TouchKind::EmailClick),
        ("display", "summer", TouchKind::AdView),
    ] {
        let (channel, campaign) = (channel.to_owned(), campaign.to_owned());
        catalog.intern(&Touch { channel, campaign, touchpoint: String::new(), kind });
    }
    catalog
}

const DIRECT: u32 = 1;
const DOUYIN: u32 = 2;
const EMAIL: u32 = 3;
const SEARCH: u32 = 4;
const STORE: u32 = 5;
const EMAIL_JUNE: u32 = 6;

fn page(event_at: i64, touch: u32) -> PathEvent {
    PathEvent { event_at, touch, platform: WEB, flags: IN_SESSION, ..PathEvent::default() }
}

fn touch(event_at: i64, touch: u32) -> PathEvent {
    PathEvent { event_at, touch, ..PathEvent::default() }
}

fn order(event_at: i64, order_key: u64, value_minor: i64) -> PathEvent {
    PathEvent { event_at, order_key, value_minor, name: ORDER, flags: QUALIFIES, ..PathEvent::default() }
}

fn refund(event_at: i64, order_key: u64, value_minor: i64) -> PathEvent {
    PathEvent { event_at, order_key, value_minor, flags: REFUND, ..PathEvent::default() }
}

fn run(options: &PathOptions, events: &[PathEvent]) -> Accumulator {
    let catalog = catalog();
    let mut builder = PathBuilder::new(&catalog, options).unwrap();
    builder.person(true, events);
    builder.finish()
}

fn plain() -> PathOptions {
    PathOptions { lookback_days: Some(30), names: vec![ORDER], ..PathOptions::default() }
}

/// The values by touch 1, 2, …, trailing zeros cut.
fn values(sums: &Accumulator, model: Model) -> Vec<i128> {
    let mut values: Vec<_> = sums.cells.iter().map(|c| c.credit[model as usize].value_minor).collect();
    while values.last() == Some(&0) {
        values.pop();
    }
    values
}

#[test]
fn six_models_divide_a_hundred_yuan_over_three_touches() {
    let sums = run(&plain(), &[touch(0, DOUYIN), touch(DAY, EMAIL), page(2 * DAY, 0), order(2 * DAY, 1, 10_000)]);
    assert_eq!(values(&sums, Model::First), [0, 10_000]);
    assert_eq!(values(&sums, Model::Last), [10_000]);
    assert_eq!(values(&sums, Model::LastNonDirect), [0, 0, 10_000]);
    assert_eq!(values(&sums, Model::LastPaid), [0, 10_000]);
    assert_eq!(values(&sums, Model::Linear), [3_333, 3_334, 3_333]);
    assert_eq!(values(&sums, Model::Position), [4_000, 4_000, 2_000]);
    // Weights 2^(-2/7), 2^(-1/7), 1 of 2.72606.
    assert_eq!(values(&sums, Model::TimeDecay), [3_668, 3_009, 3_323]);
    assert_eq!(sums.totals.conversions, 1);
    let linear = sums.cells.iter().map(|c| c.credit[Model::Linear as usize].conversion_units).sum::<i128>();
    assert_eq!(linear, i128::from(CONVERSION_UNITS));
}

#[test]
fn the_window_is_closed_at_its_far_end() {
    let edge = run(&plain(), &[touch(0, DOUYIN), order(30 * DAY, 1, 100)]);
    assert_eq!(values(&edge, Model::Last), [0, 100]);
    let beyond = run(&plain(), &[touch(0, DOUYIN), order(30 * DAY + 1, 1, 100)]);
    assert_eq!(values(&beyond, Model::Last), [0_i128; 0]);
    assert_eq!((beyond.totals.unattributed_minor, beyond.totals.unattributed_conversions), (100, 1));
}

#[test]
fn without_a_window_each_kind_has_its_own() {
    let options = PathOptions { lookback_days: None, ..plain() };
    let events = |at| [touch(0, DOUYIN), touch(0, EMAIL), order(at, 1, 100)];
    assert_eq!(values(&run(&options, &events(5 * DAY)), Model::Last), [0, 0, 100]);
    assert_eq!(values(&run(&options, &events(5 * DAY + 1)), Model::Last), [0, 100]);
}

#[test]
fn a_session_ends_after_more_than_thirty_quiet_minutes() {
    let goes_on = run(&plain(), &[page(0, SEARCH), page(30 * MIN, 0), order(30 * MIN, 1, 100)]);
    assert_eq!((goes_on.totals.sessions, values(&goes_on, Model::Last)), (1, vec![0, 0, 0, 100]));
    let new = run(&plain(), &[page(0, SEARCH), page(30 * MIN + 1, 0), order(40 * MIN, 1, 100)]);
    assert_eq!((new.totals.sessions, values(&new, Model::Last)), (2, vec![100]));
    assert_eq!(values(&new, Model::LastNonDirect), [0, 0, 0, 100]);
}

#[test]
fn a_new_campaign_starts_a_session_and_the_same_one_does_not() {
    let events = [page(0, EMAIL), page(5 * MIN, EMAIL), page(10 * MIN, EMAIL_JUNE), page(15 * MIN, 0)];
    let sums = run(&plain(), &events);
    assert_eq!((sums.totals.sessions, sums.totals.touches), (2, 2));
    let off = PathOptions { campaign_starts_session: false, ..plain() };
    assert_eq!(run(&off, &events).totals.sessions, 1);
}

#[test]
fn a_landing_whose_source_comes_second_is_not_direct() {
    let sums = run(&plain(), &[page(0, 0), page(800, DOUYIN), order(MIN, 1, 100)]);
    assert_eq!((sums.totals.sessions, sums.totals.touches), (1, 1));
    assert_eq!(values(&sums, Model::First), [0, 100]);
    let late = run(&plain(), &[page(0, 0), page(10 * MIN, DOUYIN), order(11 * MIN, 1, 100)]);
    assert_eq!(values(&late, Model::First), [100]);
}

#[test]
fn what_a_conversion_has_seen_is_not_rewritten_by_a_later_source() {
    let events = [page(0, 0), order(1_000, 1, 100), page(2_000, DOUYIN), order(3_000, 2, 50)];
    let sums = run(&plain(), &events);
    assert_eq!(values(&sums, Model::First), [150]);
    assert_eq!(values(&sums, Model::Last), [100, 50]);
}

#[test]
fn the_same_campaign_twice_in_half_an_hour_is_one_touch() {
    let twice = |gap| run(&plain(), &[touch(0, EMAIL), touch(gap, EMAIL), order(DAY, 1, 100)]).totals.touches;
    assert_eq!((twice(30 * MIN), twice(30 * MIN + 1)), (1, 2));
    let kept = PathOptions { collapse_ms: 0, ..plain() };
    assert_eq!(run(&kept, &[touch(0, EMAIL), touch(1, EMAIL)]).totals.touches, 2);
}

#[test]
fn a_touch_of_the_same_instant_counts_when_it_arrived_before() {
    let before = run(&plain(), &[touch(5, EMAIL), order(5, 1, 100)]);
    let after = run(&plain(), &[order(5, 1, 100), touch(5, EMAIL)]);
    assert_eq!(values(&before, Model::Last), [0, 0, 100]);
    assert_eq!(after.totals.unattributed_minor, 100);
}

#[test]
fn an_order_reported_twice_counts_once_with_the_tills_value() {
    let mut till = order(DAY, 1, 9_000);
    till.flags |= 3 << RANK_SHIFT | IN_STORE;
    let events = [touch(0, EMAIL), order(DAY - 5, 1, 10_000), touch(DAY - 4, DOUYIN), till, order(DAY + 9, 1, 1)];
    let sums = run(&plain(), &events);
    assert_eq!(values(&sums, Model::Last), [0, 0, 9_000]);
    assert_eq!((sums.totals.conversions, sums.totals.duplicates, sums.totals.store_buyers), (1, 2, 1));
}

#[test]
fn without_an_order_id_a_repeat_within_a_minute_is_the_same_conversion() {
    let events = |gap| [touch(0, EMAIL), order(1, 0, 100), order(1 + gap, 0, 100)];
    let soft = run(&plain(), &events(MIN)).totals;
    assert_eq!((soft.conversions, soft.soft_duplicates), (1, 1));
    assert_eq!(run(&plain(), &events(MIN + 1)).totals.conversions, 2);
}

#[test]
fn a_full_refund_takes_back_exactly_what_each_touch_was_given() {
    let sale = [touch(0, DOUYIN), touch(DAY, EMAIL), page(2 * DAY, 0), order(2 * DAY, 1, 10_000)];
    let cancelled_and_refunded = [refund(3 * DAY, 1, 0), refund(4 * DAY, 1, -10_000)];
    let sums = run(&plain(), &[&sale[..], &cancelled_and_refunded].concat());
    for model in Model::ALL.into_iter().filter(|m| m.is_additive()) {
        assert!(values(&sums, model).is_empty(), "{model:?}");
    }
    assert_eq!((sums.totals.value_minor, sums.totals.refunds_minor, sums.totals.conversions), (0, 10_000, 1));
    let net = PathOptions { net_count: true, ..plain() };
    assert_eq!(run(&net, &[&sale[..], &cancelled_and_refunded].concat()).totals.conversions, 0);
}

#[test]
fn a_part_refund_takes_back_in_the_frozen_shares() {
    let events = [touch(0, DOUYIN), touch(DAY, EMAIL), order(2 * DAY, 1, 1_001), refund(9 * DAY, 1, 100)];
    let sums = run(&plain(), &events);
    assert_eq!(values(&sums, Model::Linear), [0, 501 - 50, 500 - 50]);
    assert_eq!(sums.totals.value_minor, 901);
}

#[test]
fn refunds_show_on_the_orders_day_or_on_their_own() {
    let events = [touch(0, DOUYIN), order(DAY, 1, 1_000), refund(40 * DAY, 1, 400)];
    let period =
        |from_ms, to_ms, refund_date| run(&PathOptions { from_ms, to_ms, refund_date, ..plain() }, &events).totals;
    assert_eq!(period(0, 30 * DAY, RefundDate::Order).value_minor, 600);
    assert_eq!(period(30 * DAY, 60 * DAY, RefundDate::Order).value_minor, 0);
    assert_eq!(period(0, 30 * DAY, RefundDate::Refund).value_minor, 1_000);
    let own = period(30 * DAY, 60 * DAY, RefundDate::Refund);
    assert_eq!((own.value_minor, own.conversions, own.unattributed_minor), (-400, 0, 0));
}

#[test]
fn a_refund_dated_before_its_order_shows_on_the_orders_day() {
    let events = [touch(0, DOUYIN), refund(DAY, 1, 400), order(5 * DAY, 1, 1_000)];
    let period = |from_ms, to_ms| {
        run(&PathOptions { from_ms, to_ms, refund_date: RefundDate::Refund, ..plain() }, &events).totals.value_minor
    };
    assert_eq!((period(0, 3 * DAY), period(3 * DAY, 9 * DAY)), (0, 600));
}

#[test]
fn a_refund_of_an_unknown_order_is_unattributed_and_of_another_kind_of_order_ignored() {
    let mut other = order(DAY, 2, 500);
    other.flags = 0;
    let events = [touch(0, EMAIL), order(DAY, 1, 100), other, refund(2 * DAY, 2, 500), refund(2 * DAY, 3, 70)];
    let totals = run(&plain(), &events).totals;
    assert_eq!((totals.value_minor, totals.unattributed_minor), (30, -70));
    assert_eq!((totals.refunds_unknown, totals.refunds_ignored), (1, 1));
}

#[test]
fn conversions_count_every_time_once_a_session_or_once_a_person() {
    let mut events = Vec::new();
    for (i, at) in [0, MIN, 2 * DAY].into_iter().enumerate() {
        let mut e = order(at, i as u64 + 1, 100);
        e.flags |= IN_SESSION;
        e.platform = WEB;
        events.push(e);
    }
    let counted = |count| run(&PathOptions { count, ..plain() }, &events).totals.conversions;
    assert_eq!(counted(Count::Every), 3);
    assert_eq!(counted(Count::OncePerSession), 2);
    assert_eq!(counted(Count::OncePerPerson), 1);
}

#[test]
fn cut_paths_give_a_touch_to_one_conversion_and_end_in_a_null_path() {
    let mut events = Vec::new();
    for i in 0..3 {
        events.push(touch(i * DAY, EMAIL));
        events.push(order(i * DAY + 1, i as u64 + 1, 100));
    }
    events.push(touch(4 * DAY, DOUYIN));
    let cut = PathOptions { mode: PathMode::Cut, keep_null_paths: true, to_ms: 100 * DAY, ..plain() };
    let sums = run(&cut, &events);
    assert_eq!((sums.path_lengths[1].conversions, sums.totals.null_paths, sums.totals.open_paths), (3, 1, 0));
    let paths = sums.paths.sorted();
    assert_eq!((paths[0].1.conversions, paths[1].1.nulls), (3, 1));
    let window = run(&plain(), &events);
    assert_eq!((window.path_lengths[3].conversions, window.totals.null_paths), (1, 0));
}

#[test]
fn campaign_first_drops_what_has_no_campaign() {
    let events = [touch(0, DOUYIN), touch(DAY, SEARCH), page(2 * DAY, 0), order(2 * DAY, 1, 100)];
    let first = PathOptions { campaign_first: true, ..plain() };
    assert_eq!(values(&run(&first, &events), Model::Linear), [0, 100]);
    assert_eq!(values(&run(&first, &events[1..]), Model::Linear), [50, 0, 0, 50]);
}

#[test]
fn ad_views_are_touches_only_when_asked_for() {
    let events = [touch(0, 7), order(1, 1, 100)];
    assert_eq!(run(&plain(), &events).totals.unattributed_minor, 100);
    assert_eq!(run(&PathOptions { ad_views: true, ..plain() }, &events).totals.unattributed_minor, 0);
}

#[test]
fn assists_are_paths_that_hold_a_channel_but_do_not_end_with_it() {
    let events = [touch(0, EMAIL), touch(DAY, EMAIL_JUNE), touch(2 * DAY, DOUYIN), order(2 * DAY, 1, 100)];
    let sums = run(&plain(), &events);
    let catalog = catalog();
    let channel = |key: &str| catalog.channels().iter().position(|c| c == key).unwrap();
    let email = sums.presence[0][channel("email")];
    assert_eq!((email.conversions, email.assisted, email.value_minor), (1, 1, 100));
    assert_eq!(sums.presence[0][channel("douyin_ads")].assisted, 0);
    assert_eq!(sums.presence[1].iter().map(|p| p.assisted).sum::<u64>(), 2);
}

#[test]
fn store_buyers_with_an_online_touch_within_a_week_are_counted() {
    let mut at_the_till = order(7 * DAY, 1, 100);
    at_the_till.flags |= IN_STORE;
    let totals = run(&plain(), &[touch(0, DOUYIN), touch(DAY, STORE), at_the_till, order(8 * DAY, 2, 50)]).totals;
    assert_eq!((totals.store_buyers, totals.store_buyers_touched_online), (1, 1));
    assert_eq!((totals.online_buyers, totals.online_buyers_touched_in_store), (1, 1));
    at_the_till.event_at += 1;
    let totals = run(&plain(), &[touch(0, DOUYIN), at_the_till]).totals;
    assert_eq!((totals.store_buyers, totals.store_buyers_touched_online), (1, 0));
}

#[test]
fn of_more_than_a_hundred_touches_the_newest_are_kept() {
    let options = PathOptions { collapse_ms: 0, ..plain() };
    let mut events: Vec<_> = (0..150).map(|i| touch(i, if i < 50 { EMAIL } else { DOUYIN })).collect();
    events.push(order(200, 1, 100));
    let sums = run(&options, &events);
    assert_eq!((sums.totals.shortened, sums.path_lengths[100].conversions), (1, 1));
    assert_eq!(values(&sums, Model::Linear), [0, 100]);
}

#[test]
fn a_window_that_reaches_before_the_stored_history_is_flagged() {
    let options = PathOptions { history_start_ms: Some(0), ..plain() };
    let totals = run(&options, &[touch(0, EMAIL), order(30 * DAY - 1, 1, 1), order(30 * DAY, 2, 1)]).totals;
    assert_eq!((totals.conversions, totals.left_truncated), (2, 1));
}

#[test]
fn options_out_of_range_are_refused_by_name() {
    let catalog = catalog();
    let code = |options: PathOptions| PathBuilder::new(&catalog, &options).unwrap_err().code;
    assert_eq!(code(PathOptions { from_ms: 5, to_ms: 5, ..plain() }), "credit_period");
    assert_eq!(code(PathOptions { lookback_days: Some(0), ..plain() }), "credit_lookback");
    assert_eq!(code(PathOptions { session_gap_ms: 1, ..plain() }), "credit_session_gap");
}

#[test]
fn only_a_conversion_and_nothing_else_is_direct_when_it_was_in_a_session() {
    let mut e = order(0, 1, 100);
    assert_eq!(run(&plain(), &[e]).totals.unattributed_minor, 100);
    e.flags |= IN_SESSION;
    assert_eq!(values(&run(&plain(), &[e]), Model::Last), [100]);
    assert_eq!(DIRECT, catalog().direct());
}
