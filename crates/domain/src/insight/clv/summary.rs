//! From purchases to what the models need of a customer, with the conventions of the literature (Fader, Hardie and Lee
//! 2005): purchases of one day are one, the first does not count as a repeat, and time starts with it.

use serde::{Deserialize, Serialize};

/// A purchase of somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purchase {
    /// Whose it is.
    pub customer: i64,
    /// Days since 1970 in the zone of reports.
    pub day: i32,
    /// Minor units; what was given back is negative.
    pub value: f64,
}

/// A customer as the models see them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Days with a purchase after the first such day (`x`).
    pub repeats: u32,
    /// Days from the first to the last of them (`t_x`).
    pub last_days: u32,
    /// Days from the first to the end of observation (`T`).
    pub age_days: u32,
    /// Mean value of the repeat days in minor units; 0 when there are none.
    pub repeat_mean: f64,
}

/// Customers who are equal to a lifetime model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// As in [`Summary`].
    pub repeats: u32,
    /// As in [`Summary`].
    pub last_days: u32,
    /// As in [`Summary`].
    pub age_days: u32,
    /// How many they are.
    pub customers: u32,
}

/// One customer's purchase days in order, merged; the end of observation is the day `end_day`, itself observed.
/// `None` when there is none up to it.
#[must_use]
pub fn summary_of(days: &[(i32, f64)], end_day: i32) -> Option<Summary> {
    let (first, _) = *days.first().filter(|(day, _)| *day <= end_day)?;
    let repeats = &days[1..];
    let seen = repeats.partition_point(|(day, _)| *day <= end_day);
    let total: f64 = repeats[..seen].iter().map(|(_, value)| value).sum();
    let last = repeats[..seen].last().map_or(first, |(day, _)| *day);
    Some(Summary {
        repeats: seen as u32,
        last_days: last.abs_diff(first),
        age_days: end_day.abs_diff(first),
        repeat_mean: if seen > 0 { total / seen as f64 } else { 0.0 },
    })
}

/// All customers with a purchase up to `end_day`, by number. Sorts the purchases by customer and day.
pub fn summarise(purchases: &mut [Purchase], end_day: i32) -> Vec<(i64, Summary)> {
    // Values of one day are summed in the order of their size, so that the input's order changes nothing.
    purchases.sort_unstable_by(|a, b| (a.customer, a.day).cmp(&(b.customer, b.day)).then(a.value.total_cmp(&b.value)));
    let mut days: Vec<(i32, f64)> = Vec::new();
    let mut out = Vec::new();
    for of_one in purchases.chunk_by(|a, b| a.customer == b.customer) {
        days.clear();
        for p in of_one {
            merge_day(&mut days, p.day, p.value);
        }
        out.extend(summary_of(&days, end_day).map(|s| (of_one[0].customer, s)));
    }
    out
}

/// Adds a purchase to days in order.
pub fn merge_day(days: &mut Vec<(i32, f64)>, day: i32, value: f64) {
    match days.last_mut() {
        Some((last, sum)) if *last == day => *sum += value,
        Some(_) | None => days.push((day, value)),
    }
}

/// Counts equal customers.
#[must_use]
pub fn cells(summaries: impl IntoIterator<Item = Summary>) -> Vec<Cell> {
    // One number a customer sorts several times faster than three.
    const BITS: u32 = 22;
    const MOST: u32 = (1 << BITS) - 1;
    let mut keys: Vec<u64> = summaries
        .into_iter()
        .map(|s| {
            let [x, last, age] = [s.repeats, s.last_days, s.age_days].map(|n| u64::from(n.min(MOST)));
            x << (2 * BITS) | last << BITS | age
        })
        .collect();
    keys.sort_unstable();
    let part = |key: u64, place: u32| (key >> (place * BITS)) as u32 & MOST;
    keys.chunk_by(|a, b| a == b)
        .map(|equal| Cell {
            repeats: (equal[0] >> (2 * BITS)) as u32,
            last_days: part(equal[0], 1),
            age_days: part(equal[0], 0),
            customers: equal.len() as u32,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purchase(customer: i64, day: i32, value: f64) -> Purchase {
        Purchase { customer, day, value }
    }

    #[test]
    fn purchases_of_one_day_are_one_and_the_first_is_no_repeat() {
        let mut all = vec![
            purchase(2, 10, 5.0),
            purchase(1, 40, 100.0),
            purchase(1, 10, 30.0),
            purchase(1, 40, 20.0),
            purchase(1, 25, 60.0),
            purchase(1, 90, 1_000.0),
            purchase(3, 80, 1.0),
        ];
        let got = summarise(&mut all, 70);
        let one = Summary { repeats: 2, last_days: 30, age_days: 60, repeat_mean: 90.0 };
        let two = Summary { repeats: 0, last_days: 0, age_days: 60, repeat_mean: 0.0 };
        assert_eq!(got, vec![(1, one), (2, two)], "the third came after the end");
    }

    #[test]
    fn equal_customers_are_one_cell() {
        let s = |repeats, last_days| Summary { repeats, last_days, age_days: 60, repeat_mean: f64::from(repeats) };
        let got = cells([s(0, 0), s(2, 30), s(0, 0), s(1, 30)]);
        let want = |repeats, last_days, customers| Cell { repeats, last_days, age_days: 60, customers };
        assert_eq!(got, vec![want(0, 0, 2), want(1, 30, 1), want(2, 30, 1)]);
    }
}
