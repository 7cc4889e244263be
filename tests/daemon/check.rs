//! `hebe check` asks a daemon, and judges histories.

use std::fs;

use super::started::{Daemon, FAST, Running, wait_for};
use crate::binary::{Answer, hebe};
use crate::skipped::workspace;

/// Holds all 64 descriptors that it may have, whatever it was started with, and waits without another.
const FULL: &str = r#"
for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -lt 10 ] || eval "exec $n<&-"; done
mkfifo "$1/nothing"
exec 3<>"$1/nothing"
ulimit -n 64
for n in {4..8} {10..63}; do eval "exec $n</dev/null"; done
exec 9</dev/null
read -u 3"#;

fn ask(daemon: &Daemon, words: &[&str]) -> Answer {
    let url = format!("http://{}", daemon.address());
    Answer::of(hebe().args(["check", "--daemon", &url]).args(words))
}

#[test]
fn a_daemon_is_asked_and_its_silences_are_heeded() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    let full = Running::shell(folder.path(), "brimful", FULL, folder.path());
    wait_for("what is full", || {
        daemon.row("process.fds", "brimful").filter(|row| row["status"] == "EXHAUSTED")
    });
    let only = ["--resource", "process.fds", "--scope", "*brimful*"];
    let answer = ask(&daemon, &only);
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(
        answer.out.starts_with("HEBE CRITICAL - 1 of 1 resource runs out or is full; first process.fds ")
    );
    let first = answer.out.lines().next().unwrap();
    assert!(first.contains(" | 'process.fds ") && first.contains("=64;;;0;64"), "{first}");

    let mut silence = hebe();
    silence.args(["silence", "--store"]).arg(folder.path());
    silence.args(["add", "--resource", "process.*", "--scope", "*brimful*", "--for", "1h"]);
    assert!(silence.args(["--owner", "ann", "--reason", "a test"]).output().unwrap().status.success());
    let quiet = wait_for("the silence", || Some(ask(&daemon, &only)).filter(|answer| answer.code == Some(0)));
    assert!(quiet.out.contains("(1 silenced)") && quiet.out.contains("EXHAUSTED (silenced)"), "{quiet:?}");
    let page =
        wait_for("the silence on the page", || daemon.get("/events").filter(|page| page.contains("a test")));
    assert!(page.contains("*brimful*"));
    assert_eq!(ask(&daemon, &["--resource", "no.such"]).code, Some(3));
    drop(full);
    daemon.stop();
}

#[test]
fn what_cannot_be_asked_or_is_mistyped_is_unknown() {
    let nobody = format!("http://127.0.0.1:{}", crate::servers::free_port());
    let answer = Answer::of(hebe().args(["check", "--daemon", &nobody]));
    assert_eq!(answer.code, Some(3), "{answer:?}");
    assert!(answer.out.starts_with("HEBE UNKNOWN - ") && answer.out.contains("is the daemon running?"));
    assert_eq!(Answer::of(hebe().args(["check", "--no-such"])).code, Some(3));
    assert_eq!(Answer::of(hebe().args(["check", "/no/such/file"])).code, Some(3));
}

#[test]
fn a_history_is_judged_by_its_end() {
    let recordings = workspace().join("datasets/recordings");
    let before = Answer::of(hebe().arg("check").arg(&recordings).args(["--until", "2026-11-21T21:31:38Z"]));
    assert_eq!(before.code, Some(1), "{before:?}");
    assert!(
        before.out.starts_with("HEBE WARNING - 5 of 8 resources run out or are full; first "),
        "{before:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..300).map(|i| format!("{},{}", i * 60, 100 + i % 3)).collect();
    fs::write(folder.path().join("flat.csv"), format!("t,fds\n{}\n", lines.join("\n"))).unwrap();
    let flat = Answer::of(hebe().arg("check").arg(folder.path()));
    assert_eq!(flat.code, Some(0), "{flat:?}");
    assert!(flat.out.starts_with("HEBE OK - none of 1 resource runs out"), "{flat:?}");
}
