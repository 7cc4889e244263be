//! Is there a trend at all, and how steep is it, whatever the shape of the noise: rank statistics.
//!
//! They compare every pair of samples, so they are for windows of up to a few thousand.

mod mann_kendall;
mod sen;

pub use mann_kendall::MannKendall;
pub use sen::SenSlope;

use statrs::distribution::{ContinuousCDF, Normal};

/// Quantile of the standard normal distribution.
fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Probability that a standard normal is further from 0 than `z`.
fn two_sided(z: f64) -> f64 {
    2.0 * Normal::standard().sf(z.abs())
}

/// Median of a column that may be reordered; the mean of the middle two where their number is even.
fn median(column: &mut [f64]) -> f64 {
    let middle = column.len() / 2;
    let even = column.len().is_multiple_of(2);
    let (before, &mut upper, _) = column.select_nth_unstable_by(middle, f64::total_cmp);
    if even {
        let lower = before.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        f64::midpoint(lower, upper)
    } else {
        upper
    }
}

#[cfg(test)]
mod tests;
