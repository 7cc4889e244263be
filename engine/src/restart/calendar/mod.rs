//! The calendar: days and hours in which nothing is restarted on purpose, services placed on days, and the moment that
//! costs least.
//!
//! What lives here is pure: instants come in, spans of time go out. Nothing is restarted here.

mod choose;
mod days;
mod placed;
mod read;
mod rule;
mod schedule;
mod sheet;
mod span;
mod timed;
mod wall;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

pub use placed::{Draft, Placed, Repeat};
pub use schedule::{Closed, Schedule};
pub use sheet::Day;
pub use span::Span;
pub use timed::{Occurrence, Timed};

use super::map::Map;
use crate::habit::Habit;
use crate::spelling::nearest;

/// Name of the schedule that is kept where no other is.
const DEFAULT: &str = "default";

/// What is wrong with a calendar, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct CalendarError {
    /// The file.
    pub file: String,
    /// Counts from 1.
    pub line: usize,
    /// What was found, and what was expected.
    pub message: String,
}

/// Schedules, who keeps which, and what is placed on days.
#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    file: String,
    schedules: BTreeMap<String, Schedule>,
    /// By node; where there is none, the default.
    kept: BTreeMap<String, String>,
    timed: Vec<Timed>,
    /// How busy nodes are, by name.
    habits: BTreeMap<String, Habit>,
}

impl Calendar {
    /// A calendar in which everything is allowed and nothing placed.
    #[must_use]
    pub fn open_always(zone: Tz) -> Self {
        let schedules = BTreeMap::from([(DEFAULT.to_owned(), Schedule::open_always(zone))]);
        let (kept, habits) = (BTreeMap::new(), BTreeMap::new());
        Self { file: String::new(), schedules, kept, timed: Vec::new(), habits }
    }

    /// Reads `[schedule.NAME]` and `[[timed]]` of a map; schedules that name no zone are in `zone`.
    ///
    /// # Errors
    ///
    /// Returns the first thing that cannot be, with its line.
    pub fn read(file: &str, text: &str, zone: Tz) -> Result<Self, CalendarError> {
        read::calendar(file, text, zone)
    }

    /// Checks names against the map, and lets every node keep its schedule, else that of the nearest node above.
    ///
    /// # Errors
    ///
    /// Returns the first node or schedule that does not exist, with its line.
    pub fn bind(mut self, map: &Map) -> Result<Self, CalendarError> {
        for timed in &self.timed {
            if map.find(&timed.node).is_none() {
                let nodes = map.nodes.iter().map(|node| node.name.as_str());
                return Err(self.unknown("node", &timed.node, nodes, timed.line));
            }
        }
        // Parents come before their children.
        for node in &map.nodes {
            let above = node.parent.and_then(|parent| self.kept.get(&map.node(parent).name));
            let name = node.schedule.as_ref().or(above).map_or(DEFAULT, String::as_str).to_owned();
            if !self.schedules.contains_key(&name) {
                let known = self.schedules.keys().map(String::as_str);
                return Err(self.unknown("schedule", &name, known, node.line));
            }
            self.kept.insert(node.name.clone(), name);
        }
        Ok(self)
    }

    fn unknown<'a>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
        line: usize,
    ) -> CalendarError {
        let hint = nearest(name, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        CalendarError { file: self.file.clone(), line, message: format!("there is no {what} `{name}`{hint}") }
    }

    /// Whether the map has that node.
    #[must_use]
    pub fn knows(&self, node: &str) -> bool {
        self.kept.contains_key(node)
    }

    /// How busy a node is through the day: its restarts are weighed by that.
    pub fn learn(&mut self, node: &str, habit: Habit) {
        self.habits.insert(node.to_owned(), habit);
    }

    /// The schedule that a node keeps.
    #[must_use]
    pub fn schedule(&self, node: &str) -> &Schedule {
        let name = self.kept.get(node).map_or(DEFAULT, String::as_str);
        self.schedules.get(name).unwrap_or(&self.schedules[DEFAULT])
    }

    /// All schedules, by name.
    pub fn schedules(&self) -> impl Iterator<Item = &Schedule> {
        self.schedules.values()
    }

    /// What stands in the map.
    #[must_use]
    pub fn timed(&self) -> &[Timed] {
        &self.timed
    }

    /// When all of `nodes` may be restarted, from one instant until before another.
    #[must_use]
    pub fn windows(&self, nodes: &[String], from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Span> {
        let mut schedules: Vec<&Schedule> = nodes.iter().map(|node| self.schedule(node)).collect();
        schedules.sort_by(|a, b| a.name.cmp(&b.name));
        schedules.dedup_by(|a, b| a.name == b.name);
        let mut windows = span::set(vec![Span::new(wall::within(from), wall::within(until))]);
        for schedule in schedules {
            windows = span::both(&windows, &schedule.windows(from, until));
        }
        windows
    }

    /// The first instant from `from` on at which all of `nodes` may be restarted; none if there is none within eight
    /// years.
    #[must_use]
    pub fn next_opening(&self, nodes: &[String], from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        schedule::first_of(from, |from, until| self.windows(nodes, from, until))
    }

    /// The timed restarts from one instant until before another that are made: the map's, and those of `placed`.
    #[must_use]
    pub fn occurrences(&self, placed: &Placed, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Occurrence> {
        let mut all = self.all_occurrences(placed, from, until);
        all.retain(|occurrence| occurrence.closed.is_none());
        all
    }

    /// The same with those that are not made, each with the reason.
    #[must_use]
    pub fn all_occurrences(
        &self,
        placed: &Placed,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Vec<Occurrence> {
        let of_map = self.timed.iter().map(|timed| (timed, false));
        let of_page = placed.entries().map(|timed| (timed, true));
        let due = |(timed, placed): (&Timed, bool)| {
            let schedule = self.schedule(&timed.node);
            let one = |at: DateTime<Utc>| Occurrence {
                entry: timed.name.clone(),
                node: timed.node.clone(),
                at,
                until: at + TimeDelta::try_milliseconds(ms(timed.within_s)).unwrap_or_default(),
                placed,
                closed: schedule.closed(at),
            };
            timed.when.instants(schedule.zone, from, until).into_iter().map(one).collect::<Vec<_>>()
        };
        let mut all: Vec<Occurrence> = of_map.chain(of_page).flat_map(due).collect();
        all.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.entry.cmp(&b.entry)));
        all
    }
}

/// Milliseconds of seconds.
fn ms(s: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "a cast that saturates")]
    let ms = (s * 1000.0).round() as i64;
    ms
}
