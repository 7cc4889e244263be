//! What holds of every output, whatever the row says and whatever anybody called a mount.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::{Style, chart, csv, explain, html, json, markdown, notes, sample, table};
use crate::finding::{Confidence, Finding, Findings, Picture, Row, Status};

const STATUSES: [Status; 13] = [
    Status::Exhausted,
    Status::Critical,
    Status::Warning,
    Status::Watch,
    Status::SurgeHeld,
    Status::Seasonal,
    Status::Reset,
    Status::Collecting,
    Status::BeyondHorizon,
    Status::Ok,
    Status::Steady,
    Status::Stale,
    Status::Error,
];

/// Names without the letters of `NaN` and `inf`, and with all that could hurt.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-e<>\"'|&=+@#*`{}\\\\\n\r\t\u{1b}\u{7}\u{7f}\u{9b}\u{202e}\u{feff}語é -]{0,24}",
        Just("</script><script>alert(1)</script>".to_owned()),
        Just("\u{1b}]0;pwd\u{7}\u{1b}[2J".to_owned()),
        Just("]]>--><svg onload=\"a()\">".to_owned()),
        "[a-e]{200}",
    ]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::num::f64::ANY,
        -1e3..1e3_f64,
        0.0..1e12_f64,
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(0.0),
    ]
}

fn date() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        (0..4_000_000_000_i64).prop_map(|s| DateTime::from_timestamp(s, 0).unwrap()),
        Just(DateTime::<Utc>::MAX_UTC),
        Just(DateTime::<Utc>::MIN_UTC),
    ]
}

fn some<T: std::fmt::Debug + Clone>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(of)
}

prop_compose! {
    fn row()(
        names in proptest::array::uniform6(name()),
        status in proptest::sample::select(&STATUSES[..]),
        numbers in proptest::array::uniform9(some(number())),
        dates in proptest::array::uniform5(some(date())),
        unit in proptest::sample::select(&["bytes", "count", "percent", "seconds", "", "threads"][..]),
    ) -> Row {
        let [resource, scope, host, sentence, owner, event] = names;
        let [left, low, high, probability, horizon, used, limit, growth, _] = numbers;
        let [at, exhausts, earliest, latest, since] = dates;
        Row {
            host,
            sentence,
            at,
            left_s: left,
            left_lo_s: low,
            left_hi_s: high,
            exhausts_at: exhausts,
            exhausts_lo: earliest,
            exhausts_hi: latest,
            probability,
            horizon_s: horizon,
            used,
            limit,
            unit: unit.to_owned(),
            limit_owner: Some(owner.clone()),
            growth_per_day: growth,
            since,
            since_event: Some(event.clone()),
            culprit_note: Some(event.clone()),
            action: Some(owner),
            evidence: event,
            confidence: Confidence::Low,
            ..sample::row(&resource, &scope, status)
        }
    }
}

prop_compose! {
    fn picture()(
        raw in proptest::collection::vec((time(), number()), 0..40),
        accepted in proptest::collection::vec((time(), number()), 0..10),
        curve in proptest::collection::vec((time(), number()), 0..10),
        band in proptest::collection::vec((time(), number(), number()), 0..10),
        spans in proptest::collection::vec((time(), time()), 0..4),
        limit in proptest::collection::vec((time(), number()), 0..3),
        now in time(),
        exhaustion in some((time(), time(), some(time()))),
        marks in proptest::collection::vec((time(), name()), 0..3),
    ) -> Picture {
        let epochs = spans.iter().map(|(from, _)| *from).collect();
        Picture { raw, accepted, curve, band, surges: spans, epochs, limit, marks, now, exhaustion }
    }
}

fn time() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..4_000_000_000_000_i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN), 1 => any::<i64>()]
}

/// All outputs for one finding, with the name of each.
fn outputs(finding: &Finding, picture: &Picture) -> Vec<(&'static str, String)> {
    let style = Style { width: 80, color: false, ascii: false, zone: Tz::Europe__Berlin };
    let findings = Findings {
        notes: vec![(finding.row.scope.clone(), finding.row.sentence.clone())],
        command: finding.row.scope.clone(),
        ..sample::findings(vec![
            finding.clone(),
            sample::finding(sample::row("disk.bytes", "/", Status::Steady)),
        ])
    };
    vec![
        ("table", table(&findings, &style)),
        ("notes", notes(&findings, &style)),
        ("explain", explain(finding, picture, &style)),
        ("markdown", markdown(&findings, style.zone)),
        ("csv", csv::csv(&findings).replace("\r\n", "\n")),
        ("json", json(&findings)),
        ("svg", chart::svg(finding, picture, "x", style.zone)),
        ("html", html(&findings, &[(0, picture.clone())], style.zone)),
    ]
}

fn says_no_number(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "NaN" || word == "inf")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_output_holds_what_is_no_number_or_steers(row in row(), picture in picture()) {
        let mut finding = sample::finding(row);
        finding.epochs = picture.epochs.iter().map(|t| (*t, finding.row.scope.clone())).collect();
        finding.why = vec![finding.row.scope.clone()];
        for (name, text) in outputs(&finding, &picture) {
            prop_assert!(!says_no_number(&text), "{name}: {text}");
            let control = text.chars().find(|c| *c != '\n' && super::clean::steers(*c));
            prop_assert!(control.is_none(), "{name}: {control:?}");
        }
    }

    #[test]
    fn the_page_has_one_script_and_no_markup_of_others(row in row(), picture in picture()) {
        let finding = sample::finding(row);
        let page = outputs(&finding, &picture).pop().unwrap().1;
        prop_assert_eq!(page.matches("<script").count(), 1);
        prop_assert_eq!(page.matches("</script").count(), 1);
        prop_assert!(!page.contains("<svg onload"));
    }

    #[test]
    fn a_picture_is_well_formed(row in row(), picture in picture()) {
        let svg = chart::svg(&sample::finding(row), &picture, "x", Tz::UTC);
        prop_assert!(well_formed(&svg), "{svg}");
        prop_assert!(svg.len() < 40_000, "{}", svg.len());
    }

    #[test]
    fn the_table_fits(row in row(), width in 40..200_usize) {
        let style = Style { width, color: false, ascii: false, zone: Tz::UTC };
        for line in table(&sample::findings(vec![sample::finding(row)]), &style).lines() {
            prop_assert!(super::clean::columns(line) <= width, "{}", line);
        }
    }
}

/// Whether every element is closed in order and no text holds a bare `<` or `&`.
fn well_formed(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    for part in xml.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { return false };
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or("");
        let balanced = match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => open.pop() == Some(name),
            (_, true) => true,
            _ => {
                open.push(name);
                true
            }
        };
        let entities = text.split('&').skip(1).all(|rest| rest.find(';').is_some_and(|end| end < 6));
        if !balanced || !entities || tag.matches('"').count() % 2 == 1 {
            return false;
        }
    }
    open.is_empty()
}

#[test]
fn a_broken_picture_is_seen() {
    assert!(well_formed("<svg a=\"1\"><g/><text>a &lt; b</text></svg>"));
    for broken in ["<svg>", "<svg></g>", "<svg>a & b</svg>", "<svg a=\"1></svg>"] {
        assert!(!well_formed(broken), "{broken}");
    }
}
