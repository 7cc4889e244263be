//! One line for pollers of Nagios' kind: how bad it is in all, with performance data.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::finding::{Row, Status};
use crate::report::{clean, units};
use crate::silence::Silence;

/// Resources that have performance data: the worst. Pollers cut long answers.
const MEASURED: usize = 25;
/// Resources that have a line of their own.
const LISTED: usize = 50;

/// What a poller is told, from best to worst: of several the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing runs out within the lead time.
    Ok,
    /// Something runs out within the lead time.
    Warning,
    /// There was nothing to judge.
    Unknown,
    /// Something is full, or runs out within a quarter of the lead time.
    Critical,
}

/// As much of a row as a poller is told: of a finding, or of the rows that the daemon's API gives.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Checked {
    resource: String,
    scope: String,
    status: Status,
    sentence: String,
    left_s: Option<f64>,
    used: Option<f64>,
    limit: Option<f64>,
    unit: String,
}

/// What is said, and how bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// How bad it is.
    pub level: Level,
    /// The status and performance data on the first line, an alarm a line below.
    pub text: String,
}

impl Level {
    /// The exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// What one status comes to. What has no samples now can be anything; it counts only where nothing else is known.
    fn of(status: Status) -> Option<Self> {
        match status {
            Status::Exhausted | Status::Critical => Some(Self::Critical),
            Status::Warning => Some(Self::Warning),
            Status::Stale | Status::Error => None,
            _ => Some(Self::Ok),
        }
    }
}

impl From<&Row> for Checked {
    fn from(row: &Row) -> Self {
        Self {
            resource: row.resource.clone(),
            scope: row.scope.clone(),
            status: row.status,
            sentence: row.sentence.clone(),
            left_s: row.left_s,
            used: row.used,
            limit: row.limit,
            unit: row.unit.clone(),
        }
    }
}

impl Checked {
    /// Whether resource and scope are of the form of these patterns.
    #[must_use]
    pub fn is_of(&self, resource: &str, scope: &str) -> bool {
        crate::silence::matches(resource, &self.resource) && crate::silence::matches(scope, &self.scope)
    }

    fn name(&self) -> String {
        if self.scope.is_empty() || self.scope == self.resource {
            return self.resource.clone();
        }
        format!("{} {}", self.resource, self.scope)
    }

    /// The name as label of performance data.
    fn label(&self, what: &str) -> String {
        bare(&format!("{}{what}", self.name())).replace('\'', "''").replace('=', "_")
    }

    /// `'label'=value[unit];warn;crit;min;max`, used against its limit and the time left.
    fn data(&self) -> Vec<String> {
        let unit = match self.unit.as_str() {
            "bytes" => "B",
            "percent" => "%",
            "seconds" => "s",
            _ => "",
        };
        let limit = self.limit.map_or_else(String::new, plain);
        let used = self.used.map(|used| format!("'{}'={}{unit};;;0;{limit}", self.label(""), plain(used)));
        let left = self.left_s.map(|left| format!("'{}'={}s", self.label(" left"), plain(left)));
        used.into_iter().chain(left).collect()
    }
}

/// The answer of which nothing is known, and why.
#[must_use]
pub fn unknown(why: &str) -> Answer {
    Answer { level: Level::Unknown, text: format!("HEBE UNKNOWN - {}\n", bare(why)) }
}

/// Judges `rows`, worst first. What a silence holds for at `now` is told and does not count.
#[must_use]
pub fn check(rows: &[Checked], silences: &[Silence], now: DateTime<Utc>) -> Answer {
    let is_silenced =
        |row: &&Checked| silences.iter().any(|silence| silence.holds(&row.resource, &row.scope, now));
    let alarms: Vec<&Checked> = rows.iter().filter(|row| row.status.is_alarm()).collect();
    let heard: Vec<&Checked> = rows.iter().filter(|row| !is_silenced(row)).collect();
    let level = heard.iter().filter_map(|row| Level::of(row.status)).max();
    let known = || rows.iter().any(|row| Level::of(row.status).is_some());
    let Some(level) = level.or_else(|| known().then_some(Level::Ok)) else {
        let why = if rows.is_empty() { "no resource was found" } else { "no resource has recent samples" };
        return unknown(why);
    };
    let silenced = alarms.iter().copied().filter(is_silenced).count();
    let mut text = format!("HEBE {} - {}", level.word(), bare(&headline(rows.len(), &alarms, silenced)));
    let data: Vec<String> = rows.iter().take(MEASURED).flat_map(Checked::data).collect();
    if !data.is_empty() {
        let _ = write!(text, " | {}", data.join(" "));
    }
    text.push('\n');
    for row in alarms.iter().take(LISTED) {
        let quiet = if is_silenced(row) { " (silenced)" } else { "" };
        let line = format!("{}{quiet} {}: {}", row.status, row.name(), row.sentence);
        let _ = writeln!(text, "{}", bare(&line));
    }
    Answer { level, text }
}

