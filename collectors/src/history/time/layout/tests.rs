//! Times in every layout that people write.

use chrono::{DateTime, Datelike, Timelike};
use proptest::prelude::*;

use super::*;

/// What `date -u -d '2026-11-21 19:01:44' +%s` prints, in milliseconds.
const NOON_ISH: i64 = 1_795_287_704_000;

#[track_caller]
fn check(layout: Layout, text: &str, expected: Option<Reading>) {
    assert_eq!(layout.parse(text.as_bytes()), expected, "{text:?}");
}

#[track_caller]
fn wall(layout: Layout, text: &str, expected_ms: i64) {
    check(layout, text, Some(Reading::Wall(expected_ms)));
}

#[track_caller]
fn utc(layout: Layout, text: &str, expected_ms: i64) {
    check(layout, text, Some(Reading::Utc(expected_ms)));
}

#[test]
fn years_first_are_read_with_and_without_offset() {
    let layout = Layout::YearFirst;
    wall(layout, "2026-11-21 19:01:44", NOON_ISH);
    wall(layout, "2026-11-21T19:01:44", NOON_ISH);
    wall(layout, "2026-11-21T19:01:44.955920", NOON_ISH + 955);
    wall(layout, "2026-11-21 19:01:44,5", NOON_ISH + 500);
    wall(layout, "2026/11/21 19:01", NOON_ISH - 44_000);
    wall(layout, "2026/11/21 7:01 pm", NOON_ISH - 44_000);
    wall(layout, "20261121T190144", NOON_ISH);
    wall(layout, " 2026-11-21 19:01:44 ", NOON_ISH);
    utc(layout, "2026-11-21 19:01:44 UTC", NOON_ISH);
    utc(layout, "2026-11-21T19:01:44Z", NOON_ISH);
    utc(layout, "2026-11-21T19:01:44.123Z", NOON_ISH + 123);
    utc(layout, "20261121T190144Z", NOON_ISH);
    utc(layout, "2026-11-21T21:01:44+02:00", NOON_ISH);
    utc(layout, "2026-11-21T21:01:44+0200", NOON_ISH);
    utc(layout, "2026-11-21 14:01:44 -05", NOON_ISH);
    utc(layout, "2026-11-21 19:01:44.5 +0000 UTC", NOON_ISH + 500);
    wall(layout, "2026-11-21", NOON_ISH - 68_504_000);
    wall(layout, "20261121", NOON_ISH - 68_504_000);
    wall(layout, "1949-01", -662_688_000_000);
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "abc",
        "2026",
        "2026-13-01",
        "2026-02-29",
        "2026-11-31",
        "2026-00-10",
        "2026-11-21 24:00:00",
        "2026-11-21 19:61:00",
        "2026-11-21 19:01:44 CST",
        "2026-11-21 19:01:44+99:00",
        "2026-11-21 19:01:44+02:00x",
        "2026-11-21 19:01:44x",
        "2026-11-21 0::01:44",
        "2100-02-29",
        "1900-02-29",
        "2026-11-2119:01:44",
        "2026-11/21",
        "2026-11-21 1:",
        "20261121T19",
        "1-01",
        "2026-1a-21 19:01:44",
    ] {
        check(Layout::YearFirst, text, None);
    }
    check(Layout::YearFirst, "2024-02-29", Some(Reading::Wall(1_709_164_800_000)));
}

#[test]
fn years_last_are_read_both_ways() {
    wall(Layout::MonthFirst, "11/21/2026 19:01:44", NOON_ISH);
    wall(Layout::MonthFirst, "11/21/2026 19:01:44.123", NOON_ISH + 123);
    wall(Layout::MonthFirst, "11/21/2026 7:01:44 PM", NOON_ISH);
    wall(Layout::MonthFirst, "11/21/26 07:01:44PM", NOON_ISH);
    wall(Layout::DayFirst, "21.11.2026 19:01:44", NOON_ISH);
    wall(Layout::DayFirst, "21/11/2026 19:01", NOON_ISH - 44_000);
    wall(Layout::DayFirst, "21-11-2026", NOON_ISH - 68_504_000);
    wall(Layout::MonthFirst, "11/21/2026 12:00:00 AM", NOON_ISH - 68_504_000);
    wall(Layout::MonthFirst, "11/21/2026 12:00:00 PM", NOON_ISH - 68_504_000 + DAY_MS / 2);
    check(Layout::MonthFirst, "21.11.2026 19:01:44", None);
    check(Layout::MonthFirst, "11/21/2026 13:00 PM", None);
    check(Layout::MonthFirst, "11/21.2026", None);
}

