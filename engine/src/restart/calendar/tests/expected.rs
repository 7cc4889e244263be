//! Against dateutil, croniter and zoneinfo: `tests/fixtures/calendar/make.py`.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Deserialize;

use super::super::{Calendar, Placed, words};

#[derive(Deserialize)]
struct Expected {
    days: BTreeMap<String, Vec<NaiveDate>>,
    windows: Vec<Windows>,
    occurrences: Vec<Occurrences>,
}

#[derive(Deserialize)]
struct Windows {
    zone: String,
    from: NaiveDate,
    until: NaiveDate,
    rule: String,
    only: Vec<(i64, i64)>,
    quiet: Vec<(i64, i64)>,
}

#[derive(Deserialize)]
struct Occurrences {
    zone: String,
    from: NaiveDate,
    until: NaiveDate,
    entry: String,
    at: Vec<i64>,
}

fn expected() -> Expected {
    serde_json::from_str(include_str!("../../../../../tests/fixtures/calendar/expected.json")).unwrap()
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_opt(0, 0, 0).unwrap().and_utc()
}

fn read(zone: &str, text: &str) -> Calendar {
    Calendar::read("map.toml", text, zone.parse().unwrap()).unwrap()
}

#[test]
fn rules_mean_the_days_that_other_code_has() {
    let expected = expected().days;
    assert_eq!(expected.len(), 18);
    for (text, days) in expected {
        let rule = words::days(&text).unwrap();
        let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        let meant: Vec<NaiveDate> =
            first.iter_days().take_while(|day| day.year() < 2030).filter(|&day| rule.mean(day)).collect();
        assert_eq!(meant, days, "{text}");
        assert!(!days.is_empty());
    }
}

#[test]
fn windows_are_where_the_wall_shows_them() {
    let expected = expected().windows;
    assert_eq!(expected.len(), 17 * 9);
    for case in expected {
        for (key, windows) in [("only", &case.only), ("quiet", &case.quiet)] {
            let calendar = read(&case.zone, &format!("[schedule.default]\n{key} = [\"{}\"]", case.rule));
            let made: Vec<(i64, i64)> = calendar
                .schedule("")
                .windows(midnight(case.from), midnight(case.until))
                .iter()
                .map(|span| (span.from.timestamp(), span.until.timestamp()))
                .collect();
            assert_eq!(&made, windows, "{key} {} in {} from {}", case.rule, case.zone, case.from);
        }
    }
}

#[test]
fn timed_restarts_are_due_when_other_code_says() {
    let expected = expected().occurrences;
    assert_eq!(expected.len(), 17 * 5);
    for case in expected {
        let calendar = read(&case.zone, &format!("[[timed]]\nnode = \"a\"\n{}", case.entry));
        let made: Vec<i64> = calendar
            .occurrences(&Placed::default(), midnight(case.from), midnight(case.until))
            .iter()
            .map(|due| due.at.timestamp())
            .collect();
        assert_eq!(made, case.at, "{} in {} from {}", case.entry, case.zone, case.from);
    }
}
