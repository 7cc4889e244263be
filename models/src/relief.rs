//! Would a restart help? What earlier restarts gave back, how long it lasted, and what they left.

use crate::attribution::drops;
use crate::resample::{median_in_place, resample};
use crate::trend::SenSlope;
use crate::window::Window;

/// Blocks that a long history is brought down to.
const BLOCKS: usize = 600;
/// Restarts from which something can be said of the next one.
const SEVERAL: usize = 2;
/// Levels after restarts from which a rise can be told from chance: three in a row rise by chance once in six.
const RISING: usize = 4;
/// What a restart gives back is nothing below this part of the level before.
const NOTHING: f64 = 0.05;
/// A baseline rises if between two restarts it keeps this part of what a restart gives back.
const KEPT: f64 = 0.1;
/// Samples before and after a restart that make its levels.
const SIDE: usize = 3;
/// An epoch of so many samples shows whether it levels off.
const LONG: usize = 7;
/// It does, if its second half gains less than this part of what the restart gave back.
const LEVEL: f64 = 0.15;
/// Restarts are by schedule if the times between them differ by less than this part of the usual one.
const REGULAR: f64 = 0.35;
/// A known restart and a drop so many samples apart are one.
const NEAR: usize = 3;

/// What the next restart would do, by what the earlier ones did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gives back what was taken, as the earlier ones did.
    Helps,
    /// It gives some back, and every time less: the level after it rises.
    RisingBaseline,
    /// The level after restarts was that before.
    DoesNotHelp,
    /// There were too few restarts to tell.
    Unknown,
}

/// One restart in the past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Restart {
    /// When the first sample after it was taken.
    pub at: f64,
    /// Level before.
    pub before: f64,
    /// Level after.
    pub after: f64,
}

/// What earlier restarts did.
#[derive(Clone, Debug, PartialEq)]
pub struct Relief {
    /// The restarts, oldest first.
    pub restarts: Vec<Restart>,
    /// What the next one would do.
    pub outcome: Outcome,
    /// What a restart gave back: the median.
    pub given_back: f64,
    /// How long it took until the level before was reached again: the median over those that reached it; none where
    /// most did not.
    pub buys: Option<f64>,
    /// Rise of the level after restarts, in units of time.
    pub baseline: f64,
    /// The time between restarts, where that is regular.
    pub period: Option<f64>,
    /// Whether the level stops rising before the next restart comes: none where epochs are too short to tell.
    pub levels_off: Option<bool>,
}

impl Relief {
    /// Looks at the restarts in a column of levels: those that are `known`, and drops that take back a climb.
    /// None without any.
    #[must_use]
    pub fn of(t: &[f64], y: &[f64], known: &[f64]) -> Option<Self> {
        let grid;
        let (t, y) = if t.len() <= BLOCKS {
            (t, y)
        } else {
            let (first, last) = (*t.first()?, *t.last()?);
            let width = (last - first) / (BLOCKS - 1) as f64;
            grid = resample(t, y, first - width, last, BLOCKS);
            (&grid.t[..], &grid.y[..])
        };
        let places = places(t, y, known);
        let restarts: Vec<Restart> = places.iter().map(|&at| restart(t, y, at, &places)).collect();
        if restarts.is_empty() {
            return None;
        }
        let given_back = middle(restarts.iter().map(|restart| restart.before - restart.after));
        let baseline = baseline(&restarts);
        let levels_off = levels_off(y, &places, given_back);
        Some(Self {
            outcome: outcome(&restarts, given_back, baseline),
            buys: buys(t, y, &places, &restarts),
            period: period(&restarts),
            restarts,
            given_back,
            baseline,
            levels_off,
        })
    }

    /// Whether restarts that come by schedule could be left out: nothing runs out without them.
    #[must_use]
    pub fn could_be_dropped(&self) -> bool {
        let scheduled = self.period.is_some();
        match self.outcome {
            Outcome::DoesNotHelp => scheduled,
            Outcome::Helps => scheduled && self.levels_off == Some(true),
            Outcome::RisingBaseline | Outcome::Unknown => false,
        }
    }
}

