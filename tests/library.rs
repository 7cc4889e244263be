//! The library as a program would use it: read a table, judge it at one time, or go through its whole life.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use hebe::analyze::analyze;
use hebe::finding::Row;
use hebe::settings::Settings;
use hebe_collectors::history::{Builder, Options, Series, catalogue, table};

use crate::contract;

/// The series of a table.
pub(crate) fn read(path: &Path, options: &Options) -> Vec<Series> {
    let name = path.display().to_string();
    let mut out = Builder::default();
    let mut input = BufReader::new(File::open(path).expect("the table is there"));
    table::read(&mut input, &name, options, &mut out).expect("it is a table");
    let (columns, restarts, _) = out.finish();
    catalogue::resolve(columns, &restarts, &name, options).0
}

/// The row of one series at the end of its samples.
#[track_caller]
pub(crate) fn row(series: &Series) -> Row {
    row_under(series, &Settings::default())
}

/// The row of one series as of `until_ms`.
#[track_caller]
pub(crate) fn row_until(series: &Series, until_ms: i64) -> Row {
    row_under(series, &Settings { until_ms: Some(until_ms), ..Settings::default() })
}

/// The row of one series, kept to the contract.
#[track_caller]
pub(crate) fn row_under(series: &Series, settings: &Settings) -> Row {
    let row = analyze(std::slice::from_ref(series), settings).remove(0).row;
    contract::check(&serde_json::to_value(&row).expect("a row is JSON"));
    row
}

/// Rows at `count` moments, evenly over the samples after the share `from` of them; the last is at the end.
#[track_caller]
pub(crate) fn life(series: &Series, settings: &Settings, from: f64, count: usize) -> Vec<Row> {
    let n = series.t_ms.len();
    let at = |k: usize| {
        let share = from + (1.0 - from) * (k + 1) as f64 / count as f64;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the samples")]
        let place = (share * n as f64) as usize;
        series.t_ms[place.clamp(1, n) - 1]
    };
    let settings = |k| Settings { until_ms: Some(at(k)), ..settings.clone() };
    (0..count).map(|k| row_under(series, &settings(k))).collect()
}

/// Panics where one of the rows says that something runs out, or has.
#[track_caller]
pub(crate) fn assert_silent(rows: &[Row]) {
    let alarms: Vec<String> = rows.iter().filter(|row| row.status.is_alarm()).map(line).collect();
    assert!(alarms.is_empty(), "{} of {} rows are alarms:\n{}", alarms.len(), rows.len(), alarms.join("\n"));
}

/// A row in a line.
pub(crate) fn line(row: &Row) -> String {
    let at = row.at.map_or_else(String::new, |at| at.to_rfc3339());
    format!("{} {at} {:?} of {:?}: {}: {}", row.series, row.used, row.limit, row.status, row.sentence)
}
