//! Metrics and rules as `promtool` sees them.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use hebe::finding::{Finding, Quality, Row, Status};
use hebe::snapshot::{OwnUse, Snapshot, SourceState, StoreState};
use hebe::{metrics, rules};

use super::row;
use crate::skipped::{has, skipped};

fn snapshot(rows: Vec<Row>) -> Snapshot {
    let at: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    let finding = |row| Arc::new(Finding::bare(row, Quality::default()));
    Snapshot {
        at,
        started: at,
        host: "web1".to_owned(),
        findings: rows.into_iter().map(finding).collect(),
        others: Vec::new(),
        events: Vec::new(),
        sources: vec![SourceState { name: "a\"b\\".to_owned(), success: false, failures: Vec::new() }],
        own: OwnUse {
            cpu: 0.001,
            rss_bytes: 30 << 20,
            period_s: 10.0,
            stretched: false,
            ..OwnUse::default()
        },
        store: Some(StoreState {
            dir: String::new(),
            bytes: 7,
            size_limit: 9,
            failing: Some("full".to_owned()),
        }),
        settings: Vec::new(),
        surges_held: 3,
        silences: Vec::new(),
    }
}

/// What the checker says of `text`, and whether it is content.
fn promtool(arguments: &[&str], text: &str) -> (bool, String) {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn promtool_finds_nothing_in_the_metrics() {
    if !has("promtool") {
        return skipped("the check of the metrics", "promtool");
    }
    let mut rows: Vec<Row> = ["/", "/\"; rm -rf", "a\\nb\\", "x\ny", "ü\u{202e}{}=,#", "\t\r\u{1}", "/"]
        .iter()
        .map(|scope| row(scope, scope, Status::Critical))
        .collect();
    for (scope, unit) in [("share", "percent"), ("files", "count"), ("age", "seconds"), ("things", "")] {
        rows.push(Row { unit: unit.to_owned(), ..row(scope, scope, Status::Steady) });
    }
    let text = metrics::text(&snapshot(rows));
    let (content, said) = promtool(&["check", "metrics"], &text);
    assert!(content && said.is_empty(), "{said}\n{text}");
    assert!(!promtool(&["check", "metrics"], "hebe_x{scope=\"a\nb\"} 1\n").0, "it does check");
}

#[test]
fn promtool_finds_nothing_in_the_rules_and_they_fire() {
    if !has("promtool") {
        return skipped("the check of the rules", "promtool");
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.yml");
    fs::write(&path, rules::rules()).unwrap();
    let (content, said) = promtool(&["check", "rules", path.to_str().unwrap()], "");
    assert!(content && said.contains("6 rules found"), "{said}");
    let test = folder.path().join("test.yml");
    fs::write(&test, FIRES).unwrap();
    let (content, said) = promtool(&["test", "rules", test.to_str().unwrap()], "");
    assert!(content, "{said}");
}

/// A resource that warns, one that is full, and one that is fine; in the notation of `promtool test rules`.
const FIRES: &str = r#"
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'hebe_build_info{instance="web1"}', values: '1x10'}
      - {series: 'hebe_forecast_state{instance="web1",resource="disk.bytes",scope="/v\"ar",state="WARNING"}', values: '1x10'}
      - {series: 'hebe_time_to_exhaustion_seconds{instance="web1",resource="disk.bytes",scope="/v\"ar",bound="mid"}', values: '7200x10'}
      - {series: 'hebe_time_to_exhaustion_seconds{instance="web1",resource="disk.bytes",scope="/v\"ar",bound="low"}', values: '3600x10'}
      - {series: 'hebe_forecast_state{instance="web1",resource="files.open",scope="host",state="EXHAUSTED"}', values: '1x10'}
      - {series: 'hebe_forecast_state{instance="web1",resource="swap.used",scope="host",state="STEADY"}', values: '1x10'}
    alert_rule_test:
      - eval_time: 5m
        alertname: HebeExhaustion
        exp_alerts:
          - exp_labels: {severity: warning, instance: web1, resource: disk.bytes, scope: '/v"ar', state: WARNING}
            exp_annotations:
              summary: 'disk.bytes /v"ar: WARNING'
              description: 'disk.bytes /v"ar runs out in about 2h 0m 0s. Who uses it up: hebe explain.'
          - exp_labels: {severity: critical, instance: web1, resource: files.open, scope: host, state: EXHAUSTED}
            exp_annotations:
              summary: 'files.open host: EXHAUSTED'
              description: 'files.open host is at its limit. Who uses it up: hebe explain.'
      - {eval_time: 5m, alertname: HebeDown, exp_alerts: []}
  - interval: 1m
    input_series:
      - {series: 'other{instance="web1"}', values: '1x10'}
    alert_rule_test:
      - eval_time: 6m
        alertname: HebeDown
        exp_alerts:
          - exp_labels: {severity: warning}
            exp_annotations:
              summary: 'Hebe says nothing'
              description: 'No metrics of Hebe have been scraped for 5 minutes: nobody is watching what runs out.'
"#;
