//! Dates for people, in the zone of the reader and as precise as the forecast deserves.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;

use super::units::{FAR_S, NOTHING};

const HOUR_S: f64 = 3_600.0;
const DAY_S: f64 = 86_400.0;

/// Writes dates as seen from one place at one time.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// The zone of the reader.
    pub zone: Tz,
    /// The day that needs no name and the year that needs no number.
    pub base: DateTime<Utc>,
}

impl When {
    /// Sees dates from `base` in `zone`.
    #[must_use]
    pub fn new(zone: Tz, base: DateTime<Utc>) -> Self {
        Self { zone, base }
    }

    /// Writes a date as precisely as its distance `scale_s` in seconds deserves.
    ///
    /// ```text
    /// below 2 hours   21:34:10               (today)   Thu 26 Nov 21:34:10
    /// below 3 days    21:34                  (today)   Thu 26 Nov 21:34
    /// below 14 days   Thu 26 Nov 14:00       the hour is rounded
    /// else            Thu 26 Nov             and the year where it is another one
    /// ```
    #[must_use]
    pub fn date(&self, t: DateTime<Utc>, scale_s: f64) -> String {
        let scale = scale_s.abs();
        if scale < 2.0 * HOUR_S {
            self.day_and_time(t, "%H:%M:%S")
        } else if scale < 3.0 * DAY_S {
            self.day_and_time(t, "%H:%M")
        } else if scale < 14.0 * DAY_S {
            let rounded = t.checked_add_signed(TimeDelta::minutes(30)).unwrap_or(t);
            format!("{} {}", self.day(rounded), self.format(rounded, "%H:00"))
        } else {
            self.day(t)
        }
    }

    /// Writes a date with its zone: `Thu 26 Nov 14:00 UTC`.
    #[must_use]
    pub fn date_in_zone(&self, t: DateTime<Utc>, scale_s: f64) -> String {
        let date = self.date(t, scale_s);
        if date.contains(':') { format!("{date} {}", self.zone_name(t)) } else { date }
    }

    /// Writes a moment to the second, with its zone: for data, not for forecasts.
    #[must_use]
    pub fn moment(&self, t: DateTime<Utc>) -> String {
        self.format(t, "%Y-%m-%d %H:%M:%S %Z")
    }

    /// Writes a range: `25-30 Nov`, `20:10-21:40`, `25 Nov or later`.
    #[must_use]
    pub fn range(&self, low: DateTime<Utc>, high: Option<DateTime<Utc>>) -> String {
        let span = |high: DateTime<Utc>| (high - low).num_seconds() as f64;
        let Some(high) = high.filter(|high| span(*high) <= FAR_S) else {
            return format!("{} or later", self.range_end(low));
        };
        let high = high.max(low);
        let same_day = self.format(low, "%F") == self.format(high, "%F");
        if same_day {
            self.hours(low, high, span(high))
        } else if span(high) < 1.5 * DAY_S {
            format!(
                "{} {}-{} {}",
                self.short_day(low),
                self.format(low, "%H:%M"),
                self.short_day(high),
                self.format(high, "%H:%M")
            )
        } else {
            self.days(low, high)
        }
    }

    fn hours(&self, low: DateTime<Utc>, high: DateTime<Utc>, span_s: f64) -> String {
        let form = if span_s < 600.0 { "%H:%M:%S" } else { "%H:%M" };
        let (from, to) = (self.format(low, form), self.format(high, form));
        let hours = if from == to { from } else { format!("{from}-{to}") };
        if self.is_today(low) { hours } else { format!("{} {hours}", self.day(low)) }
    }

    fn days(&self, low: DateTime<Utc>, high: DateTime<Utc>) -> String {
        let same = |form: &str| self.format(low, form) == self.format(high, form);
        if !same("%Y") {
            format!("{}-{}", self.format(low, "%-d %b %Y"), self.format(high, "%-d %b %Y"))
        } else if same("%m") {
            format!("{}-{}", self.format(low, "%-d"), self.short_day(high))
        } else {
            format!("{}-{}", self.format(low, "%-d %b"), self.short_day(high))
        }
    }

    /// The open end's start: the time of day where it is today, the day otherwise.
    fn range_end(&self, t: DateTime<Utc>) -> String {
        if self.is_today(t) { self.format(t, "%H:%M") } else { self.short_day(t) }
    }

