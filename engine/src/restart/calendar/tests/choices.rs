//! The moment that is chosen before a forecast exhaustion.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::super::Calendar;
use super::{at, calendar, map, said};
use crate::habit::Habit;
use crate::restart::timetable::{Opening, Risk, Timetable as _};

const NOW: &str = "2026-11-28 12:00";

fn risk(lo: &str, mid: &str, hi: Option<&str>) -> Risk {
    Risk { lo: at(lo), mid: at(mid), hi: hi.map(at) }
}

fn opening(calendar: &Calendar, risk: &Risk) -> Opening {
    calendar.opening(&["a".to_owned()], at(NOW), Some(risk))
}

#[track_caller]
fn chosen(calendar: &Calendar, risk: &Risk) -> DateTime<Utc> {
    match opening(calendar, risk) {
        Opening::At { at, .. } => at,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_deadline_before_the_window_is_told() {
    let calendar = calendar("[schedule.default]\nonly = [\"Sun 03:00-05:00\"]");
    let soon = risk("2026-11-28 20:00", "2026-11-29 20:00", None);
    let Opening::TooLate { opens, why } = opening(&calendar, &soon) else { panic!() };
    assert_eq!(opens, at("2026-11-29 02:00"));
    assert!(why.ends_with("but the chance of running out is 5.0 % by Sat 28 Nov 2026 21:00 CET"), "{why}");
    // Open, and too late to wait: now.
    let late = risk("2026-11-28 11:00", "2026-11-28 13:00", None);
    assert!(matches!(opening(&Calendar::open_always(Tz::UTC), &late), Opening::Now { .. }));
}

#[test]
fn without_a_forecast_the_next_opening_is_taken() {
    let nodes = ["a".to_owned()];
    let nightly = calendar("[schedule.default]\nonly = [\"03:00-05:00\"]");
    let Opening::At { at: opens, why } = nightly.opening(&nodes, at(NOW), None) else { panic!() };
    assert_eq!(opens, at("2026-11-29 02:00"));
    assert!(why.starts_with("outside of `03:00-05:00`"), "{why}");
    let now = nightly.opening(&nodes, at("2026-11-29 02:00"), None);
    assert!(matches!(now, Opening::Now { .. }));
}

/// Half-hourly samples of three days that move in every half hour but the one that begins at `quiet` o'clock UTC.
fn habit(quiet: usize) -> Habit {
    let t: Vec<f64> = (0..=144).map(|i| f64::from(i) * 1800.0).collect();
    let moves = |i: usize| if i % 48 == 2 * quiet { 0.1 } else { 1.0 };
    let y: Vec<f64> = (0..t.len()).map(|i| (0..i).map(moves).sum()).collect();
    Habit::learn(&t, &y, |t| t.rem_euclid(86_400.0)).unwrap()
}

#[test]
fn the_quietest_half_hour_before_the_deadline_is_taken() {
    let mut calendar = Calendar::open_always(Tz::UTC);
    calendar.learn("a", habit(4));
    let forecast = risk("2026-11-30 12:00", "2026-12-05 12:00", Some("2026-12-20 12:00"));
    let moment = chosen(&calendar, &forecast);
    assert_eq!(moment.format("%H").to_string(), "04", "{moment}");
    assert!(moment < forecast.lo);
    // Beyond the quiet half hours, another one.
    let soon = risk("2026-11-28 20:00", "2026-11-29 12:00", None);
    assert!(match opening(&calendar, &soon) {
        Opening::At { at, .. } => at < soon.lo,
        Opening::Now { .. } => true,
        _ => false,
    });
}

#[test]
fn every_choice_is_open_and_begins_early_enough_to_end_in_its_window() {
    let nodes = ["a".to_owned()];
    let nightly = calendar("[schedule.default]\nonly = [\"03:00-05:00\"]\nnever = [\"Mon\"]");
    for hours in 16..200 {
        let lo = at(NOW) + TimeDelta::hours(hours);
        let forecast =
            Risk { lo, mid: lo + TimeDelta::hours(hours), hi: Some(lo + TimeDelta::hours(3 * hours)) };
        match opening(&nightly, &forecast) {
            Opening::At { at: moment, .. } => {
                assert!(moment < lo && nightly.closed(&nodes, moment).is_none(), "{hours}");
                let after = moment + TimeDelta::minutes(5);
                assert!(nightly.closed(&nodes, after).is_none() || lo < after, "{hours}");
            }
            other => panic!("{other:?} {hours}"),
        }
    }
}

#[test]
fn a_forecast_that_is_near_is_not_waited_for_to_the_end() {
    // Nothing is gained by waiting where the risk rises at once: the first night, not the second.
    let nightly = calendar("[schedule.default]\nonly = [\"03:00-05:00\"]");
    let steep = risk("2026-11-30 03:00", "2026-11-30 12:00", Some("2026-11-30 23:00"));
    let flat = risk("2026-11-30 03:00", "2027-01-30 12:00", None);
    let (steep, flat) = (chosen(&nightly, &steep), chosen(&nightly, &flat));
    assert_eq!(steep.format("%d").to_string(), "30", "nearly no risk before the second night");
    assert_eq!(flat.format("%d").to_string(), "29", "the risk of waiting is not paid for");
}

#[test]
fn nodes_that_restart_together_need_a_window_together() {
    let text = "[schedule.default]\nonly = [\"01:00-04:00\"]\n[schedule.late]\nonly = [\"03:00-06:00\"]";
    let calendar =
        calendar(text).bind(&map(&[("host", None, None), ("web", Some(0), Some("late"))])).unwrap();
    let nodes = ["host".to_owned(), "web".to_owned()];
    let windows = calendar.windows(&nodes, at("2026-11-10 00:00"), at("2026-11-11 00:00"));
    assert_eq!(said(&windows), "10 02:00..10 03:00");
    assert_eq!(calendar.next_opening(&nodes, at("2026-11-10 12:00")), Some(at("2026-11-11 02:00")));
    assert!(calendar.closed(&nodes, at("2026-11-10 01:00")).unwrap().starts_with("outside of `03:00-06:00`"));
}
