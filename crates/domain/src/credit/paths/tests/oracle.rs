//! Random people through the pass and through a slow second writing of the rules that shares no code with it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// value by (model, touch), unattributed value, total value, conversions by path length.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answer {
    credit: BTreeMap<(Model, u32), i128>,
    unattributed: i128,
    total: i128,
    lengths: BTreeMap<usize, u64>,
}

const GAPS: [i64; 12] =
    [0, 1, 60_000, 60_001, 10 * MIN, 30 * MIN, 30 * MIN + 1, DAY, 5 * DAY, 5 * DAY + 1, 7 * DAY, 30 * DAY];

fn person() -> impl Strategy<Value = Vec<PathEvent>> {
    let event = (0..GAPS.len(), 0..8_u32, 0..2_u16, 0..6_u64, -50..2_000_i64, 0..10_u8, 0..4_u16);
    prop::collection::vec(event, 0..40).prop_map(|list| {
        let mut at = 0;
        list.into_iter()
            .enumerate()
            .map(|(i, (gap, touch, platform, order_key, value_minor, kind, rank))| {
                at += GAPS[gap];
                let flags = match kind {
                    0..=2 => QUALIFIES | (u16::from(kind == 0) * IN_SESSION) | (rank << RANK_SHIFT),
                    3 => REFUND,
                    4..=7 => IN_SESSION,
                    _ => 0,
                };
                let touch = if kind <= 3 || touch == 7 { 0 } else { touch };
                let value_minor = if flags & (QUALIFIES | REFUND) == 0 { 0 } else { value_minor };
                let order_key = if flags & IN_SESSION != 0 && kind >= 4 { 0 } else { order_key };
                PathEvent {
                    event_at: at,
                    event_id: i as i64,
                    value_minor,
                    order_key,
                    touch,
                    name: ORDER,
                    platform,
                    flags,
                }
            })
            .collect()
    })
}

/// The touches as (position in the events, instant, touch), by looking back over all events for each one.
fn touches(events: &[PathEvent], conversions: &BTreeSet<usize>) -> Vec<(usize, i64, u32)> {
    let key =
        |t: u32| if t == EMAIL { ("email", "may") } else { ("", ["0", "1", "2", "3", "4", "5", "6"][t as usize]) };
    let mut list: Vec<(usize, i64, u32)> = Vec::new();
    // By platform: (start position, start, last, source, list position of a direct touch that may still go).
    let mut open: BTreeMap<u16, (i64, i64, u32, Option<usize>)> = BTreeMap::new();
    let push = |list: &mut Vec<(usize, i64, u32)>, i: usize, at: i64, touch: u32| {
        let again = list.iter().any(|(_, t, other)| at - t <= 30 * MIN && key(*other) == key(touch));
        if !again {
            list.push((i, at, touch));
        }
        !again
    };
    for (i, e) in events.iter().enumerate() {
        let source = if e.touch == DIRECT { 0 } else { e.touch };
        if e.flags & IN_SESSION == 0 {
            if source != 0 {
                push(&mut list, i, e.event_at, source);
            }
        } else {
            let goes_on = open.get(&e.platform).copied().filter(|(start, last, have, _)| {
                let other = if *have == 0 { e.event_at - start > MIN } else { key(*have) != key(source) };
                e.event_at - last <= 30 * MIN && (source == 0 || !other)
            });
            let next = match goes_on {
                None => {
                    let pushed = push(&mut list, i, e.event_at, if source == 0 { DIRECT } else { source });
                    (e.event_at, e.event_at, source, (pushed && source == 0).then(|| list.len() - 1))
                }
                Some((start, _, 0, slot)) if source != 0 => {
                    if slot.is_some_and(|s| s + 1 == list.len()) {
                        list.pop();
                    }
                    push(&mut list, i, e.event_at, source);
                    (start, e.event_at, source, None)
                }
                Some((start, _, have, slot)) => (start, e.event_at, have, slot),
            };
            open.insert(e.platform, next);
        }
        if conversions.contains(&i) {
            open.values_mut().for_each(|s| s.3 = None);
        }
    }
    list
}

