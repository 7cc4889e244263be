//! How busy something is through the day: learnt from how much its series move in each half hour.

use chrono::{DateTime, Timelike};
use chrono_tz::Tz;
use hebe_collectors::history::Series;

use crate::plan::DAY_S;

/// Half hours of a day.
pub(crate) const SLOTS: usize = 48;
/// Length of one, in seconds.
pub(crate) const SLOT_S: f64 = DAY_S / SLOTS as f64;
/// Days from which on a habit can be told.
const MIN_DAYS: f64 = 2.0;
/// Days looked back on.
const MOST_DAYS: f64 = 14.0;

/// How busy something is in each half hour of the day, as a multiple of the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Habit {
    loads: Vec<f64>,
}

impl Habit {
    /// Learns from samples in time order how much they move in each half hour; `second_of_day` says when in the day a
    /// time is. None before every half hour has been seen, and seen for two days.
    #[must_use]
    pub fn learn(t_s: &[f64], y: &[f64], second_of_day: impl Fn(f64) -> f64) -> Option<Self> {
        let now = *t_s.last()?;
        if now - t_s[0] < MIN_DAYS * DAY_S {
            return None;
        }
        let from = t_s.partition_point(|&t| t < now - MOST_DAYS * DAY_S);
        let (mut moved, mut lasted) = ([0.0; SLOTS], [0.0; SLOTS]);
        for (t, y) in t_s[from..].windows(2).zip(y[from..].windows(2)) {
            let slot = slot_of(second_of_day(t[0]));
            moved[slot] += (y[1] - y[0]).abs();
            lasted[slot] += t[1] - t[0];
        }
        let loads: Vec<f64> = moved.iter().zip(&lasted).map(|(moved, lasted)| moved / lasted).collect();
        let mean = loads.iter().sum::<f64>() / SLOTS as f64;
        if !mean.is_finite() {
            return None;
        }
        // What never moves is as quiet at any time.
        Some(Self { loads: loads.iter().map(|load| if 0.0 < mean { load / mean } else { 0.0 }).collect() })
    }

    /// The habit of a series, by the clocks of `zone`.
    #[must_use]
    pub fn of(series: &Series, zone: Tz) -> Option<Self> {
        let first = *series.t_ms.first()?;
        let t_s: Vec<f64> = series.t_ms.iter().map(|t| (t - first) as f64 / 1000.0).collect();
        let second_of_day = |t: f64| {
            #[allow(clippy::cast_possible_truncation, reason = "it was whole milliseconds before")]
            let at = DateTime::from_timestamp_millis(first + (t * 1000.0) as i64).unwrap_or_default();
            f64::from(at.with_timezone(&zone).num_seconds_from_midnight())
        };
        Self::learn(&t_s, &series.v, second_of_day)
    }

    /// The load at a second of the day, as a multiple of the mean.
    #[must_use]
    pub fn load(&self, second_of_day: f64) -> f64 {
        self.loads[slot_of(second_of_day)]
    }
}

/// The half hour in which a second of the day lies.
fn slot_of(second: f64) -> usize {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below SLOTS, and saturates")]
    let slot = (second / SLOT_S) as usize;
    slot.min(SLOTS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_that_move_are_told_and_a_day_is_not_enough() {
        let t: Vec<f64> = (0..3 * 144).map(|i| f64::from(i) * 600.0).collect();
        // Moves by 2 in the hour after 6:00, and by 1 in the hour after 12:00.
        let step = |i: usize| match i % 144 {
            36..42 => 2.0,
            72..78 => 1.0,
            _ => 0.0,
        };
        let y: Vec<f64> = (0..t.len())
            .scan(0.0, |y, i| {
                let now = *y;
                *y += step(i);
                Some(now)
            })
            .collect();
        let habit = Habit::learn(&t, &y, |t| t.rem_euclid(DAY_S)).unwrap();
        assert!((habit.load(6.2 * 3600.0) - 16.0).abs() < 1e-9, "{habit:?}");
        assert!((habit.load(12.7 * 3600.0) - 8.0).abs() < 1e-9);
        assert!(habit.load(0.0).abs() < 1e-12 && habit.load(86_399.0).abs() < 1e-12);
        assert_eq!(Habit::learn(&t[..200], &y[..200], |t| t.rem_euclid(DAY_S)), None);
        assert_eq!(Habit::learn(&[], &[], |t| t), None);
    }
}
