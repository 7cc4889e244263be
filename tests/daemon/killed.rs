//! A daemon that is killed again and again while it writes.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use super::started::{Daemon, FAST, exported, wait_for};

/// How often it is killed.
const KILLS: u64 = 22;
/// A series that every round has.
const SERIES: &str = "memory.available";

/// The newest sample that the page shows: what a person may rely on.
fn shown_ms(daemon: &Daemon) -> Option<i64> {
    let at = daemon.row(SERIES, "")?["at"].as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok()?;
    Some(at.timestamp_millis())
}

#[test]
fn what_was_shown_is_kept_however_often_it_is_killed_and_it_never_refuses_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut relied_on = BTreeSet::new();
    for kill in 0..KILLS {
        let mut daemon = Daemon::start(folder.path(), FAST);
        let first = wait_for("a sample", || shown_ms(&daemon));
        relied_on.insert(first);
        // From at once to some rounds later, and in the middle of whatever it does then.
        for _ in 0..kill % 3 {
            relied_on.extend(shown_ms(&daemon));
        }
        thread::sleep(Duration::from_millis(kill * 37 % 150));
        relied_on.extend(shown_ms(&daemon));
        daemon.running.0.kill().unwrap();
        daemon.running.0.wait().unwrap();
        assert!(!daemon.said().contains("set aside"), "{}", daemon.said());
    }
    let last = Daemon::start(folder.path(), FAST);
    last.goes_on(2);
    last.stop();
    let kept = exported(folder.path(), SERIES);
    assert!(kept.is_sorted_by(|a, b| a < b), "every sample once, in order");
    let kept: BTreeSet<i64> = kept.into_iter().collect();
    let lost: Vec<&i64> = relied_on.difference(&kept).collect();
    assert!(lost.is_empty(), "{lost:?} of {} shown, {} kept", relied_on.len(), kept.len());
}
