//! Tables of every kind that people have, a few lines each.

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

// Times.

#[test]
fn times_are_read_in_every_unit_and_layout() {
    for time in [
        "1795287704",
        "1795287704.000",
        "1795287704000",
        "1795287704000000",
        "1795287704000000000",
        "2026-11-21 19:01:44",
        "2026-11-21T19:01:44Z",
        "2026-11-21T21:01:44+02:00",
        "2026-11-21T21:01:44.000+0200",
        "2026-11-21 19:01:44 UTC",
        "11/21/2026 19:01:44.000",
        "11/21/2026 07:01:44 PM",
        "21.11.2026 19:01:44",
        "21/11/2026 19:01:44",
        "2026/11/21 19:01:44",
    ] {
        check(&format!("time,a\n{time},1\n"), &["a @0=1"]);
    }
}

#[test]
fn a_column_of_times_is_found_by_name_or_by_its_cells() {
    for name in
        ["time", "Timestamp", "DATE", "datetime", "ts", "t", "epoch", "clock", "currentTime", "ds", "_time"]
    {
        check(&format!("a,{name}\n1,1795287704\n"), &["a @0=1"]);
    }
    check("a,when\n1,2026-11-21 19:01:44\n", &["a @0=1"]);
    check("a,when\n5,1795287704\n6,1795287705\n", &["a @0=5 @1=6"]);
    check("a,when\n1795287704,2026-11-21 19:01:44\n", &["a @0=1795287704"]);
    check("time,timestamp,a\n0.25,1795287704,1\n", &["time @0=0.25", "a @0=1"]);
}

#[test]
fn the_user_names_the_column_of_times() {
    let options = Options { time_column: Some("B".to_owned()), ..options() };
    check_with(&options, "time,b\n1795287704,1795287705\n", &["time @1=1795287704"]);
    check_error(&options, "time,a\n1795287704,1\n", "there is no column `B` (columns: `time`, `a`)");
    check_error(&options, "time,b\n1795287704,x\n", "no column holds times");
}

#[test]
fn without_times_there_is_no_history() {
    check_error(&options(), "a,b\n1,2\n3,4\n", "no column holds times (columns: `a`, `b`)");
    check_error(&options(), "used\n1031884800\n1403092992\n1395000000\n", "no column holds times");
}

#[test]
fn seconds_from_a_start_are_read_and_noted() {
    let found = try_read(b"t,a\n0,1\n10.5,2\n", &options()).unwrap();
    assert_eq!(found.columns[0].t_ms, [0, 10_500]);
    assert!(found.notes.contains("seconds from a start"), "{}", found.notes);
}

#[test]
fn date_and_time_may_stand_apart() {
    check("date,time,a\n2026-11-21,19:01:44,1\n2026-11-21,19:01:45,2\n", &["a @0=1 @1=2"]);
    check("Date,Time,a\n11/21/2026,7:01:44 PM,1\n", &["a @0=1"]);
}

#[test]
fn a_zone_is_taken_from_the_user() {
    let berlin = Options { zone: Some(Tz::Europe__Berlin), ..options() };
    let found = check_with(&berlin, "time,a\n2026-11-21 20:01:44,1\n", &["a @0=1"]);
    assert!(!found.notes.contains("zone"), "{}", found.notes);
    let found = check("time,a\n2026-11-21 19:01:44,1\n", &["a @0=1"]);
    assert!(found.notes.contains("taken as UTC, say --zone"), "{}", found.notes);
    check_with(&berlin, "time,a\n2026-11-21 19:01:44 UTC,1\n", &["a @0=1"]);
}

#[test]
fn an_hour_shown_twice_gives_two_hours() {
    let berlin = Options { zone: Some(Tz::Europe__Berlin), ..options() };
    let text = "time,a\n2026-10-25 02:30,1\n2026-10-25 02:30,2\n2026-10-25 03:30,3\n";
    let found = try_read(text.as_bytes(), &berlin).unwrap();
    let hours: Vec<i64> = found.columns[0].t_ms.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(hours, [3_600_000, 3_600_000]);
    assert_eq!(found.columns[0].rejected, 0);
}