/// The first samples after restarts, in order.
fn places(t: &[f64], y: &[f64], known: &[f64]) -> Vec<usize> {
    let inside = |&at: &usize| 0 < at && at < t.len();
    let mut places: Vec<usize> =
        known.iter().map(|&at| t.partition_point(|&t| t < at)).filter(inside).collect();
    places.dedup();
    for drop in drops(y) {
        if places.iter().all(|&place| NEAR <= place.abs_diff(drop)) {
            places.push(drop);
        }
    }
    places.sort_unstable();
    places
}

/// The levels about one restart, within the epochs on its two sides.
fn restart(t: &[f64], y: &[f64], at: usize, places: &[usize]) -> Restart {
    let next = places.iter().copied().find(|&place| at < place).unwrap_or(y.len());
    let last = places.iter().rev().copied().find(|&place| place < at).unwrap_or(0);
    let before = &y[at.saturating_sub(SIDE).max(last)..at];
    let after = &y[at..(at + SIDE).min(next)];
    // What climbs at once is lowest at its start.
    let lowest = after.iter().copied().fold(f64::INFINITY, f64::min);
    Restart { at: t[at], before: median_in_place(&mut before.to_vec()), after: lowest }
}

fn outcome(restarts: &[Restart], given_back: f64, baseline: f64) -> Outcome {
    if restarts.len() < SEVERAL {
        return Outcome::Unknown;
    }
    let level = middle(restarts.iter().map(|restart| restart.before.abs()));
    if given_back <= NOTHING * level {
        return Outcome::DoesNotHelp;
    }
    let (first, last) = (restarts[0], restarts[restarts.len() - 1]);
    let between = (last.at - first.at) / (restarts.len() - 1) as f64;
    let rises = restarts.windows(2).filter(|pair| pair[0].after < pair[1].after).count();
    let mostly = RISING <= restarts.len() && restarts.len() - 1 <= rises + restarts.len() / 5;
    if mostly && KEPT * given_back < baseline * between { Outcome::RisingBaseline } else { Outcome::Helps }
}

/// Sen's slope of the levels after restarts; 0 with one.
fn baseline(restarts: &[Restart]) -> f64 {
    let (t, y): (Vec<f64>, Vec<f64>) = restarts.iter().map(|restart| (restart.at, restart.after)).unzip();
    Window::new(&t, &y).map_or(0.0, |window| SenSlope::fit(&window).slope)
}

/// The median time until the level before is reached again, where most reach it.
fn buys(t: &[f64], y: &[f64], places: &[usize], restarts: &[Restart]) -> Option<f64> {
    let mut times: Vec<f64> = Vec::new();
    for (k, (&at, restart)) in places.iter().zip(restarts).enumerate() {
        let end = places.get(k + 1).copied().unwrap_or(y.len());
        let back = (at..end).find(|&i| restart.before <= y[i]);
        // The last epoch has not had its time yet.
        if back.is_some() || k + 1 < places.len() {
            times.push(back.map_or(f64::INFINITY, |i| t[i] - restart.at));
        }
    }
    let median = middle(times.into_iter());
    median.is_finite().then_some(median)
}

/// The usual time between restarts, where it is regular.
fn period(restarts: &[Restart]) -> Option<f64> {
    let times: Vec<f64> = restarts.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    let usual = middle(times.iter().copied());
    let off = middle(times.iter().map(|time| (time - usual).abs()));
    (2 <= times.len() && off < REGULAR * usual).then_some(usual)
}

