//! Our own recordings: what the kernel did to them is known to the millisecond.

use chrono::SecondsFormat;
use hebe::finding::Status;
use hebe::settings::Settings;
use hebe_collectors::history::Options;
use hebe_datasets::{Kind, Recording, recordings};
use serde_json::Value;

use crate::contract::date;
use crate::{binary, library};

/// How far the middle of a forecast may be off, as a share of what was left.
const TOLERANCE: f64 = 0.15;
/// Moments at which a run that never fails is judged.
const MOMENTS: usize = 120;

/// The row of the binary once `share` of the run's life is over.
#[track_caller]
pub(crate) fn row_at(run: &Recording, share: f64) -> Value {
    let until = run.moment(share).to_rfc3339_opts(SecondsFormat::Millis, true);
    binary::row(&run.path, &format!("--until {until}"))
}

/// The first failure lies in the range, and the middle near it.
#[track_caller]
fn check(run: &Recording, share: f64) {
    let failure = run.truth.first_failure.expect("this run failed").fixed_offset();
    let row = row_at(run, share);
    assert!(binary::is_alarm(&row), "{} at {share}: {row:#}", run.name);
    let early = date(&row["exhausts_lo"]).expect("an alarm has a date");
    let late = date(&row["exhausts_hi"]);
    assert!(early <= failure, "{} at {share}: {failure} is before {early}", run.name);
    assert!(late.is_none_or(|late| failure <= late), "{} at {share}: {failure} is after {late:?}", run.name);
    let at = date(&row["at"]).expect("there are samples");
    let left = (failure - at).as_seconds_f64();
    let said = row["left_s"].as_f64().expect("an alarm has a date");
    assert!((said / left - 1.0).abs() <= TOLERANCE, "{} at {share}: {said} s for {left} s", run.name);
}

#[test]
fn runs_to_exhaustion_are_dated_when_half_of_their_life_is_over() {
    each(Kind::Exhaustion, |run| check(run, 0.5));
}

#[test]
fn runs_to_exhaustion_are_dated_when_three_quarters_of_their_life_are_over() {
    each(Kind::Exhaustion, |run| check(run, 0.75));
}

#[test]
fn runs_to_exhaustion_are_exhausted_in_the_end() {
    each(Kind::Exhaustion, |run| {
        let row = binary::row(&run.path, "");
        assert_eq!(row["status"], "EXHAUSTED", "{}", run.name);
        assert_eq!(row["limit"], run.truth.limit, "{}", run.name);
    });
}

#[test]
fn surges_are_held_and_never_an_alarm() {
    each(Kind::Surge, |run| {
        let rows = life(run);
        library::assert_silent(&rows);
        let held = |row: &hebe::finding::Row| 1 <= row.surges_held || row.status == Status::SurgeHeld;
        assert!(rows.iter().any(held), "{}: nobody saw the surges", run.name);
    });
}

#[test]
fn a_sawtooth_is_never_an_alarm() {
    each(Kind::Sawtooth, |run| library::assert_silent(&life(run)));
}

/// The rows of a run of one series at [`MOMENTS`] moments.
fn life(run: &Recording) -> Vec<hebe::finding::Row> {
    let series = library::read(&run.path, &Options::default());
    assert_eq!(series.len(), 1, "{}", run.name);
    library::life(&series[0], &Settings::default(), 0.0, MOMENTS)
}

#[track_caller]
fn each(kind: Kind, check: impl Fn(&Recording)) {
    let runs: Vec<Recording> = recordings().into_iter().filter(|run| run.truth.kind == kind).collect();
    assert!(!runs.is_empty());
    runs.iter().for_each(check);
}