#[test]
fn numbers_are_read_exactly() {
    utc(Layout::Unix { per_second: 1 }, "1795287704", NOON_ISH);
    utc(Layout::Unix { per_second: 1 }, "1795287704.637", NOON_ISH + 637);
    utc(Layout::Unix { per_second: 1 }, "1795287704,5", NOON_ISH + 500);
    utc(Layout::Unix { per_second: 1 }, "1.795287704e+09", NOON_ISH);
    utc(Layout::Unix { per_second: 1000 }, "1795287704399", NOON_ISH + 399);
    utc(Layout::Unix { per_second: 1_000_000 }, "1795287704399000", NOON_ISH + 399);
    utc(Layout::Unix { per_second: 1_000_000_000 }, "1795287704399000123", NOON_ISH + 399);
    utc(Layout::Elapsed, "141.6", 141_600);
    wall(Layout::Year, "1970", 0);
    check(Layout::Unix { per_second: 1 }, "0", None);
    check(Layout::Unix { per_second: 1 }, "1795287704399", None);
    check(Layout::Unix { per_second: 1 }, "", None);
    check(Layout::Unix { per_second: 1 }, "-5", None);
    check(Layout::Unix { per_second: 1 }, "9999999999999999999", None);
    check(Layout::Unix { per_second: 1 }, "nan", None);
    check(Layout::Elapsed, "1e300", None);
}

#[test]
fn clocks_without_a_date_are_known() {
    for text in ["19:01:44", "7:01 PM", "19:01", "19:01:44.5"] {
        assert!(is_clock(text.as_bytes()), "{text:?}");
    }
    for text in ["", "19", "2026-11-21 19:01", "web:9100", "1:2:3"] {
        assert!(!is_clock(text.as_bytes()), "{text:?}");
    }
}

proptest! {
    /// chrono prints, we read.
    #[test]
    fn printed_times_are_read_back(ms in -2_208_988_800_000_i64..7_258_118_400_000) {
        let time = DateTime::from_timestamp_millis(ms).unwrap();
        let second = ms.div_euclid(1000) * 1000;
        prop_assert_eq!(Layout::YearFirst.parse(time.to_rfc3339().as_bytes()), Some(Reading::Utc(ms)));
        let text = time.format("%Y-%m-%d %H:%M:%S").to_string();
        prop_assert_eq!(Layout::YearFirst.parse(text.as_bytes()), Some(Reading::Wall(second)));
        let text = time.format("%m/%d/%Y %I:%M:%S%.3f %p").to_string();
        prop_assert_eq!(Layout::MonthFirst.parse(text.as_bytes()), Some(Reading::Wall(ms)));
        let text = format!("{}.{}.{} {}:{:02}", time.day(), time.month(), time.year(), time.hour(), time.minute());
        let minute = ms.div_euclid(60_000) * 60_000;
        prop_assert_eq!(Layout::DayFirst.parse(text.as_bytes()), Some(Reading::Wall(minute)));
    }

    #[test]
    fn any_bytes_are_read_without_panic(field in prop::collection::vec(any::<u8>(), 0..32)) {
        let every = [
            Layout::YearFirst, Layout::MonthFirst, Layout::DayFirst, Layout::Year, Layout::Elapsed,
            Layout::Unix { per_second: 1 }, Layout::Unix { per_second: 1_000_000_000 },
        ];
        for layout in every {
            layout.parse(&field);
        }
        first_two(&field);
        is_clock(&field);
    }

    #[test]
    fn almost_dates_are_read_without_panic(field in "[0-9TZ:./ +-]{0,30}") {
        for layout in [Layout::YearFirst, Layout::MonthFirst, Layout::DayFirst, Layout::Year] {
            layout.parse(field.as_bytes());
        }
    }
}
