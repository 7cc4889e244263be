//! Block medians with least and greatest values: what is left of samples that are too old to be kept each.

use super::rows::Rows;

/// One row for the samples of every block: blocks begin at multiples of `block_ms` since 1970 UTC.
///
/// The time is that of the middle sample, so that a line through medians is a line through samples; the median of an
/// even number is the middle of the inner two; the limit is the last one.
pub(super) fn blocks(raw: &Rows, block_ms: i64) -> Rows {
    let mut tier = Rows::default();
    let mut start = 0;
    while start < raw.len() {
        let block = raw.t_ms[start].div_euclid(block_ms);
        let count = raw.t_ms[start..].partition_point(|t_ms| t_ms.div_euclid(block_ms) == block);
        let end = start + count;
        let mut values = raw.used[start..end].to_vec();
        values.sort_by(f64::total_cmp);
        tier.t_ms.push(raw.t_ms[start + count / 2]);
        tier.used.push(median(&values));
        tier.limit.push(raw.limit[end - 1]);
        tier.min.push(values[0]);
        tier.max.push(values[count - 1]);
        tier.samples.push(u32::try_from(count).unwrap_or(u32::MAX));
        start = end;
    }
    tier
}

/// The median of sorted values.
fn median(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn blocks_are_what_a_plain_computation_gives(
            samples in prop::collection::btree_map(-500_i64..500, -10_i16..10, 1..80), block_ms in 1_i64..100
        ) {
            let mut raw = Rows::default();
            for (&t, &v) in &samples {
                raw.push(t, f64::from(v), (v > 0).then(|| f64::from(v)));
            }
            let tier = blocks(&raw, block_ms);
            let numbers: std::collections::BTreeSet<i64> = samples.keys().map(|t| t.div_euclid(block_ms)).collect();
            prop_assert_eq!(tier.len(), numbers.len());
            for (row, number) in numbers.into_iter().enumerate() {
                let of = || samples.iter().filter(|(t, _)| t.div_euclid(block_ms) == number);
                let count = of().count();
                let below = |v: f64| of().filter(|sample| f64::from(*sample.1) < v).count();
                let above = |v: f64| of().filter(|sample| f64::from(*sample.1) > v).count();
                // A median has at most half of the samples on either side.
                prop_assert!(2 * below(tier.used[row]) <= count && 2 * above(tier.used[row]) <= count);
                prop_assert_eq!(below(tier.min[row]), 0);
                prop_assert_eq!(above(tier.max[row]), 0);
                prop_assert!(of().any(|sample| f64::from(*sample.1).to_bits() == tier.min[row].to_bits()));
                prop_assert!(of().any(|sample| f64::from(*sample.1).to_bits() == tier.max[row].to_bits()));
                prop_assert_eq!(tier.samples[row] as usize, count);
                prop_assert_eq!(tier.t_ms[row], *of().nth(count / 2).unwrap().0);
                let last = f64::from(*of().next_back().unwrap().1);
                prop_assert_eq!(tier.limit[row].is_nan(), last <= 0.0);
            }
        }
    }

    #[test]
    fn an_even_block_has_the_middle_of_the_inner_two() {
        let mut raw = Rows::default();
        [4.0, 1.0, 2.0, 9.0].iter().zip(0..).for_each(|(&v, t)| raw.push(t, v, None));
        assert_eq!(blocks(&raw, 10).used, [3.0]);
    }
}
