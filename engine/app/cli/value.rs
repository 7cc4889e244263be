//! Values that can be typed: quantities, shares, durations, times.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use hebe_collectors::history::{Unit, parse_quantity, parse_unit};

/// A time on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// Milliseconds since 1970 UTC.
    Instant(i64),
    /// On the clock of the zone that is shown.
    Wall(NaiveDateTime),
}

pub(super) fn limit(text: &str) -> Result<(String, f64, Unit), String> {
    let expected = "expected NAME=VALUE, such as usage=3GiB or files=65536";
    let (name, value) = text.rsplit_once('=').ok_or(expected)?;
    let (value, unit) = parse_quantity(value.trim()).ok_or(expected)?;
    if name.trim().is_empty() || !value.is_finite() {
        return Err(expected.to_owned());
    }
    Ok((name.trim().to_owned(), value, unit))
}

pub(super) fn unit(text: &str) -> Result<(String, f64, Unit), String> {
    let expected =
        "expected NAME=UNIT, such as usage=kB; units are B, kB, KiB … EiB, count, percent, seconds";
    let (name, unit) = text.rsplit_once('=').ok_or(expected)?;
    let (scale, unit) = parse_unit(unit.trim()).ok_or(expected)?;
    Ok((name.trim().to_owned(), scale, unit))
}

/// A confidence: a share of one, or percent.
pub(super) fn confidence(text: &str) -> Result<f64, String> {
    let expected = "expected a confidence from 0.5 to 0.999, such as 0.95 or 95%";
    let (value, unit) = parse_quantity(text).ok_or(expected)?;
    let share = if unit == Unit::Percent || 1.0 < value { value / 100.0 } else { value };
    if (0.5..=0.999).contains(&share) { Ok(share) } else { Err(expected.to_owned()) }
}

/// Seconds of `30d`, `6h`, `90min`, `1h 30m`.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    let expected = "expected a duration such as 30d, 6h or 90min";
    let seconds = humantime::parse_duration(text).map_err(|_| expected)?.as_secs_f64();
    if seconds <= 0.0 { Err(expected.to_owned()) } else { Ok(seconds) }
}

pub(crate) fn until(text: &str) -> Result<Until, String> {
    let text = text.trim();
    if let Some(seconds) = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 1e11) {
        #[allow(clippy::cast_possible_truncation, reason = "bounded above")]
        return Ok(Until::Instant((seconds * 1000.0) as i64));
    }
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Ok(Until::Instant(date.timestamp_millis()));
    }
    let forms = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let wall = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|day| day.and_hms_opt(0, 0, 0));
    wall.or_else(day).map(Until::Wall).ok_or_else(|| {
        "expected a date such as 2026-11-21T14:00:00Z or 2026-11-21 14:00, or unix seconds".to_owned()
    })
}
