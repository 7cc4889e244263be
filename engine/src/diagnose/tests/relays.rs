//! 142 relays in production: which group leaks, and which were restarted by schedule. Other people's data, read from
//! beside the workspace; said loudly where they are absent.
#![allow(clippy::disallowed_methods, reason = "a test may be told where the data sets are")]
#![allow(clippy::print_stderr, reason = "a skipped test must be heard")]

use std::path::PathBuf;

use hebe_collectors::history::{Builder, Options, Series, catalogue, table};

use hebe_models::Outcome;

use super::{analyze, of};
use crate::settings::Settings;

pub(super) fn relays() -> Option<Vec<Series>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/datasets");
    let folder = std::env::var("HEBE_DATASETS").map_or_else(|_| PathBuf::from(beside), PathBuf::from);
    let path = folder.join("tor-relays/memory_measurements.csv");
    let bytes = std::fs::read(&path)
        .inspect_err(|error| eprintln!("SKIPPED: cannot read `{}`: {error}", path.display()))
        .ok()?;
    let (mut out, options) = (Builder::default(), Options::default());
    table::read(&mut &bytes[..], "relays", &options, &mut out).unwrap();
    let (columns, restarts, _) = out.finish();
    Some(catalogue::resolve(columns, &restarts, "relays", &options).0)
}

#[test]
fn the_group_that_leaks_takes_the_growth() {
    let Some(all) = relays() else { return };
    let findings = analyze(&all, &Settings::default());
    let finding = of(&findings, "total_kb{type=\"aggregate\"}@closedopen");
    let first = finding.diagnosis.as_ref().and_then(|diagnosis| diagnosis.first()).unwrap();
    assert_eq!((first.name.as_str(), first.kind.as_str()), ("I", "group"));
    assert!(0.8 < first.growth_share, "{}", first.growth_share);
    // Ten relays of 1.09 GB a day each.
    let each = first.growth_per_day / 10.0 / 1e9;
    assert!((0.9..1.6).contains(&each), "{each} GB/day");
    assert_eq!(first.cause.as_deref(), Some("each grows"));
}

#[test]
fn groups_that_are_restarted_by_schedule_take_none_and_are_told() {
    let Some(all) = relays() else { return };
    let findings = analyze(&all, &Settings::default());
    let finding = of(&findings, "total_kb{type=\"aggregate\"}@closedopen");
    for group in ["F", "G", "H"] {
        let culprit = finding.row.culprits.iter().find(|culprit| culprit.name == group).unwrap();
        assert!(culprit.course.is_some(), "{group}: {culprit:?}");
        assert!(culprit.growth_share < 0.02, "{group}: {culprit:?}");
    }
    for group in ["A", "B"] {
        let culprit = finding.row.culprits.iter().find(|culprit| culprit.name == group).unwrap();
        assert!(culprit.growth_share < 0.02, "{group}: {culprit:?}");
    }
}

#[test]
fn relays_that_were_restarted_every_first_second_and_third_day_are_recognised_and_their_restarts_judged() {
    let Some(all) = relays() else { return };
    let findings = analyze(&all, &Settings::default());
    let of_group = |group: &'static str| {
        let findings = findings.iter().filter(move |finding| {
            let row = &finding.row;
            row.resource == "rss_kb" && row.scope.ends_with(&format!(",{group}"))
        });
        findings.collect::<Vec<_>>()
    };
    // Restarted every day, every second and every third; long enough ones show that levels come back and stay.
    for group in ["F", "G", "H"] {
        let found = of_group(group);
        let reliefs: Vec<_> = found.iter().filter_map(|finding| finding.relief.as_ref()).collect();
        assert!(found.len() <= 2 * reliefs.len(), "{group}: {} of {}", reliefs.len(), found.len());
        let judged: Vec<Outcome> = reliefs
            .iter()
            .map(|relief| relief.outcome)
            .filter(|outcome| *outcome != Outcome::Unknown)
            .collect();
        let helped = judged.iter().filter(|outcome| **outcome == Outcome::Helps).count();
        assert!(0 < helped && 5 * (judged.len() - helped) <= judged.len(), "{group}: {judged:?}");
    }
    // Every relay has too few restarts in two weeks of samples every six hours with gaps of a day; all of a group
    // together show by which schedule they were restarted.
    for (group, hours) in [("F", 24.0), ("G", 48.0), ("H", 72.0)] {
        let found = of_group(group);
        let reliefs: Vec<_> = found.iter().filter_map(|finding| finding.relief.as_ref()).collect();
        let hours_of = |relief: &&&hebe_models::Relief| relief.period.map(|period| (period / 3600.0).round());
        let right = reliefs.iter().filter(|relief| hours_of(relief) == Some(hours)).count();
        assert!(10 * right >= 8 * reliefs.len(), "{group}: {right} of {}", reliefs.len());
        let claimed = reliefs.iter().filter(|relief| relief.period.is_some()).count();
        assert_eq!(claimed, right, "{group}");
    }
    let total = of(&findings, "total_kb{type=\"aggregate\"}@closedopen");
    for (group, course) in [("F", "24 h"), ("G", "2 d"), ("H", "3 d")] {
        let culprit = total.row.culprits.iter().find(|culprit| culprit.name == group).unwrap();
        assert_eq!(culprit.course.as_deref(), Some(format!("restarted every {course}").as_str()), "{group}");
    }
    let by_schedule = |course: &String| course.starts_with("restarted every");
    let told = total.row.culprits.iter().filter(|culprit| culprit.course.as_ref().is_some_and(by_schedule));
    assert_eq!(told.count(), 3, "{:#?}", total.row.culprits);
    // What grows again within a day is not said to do without its restarts.
    let dropped = |group| {
        let could = |finding: &&&crate::finding::Finding| {
            finding.relief.as_ref().is_some_and(hebe_models::Relief::could_be_dropped)
        };
        of_group(group).iter().filter(could).count()
    };
    assert_eq!(dropped("F"), 0);
    // Nobody restarted the groups that were left alone.
    for group in ["A", "E", "Z", "I"] {
        let found = of_group(group);
        let judged = |relief: &&hebe_models::Relief| 3 <= relief.restarts.len();
        let restarted = found.iter().filter_map(|finding| finding.relief.as_ref()).filter(judged).count();
        assert!(8 * restarted <= found.len(), "{group}: {restarted} of {}", found.len());
    }
}
