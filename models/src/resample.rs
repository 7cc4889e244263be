//! Brings samples of any spacing onto the even grid that a window is fitted on.

/// Samples on a grid: block medians, or the samples themselves where a block holds one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Times of the block centres, increasing, evenly spaced but for gaps.
    pub t: Vec<f64>,
    /// The block medians.
    pub y: Vec<f64>,
    /// How many blocks hold samples; the others were bridged (short gaps) or are missing (long gaps).
    pub filled: usize,
}

/// A gap of up to this many blocks is bridged by a line; a longer one stays a gap. The limit is the rule that a
/// history is never invented over more than three intervals.
const BRIDGE: usize = 3;

/// Divides `(from, to]` into `blocks` equal blocks and takes the median of the samples in each.
///
/// `t` is increasing; `t` and `y` have one length. Blocks without samples are bridged linearly where no more than
/// three stand in a row between two filled ones, and left out otherwise.
#[must_use]
pub fn resample(t: &[f64], y: &[f64], from: f64, to: f64, blocks: usize) -> Grid {
    let width = (to - from) / blocks as f64;
    let mut grid = Grid::default();
    let mut start = t.partition_point(|&t| t <= from);
    let mut scratch = Vec::new();
    let mut last: Option<usize> = None;
    for block in 0..blocks {
        let edge = if block + 1 == blocks { to } else { from + (block + 1) as f64 * width };
        let mut end = start;
        while end < t.len() && t[end] <= edge {
            end += 1;
        }
        if start < end {
            let value = median(&mut scratch, &y[start..end]);
            if let Some(last) = last {
                bridge(&mut grid, last, block, value, from, width);
            }
            grid.t.push(from + (block as f64 + 0.5) * width);
            grid.y.push(value);
            grid.filled += 1;
            last = Some(block);
        }
        start = end;
    }
    grid
}

/// Fills the empty blocks between `last` and `block` if they are few.
fn bridge(grid: &mut Grid, last: usize, block: usize, value: f64, from: f64, width: f64) {
    let missing = block - last - 1;
    if missing == 0 || BRIDGE < missing {
        return;
    }
    let before = grid.y[grid.y.len() - 1];
    for step in 1..=missing {
        let share = step as f64 / (missing + 1) as f64;
        grid.t.push(from + ((last + step) as f64 + 0.5) * width);
        grid.y.push(before + share * (value - before));
    }
}

/// The median, with `scratch` as working memory.
pub(crate) fn median(scratch: &mut Vec<f64>, values: &[f64]) -> f64 {
    match values {
        [] => f64::NAN,
        [one] => *one,
        [a, b] => f64::midpoint(*a, *b),
        _ => {
            scratch.clear();
            scratch.extend_from_slice(values);
            median_in_place(scratch)
        }
    }
}

/// The median of values that may be reordered; not a number if there are none.
pub(crate) fn median_in_place(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (low, &mut high, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return high;
    }
    let below = low.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(below, high)
}

/// The `share` quantile (nearest rank) of values that may be reordered; not a number if there are none.
pub(crate) fn quantile_in_place(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank within the slice")]
    let rank = ((values.len() - 1) as f64 * share.clamp(0.0, 1.0)).round() as usize;
    *values.select_nth_unstable_by(rank, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sample_a_block_is_kept_as_it_is() {
        let t: Vec<f64> = (1..=10).map(f64::from).collect();
        let grid = resample(&t, &t, 0.0, 10.0, 10);
        assert_eq!(grid.y, t);
        assert_eq!(grid.filled, 10);
    }

    #[test]
    fn a_block_takes_the_median_of_its_samples() {
        let t: Vec<f64> = (1..=9).map(f64::from).collect();
        let y = [1.0, 1.0, 50.0, 2.0, 2.0, 2.0, 3.0, 90.0, 3.0];
        assert_eq!(resample(&t, &y, 0.0, 9.0, 3).y, [1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_short_gap_is_bridged_and_a_long_one_is_not() {
        let grid = resample(&[0.5, 4.5], &[0.0, 4.0], 0.0, 5.0, 5);
        assert_eq!((grid.y, grid.filled), (vec![0.0, 1.0, 2.0, 3.0, 4.0], 2));
        let grid = resample(&[0.5, 5.5], &[0.0, 5.0], 0.0, 6.0, 6);
        assert_eq!(grid.y, [0.0, 5.0]);
    }

    #[test]
    fn medians_and_quantiles_are_those_of_the_definition() {
        assert!((median_in_place(&mut [4.0, 1.0, 3.0, 2.0]) - 2.5).abs() < 1e-12);
        assert!((median_in_place(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert!(median_in_place(&mut []).is_nan());
        assert!((quantile_in_place(&mut [5.0, 1.0, 2.0, 3.0, 4.0], 1.0) - 5.0).abs() < 1e-12);
    }
}
