//! Timed rejuvenation: services placed on a calendar.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::days::Days;
use super::schedule::Closed;
use super::{wall, words};

/// More often than so many times a day is no plan.
const MOST_A_DAY: usize = 24;

/// A service placed on a calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// Unique.
    pub name: String,
    /// The node that is restarted.
    pub node: String,
    /// As written.
    pub text: String,
    /// How long after its time it may still begin, in seconds.
    pub within_s: f64,
    /// Who placed it there through the page; none where it stands in the map.
    pub by: Option<String>,
    /// Line of its file.
    pub line: usize,
    pub(super) when: When,
}

/// When a timed restart is due.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// At these minutes of these days.
    On { days: Days, minutes: Vec<u32> },
    /// Every so many days at the same time of day, from a first time on.
    EveryDays { from: NaiveDateTime, days: i64 },
    /// Every so many hours by a stopwatch, from a first time on.
    EveryHours { from: NaiveDateTime, hours: i64 },
}

/// A timed restart that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Occurrence {
    /// Name of its entry.
    pub entry: String,
    /// The node.
    pub node: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When it is too late to begin.
    pub until: DateTime<Utc>,
    /// Whether it was placed through the page, and can be taken away there.
    pub placed: bool,
    /// Why it is not made; none where the schedule is open.
    pub closed: Option<Closed>,
}

impl When {
    /// `Sun 03:00`, `2026-12-05 03:00` or a cron pattern.
    pub(super) fn at(text: &str, today: NaiveDate) -> Result<Self, String> {
        if text.split_whitespace().count() == 5 && !text.contains(':') {
            return Self::cron(text, today);
        }
        let (days, time) = words::days_and_time(text)?;
        Self::checked(text, days, vec![time], today)
    }

    fn cron(text: &str, today: NaiveDate) -> Result<Self, String> {
        let cron = words::cron(text)?;
        let fields: Vec<&str> = text.split_whitespace().collect();
        let days = words::days(&format!("* * {}", fields[2..].join(" ")))?;
        Self::checked(text, days, words::times(&cron), today)
    }

    fn checked(text: &str, days: Days, minutes: Vec<u32>, today: NaiveDate) -> Result<Self, String> {
        if MOST_A_DAY < minutes.len() {
            return Err(format!("`{text}` is {} times a day; {MOST_A_DAY} are allowed", minutes.len()));
        }
        if minutes.is_empty() || !words::ever(&days, today) {
            return Err(format!("`{text}` never comes"));
        }
        Ok(Self::On { days, minutes })
    }

    /// `14d`, `2w` or `36h`, from `2026-12-01 03:00` on.
    pub(super) fn every(text: &str, from: &str) -> Result<Self, String> {
        let form = || format!("`{text}` is no such span; expected whole hours, days or weeks such as `14d`");
        let text_trimmed = text.trim();
        let unit = text_trimmed.chars().last().filter(char::is_ascii).ok_or_else(form)?;
        let count: i64 = text_trimmed[..text_trimmed.len() - 1].trim_end().parse().map_err(|_| form())?;
        let (day, minutes) = words::date_and_time(from)?;
        let from = wall::on(day, minutes);
        if !(1..=3_660).contains(&count) {
            return Err(form());
        }
        match unit {
            'h' => Ok(Self::EveryHours { from, hours: count }),
            'd' => Ok(Self::EveryDays { from, days: count }),
            'w' => Ok(Self::EveryDays { from, days: 7 * count }),
            _ => Err(form()),
        }
    }

    /// The instants from `from` until before `until`, each once: a time that clocks jump over is the instant of the
    /// jump, one that comes twice is its first.
    pub(super) fn instants(&self, zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let (from, until) = (wall::within(from), wall::within(until));
        let mut instants = match self {
            Self::On { days, minutes } => on_days(zone, from, until, days, minutes),
            Self::EveryDays { from: first, days } => every_days(zone, from, until, *first, *days),
            Self::EveryHours { from: first, hours } => {
                every_hours(wall::first(zone, *first), *hours, from, until)
            }
        };
        instants.retain(|at| from <= *at && *at < until);
        instants.sort_unstable();
        instants.dedup();
        instants
    }
}

/// The days of the wall from one instant to another, and one more at each end.
fn days_between(zone: Tz, from: DateTime<Utc>, until: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let day = |at, by| (wall::shows(zone, at) + TimeDelta::days(by)).date();
    (day(from, -1), day(until, 1))
}

fn on_days(
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    days: &Days,
    minutes: &[u32],
) -> Vec<DateTime<Utc>> {
    let (first, last) = days_between(zone, from, until);
    let meant = first.iter_days().take_while(|&day| day <= last).filter(|&day| days.mean(day));
    meant.flat_map(|day| minutes.iter().map(move |&m| wall::first(zone, wall::on(day, m)))).collect()
}

fn every_days(
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    first: NaiveDateTime,
    days: i64,
) -> Vec<DateTime<Utc>> {
    let (begin, end) = days_between(zone, from, until);
    let skipped = (begin - first.date()).num_days().max(0).div_euclid(days);
    let count = (end - begin).num_days() / days + 2;
    let wall = |k: i64| first + TimeDelta::days((skipped + k) * days);
    (0..count).map(wall).filter(|wall| wall.date() <= end).map(|wall| wall::first(zone, wall)).collect()
}

fn every_hours(
    first: DateTime<Utc>,
    hours: i64,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let skipped = (from - first).num_hours().max(0) / hours;
    let count = (until - from).num_hours() / hours + 2;
    (0..count).map(|k| first + TimeDelta::hours((skipped + k) * hours)).collect()
}
