//! By which schedule something happened: the longest period of a calendar that explains every event.
//!
//! Samples only bound an event: it was between the last sample before it and the first one after it. An event by
//! schedule between two samples far apart may have left no trace, so that instants there speak neither for nor against.

/// Seconds of an hour.
const HOUR_S: f64 = 3600.0;
/// Periods that people write into calendars, in hours.
const HOURS: [f64; 15] =
    [336.0, 168.0, 144.0, 120.0, 96.0, 72.0, 48.0, 24.0, 12.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.0];
/// Fewer events show no period.
const FEWEST: usize = 3;
/// Events without a schedule fit a period by chance as often as this at most.
const CHANCE: f64 = 0.01;
/// An instant of a schedule may be off by this part of the period: services take their time to end.
const SLACK: f64 = 0.01;
/// Samples further apart than so many of the usual distance hide what was between them.
const GAP: f64 = 1.5;
/// For one instant at which nothing happened there are so many events at least.
const KEPT: usize = 4;

/// A schedule that explains all events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rhythm {
    /// Seconds from one instant to the next.
    pub period: f64,
    /// Instants at which the event was seen.
    pub seen: usize,
    /// Instants that fell into gaps of the samples.
    pub hidden: usize,
    /// Instants at which nothing happened.
    pub missed: usize,
}

impl Rhythm {
    /// The schedule of `events`, each the times of the last sample before and the first one after it, in seconds and in
    /// order; `samples` are all times at which events could have been seen. None where chance explains them as well.
    #[must_use]
    pub fn of(events: &[(f64, f64)], samples: &[f64]) -> Option<Self> {
        let usual = median(samples.windows(2).map(|pair| pair[1] - pair[0]).collect())?;
        HOURS.iter().find_map(|hours| fit(hours * HOUR_S, events, samples, usual))
    }
}

/// The schedule of one period, where it explains the events.
fn fit(period: f64, events: &[(f64, f64)], samples: &[f64], usual: f64) -> Option<Rhythm> {
    let sharp: Vec<(f64, f64)> =
        events.iter().copied().filter(|(after, until)| until - after <= GAP * usual).collect();
    let width = median(sharp.iter().map(|(after, until)| until - after).collect())?;
    let free = i32::try_from(sharp.len()).ok()? - 1;
    if sharp.len() < FEWEST || period < 2.0 * usual || CHANCE < (width / period).powi(free) {
        return None;
    }
    let slack = SLACK * period;
    let (from, to) = (events.first()?.0, events.last()?.1 + slack);
    let some = phase(period, &sharp, slack)?;
    let first = some - period * ((some - from) / period).floor();
    let instants: Vec<f64> =
        std::iter::successors(Some(first), |at| Some(at + period)).take_while(|&at| at <= to).collect();
    let mut rhythm = Rhythm { period, seen: 0, hidden: 0, missed: 0 };
    let within = |at: f64| move |&(after, until): &(f64, f64)| after - slack < at && at <= until + slack;
    if events.iter().any(|event| !instants.iter().any(|&at| within(at)(event))) {
        return None;
    }
    for at in instants {
        let next = samples.partition_point(|&t| t < at);
        let apart = samples.get(next).zip(next.checked_sub(1)).map(|(after, before)| after - samples[before]);
        if events.iter().any(|event| within(at)(event)) {
            rhythm.seen += 1;
        } else if apart.is_none_or(|apart| GAP * usual < apart) {
            rhythm.hidden += 1;
        } else {
            rhythm.missed += 1;
        }
    }
    (KEPT * rhythm.missed <= rhythm.seen).then_some(rhythm)
}