fn headline(all: usize, alarms: &[&Checked], silenced: usize) -> String {
    let Some(first) = alarms.first() else {
        return format!("none of {} runs out", counted(all));
    };
    let left = match first.left_s {
        _ if first.status == Status::Exhausted => "full".to_owned(),
        Some(left) => format!("{} left", units::duration(left)),
        None => first.status.to_string(),
    };
    let quiet = if silenced == 0 { String::new() } else { format!(" ({silenced} silenced)") };
    let (runs, are) = (alarms.len(), if alarms.len() == 1 { "runs out or is" } else { "run out or are" });
    format!("{runs} of {} {are} full{quiet}; first {}: {left}", counted(all), first.name())
}

fn counted(n: usize) -> String {
    if n == 1 { "1 resource".to_owned() } else { format!("{n} resources") }
}

/// A text without the bar that begins performance data.
fn bare(text: &str) -> String {
    clean::line(text).replace('|', "/")
}

/// A number in digits alone.
fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(scope: &str, status: Status, left_s: Option<f64>) -> Checked {
        Checked {
            resource: "disk.bytes".to_owned(),
            scope: scope.to_owned(),
            status,
            sentence: format!("{scope} it is"),
            left_s,
            used: Some(40.5),
            limit: Some(50.0),
            unit: "bytes".to_owned(),
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn silence(scope: &str) -> Silence {
        Silence {
            id: "a".to_owned(),
            resource: "disk.*".to_owned(),
            scope: scope.to_owned(),
            owner: "ann".to_owned(),
            reason: "moving".to_owned(),
            starts: None,
            ends: at(100),
        }
    }

    #[track_caller]
    fn level(statuses: &[Status], expected: Level) {
        let rows: Vec<Checked> = statuses.iter().map(|&status| row("/", status, None)).collect();
        assert_eq!(check(&rows, &[], at(0)).level, expected, "{statuses:?}");
    }

    #[test]
    fn the_worst_counts_and_what_cannot_be_known_is_no_pass() {
        level(&[Status::Steady, Status::Watch], Level::Ok);
        level(&[Status::Warning, Status::Steady], Level::Warning);
        level(&[Status::Warning, Status::Critical], Level::Critical);
        level(&[Status::Exhausted, Status::Stale], Level::Critical);
        level(&[Status::Steady, Status::Stale], Level::Ok);
        level(&[Status::Stale, Status::Error], Level::Unknown);
        level(&[], Level::Unknown);
    }

    #[test]
    fn codes_are_those_of_pollers() {
        let codes = [Level::Ok, Level::Warning, Level::Critical, Level::Unknown].map(Level::code);
        assert_eq!(codes, [0, 1, 2, 3]);
    }

    #[test]
    fn the_first_line_has_all_and_performance_data() {
        let rows = [row("/a|b'c", Status::Warning, Some(7200.0)), row("/d", Status::Steady, None)];
        let answer = check(&rows, &[], at(0));
        assert_eq!(
            answer.text,
            "HEBE WARNING - 1 of 2 resources runs out or is full; first disk.bytes /a/b'c: 2 h left | \
             'disk.bytes /a/b''c'=40.5B;;;0;50 'disk.bytes /a/b''c left'=7200s 'disk.bytes /d'=40.5B;;;0;50\n\
             WARNING disk.bytes /a/b'c: /a/b'c it is\n"
        );
    }

    #[test]
    fn what_is_silenced_is_told_and_does_not_count() {
        let rows = [row("/a", Status::Exhausted, None), row("/b", Status::Warning, Some(60.0))];
        let answer = check(&rows, &[silence("/a")], at(0));
        assert_eq!(answer.level, Level::Warning);
        assert!(answer.text.contains("EXHAUSTED (silenced) disk.bytes /a"), "{}", answer.text);
        assert_eq!(check(&rows, &[silence("/a")], at(100)).level, Level::Critical);
        assert_eq!(check(&rows, &[silence("*")], at(0)).level, Level::Ok);
    }

    #[test]
    fn patterns_choose() {
        let one = row("/var", Status::Steady, None);
        assert!(one.is_of("disk.*", "/v*") && one.is_of("*", "*") && !one.is_of("disk.*", "/"));
    }
}