fn largest_remainder(amount: i128, weights: &[i128]) -> Vec<i128> {
    let total: i128 = weights.iter().sum();
    let mut parts: Vec<i128> = weights.iter().map(|w| amount.abs() * w / total).collect();
    let mut taken = BTreeSet::new();
    while parts.iter().sum::<i128>() < amount.abs() {
        let rest = |i: usize| amount.abs() * weights[i] % total;
        let mut best = None;
        for i in (0..weights.len()).filter(|i| !taken.contains(i)) {
            if best.is_none_or(|b| rest(i) > rest(b)) {
                best = Some(i);
            }
        }
        let best = best.expect("fewer units are left than parts");
        taken.insert(best);
        parts[best] += 1;
    }
    parts.iter().map(|p| p * amount.signum()).collect()
}

/// (position, value after the best-ranked report of the order, refunded) of each conversion.
fn conversions(events: &[PathEvent]) -> (Vec<(usize, i64, i64)>, i128) {
    let mut found: Vec<(usize, i64, i64)> = Vec::new();
    for (i, e) in events.iter().enumerate().filter(|(_, e)| e.flags & QUALIFIES != 0) {
        let earlier = found.iter().any(|(j, ..)| {
            let f = &events[*j];
            let soft = f.value_minor == e.value_minor && e.event_at - f.event_at <= 60_000;
            f.order_key == e.order_key && (e.order_key != 0 || soft)
        });
        if !earlier {
            found.push((i, e.value_minor, 0));
        }
    }
    for (i, value, _) in &mut found {
        let key = events[*i].order_key;
        let same = events.iter().filter(|e| e.flags & QUALIFIES != 0 && e.order_key == key && key != 0);
        let mut best = None;
        for e in same {
            if best.is_none_or(|(rank, _)| e.flags >> RANK_SHIFT > rank) {
                best = Some((e.flags >> RANK_SHIFT, e.value_minor));
            }
        }
        *value = best.map_or(*value, |(_, v)| v);
    }
    let mut unknown = 0;
    for r in events.iter().filter(|e| e.flags & REFUND != 0) {
        let mine = found.iter_mut().find(|(i, ..)| r.order_key != 0 && events[*i].order_key == r.order_key);
        if let Some((_, value, back)) = mine {
            let left = (*value).max(0) - *back;
            *back += if r.value_minor == 0 { left } else { left.min(r.value_minor.abs()) };
        } else if r.order_key == 0 || !events.iter().any(|e| e.order_key == r.order_key && e.flags & REFUND == 0) {
            unknown += i128::from(r.value_minor.abs());
        }
    }
    (found, unknown)
}

fn answer(events: &[PathEvent], cut: bool, lookback_days: Option<u32>) -> Answer {
    let catalog = catalog();
    let (found, unknown) = conversions(events);
    let list = touches(events, &found.iter().map(|f| f.0).collect());
    let mut out = Answer { unattributed: -unknown, total: -unknown, ..Answer::default() };
    let mut seen_until = None;
    for (i, value, back) in found {
        let at = events[i].event_at;
        let limit = |t: u32| {
            lookback_days.map_or_else(|| catalog.facts()[t as usize - 1].kind.look_back_ms(), |d| i64::from(d) * DAY)
        };
        let path: Vec<(i64, u32)> = list
            .iter()
            .filter(|(j, t, touch)| *j <= i && !(cut && seen_until.is_some_and(|s| *j <= s)) && at - t <= limit(*touch))
            .map(|(_, t, touch)| (*t, *touch))
            .collect();
        seen_until = Some(i);
        out.total += i128::from(value - back);
        if path.is_empty() {
            out.unattributed += i128::from(value - back);
            continue;
        }
        *out.lengths.entry(path.len()).or_default() += 1;
        for model in Model::ALL {
            let Some(weights) = weights(model, at, &path) else { continue };
            let parts = largest_remainder(i128::from(value), &weights);
            let frozen: Vec<i128> = parts.iter().map(|p| p.abs()).collect();
            let refunds = if back == 0 { vec![0; parts.len()] } else { largest_remainder(i128::from(back), &frozen) };
            for ((_, touch), (part, refund)) in path.iter().zip(parts.iter().zip(&refunds)) {
                *out.credit.entry((model, *touch)).or_default() += part - refund;
            }
        }
    }
    out.credit.retain(|_, v| *v != 0);
    out
}

