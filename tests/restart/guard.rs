//! What keeps a restart from being made, or from going on: holds, budgets, a changed journal, hooks, ports.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::lab::{hebe, said};

/// A map of commands, with its state.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(map: &str) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let here = place.folder.path().display().to_string();
        fs::write(place.path("map.toml"), map.replace("HERE", &here)).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn ask(&self, argv: &[&str]) -> (bool, String, String) {
        let mut command = Command::new(hebe());
        command.args(argv).arg("--map").arg(self.path("map.toml")).arg("--store").arg(self.path("hebe"));
        said(&command.env("USER", "tester").env_remove("SUDO_USER").output().unwrap())
    }

    #[track_caller]
    fn well(&self, argv: &[&str]) -> String {
        let (well, out, err) = self.ask(argv);
        assert!(well, "{argv:?}: {out}{err}");
        out
    }

    #[track_caller]
    fn refused(&self, argv: &[&str]) -> String {
        let (well, out, err) = self.ask(argv);
        assert!(!well, "{argv:?}: {out}");
        err
    }

    /// What the commands of the map have written.
    fn log(&self) -> String {
        fs::read_to_string(self.path("log"))
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn say(word: &str) -> String {
    format!("[\"sh\", \"-c\", \"echo {word} >>HERE/log\"]")
}

fn web() -> String {
    format!(
        "[[node]]\nname = \"web\"\nstop = {}\nstart = {}\ndrain = {{ command = {}, within = \"10s\" }}\nresume = {{ command = {}, within = \"10s\" }}\n",
        say("stop"),
        say("start"),
        say("drain"),
        say("resume")
    )
}

#[test]
fn shown_first_then_done_with_its_hooks_in_order() {
    let place = Place::new(&web());
    let shown = place.well(&["restart", "web"]);
    assert!(
        shown.contains("drain web by `sh -c") && shown.contains("Next: hebe restart web --yes"),
        "{shown}"
    );
    assert_eq!(place.log(), "");
    assert!(place.well(&["restart", "web", "--yes"]).contains("DONE"));
    assert_eq!(place.log(), "drain stop start resume");
    let json: Value = serde_json::from_str(&place.well(&["plan", "web", "--format", "json"])).unwrap();
    assert_eq!((&json["mode"], &json["plans"][0]["plan"]["target"]), (&"observe".into(), &"web".into()));
}

#[test]
fn a_failed_drain_stops_nothing_and_gives_load_back() {
    let drain = "[\"sh\", \"-c\", \"echo drain >>HERE/log; exit 4\"]";
    let place = Place::new(&web().replace(&say("drain"), drain));
    let err = place.refused(&["restart", "web", "--yes"]);
    assert!(err.contains("drain web: `sh` ended with exit status: 4"), "{err}");
    assert_eq!(place.log(), "drain resume");
}

#[test]
fn holds_and_budgets_hold_and_only_a_budget_is_forced() {
    let place = Place::new(&format!("{}budget = {{ intensity = 1, period = \"1h\" }}\n", web()));
    place.well(&["hold", "web", "--for", "2h", "--owner", "ann", "--reason", "moving house"]);
    assert!(place.well(&["hold", "list"]).contains("by ann: moving house"));
    for argv in [["restart", "web", "--yes", "--force", "now"].as_slice(), &["restart", "web", "--yes"]] {
        let err = place.refused(argv);
        assert!(err.contains("operator_hold: ann holds web until "), "{err}");
    }
    place.well(&["hold", "lift", "web"]);
    place.refused(&["hold", "lift", "web"]);
    place.well(&["restart", "web", "--yes"]);
    let err = place.refused(&["restart", "web", "--yes"]);
    assert!(err.contains("budget_spent: web has had 1 restarts within 1h, and may have 1"), "{err}");
    place.well(&["restart", "web", "--yes", "--force", "the pager says so"]);
    assert_eq!(place.log().matches("start").count(), 2);
    let audit = place.well(&["audit"]);
    assert!(
        audit.contains("forced: the pager says so") && audit.contains("skipped: budget_spent"),
        "{audit}"
    );
    assert!(place.refused(&["restart", "db", "--yes"]).contains("not_in_map: the map has no `db`; it has "));
}

#[test]
fn a_changed_journal_stops_everything_until_a_person_accepts_it() {
    let place = Place::new(&web());
    place.well(&["restart", "web", "--yes"]);
    assert!(place.well(&["audit", "--verify"]).contains("as they were written"));
    let file = place.path("hebe/restart/journal/00000001.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("tester", "nobody", 1)).unwrap();
    let err = place.refused(&["audit"]);
    assert!(err.contains("00000001.jsonl:2: does not match its seal") && err.contains("--accept"), "{err}");
    assert!(place.refused(&["restart", "web", "--yes"]).contains("00000001.jsonl:2"));
    assert!(place.refused(&["hold", "web", "--reason", "x"]).contains("00000001.jsonl:2"));
    place.well(&["audit", "--accept"]);
    place.well(&["restart", "web", "--yes"]);
    assert!(place.well(&["audit"]).contains("tester takes the journal as it is"));
    assert_eq!(place.log(), "drain stop start resume drain stop start resume");
}

#[test]
fn nothing_is_started_while_a_port_is_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let place = Place::new(&format!("{}ports_free = [{port}]\n", web()));
    let (well, out, err) = place.ask(&["restart", "web", "--yes"]);
    assert!(!well && out.contains("NOT STOPPED"), "{out}");
    assert!(err.contains(&format!("somebody listens on port {port}")), "{err}");
    assert_eq!(place.log(), "drain stop");
}

#[test]
fn a_full_disk_restarts_nothing() {
    let place = Place::new(&web());
    fs::create_dir_all(place.path("hebe/restart/journal")).unwrap();
    // A journal that cannot be written, whoever asks.
    fs::create_dir(place.path("hebe/restart/journal/00000001.jsonl")).unwrap();
    place.refused(&["restart", "web", "--yes"]);
    assert_eq!(place.log(), "");
}
