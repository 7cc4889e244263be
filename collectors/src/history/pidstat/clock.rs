//! Times of pidstat: a date in the first line, in the layout of some locale, and clocks on the rows.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use crate::history::json::milliseconds;
use crate::history::time::{self, Layout, Reading, Trust};

/// How far back a clock goes at midnight. Smaller steps back are the fold of summer time.
const NIGHT: TimeDelta = TimeDelta::hours(12);

/// A time as a row has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Written {
    /// Seconds since 1970 (`-H`).
    Unix(f64),
    /// What the clock showed.
    Wall(NaiveTime),
}

/// Clocks of rows to times.
#[derive(Debug)]
pub(super) struct Clock {
    zone: Option<Tz>,
    midnight: Option<NaiveDateTime>,
    before: Option<NaiveDateTime>,
    last_ms: i64,
    walls: u64,
    /// A date that could be read in two ways, as it was written.
    unclear: Option<String>,
}

impl Clock {
    pub(super) fn new(zone: Option<Tz>) -> Self {
        Self { zone, midnight: None, before: None, last_ms: i64::MIN, walls: 0, unclear: None }
    }

    /// A recording begins at that date.
    pub(super) fn start(&mut self, date: &str) -> Result<(), String> {
        (self.midnight, self.before) = (None, None);
        let judged = time::judge(&[date], Trust::Named).ok_or_else(|| format!("`{date}` is no date"))?;
        if judged.unclear {
            self.unclear = Some(date.to_owned());
        }
        let layout = if judged.layout == Layout::Year { Layout::YearFirst } else { judged.layout };
        let (Reading::Wall(ms) | Reading::Utc(ms)) =
            layout.parse(date.as_bytes()).ok_or_else(|| format!("`{date}` is no date"))?;
        self.midnight = DateTime::from_timestamp_millis(ms).map(|time| time.naive_utc());
        Ok(())
    }

    /// The time in milliseconds since 1970 UTC.
    pub(super) fn read(&mut self, written: Written) -> Result<i64, String> {
        let t_ms = match written {
            Written::Unix(second) => milliseconds(second, 1000.0).ok_or("a time beyond the calendar")?,
            Written::Wall(time) => self.wall(time)?,
        };
        self.last_ms = t_ms;
        Ok(t_ms)
    }

    fn wall(&mut self, time: NaiveTime) -> Result<i64, String> {
        let midnight =
            self.midnight.ok_or("a clock without a date: the line that begins with `Linux` has it")?;
        let mut wall = midnight + time.signed_duration_since(NaiveTime::MIN);
        if self.before.is_some_and(|before| NIGHT < before - wall) {
            self.midnight = midnight.checked_add_signed(TimeDelta::days(1));
            wall += TimeDelta::days(1);
        }
        self.before = Some(wall);
        self.walls += 1;
        let found = self.zone.unwrap_or(Tz::UTC).from_local_datetime(&wall);
        // Of an hour that is shown twice the first is meant, unless the rows have passed it.
        let found =
            [found.earliest(), found.latest()].into_iter().flatten().map(|time| time.timestamp_millis());
        let mut found: Vec<i64> = found.collect();
        found.dedup();
        let meant = found.iter().find(|&&t_ms| self.last_ms <= t_ms).or(found.last());
        meant.copied().ok_or_else(|| format!("there was no `{wall}` in that zone"))
    }

    pub(super) fn assumptions(&self) -> Vec<String> {
        let mut texts = Vec::new();
        if 0 < self.walls && self.zone.is_none() {
            texts.push(
                "the times are wall-clock times without a zone, taken as UTC; name it with --zone".to_owned(),
            );
        }
        if let Some(date) = &self.unclear {
            texts.push(format!(
                "`{date}` may begin with its month or its day; the month was taken: record with S_TIME_FORMAT=ISO or \
                 pidstat -H"
            ));
        }
        texts
    }
}

/// Host and date of `Linux 6.1.0 (host) \t11/28/26 \t_x86_64_\t(2 CPU)`.
pub(super) fn banner(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("Linux ")?;
    let open = rest.find('(')?;
    let (host, rest) = rest[open + 1..].split_once(')')?;
    Some((host, rest.split_whitespace().next()?))
}

/// The time that a row begins with, and what stands behind it.
pub(super) fn time_of(line: &str) -> Option<(Written, &str)> {
    let (first, rest) = line.split_once(char::is_whitespace)?;
    if first.len() <= 12 && first.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((Written::Unix(first.parse().ok()?), rest));
    }
    let time = NaiveTime::parse_from_str(first, "%H:%M:%S").ok()?;
    let rest = rest.trim_start();
    let (half, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    match half {
        "AM" | "PM" | "am" | "pm" => {
            let text = format!("{first} {}", half.to_ascii_uppercase());
            let time = NaiveTime::parse_from_str(&text, "%I:%M:%S %p").ok()?;
            Some((Written::Wall(time), behind))
        }
        _ => Some((Written::Wall(time), rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walls(date: &str, zone: Option<Tz>, rows: &[&str]) -> Vec<i64> {
        let mut clock = Clock::new(zone);
        clock.start(date).unwrap();
        rows.iter().map(|row| clock.read(time_of(row).unwrap().0).unwrap()).collect()
    }

    /// 2026-11-28T00:00:00Z.
    const DAY_MS: i64 = 1_795_824_000_000;

    #[test]
    fn dates_of_every_locale_are_read() {
        for date in ["11/28/26", "28/11/26", "28.11.2026", "2026-11-28"] {
            assert_eq!(walls(date, None, &["01:00:00 x"]), [DAY_MS + 3_600_000], "{date}");
        }
    }

    #[test]
    fn twelve_hours_are_not_twenty_four() {
        let rows = ["12:00:00 AM x", "11:59:59 AM x", "12:00:00 PM x", "01:00:00 PM x"];
        assert_eq!(walls("11/28/26", None, &rows), [0, 43_199, 43_200, 46_800].map(|s| DAY_MS + s * 1000));
    }

    #[test]
    fn the_date_goes_on_at_midnight_and_again() {
        let rows = ["23:59:00 x", "00:01:00 x", "23:59:00 x", "00:01:00 x"];
        let minutes = [1439, 1441, 2879, 2881].map(|minute| DAY_MS + minute * 60_000);
        assert_eq!(walls("2026-11-28", None, &rows), minutes);
    }

    #[test]
    fn an_hour_that_is_shown_twice_goes_on() {
        let rows = ["02:30:00 x", "02:59:00 x", "02:10:00 x", "02:30:00 x"];
        let found = walls("2026-10-25", Some(Tz::Europe__Berlin), &rows);
        assert!(found.is_sorted() && found[3] - found[0] == 3_600_000, "{found:?}");
    }

    #[test]
    fn what_was_assumed_is_said() {
        let mut clock = Clock::new(None);
        clock.start("11/05/26").unwrap();
        clock.read(time_of("01:00:00 x").unwrap().0).unwrap();
        assert_eq!(clock.assumptions().len(), 2);
        assert!(clock.start("yesterday").is_err());
        assert!(clock.read(time_of("01:00:00 x").unwrap().0).is_err(), "no date, no time");
    }
}
