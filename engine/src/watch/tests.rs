//! Live series lived through sample by sample.

use hebe_collectors::history::{Sense, Series, Unit};
use hebe_collectors::live::{GroupUse, Identity, Uses};

use super::*;
use crate::evidence::Origin;
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
    // Where the growth comes from is asked of the group's own series, which the ledger has.
    let lead = watch.lead("memory.available").unwrap();
    assert_eq!(
        (lead.suspect.resource.as_str(), lead.suspect.scope.as_str()),
        ("process.anonymous", "app.service/java")
    );
    assert_eq!(watch.without_origin(), ["memory.available"]);
    let origin = Origin {
        suspect: "app.service/java".to_owned(),
        event: None,
        since: None,
        why: vec!["seen".to_owned()],
    };
    watch.found("memory.available", origin);
    assert!(watch.without_origin().is_empty());
    // It is still said after later looks, and once.
    let mut told = Vec::new();
    for i in 900..930_i64 {
        let t_ms = START_MS + i * PERIOD_MS;
        let value = 200.0 + 0.5 * i as f64;
        watch.see(&total, &Seen { t_ms, value, limit: Some((1000.0, "MemTotal")), restarted: false });
        told.extend(watch.look(t_ms));
    }
    assert!(told.is_empty(), "{told:?}");
    let why = &watch.finding("memory.available").unwrap().why;
    assert_eq!(why.iter().filter(|sentence| *sentence == "seen").count(), 1, "{why:?}");
    // What stands is explained, too.
    assert!(watch.explained("memory.available").unwrap().diagnosis.is_some());
}

const GIB: f64 = 1_073_741_824.0;

/// A file system that fills for `range` samples; with looks as they are wanted, each telling what `parts` says.
fn filling(
    watch: &mut Watch,
    range: std::ops::Range<i64>,
    parts: impl Fn(i64) -> Option<Vec<(&'static str, String, f64)>>,
) -> usize {
    let disk = Series {
        resource: "disk.bytes".to_owned(),
        scope: "/var".to_owned(),
        unit: Unit::Bytes,
        ..what("disk.bytes /var")
    };
    let mut looks = 0;
    for i in range {
        let t_ms = START_MS + i * PERIOD_MS;
        let value = GIB * (20.0 + 0.05 * i as f64 + 0.01 * wiggle(i));
        watch.see(&disk, &Seen { t_ms, value, limit: Some((100.0 * GIB, "ext4")), restarted: false });
        watch.look(t_ms);
        for (name, wanted) in watch.wanted(t_ms) {
            assert_eq!(
                (name.as_str(), wanted),
                ("disk.bytes /var", Wanted::Disk { mount: "/var".to_owned() })
            );
            assert!(watch.wanted(t_ms).is_empty(), "it is asked for once");
            looks += 1;
            watch.looked(&name, Looked { t_ms, cost_s: 0.5, parts: parts(i) });
        }
    }
    looks
}

fn directories(i: i64) -> Vec<(&'static str, String, f64)> {
    let directory = |path: &str, gib: f64| ("directory.bytes", path.to_owned(), gib * GIB);
    let mut all = vec![directory("/var/log/app", 2.0 + 0.03 * i as f64), directory("/var/lib", 9.0)];
    all.push(("deleted.bytes", "a.service/web".to_owned(), GIB * (1.0 + 0.02 * i as f64)));
    all
}

#[test]
fn a_file_system_that_fills_is_looked_at_and_two_looks_tell_what_grows() {
    let mut watch = watch();
    assert_eq!(
        filling(&mut watch, 0..150, |i| Some(directories(i))),
        0,
        "nothing is looked at that does not head for its limit"
    );
    let looks = filling(&mut watch, 150..900, |i| Some(directories(i)));
    assert!((5..=80).contains(&looks), "{looks} looks");
    let finding = watch.finding("disk.bytes /var").unwrap();
    assert!(finding.row.status.is_alarm(), "{:?}", finding.row);
    let share = |name: &str| {
        let found = finding.row.culprits.iter().find(|culprit| culprit.name.contains(name));
        found.map_or(0.0, |culprit| culprit.growth_share)
    };
    assert!((share("/var/log/app") - 0.6).abs() < 0.03, "{:#?}", finding.row.culprits);
    assert!((share("held open by web") - 0.4).abs() < 0.03, "{:#?}", finding.row.culprits);
    assert!(share("/var/lib") < 0.01 && share("unattributed") < 0.03);
    let action = finding.row.action.as_deref().unwrap();
    assert_eq!(action.matches("/var/log/app takes").count(), 1, "{action}");
    let lead = watch.lead("disk.bytes /var").unwrap();
    assert_eq!(
        (lead.suspect.resource.as_str(), lead.suspect.scope.as_str()),
        ("directory.bytes", "/var/log/app")
    );
}

#[test]
fn one_look_tells_who_holds_and_leaves_the_growth_open_and_a_cut_one_says_so() {
    let mut watch = watch();
    filling(&mut watch, 0..600, |_| None);
    let finding = watch.explained("disk.bytes /var").unwrap();
    assert!(
        finding.row.culprit_note.as_deref().is_some_and(|note| note.contains("too many entries")),
        "{finding:?}"
    );
    let t_ms = START_MS + 600 * PERIOD_MS;
    watch.looked("disk.bytes /var", Looked { t_ms, cost_s: 1.0, parts: Some(directories(600)) });
    watch.look(t_ms);
    let finding = watch.explained("disk.bytes /var").unwrap();
    let rest = finding.row.culprits.last().unwrap();
    assert!(rest.kind == "unattributed" && 0.99 < rest.growth_share, "{:#?}", finding.row.culprits);
    assert!(
        finding.row.culprits.iter().any(|culprit| culprit.name == "/var/log/app" && 0.0 < culprit.used_share)
    );
}

#[test]
fn who_asks_has_it_looked_at_for_a_while() {
    let mut watch = watch();
    let swap = Series { resource: "swap".to_owned(), ..what("swap") };
    for i in 0..300 {
        let seen = Seen {
            t_ms: START_MS + i * PERIOD_MS,
            value: 5.0 + wiggle(i),
            limit: Some((100.0, "x")),
            restarted: false,
        };
        watch.see(&swap, &seen);
        watch.look(seen.t_ms);
    }
    let now = START_MS + 300 * PERIOD_MS;
    assert!(watch.wanted(now).is_empty());
    watch.ask_for_parts("swap", now);
    watch.ask_for_parts("nothing", now);
    assert_eq!(watch.wanted(now), [("swap".to_owned(), Wanted::Swap)]);
    let parts = Some(vec![("process.swap", "a.service/web".to_owned(), 4.0)]);
    watch.looked("swap", Looked { t_ms: now, cost_s: 0.1, parts });
    let finding = watch.explained("swap").unwrap();
    assert_eq!(finding.row.culprits[0].full_name(), "a.service/web", "{:?}", finding.row);
    assert!(watch.wanted(now + 700_000).is_empty(), "it is over");
}