fn weights(model: Model, at: i64, path: &[(i64, u32)]) -> Option<Vec<i128>> {
    let n = path.len();
    let one = |i: usize| (0..n).map(|j| i128::from(i == j)).collect();
    let last_where = |want: &dyn Fn(u32) -> bool| path.iter().rposition(|(_, t)| want(*t));
    let non_direct = last_where(&|t| t != DIRECT).unwrap_or(n - 1);
    Some(match model {
        Model::First => one(0),
        Model::Last => one(n - 1),
        Model::LastNonDirect => one(non_direct),
        Model::LastPaid => one(last_where(&|t| t == DOUYIN).unwrap_or(non_direct)),
        Model::Linear => vec![1; n],
        Model::Position if n <= 2 => vec![1; n],
        Model::Position => {
            let ends = 2 * (n as i128 - 2);
            (0..n).map(|i| if i == 0 || i == n - 1 { ends } else { 1 }).collect()
        }
        Model::TimeDecay => {
            let least = path.iter().map(|(t, _)| at - t).min().unwrap_or(0);
            let weight = |t: i64| (-((at - t - least) as f64) / (7 * DAY) as f64).exp2();
            path.iter().map(|(t, _)| (weight(*t) * (1_u64 << 52) as f64) as i128).collect()
        }
        Model::Any => return None,
    })
}

fn pass(people: &[Vec<PathEvent>], options: &PathOptions) -> Accumulator {
    let catalog = catalog();
    let mut builder = PathBuilder::new(&catalog, options).unwrap();
    people.iter().for_each(|p| builder.person(true, p));
    builder.finish()
}