#[test]
fn in_a_long_table_each_series_goes_through_the_fold_by_itself() {
    let berlin = Options { zone: Some(Tz::Europe__Berlin), ..options() };
    let text = "time,host,a\n2026-10-25 02:30,x,1\n2026-10-25 02:30,y,1\n2026-10-25 02:30,x,2\n2026-10-25 02:30,y,2\n";
    let found = try_read(text.as_bytes(), &berlin).unwrap();
    assert_eq!(found.columns[0].t_ms, found.columns[1].t_ms);
    assert_eq!(found.columns[0].v, [1.0, 2.0]);
}

#[test]
fn perfmon_says_its_zone_host_and_instances() {
    let text = "\"(PDH-CSV 4.0) (Pacific Daylight Time)(420)\",\"\\\\WEB\\Memory\\Committed Bytes\",\
                \"\\\\WEB\\LogicalDisk(C:)\\Free Megabytes\",\"\\\\WEB\\Processor(_Total)\\% Processor Time\"\r\n\
                \"11/21/2026 12:01:44.000\",\"8413790208\",\"120034\",\" \"\r\n\
                \"11/21/2026 12:01:59.000\",\"8414101504\",\"120033\",\"3.5\"\r\n";
    let found = check(
        text,
        &[
            "WEB:Memory\\Committed Bytes @0=8413790208 @15=8414101504",
            "WEB:LogicalDisk\\Free Megabytes{instance=C:} @0=120034 @15=120033",
            "WEB:Processor\\% Processor Time{instance=_Total} @15=3.5",
        ],
    );
    let june = "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\WEB\\Memory\\x\"\n\"06/05/2026 00:00:00.000\",\"1\"\n";
    let unclear = check(june, &["WEB:Memory\\x @-14670104=1"]);
    assert_eq!(unclear.notes, "");
    assert_eq!(found.notes, "values are missing (empty, NA, NaN, null, -, ?): 1");
}

// Cells.

#[test]
fn missing_values_are_counted_apart_from_bad_ones() {
    for marker in ["", "NA", "N/A", "NaN", "null", "None", "-", "?", " "] {
        let text = format!("time,a\n1795287704,1\n1795287705,{marker}\n1795287706,3\n");
        let found = check(&text, &["a @0=1 @2=3"]);
        assert!(found.notes.contains("null, -, ?): 1"), "{marker:?}: {}", found.notes);
    }
}

#[test]
fn infinite_and_malformed_values_cost_only_themselves() {
    let text = |cell| format!("time,a,b\n1795287704,1,2\n1795287705,{cell},2\n1795287706,3,2\n");
    check_rejected(&text("inf"), &["a @0=1 @2=3", "b @0=2 @1=2 @2=2"], 3, "`a`: not finite: `inf`");
    check_rejected(&text("1e999"), &["a @0=1 @2=3", "b @0=2 @1=2 @2=2"], 3, "not finite");
    check_rejected(&text("error"), &["a @0=1 @2=3", "b @0=2 @1=2 @2=2"], 3, "`a`: no number: `error`");
}

#[test]
fn a_column_of_missing_marks_is_there_without_samples() {
    let found = check("time,a,b\n1795287704,1,NaN\n1795287705,2,NaN\n", &["a @0=1 @1=2", "b"]);
    assert!(found.notes.contains("`b`: all values are marked as missing"), "{}", found.notes);
}

#[test]
fn columns_without_numbers_are_left_out_in_one_note() {
    let found = check("time,a,b,c\n1795287704,1,,\n1795287705,2,,\n", &["a @0=1 @1=2"]);
    assert!(found.notes.contains("left out `b`, `c`: no number"), "{}", found.notes);
    let found = check("time,a,note,ok,end\n1795287704,1,x,true,2026-11-22\n", &["a @0=1"]);
    let rows = "1795287704,1,\n".repeat(1001);
    let late = try_read(format!("time,a,b\n{rows}1795287705,2,x\n").as_bytes(), &options()).unwrap();
    assert!(late.notes.contains("left out `b`: text"), "{}", late.notes);
    let text = format!("time,a,b\n{rows}1795287705,2,5\n1795287706,2,x\n");
    check_rejected(&text, &["a @0=1 @1=2 @2=2", "b @1=5"], 1004, "`b`: no number: `x`");
    for left_out in ["`note`: prose", "`ok`: true or false", "`end`: further times"] {
        assert!(found.notes.contains(left_out), "{}", found.notes);
    }
}

