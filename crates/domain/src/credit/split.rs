//! Dividing an integer amount so that the parts sum to it: floors, then one unit each to the largest remainders, ties
//! to the earlier part. The rule of `base::money::split_largest_remainder`, with integer weights and without allocation.

/// Divides amounts; keeps its scratch space between calls.
#[derive(Debug, Default)]
pub struct Splitter {
    remainders: Vec<(u128, u32)>,
}

impl Splitter {
    /// Divides `amount` by `weights` into `parts`, which is cleared first. All-zero weights share equally; a negative
    /// amount mirrors the positive one. The sum of the weights must fit into 64 bits; what does not is saturated.
    pub fn split(&mut self, amount: i64, weights: &[u64], parts: &mut Vec<i64>) {
        parts.clear();
        let total = weights.iter().fold(0_u64, |sum, w| sum.saturating_add(*w));
        if total == 0 {
            split_equally(amount, weights.len(), parts);
            return;
        }
        let magnitude = amount.unsigned_abs();
        self.remainders.clear();
        let mut given = 0_u64;
        for (i, weight) in weights.iter().enumerate() {
            let (floor, remainder) = share(magnitude, *weight, total);
            let floor = floor.min(magnitude - given);
            given += floor;
            parts.push(floor as i64);
            self.remainders.push((remainder, i as u32));
        }
        let left = (magnitude - given) as usize;
        if left > 0 {
            self.remainders.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            for (_, i) in self.remainders.iter().cycle().take(left.min(weights.len())) {
                parts[*i as usize] += 1;
            }
        }
        if amount < 0 {
            for part in parts.iter_mut() {
                *part = part.wrapping_neg();
            }
        }
    }
}

/// Divides `amount` into `n` parts that differ by at most one, the larger ones first.
pub fn split_equally(amount: i64, n: usize, parts: &mut Vec<i64>) {
    parts.clear();
    if n == 0 {
        return;
    }
    let magnitude = amount.unsigned_abs();
    let (each, more) = (magnitude / n as u64, magnitude % n as u64);
    let signed = |part: u64| if amount < 0 { (part as i64).wrapping_neg() } else { part as i64 };
    parts.extend((0..n as u64).map(|i| signed(each + u64::from(i < more))));
}

/// Floor and remainder of `magnitude · weight / total`, in 64 bits where they suffice.
fn share(magnitude: u64, weight: u64, total: u64) -> (u64, u128) {
    if let Some(product) = magnitude.checked_mul(weight) {
        return (product / total, u128::from(product % total));
    }
    let product = u128::from(magnitude) * u128::from(weight);
    let total = u128::from(total);
    ((product / total) as u64, product % total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use throughline_base::money::split_largest_remainder;

    fn split(amount: i64, weights: &[u64]) -> Vec<i64> {
        let mut parts = Vec::new();
        Splitter::default().split(amount, weights, &mut parts);
        parts
    }

    #[test]
    fn a_hundred_over_three_touches_is_as_in_the_book() {
        assert_eq!(split(10_000, &[1, 1, 1]), [3_334, 3_333, 3_333]);
        assert_eq!(split(-10_000, &[5, 5, 5]), [-3_334, -3_333, -3_333]);
        assert_eq!(split(7, &[0, 0]), [4, 3]);
        assert_eq!(split(5, &[1, 0]), [5, 0]);
        assert_eq!(split(5, &[]), [0_i64; 0]);
        assert_eq!(split(i64::MIN, &[1]), [i64::MIN]);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_amount_and_stay_within_one_of_the_exact_share(
            amount in any::<i64>(), weights in prop::collection::vec(0..1_u64 << 53, 1..100)
        ) {
            let parts = split(amount, &weights);
            prop_assert_eq!(parts.iter().map(|p| i128::from(*p)).sum::<i128>(), i128::from(amount));
            let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            for (part, weight) in parts.iter().zip(&weights) {
                if total > 0 {
                    let scaled = i128::from(part.unsigned_abs()) * total as i128;
                    let exact = i128::from(amount.unsigned_abs()) * i128::from(*weight);
                    prop_assert!((scaled - exact).unsigned_abs() < total);
                }
            }
        }

        #[test]
        fn it_is_the_rule_of_the_money_type(amount in -1_000_000_i64..1_000_000, weights in prop::collection::vec(0..64_u64, 1..12)) {
            // Weights of a power-of-two total, so that the floats of the other side are exact.
            let total: u64 = weights.iter().sum();
            let mut weights = weights;
            weights.push(total.next_power_of_two() - total);
            let floats: Vec<f64> = weights.iter().map(|w| *w as f64).collect();
            prop_assert_eq!(split(amount, &weights), split_largest_remainder(amount, &floats));
        }

        #[test]
        fn equal_weights_and_equal_parts_agree(amount in any::<i64>(), n in 1..100_usize) {
            let mut parts = Vec::new();
            split_equally(amount, n, &mut parts);
            prop_assert_eq!(parts, split(amount, &vec![7; n]));
        }
    }
}