/// Whether levels stop rising within epochs, by those long enough to tell; the first and the last one do not count
/// where others do.
fn levels_off(y: &[f64], places: &[usize], given_back: f64) -> Option<bool> {
    let starts = places.iter().copied();
    let ends = places.iter().copied().skip(1).chain([y.len()]);
    let epochs: Vec<&[f64]> =
        starts.zip(ends).map(|(from, to)| &y[from..to]).filter(|epoch| LONG <= epoch.len()).collect();
    if epochs.is_empty() || given_back <= 0.0 {
        return None;
    }
    let level = |part: &[f64]| median_in_place(&mut part.to_vec());
    let gains = |epoch: &&&[f64]| {
        let n = epoch.len();
        // From the middle to the end: the medians of the third and the last quarter.
        let gained = level(&epoch[n - n / 4 - 1..]) - level(&epoch[n / 2..n - n / 4]);
        2.0 * gained < LEVEL * given_back
    };
    Some(epochs.len() <= 2 * epochs.iter().filter(gains).count())
}

/// The median; not a number of nothing.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    median_in_place(&mut values.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn times(n: usize) -> Vec<f64> {
        (0..n).map(|k| k as f64).collect()
    }

    /// Epochs of 20 samples.
    fn epochs(n: usize, level: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        (0..20 * n).map(|k| level((k / 20) as f64, (k % 20) as f64)).collect()
    }

    #[track_caller]
    fn check(y: &[f64], outcome: Outcome, could_be_dropped: bool) -> Relief {
        let relief = Relief::of(&times(y.len()), y, &[]).unwrap();
        assert_eq!((relief.outcome, relief.could_be_dropped()), (outcome, could_be_dropped), "{relief:?}");
        relief
    }

    #[test]
    fn a_leak_that_is_given_back_every_time_is_helped_and_needs_it() {
        let relief = check(&epochs(6, |_, k| 100.0 + 10.0 * k), Outcome::Helps, false);
        assert_eq!((relief.restarts.len(), relief.given_back), (5, 180.0));
        assert_eq!((relief.buys, relief.period), (Some(18.0), Some(20.0)));
    }

    #[test]
    fn a_baseline_that_rises_is_told() {
        let relief = check(&epochs(6, |e, k| 100.0 + 25.0 * e + 10.0 * k), Outcome::RisingBaseline, false);
        assert!((relief.baseline - 25.0 / 20.0).abs() < 1e-9);
    }

    #[test]
    fn restarts_that_give_nothing_back_do_not_help() {
        let y: Vec<f64> = (0..120).map(|k| 500.0 + f64::from(k)).collect();
        let relief = Relief::of(&times(120), &y, &[20.0, 40.0, 60.0, 80.0]).unwrap();
        assert_eq!(relief.outcome, Outcome::DoesNotHelp);
        assert!(relief.could_be_dropped());
    }

    #[test]
    fn what_levels_off_needs_no_restart() {
        let warm = |k: f64| 100.0 * (1.0 - (-k / 2.0).exp());
        let relief = check(&epochs(6, |_, k| 50.0 + warm(k)), Outcome::Helps, true);
        assert_eq!(relief.levels_off, Some(true));
    }

    #[test]
    fn one_restart_is_too_few_and_none_is_nothing() {
        let y = epochs(2, |_, k| 100.0 + 10.0 * k);
        check(&y, Outcome::Unknown, false);
        assert_eq!(Relief::of(&times(40), &[1.0; 40], &[]), None);
        assert_eq!(Relief::of(&[], &[], &[1.0]), None);
    }

    proptest! {
        #[test]
        fn any_levels_give_numbers(y in prop::collection::vec(-1e9..1e9_f64, 0..900), known in prop::collection::vec(-10.0..1000.0_f64, 0..5)) {
            let mut known = known;
            known.sort_by(f64::total_cmp);
            if let Some(relief) = Relief::of(&times(y.len()), &y, &known) {
                prop_assert!(relief.given_back.is_finite() && relief.baseline.is_finite());
                prop_assert!(relief.restarts.iter().all(|r| r.before.is_finite() && r.after.is_finite()));
                prop_assert!(relief.buys.is_none_or(|buys| 0.0 <= buys));
            }
        }
    }
}