// Lines.

#[test]
fn bad_lines_are_rejected_with_their_number() {
    let text = |line| format!("time,a,b\n1795287704,1,2\n{line}\n1795287706,3,4\n");
    let rest = ["a @0=1 @2=3", "b @0=2 @2=4"];
    check_rejected(&text("1795287705,9"), &rest, 3, "2 fields where there should be 3");
    check_rejected(&text("1795287705,9,9,9"), &rest, 3, "4 fields where there should be 3");
    check_rejected(&text("yesterday,9,9"), &rest, 3, "no time: `yesterday`");
    check_rejected(&text("0,9,9"), &rest, 3, "no time: `0`");
    check_rejected(&text(",9,9"), &rest, 3, "no time: ``");
    check_rejected(&text("1795287705,\"9,9"), &rest, 3, "a quote that is not closed");
    check_rejected(&text("1795287705,9,9\r1795287705,9,9"), &rest, 3, "5 fields");
}

#[test]
fn a_file_cut_in_the_middle_keeps_what_it_has() {
    check_rejected(
        "time,a,b\n1795287704,1,2\n1795287705,3,4\n17952",
        &["a @0=1 @1=3", "b @0=2 @1=4"],
        4,
        "1 fields",
    );
    check_rejected("time,a,b\n1795287704,1,2\n1795287705,3,\"4", &["a @0=1", "b @0=2"], 3, "a quote");
}

#[test]
fn comments_within_the_file_are_no_lines() {
    check("time,a\n1795287704,1\n# restarted here\n1795287705,2\n", &["a @0=1 @1=2"]);
    check("time,a\n# in bytes\n1795287704,1\n", &["a @0=1"]);
}

#[test]
fn unsorted_and_newest_first_files_are_sorted() {
    check("time,a\n1795287706,3\n1795287704,1\n1795287705,2\n", &["a @0=1 @1=2 @2=3"]);
    check("time,a\n2026-11-21 19:01:45,2\n2026-11-21 19:01:44,1\n", &["a @0=1 @1=2"]);
}

#[test]
fn duplicates_are_silent_if_exact_and_counted_if_not() {
    let found = check("time,a\n1795287704,1\n1795287704,1\n1795287704,5\n", &["a @0=5"]);
    assert_eq!(found.columns[0].rejected, 1);
}

#[test]
fn nothing_is_empty() {
    for text in ["", "\n\n", "\u{feff}", "time,a\n"] {
        check_error(&options(), text, "`t.csv` is empty");
    }
}

// Long tables.

const LONG: &str = "time,host,device,used\n1795287704,web1,sda,1\n1795287704,web1,sdb,2\n1795287704,web2,sda,4\n\
                    1795287705,web1,sda,10\n1795287705,web1,,20\n";

#[test]
fn text_beside_values_tells_series_apart() {
    check(
        LONG,
        &[
            "web1:used{device=sda} @0=1 @1=10",
            "web1:used{device=sdb} @0=2",
            "web2:used{device=sda} @0=4",
            "web1:used @1=20",
        ],
    );
}

#[test]
fn labels_are_told_apart_as_they_stand() {
    check("time,x,y,a\n1795287704,ab,c,1\n1795287704,a,bc,2\n", &["a{x=ab,y=c} @0=1", "a{x=a,y=bc} @0=2"]);
    check("time,a,b,plug\n1795287704,1,2,COM 1\n", &["a{plug=COM 1} @0=1", "b{plug=COM 1} @0=2"]);
}