    fn day_and_time(&self, t: DateTime<Utc>, form: &str) -> String {
        let time = self.format(t, form);
        if self.is_today(t) { time } else { format!("{} {time}", self.day(t)) }
    }

    /// Writes the day of `t`: `Thu 26 Nov`, and the year where it is not the base's.
    #[must_use]
    pub fn day(&self, t: DateTime<Utc>) -> String {
        self.format(t, if self.is_this_year(t) { "%a %-d %b" } else { "%a %-d %b %Y" })
    }

    fn short_day(&self, t: DateTime<Utc>) -> String {
        self.format(t, if self.is_this_year(t) { "%-d %b" } else { "%-d %b %Y" })
    }

    /// The zone's name at `t`.
    #[must_use]
    pub fn zone_name(&self, t: DateTime<Utc>) -> String {
        self.format(t, "%Z")
    }

    fn is_today(&self, t: DateTime<Utc>) -> bool {
        self.format(t, "%F") == self.format(self.base, "%F")
    }

    fn is_this_year(&self, t: DateTime<Utc>) -> bool {
        self.format(t, "%Y") == self.format(self.base, "%Y")
    }

    fn format(&self, t: DateTime<Utc>, form: &str) -> String {
        self.local(t).map_or(NOTHING.to_owned(), |t| t.format(form).to_string())
    }

    /// The local time, unless it is beyond the years that can be written and that any sample has.
    fn local(&self, t: DateTime<Utc>) -> Option<DateTime<Tz>> {
        (1..=9_998).contains(&t.year()).then(|| t.with_timezone(&self.zone))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(y: i32, m: u32, d: u32, h: u32, min: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(y, m, d, h, min, 10).unwrap()
    }

    fn when(zone: Tz) -> When {
        When::new(zone, at(2026, 11, 21, 12, 0))
    }

    #[track_caller]
    fn check(actual: &str, expected: &str) {
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_date_is_as_precise_as_it_is_near() {
        let utc = when(Tz::UTC);
        check(&utc.date(at(2026, 11, 21, 12, 34), 2_000.0), "12:34:10");
        check(&utc.date(at(2026, 11, 21, 21, 34), 30_000.0), "21:34");
        check(&utc.date(at(2026, 11, 22, 1, 34), 50_000.0), "Sun 22 Nov 01:34");
        check(&utc.date_in_zone(at(2026, 11, 26, 13, 40), 5.0 * DAY_S), "Thu 26 Nov 14:00 UTC");
        check(&utc.date(at(2026, 12, 24, 13, 40), 33.0 * DAY_S), "Thu 24 Dec");
        check(&utc.date(at(2027, 1, 2, 13, 40), 42.0 * DAY_S), "Sat 2 Jan 2027");
    }

    #[test]
    fn the_zone_is_the_readers() {
        check(
            &when(Tz::Europe__Berlin).date_in_zone(at(2026, 11, 21, 23, 30), 40_000.0),
            "Sun 22 Nov 00:30 CET",
        );
    }

    #[test]
    fn ranges_name_what_differs() {
        let utc = when(Tz::UTC);
        let range = |low, high| utc.range(low, Some(high));
        check(&range(at(2026, 11, 25, 3, 0), at(2026, 11, 30, 3, 0)), "25-30 Nov");
        check(&range(at(2026, 11, 25, 3, 0), at(2026, 12, 3, 3, 0)), "25 Nov-3 Dec");
        check(&range(at(2026, 12, 25, 3, 0), at(2027, 1, 3, 3, 0)), "25 Dec 2026-3 Jan 2027");
        check(&range(at(2027, 1, 2, 3, 0), at(2027, 1, 5, 3, 0)), "2-5 Jan 2027");
        check(&range(at(2026, 11, 21, 20, 10), at(2026, 11, 21, 21, 40)), "20:10-21:40");
        check(&range(at(2026, 11, 21, 20, 10), at(2026, 11, 21, 20, 12)), "20:10:10-20:12:10");
        check(&range(at(2026, 11, 26, 20, 10), at(2026, 11, 26, 21, 40)), "Thu 26 Nov 20:10-21:40");
        check(&range(at(2026, 11, 26, 20, 10), at(2026, 11, 27, 1, 40)), "26 Nov 20:10-27 Nov 01:40");
        check(&utc.range(at(2026, 11, 25, 3, 0), None), "25 Nov or later");
        check(&utc.range(at(2026, 11, 21, 23, 0), Some(at(2999, 1, 1, 0, 0))), "23:00 or later");
    }
}
