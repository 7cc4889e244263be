//! Splits a window into smooth, jump, spike and noise, so that a curve is fitted to what lasts.
//!
//! The split into these four parts before forecasting follows US patent 6,993,458 (lapsed); how each is found is ours.

use crate::resample::median_in_place;

/// A window in four parts; `smooth + jump + spike + noise` is the window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// The running median of what is neither jump nor spike, on the level of the newest sample.
    pub smooth: Vec<f64>,
    /// Level shifts, zero at the newest sample.
    pub jump: Vec<f64>,
    /// Single samples, or two, that stand far off.
    pub spike: Vec<f64>,
    /// What is left.
    pub noise: Vec<f64>,
}

/// Samples of the running median: odd, and short against the shortest segment of a curve (15).
const MEDIAN_OF: usize = 5;
/// Samples on each side that a spike is held against.
const SPIKE_SIDE: usize = 4;
/// A spike stands this many standard deviations off.
const SPIKE: f64 = 5.0;
/// Samples on each side that tell the level before and after a jump.
const JUMP_SIDE: usize = 15;
/// A jump is at least this many standard deviations high.
const JUMP: f64 = 8.0;

/// Splits `y`, sampled evenly, into its four parts.
#[must_use]
pub fn split(y: &[f64]) -> Parts {
    let sd = step_sd(y);
    let spike = spikes(y, sd);
    let calm: Vec<f64> = y.iter().zip(&spike).map(|(y, spike)| y - spike).collect();
    let jump = jumps(&calm, sd);
    let flat: Vec<f64> = calm.iter().zip(&jump).map(|(y, jump)| y - jump).collect();
    let smooth = running_median(&flat, MEDIAN_OF);
    let noise = flat.iter().zip(&smooth).map(|(y, smooth)| y - smooth).collect();
    Parts { smooth, jump, spike, noise }
}

/// The median of each sample and its neighbours; at the ends of as many as there are.
#[must_use]
pub fn running_median(y: &[f64], of: usize) -> Vec<f64> {
    let side = of / 2;
    (0..y.len())
        .map(|i| {
            let side = side.min(i).min(y.len() - 1 - i);
            median_in_place(&mut y[i - side..=i + side].to_vec())
        })
        .collect()
}

/// Standard deviation of single samples, from the median step between neighbours.
fn step_sd(y: &[f64]) -> f64 {
    let mut steps: Vec<f64> = y.windows(3).map(|w| (w[1] - f64::midpoint(w[0], w[2])).abs()).collect();
    // |second difference / 2| of white noise has median 0.6745 sqrt(1.5) sd.
    median_in_place(&mut steps).max(0.0) / (0.6745 * 1.5_f64.sqrt())
}

/// What stands out against the median of the neighbours by more than noise and by more than they differ.
fn spikes(y: &[f64], sd: f64) -> Vec<f64> {
    (0..y.len())
        .map(|i| {
            let from = i.saturating_sub(SPIKE_SIDE);
            let to = (i + SPIKE_SIDE + 1).min(y.len());
            let mut near: Vec<f64> = y[from..i].iter().chain(&y[i + 1..to]).copied().collect();
            let middle = median_in_place(&mut near);
            let mut off: Vec<f64> = near.iter().map(|v| (v - middle).abs()).collect();
            let spread = median_in_place(&mut off) / 0.6745;
            let height = y[i] - middle;
            let edge = i < 2 || y.len() < i + 3;
            if !edge && SPIKE * sd.max(spread) < height.abs() { height } else { 0.0 }
        })
        .collect()
}

/// Offsets to the newest level, changing where the level shifts for good.
fn jumps(y: &[f64], sd: f64) -> Vec<f64> {
    let mut offset = vec![0.0; y.len()];
    let mut i = JUMP_SIDE;
    while i + JUMP_SIDE <= y.len() {
        let step = shift_at(y, i);
        // The step between the two samples themselves says where the level shifts.
        if JUMP * sd < step.abs() && step.abs() < 1.5 * (y[i] - y[i - 1]).abs() {
            offset[..i].iter_mut().for_each(|o| *o -= step);
            i += JUMP_SIDE;
        } else {
            i += 1;
        }
    }
    offset
}

/// The height of the step at `i` beyond what the sides' own trends explain.
fn shift_at(y: &[f64], i: usize) -> f64 {
    let (before, after) = (&y[i - JUMP_SIDE..i], &y[i..i + JUMP_SIDE]);
    let half = JUMP_SIDE / 2;
    let level = |side: &[f64]| median_in_place(&mut side.to_vec());
    let trend = (level(&before[half..]) - level(&before[..half]) + level(&after[half..])
        - level(&after[..half]))
        / 2.0;
    let step = level(after) - level(before);
    // Between the middles of the sides lie twice the distance between the middles of the halves.
    step - 2.0 * trend
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64 + if i % 2 == 0 { 0.1 } else { -0.1 }).collect()
    }

    #[test]
    fn the_parts_make_up_the_whole() {
        let mut y = line(100);
        y[30] = 90.0;
        y[60..].iter_mut().for_each(|y| *y += 500.0);
        let parts = split(&y);
        for (i, y) in y.iter().enumerate() {
            let sum = parts.smooth[i] + parts.jump[i] + parts.spike[i] + parts.noise[i];
            assert!((sum - y).abs() < 1e-9);
        }
    }

    #[test]
    fn a_spike_and_a_jump_are_found_and_leave_the_line() {
        let mut y = line(100);
        y[30] = 90.0;
        y[60..].iter_mut().for_each(|y| *y += 500.0);
        let parts = split(&y);
        assert!(50.0 < parts.spike[30], "{}", parts.spike[30]);
        assert!((parts.jump[0] + 500.0).abs() < 5.0, "{}", parts.jump[0]);
        assert!(parts.jump[99].abs() < 1e-9);
        let rise = parts.smooth[99] - parts.smooth[0];
        assert!((rise - 99.0).abs() < 5.0, "{rise}");
    }

    #[test]
    fn a_line_and_a_constant_have_neither() {
        for y in [line(100), vec![5.0; 100]] {
            let parts = split(&y);
            assert!(parts.spike.iter().chain(&parts.jump).all(|v| v.abs() < 1e-9));
        }
    }

    #[test]
    fn short_windows_are_split_without_panic() {
        for n in 0..20 {
            assert_eq!(split(&line(n)).smooth.len(), n);
        }
    }
}
