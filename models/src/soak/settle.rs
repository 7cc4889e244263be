//! Where a run has settled: the end of a warm-up, or of growth that levels off.

use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::rate::Blend;
use super::waves::{LEAST, Waves, dot, straighten, unit};

/// A transient is believed if chance makes one this clear with at most this probability, tried at one place. The
/// places tried are many but much alike; together they mislead about ten times as often.
const BELIEVED: f64 = 0.0005;
/// What remains to be judged is at least this part of a run.
const REMAINS: f64 = 0.25;
/// Samples that must remain.
const REMAINING: usize = 2 * LEAST;
/// Transients cut off one after the other, at most.
const ROUNDS: usize = 8;
/// An exponential has ended when this many of its time constants have passed: 5 % of it are left.
const SETTLED: f64 = 3.0;
/// Time constants tried.
const CONSTANTS: usize = 100;
/// Lengths tried on either side of the best one, and the part of it that they differ by.
const BETWEEN: i32 = 10;
const NEAR: f64 = 0.004;

/// A run without what preceded its last straight stretch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settled {
    /// Place of the first sample of the stretch.
    pub start: usize,
    /// The samples from there on, without the tail of the transient.
    pub y: Vec<f64>,
    /// What the transients were worth at their start, added up: negative where the level rose towards the stretch.
    pub worth: f64,
}

/// A transient that begins with the run: what it has left at each time, from 1 down to 0.
#[derive(Clone, Copy, Debug)]
enum Transient {
    /// A ramp that ends then.
    Ramp(f64),
    /// An exponential with this time constant.
    Exponential(f64),
}

impl Transient {
    fn left(self, since: f64) -> f64 {
        match self {
            Self::Ramp(end) => (1.0 - since / end).max(0.0),
            Self::Exponential(constant) => (-since / constant).exp(),
        }
    }

    fn longer(self, times: f64) -> Self {
        match self {
            Self::Ramp(end) => Self::Ramp(end * times),
            Self::Exponential(constant) => Self::Exponential(constant * times),
        }
    }

    fn end(self) -> f64 {
        match self {
            Self::Ramp(end) => end,
            Self::Exponential(constant) => SETTLED * constant,
        }
    }
}

/// Cuts transients off the front until none is left that chance would not make.
///
/// The model is a line plus one transient (a ramp or an exponential) that begins with the run. Truncation rules for
/// simulations (MSER, White 1997) look for a steady mean and would take a leak for a warm-up that never ends; a
/// line that goes on may have any slope here. After a ramp the stretch begins at its end; after an exponential at 95 %
/// of it, and its fitted tail is taken off, because 5 % of a warm-up is more than most leaks. Where there are two (a
/// warm-up, then a growth that levels off), the shorter one is cut off first, and the rest is looked at anew.
///
/// A step is not among them: a level that jumps in mid-run has grown, and staircases are leaks.
pub(super) fn settle(t: &[f64], y: &[f64], floor: f64) -> Settled {
    let latest = t[0] + (1.0 - REMAINS) * (t[t.len() - 1] - t[0]);
    let mut settled = Settled { start: 0, y: y.to_vec(), worth: 0.0 };
    for _ in 0..ROUNDS {
        let rest = Rest { t: &t[settled.start..], y: &settled.y, latest, floor };
        let Some((found, alone)) = rest.first() else { break };
        let (from, end) = (rest.t[0], rest.t[0] + found.transient.end());
        let cut = rest.t.partition_point(|&t| t < end).max(1);
        if rest.t.len() < cut + REMAINING {
            break;
        }
        let tail = |t: f64| if alone { found.worth * found.transient.left(t - from) } else { 0.0 };
        settled.y = rest.t.iter().zip(rest.y).map(|(&t, y)| y - tail(t)).skip(cut).collect();
        settled.start += cut;
        settled.worth += found.worth;
    }
    settled
}

/// A transient that is believed.
#[derive(Clone, Copy, Debug)]
struct Found {
    transient: Transient,
    /// What it is worth at its start.
    worth: f64,
}

/// What is left of a run.
#[derive(Clone, Copy, Debug)]
struct Rest<'a> {
    t: &'a [f64],
    y: &'a [f64],
    /// The time by which a transient must be over.
    latest: f64,
    /// Least variance of a sample.
    floor: f64,
}

