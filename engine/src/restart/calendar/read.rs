//! The calendar's part of a map file, and the file of entries placed through the page.
//!
//! ```toml
//! [schedule.default]
//! zone = "Europe/Berlin"
//! never = ["Sat-Sun", "2026-12-24..2027-01-02"]      # days without restarts
//! holidays = ["Dec 25", "Easter+1"]
//! quiet = ["Mon-Fri 08:00-18:00"]                    # hours without restarts
//! only = ["22:00-06:00"]                             # if given, restarts are made in these alone
//! # A node keeps the schedule that it or a node above it names, such as `schedule = "nights"`, else `default`.
//!
//! [[timed]]
//! node = "payments"
//! at = "Sun 03:00"                                   # or a cron pattern; or: every = "14d", from = "2026-12-01 03:00"
//! ```

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;
use toml::Spanned;

use super::rule::Rule;
use super::schedule::Schedule;
use super::timed::{Timed, When};
use super::{Calendar, CalendarError, words};
use crate::spelling;

/// How long after its time a timed restart may begin where nobody says so.
const WITHIN_S: f64 = 3600.0;
/// Entries, rules and schedules at most: a calendar is read by people.
const MOST: usize = 1_000;
/// From here on it is asked whether an entry ever comes.
const EPOCH: (i32, u32, u32) = (2000, 1, 1);

#[derive(Debug, Default, Deserialize)]
struct Document {
    /// In which schedules are that name none.
    zone: Option<Spanned<String>>,
    #[serde(default)]
    schedule: BTreeMap<Spanned<String>, Written>,
    #[serde(default)]
    timed: Vec<Spanned<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    #[serde(default)]
    timed: Vec<Spanned<Entry>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    zone: Option<Spanned<String>>,
    #[serde(default)]
    never: Vec<Spanned<String>>,
    #[serde(default)]
    holidays: Vec<Spanned<String>>,
    #[serde(default)]
    quiet: Vec<Spanned<String>>,
    #[serde(default)]
    only: Vec<Spanned<String>>,
}

/// One `[[timed]]` as written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    name: Option<String>,
    node: String,
    at: Option<Spanned<String>>,
    every: Option<Spanned<String>>,
    from: Option<Spanned<String>>,
    within: Option<Spanned<String>>,
    by: Option<String>,
}

impl Entry {
    /// One that the page has made: at a time, or every so often from a time on.
    pub(super) fn new(
        name: String,
        node: String,
        at: Option<String>,
        every: Option<(&str, String)>,
        by: String,
    ) -> Self {
        let (every, from) = every.map(|(every, from)| (every.to_owned(), from)).unzip();
        let (name, by, spanned) = (Some(name), Some(by), |text| Spanned::new(0..0, text));
        Self {
            name,
            node,
            at: at.map(spanned),
            every: every.map(spanned),
            from: from.map(spanned),
            within: None,
            by,
        }
    }

    /// Its keys and values that are set.
    pub(super) fn keys(&self) -> Vec<(&'static str, &str)> {
        let keys = [
            ("name", self.name.as_deref()),
            ("node", Some(self.node.as_str())),
            ("at", self.at.as_ref().map(|text| text.get_ref().as_str())),
            ("every", self.every.as_ref().map(|text| text.get_ref().as_str())),
            ("from", self.from.as_ref().map(|text| text.get_ref().as_str())),
            ("within", self.within.as_ref().map(|text| text.get_ref().as_str())),
            ("by", self.by.as_deref()),
        ];
        keys.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// Places errors in a file.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn line(&self, at: usize) -> usize {
        1 + self.text.get(..at).unwrap_or(self.text).matches('\n').count()
    }

    fn error(&self, at: usize, message: impl Into<String>) -> CalendarError {
        CalendarError { file: self.file.to_owned(), line: self.line(at), message: message.into() }
    }

