//! The schedule filter: when nothing is restarted on purpose.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::rule::Rule;
use super::span::{self, Span};
use super::wall;

/// A rule reaches so many days past the one it means: hours past midnight, and a day that zones are ahead.
const REACH: i64 = 2;
/// Days looked ahead for an opening: a 29 February comes after eight years at the latest.
const AHEAD_DAYS: i64 = 8 * 366 + 1;
/// Days looked at in one go.
const CHUNK_DAYS: i64 = 64;

/// When nothing is restarted on purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    pub(super) name: String,
    pub(super) zone: Tz,
    /// Days on which nothing is restarted.
    pub(super) never: Vec<Rule>,
    /// The same, and their name is holiday.
    pub(super) holidays: Vec<Rule>,
    /// Hours in which nothing is restarted.
    pub(super) quiet: Vec<Rule>,
    /// If there are any, restarts are made in these alone.
    pub(super) only: Vec<Rule>,
}

/// Why nothing is restarted at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// In one sentence.
    pub why: String,
    /// Whether the whole day is meant.
    pub day: bool,
    /// Line of the rule; none where no rule opens it.
    pub line: Option<usize>,
}

impl Schedule {
    /// A schedule that is always open.
    #[must_use]
    pub fn open_always(zone: Tz) -> Self {
        let none = Vec::new;
        let name = "default".to_owned();
        Self { name, zone, never: none(), holidays: none(), quiet: none(), only: none() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Why nothing is restarted at an instant; none where it is open.
    #[must_use]
    pub fn closed(&self, at: DateTime<Utc>) -> Option<Closed> {
        let at = wall::within(at);
        let days: Vec<NaiveDate> = self.days(at, at).collect();
        let closing = |rules: &[Rule]| {
            let mut spans = rules.iter().flat_map(|rule| days.iter().map(move |&day| (rule, day)));
            spans.find(|(rule, day)| rule.closes(self.zone, *day).is_some_and(|span| span.holds(at))).map(
                |(rule, day)| {
                    (rule.text.clone(), rule.line, day, rule.closes(self.zone, day), rule.hours.is_none())
                },
            )
        };
        let of_day = |rules: &[Rule], what: &str| {
            closing(rules).map(|(text, line, day, _, _)| Closed {
                why: format!("{} is {what} (`{text}`)", day.format("%a %-d %b %Y")),
                day: true,
                line: Some(line),
            })
        };
        of_day(&self.never, "a day without restarts")
            .or_else(|| of_day(&self.holidays, "a holiday"))
            .or_else(|| {
                let (text, line, _, span, day) = closing(&self.quiet)?;
                let until = span.map_or(String::new(), |span| {
                    span.until.with_timezone(&self.zone).format(" until %a %H:%M").to_string()
                });
                Some(Closed { why: format!("quiet hours{until} (`{text}`)"), day, line: Some(line) })
            })
            .or_else(|| self.outside(&days, at))
    }

    fn outside(&self, days: &[NaiveDate], at: DateTime<Utc>) -> Option<Closed> {
        let opens = |rule: &Rule| {
            days.iter().any(|&day| rule.opens(self.zone, day).is_some_and(|span| span.holds(at)))
        };
        if self.only.is_empty() || self.only.iter().any(opens) {
            return None;
        }
        let texts: Vec<String> = self.only.iter().map(|rule| format!("`{}`", rule.text)).collect();
        Some(Closed { why: format!("outside of {}", texts.join(", ")), day: false, line: None })
    }

    /// When it is open, from one instant until before another: sorted, apart from each other, none empty.
    #[must_use]
    pub fn windows(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<Span> {
        let whole = Span::new(wall::within(from), wall::within(until));
        if whole.until <= whole.from {
            return Vec::new();
        }
        let days: Vec<NaiveDate> = self.days(whole.from, whole.until).collect();
        let all = |rules: &[Rule], of: fn(&Rule, Tz, NaiveDate) -> Option<Span>| -> Vec<Span> {
            rules
                .iter()
                .flat_map(|rule| days.iter().filter_map(move |&day| of(rule, self.zone, day)))
                .collect()
        };
        let mut closed = all(&self.never, Rule::closes);
        closed.extend(all(&self.holidays, Rule::closes));
        closed.extend(all(&self.quiet, Rule::closes));
        let rest = span::rest(whole, &span::set(closed));
        if self.only.is_empty() { rest } else { span::both(&rest, &span::set(all(&self.only, Rule::opens))) }
    }

    /// The first instant from `from` on at which it is open; none if there is none within eight years.
    #[must_use]
    pub fn next_opening(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        first_of(from, |from, until| self.windows(from, until))
    }

    /// Days of which a rule may reach into the span.
    fn days(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
        let first = (wall::shows(self.zone, from) - TimeDelta::days(REACH)).date();
        let last = (wall::shows(self.zone, until) + TimeDelta::days(1)).date();
        first.iter_days().take_while(move |&day| day <= last)
    }
}

/// The first instant of the windows that a function finds, piece by piece.
pub(super) fn first_of(
    from: DateTime<Utc>,
    windows: impl Fn(DateTime<Utc>, DateTime<Utc>) -> Vec<Span>,
) -> Option<DateTime<Utc>> {
    let start = wall::within(from);
    (0..=AHEAD_DAYS / CHUNK_DAYS).find_map(|chunk| {
        let from = start + TimeDelta::days(chunk * CHUNK_DAYS);
        windows(from, from + TimeDelta::days(CHUNK_DAYS)).first().map(|window| window.from)
    })
}

/// A day from its first instant to the next day's.
pub(super) fn whole_day(zone: Tz, day: NaiveDate) -> Option<Span> {
    Some(Span::new(wall::first(zone, wall::on(day, 0)), wall::first(zone, wall::on(day.succ_opt()?, 0))))
}
