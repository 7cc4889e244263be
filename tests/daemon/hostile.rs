//! Processes whose names are chosen to deceive: terminals, browsers, Prometheus and readers of JSON.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use super::started::{Daemon, FAST, Running, wait_for};
use crate::skipped::{has, skipped};

/// Names as bytes, and what of each must be seen; all are files, so none holds a slash.
const NAMES: [(&[u8], &str); 5] = [
    (b"esc\x1b[31m\x1b]0;owned\x07", "esc"),
    (b"tag<script>alert(1)<b>", "tag"),
    (b"line\nfeed 1\r\n# HELP x", "line"),
    (b"bad\xff\xfe\xc3", "bad"),
    (b"quo\"te\\,'{}=`$(x)", "quo"),
];

#[test]
fn hostile_names_are_clean_wherever_they_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let programs: Vec<Running> = NAMES
        .iter()
        .map(|(name, _)| {
            Running::shell(
                folder.path(),
                OsStr::from_bytes(name),
                "for i in {1..50}; do exec {f}</dev/null; done; while :; do sleep 1; done",
                folder.path(),
            )
        })
        .collect();
    let daemon = Daemon::start(folder.path(), FAST);
    for (_, part) in NAMES {
        let row = wait_for(part, || daemon.row("process.fds", part));
        is_clean(row["series"].as_str().unwrap());
        is_clean(row["scope"].as_str().unwrap());
    }
    let pages = ["/", "/trends?find=process.fds", "/events", "/sources", "/metrics", "/api/v1/rows"];
    for path in pages {
        let text = wait_for(path, || daemon.get(path));
        text.lines().for_each(is_clean);
        if path != "/metrics" && path != "/api/v1/rows" {
            assert!(!text.contains("<script>alert"), "{path}");
        }
    }
    is_the_text_of_prometheus(&daemon.get("/metrics").unwrap());
    drop(programs);
    daemon.stop();
    let logged = fs::read_to_string(folder.path().join("notify/events.jsonl")).unwrap_or_default();
    logged.lines().for_each(is_clean);
}

/// No control, nothing that cannot be seen.
#[track_caller]
fn is_clean(line: &str) {
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert!(!line.contains('\u{fffd}'), "{line:?}");
}

/// Every line is a comment or a sample; a name cannot have made one of its own.
#[track_caller]
fn is_the_text_of_prometheus(text: &str) {
    for line in text.lines().filter(|line| !line.is_empty()) {
        let begins = line.starts_with("# HELP ")
            || line.starts_with("# TYPE ")
            || line.starts_with("hebe_")
            || line.starts_with("process_");
        assert!(begins && !line.starts_with("# HELP x"), "{line:?}");
        let value = line.rsplit(' ').next().unwrap();
        assert!(line.starts_with('#') || value.parse::<f64>().is_ok_and(f64::is_finite), "{line:?}");
    }
    if !has("promtool") {
        return skipped("hostile names before promtool", "promtool");
    }
    let mut command = Command::new("promtool");
    let mut child = command.args(["check", "metrics"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    // One is an error of the text; three is advice on names.
    assert_ne!(child.wait().unwrap().code(), Some(1));
}
