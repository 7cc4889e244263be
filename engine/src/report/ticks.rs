//! Round values and round times for the axes of a chart.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::units;

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Steps within a day that start at midnight.
const STEPS_MS: [i64; 15] = [
    SECOND_MS,
    2 * SECOND_MS,
    5 * SECOND_MS,
    10 * SECOND_MS,
    30 * SECOND_MS,
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    3 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
];
const DAY_STEPS: [u32; 5] = [1, 2, 3, 7, 14];
const MONTH_STEPS: [u32; 4] = [1, 2, 3, 6];

/// Round values between `low` and `high`, about `wanted` of them, with their labels.
pub(super) fn values(low: f64, high: f64, unit: &str, wanted: usize) -> Vec<(f64, String)> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    let power = units::iec_power(high.abs().max(low.abs()));
    let base = if unit == "bytes" { 1024f64.powi(power) } else { 1.0 };
    let label = |value: f64| {
        if unit == "bytes" { units::bytes_in(value, power) } else { units::quantity(value, unit) }
    };
    let step = round_step(span / base / wanted.max(1) as f64) * base;
    let first = (low / step).ceil();
    (0..2 * wanted)
        .map(|i| (first + i as f64) * step)
        .take_while(|value| *value <= high)
        .map(|value| (value, label(value)))
        .collect()
}

/// The next of 1, 2, 5, 10, … from `step` on.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let rest = step / power;
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| rest <= factor * 1.000_1).unwrap_or(10.0);
    factor * power
}

/// Round local times between two times in milliseconds, at most `most` of them, with their labels.
pub(super) fn times(from: i64, to: i64, zone: Tz, most: usize) -> Vec<(i64, String)> {
    let span = to.saturating_sub(from);
    let fits = |step: i64| span / step < i64::try_from(most).unwrap_or(i64::MAX);
    if span <= 0 {
        return Vec::new();
    }
    if let Some(step) = STEPS_MS.into_iter().find(|step| fits(*step)) {
        return within_days(from, to, step, zone);
    }
    if let Some(days) = DAY_STEPS.into_iter().find(|days| fits(i64::from(*days) * DAY_MS)) {
        return dates(from, to, zone, |day| day.checked_add_days(Days::new(days.into())), "%-d %b");
    }
    let months = MONTH_STEPS.into_iter().find(|months| fits(i64::from(*months) * 30 * DAY_MS)).unwrap_or(12);
    dates(from, to, zone, |day| day.with_day(1)?.checked_add_months(Months::new(months)), "%b %Y")
        .into_iter()
        .take(most)
        .collect()
}

fn local(t: i64, zone: Tz) -> Option<DateTime<Tz>> {
    DateTime::<Utc>::from_timestamp_millis(t)
        .filter(|t| (1..=9_998).contains(&t.year()))
        .map(|t| t.with_timezone(&zone))
}

fn within_days(from: i64, to: i64, step: i64, zone: Tz) -> Vec<(i64, String)> {
    let Some(start) = local(from, zone) else { return Vec::new() };
    let offset = i64::from(start.offset().fix().local_minus_utc()) * SECOND_MS;
    let first = (from + offset + step - 1).div_euclid(step) * step - offset;
    let label = |t: i64| {
        let time = local(t, zone)?;
        let midnight = time.format("%H:%M:%S").to_string() == "00:00:00";
        let form = if midnight {
            "%-d %b"
        } else if step < MINUTE_MS {
            "%H:%M:%S"
        } else {
            "%H:%M"
        };
        Some((t, time.format(form).to_string()))
    };
    std::iter::successors(Some(first), |t| t.checked_add(step))
        .take_while(|t| *t <= to)
        .filter_map(label)
        .collect()
}

fn dates(
    from: i64,
    to: i64,
    zone: Tz,
    next: impl Fn(NaiveDate) -> Option<NaiveDate>,
    form: &str,
) -> Vec<(i64, String)> {
    let Some(start) = local(from, zone) else { return Vec::new() };
    std::iter::successors(next(start.date_naive()), |day| next(*day))
        .filter_map(|day| {
            let midnight = zone.from_local_datetime(&day.and_hms_opt(0, 0, 0)?).earliest()?;
            Some((midnight.timestamp_millis(), day.format(form).to_string()))
        })
        .take_while(|(t, _)| *t <= to)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, expected: &[&str]) {
        let ms = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis();
        let labels: Vec<String> =
            times(ms(from), ms(to), Tz::Europe__Berlin, 6).into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, expected);
    }

    #[test]
    fn times_are_round_in_the_zone() {
        check(
            "2026-11-21T21:34:10Z",
            "2026-11-21T21:34:40Z",
            &["22:34:10", "22:34:20", "22:34:30", "22:34:40"],
        );
        check(
            "2026-11-21T20:10:00Z",
            "2026-11-22T02:00:00Z",
            &["22:00", "23:00", "22 Nov", "01:00", "02:00", "03:00"],
        );
        check("2026-11-21T20:10:00Z", "2026-11-25T02:00:00Z", &["22 Nov", "23 Nov", "24 Nov", "25 Nov"]);
        check(
            "2026-01-21T20:10:00Z",
            "2026-12-25T02:00:00Z",
            &["Mar 2026", "May 2026", "Jul 2026", "Sep 2026", "Nov 2026"],
        );
    }

    #[test]
    fn values_are_round_in_their_unit() {
        let labels =
            |low, high, unit| values(low, high, unit, 4).into_iter().map(|(_, l)| l).collect::<Vec<_>>();
        assert_eq!(labels(0.0, 70_000.0, "count"), ["0", "20,000", "40,000", "60,000"]);
        assert_eq!(labels(0.0, 50.0 * 1024f64.powi(3), "bytes"), ["0 GiB", "20 GiB", "40 GiB"]);
        assert!(labels(f64::NAN, 1.0, "").is_empty());
        assert!(labels(1.0, 1.0, "").is_empty());
    }

    #[test]
    fn any_span_ends() {
        for (from, to) in [(i64::MIN, i64::MAX), (0, 1), (5, 5), (9, 3), (0, i64::MAX)] {
            assert!(times(from, to, Tz::UTC, 6).len() <= 12);
        }
    }
}
