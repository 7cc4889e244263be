//! A sheet of the calendar: day by day what is shut, what is open, and what is due.

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;

use super::schedule::whole_day;
use super::{Calendar, Occurrence, Placed, Span, wall};

/// Days of a sheet at most: a year and a leap day.
const MOST: i64 = 366;

/// A day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Why nothing is restarted on it; none where it is open at some time.
    pub shut: Option<String>,
    /// When it is open.
    pub open: Vec<Span>,
    /// Timed restarts that are due, also those that are not made.
    pub due: Vec<Occurrence>,
}

impl Day {
    /// Whether it is open from its first instant to its last.
    #[must_use]
    pub fn is_open_throughout(&self, zone: chrono_tz::Tz) -> bool {
        whole_day(zone, self.date).is_some_and(|whole| self.open == [whole])
    }
}

impl Calendar {
    /// The days from one to another, both included and at most a year, by the schedule that `node` keeps; the default
    /// where there is none.
    #[must_use]
    pub fn sheet(&self, placed: &Placed, node: Option<&str>, from: NaiveDate, until: NaiveDate) -> Vec<Day> {
        let schedule = self.schedule(node.unwrap_or_default());
        let zone = schedule.zone();
        let until = from.checked_add_signed(TimeDelta::days(MOST - 1)).map_or(until, |last| until.min(last));
        let dates: Vec<NaiveDate> = from.iter_days().take_while(|date| *date <= until).collect();
        let edges = dates.first().and_then(|&first| whole_day(zone, first)).zip(whole_day(zone, until));
        let Some((first, last)) = edges else { return Vec::new() };
        let due = self.all_occurrences(placed, first.from, last.until);
        let day = |date: NaiveDate| {
            let whole = whole_day(zone, date)?;
            let open = schedule.windows(whole.from, whole.until);
            let shut =
                || schedule.closed(whole.from).map_or("nothing is open".to_owned(), |closed| closed.why);
            let due = due.iter().filter(|due| wall::shows(zone, due.at).date() == date).cloned().collect();
            Some(Day { date, shut: open.is_empty().then(shut), open, due })
        };
        dates.into_iter().filter_map(day).collect()
    }
}
