//! The picture as an element of a page.

use chrono_tz::Tz;

use super::*;
use crate::report::sample;

fn drawn(days: i64) -> String {
    let finding = &sample::host().findings[1];
    svg(finding, &sample::picture(finding, days), "c-1", Tz::UTC)
}

#[test]
fn it_has_a_name_and_no_size_of_its_own() {
    let svg = drawn(14);
    for part in [
        "viewBox=\"0 0 1520 680\"",
        "width=\"100%\"",
        "role=\"img\"",
        "aria-labelledby=\"c-1-title c-1-desc\"",
        "<title id=\"c-1-title\">",
    ] {
        assert!(svg.contains(part), "{part} in {svg}");
    }
}

#[test]
fn it_has_no_literal_colour() {
    assert!(!drawn(14).contains("=\"#"), "{}", drawn(14));
}

#[test]
fn every_part_is_drawn() {
    let svg = drawn(14);
    for class in
        ["k-raw", "k-accepted", "k-curve", "k-band", "k-limit", "k-surge", "k-epoch", "k-now", "k-full"]
    {
        assert!(svg.contains(&format!("class=\"{class}\"")), "{class}");
    }
}

#[test]
fn a_long_history_stays_small() {
    assert!(drawn(400).len() < 20_000, "{}", drawn(400).len());
}

#[test]
fn nothing_is_drawn_of_nothing() {
    assert_eq!(svg(&sample::host().findings[1], &Picture::default(), "x", Tz::UTC), "");
}

#[test]
fn marks_are_ticks_with_harmless_words() {
    let finding = &sample::host().findings[1];
    let picture = sample::picture(finding, 14);
    let text = "<script>alert(1)</script>\u{1b}[31m\u{202e} deployed".to_owned();
    let marks = vec![(picture.now - 86_400_000, text), (picture.now - 86_400_000_000, "long ago".to_owned())];
    let svg = svg(finding, &Picture { marks, ..picture }, "c-1", Tz::UTC);
    assert_eq!(svg.matches("<g class=\"k-mark\">").count(), 1, "{svg}");
    assert!(svg.contains("<title>&lt;script&gt;alert(1)") && !svg.contains("<script>"), "{svg}");
    assert!(!svg.contains('\u{1b}') && !svg.contains('\u{202e}') && svg.contains("Marked: "), "{svg}");
    assert!(svg.trim_end().ends_with("</svg>"));
}
