//! The step in which a level is read.

/// Values looked at: more tell no more.
const MOST: usize = 20_000;
/// Decimals that a value may be written with, at most.
const DECIMALS: i32 = 6;

/// The smallest distance between two different values; where all are equal, one in the last decimal.
pub(super) fn grain(y: &[f64]) -> f64 {
    let every = y.len().div_ceil(MOST);
    let mut sorted: Vec<f64> = y.iter().step_by(every).copied().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let gaps = sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|&gap| 0.0 < gap);
    let least = gaps.fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { last_decimal(y[0]) }
}

/// One in the last decimal that `value` has.
fn last_decimal(value: f64) -> f64 {
    let whole = |scaled: f64| (scaled - scaled.round()).abs() <= 1e-9 * scaled.abs().max(1.0);
    (0..DECIMALS).find(|&k| whole(value * 10_f64.powi(k))).map_or(10_f64.powi(-DECIMALS), |k| 10_f64.powi(-k))
}
