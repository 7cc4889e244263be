//! Where a real growth comes from: a process that was quiet begins to leak after its binary was replaced and a
//! deployment was marked; the event, the page and the API say so.

use std::fs;

use serde_json::Value;

use super::started::{Daemon, FAST, Running, now_s, wait_for};
use crate::binary::hebe;

/// Holds 20 descriptors until it is told to leak ten a second.
const LATER: &str = r#"
ulimit -n 600
for i in {1..20}; do exec {f}</dev/null; done
while [ ! -e "$1/go" ]; do sleep 0.2; done
for i in {1..500}; do exec {f}</dev/null; sleep 0.1; done
while :; do sleep 1; done"#;
/// What somebody may mark to deceive.
const HOSTILE: &str = "<script>alert(1)</script> & \"quoted\"";

#[test]
fn what_happened_when_a_leak_began_is_in_the_event_on_the_page_and_in_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    let leak = Running::shell(folder.path(), "quietone", LATER, folder.path());
    let samples = |row: Value| row["samples"].as_u64().filter(|&samples| 210 <= samples);
    wait_for("a window of quiet", || daemon.row("process.fds", "quietone").and_then(samples));
    let program = folder.path().join("quietone");
    let newer = folder.path().join("newer");
    fs::copy("/bin/bash", &newer).unwrap();
    fs::rename(&newer, &program).unwrap();
    mark(folder.path(), &["deployed 4.14.6", "--scope", "quietone"]);
    mark(folder.path(), &[HOSTILE, "--scope", "quietone"]);
    mark(folder.path(), &["deployed another", "--scope", "elsewhere"]);
    fs::write(folder.path().join("go"), "").unwrap();
    let began = now_s();

    let is_it = |event: &Value| {
        event["type"] == "dev.hebe.exhaustion.predicted.v1"
            && event["subject"]
                .as_str()
                .is_some_and(|subject| subject.starts_with("process.fds ") && subject.contains("quietone"))
    };
    let event = wait_for("the event", || daemon.events().into_iter().find(is_it));
    let data = &event["data"];
    let since: chrono::DateTime<chrono::Utc> = data["since"].as_str().unwrap().parse().unwrap();
    assert!((since.timestamp_millis() as f64 / 1000.0 - began).abs() < 10.0, "{since} for {began}");
    let happened = data["since_event"].as_str().unwrap_or_else(|| panic!("nothing is known: {data}"));
    for part in ["deployed 4.14.6", "was replaced while it ran", "<script>"] {
        assert!(happened.contains(part), "{part}: {happened}");
    }
    assert!(!happened.contains("another"), "{happened}");
    assert_eq!(data["culprits"][0]["since"], data["since"], "{data}");

    let series = data["series"].as_str().unwrap();
    let path = series.bytes().fold(String::new(), |path, byte| format!("{path}%{byte:02X}"));
    let told = daemon.get(&format!("/api/v1/explain/{path}")).unwrap();
    for part in ["the growth began at", "deployed 4.14.6", "was replaced while it ran"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let page = daemon.get(&format!("/explain/{path}")).unwrap();
    assert!(page.contains("the growth began at") && page.contains("deployed 4.14.6"), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    drop(leak);
    daemon.stop();
}

fn mark(folder: &std::path::Path, words: &[&str]) {
    let marked = hebe().arg("mark").arg("--store").arg(folder).args(words).output().unwrap();
    assert!(marked.status.success(), "{}", String::from_utf8_lossy(&marked.stderr));
}
