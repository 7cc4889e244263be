//! Splits the restlessness of a level into what is read wrongly and what really wanders.
//!
//! ```text
//! V(k) = E (r[i + k] - r[i])^2 = 2 tau^2 + sigma^2 k
//! ```
//!
//! for residuals `r` about a trend: `tau` is measurement noise, which averages out, and `sigma^2` the diffusion per
//! step, which does not (the variogram of a Wiener process seen through white noise).

/// The two kinds of noise, per step of the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// Variance of the measurement, `tau^2`.
    pub measurement: f64,
    /// Variance that the level gains per step, `sigma^2`.
    pub diffusion: f64,
}

/// Lags at which the variogram is read, in steps. A lag is used where at least twice as many residuals are there.
const LAGS: [usize; 6] = [1, 2, 4, 8, 16, 32];
/// The median of a squared standard normal: makes the median of squares an estimate of the variance.
const MEDIAN_OF_SQUARES: f64 = 0.454_936;

impl Noise {
    /// Estimates both kinds from residuals on an even grid.
    ///
    /// Squares are averaged after the largest are cut at sixteen times their median, so that steps and surges do not
    /// pass for wandering; the line is fitted with weights `1 / k`, as far lags overlap.
    #[must_use]
    pub fn of(residuals: &[f64]) -> Self {
        let mut rows = Vec::with_capacity(LAGS.len());
        let mut squares = Vec::with_capacity(residuals.len());
        for &lag in LAGS.iter().filter(|&&lag| 2 * lag < residuals.len()) {
            squares.clear();
            squares.extend(residuals.iter().zip(&residuals[lag..]).map(|(a, b)| (b - a) * (b - a)));
            rows.push((lag as f64, trimmed_mean(&mut squares)));
        }
        Self::through(&rows)
    }

    /// The weighted line through `(lag, V)`, kept to what variances can be.
    fn through(rows: &[(f64, f64)]) -> Self {
        let weight: f64 = rows.iter().map(|(k, _)| 1.0 / k).sum();
        if weight <= 0.0 {
            return Self::default();
        }
        let k_mean = rows.len() as f64 / weight;
        let v_mean = rows.iter().map(|(k, v)| v / k).sum::<f64>() / weight;
        let above: f64 = rows.iter().map(|(k, v)| (k - k_mean) * (v - v_mean) / k).sum();
        let below: f64 = rows.iter().map(|(k, _)| (k - k_mean) * (k - k_mean) / k).sum();
        let diffusion = if 0.0 < below { (above / below).max(0.0) } else { 0.0 };
        let nugget = v_mean - diffusion * k_mean;
        if nugget < 0.0 {
            return Self { measurement: 0.0, diffusion: v_mean / k_mean };
        }
        Self { measurement: nugget / 2.0, diffusion }
    }
}

fn trimmed_mean(squares: &mut [f64]) -> f64 {
    let cut = 16.0 * crate::resample::median_in_place(squares) / MEDIAN_OF_SQUARES;
    if cut == 0.0 {
        return squares.iter().sum::<f64>() / squares.len() as f64;
    }
    squares.iter().map(|s| s.min(cut)).sum::<f64>() / squares.len() as f64
}