#[test]
fn rows_of_another_kind_miss_nothing() {
    let text = "time,host,a,b\n1795287704,x,1,\n1795287704,y,,2\n1795287705,x,,\n";
    let found = check(text, &["x:a @0=1", "y:b @0=2"]);
    assert!(found.notes.ends_with("?): 1"), "{}", found.notes);
}

#[test]
fn members_are_added_up_where_the_user_names_the_series() {
    let found = check_with(&series(&["host"]), LONG, &["web1:used @0=3 @1=30", "web2:used @0=4"]);
    assert!(found.notes.contains("rows of one time and one host are added up"), "{}", found.notes);
    check_with(
        &series(&["device"]),
        LONG,
        &["used{device=sda} @0=5 @1=10", "used{device=sdb} @0=2", "used @1=20"],
    );
    check_error(&series(&["rack"]), LONG, "there is no column `rack`");
}

#[test]
fn numbers_may_name_series() {
    check(
        "clock,itemid,value\n1795287704,42,7\n1795287704,43,8\n",
        &["value{itemid=42} @0=7", "value{itemid=43} @0=8"],
    );
    check_with(&series(&["shard"]), "time,shard,a\n1795287704,1,7\n1795287704,1,8\n", &["a{shard=1} @0=15"]);
    check("time,port_count\n1795287704,3\n", &["port_count @0=3"]);
    check("time,instance,a\n1795287704,web1:9100,3\n", &["web1:9100:a @0=3"]);
}

#[test]
fn a_column_of_metrics_names_the_one_value() {
    let text = "time,metric,value\n1795287704,used,1\n1795287704,free,2\n";
    check(text, &["used @0=1", "free @0=2"]);
    check("time,name,a,b\n1795287704,x,1,2\n", &["a{name=x} @0=1", "b{name=x} @0=2"]);
    let text = "time,host,metric,value\n1795287704,x,used,1\n1795287704,x,free,2\n1795287704,x,free,3\n";
    check_with(&series(&["host"]), text, &["x:used @0=1", "x:free @0=5"]);
}

#[test]
fn an_export_of_victoria_metrics_needs_no_header() {
    check(
        "mem_free,web1:9100,5,1795287704000\nmem_free,web1:9100,4,1795287705000\n",
        &["mem_free{column_2=web1:9100} @0=5 @1=4"],
    );
}

#[test]
fn bookkeeping_of_producers_is_left_out() {
    check("itemid,clock,value,ns\n42,1795287704,7,123456789\n", &["value{itemid=42} @0=7"]);
    let flux = "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,double,string,string\n\
                ,result,table,_start,_time,_value,_field,host\n\
                ,_result,0,2026-11-21T00:00:00Z,2026-11-21T19:01:44Z,5,used,web1\n";
    check(flux, &["web1:used @0=5"]);
}

#[test]
fn values_are_chosen_by_the_user() {
    let text = "time,a,b,c\n1795287704,1,2,3\n";
    check_with(&values(&["b"]), text, &["b @0=2"]);
    let both = Options { limit_column: Some("c".to_owned()), ..values(&["b"]) };
    check_with(&both, text, &["b @0=2", "c @0=3"]);
    check_error(&values(&["d"]), text, "there is no column `d` (columns: `time`, `a`, `b`, `c`)");
    check_error(&Options { limit_column: Some("d".to_owned()), ..options() }, text, "there is no column `d`");
}

#[test]
fn too_many_series_are_refused_and_noted() {
    let mut text = "time,user,a\n".to_owned();
    (0..200_005).for_each(|k| _ = writeln!(text, "1795287704,u{k},1"));
    let found = try_read(text.as_bytes(), &options()).unwrap();
    assert_eq!((found.columns.len(), found.rejected.count), (200_000, 5));
    assert!(found.notes.contains("--series"), "{}", found.notes);
    let mut text = "time,user,a,b\n".to_owned();
    (0..100_003).for_each(|k| _ = writeln!(text, "1795287704,u{k},1,2"));
    let found = try_read(text.as_bytes(), &options()).unwrap();
    assert_eq!((found.columns.len(), found.rejected.count), (200_000, 6));
}

