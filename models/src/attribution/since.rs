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
    let straight = squares(t, y, 0);
    let best = (SIDE..n - SIDE).map(|k| (k, squares(t, y, k))).min_by(|a, b| a.1.total_cmp(&b.1));
    match best {
        Some((corner, left)) if left < BETTER * straight => corner,
        _ => 0,
    }
}

/// What the line with a corner at block `corner` leaves over, squared; the corner at block 0 is a straight line.
fn squares(t: &[f64], y: &[f64], corner: usize) -> f64 {
    let n = y.len() as f64;
    let x = |k: usize| if k < corner { 0.0 } else { t[k] - t[corner] };
    let x_mean = (corner..y.len()).map(x).sum::<f64>() / n;
    let y_mean = y.iter().sum::<f64>() / n;
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (k, y) in y.iter().enumerate() {
        let (dx, dy) = (x(k) - x_mean, y - y_mean);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    if xx == 0.0 { yy } else { (yy - xy * xy / xx).max(0.0) }
}
