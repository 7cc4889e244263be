//! One rule of a schedule: days, hours of them, and the text and line that say so.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::days::Days;
use super::span::Span;
use super::wall;
use super::words::DAY;

/// One rule of a schedule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) days: Days,
    /// Minutes of the day; the second may lie past midnight. None: the whole day.
    pub(super) hours: Option<(u32, u32)>,
    /// As written.
    pub(super) text: String,
    /// Line of the file.
    pub(super) line: usize,
}

impl Rule {
    /// What it closes of a day it means: every instant at which the wall shows such a time, both times where a time
    /// comes twice.
    pub(super) fn closes(&self, zone: Tz, day: NaiveDate) -> Option<Span> {
        let (from, until) = self.wall(day)?;
        Some(Span::new(wall::first(zone, from), wall::end(zone, until))).filter(|span| span.from < span.until)
    }

    /// What it opens of a day it means: a time that comes twice ends it the first time, so that a window in an hour
    /// that is repeated is one window.
    pub(super) fn opens(&self, zone: Tz, day: NaiveDate) -> Option<Span> {
        let (from, until) = self.wall(day)?;
        Some(Span::new(wall::first(zone, from), wall::first(zone, until)))
            .filter(|span| span.from < span.until)
    }

    fn wall(&self, day: NaiveDate) -> Option<(chrono::NaiveDateTime, chrono::NaiveDateTime)> {
        let (from, until) = self.hours.unwrap_or((0, DAY));
        let midnight = wall::on(day, 0);
        let at = |minutes: u32| midnight.checked_add_signed(TimeDelta::minutes(i64::from(minutes)));
        self.days.mean(day).then(|| Some((at(from)?, at(until)?)))?
    }
}
