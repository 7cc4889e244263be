//! Columns of times, in every form.

use super::*;

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
