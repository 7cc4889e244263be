//! Live series lived through sample by sample.

use hebe_collectors::history::{Sense, Series, Unit};
use hebe_collectors::live::{GroupUse, Identity, Uses};

use super::*;
use crate::finding::first_culprit;

const PERIOD_MS: i64 = 10_000;
const START_MS: i64 = 1_700_000_000_000;
const HOUR_S: f64 = 3600.0;

fn what(name: &str) -> Series {
    Series {
        name: name.to_owned(),
        resource: name.to_owned(),
        scope: String::new(),
        host: String::new(),
        unit: Unit::Count,
        sense: Sense::Rises,
        t_ms: Vec::new(),
        v: Vec::new(),
        limit: None,
        restarts_ms: Vec::new(),
        rejected: 0,
        block: 1,
        source: "test".to_owned(),
        also: Vec::new(),
    }
}

fn watch() -> Watch {
    Watch::new(&[HOUR_S, 24.0 * HOUR_S], 10.0, Settings::default())
}

fn wiggle(i: i64) -> f64 {
    ((i * 7919) % 13) as f64 / 13.0
}

/// Lives through samples `range` of a level that is limited to 1000; what was told, with the sample's number.
fn live(watch: &mut Watch, range: std::ops::Range<i64>, level: impl Fn(i64) -> f64) -> Vec<(i64, Kind)> {
    let mut told = Vec::new();
    for i in range {
        let t_ms = START_MS + i * PERIOD_MS;
        let seen =
            Seen { t_ms, value: level(i) + wiggle(i), limit: Some((1000.0, "test")), restarted: false };
        watch.see(&what("fds"), &seen);
        told.extend(watch.look(t_ms).into_iter().map(|change| (i, change.kind)));
    }
    told
}

#[test]
fn a_leak_is_told_once_then_again_as_it_gets_worse_and_cleared_once_it_is_given_back() {
    let mut watch = watch();
    // 1000 after 1600 samples; given back at 1400.
    let level = |i: i64| if i < 1400 { 200.0 + 0.5 * i as f64 } else { 200.0 };
    let told = live(&mut watch, 0..1800, level);
    let kinds: Vec<Kind> = told.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(kinds.first(), Some(&Kind::Predicted));
    assert_eq!(kinds.last(), Some(&Kind::Cleared));
    assert!(kinds[1..kinds.len() - 1].iter().all(|kind| *kind == Kind::Updated), "{told:?}");
    assert!(told[0].0 < 700 && (1400..1500).contains(&told[kinds.len() - 1].0), "{told:?}");
}

#[test]
fn the_date_is_right_at_half_life() {
    let mut watch = watch();
    live(&mut watch, 0..800, |i| 200.0 + 0.5 * i as f64);
    let left = watch.findings()[0].row.left_s.unwrap();
    assert!((left / 8000.0 - 1.0).abs() < 0.1, "{left}");
}

#[test]
fn a_surge_is_held_and_says_nothing() {
    let mut watch = watch();
    let told = live(&mut watch, 0..1500, |i| {
        200.0 + if (1000..1040).contains(&i) { 15.0 * (i - 1000) as f64 } else { 0.0 }
    });
    assert!(told.iter().all(|(_, kind)| *kind == Kind::SurgeHeld), "{told:?}");
}

#[test]
fn a_restart_of_the_daemon_tells_nothing_twice_and_forgets_nothing() {
    let level = |i: i64| 200.0 + 0.5 * i as f64;
    let mut before = watch();
    let told = live(&mut before, 0..900, level);
    assert!(told.iter().any(|(_, kind)| *kind == Kind::Predicted));
    let state = serde_json::to_string(&before.state()).unwrap();
    let mut after = watch();
    after.restore(serde_json::from_str(&state).unwrap());
    after.remember(&before.history("fds").unwrap());
    let told = live(&mut after, 900..1000, level);
    assert!(told.iter().all(|(_, kind)| *kind == Kind::Updated), "{told:?}");
    assert!(after.findings()[0].row.status.is_alarm());
}

#[test]
fn fewer_samples_take_back_nothing_that_was_said_and_the_window_fills_again() {
    let mut watch = watch();
    let level = |i: i64| 200.0 + 0.1 * i as f64;
    let told = live(&mut watch, 0..2000, level);
    assert!(told.iter().any(|(_, kind)| *kind == Kind::Predicted), "{told:?}");
    watch.set_pace(40.0, 4.0);
    let mut told = Vec::new();
    for i in (2000..6000).step_by(4) {
        told.extend(live(&mut watch, i..i + 1, level).into_iter().map(|(_, kind)| kind));
    }
    assert!(told.iter().all(|kind| *kind == Kind::Updated), "{told:?}");
    let finding = &watch.findings()[0];
    assert!(finding.row.status.is_alarm());
    // 8000 seconds of 40 seconds each: the shortest window has points enough again, and a date of its own.
    let left = finding.row.left_s.unwrap();
    assert!((left / 20_000.0 - 1.0).abs() < 0.15, "{left}");
}

#[test]
fn what_is_held_is_looked_at_as_often_as_ever_while_looks_are_spared() {
    let told_at = |sparing| {
        let mut watch = watch();
        watch.set_pace(10.0, sparing);
        live(&mut watch, 0..800, |i| 200.0 + 0.5 * i as f64)[0].0
    };
    // 200 samples of a window are 30 looks. Until the first doubt, looks are spared, and no look after it: three of
    // those would cost 160 samples.
    let (often, seldom) = (told_at(1.0), told_at(8.0));
    assert!(seldom - often < 160, "{often} {seldom}");
}

