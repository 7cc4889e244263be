//! The table as it looks.

use chrono_tz::Tz;

use super::*;
use crate::report::sample;

fn style(width: usize) -> Style {
    Style { width, color: false, ascii: false, zone: Tz::UTC }
}

#[test]
fn eighty_columns_are_enough() {
    insta::assert_snapshot!(table(&sample::host(), &style(80)), @"");
}

#[test]
fn nothing_found_is_said() {
    insta::assert_snapshot!(table(&sample::empty(), &style(80)), @"");
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
