//! What went wrong elsewhere, and must not here.

use chrono::TimeDelta;

use super::super::{Occurrence, Placed};
use super::{at, calendar, said};
use crate::restart::timetable::{Opening, Timetable as _};

#[track_caller]
fn check(text: &str, from: &str, until: &str, expected: &str) {
    let calendar = calendar(&format!("[schedule.default]\n{text}"));
    assert_eq!(said(&calendar.schedule("").windows(at(from), at(until))), expected, "{text}");
}

#[test]
fn a_window_past_midnight_is_one() {
    // kured: a window from 22:00 to 06:00 was never, or always.
    check(
        "only = [\"22:00-06:00\"]",
        "2026-11-10 12:00",
        "2026-11-12 12:00",
        "10 21:00..11 05:00, 11 21:00..12 05:00",
    );
    check(
        "quiet = [\"22:00-06:00\"]",
        "2026-11-10 12:00",
        "2026-11-11 12:00",
        "10 12:00..10 21:00, 11 05:00..11 12:00",
    );
    // It belongs to the day on which it begins …
    check("only = [\"Sat 22:00-04:00\"]", "2026-11-13 00:00", "2026-11-17 00:00", "14 21:00..15 03:00");
    // … and a day without restarts cuts it.
    let cut = "only = [\"Sat 22:00-04:00\"]\nnever = [\"Sun\"]";
    check(cut, "2026-11-13 00:00", "2026-11-17 00:00", "14 21:00..14 23:00");
}

#[test]
fn a_window_in_the_gap_is_none_and_one_in_the_repeated_hour_is_one() {
    let only = "only = [\"02:00-03:00\"]";
    check(only, "2026-03-28 00:00", "2026-03-30 12:00", "28 01:00..28 02:00, 30 00:00..30 01:00");
    check(only, "2026-10-25 00:00", "2026-10-25 12:00", "25 00:00..25 02:00");
    let calendar = calendar(&format!("[schedule.default]\n{only}"));
    let window = calendar.schedule("").windows(at("2026-10-25 00:00"), at("2026-10-25 12:00"))[0];
    assert_eq!(window.length(), TimeDelta::hours(2), "by a stopwatch");
    check("only = [\"02:15-02:45\"]", "2026-10-25 00:00", "2026-10-25 12:00", "25 00:15..25 00:45");
    // What must not be touched then is not touched both times.
    check(
        "quiet = [\"02:15-02:45\"]",
        "2026-10-25 00:00",
        "2026-10-25 02:00",
        "25 00:00..25 00:15, 25 01:45..25 02:00",
    );
}

#[test]
fn a_day_without_midnight_is_shut_from_its_first_instant() {
    let cairo = "zone = \"Africa/Cairo\"\nnever = [\"Fri\"]";
    check(cairo, "2026-04-23 00:00", "2026-04-25 00:00", "23 00:00..23 22:00, 24 21:00..25 00:00");
}

#[test]
fn a_leap_day_comes_every_four_years() {
    let calendar = calendar("[schedule.default]\nonly = [\"Feb 29 02:00-04:00\"]");
    let next = |from: &str| calendar.next_opening(&["a".to_owned()], at(from));
    assert_eq!(next("2024-03-01 00:00"), Some(at("2028-02-29 01:00")));
    assert_eq!(next("2096-03-01 00:00"), Some(at("2104-02-29 01:00")), "1900's rule holds for 2100");
}

#[test]
fn reasons_name_the_rule() {
    let calendar = calendar(
        "[schedule.default]\nnever = [\"Sat-Sun\"]\nholidays = [\"Dec 25\"]\nquiet = [\"Mon-Fri 08:00-18:00\"]\n\
         only = [\"06:00-20:00\"]",
    );
    let why = |text: &str| calendar.closed(&["a".to_owned()], at(text));
    assert_eq!(
        why("2026-11-28 12:00").unwrap(),
        "Sat 28 Nov 2026 is a day without restarts (`Sat-Sun`); opens Mon 30 Nov 2026 06:00 CET"
    );
    assert!(why("2026-12-25 05:30").unwrap().starts_with("Fri 25 Dec 2026 is a holiday (`Dec 25`)"));
    assert_eq!(
        why("2026-11-27 12:00").unwrap(),
        "quiet hours until Fri 18:00 (`Mon-Fri 08:00-18:00`); opens Fri 27 Nov 2026 18:00 CET"
    );
    assert!(why("2026-11-27 21:00").unwrap().starts_with("outside of `06:00-20:00`"));
    assert_eq!(why("2026-11-27 18:30"), None);
    assert_eq!(calendar.schedule("").closed(at("2026-11-28 12:00")).unwrap().line, Some(2));
}

