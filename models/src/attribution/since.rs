//! When a growth began: the corner of a level that becomes a slope.

/// A corner must leave this part of the squares of a straight line, or less.
const BETTER: f64 = 0.7;
/// Blocks on each side of a corner.
const SIDE: usize = 4;

/// The block at which a growth of about `slope` began; 0 where no corner is better than a straight line.
///
/// ```text
/// y = a for t < corner, a + b (t - corner) from there on; least squares over a, b and every corner
/// ```
pub(super) fn since(t: &[f64], y: &[f64], slope: f64) -> usize {
    let n = y.len();
    if n < 2 * SIDE || slope == 0.0 {
        return 0;
    }
    let left = squares(t, y);
    let best = (SIDE..n - SIDE).min_by(|&a, &b| left[a].total_cmp(&left[b]));
    best.filter(|&corner| left[corner] < BETTER * left[0]).unwrap_or(0)
}

/// What the line with a corner at each block leaves over, squared; the corner at block 0 is a straight line.
///
/// From the last block to the first: as the corner goes back by `d`, all `x = t - corner` after it grow by `d`.
fn squares(t: &[f64], y: &[f64]) -> Vec<f64> {
    let n = y.len();
    let mean = y.iter().sum::<f64>() / n as f64;
    let all: f64 = y.iter().map(|y| (y - mean).powi(2)).sum();
    let (mut x, mut xx, mut xy) = (0.0, 0.0, 0.0);
    // How many blocks are after the corner, and the sum of them.
    let (mut after, mut above) = (0.0, 0.0);
    let mut left = vec![all; n];
    for corner in (0..n).rev() {
        if corner + 1 < n {
            after += 1.0;
            above += y[corner + 1] - mean;
            let d = t[corner + 1] - t[corner];
            xx += d * (2.0 * x + d * after);
            xy += d * above;
            x += d * after;
        }
        let spread = xx - x * x / n as f64;
        if 0.0 < spread {
            left[corner] = (all - xy * xy / spread).max(0.0);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use linfa::Dataset;
    use linfa::traits::{Fit as _, Predict as _};
    use linfa_linear::LinearRegression;
    use ndarray::{ArrayView1, Axis};
    use proptest::prelude::*;

    use super::*;

    /// What a line through these leaves over, squared, by linfa.
    fn by_linfa(x: &[f64], y: &[f64]) -> f64 {
        let column = ArrayView1::from(x).insert_axis(Axis(1)).to_owned();
        let fitted = LinearRegression::new()
            .fit(&Dataset::new(column.clone(), ArrayView1::from(y).to_owned()))
            .unwrap();
        fitted.predict(&column).iter().zip(y).map(|(line, y)| (y - line).powi(2)).sum()
    }

    proptest! {
        /// A corner is a line through `x = max(0, t - corner)`.
        #[test]
        fn each_corner_leaves_what_a_fitted_line_leaves(
            steps in prop::collection::vec((0.1..3.0_f64, -5.0..5.0_f64), 8..40),
            start in 0.0..1e6_f64,
        ) {
            let t: Vec<f64> = steps.iter().scan(start, |t, step| { *t += step.0; Some(*t) }).collect();
            let y: Vec<f64> = steps.iter().map(|step| step.1).collect();
            for (corner, left) in squares(&t, &y).into_iter().enumerate().take(t.len() - 1) {
                let x: Vec<f64> = t.iter().map(|at| (at - t[corner]).max(0.0)).collect();
                let expected = by_linfa(&x, &y);
                prop_assert!((left - expected).abs() < 1e-9 * (1.0 + expected), "{corner}: {left} {expected}");
            }
        }
    }
}