impl Rest<'_> {
    /// The transient that is over first, if any is believed, and whether it is the only one.
    fn first(&self) -> Option<(Found, bool)> {
        if self.t.len() < REMAINING + 4 {
            return None;
        }
        let line = line(self.t);
        let one = self.best(&line)?;
        let found = self.believed(one, &line)?;
        // A second one bends the first: it is sought beside the first, then the first anew beside it.
        let with = |transient| -> Vec<Vec<f64>> {
            line.iter().cloned().chain([shape(transient, self.t, &line).0]).collect()
        };
        let pair = self.best(&with(one)).and_then(|second| {
            let first = self.best(&with(second))?;
            let second = self.believed(second, &with(first))?;
            Some((Found { transient: first, worth: found.worth - second.worth }, second))
        });
        Some(match pair {
            None => (found, true),
            Some((first, second)) if first.transient.end() < second.transient.end() => (first, false),
            Some((_, second)) => (second, false),
        })
    }

    /// The transient that explains most beside orthonormal columns: first among all, then between its neighbours.
    fn best(&self, beside: &[Vec<f64>]) -> Option<Transient> {
        let rest = self.beside(beside);
        let gain = |transient| dot(&shape(transient, self.t, beside).0, &rest).powi(2);
        let most = |all: Vec<Transient>| {
            let gains = all.into_iter().map(|transient| (gain(transient), transient));
            gains.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, transient)| transient)
        };
        let near = most(transients(self.t, self.latest))?;
        most((-BETWEEN..=BETWEEN).map(|k| near.longer(1.0 + f64::from(k) * NEAR)).collect())
    }

    /// The transient, if chance would not make one this clear.
    fn believed(&self, transient: Transient, beside: &[Vec<f64>]) -> Option<Found> {
        let mut rest = self.beside(beside);
        let (shape, length) = shape(transient, self.t, beside);
        let share = dot(&shape, &rest);
        straighten(&mut rest, &[shape]);
        let waves = Waves::of(self.t, &rest);
        let noise = Blend::of(&waves.squares, self.floor).square().max(f64::MIN_POSITIVE);
        let fisher = FisherSnedecor::new(1.0, waves.squares.len() as f64);
        let chance = fisher.map_or(1.0, |fisher| fisher.sf(share * share / noise));
        (chance < BELIEVED).then_some(Found { transient, worth: share / length })
    }

    /// What orthonormal columns leave over.
    fn beside(&self, columns: &[Vec<f64>]) -> Vec<f64> {
        let mut rest: Vec<f64> = self.y.iter().map(|v| v - self.y[0]).collect();
        straighten(&mut rest, columns);
        rest
    }
}

/// A transient's shape beside orthonormal columns, at length 1, and the length it had.
fn shape(transient: Transient, t: &[f64], beside: &[Vec<f64>]) -> (Vec<f64>, f64) {
    let mut column: Vec<f64> = t.iter().map(|at| transient.left(at - t[0])).collect();
    straighten(&mut column, beside);
    let length = dot(&column, &column).sqrt();
    // Nothing of its own beside the columns but rounding.
    if length < 1e-9 { (vec![0.0; t.len()], 1.0) } else { (unit(column), length) }
}

/// A constant and a trend, orthonormal.
fn line(t: &[f64]) -> Vec<Vec<f64>> {
    let mut columns = vec![unit(vec![1.0; t.len()])];
    let mut trend: Vec<f64> = t.iter().map(|at| at - t[0]).collect();
    straighten(&mut trend, &columns);
    columns.push(unit(trend));
    columns
}

/// Ramps that end at each sample, and exponentials from half a step on; all over by `latest`.
fn transients(t: &[f64], latest: f64) -> Vec<Transient> {
    let last = t.len().saturating_sub(REMAINING);
    let room = latest.min(t[last]) - t[0];
    let ramps = t[1..last].iter().map(|at| at - t[0]).take_while(|&end| end <= room).map(Transient::Ramp);
    let shortest = 0.5 * (t[1] - t[0]);
    let longest = room / SETTLED;
    let ratio = (longest / shortest).max(1.0).powf(1.0 / (CONSTANTS - 1) as f64);
    let constants =
        (0..CONSTANTS).map(|k| shortest * ratio.powf(k as f64)).filter(|&c| c <= longest * 1.000_001);
    ramps.chain(constants.map(Transient::Exponential)).collect()
}
