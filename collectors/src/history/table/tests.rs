//! Tables of every kind that people have, a few lines each.

mod broken;
mod long;
mod real;
mod times;

use std::fmt::Write;
use std::path::Path;

use chrono_tz::Tz;
use proptest::prelude::*;

use super::super::{Column, Rejected, Unit};
use super::*;

/// What one text gave.
struct Found {
    columns: Vec<Column>,
    restarts: Vec<(String, i64)>,
    rejected: Rejected,
    notes: String,
}

fn try_read(text: &[u8], options: &Options) -> Result<Found, HistoryError> {
    let mut out = Builder::default();
    let notes = read(&mut &text[..], "t.csv", options, &mut out)?;
    let (columns, restarts, rejected) = out.finish();
    let notes: Vec<String> = notes.into_iter().map(|note| note.text).collect();
    Ok(Found { columns, restarts, rejected, notes: notes.join("\n") })
}

fn options() -> Options {
    Options::default()
}

fn series(names: &[&str]) -> Options {
    Options { series: names.iter().map(|&name| name.to_owned()).collect(), ..options() }
}

fn values(names: &[&str]) -> Options {
    Options { values: names.iter().map(|&name| name.to_owned()).collect(), ..options() }
}

/// The second at which the samples of most tests begin: 2026-11-21 19:01:44 UTC.
const START_S: i64 = 1_795_287_704;

/// Writes a column as `host:metric{label=value} unit @seconds=value …`, seconds being those after the start.
fn describe(column: &Column) -> String {
    let host = if column.key.host.is_empty() { String::new() } else { format!("{}:", column.key.host) };
    let labels: Vec<String> =
        column.key.labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let unit = if column.unit == Unit::Unknown { String::new() } else { format!(" {}", column.unit) };
    let mut text = format!("{host}{}{labels}{unit}", column.key.metric);
    for (t_ms, value) in column.t_ms.iter().zip(&column.v) {
        let _ = write!(text, " @{}={value}", (*t_ms - START_S * 1000) as f64 / 1000.0);
    }
    text
}

#[track_caller]
fn check_with(options: &Options, text: &str, expected: &[&str]) -> Found {
    let found = try_read(text.as_bytes(), options).unwrap();
    let described: Vec<String> = found.columns.iter().map(describe).collect();
    assert_eq!(described, expected, "\n{text}\n{}", found.notes);
    found
}

#[track_caller]
fn check(text: &str, expected: &[&str]) -> Found {
    let found = check_with(&options(), text, expected);
    assert_eq!(found.rejected.count, 0, "{:?}", found.rejected.first);
    found
}

/// Reads a text with one bad line.
#[track_caller]
fn check_rejected(text: &str, expected: &[&str], line: u64, reason: &str) {
    let found = check_with(&options(), text, expected);
    let first = found.rejected.first.unwrap_or_default();
    assert_eq!((found.rejected.count, first.0), (1, line), "{}", first.1);
    assert!(first.1.contains(reason), "{}", first.1);
}

#[track_caller]
fn check_error(options: &Options, text: &str, expected: &str) {
    let error = try_read(text.as_bytes(), options).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains(expected), "{error:?}");
}

// How a table is written.

#[test]
fn every_delimiter_is_found() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = "time,a,b\n1795287704,1,2\n1795287714,3,4\n".replace(',', delimiter);
        check(&text, &["a @0=1 @10=3", "b @0=2 @10=4"]);
    }
}

#[test]
fn a_delimiter_within_text_is_none() {
    check("time,host,a\n1795287704,x;y;z;w,1\n1795287705,v,2\n", &["x;y;z;w:a @0=1", "v:a @1=2"]);
    check("time,\"x;y;z\",a\n1795287704,\"x;y;z\",1\n", &["a{x;y;z=x;y;z} @0=1"]);
}

#[test]
fn line_ends_marks_quotes_and_blanks_make_no_difference() {
    let marked = check("\u{feff}time,a\r\n1795287704,1\r\n\r\n", &["a @0=1"]);
    assert_eq!(marked.notes, "");
    check("\"time\",\"used, bytes\"\n\"1795287704\",\"1\"\n", &["used, bytes @0=1"]);
    check("time, a, b\n1795287704, 1, 2\n", &["a @0=1", "b @0=2"]);
    check("time,a\n1795287704,1", &["a @0=1"]);
}

