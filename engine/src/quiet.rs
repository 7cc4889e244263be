//! When to restart on purpose: the quietest half hour before exhaustion gets likely.
//!
//! How quiet a half hour is, is learnt from the series itself: how much it moves at that time of day.

use hebe_models::forecast::Forecast;
use hebe_models::{Lifetime, Slot, Timing, quietest_before};

use crate::habit::{Habit, SLOT_S};
use crate::plan::DAY_S;
use crate::prepare::Prepared;

/// The risk that nobody should run into by waiting.
pub(crate) const RISK: f64 = 0.05;
/// Days looked ahead: later than that, days are weighed again when they are nearer.
const AHEAD_DAYS: f64 = 14.0;
/// Chances at which the distribution is taken over.
const CHANCES: [f64; 9] = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/// When to restart. Seconds from the newest sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Advice {
    /// The start of the quietest half hour before the risk; none where no habit is known, or none is left.
    pub(crate) quietest_s: Option<f64>,
    /// When the risk is reached.
    pub(crate) risk_s: f64,
}

/// Weighs the half hours that are left; none where exhaustion has no date.
#[must_use]
pub(crate) fn advice(prepared: &Prepared<'_>, forecast: &Forecast) -> Option<Advice> {
    let risk_s = forecast.passage.quantile(RISK)?;
    let quietest_s = quietest(prepared, forecast, risk_s);
    Some(Advice { quietest_s, risk_s })
}

fn quietest(prepared: &Prepared<'_>, forecast: &Forecast, risk_s: f64) -> Option<f64> {
    let habit = habit(prepared)?;
    let slots = slots(prepared, &habit, risk_s.min(AHEAD_DAYS * DAY_S));
    match quietest_before(&lifetime(forecast)?, &slots, RISK) {
        Timing::At(moment) => Some(moment.at),
        Timing::TooLate { .. } | Timing::NoSlot => None,
    }
}

/// How busy the series is through the day (UTC); none before it has been seen twice.
fn habit(prepared: &Prepared<'_>) -> Option<Habit> {
    Habit::learn(&prepared.t, &prepared.y, |t| second_of_day(prepared, t))
}

fn second_of_day(prepared: &Prepared<'_>, t: f64) -> f64 {
    prepared.ms(t).rem_euclid(86_400_000) as f64 / 1000.0
}

/// The half hours that begin after now and before `until`.
fn slots(prepared: &Prepared<'_>, habit: &Habit, until: f64) -> Vec<Slot> {
    let now = prepared.t[prepared.t.len() - 1];
    let into = second_of_day(prepared, now) % SLOT_S;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that saturates")]
    let count = ((until + into) / SLOT_S).floor() as usize;
    let slot = |k: usize| {
        let from = k as f64 * SLOT_S - into;
        Slot::new(from, from + SLOT_S, habit.load(second_of_day(prepared, now + from))).ok()
    };
    (1..=count).filter_map(slot).collect()
}

/// The forecast's distribution as a table.
fn lifetime(forecast: &Forecast) -> Option<Lifetime> {
    let mut points: Vec<(f64, f64)> =
        CHANCES.iter().filter_map(|&share| Some((forecast.passage.quantile(share)?, share))).collect();
    points.dedup_by(|later, earlier| later.0 <= earlier.0);
    points.retain(|point| 0.0 < point.0);
    let (times, shares): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
    Lifetime::new(&times, &shares).ok()
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::{Limit, Sense, Series, Unit};

    use super::*;
    use crate::replay::{Course, replay};
    use crate::settings::Method;

    /// Ten-minute samples of `days` days from midnight: a leak that is restless but between 3 and 4 in the morning.
    fn leak(days: usize) -> Series {
        let n = days * 144;
        let still = |i: usize| (18..24).contains(&(i % 144));
        let restless = |i: usize| if still(i) { 0.0 } else { ((i * 7919) % 13) as f64 / 3.0 };
        Series {
            name: "memory".to_owned(),
            resource: "memory".to_owned(),
            scope: String::new(),
            host: String::new(),
            unit: Unit::Unknown,
            sense: Sense::Rises,
            t_ms: (0..).step_by(600_000).map(|t| 1_700_006_400_000 + t).take(n).collect(),
            v: (0..n).map(|i| 100.0 + i as f64 * 0.2 + restless(i)).collect(),
            limit: None,
            restarts_ms: Vec::new(),
            rejected: 0,
            block: 1,
            source: String::new(),
            also: Vec::new(),
        }
    }

    #[track_caller]
    fn advised(series: &Series, limit: f64) -> Advice {
        let mut series = series.clone();
        series.limit = Some(Limit { owner: "test".into(), steps: vec![(0, limit)] });
        let prepared = Prepared::new(&series, None);
        let course = Course::new(&prepared, Method::Default);
        let plan = crate::plan::Plan::new(&prepared.t, None);
        advice(&prepared, &replay(&course, &plan).forecast.unwrap()).unwrap()
    }

    #[test]
    fn the_quietest_half_hour_before_the_risk_is_named() {
        let advice = advised(&leak(4), 600.0);
        let at = advice.quietest_s.unwrap();
        // The last sample is of 23:50.
        let hour = (at / 3600.0 + 23.0 + 5.0 / 6.0) % 24.0;
        assert!((2.9..4.0).contains(&hour), "{hour}");
        assert!(0.0 < at && at < advice.risk_s);
    }

    #[test]
    fn where_no_quiet_time_comes_before_the_risk_another_is_named() {
        let advice = advised(&leak(4), 219.0);
        assert!(advice.risk_s < 3.0 * 3600.0, "{}", advice.risk_s);
        assert!(advice.quietest_s.is_none_or(|at| at < advice.risk_s));
    }

    #[test]
    fn a_day_tells_no_habit() {
        assert_eq!(advised(&leak(2), 600.0).quietest_s, None);
    }
}
