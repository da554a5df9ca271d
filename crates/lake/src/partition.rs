//! How rows are cut into partitions: month of `event_at` (UTC) and person bucket.

use xxhash_rust::xxh3::xxh3_64;

use throughline_base::time::DAY_MS;

/// The bucket of a person among `buckets`: XXH3-64 of the id's little-endian bytes, modulo.
#[must_use]
pub fn bucket_of(person_id: i64, buckets: u16) -> u16 {
    (xxh3_64(&person_id.to_le_bytes()) % u64::from(buckets.max(1))) as u16
}

/// Year and month of an instant, UTC, as `year * 100 + month`. Instants outside the years 1 to 9999 count to the
/// nearest month inside, so that months stay in order and disjoint for every `i64`.
#[must_use]
pub fn month_of(event_at: i64) -> i32 {
    let (year, month) = civil_month(event_at.div_euclid(DAY_MS));
    if year < 1 {
        return 101;
    }
    if year > 9999 {
        return 999_912;
    }
    year as i32 * 100 + month as i32
}

/// Gregorian year and month of a day since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
const fn civil_month(day: i64) -> (i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + if month <= 2 { 1 } else { 0 }, month)
}

/// Folder of a partition below the lake's root.
pub(crate) fn partition_path(month: i32, bucket: u16) -> String {
    format!("{EVENTS}/month={:04}-{:02}/bucket={bucket:02}", month / 100, month % 100)
}

/// The folder that holds the partitions.
pub(crate) const EVENTS: &str = "events";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use throughline_base::Timestamp;

    proptest! {
        #[test]
        fn the_month_is_the_calendars(ms in -62_135_596_800_000_i64..253_370_764_800_000) {
            prop_assert_eq!(month_of(ms), Timestamp::from_ms(ms).year_month());
        }

        #[test]
        fn later_instants_never_fall_into_earlier_months(a: i64, b: i64) {
            prop_assert!(month_of(a.min(b)) <= month_of(a.max(b)));
        }
    }

    #[test]
    fn a_partition_is_a_hive_folder() {
        assert_eq!(partition_path(202_611, 7), "events/month=2026-11/bucket=07");
        assert_eq!(month_of(i64::MIN), 101);
        assert_eq!(month_of(i64::MAX), 999_912);
    }
}