#[test]
fn a_header_may_be_missing() {
    let found = check("1795287704,1,2\n1795287714,3,4\n", &["column_2 @0=1 @10=3", "column_3 @0=2 @10=4"]);
    assert!(found.notes.contains("no header"), "{}", found.notes);
    assert!(found.notes.contains("times are taken from column `column_1`"), "{}", found.notes);
}

#[test]
fn names_may_be_missing_or_double() {
    check("time,,a,a\n1795287704,1,2,3\n", &["column_2 @0=1", "a @0=2", "a_2 @0=3"]);
}

#[test]
fn lines_before_the_header_are_passed_over() {
    check("# made by pmrep\n# on web1, at night\ntime,a,b\n1795287704,1,2\n", &["a @0=1", "b @0=2"]);
    let found = check("Report of web1\n\ntime,a,b\n1795287704,1,2\n", &["a @0=1", "b @0=2"]);
    assert!(found.notes.contains("lines before the header were passed over: 1"), "{}", found.notes);
    check("sep=;\ntime;a\n1795287704;1\n", &["a @0=1"]);
}

#[test]
fn a_header_may_be_a_comment() {
    check("# timestamp a b\n# timestamp,a,b\n1795287704,1,2\n", &["a @0=1", "b @0=2"]);
    check("# timestamp,a\n# in bytes\n1795287704,1\n", &["a @0=1"]);
    check("#x,when,b\n1,2026-11-21 19:01:44,2\n", &["x @0=1", "b @0=2"]);
}

#[test]
fn a_header_may_come_again() {
    check("time,a\n1795287704,1\ntime,a\n1795287714,2\n", &["a @0=1 @10=2"]);
    check("time,a\n1795287704,1\ntime,b\n1795287714,2\n", &["a @0=1", "b @10=2"]);
    check("time,a\ntime,a\ntime,a\n1795287704,1\n", &["a @0=1"]);
    let rows = "1795287704,1\n1795287705,1\n1795287706,1\n";
    check(&format!("time,a\n{rows}b,time\n2,1795287714\n"), &["a @0=1 @1=1 @2=1", "b @10=2"]);
}

#[test]
fn rows_under_a_header_that_is_not_understood_are_rejected() {
    let options = Options { time_column: Some("timestamp".to_owned()), ..options() };
    let text = "# timestamp,a\n1795287704,1\n# time,b\n1795287705,2\n";
    let found = check_with(&options, text, &["a @0=1"]);
    assert_eq!(found.rejected.count, 2);
}

#[test]
fn trailing_delimiters_are_no_columns() {
    check("time,a,\n1795287704,1,\n", &["a @0=1"]);
    check("time,a,\n1795287704,1\n1795287705,2\n", &["a @0=1 @1=2"]);
    check("time,a\n1795287704,1,\n1795287705,2,\n", &["a @0=1 @1=2"]);
}

#[test]
fn decimal_commas_are_read_and_noted() {
    let found = check("time;a;b\n1795287704;8,37;1\n", &["a @0=8.37", "b @0=1"]);
    assert!(found.notes.contains("decimal comma"), "{}", found.notes);
    check("time,a\n1795287704,\"8,37\"\n", &["a @0=8.37"]);
    check("time;a\n1795287704;8,370\n1795287705;12,125\n", &["a @0=8.37 @1=12.125"]);
    check("time;a\n1795287704;1.234,5\n", &["a @0=1234.5"]);
}

#[test]
fn thousands_separators_are_read_where_nothing_else_is_meant() {
    check("time,a\n1795287704,\"1,234,567\"\n1795287705,\"1,234.5\"\n", &["a @0=1234567 @1=1234.5"]);
    check_rejected(
        "time,a\n1795287704,1\n1795287705,\"1,234\"\n1795287706,2\n",
        &["a @0=1 @2=2"],
        3,
        "no number",
    );
}

#[test]
fn sizes_have_a_unit() {
    check("time,a\n1795287704,23.5 GB\n1795287705,24 GB\n", &["a bytes @0=23500000000 @1=24000000000"]);
    check("time,a\n1795287704,75%\n", &["a percent @0=75"]);
    check("time,a\n1795287704,512Mi\n1795287705,0\n", &["a bytes @0=536870912 @1=0"]);
    check("time,a,b\n1795287704,1,\n1795287705,2,1KiB\n", &["a @0=1 @1=2", "b bytes @1=1024"]);
    check_rejected("time,a\n1795287704,1\n1795287705,2\n1795287706,3 GB\n", &["a @0=1 @1=2"], 4, "a unit");
}
