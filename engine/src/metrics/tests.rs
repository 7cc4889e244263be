//! The text format read back, with names that want to break it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::event::tests::row;
use crate::finding::{Finding, Quality};
use crate::snapshot::{OwnUse, SourceState, StoreState};

fn snapshot(rows: Vec<Row>) -> Snapshot {
    let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let finding = |row| Arc::new(Finding::bare(row, Quality::default()));
    Snapshot {
        at,
        started: at,
        host: "web1".to_owned(),
        findings: rows.into_iter().map(finding).collect(),
        others: Vec::new(),
        events: Vec::new(),
        sources: vec![SourceState { name: "filefd".to_owned(), success: true, failures: Vec::new() }],
        own: OwnUse {
            cpu: 0.001,
            rss_bytes: 30 << 20,
            period_s: 10.0,
            stretched: false,
            ..OwnUse::default()
        },
        store: Some(StoreState { dir: "/s".to_owned(), bytes: 7, size_limit: 9, failing: None }),
        settings: Vec::new(),
        surges_held: 3,
        silences: Vec::new(),
    }
}

fn forecast(scope: &str) -> Row {
    let mut row = row("disk.bytes", scope, Status::Warning);
    row.unit = "bytes".to_owned();
    (row.used, row.limit) = (Some(40.0), Some(50.0));
    (row.left_lo_s, row.left_s) = (Some(60.0), Some(90.5));
    row.exhausts_at = DateTime::from_timestamp(1_700_000_090, 500_000_000);
    row
}

/// The samples of a page: name with labels as `name{a=b}` with raw values, and the value. Panics on what is not of the
/// format.
fn samples(page: &str) -> BTreeMap<(String, Vec<(String, String)>), f64> {
    let mut samples = BTreeMap::new();
    let mut family = String::new();
    for line in page.strip_suffix('\n').unwrap().split('\n') {
        if let Some(header) = line.strip_prefix("# TYPE ") {
            family = header.split(' ').next().unwrap().to_owned();
        } else if !line.starts_with("# HELP ") {
            let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
            assert_eq!(name, family);
            let (labels, value) = labels(rest);
            let twice = samples.insert((name.to_owned(), labels), value.trim().parse().unwrap());
            assert_eq!(twice, None, "{line}");
        }
    }
    samples
}

/// Labels at the start of `text`, and what is behind them.
fn labels(text: &str) -> (Vec<(String, String)>, &str) {
    let mut labels = Vec::new();
    let Some(mut rest) = text.strip_prefix('{') else { return (labels, text) };
    loop {
        let (name, after) = rest.split_once("=\"").unwrap();
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => value.push(match chars.next().unwrap().1 {
                    'n' => '\n',
                    c @ ('\\' | '"') => c,
                    c => panic!("\\{c}"),
                }),
                (_, c) => value.push(c),
            }
        };
        labels.push((name.to_owned(), value));
        rest = &after[end + 1..];
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return (labels, rest.strip_prefix('}').unwrap()),
        }
    }
}

fn value(page: &str, sample: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(sample)?.trim().parse().ok())
}

#[test]
fn a_forecast_is_told_in_base_units_with_what_is_known_of_its_range() {
    let page = text(&snapshot(vec![forecast("/var")]));
    let place = "resource=\"disk.bytes\",scope=\"/var\"";
    let left = |bound| value(&page, &format!("hebe_time_to_exhaustion_seconds{{{place},bound=\"{bound}\"}}"));
    assert_eq!((left("low"), left("mid"), left("high")), (Some(60.0), Some(90.5), None));
    let at = format!("hebe_exhaustion_timestamp_seconds{{{place},bound=\"mid\"}}");
    assert_eq!(value(&page, &at), Some(1_700_000_090.5));
    assert_eq!(value(&page, &format!("hebe_resource_used_bytes{{{place}}}")), Some(40.0));
    assert_eq!(value(&page, &format!("hebe_resource_limit_bytes{{{place}}}")), Some(50.0));
    assert_eq!(value(&page, &format!("hebe_forecast_state{{{place},state=\"WARNING\"}}")), Some(1.0));
    assert_eq!(value(&page, "hebe_surges_held_total"), Some(3.0));
    assert_eq!(value(&page, "hebe_collector_success{source=\"filefd\"}"), Some(1.0));
    assert_eq!(value(&page, "hebe_store_bytes"), Some(7.0));
}

#[test]
fn without_a_forecast_there_is_no_series() {
    let mut steady = row("files.open", "host", Status::Steady);
    (steady.used, steady.left_s, steady.limit) = (Some(5.0), Some(f64::INFINITY), Some(f64::NAN));
    steady.left_lo_s = Some(-1.0);
    let page = text(&snapshot(vec![steady]));
    assert!(!page.contains("exhaustion"), "{page}");
    assert!(!page.contains("hebe_resource_limit"), "{page}");
    assert!(page.contains("hebe_resource_used{resource=\"files.open\",scope=\"host\"} 5\n"), "{page}");
}

#[test]
fn percent_becomes_a_ratio_and_what_is_stale_has_no_level() {
    let mut pressure = row("memory.pressure", "host", Status::Ok);
    (pressure.used, pressure.unit) = (Some(25.0), "percent".to_owned());
    let mut stale = row("swap.used", "host", Status::Stale);
    (stale.used, stale.unit) = (Some(25.0), "bytes".to_owned());
    let page = text(&snapshot(vec![pressure, stale]));
    assert!(page.contains("hebe_resource_used_ratio{resource=\"memory.pressure\",scope=\"host\"} 0.25\n"));
    assert!(!page.contains("hebe_resource_used_bytes"), "{page}");
    assert!(page.contains("state=\"STALE\""));
}

#[test]
fn one_name_has_one_sample_and_another_host_another_name() {
    let mut elsewhere = forecast("/var");
    elsewhere.host = "db1".to_owned();
    let page = text(&snapshot(vec![forecast("/var"), forecast("/var"), elsewhere]));
    assert_eq!(page.matches("hebe_forecast_state{").count(), 2);
    assert!(page.contains("scope=\"/var\",host=\"db1\",state="));
    samples(&page);
}

proptest! {
    #[test]
    fn hostile_names_come_back_as_they_were(
        scopes in proptest::collection::vec("(\\PC|[\"\\\\\n\r\t{},=# ]){0,12}", 1..5),
        left in proptest::option::of(any::<f64>()),
    ) {
        let mut rows: Vec<Row> = scopes.iter().map(|scope| forecast(scope)).collect();
        rows[0].left_s = left;
        let samples = samples(&text(&snapshot(rows)));
        for scope in &scopes {
            let found = samples.keys().filter(|(name, labels)| {
                name == "hebe_forecast_state" && labels[1] == ("scope".to_owned(), scope.clone())
            });
            prop_assert_eq!(found.count(), 1);
        }
        prop_assert!(samples.values().all(|value| value.is_finite() && 0.0 <= *value));
    }
}
