//! The Mann-Kendall test for a monotonic trend.

use super::{SenSlope, normal_quantile, two_sided};
use crate::window::Window;

/// Significance at which an autocorrelation counts in [`MannKendall::autocorrelated`].
const ALPHA: f64 = 0.05;

/// How far the signs of all pairwise changes lean to one side, and how surprising that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannKendall {
    /// `Σ sign(y[j] - y[i])` over all `i < j`.
    pub s: f64,
    /// Variance of `s` if there is no trend.
    pub var_s: f64,
    /// `s` as a share of its largest value: -1 falling all the way, 1 rising.
    pub tau: f64,
    /// Standard score of `s`, with the correction for continuity.
    pub z: f64,
    /// Probability of so large a `z`, of either sign, if there is no trend.
    pub p: f64,
}

impl MannKendall {
    /// Tests as if the samples were independent.
    ///
    /// ```text
    /// var_s = (n (n - 1)(2n + 5) - Σ g (g - 1)(2g + 5)) / 18      g the sizes of groups of equal values
    /// z     = (s - sign s) / sqrt(var_s)
    /// ```
    ///
    /// A constant series has `s = 0`, `z = 0` and `p = 1`.
    #[must_use]
    pub fn test(window: &Window<'_>) -> Self {
        let y = window.values();
        Self::scored(sum_of_signs(y), variance(y), y.len())
    }

    /// Tests with the variance that autocorrelated samples have (Hamed and Rao 1998).
    ///
    /// ```text
    /// var_s' = var_s (1 + 2 / (n (n - 1)(n - 2)) Σ (n - k)(n - k - 1)(n - k - 2) r[k])
    /// ```
    ///
    /// `r[k]` are the autocorrelations of the ranks of what Sen's slope leaves over, those alone that differ
    /// from 0 at 5 %. The sum may make the variance negative, which no variance is: it is kept from falling
    /// below `var_s / n`.
    #[must_use]
    pub fn autocorrelated(window: &Window<'_>) -> Self {
        let (t, y) = (window.times(), window.values());
        let slope = SenSlope::fit(window).slope;
        let rest: Vec<f64> = t.iter().zip(y).map(|(at, y)| y - slope * (at - t[0])).collect();
        Self::with_rest(y, &rest)
    }

    /// By how much the autocorrelation of what a line of this slope leaves over widens the variance; 1 at least.
    pub(crate) fn inflation(window: &Window<'_>, slope: f64) -> f64 {
        let (t, y) = (window.times(), window.values());
        let rest: Vec<f64> = t.iter().zip(y).map(|(at, y)| y - slope * (at - t[0])).collect();
        variance_factor(&ranks(&rest)).max(1.0)
    }

    /// The test with the autocorrelation of what a trend leaves over.
    pub(super) fn with_rest(y: &[f64], rest: &[f64]) -> Self {
        let factor = variance_factor(&ranks(rest)).max(1.0 / y.len() as f64);
        Self::scored(sum_of_signs(y), variance(y) * factor, y.len())
    }

    fn scored(s: f64, var_s: f64, n: usize) -> Self {
        let pairs = n as f64 * (n as f64 - 1.0) / 2.0;
        let z = if 0.0 < var_s && s != 0.0 { (s - s.signum()) / var_s.sqrt() } else { 0.0 };
        Self { s, var_s, tau: s / pairs, z, p: two_sided(z) }
    }
}

fn sum_of_signs(y: &[f64]) -> f64 {
    let mut sum = 0;
    for (i, &before) in y.iter().enumerate() {
        for &after in &y[i + 1..] {
            sum += i64::from(before < after) - i64::from(after < before);
        }
    }
    sum as f64
}

/// Variance of the sum of signs without a trend.
pub(super) fn variance(y: &[f64]) -> f64 {
    let term = |g: f64| g * (g - 1.0) * (2.0 * g + 5.0);
    let mut sorted = y.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::float_cmp, reason = "a tie is exact")]
    let ties: f64 = sorted.chunk_by(|a, b| a == b).map(|group| term(group.len() as f64)).sum();
    (term(y.len() as f64) - ties) / 18.0
}

/// Ranks from 1, the mean rank where values are equal.
#[expect(clippy::float_cmp, reason = "a tie is exact")]
fn ranks(y: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_unstable_by(|&a, &b| y[a].total_cmp(&y[b]));
    let mut ranks = vec![0.0; y.len()];
    let mut before = 0;
    for group in order.chunk_by(|&a, &b| y[a] == y[b]) {
        let rank = before as f64 + f64::midpoint(group.len() as f64, 1.0);
        for &place in group {
            ranks[place] = rank;
        }
        before += group.len();
    }
    ranks
}

/// By how much autocorrelation multiplies the variance of the sum of signs.
fn variance_factor(ranks: &[f64]) -> f64 {
    let n = ranks.len() as f64;
    let mean = f64::midpoint(n, 1.0);
    let centred: Vec<f64> = ranks.iter().map(|rank| rank - mean).collect();
    let square: f64 = centred.iter().map(|c| c * c).sum();
    if square == 0.0 || n < 3.0 {
        return 1.0;
    }
    let bound = normal_quantile(1.0 - ALPHA / 2.0) / n.sqrt();
    let sum: f64 = (1..ranks.len() - 1)
        .map(|lag| {
            let r = centred.iter().zip(&centred[lag..]).map(|(a, b)| a * b).sum::<f64>() / square;
            let k = lag as f64;
            if bound < r.abs() { (n - k) * (n - k - 1.0) * (n - k - 2.0) * r } else { 0.0 }
        })
        .sum();
    1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * sum
}
