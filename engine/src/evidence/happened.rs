//! When a growth began, and what is known to have happened then.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use hebe_collectors::history::Series;
use hebe_models::{Change, Window, resample};

use crate::prepare::Prepared;
use crate::report::{clean, units};

/// Blocks in which the present epoch is searched for the beginning of its growth.
const BLOCKS: usize = 240;
/// How sure the interval is.
const CONFIDENCE: f64 = 0.9;
/// What happens takes some time to show: events so much before the interval are still looked at.
const BEFORE: TimeDelta = TimeDelta::minutes(15);
/// The slope must grow by this part of itself to be a beginning.
const STEEPER: f64 = 1.5;
/// Letters of an event that are told.
const LONGEST: usize = 240;
/// Events that are named.
const NAMED: usize = 3;

/// The time at which a growth began, with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Most likely.
    pub at: DateTime<Utc>,
    /// Not before.
    pub earliest: DateTime<Utc>,
    /// Not after.
    pub latest: DateTime<Utc>,
}

impl Span {
    /// `the growth began at Sat 28 Nov 21:42, and between … and … at 90 %`.
    #[must_use]
    pub fn sentence(&self, zone: Tz) -> String {
        let date = |at: DateTime<Utc>| at.with_timezone(&zone).format("%a %d %b %H:%M").to_string();
        let [at, earliest, latest] = [self.at, self.earliest, self.latest].map(date);
        if earliest == latest {
            return format!("the growth began at {at}");
        }
        format!("the growth began at {at}, and between {earliest} and {latest} at 90 %")
    }
}

/// Something that happened to a host, a unit or a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: DateTime<Utc>,
    /// What it happened to; empty for the whole host.
    pub scope: String,
    /// In words: `deployed 4.14.6`, `the binary changed: /usr/bin/x`.
    pub text: String,
}

/// When the growth of the present epoch began: where its slope changed, or with the epoch itself.
///
/// `from_ms` is the start of the epoch. None where the series does not grow.
#[must_use]
pub fn growth_began(series: &Series, from_ms: Option<i64>, until_ms: Option<i64>) -> Option<Span> {
    let prepared = Prepared::new(series, until_ms);
    let first = from_ms.map_or(0, |from| series.t_ms.partition_point(|&t| t < from)).min(prepared.t.len());
    let (t, y) = (&prepared.t[first..], &prepared.y[first..]);
    let (&start, &end) = (t.first()?, t.last()?);
    let grid = resample(t, y, start - 1e-3, end, BLOCKS.min(t.len()));
    let window = Window::new(&grid.t, &grid.y).ok()?;
    let date = |t: f64| prepared.date(t);
    if let Some(change) = Change::find(&window, CONFIDENCE)
        && 0.0 < change.after
        && STEEPER * change.before < change.after
    {
        let (earliest, latest) = (date(change.earliest)?, date(change.latest)?);
        return Some(Span { at: date(change.at)?, earliest, latest });
    }
    let grows = hebe_models::MannKendall::autocorrelated(&window).z;
    if grows < 2.58 || (first == 0 && from_ms.is_none()) {
        return None;
    }
    let step = t.get(1).map_or(0.0, |second| second - start);
    Some(Span { at: date(start)?, earliest: date(start - step)?, latest: date(start + step)? })
}

