//! The daily cycle of a level: its profile, found from two days on, taken off before anything is extrapolated.

use crate::resample::{median_in_place, resample};

/// Phases a period is divided into.
const PHASES: usize = 48;
/// Periods looked back on, at most; older habits may have changed.
const MOST_PERIODS: usize = 7;
/// Phases that must hold samples, as a part.
const MIN_FILLED: f64 = 0.66;
/// A profile counts if it explains this part of the variance about the trend.
const MIN_STRENGTH: f64 = 0.6;

/// Periods from which on one is looked for.
const MIN_PERIODS: f64 = 1.25;
/// The same before the second period is complete: what repeats must repeat closely.
const MIN_STRENGTH_EARLY: f64 = 0.9;

/// A cycle of known period.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    period: f64,
    /// Level above the trend by phase, counted back from `now`.
    profile: Vec<f64>,
    now: f64,
    /// Growth per unit of time, compared at equal phases only.
    pub slope: f64,
    /// Part of the variance about the trend that the profile explains, 0 to 1.
    pub strength: f64,
}

impl Season {
    /// The cycle of length `period` in the samples up to `now`, the last of `t`; none with fewer than two periods or
    /// without a clear profile.
    ///
    /// The trend is the seasonal Sen slope: the median over all pairs of equal phase (Hirsch, Slack and Smith 1982).
    /// A line through whole periods of a cycle is tilted by the cycle itself; this one is not.
    #[must_use]
    pub fn find(t: &[f64], y: &[f64], period: f64) -> Option<Self> {
        let (&start, &now) = (t.first()?, t.last()?);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let periods = (((now - start) / period * 1.01).ceil() as usize).min(MOST_PERIODS);
        let available = (1.01 * (now - start) / period).min(periods as f64);
        if available < MIN_PERIODS {
            return None;
        }
        let table = Table::new(t, y, now, period, (periods, available))?;
        let slope = table.slope(period)?;
        let (profile, strength) = table.profile(slope * period)?;
        let enough = if available < 2.0 { MIN_STRENGTH_EARLY } else { MIN_STRENGTH };
        (enough <= strength).then_some(Self { period, profile, now, slope, strength })
    }

    /// Level above the trend at `t`.
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        let back = ((self.now - t) / self.period).rem_euclid(1.0) * PHASES as f64 - 0.5;
        let share = back - back.floor();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the profile, or wrapped"
        )]
        let phase = back.floor().rem_euclid(PHASES as f64) as usize % PHASES;
        let (here, next) = (self.profile[phase], self.profile[(phase + 1) % PHASES]);
        here + share * (next - here)
    }

    /// How long until a line at `level` with `slope`, with the profile on top, meets `limit`; the way of the highest
    /// phase where it never does.
    #[must_use]
    pub fn distance(&self, level: f64, slope: f64, limit: f64) -> f64 {
        let top = self.profile.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let least = limit - level - top;
        if slope <= 0.0 {
            return least;
        }
        let earliest = (least / slope).max(0.0);
        let step = self.period / PHASES as f64;
        let meets = (0..=PHASES)
            .map(|k| earliest + k as f64 * step)
            .find(|&ahead| limit <= level + slope * ahead + self.at(self.now + ahead));
        slope * meets.unwrap_or(earliest)
    }
}

/// Block medians by period (newest first) and phase; not a number where there is none.
struct Table {
    rows: Vec<Vec<f64>>,
}

impl Table {
    fn new(t: &[f64], y: &[f64], now: f64, period: f64, (periods, available): (usize, f64)) -> Option<Self> {
        let width = period / PHASES as f64;
        let from = now - periods as f64 * period;
        let grid = resample(t, y, from, now, periods * PHASES);
        if (grid.t.len() as f64) < MIN_FILLED * available * PHASES as f64 {
            return None;
        }
        let mut rows = vec![vec![f64::NAN; PHASES]; periods];
        for (t, y) in grid.t.iter().zip(&grid.y) {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place in the table"
            )]
            let back = ((now - t) / width) as usize;
            if let Some(row) = rows.get_mut(back / PHASES) {
                row[back % PHASES] = *y;
            }
        }
        Some(Self { rows })
    }

    /// Seasonal Sen slope per unit of time.
    fn slope(&self, period: f64) -> Option<f64> {
        let mut slopes = Vec::new();
        for (newer, a) in self.rows.iter().enumerate() {
            for (older, b) in self.rows.iter().enumerate().skip(newer + 1) {
                let apart = (older - newer) as f64 * period;
                slopes
                    .extend(a.iter().zip(b).map(|(a, b)| (a - b) / apart).filter(|slope| slope.is_finite()));
            }
        }
        (!slopes.is_empty()).then(|| median_in_place(&mut slopes))
    }

    /// The median over periods of what is left of the trend, by phase, and how much of the variance it explains.
    fn profile(&self, rise: f64) -> Option<(Vec<f64>, f64)> {
        let flat = |row: usize, phase: usize| {
            let back = row as f64 + (phase as f64 + 0.5) / PHASES as f64;
            self.rows[row][phase] + rise * back
        };
        let all: Vec<f64> = (0..self.rows.len())
            .flat_map(|row| (0..PHASES).map(move |phase| (row, phase)))
            .map(|(row, phase)| flat(row, phase))
            .filter(|y| y.is_finite())
            .collect();
        let middle = median_in_place(&mut all.clone());
        let mut profile = Vec::with_capacity(PHASES);
        for phase in 0..PHASES {
            let mut column: Vec<f64> =
                (0..self.rows.len()).map(|row| flat(row, phase) - middle).filter(|y| y.is_finite()).collect();
            profile.push(median_in_place(&mut column));
        }
        fill(&mut profile)?;
        let (mut left, mut whole) = (0.0, 0.0);
        for (phase, at) in profile.iter().enumerate() {
            let column =
                || (0..self.rows.len()).map(|row| flat(row, phase) - middle).filter(|y| y.is_finite());
            let n = column().count() as f64;
            // Every phase's median has used up one of its samples.
            if 1.0 < n {
                left += column().map(|y| (y - at) * (y - at)).sum::<f64>() * n / (n - 1.0);
                whole += column().map(|y| y * y).sum::<f64>();
            }
        }
        let strength = if 0.0 < whole { 1.0 - left / whole } else { 0.0 };
        Some((profile, strength))
    }
}