#[test]
fn what_never_opens_says_so() {
    let shut = calendar("[schedule.default]\nnever = [\"Mon-Sun\"]");
    let Opening::Never { why } = shut.opening(&["a".to_owned()], at("2026-11-28 12:00"), None) else {
        panic!()
    };
    assert!(why.ends_with("never opens"), "{why}");
}

#[test]
fn a_timed_restart_on_a_shut_day_is_shown_with_its_reason_and_not_made() {
    let calendar = calendar(
        "[schedule.default]\nnever = [\"Sun\"]\n[[timed]]\nnode = \"a\"\nevery = \"1d\"\nfrom = \"2026-11-27 03:00\"",
    );
    let (from, until) = (at("2026-11-01 00:00"), at("2026-12-01 00:00"));
    let days = |due: &[Occurrence]| {
        due.iter().map(|due| due.at.format("%d").to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(days(&calendar.occurrences(&Placed::default(), from, until)), "27 28 30");
    let all = calendar.all_occurrences(&Placed::default(), from, until);
    assert_eq!(days(&all), "27 28 29 30");
    assert!(all[2].closed.as_ref().unwrap().day && all[3].closed.is_none());
}

#[test]
fn an_interval_of_days_keeps_its_time_of_day_and_one_of_hours_its_length() {
    let due = |every: &str| {
        let text = format!("[[timed]]\nnode = \"a\"\nevery = \"{every}\"\nfrom = \"2026-10-24 03:00\"");
        let due =
            calendar(&text).occurrences(&Placed::default(), at("2026-10-01 00:00"), at("2026-10-27 00:00"));
        due.iter().map(|due| due.at.format("%d %H:%M").to_string()).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(due("1d"), "24 01:00, 25 02:00, 26 02:00");
    assert_eq!(due("24h"), "24 01:00, 25 01:00, 26 01:00");
}

#[test]
fn a_sheet_has_every_day_with_what_is_shut_open_and_due() {
    let calendar = calendar(
        "[schedule.default]\nnever = [\"Sat-Sun\"]\nonly = [\"22:00-06:00\"]\n[[timed]]\nnode = \"a\"\nat = \"23:00\"",
    );
    let day = |text: &str| text.parse().unwrap();
    let sheet = calendar.sheet(&Placed::default(), Some("a"), day("2026-11-26"), day("2026-11-30"));
    let told = |of: &super::super::Day| {
        let due: Vec<bool> = of.due.iter().map(|due| due.closed.is_none()).collect();
        (of.date.to_string(), of.shut.is_some(), said(&of.open), due)
    };
    let told: Vec<_> = sheet.iter().map(told).collect();
    let row = |date: &str, shut, open: &str, due| (date.to_owned(), shut, open.to_owned(), vec![due]);
    assert_eq!(
        told,
        [
            row("2026-11-26", false, "25 23:00..26 05:00, 26 21:00..26 23:00", true),
            row("2026-11-27", false, "26 23:00..27 05:00, 27 21:00..27 23:00", true),
            row("2026-11-28", true, "", false),
            row("2026-11-29", true, "", false),
            row("2026-11-30", false, "29 23:00..30 05:00, 30 21:00..30 23:00", true),
        ]
    );
    assert_eq!(sheet[2].shut.as_deref(), Some("Sat 28 Nov 2026 is a day without restarts (`Sat-Sun`)"));
    let long = calendar.sheet(&Placed::default(), None, day("2026-01-01"), day("2226-01-01"));
    assert_eq!(long.len(), 366);
    assert_eq!(calendar.sheet(&Placed::default(), None, day("2026-01-02"), day("2026-01-01")), Vec::new());
}