#[test]
fn a_clock_that_was_ahead_and_comes_back_costs_what_it_dated_wrongly_and_some_detail() {
    let mut watch = watch();
    let level = |i: i64| 200.0 + 0.5 * i as f64;
    live(&mut watch, 0..150, level);
    // Half a day ahead for ten minutes.
    let ahead = 12 * 360;
    let told = live(&mut watch, 150 + ahead..210 + ahead, |i| level(i - ahead));
    assert!(told.is_empty(), "{told:?}");
    let told = live(&mut watch, 210..900, level);
    // Much the same is said as after a gap: what was old to the wrong clock has become coarse, so that there are
    // points enough somewhat later.
    let mut gap = self::watch();
    live(&mut gap, 0..150, level);
    let expected = live(&mut gap, 210..900, level);
    assert_eq!((told[0].1, expected[0].1), (Kind::Predicted, Kind::Predicted));
    assert!((told[0].0 - expected[0].0).abs() <= 160, "{told:?} {expected:?}");
    assert_eq!(watch.findings()[0].row.status, gap.findings()[0].row.status);
    let t_ms = watch.history("fds").unwrap().t_ms;
    assert!(t_ms.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(t_ms.last(), Some(&(START_MS + 899 * PERIOD_MS)));
    let left = watch.findings()[0].row.left_s.unwrap();
    assert!((left / 7000.0 - 1.0).abs() < 0.1, "{left}");
}

#[test]
fn full_stays_exhausted_until_it_is_below() {
    let mut watch = watch();
    live(&mut watch, 0..600, |_| 999.0);
    assert_eq!(watch.findings()[0].row.status, Status::Exhausted);
    let told = live(&mut watch, 600..700, |_| 900.0);
    assert_eq!(told.last().map(|told| told.1), Some(Kind::Cleared));
}

#[test]
fn a_series_that_is_gone_is_cleared_after_a_day() {
    let mut watch = watch();
    live(&mut watch, 0..900, |i| 200.0 + 0.5 * i as f64);
    assert!(watch.look(START_MS + 1000 * PERIOD_MS).is_empty());
    let told = watch.look(START_MS + 900 * PERIOD_MS + FORGOTTEN_MS + 1);
    assert_eq!(told.iter().map(|change| change.kind).collect::<Vec<_>>(), [Kind::Cleared]);
    assert!(watch.is_empty());
}

#[test]
fn what_lived_shortly_is_forgotten_soon_and_what_lived_long_is_not() {
    let mut watch = watch();
    let seen = |t_ms: i64| Seen { t_ms, value: 1.0, limit: None, restarted: false };
    for i in 0..30 {
        let t_ms = START_MS + i * PERIOD_MS;
        watch.see(&what("shell"), &seen(t_ms));
        watch.see(&what("once"), &seen(START_MS));
        watch.look(t_ms);
    }
    assert_eq!(watch.len(), 2);
    watch.look(START_MS + SOON_MS + 1);
    assert_eq!(watch.findings().iter().map(|f| f.row.series.clone()).collect::<Vec<_>>(), ["shell"]);
    watch.look(START_MS + 29 * PERIOD_MS * (1 + FORGOTTEN_LIVES) + 1);
    assert!(watch.is_empty());
}

#[test]
fn numbers_that_are_none_are_passed_over() {
    let mut watch = watch();
    for value in [f64::NAN, f64::INFINITY] {
        watch.see(&what("a"), &Seen { t_ms: START_MS, value, limit: None, restarted: false });
    }
    assert!(watch.is_empty());
}

#[test]
fn what_is_told_names_who_grows_however_small_its_series_are() {
    let nobody = Identity { start_ticks: 1, pid: 1 };
    let group = |name: &str, anonymous: f64| GroupUse {
        name: Arc::from(name),
        count: 1,
        oldest: nobody,
        largest: nobody,
        anonymous,
        fds: 3.0,
        threads: 1.0,
    };
    let mut watch = watch();
    let total = Series { resource: "memory.available".to_owned(), ..what("memory.available") };
    let mut told = Vec::new();
    for i in 0..900_i64 {
        let t_ms = START_MS + i * PERIOD_MS;
        let leak = 0.5 * i as f64;
        // No group has a series of its own: the ledger alone knows of them.
        let seen = Seen { t_ms, value: 200.0 + leak, limit: Some((1000.0, "MemTotal")), restarted: false };
        watch.see(&total, &seen);
        let groups = vec![group("app.service/java", 90.0 + 0.8 * leak), group("nginx", 50.0)];
        watch.note(t_ms, &Uses { groups, ..Uses::default() });
        told.extend(watch.look(t_ms));
    }
    let first = told.iter().find(|change| change.kind == Kind::Predicted).expect("it was told");
    let culprit = first_culprit(&first.finding.row.culprits).expect("somebody grows");
    assert_eq!((culprit.name.as_str(), culprit.unit.as_deref()), ("java", Some("app.service")));
    assert!((culprit.growth_share - 0.8).abs() < 0.02, "{culprit:?}");
    let rest = first.finding.row.culprits.last().expect("there is a remainder");
    assert!(rest.kind == "unattributed" && (rest.growth_share - 0.2).abs() < 0.02, "{rest:?}");
    let action = first.finding.row.action.as_deref().unwrap_or_default();
    assert!(action.contains("java (unit app.service)"), "{action}");
    // What stands is explained, too.
    assert!(watch.explained("memory.available").unwrap().diagnosis.is_some());
}
