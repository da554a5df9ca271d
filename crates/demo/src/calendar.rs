//! The year of a Chinese retailer: festivals, how much is bought on a day, and what campaigns are called.

use throughline_base::time::{DAY_MS, HOUR_MS};

use crate::text::civil;

/// China has one zone, UTC+8, without summer time.
pub(crate) const CHINA_MS: i64 = 8 * HOUR_MS;

/// First day of the lunar year, as days since 1970-01-01.
const LUNAR_NEW_YEAR: [i64; 12] = [
    18_670, // 2021-02-12
    19_024, // 2022-02-01
    19_379, // 2023-01-22
    19_763, // 2024-02-10
    20_117, // 2025-01-29
    20_501, // 2026-02-17
    20_855, // 2027-02-06
    21_209, // 2028-01-26
    21_593, // 2029-02-13
    21_948, // 2030-02-03
    22_302, // 2031-01-23
    22_686, // 2032-02-11
];

/// The festival a day belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Festival {
    None,
    Queens,
    MidYear,
    DoubleEleven,
    SpringGifts,
    NewYear,
}

/// The festival of a local day (days since 1970-01-01).
pub(crate) fn festival(day: i64) -> Festival {
    let (_, month, d) = civil(day);
    match (month, d) {
        (3, 4..=8) => Festival::Queens,
        (6, 1..=18) => Festival::MidYear,
        (11, 1..=11) => Festival::DoubleEleven,
        _ => {
            let to = LUNAR_NEW_YEAR.iter().map(|n| day - n).min_by_key(|d| d.abs()).unwrap_or(i64::MAX);
            match to {
                -25..=-6 => Festival::SpringGifts,
                -5..=8 => Festival::NewYear,
                _ => Festival::None,
            }
        }
    }
}

/// How much is bought on a local day, 1 on an ordinary one.
pub(crate) fn demand(day: i64) -> f64 {
    let (_, month, d) = civil(day);
    // 1970-01-01 was a Thursday.
    let weekend = matches!((day + 3).rem_euclid(7), 5 | 6);
    let week = if weekend { 1.2 } else { 0.95 };
    let season = match festival(day) {
        Festival::None => match (month, d) {
            (5, 18..=20) => 1.5,
            (12, 10..=12) => 1.6,
            (12, 20..=25) => 1.3,
            (11, 12..=20) => 0.7,
            (6, 19..=30) => 0.75,
            _ => 1.0,
        },
        Festival::Queens => 1.9,
        Festival::MidYear => {
            if d >= 16 {
                2.9
            } else {
                1.4
            }
        }
        Festival::DoubleEleven => {
            if d >= 10 {
                4.2
            } else {
                1.7
            }
        }
        Festival::SpringGifts => 1.35,
        Festival::NewYear => 0.4,
    };
    week * season
}

/// The largest [`demand`] of any day, for thinning.
pub(crate) const PEAK: f64 = 4.2 * 1.2;

/// The local day of an instant.
pub(crate) const fn local_day(ms: i64) -> i64 {
    (ms + CHINA_MS).div_euclid(DAY_MS)
}

/// What a campaign that runs on this day is called, `utm_campaign`; `variant` tells parallel ones apart.
pub(crate) fn campaign(day: i64, variant: u8) -> String {
    let (year, month, _) = civil(day);
    let theme = match festival(day) {
        Festival::Queens => "queens_day",
        Festival::MidYear => "618",
        Festival::DoubleEleven => "double11",
        Festival::SpringGifts | Festival::NewYear => "spring_gifts",
        Festival::None => {
            const THEMES: [[&str; 2]; 4] = [
                ["repair_season", "tea_table"],
                ["sun_care", "summer_linen"],
                ["autumn_scents", "new_home"],
                ["warm_candles", "dry_skin"],
            ];
            let quarter = (month - 1) / 3;
            let theme = THEMES[quarter as usize][usize::from(variant % 2)];
            return format!("{year}q{}_{theme}", quarter + 1);
        }
    };
    let kind = if variant.is_multiple_of(2) { "core" } else { "test" };
    format!("{year}_{theme}_{kind}")
}

/// A time of day in ms as people shop: little at night, a peak at lunch, most in the evening. `u` in `[0, 1)`.
pub(crate) fn time_of_day(u: f64) -> i64 {
    // (share of the day's visits, from hour, hours)
    const PARTS: [(f64, i64, i64); 5] = [(0.05, 0, 7), (0.17, 7, 5), (0.16, 12, 2), (0.22, 14, 5), (0.40, 19, 5)];
    let mut at = u;
    for (share, from, hours) in PARTS {
        if at < share {
            return from * HOUR_MS + (at / share * (hours * HOUR_MS) as f64) as i64;
        }
        at -= share;
    }
    23 * HOUR_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use throughline_base::Timestamp;

    fn day(text: &str) -> i64 {
        Timestamp::parse(text).unwrap().day()
    }

    #[test]
    fn the_lunar_new_year_table_is_right() {
        for (i, text) in ["2021-02-12", "2024-02-10", "2026-02-17", "2027-02-06", "2032-02-11"].into_iter().enumerate()
        {
            let index = [0, 3, 5, 6, 11][i];
            assert_eq!(LUNAR_NEW_YEAR[index], day(text), "{text}");
        }
    }

    #[test]
    fn double_eleven_is_the_peak_and_the_new_year_the_dip() {
        assert!(demand(day("2025-11-11")) > 3.5);
        assert!(demand(day("2026-06-18")) > 2.5);
        assert!(demand(day("2026-02-17")) < 0.6);
        assert!((19_000..22_700).all(|d| demand(d) <= PEAK));
        assert_eq!(campaign(day("2025-11-11"), 0), "2025_double11_core");
        assert!((0..100).all(|i| (0..DAY_MS).contains(&time_of_day(f64::from(i) / 100.0))));
    }
}
