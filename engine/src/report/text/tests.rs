//! The table as it looks.

use chrono_tz::Tz;

use super::*;
use crate::report::sample;

fn style(width: usize) -> Style {
    Style { width, color: false, ascii: false, zone: Tz::UTC }
}

#[test]
fn eighty_columns_are_enough() {
    insta::assert_snapshot!(table(&sample::host(), &style(80)), @r"
        1 of 11 resources is exhausted: /boot; 2 more run out within 30 days; first
        app-worker on Wed 25 Nov 14:00.

        STATE             RESOURCE                 LEFT (90 %)          FULL (UTC)
        ■ EXHAUSTED       disk.bytes /boot         none                 -
            0.98 / 0.98 GiB · Is at its limit and has been since Thu 19 Nov.
            Do: Remove old kernels.
        ▲ WARNING         process.fds app-worker   4 d 1 h (3.4-5.1 d)  Wed 25 Nov 14:00
            41,203 / 65,536 · +5,960/day · Runs out on Wed 25 Nov 14:00 (24-26 Nov) if
            it goes on like this. · java (app-worker): 96.3 % of the growth
            Do: Restart app-worker before Tue 24 Nov.
        △ WATCH           disk.bytes /var          17 d (12 d or more)  Tue 8 Dec
            41.2 / 50 GiB · +522 MiB/day · Runs out on Tue 8 Dec, or later, if it goes
            on like this.
        ◇ SURGE HELD      memory.used…res.service  -                    -
            6.2 / 8 GiB · Rises since 11:10, which is too short to be told from a surge.
        ○ COLLECTING      app.session…ssions_open  -                    -
            1,284 · 143 of 200 samples; ready about 14:20.
        ✓ BEYOND HORIZON  memory.available host    -                    -
            9.1 / 31.2 GiB · +81.9 MiB/day · Grows, but meets its limit later than 30
            days from now.

        · 5 more are steady: disk.bytes /, disk.bytes /home, and 3 more
        ");
}

#[test]
fn nothing_found_is_said() {
    insta::assert_snapshot!(table(&sample::empty(), &style(80)), @"Nothing to judge: no resource was found.");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [40, 60, 80, 100, 120, 160, 200, 240] {
        for line in table(&sample::host(), &style(width)).lines() {
            assert!(clean::columns(line) <= width, "{width}: {line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let colored = table(&sample::host(), &Style { color: true, ..style(80) });
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain += before;
        rest = after.split_once('m').unwrap().1;
    }
    plain += rest;
    assert_eq!(plain, table(&sample::host(), &style(80)));
}

#[test]
fn ascii_is_ascii() {
    assert!(table(&sample::host(), &Style { ascii: true, ..style(80) }).is_ascii());
}

#[test]
fn notes_that_repeat_are_joined() {
    let mut findings = sample::empty();
    let note = |source: &str| (source.to_owned(), "Times are read as UTC.".to_owned());
    findings.notes = vec![note("a.csv"), note("b.csv"), note("c.csv")];
    insta::assert_snapshot!(notes(&findings, &style(80)), @"- a.csv, b.csv and 1 more: Times are read as UTC.");
}