#[test]
fn ten_thousand_columns_are_fine() {
    let names: Vec<String> = (0..10_000).map(|k| format!("a_column_with_quite_a_long_name_{k}")).collect();
    let row = vec!["1"; 10_000].join(",");
    let text = format!("time,{}\n1795287704,{row}\n1795287705,{row}\n", names.join(","));
    let found = try_read(text.as_bytes(), &options()).unwrap();
    assert_eq!((found.columns.len(), found.columns[9_999].v.len()), (10_000, 2));
}

// sadf.

#[test]
fn sadf_comes_in_blocks_with_restarts_between() {
    let text = "# hostname;interval;timestamp;kbmemfree;%memused\nvm;2;2026-11-21 19:01:44 UTC;5;8,37\n\
                vm;-1;2026-11-21 19:01:50 UTC;LINUX-RESTART\t(2 CPU)\n\
                # hostname;interval;timestamp;kbmemfree;%memused\nvm;2;2026-11-21 19:01:54 UTC;6;8,38\n\
                vm;-1;2026-11-21 19:01:55 UTC;COM all is well\n\
                # hostname;interval;timestamp;CPU;%user\nvm;2;2026-11-21 19:01:44 UTC;0;1,5\n\
                vm;2;2026-11-21 19:01:44 UTC;1;2,5\n";
    let found = check(
        text,
        &[
            "vm:kbmemfree @0=5 @10=6",
            "vm:%memused @0=8.37 @10=8.38",
            "vm:%user{CPU=0} @0=1.5",
            "vm:%user{CPU=1} @0=2.5",
        ],
    );
    assert_eq!(found.restarts, [("vm".to_owned(), (START_S + 6) * 1000)]);
    let local = "# hostname;interval;timestamp;a\nvm;2;2026-11-21 19:01:44;1\n\
                 # hostname;interval;timestamp;b\nvm;2;2026-11-21 19:01:44;1\n";
    let found = check(local, &["vm:a @0=1", "vm:b @0=1"]);
    assert_eq!(found.notes.matches("taken as UTC").count(), 1);
    check_with(&values(&["%user"]), text, &["vm:%user{CPU=0} @0=1.5", "vm:%user{CPU=1} @0=2.5"]);
    let restarted = "# hostname;interval;timestamp;a\nvm;-1;2026-11-21 19:01:40 UTC;LINUX-RESTART\n\
                     # hostname;interval;timestamp;a\nvm;2;2026-11-21 19:01:44 UTC;1\n";
    check(restarted, &["vm:a @0=1"]);
    check_error(&values(&["%idle"]), text, "there is no column `%idle`");
}

// Files of others.

fn shared(folder: &str) -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")).join(folder)
}

/// Reads a file of others; says loudly that it is absent.
#[allow(clippy::print_stderr, reason = "a skipped test must not look like one that ran")]
fn sample(path: &str) -> Option<Vec<u8>> {
    let found = std::fs::read(shared(path)).ok();
    if found.is_none() {
        eprintln!("SKIPPED: {} is absent", shared(path).display());
    }
    found
}

#[track_caller]
fn check_sample(path: &str, columns: usize, samples: usize, some: &str) {
    let Some(text) = sample(path) else { return };
    let found = try_read(&text, &options()).unwrap();
    let all: usize = found.columns.iter().map(|column| column.v.len()).sum();
    assert_eq!(
        (found.columns.len(), all, found.rejected.count),
        (columns, samples, 0),
        "{:?}",
        found.rejected.first
    );
    let described: Vec<String> = found.columns.iter().map(describe).collect();
    assert!(described.iter().any(|column| column.starts_with(some)), "{described:?}");
}

