//! Which of the candidates to believe.

use std::cmp::Ordering;

use crate::curve::Curve;
use crate::segmented::{Candidates, Fit};
use crate::window::Window;

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
/// score = n_eff ln(rss / n) + p ln(max(n_eff, e²))      n_eff = n (1 - rho) / (1 + rho)
/// p     = 2 + 3 k                                       k breakpoints: each its own line and its place
/// ```
///
/// The usual criterion takes every sample for independent. Measured every few seconds, and more so when
/// smoothed, neighbours repeat each other, a bend in the noise looks significant, and flat series get three
/// breakpoints. `n (1 - rho) / (1 + rho)` is the number of independent samples whose mean is as certain.
///
/// `rho` is that of the residuals of the *most flexible* candidate: those of a straight line through a broken
/// one are autocorrelated because the line is wrong, and would argue against the curve that puts it right.
/// All candidates are scored with the same `n_eff`, or their scores could not be compared.
/// Below `e²` effective samples the criterion's own penalty would vanish, so it stops falling there.
#[must_use]
pub fn select<'a>(window: &Window<'_>, candidates: &'a Candidates) -> Option<Choice<'a>> {
    scored(window, candidates).min_by(order)
}

/// All candidates by [`select`]'s score, the chosen one first.
#[must_use]
pub fn ranked<'a>(window: &Window<'_>, candidates: &'a Candidates) -> Vec<Choice<'a>> {
    let mut choices: Vec<Choice<'a>> = scored(window, candidates).collect();
    choices.sort_by(order);
    choices
}

/// The least score first; of equal ones the curve with fewer parameters.
fn order(a: &Choice<'_>, b: &Choice<'_>) -> Ordering {
    a.score.total_cmp(&b.score).then(a.fit.curve.parameters().cmp(&b.fit.curve.parameters()))
}

fn scored<'a>(window: &Window<'_>, candidates: &'a Candidates) -> impl Iterator<Item = Choice<'a>> {
    let flexible = candidates.iter().max_by(|a, b| {
        a.curve.parameters().cmp(&b.curve.parameters()).then(b.rss.total_cmp(&a.rss))
    });
    let n = window.len() as f64;
    let floor = noise_floor(window);
    let rho = flexible.map_or(0.0, |fit| autocorrelation(fit, window));
    let n_eff = n * (1.0 - rho) / (1.0 + rho);
    let score = move |fit: &Fit| n_eff * (fit.rss / n).max(floor).ln() + penalty(fit.curve, n_eff);
    candidates.iter().map(move |fit| Choice { fit, score: score(fit), rho, n_eff })
}

fn penalty(curve: Curve, n_eff: f64) -> f64 {
    curve.parameters() as f64 * n_eff.ln().max(2.0)
}

/// Least mean square of residuals that is not rounding.
fn noise_floor(window: &Window<'_>) -> f64 {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for &y in window.values() {
        low = low.min(y);
        high = high.max(y);
    }
    let floor = ((high - low) * NOISE_FLOOR).max(high.abs().max(low.abs()) * (8.0 * f64::EPSILON));
    (floor * floor).max(f64::MIN_POSITIVE)
}

/// `Σ r[k] r[k + 1] / Σ r[k]²` of the residuals, in `[0, LARGEST_RHO]`; 0 where there are none.
fn autocorrelation(fit: &Fit, window: &Window<'_>) -> f64 {
    let (mut square, mut lagged, mut before) = (0.0, 0.0, 0.0);
    for residual in fit.residuals(window.times(), window.values()) {
        square += residual * residual;
        lagged += residual * before;
        before = residual;
    }
    if 0.0 < square { (lagged / square).clamp(0.0, LARGEST_RHO) } else { 0.0 }
}