fn credits(sums: &Accumulator) -> BTreeMap<(Model, u32), i128> {
    let mut out = BTreeMap::new();
    for (i, cell) in sums.cells.iter().enumerate() {
        for model in Model::ALL.into_iter().filter(|m| m.is_additive()) {
            let value = cell.credit[model as usize].value_minor;
            if value != 0 {
                out.insert((model, i as u32 + 1), value);
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_pass_equals_a_slow_second_writing(
        events in person(), cut in any::<bool>(), lookback_days in prop::option::of(prop::sample::select(vec![1_u32, 5, 30, 90]))
    ) {
        let mode = if cut { PathMode::Cut } else { PathMode::Window };
        let options = PathOptions { mode, lookback_days, ..PathOptions::default() };
        let sums = pass(std::slice::from_ref(&events), &options);
        let want = answer(&events, cut, lookback_days);
        let (decay, exact): (BTreeMap<_, _>, BTreeMap<_, _>) =
            credits(&sums).into_iter().partition(|((m, _), _)| *m == Model::TimeDecay);
        let (want_decay, want_exact): (BTreeMap<_, _>, BTreeMap<_, _>) =
            want.credit.into_iter().partition(|((m, _), _)| *m == Model::TimeDecay);
        prop_assert_eq!(exact, want_exact);
        // The oracle's weights come from the system's exp2: a remainder in the last bit may go to the neighbour.
        for touch in 1..8 {
            let of = |side: &BTreeMap<(Model, u32), i128>| side.get(&(Model::TimeDecay, touch)).copied().unwrap_or(0);
            prop_assert!((of(&decay) - of(&want_decay)).abs() <= 2, "touch {}", touch);
        }
        prop_assert_eq!(sums.totals.unattributed_minor, want.unattributed);
        prop_assert_eq!(sums.totals.value_minor, want.total);
        for (n, count) in want.lengths {
            prop_assert_eq!(sums.path_lengths[n].conversions, count, "paths of {} touches", n);
        }
    }

    #[test]
    fn every_model_sums_to_the_revenue_to_the_cent(
        people in prop::collection::vec(person(), 0..4), from in 0..40_i64, days in 1..60_i64,
        own_date in any::<bool>(), campaign_first in any::<bool>(), net_count in any::<bool>()
    ) {
        let refund_date = if own_date { RefundDate::Refund } else { RefundDate::Order };
        let (from_ms, to_ms) = (from * DAY, (from + days) * DAY);
        let options = PathOptions { from_ms, to_ms, refund_date, campaign_first, net_count, ..PathOptions::default() };
        let sums = pass(&people, &options);
        let t = &sums.totals;
        prop_assert_eq!(t.value_minor, t.gross_minor - t.refunds_minor);
        for model in Model::ALL.into_iter().filter(|m| m.is_additive()) {
            let credit = sums.cells.iter().map(|c| c.credit[model as usize]);
            let value: i128 = credit.clone().map(|c| c.value_minor).sum();
            let units: i128 = credit.clone().map(|c| c.conversion_units).sum();
            let new: i128 = credit.map(|c| c.new_customer_units).sum();
            prop_assert_eq!(value + t.unattributed_minor, t.value_minor, "{:?}", model);
            let whole = |n: u64| i128::from(n) * i128::from(CONVERSION_UNITS);
            prop_assert_eq!(units + whole(t.unattributed_conversions), whole(t.conversions));
            prop_assert_eq!(new + whole(t.unattributed_new_customers), whole(t.new_customers));
        }
    }

    #[test]
    fn periods_that_follow_each_other_add_up_to_the_whole(events in person(), cut in 1..90_i64) {
        let sums = |from_ms, to_ms| {
            let options = PathOptions { from_ms, to_ms, refund_date: RefundDate::Refund, ..PathOptions::default() };
            pass(std::slice::from_ref(&events), &options)
        };
        let mut parts = sums(i64::MIN, cut * DAY);
        parts.merge(&sums(cut * DAY, i64::MAX));
        let whole = sums(i64::MIN, i64::MAX);
        prop_assert_eq!(credits(&parts), credits(&whole));
        prop_assert_eq!(parts.totals.value_minor, whole.totals.value_minor);
    }

    #[test]
    fn people_may_be_shared_among_threads_in_any_way(people in prop::collection::vec(person(), 0..6), cut in 0..6_usize) {
        let options = PathOptions { keep_null_paths: true, path_limit: 5, ..PathOptions::default() };
        let whole = pass(&people, &options);
        let (left, right) = people.split_at(cut.min(people.len()));
        let mut merged = pass(right, &options);
        merged.merge(&pass(left, &options));
        prop_assert_eq!(&merged.cells, &whole.cells);
        prop_assert_eq!(&merged.presence, &whole.presence);
        prop_assert_eq!(&merged.totals, &whole.totals);
        prop_assert_eq!(&merged.lag_days, &whole.lag_days);
        prop_assert_eq!(merged.paths.sorted(), whole.paths.sorted());
    }

    #[test]
    fn a_path_of_one_touch_is_the_same_in_all_models(touch_number in 2..7_u32, value in any::<i64>(), gap in 0..DAY) {
        let sums = run(&plain(), &[touch(0, touch_number), order(gap, 1, value)]);
        for model in Model::ALL.into_iter().filter(|m| m.is_additive()) {
            prop_assert_eq!(sums.cells[touch_number as usize - 1].credit[model as usize].value_minor, i128::from(value));
        }
    }

    #[test]
    fn no_events_whatever_panic(
        list in prop::collection::vec((any::<i64>(), any::<i64>(), 0..4_u64, 0..12_u32, any::<u16>(), any::<u16>()), 0..30),
        from_ms in any::<i64>(), count in 0..3_usize, ad_views in any::<bool>(), campaign_starts_session in any::<bool>()
    ) {
        let events: Vec<_> = list
            .into_iter()
            .map(|(event_at, value_minor, order_key, touch, platform, flags)| PathEvent {
                event_at, event_id: 0, value_minor, order_key, touch, name: ORDER, platform, flags
            })
            .collect();
        let count = [Count::Every, Count::OncePerSession, Count::OncePerPerson][count];
        let from_ms = from_ms.min(i64::MAX - 1);
        let mode = PathMode::Cut;
        let options = PathOptions { from_ms, count, ad_views, campaign_starts_session, mode, ..PathOptions::default() };
        let sums = pass(&[events], &options);
        let linear: i128 = sums.cells.iter().map(|c| c.credit[Model::Linear as usize].value_minor).sum();
        prop_assert_eq!(linear + sums.totals.unattributed_minor, sums.totals.value_minor);
    }
}
