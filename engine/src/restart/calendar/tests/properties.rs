//! What holds for any schedule.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::super::{Calendar, Placed};
use crate::restart::timetable::Timetable as _;

const ZONES: [&str; 7] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Sao_Paulo",
    "America/St_Johns",
];
const DAYS: [&str; 6] =
    ["Sat-Sun", "last Fri of month", "Easter+1", "* * 1,15 * *", "Dec 24..Jan 2", "Feb 29"];

fn text() -> impl Strategy<Value = String> {
    let hours = (0..24_u32, 0..60_u32, 0..24_u32, 1..60_u32)
        .prop_filter("not empty", |(a, b, c, d)| (a, b) != (c, d))
        .prop_map(|(a, b, c, d)| format!("{a:02}:{b:02}-{c:02}:{d:02}"));
    let rules = |with_hours: bool| {
        let hours = hours.clone();
        proptest::collection::vec((0..DAYS.len(), any::<bool>(), hours), 0..3).prop_map(move |rules| {
            let rule = |(day, timed, hours): &(usize, bool, String)| match (with_hours, timed) {
                (true, true) => format!("\"{hours}\""),
                (true, false) => format!("\"{} {hours}\"", DAYS[*day]),
                _ => format!("\"{}\"", DAYS[*day]),
            };
            rules.iter().map(rule).collect::<Vec<_>>().join(", ")
        })
    };
    (0..ZONES.len(), rules(false), rules(true), rules(true)).prop_map(|(zone, never, quiet, only)| {
        let zone = ZONES[zone];
        format!(
            "[schedule.default]\nzone = \"{zone}\"\nnever = [{never}]\nquiet = [{quiet}]\nonly = [{only}]"
        )
    })
}

/// A time of the years 2005 to 2035.
fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (1_104_537_600_i64..2_051_222_400).prop_map(|s| DateTime::from_timestamp(s, 0).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn windows_are_apart_and_agree_with_what_is_open(text in text(), from in time(), hours in 1_i64..400) {
        let calendar = Calendar::read("map.toml", &text, chrono_tz::Tz::UTC).unwrap();
        let (nodes, until) = ([String::new()], from + TimeDelta::hours(hours));
        let windows = calendar.windows(&nodes, from, until);
        prop_assert!(windows.iter().all(|span| from <= span.from && span.from < span.until && span.until <= until));
        prop_assert!(windows.windows(2).all(|two| two[0].until < two[1].from));
        let mut instants: Vec<_> = (0..hours).map(|k| from + TimeDelta::minutes(60 * k)).collect();
        for span in &windows {
            instants.extend([span.from, span.until, span.until - TimeDelta::seconds(1), span.from - TimeDelta::seconds(1)]);
        }
        for at in instants.into_iter().filter(|at| from <= *at && *at < until) {
            let open = calendar.schedule("").closed(at).is_none();
            prop_assert_eq!(open, windows.iter().any(|span| span.holds(at)), "{}", at);
        }
        if let Some(first) = windows.first() {
            prop_assert_eq!(calendar.next_opening(&nodes, from), Some(first.from));
        }
    }

    #[test]
    fn timed_restarts_keep_the_schedule(text in text(), from in time(), every in 1_i64..40, unit in "[hd]") {
        let text = format!("{text}\n[[timed]]\nnode = \"a\"\nevery = \"{every}{unit}\"\nfrom = \"2004-12-31 23:30\"");
        let calendar = Calendar::read("map.toml", &text, chrono_tz::Tz::UTC).unwrap();
        let (until, placed) = (from + TimeDelta::days(60), Placed::default());
        let all = calendar.all_occurrences(&placed, from, until);
        prop_assert!(all.windows(2).all(|two| two[0].at < two[1].at));
        prop_assert!(!all.is_empty());
        let schedule = calendar.schedule("a");
        for due in calendar.occurrences(&placed, from, until) {
            prop_assert_eq!(schedule.closed(due.at), None);
            let day = due.at.with_timezone(&schedule.zone()).date_naive();
            prop_assert!(!schedule.never.iter().any(|rule| rule.days.mean(day)), "{} is shut", day);
        }
    }

    #[test]
    fn any_two_instants_have_an_answer(text in text(), a in any::<i64>(), b in any::<i64>()) {
        let calendar = Calendar::read("map.toml", &text, chrono_tz::Tz::UTC).unwrap();
        let at = |s: i64| DateTime::from_timestamp(s % 8_000_000_000_000, 0).unwrap();
        let _ = calendar.closed(&[String::new()], at(a));
        let near = at(a).checked_add_signed(TimeDelta::days(b % 100)).unwrap_or(at(a));
        let _ = calendar.windows(&[String::new()], at(a), near);
        let _ = calendar.schedule("").closed(DateTime::<Utc>::MAX_UTC);
    }
}