/// Gives phases without samples their neighbour's value; none if there is no value at all.
fn fill(profile: &mut [f64]) -> Option<()> {
    let known = profile.iter().position(|y| y.is_finite())?;
    let n = profile.len();
    for k in 1..n {
        let (here, before) = ((known + k) % n, (known + k - 1) % n);
        if !profile[here].is_finite() {
            profile[here] = profile[before];
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten-minute samples of `days` days.
    fn sample(days: f64, level: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<f64>) {
        let t: Vec<f64> = (0..3000).map(|i| f64::from(i) / 144.0).take_while(|&t| t < days).collect();
        let y = t.iter().map(|&t| level(t)).collect();
        (t, y)
    }

    fn wave(t: f64) -> f64 {
        (t * std::f64::consts::TAU).sin()
    }

    #[test]
    fn a_cycle_over_a_leak_gives_both() {
        let (t, y) = sample(4.3, |t| 10.0 + 2.0 * t + 3.0 * wave(t));
        let season = Season::find(&t, &y, 1.0).unwrap();
        assert!((season.slope - 2.0).abs() < 0.05, "{}", season.slope);
        assert!(0.95 < season.strength, "{}", season.strength);
        for (&t, &y) in t.iter().zip(&y) {
            let flat = y - season.at(t) - 2.0 * t;
            assert!((flat - 10.0).abs() < 0.6, "{t}: {flat}");
        }
    }

    #[test]
    fn a_leak_alone_and_little_more_than_a_day_have_none() {
        let (t, y) = sample(5.0, |t| 10.0 + 2.0 * t + 0.1 * ((t * 1e5).sin()));
        assert_eq!(Season::find(&t, &y, 1.0), None);
        let (t, y) = sample(1.2, wave);
        assert_eq!(Season::find(&t, &y, 1.0), None);
    }

    #[test]
    fn before_the_second_day_is_over_only_what_repeats_closely_is_a_cycle() {
        let (t, y) = sample(1.5, |t| 10.0 + 2.0 * t + wave(t));
        let season = Season::find(&t, &y, 1.0).unwrap();
        assert!((season.slope - 2.0).abs() < 0.05, "{}", season.slope);
        // Yesterday's morning was twice as high.
        let (t, y) = sample(1.5, |t| wave(t) * if t < 1.0 { 2.0 } else { 1.0 });
        assert_eq!(Season::find(&t, &y, 1.0), None);
    }

    #[test]
    fn a_peak_that_is_still_to_come_is_dated() {
        let (t, y) = sample(6.0, |t| 10.0 + 2.0 * t + 3.0 * wave(t));
        let season = Season::find(&t, &y, 1.0).unwrap();
        // The line is at the limit less the peak already, and the peak comes a quarter of a day from now.
        let distance = season.distance(10.0 + 2.0 * t[t.len() - 1], 2.0, 24.9);
        assert!((0.1..0.3).contains(&(distance / 2.0)), "{}", distance / 2.0);
    }

    #[test]
    fn the_distance_ends_where_the_highest_phase_meets_the_limit() {
        let (t, y) = sample(6.0, |t| 10.0 + 2.0 * t + 3.0 * wave(t));
        let season = Season::find(&t, &y, 1.0).unwrap();
        let now = t[t.len() - 1];
        let distance = season.distance(10.0 + 2.0 * now, 2.0, 40.0);
        let crossing = (0..100_000)
            .map(|k| now + f64::from(k) / 1000.0)
            .find(|&t| 40.0 <= 10.0 + 2.0 * t + 3.0 * wave(t))
            .unwrap();
        assert!((distance / 2.0 - (crossing - now)).abs() < 0.08, "{} {}", distance / 2.0, crossing - now);
    }
}
