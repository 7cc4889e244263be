//! Entries placed through the page: a file of their own, in the form of the map's.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::read::{self, Entry};
use super::timed::Timed;
use super::{Calendar, CalendarError, wall};

/// Entries at most: more are no plan.
const MOST: usize = 200;
/// Bytes of the file at most.
const MOST_BYTES: usize = 256 * 1024;
/// Characters of a name at most.
const LONGEST: usize = 200;
/// How the file begins.
const HEAD: &str =
    "# Services placed on the calendar through Hebe's page. It is written anew at each change.\n\n";

/// How often a placed restart comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// Not at all.
    Once,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every second week.
    Fortnightly,
    /// Every fourth week.
    FourWeekly,
}

impl Repeat {
    /// All, in order of length.
    pub const ALL: [Self; 5] = [Self::Once, Self::Daily, Self::Weekly, Self::Fortnightly, Self::FourWeekly];

    /// As in forms and in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Fortnightly => "fortnightly",
            Self::FourWeekly => "four_weekly",
        }
    }

    fn every(self) -> Option<&'static str> {
        match self {
            Self::Once => None,
            Self::Daily => Some("1d"),
            Self::Weekly => Some("7d"),
            Self::Fortnightly => Some("14d"),
            Self::FourWeekly => Some("28d"),
        }
    }
}

/// A service that somebody wants on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The node.
    pub node: String,
    /// The first day.
    pub date: NaiveDate,
    /// At which time of the node's zone.
    pub time: NaiveTime,
    /// How often again.
    pub repeat: Repeat,
}

/// All entries placed through the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    entries: Vec<(Entry, Timed)>,
}

impl Placed {
    /// Reads the file of such entries.
    ///
    /// # Errors
    ///
    /// Returns the first thing that cannot be, with its line.
    pub fn read(file: &str, text: &str) -> Result<Self, CalendarError> {
        if MOST_BYTES < text.len() {
            let message = format!("{} bytes; {MOST_BYTES} are allowed", text.len());
            return Err(CalendarError { file: file.to_owned(), line: 1, message });
        }
        Ok(Self { entries: read::placed(file, text)? })
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let mut text = HEAD.to_owned();
        for (entry, _) in &self.entries {
            text.push_str("[[timed]]\n");
            for (key, value) in entry.keys() {
                text.extend([key, " = ", &quoted(value), "\n"]);
            }
            text.push('\n');
        }
        text
    }

    /// The entries, in the order in which they were placed.
    pub fn entries(&self) -> impl Iterator<Item = &Timed> {
        self.entries.iter().map(|(_, timed)| timed)
    }

    /// Takes an entry away; none where there is no such entry.
    pub fn remove(&mut self, name: &str) -> Option<Timed> {
        let place = self.entries.iter().position(|(_, timed)| timed.name == name)?;
        Some(self.entries.remove(place).1)
    }

    /// Places a service on a day of the calendar.
    ///
    /// # Errors
    ///
    /// Returns why that cannot be, in one sentence: an unknown node, a time that is over, no room.
    pub fn place(
        &mut self,
        calendar: &Calendar,
        draft: &Draft,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Timed, String> {
        if !calendar.knows(&draft.node) {
            return Err("the restart map has no such node".to_owned());
        }
        if MOST <= self.entries.len() {
            return Err(format!("{MOST} entries are placed already; remove one first"));
        }
        let zone = calendar.schedule(&draft.node).zone();
        if draft.repeat == Repeat::Once && is_over(zone, draft, now) {
            return Err(format!("{} {} is over already", draft.date, draft.time.format("%H:%M")));
        }
        let entry = entry(draft, self.free_name(calendar), by);
        let timed = read::placed_entry(&entry)?;
        if calendar.timed().iter().chain(self.entries()).any(|other| is_same(other, &timed)) {
            return Err("it is placed there already".to_owned());
        }
        self.entries.push((entry, timed.clone()));
        if MOST_BYTES < self.text().len() {
            self.entries.pop();
            return Err("the file of placed entries would grow too large".to_owned());
        }
        Ok(timed)
    }

    /// `placed-N`, one more than the highest.
    fn free_name(&self, calendar: &Calendar) -> String {
        let names = self.entries().chain(calendar.timed()).map(|timed| timed.name.as_str());
        let numbers = names.filter_map(|name| name.strip_prefix("placed-")?.parse::<u64>().ok());
        format!("placed-{}", numbers.max().unwrap_or(0).saturating_add(1))
    }
}

fn is_same(a: &Timed, b: &Timed) -> bool {
    a.node == b.node && a.when == b.when
}

fn is_over(zone: Tz, draft: &Draft, now: DateTime<Utc>) -> bool {
    wall::first(zone, draft.date.and_time(draft.time)) <= now
}

fn entry(draft: &Draft, name: String, by: &str) -> Entry {
    let time = format!("{} {}", draft.date, draft.time.format("%H:%M"));
    let by: String = by.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    match draft.repeat.every() {
        None => Entry::new(name, draft.node.clone(), Some(time), None, by),
        Some(every) => Entry::new(name, draft.node.clone(), None, Some((every, time)), by),
    }
}
