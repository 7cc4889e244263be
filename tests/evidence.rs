//! `hebe explain` with evidence: what happened when the growth began, the work it follows; and `hebe mark`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::binary::{Answer, run};
use crate::generated::{DAY, START_S, noise};

fn explain(path: &Path, words: &[&str]) -> Answer {
    let path = path.to_str().unwrap();
    run(&[&["explain", "memory", path, "--limit", "memory_bytes=40GB", "--format", "table"], words].concat())
}

/// Ten days in steps of ten minutes; a daily load, and memory by `law(time, requests)`.
fn history(folder: &Path, law: impl Fn(f64, f64) -> f64) -> PathBuf {
    let mut text = "time,memory_bytes,http_requests_total\n".to_owned();
    let mut requests = 0.0;
    for step in 0..1440 {
        let t = f64::from(step) * 600.0;
        let memory = law(t, requests) + 3e7 * noise(t);
        let _ = writeln!(text, "{},{memory:.0},{requests:.0}", START_S + t);
        requests += 600.0 * 50.0 * (1.0 + (std::f64::consts::TAU * t / DAY).sin()).max(0.05);
    }
    let path = folder.join("host.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn mark(folder: &Path, words: &[&str]) -> Answer {
    run(&[&["mark", "--store", folder.to_str().unwrap()], words].concat())
}

#[test]
fn a_deployment_is_named_by_the_growth_that_began_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = history(folder.path(), |t, _| 1e10 + 2.5e4 * (t - 6.0 * DAY).max(0.0));
    let at = format!("{}", START_S + 6.0 * DAY - 300.0);
    let marked = mark(folder.path(), &["deployed 4.14.6", "--at", &at]);
    assert_eq!(marked.code, Some(0), "{}", marked.err);
    mark(folder.path(), &["deployed 4.14.5", "--at", &format!("{}", START_S + 2.0 * DAY)]);
    let listed = mark(folder.path(), &[]).out;
    assert!(listed.find("4.14.5").unwrap() < listed.find("4.14.6").unwrap(), "{listed}");
    let explained = explain(&path, &[]);
    assert_eq!(explained.code, Some(0), "{}", explained.err);
    assert!(explained.out.contains("deployed 4.14.6, "), "{}", explained.out);
    assert!(!explained.out.contains("deployed 4.14.5, "), "{}", explained.out);
    // Both are ticks of the chart, and told under it.
    assert!(explained.out.contains("▼ ") && explained.out.contains("deployed 4.14.5\n"), "{}", explained.out);
    assert!(explained.out.contains("the growth began at"), "{}", explained.out);
}

#[test]
fn a_leak_a_request_is_told_in_requests() {
    let folder = tempfile::tempdir().unwrap();
    let path = history(folder.path(), |_, requests| 1e10 + 440.0 * requests);
    let words = explain(&path, &[]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("per http_requests_total") && words.contains("restart every"), "{words}");
    let by_hour = history(folder.path(), |t, _| 1e10 + 2e4 * t);
    let words = explain(&by_hour, &[]).out;
    assert!(!words.contains("grows with work"), "{words}");
    let asked = explain(&by_hour, &["--work", "http_requests_total"]).out;
    let asked = asked.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(asked.contains("does not follow http_requests_total"), "{asked}");
    let wrong = explain(&by_hour, &["--work", "none"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("no such column"), "{}", wrong.err);
}

#[test]
fn what_moved_before_a_failure_is_kept_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "time,memory_bytes,queue\n".to_owned();
    for step in 0..1400 {
        let phase = f64::from(step % 600);
        let memory = 1e9
            + 4e8 * noise(f64::from(step)).abs()
            + if phase < 500.0 { 0.0 } else { 4e8 * (phase - 500.0) };
        let queue = if phase < 480.0 { 10.0 } else { 60.0 } + noise(f64::from(step) + 0.5);
        let _ = writeln!(text, "{},{memory:.0},{queue:.2}", START_S + f64::from(step) * 600.0);
    }
    let path = folder.path().join("host.csv");
    std::fs::write(&path, text).unwrap();
    let file = folder.path().join("signatures.json");
    let explained = explain(&path, &["--signatures", file.to_str().unwrap()]);
    let words = explained.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("failed, 2 times: queue rose"), "{words} {}", explained.err);
    let kept: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(kept[0]["movers"][0]["series"], "queue");
    std::fs::write(&file, "{").unwrap();
    let broken = explain(&path, &["--signatures", file.to_str().unwrap()]);
    assert!(broken.code == Some(1) && broken.err.contains("signatures"), "{}", broken.err);
}

#[test]
fn what_is_no_mark_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(201);
    for (text, part) in [("  ", "without words"), (long.as_str(), "201 letters"), ("a\u{1b}[31m", "control")]
    {
        let refused = mark(folder.path(), &[text]);
        assert!(refused.code == Some(1) && refused.err.contains(part), "{}", refused.err);
    }
    assert!(mark(folder.path(), &[]).out.contains("Nothing is marked"));
}
