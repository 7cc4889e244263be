//! Growth by work instead of by time: so much a request, told from so much an hour by holding both against what came.
//!
//! What the work is, and what a unit of it is called, is not known here.

mod ahead;

pub use ahead::time_for;

use crate::window::Window;
use crate::{SenSlope, WindowError};

/// Blocks that a history is averaged into.
const BLOCKS: usize = 160;
/// Fewer blocks tell no clock from another.
const LEAST: usize = 40;
/// The work clock must miss by less than this part of what the wall clock misses by.
const MARGIN: f64 = 0.6;
/// Beginnings of the history from which its continuation is told.
const ORIGINS: [f64; 6] = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/// How many of them the work clock must win.
const WON: usize = 5;
/// How far ahead is told, as a part of the history.
const AHEAD: f64 = 0.2;

/// A level that grows with work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    /// Growth a unit of work: Sen's slope over the whole history.
    pub per_unit: f64,
    /// The least of the slopes over its beginnings.
    pub low: f64,
    /// The greatest.
    pub high: f64,
    /// By how much the work clock missed, as a median over the beginnings.
    pub work_error: f64,
    /// By how much the wall clock missed.
    pub wall_error: f64,
}

/// Decides between the clocks: `Some` where `y` grows with the work `w` and not merely with the time `t`.
///
/// From each of six beginnings of the history, Sen's line is drawn on over the next fifth by either clock; the work
/// clock must miss by clearly less in the median, and win five of them. Steady work is no evidence: both clocks are
/// then one. `t` increases and `w` does not fall; all three have one length.
#[must_use]
pub fn workload(t: &[f64], y: &[f64], w: &[f64]) -> Option<Workload> {
    let blocks = t.len().min(y.len()).min(w.len()).min(BLOCKS);
    if blocks < LEAST {
        return None;
    }
    let [t, y, w] = [t, y, w].map(|column| averaged(column, blocks));
    let ahead = (AHEAD * blocks as f64).max(1.0);
    let (mut work, mut wall, mut slopes, mut won) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for origin in ORIGINS {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a small count"
        )]
        let (end, target) =
            ((origin * blocks as f64) as usize, ((origin * blocks as f64 + ahead) as usize).min(blocks - 1));
        let by_work = line(&w[..end], &y[..end]).ok()??;
        let by_time = line(&t[..end], &y[..end]).ok()??;
        // The whole stretch: at a single moment the hour of the day may be that of the beginning by chance.
        let missed = |line: &SenSlope, clock: &[f64]| {
            (end..=target).map(|k| (line.at(clock[k]) - y[k]).abs()).sum::<f64>() / (target - end + 1) as f64
        };
        let (missed_work, missed_time) = (missed(&by_work, &w), missed(&by_time, &t));
        won += usize::from(missed_work < missed_time);
        slopes.push(by_work.slope);
        work.push(missed_work);
        wall.push(missed_time);
    }
    let per_unit = line(&w, &y).ok()??.slope;
    let (work_error, wall_error) = (median(work), median(wall));
    let low = slopes.iter().copied().fold(per_unit, f64::min);
    let high = slopes.iter().copied().fold(per_unit, f64::max);
    (0.0 < low && WON <= won && work_error < MARGIN * wall_error).then_some(Workload {
        per_unit,
        low,
        high,
        work_error,
        wall_error,
    })
}

/// Sen's line over a clock. Readings at which it stands still are averaged: their pairs have no slope.
fn line(clock: &[f64], y: &[f64]) -> Result<Option<SenSlope>, WindowError> {
    let (mut x, mut level, mut count) = (Vec::<f64>::new(), Vec::<f64>::new(), 0.0);
    for (&reading, &y) in clock.iter().zip(y) {
        match (x.last(), level.last_mut()) {
            (Some(&last), Some(mean)) if reading <= last => {
                count += 1.0;
                *mean += (y - *mean) / count;
            }
            _ => {
                x.push(reading);
                level.push(y);
                count = 1.0;
            }
        }
    }
    if x.len() < LEAST / 4 {
        return Ok(None);
    }
    Ok(Some(SenSlope::fit(&Window::new(&x, &level)?)))
}

/// Means of blocks of equal numbers.
fn averaged(column: &[f64], blocks: usize) -> Vec<f64> {
    let n = column.len();
    let bounds = (0..=blocks).map(|k| k * n / blocks).collect::<Vec<_>>();
    bounds.windows(2).map(|b| column[b[0]..b[1]].iter().sum::<f64>() / (b[1] - b[0]) as f64).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

#[cfg(test)]
mod tests;