    fn within<T>(
        &self,
        written: &Spanned<String>,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, CalendarError> {
        read(written.get_ref()).map_err(|why| self.error(written.span().start, format!("`{key}`: {why}")))
    }
}

/// Reads the schedules and entries of a document; other keys of it are somebody else's.
pub(super) fn calendar(file: &str, text: &str, zone: Tz) -> Result<Calendar, CalendarError> {
    let place = Place { file, text };
    let document: Document = document(&place)?;
    let zone = document.zone.as_ref().map_or(Ok(zone), |text| place.within(text, "zone", known_zone))?;
    let mut calendar = Calendar::open_always(zone);
    for (name, written) in document.schedule {
        let schedule = schedule(&place, name.get_ref(), &written, zone)?;
        calendar.schedules.insert(name.into_inner(), schedule);
    }
    calendar.timed = entries(&place, document.timed)?.into_iter().map(|(_, timed)| timed).collect();
    file.clone_into(&mut calendar.file);
    Ok(calendar)
}

/// Reads a file of placed entries, in which there is nothing else.
pub(super) fn placed(file: &str, text: &str) -> Result<Vec<(Entry, Timed)>, CalendarError> {
    let place = Place { file, text };
    let document: Entries = document(&place)?;
    entries(&place, document.timed)
}

/// Checks one entry that the page has made.
pub(super) fn placed_entry(entry: &Entry) -> Result<Timed, String> {
    timed(&Place { file: "", text: "" }, 0, entry).map_err(|error| error.message)
}

fn document<T: for<'de> Deserialize<'de>>(place: &Place<'_>) -> Result<T, CalendarError> {
    toml::from_str(place.text).map_err(|error| {
        let message = error.message().trim_end();
        let hint =
            spelling::suggestion(message).map_or(String::new(), |key| format!("; did you mean `{key}`?"));
        place.error(error.span().map_or(0, |span| span.start), format!("{message}{hint}"))
    })
}

fn schedule(place: &Place<'_>, name: &str, written: &Written, zone: Tz) -> Result<Schedule, CalendarError> {
    let zone = match &written.zone {
        None => zone,
        Some(text) => place.within(text, "zone", known_zone)?,
    };
    let rules = |key: &str, written: &[Spanned<String>], hours: bool| -> Result<Vec<Rule>, CalendarError> {
        if let Some(over) = written.get(MOST) {
            return Err(place.error(over.span().start, format!("`{key}` has more than {MOST} rules")));
        }
        written
            .iter()
            .map(|text| {
                place.within(text, key, |text| rule(text, hours)).map(|mut rule| {
                    rule.line = place.line(text.span().start);
                    rule
                })
            })
            .collect()
    };
    Ok(Schedule {
        name: name.to_owned(),
        zone,
        never: rules("never", &written.never, false)?,
        holidays: rules("holidays", &written.holidays, false)?,
        quiet: rules("quiet", &written.quiet, true)?,
        only: rules("only", &written.only, true)?,
    })
}

fn rule(text: &str, hours_allowed: bool) -> Result<Rule, String> {
    let (days, hours) = words::days_and_hours(text)?;
    if hours.is_some() && !hours_allowed {
        return Err(format!("`{text}` has hours, and whole days are meant here; hours belong to `quiet`"));
    }
    Ok(Rule { days, hours, text: text.trim().to_owned(), line: 0 })
}

/// A zone by its name in the IANA database.
fn known_zone(name: &str) -> Result<Tz, String> {
    name.trim().parse().map_err(|_| {
        let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        match spelling::nearest(name, known) {
            Some(near) => format!("there is no zone `{name}`; did you mean `{near}`?"),
            None => format!("there is no zone `{name}`; expected a name such as Europe/Berlin"),
        }
    })
}

fn entries(place: &Place<'_>, written: Vec<Spanned<Entry>>) -> Result<Vec<(Entry, Timed)>, CalendarError> {
    if let Some(over) = written.get(MOST) {
        return Err(place.error(over.span().start, format!("there are more than {MOST} `[[timed]]`")));
    }
    let mut entries: Vec<(Entry, Timed)> = Vec::with_capacity(written.len());
    for entry in written {
        let (at, entry) = (entry.span().start, entry.into_inner());
        let timed = timed(place, at, &entry)?;
        if let Some((_, twin)) = entries.iter().find(|(_, twin)| twin.name == timed.name) {
            let (name, line) = (&timed.name, twin.line);
            let message = format!("`{name}` is in line {line} already; give one of them another `name`");
            return Err(place.error(at, message));
        }
        entries.push((entry, timed));
    }
    Ok(entries)
}

fn timed(place: &Place<'_>, at: usize, entry: &Entry) -> Result<Timed, CalendarError> {
    let (when, text) = match (&entry.at, &entry.every, &entry.from) {
        (Some(text), None, None) => {
            (place.within(text, "at", |text| When::at(text, epoch()))?, text.get_ref().clone())
        }
        (None, Some(every), Some(from)) => {
            let when = place.within(every, "every", |text| When::every(text, from.get_ref()))?;
            (when, format!("every {} from {}", every.get_ref(), from.get_ref()))
        }
        _ => return Err(place.error(at, "expected either `at`, or `every` and `from`")),
    };
    let within_s = match &entry.within {
        None => WITHIN_S,
        Some(text) => place.within(text, "within", span_s)?,
    };
    let name = entry.name.clone().unwrap_or_else(|| format!("{}, {text}", entry.node));
    let (node, by) = (entry.node.clone(), entry.by.clone());
    Ok(Timed { name, node, text, within_s, by, line: place.line(at), when })
}

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(EPOCH.0, EPOCH.1, EPOCH.2).unwrap_or_default()
}

/// `30min`, `1h` or `2d`.
fn span_s(text: &str) -> Result<f64, String> {
    let form = || format!("`{text}` is no duration; expected such as `30min`, `1h` or `2d`");
    let digits = text.trim().bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.trim().split_at(digits);
    let unit_s = match unit.trim() {
        "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return Err(form()),
    };
    let count: u32 = count.parse().map_err(|_| form())?;
    let all = f64::from(count) * unit_s;
    if (60.0..=7.0 * 86_400.0).contains(&all) { Ok(all) } else { Err(format!("`{text}`: at most 7d")) }
}