/// What happened when a growth began, in words; events of other scopes than `scopes` are not its own.
#[must_use]
pub fn since_event(span: Span, happenings: &[Happening], scopes: &[&str]) -> Option<String> {
    let is_within = |happening: &&Happening| {
        span.earliest - BEFORE <= happening.at
            && happening.at <= span.latest
            && concerns(&happening.scope, scopes)
    };
    let mut found: Vec<&Happening> = happenings.iter().filter(is_within).collect();
    // What happened to it comes before what happened to its host.
    found.sort_by_key(|happening| {
        (happening.scope.is_empty(), (happening.at - span.at).abs(), happening.text.clone())
    });
    let mut said = HashSet::new();
    found.retain(|happening| said.insert(happening.text.as_str()));
    found.truncate(NAMED);
    found.sort_by_key(|happening| happening.at);
    let words: Vec<String> = found.into_iter().map(|happening| told(happening, span)).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// Whether an event of `scope` is about one of `scopes`: the host's is about all, else one name holds the other.
#[must_use]
pub fn concerns(scope: &str, scopes: &[&str]) -> bool {
    let scope = scope.trim().to_lowercase();
    let holds = |other: &str| {
        let other = other.trim().to_lowercase();
        !other.is_empty() && (other.contains(&scope) || scope.contains(&other))
    };
    scope.is_empty() || scopes.iter().any(|other| holds(other))
}

/// `deployed 4.14.6, 2 min before`.
fn told(happening: &Happening, span: Span) -> String {
    let seconds = (span.at - happening.at).num_milliseconds() as f64 / 1000.0;
    let wide = (span.latest - span.earliest).num_milliseconds() as f64 / 1000.0;
    let apart = units::duration(seconds.abs());
    // Others chose the words: a mark, a path, a command.
    let text = clean::cut(&clean::line(&happening.text), LONGEST);
    match seconds {
        s if s.abs() < 60.0 => format!("{text}, at that time"),
        s if 0.0 < s => format!("{text}, {apart} before"),
        // Within the interval an event may come behind the most likely time, and be the cause all the same.
        _ => format!("{text}, {apart} after the likeliest time (± {})", units::duration(wide / 2.0)),
    }
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::{Limit, Sense, Unit};

    use super::*;

    fn series(v: impl Fn(f64) -> f64) -> Series {
        let minutes: Vec<i64> = (0..1000).collect();
        Series {
            name: "m".to_owned(),
            resource: "process.memory".to_owned(),
            scope: "web".to_owned(),
            host: String::new(),
            unit: Unit::Bytes,
            sense: Sense::Rises,
            t_ms: minutes.iter().map(|m| 1_700_000_000_000 + m * 60_000).collect(),
            v: minutes.iter().map(|&m| v(m as f64)).collect(),
            limit: Some(Limit::fixed(1e12, "test")),
            restarts_ms: Vec::new(),
            rejected: 0,
            source: String::new(),
            also: Vec::new(),
            block: 1,
        }
    }

    fn minute(m: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_700_000_000_000 + m * 60_000).unwrap()
    }

    fn happening(m: i64, scope: &str, text: &str) -> Happening {
        Happening { at: minute(m), scope: scope.to_owned(), text: text.to_owned() }
    }

    fn rippled(m: f64) -> f64 {
        1e6 + 40.0 * (1.7 * m).sin() + 30.0 * (0.9 * m * m).cos() + 10.0 * (m - 600.0).max(0.0)
    }

    #[test]
    fn a_growth_that_begins_is_dated_and_what_happened_then_is_named() {
        let span = growth_began(&series(rippled), None, None).unwrap();
        assert!((span.at - minute(600)).abs() < TimeDelta::minutes(6), "{span:?}");
        assert!(span.earliest <= minute(600) && minute(600) <= span.latest, "{span:?}");
        let events = [
            happening(595, "web", "deployed 4.14.6"),
            happening(597, "other", "deployed 1.0"),
            happening(300, "", "a boot"),
            happening(700, "web", "deployed 4.14.7"),
        ];
        let found = since_event(span, &events, &["nginx.service/web"]).unwrap();
        assert!(
            found.starts_with("deployed 4.14.6, ") && !found.contains("1.0") && !found.contains(".7"),
            "{found}"
        );
        assert_eq!(since_event(span, &events[1..], &["web"]), None);
    }

    #[test]
    fn what_happened_to_it_comes_first_is_said_once_and_is_harmless() {
        let span = Span { at: minute(600), earliest: minute(598), latest: minute(602) };
        let mut events: Vec<Happening> =
            (0..9).map(|k| happening(600, "", &format!("installed package {k}"))).collect();
        events.push(happening(599, "web", "web was started"));
        events.push(happening(598, "web", "web was started"));
        events.push(happening(601, "web", &format!("a\u{1b}[31m\u{202e}{}", "x".repeat(5_000))));
        let found = since_event(span, &events, &["web"]).unwrap();
        assert_eq!(found.matches("web was started, 1 min").count(), 1, "{found}");
        assert_eq!(found.matches("installed").count(), 1, "{found}");
        assert!(found.len() < 1_000 && !found.contains(['\u{1b}', '\u{202e}']), "{found}");
    }

    #[test]
    fn an_epoch_that_grows_from_its_start_began_with_it() {
        let grows = series(|m| 1e6 + 5.0 * m + 30.0 * (1.7 * m).sin());
        assert_eq!(growth_began(&grows, None, None), None, "the beginning is not in the history");
        let span = growth_began(&grows, Some(grows.t_ms[400]), None).unwrap();
        assert_eq!(span.at, minute(400));
        let started = [happening(399, "web", "was started")];
        assert!(since_event(span, &started, &["web"]).unwrap().contains("was started"));
    }

    #[test]
    fn what_does_not_grow_began_never() {
        assert_eq!(growth_began(&series(|m| 1e6 + 30.0 * (1.7 * m).sin()), Some(0), None), None);
        let levels_off = series(|m| 1e6 + 10.0 * m.min(500.0) + 30.0 * (1.7 * m).sin());
        let found = growth_began(&levels_off, None, None);
        assert!(found.is_none(), "{found:?}");
    }
}
