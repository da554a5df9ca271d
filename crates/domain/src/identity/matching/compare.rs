//! How alike two strings are: Jaro–Winkler for names, Damerau–Levenshtein for codes. Both stop as soon as the answer is
//! below what the caller would act on.

/// Longest string compared; what is behind it does not count.
pub(super) const MAX: usize = 64;

/// Jaro–Winkler similarity of two strings of letters (Winkler 1990: prefix of at most 4, weight 0.1, for a Jaro similarity
/// above 0.7). `1` for equal strings, `0` when nothing is alike.
#[must_use]
pub(super) fn jaro_winkler(a: &[u32], b: &[u32]) -> f64 {
    let (a, b) = (&a[..a.len().min(MAX)], &b[..b.len().min(MAX)]);
    let jaro = jaro(a, b);
    if jaro <= 0.7 {
        return jaro;
    }
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count();
    (0.1 * prefix as f64).mul_add(1.0 - jaro, jaro)
}

fn jaro(a: &[u32], b: &[u32]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    // Bit i of each: letter i has found its partner.
    let (mut in_a, mut in_b) = (0_u64, 0_u64);
    for (i, x) in a.iter().enumerate() {
        let from = i.saturating_sub(reach);
        let to = (i + reach + 1).min(b.len());
        for (j, y) in b.iter().enumerate().take(to).skip(from) {
            if x == y && in_b >> j & 1 == 0 {
                in_a |= 1 << i;
                in_b |= 1 << j;
                break;
            }
        }
    }
    let matched = in_a.count_ones();
    if matched == 0 {
        return 0.0;
    }
    let (mut rest_a, mut rest_b, mut out_of_place) = (in_a, in_b, 0_u32);
    while rest_a != 0 && rest_b != 0 {
        let (i, j) = (rest_a.trailing_zeros() as usize, rest_b.trailing_zeros() as usize);
        out_of_place += u32::from(a[i] != b[j]);
        rest_a &= rest_a - 1;
        rest_b &= rest_b - 1;
    }
    let m = f64::from(matched);
    (m / a.len() as f64 + m / b.len() as f64 + (m - f64::from(out_of_place / 2)) / m) / 3.0
}

/// The number of insertions, deletions, replacements and swaps of neighbours (optimal string alignment) between two
/// strings, when it is at most `most`.
#[must_use]
pub(super) fn edits_within<T: PartialEq>(a: &[T], b: &[T], most: usize) -> Option<usize> {
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - end], &b[..b.len() - end]);
    let (a, b) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if b.len() - a.len() > most {
        return None;
    }
    if a.is_empty() {
        return Some(b.len());
    }
    // What is left differs at both ends, so one edit is a replacement or a swap.
    let single = a.len() == b.len() && (a.len() == 1 || (a.len() == 2 && a[0] == b[1] && a[1] == b[0]));
    if single {
        return (most >= 1).then_some(1);
    }
    if most < 2 || a.len() > MAX || b.len() > MAX {
        return None;
    }
    alignment(a, b, most)
}

/// Three rows of the table of distances, each only as far from the diagonal as `most` allows; two rows of nothing but
/// larger distances end it.
fn alignment<T: PartialEq>(a: &[T], b: &[T], most: usize) -> Option<usize> {
    const FAR: u8 = u8::MAX / 2;
    let mut rows = [[FAR; MAX + 2]; 3];
    for (j, cell) in rows[0].iter_mut().enumerate().take(most.min(b.len()) + 1) {
        *cell = j as u8;
    }
    let mut all_far_before = false;
    for i in 1..=a.len() {
        let (now, last, before) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        let from = i.saturating_sub(most).max(1);
        let to = (i + most).min(b.len());
        rows[now][from - 1] = if from == 1 && i <= most { i as u8 } else { FAR };
        let mut least = rows[now][from - 1];
        for j in from..=to {
            let cost = u8::from(a[i - 1] != b[j - 1]);
            let mut d = (rows[last][j] + 1).min(rows[now][j - 1] + 1).min(rows[last][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                d = d.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = d.min(FAR);
            least = least.min(d);
        }
        rows[now][to + 1] = FAR;
        // A swap reaches over one row, so the row before may still save it.
        let all_far = usize::from(least) > most;
        if all_far && all_far_before {
            return None;
        }
        all_far_before = all_far;
    }
    Some(usize::from(rows[a.len() % 3][b.len()])).filter(|d| *d <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letters(text: &str) -> Vec<u32> {
        text.chars().map(u32::from).collect()
    }

    fn jw(a: &str, b: &str) -> f64 {
        jaro_winkler(&letters(a), &letters(b))
    }

    #[test]
    fn jaro_winkler_gives_the_values_of_the_literature() {
        // Winkler 1990, table of the Census Bureau's strcmp95 without its later adjustments.
        for (a, b, want) in [
            ("martha", "marhta", 0.9611),
            ("dwayne", "duane", 0.84),
            ("dixon", "dicksonx", 0.8133),
            ("jones", "johnson", 0.8324),
            ("abroms", "abrams", 0.9222),
            ("a", "a", 1.0),
            ("abc", "xyz", 0.0),
            ("", "abc", 0.0),
        ] {
            assert!((jw(a, b) - want).abs() < 1e-4, "{a} {b}: {}", jw(a, b));
        }
    }

    #[test]
    fn edits_are_counted_and_swaps_of_neighbours_are_one() {
        for (a, b, want) in [
            ("13912345678", "13912345678", Some(0)),
            ("13912345678", "13912354678", Some(1)),
            ("13912345678", "1391234567", Some(1)),
            ("13912345678", "13912345679", Some(1)),
            ("13912345678", "31912345687", Some(2)),
            ("abcdef", "abdcfe", Some(2)),
            ("abc", "abcde", Some(2)),
            ("kitten", "sitting", None),
            ("", "", Some(0)),
        ] {
            assert_eq!(edits_within(a.as_bytes(), b.as_bytes(), 2), want, "{a} {b}");
        }
    }

    /// The textbook's table, without an early exit.
    fn plain(a: &[u8], b: &[u8]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(a[i - 1] != b[j - 1]);
                    let mut least = (d[i - 1][j] + 1).min(d[i][j - 1] + 1).min(d[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        least = least.min(d[i - 2][j - 2] + 1);
                    }
                    least
                };
            }
        }
        d[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_early_exit_changes_no_distance(a in "[ab]{0,9}", b in "[ab]{0,9}", most in 0_usize..4) {
            let want = plain(a.as_bytes(), b.as_bytes());
            prop_assert_eq!(edits_within(a.as_bytes(), b.as_bytes(), most), (want <= most).then_some(want));
        }

        #[test]
        fn likeness_does_not_depend_on_the_order(a in "\\PC{0,70}", b in "\\PC{0,70}") {
            let (x, y) = (jw(&a, &b), jw(&b, &a));
            prop_assert!((0.0..=1.0 + 1e-9).contains(&x));
            prop_assert!((jw(&a, &a) - 1.0).abs() < 1e-9 || a.is_empty());
            prop_assert!((x - y).abs() < 0.2, "{} {}", x, y);
        }
    }
}