/// The first instant of a schedule that has one in every event, in the middle of what they leave open.
fn phase(period: f64, events: &[(f64, f64)], slack: f64) -> Option<f64> {
    let middle = |(after, until): (f64, f64)| f64::midpoint(after, until);
    let zero = middle(*events.first()?);
    let (mut from, mut to) = (f64::NEG_INFINITY, f64::INFINITY);
    for &(after, until) in events {
        let cycles = ((middle((after, until)) - zero) / period).round();
        from = from.max(after - slack - cycles * period);
        to = to.min(until + slack - cycles * period);
    }
    (from < to).then(|| f64::midpoint(from, to))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len().checked_sub(1)? / 2;
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::support::Random;

    const DAY_S: f64 = 86_400.0;

    /// Two weeks of samples every six hours without those in `gaps` (in hours).
    fn samples(gaps: &[(f64, f64)]) -> Vec<f64> {
        let all = (0..57).map(|k| f64::from(k) * 6.0);
        let there = all.filter(|&hour| !gaps.iter().any(|&(from, to)| from < hour && hour < to));
        there.map(|hour| hour * HOUR_S).collect()
    }

    /// What samples show of events at `hours`.
    fn seen(hours: &[f64], samples: &[f64]) -> Vec<(f64, f64)> {
        let bounds = |hour: &f64| {
            let next = samples.partition_point(|&t| t < hour * HOUR_S);
            Some((*samples.get(next.checked_sub(1)?)?, *samples.get(next)?))
        };
        hours.iter().filter_map(bounds).collect()
    }

    #[test]
    fn the_longest_period_that_explains_all_events_is_theirs() {
        let samples = samples(&[]);
        let every = |period: f64| {
            let hours: Vec<f64> = std::iter::successors(Some(9.0), |hour| Some(hour + period))
                .take_while(|&h| h < 330.0)
                .collect();
            Rhythm::of(&seen(&hours, &samples), &samples).unwrap()
        };
        for hours in [24.0, 48.0, 72.0, 96.0] {
            let found = every(hours);
            assert_eq!((found.period, found.hidden, found.missed), (hours * HOUR_S, 0, 0));
        }
    }

    #[test]
    fn what_falls_into_gaps_speaks_neither_for_nor_against() {
        let samples = samples(&[(78.0, 108.0), (222.0, 258.0)]);
        // Every third day; the fourth restart is within the second gap.
        let shown = seen(&[9.0, 81.0, 153.0, 297.0], &samples);
        let found = Rhythm::of(&shown, &samples).unwrap();
        assert_eq!(found, Rhythm { period: 3.0 * DAY_S, seen: 4, hidden: 1, missed: 0 });
    }

    #[test]
    fn one_that_was_left_out_is_told_and_more_are_no_schedule() {
        let samples = samples(&[]);
        let found = Rhythm::of(&seen(&[9.0, 57.0, 105.0, 201.0, 249.0], &samples), &samples).unwrap();
        assert_eq!(found, Rhythm { period: 2.0 * DAY_S, seen: 5, hidden: 0, missed: 1 });
        assert_eq!(Rhythm::of(&seen(&[9.0, 57.0, 201.0, 321.0], &samples), &samples), None);
    }

    #[test]
    fn few_or_irregular_events_have_none() {
        let samples = samples(&[]);
        for hours in [&[][..], &[9.0], &[9.0, 57.0], &[9.0, 40.0, 150.0, 161.0, 290.0]] {
            assert_eq!(Rhythm::of(&seen(hours, &samples), &samples), None, "{hours:?}");
        }
    }

    #[test]
    fn events_at_random_are_seldom_taken_for_a_schedule() {
        let (samples, mut rng) = (samples(&[]), Random::seeded(7));
        let runs = 2000;
        let taken = (0..runs).filter(|run| {
            let count = 3 + run % 4;
            let mut hours: Vec<f64> = (0..count).map(|_| 330.0 * rng.uniform()).collect();
            hours.sort_unstable_by(f64::total_cmp);
            let mut shown = seen(&hours, &samples);
            shown.dedup();
            Rhythm::of(&shown, &samples).is_some()
        });
        let taken = taken.count();
        assert!(100 * taken <= 2 * runs, "{taken} of {runs}");
    }

    proptest! {
        #[test]
        fn nothing_panics(
            events in prop::collection::vec((-1e9..1e9, 0.0..1e6), 0..20),
            samples in prop::collection::vec(-1e9..1e9, 0..40),
        ) {
            let mut events: Vec<(f64, f64)> = events.into_iter().map(|(at, width)| (at, at + width)).collect();
            events.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut samples = samples;
            samples.sort_unstable_by(f64::total_cmp);
            let _ = Rhythm::of(&events, &samples);
        }
    }
}