#[test]
fn real_tables_give_what_is_in_them() {
    check_sample("formats/collectd/memory-used-2026-11-21", 1, 20, "value @1112.637=2189520896");
    check_sample("formats/influx/query.csv", 2, 4, "web 1:available{name=mem,dc=eu} @1050=22879334400");
    check_sample("formats/netdata/data.csv", 4, 80, "free @1239=12240.605");
    check_sample("formats/pcp/pmrep.csv", 6, 173, "mem.util.free @243=13773784");
    check_sample("formats/sysstat/sadf_d_r.csv", 11, 363, "vm:kbmemfree @0=16097632");
    check_sample("formats/sysstat/sadf_U.csv", 11, 22, "vm:%memused @0=8.37");
    check_sample(
        "formats/synthetic/perfmon_pdh.csv",
        7,
        19,
        "WEB01:Process\\Handle Count{instance=svchost#3}",
    );
    check_sample("formats/synthetic/zabbix_history_uint.csv", 1, 2, "value{itemid=42253} @1050=22703095808");
    check_sample("formats/synthetic/zabbix_trends_uint.csv", 4, 4, "value_avg{itemid=42253}");
    check_sample(
        "formats/victoriametrics/export.csv",
        1,
        5,
        "node_memory_MemAvailable_bytes{column_2=web1:9100}",
    );
    check_sample("datasets/ibm-cloud/appln2.csv", 1, 1662, "usage");
    check_sample("datasets/llm-server/monitoringopt-125m_10s.csv", 17, 87_227, "usedMemory");
    check_sample("datasets/nab/ec2_cpu_utilization_5f5533.csv", 1, 4032, "value");
    check_sample("datasets/reference/AirPassengers.csv", 1, 144, "#Passengers");
    check_sample("datasets/reference/nile.csv", 1, 100, "volume");
}

#[test]
fn groups_of_relays_are_added_up() {
    let Some(text) = sample("datasets/tor-relays/memory_measurements.csv") else { return };
    let options =
        Options { series: vec!["group".to_owned()], values: vec!["rss_kb".to_owned()], ..options() };
    let found = try_read(&text, &options).unwrap();
    let group = |name: &str| found.columns.iter().find(|column| column.key.labels[0].1 == name).unwrap();
    assert_eq!(group("A").v.len(), 59);
    // `awk -F, '$1=="2025-12-26T08:39:37" && $6=="A" {s+=$7} END {print s}'` prints it.
    assert_eq!(group("A").v.first(), Some(&5_397_008.0));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = try_read(&text, &options());
    }

    #[test]
    fn almost_tables_are_read_without_panic(text in "(time|date|a|#| |,|;|\"|\n|\r|NA|-|17952877[0-9]{2}|2026-1[0-9]-2[0-9]|[0-9]{1,3}(\\.[0-9]+)?){0,60}") {
        let berlin = Options { zone: Some(Tz::Europe__Berlin), ..series(&["a"]) };
        let _ = try_read(text.as_bytes(), &options());
        let _ = try_read(text.as_bytes(), &berlin);
    }

    /// Whatever is cut, overwritten or doubled in a real file, reading it ends without panic.
    #[test]
    fn broken_samples_are_read_without_panic(
        which in 0..6_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let path = ["formats/pcp/pmrep.csv", "formats/sysstat/sadf_d_r.csv", "formats/synthetic/perfmon_pdh.csv",
            "formats/influx/query.csv", "formats/netdata/data.csv", "formats/victoriametrics/export.csv"][which];
        if let Ok(mut text) = std::fs::read(shared(path)) {
            for (at, byte) in edits {
                let at = at.index(text.len());
                text[at] = byte;
            }
            text.truncate(cut.index(text.len()) + 1);
            let _ = try_read(&text, &options());
        }
    }

    /// What is written is read back: every cell is a sample, a missing one or a rejected one.
    #[test]
    fn a_written_table_is_read_back(rows in prop::collection::vec((0_i64..10_000, -1e9_f64..1e9), 1..50)) {
        let mut text = "time,a\n".to_owned();
        let mut expected = std::collections::BTreeMap::new();
        for (t, value) in rows {
            let _ = writeln!(text, "{},{value}", START_S + t);
            expected.insert((START_S + t) * 1000, value);
        }
        let found = try_read(text.as_bytes(), &options()).unwrap();
        let read: Vec<(i64, f64)> =
            found.columns[0].t_ms.iter().copied().zip(found.columns[0].v.iter().copied()).collect();
        prop_assert_eq!(read, expected.into_iter().collect::<Vec<_>>());
    }
}
