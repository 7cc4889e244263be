//! Which of the candidates to believe.

use std::cmp::Ordering;

use crate::segmented::{Candidates, Fit};
use crate::window::Window;

/// Values that are compared side by side.
const LANES: usize = 8;

/// The chosen fit and the numbers that decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice<'a> {
    /// The fit with the least score.
    pub fit: &'a Fit,
    /// Its score.
    pub score: f64,
    /// Lag-1 autocorrelation of what the most flexible candidate leaves over, in `[0, 0.99]`.
    pub rho: f64,
    /// How many independent samples the window is worth.
    pub n_eff: f64,
}

/// Lag-1 autocorrelation beyond which an estimate from a few hundred samples says nothing more.
const LARGEST_RHO: f64 = 0.99;

/// Share of the range of the values below which a residual is not told from rounding.
const NOISE_FLOOR: f64 = 1e-9;

/// Chooses the candidate with the least *effective Bayesian information criterion*; a tie goes to fewer
/// parameters. `None` where there are no candidates.
///
/// ```text
/// score = n_eff ln(rss / n) + p ln n       n_eff = n (1 - rho) / (1 + rho)
/// p     = 2 + 3 k                          k breakpoints: each its own line (2) and its place (1)
/// ```
///
/// The usual criterion takes every sample for independent. Measured every few seconds, and more so when
/// smoothed, neighbours repeat each other, a bend in the noise looks significant, and flat series get three
/// breakpoints. `n (1 - rho) / (1 + rho)` is the number of independent samples whose mean is as certain: what
/// a curve gains is counted in those. What it pays is not: a breakpoint has `n` places to choose from, however
/// alike the neighbours. (With `ln n_eff` there, 10 % of flat AR(1) series with `rho = 0.8` and 300 samples
/// were broken instead of 0.2 %.)
///
/// `rho` is that of the residuals of the *most flexible* candidate: those of a straight line through a broken
/// one are autocorrelated because the line is wrong, and would argue against the curve that puts it right.
/// All candidates are scored with the same `n_eff`, or their scores could not be compared.
#[must_use]
pub fn select<'a>(window: &Window<'_>, candidates: &'a Candidates) -> Option<Choice<'a>> {
    chosen(window.values(), candidates)
}

/// [`select`] for the values of a window.
pub(crate) fn chosen<'a>(values: &[f64], candidates: &'a Candidates) -> Option<Choice<'a>> {
    scored(values, candidates).min_by(order)
}

/// All candidates by [`select`]'s score, the chosen one first.
#[must_use]
pub fn ranked<'a>(window: &Window<'_>, candidates: &'a Candidates) -> Vec<Choice<'a>> {
    let mut choices: Vec<Choice<'a>> = scored(window.values(), candidates).collect();
    choices.sort_by(order);
    choices
}

/// The least score first; of equal ones the curve with fewer parameters.
fn order(a: &Choice<'_>, b: &Choice<'_>) -> Ordering {
    a.score.total_cmp(&b.score).then(a.fit.curve.parameters().cmp(&b.fit.curve.parameters()))
}

fn scored<'a>(values: &[f64], candidates: &'a Candidates) -> impl Iterator<Item = Choice<'a>> {
    let flexible = candidates
        .iter()
        .max_by(|a, b| a.curve.parameters().cmp(&b.curve.parameters()).then(b.rss.total_cmp(&a.rss)));
    let n = values.len() as f64;
    let floor = noise_floor(values);
    let rho = flexible.map_or(0.0, |fit| autocorrelation(fit, n));
    let n_eff = n * (1.0 - rho) / (1.0 + rho);
    let score =
        move |fit: &Fit| n_eff * (fit.rss / n).max(floor).ln() + fit.curve.parameters() as f64 * n.ln();
    candidates.iter().map(move |fit| Choice { fit, score: score(fit), rho, n_eff })
}

/// Least mean square of residuals that is not rounding.
fn noise_floor(values: &[f64]) -> f64 {
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            low[lane] = if chunk[lane] < low[lane] { chunk[lane] } else { low[lane] };
            high[lane] = if high[lane] < chunk[lane] { chunk[lane] } else { high[lane] };
        }
    }
    let low = low.iter().chain(rest).copied().fold(f64::INFINITY, f64::min);
    let high = high.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max);
    let floor = ((high - low) * NOISE_FLOOR).max(high.abs().max(low.abs()) * (8.0 * f64::EPSILON));
    (floor * floor).max(f64::MIN_POSITIVE)
}

/// Lag-1 autocorrelation of the residuals, in `[0, LARGEST_RHO]`; 0 where there are none.
///
/// ```text
/// r   = Σ e[k] e[k + 1] / Σ e[k]²
/// rho = (r + 2/m) / (1 - 4/m)          m samples a segment
/// ```
///
/// A line through `m` samples follows them, so what it leaves is less autocorrelated than the noise was, by
/// `(2 + 4 rho) / m` on average (Kendall 1954 for a mean, and twice that for a line).
fn autocorrelation(fit: &Fit, n: f64) -> f64 {
    let m = (n / fit.segments().len() as f64).max(8.0);
    let rho = (fit.autocorrelation() + 2.0 / m) / (1.0 - 4.0 / m);
    if 0.0 < fit.rss { rho.clamp(0.0, LARGEST_RHO) } else { 0.0 }
}

#[cfg(test)]
mod tests;
