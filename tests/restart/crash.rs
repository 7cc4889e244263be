//! The executor, killed at every place between two entries of its journal: no restart is lost, and none repeated.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::lab::{Lab, hebe, stops_when_told, until};

/// The places at which a restart of so many steps can be killed.
fn places(steps: usize) -> Vec<String> {
    let mut places = vec!["after-began".to_owned()];
    for step in 0..steps {
        let of_step = ["before-intent", "after-intent", "after-act", "after-done"];
        places.extend(of_step.map(|place| format!("{place}:{step}")));
    }
    places.extend(["before-finished", "after-finished"].map(str::to_owned));
    places
}

/// A service that writes a line with every start.
fn counting(unit: &str, log: &Path) -> String {
    format!("{unit}[Service]\nExecStart=/bin/sh -c 'echo x >>{}; exec sleep infinity'\n", log.display())
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

/// The outcomes of the restarts in a journal's entries.
fn outcomes(entries: &[Value]) -> Vec<&str> {
    let finished = entries.iter().filter(|entry| entry["what"] == "finished");
    finished.map(|entry| entry["past"]["outcome"].as_str().unwrap()).collect()
}

/// Kills a restart of `db` at each place, resumes it, and counts.
fn check_units(test: &str, map: &str, units: &[&str], steps: usize) {
    let Some(lab) = Lab::boot(test, &[]) else { return };
    lab.map(map);
    let log = |unit: &str| lab.shared().join(unit);
    for unit in units {
        let text = counting(
            if *unit == "app" { "[Unit]\nRequires=db.service\nAfter=db.service\n" } else { "" },
            &log(unit),
        );
        lab.run(&["sh", "-c", "printf '%s' \"$2\" >/lab/$1.service", "sh", unit, &text]);
    }
    lab.run(&["systemctl", "daemon-reload"]);
    for unit in units {
        lab.run(&["systemctl", "start", unit]);
        until("it has started", || lines(&log(unit)) == 1);
    }
    let mut expected = 1;
    for place in places(steps) {
        let killed = lab
            .inside(&["env", &format!("HEBE_CRASH_AT={place}"), &hebe().display().to_string()])
            .args(["restart", "db", "--yes", "--force", "test", "--map"])
            .arg(lab.shared().join("map.toml"))
            .arg("--store")
            .arg(lab.shared().join("hebe"))
            .output()
            .unwrap();
        assert!(!killed.status.success(), "{place}: {}", String::from_utf8_lossy(&killed.stdout));
        let (well, shown, err) = lab.ask(&["restart", "--resume"]);
        assert!(well, "{place}: {shown}{err}");
        expected += 1;
        for unit in units {
            assert_eq!(lab.show(unit, "ActiveState"), "active", "{place}: {unit}");
            until(&format!("{place}: {unit} has written its line"), || expected <= lines(&log(unit)));
            assert_eq!(lines(&log(unit)), expected, "{place}: {unit}");
        }
        let entries = lab.entries();
        assert_eq!(outcomes(&entries).len(), expected - 1, "{place}: each is finished once");
        assert!(outcomes(&entries).iter().all(|outcome| *outcome == "done"), "{place}");
    }
    let killed = places(steps).len();
    assert_eq!(expected, 1 + killed);
}

#[test]
fn a_restart_in_one_job_is_neither_lost_nor_repeated() {
    let map = "budget = \"1000 in 1h\"\n[[node]]\nname = \"db\"\nunit = \"db.service\"\n";
    check_units("a killed executor, one job", map, &["db"], 1);
}

#[test]
fn stops_and_starts_are_neither_lost_nor_repeated() {
    let map = "budget = \"1000 in 1h\"\n[[node]]\nname = \"db\"\nunit = \"db.service\"\n[[node]]\nname = \"app\"\nunit = \"app.service\"\nneeds = \"db\"\n";
    check_units("a killed executor, four steps", map, &["db", "app"], 4);
}

#[test]
fn a_job_under_way_ends_without_its_executor_and_is_counted() {
    let Some(lab) = Lab::boot("a killed executor, job under way", &[]) else { return };
    let log = lab.shared().join("db");
    let text = stops_when_told("/run/go", &log.display().to_string());
    lab.run(&["sh", "-c", "printf '%s' \"$1\" >/lab/db.service", "sh", &text]);
    lab.run(&["systemctl", "daemon-reload"]);
    lab.run(&["systemctl", "start", "db"]);
    until("it has started", || lines(&log) == 1);
    lab.map("[[node]]\nname = \"db\"\nunit = \"db.service\"\nstop_within = \"10m\"\n");
    let mut restart =
        lab.hebe(&["restart", "db", "--yes"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("it stops", || lab.show("db", "ActiveState") == "deactivating");
    // By name, among the processes of the lab alone.
    lab.run(&["pkill", "-KILL", "-x", "hebe"]);
    restart.wait().unwrap();
    lab.run(&["touch", "/run/go"]);
    let (well, shown, err) = lab.ask(&["restart", "--resume"]);
    assert!(well && shown.contains("DONE"), "{shown}{err}");
    until("it has written its line", || 2 <= lines(&log));
    assert_eq!(lines(&log), 2);
}

#[test]
fn commands_are_told_by_their_status() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let script = |text: &str| format!("[\"sh\", \"-c\", '{text}']");
    let up = path("up").display().to_string();
    let starts = path("starts");
    let map = format!(
        "budget = \"1000 in 1h\"\n[[node]]\nname = \"db\"\nbudget = \"1000 in 1h\"\nstop = {}\nstart = {}\nstatus = {}\n",
        script(&format!("rm -f {up}")),
        script(&format!("test ! -e {up} && touch {up} && echo x >>{}", starts.display())),
        script(&format!("test -e {up}")),
    );
    fs::write(path("map.toml"), map).unwrap();
    fs::write(&up, "").unwrap();
    let run = |crash: &str, argv: &[&str]| {
        let mut command = Command::new(hebe());
        command.args(argv).arg("--map").arg(path("map.toml")).arg("--store").arg(path("hebe"));
        command.env("HEBE_CRASH_AT", crash).output().unwrap()
    };
    for (count, place) in (1..).zip(places(2)) {
        let killed = run(&place, &["restart", "db", "--yes"]);
        assert!(!killed.status.success(), "{place}: {}", String::from_utf8_lossy(&killed.stderr));
        let resumed = run("", &["restart", "--resume"]);
        assert!(resumed.status.success(), "{place}: {}", String::from_utf8_lossy(&resumed.stderr));
        assert_eq!(lines(&starts), count, "{place}");
        assert!(Path::new(&up).exists(), "{place}");
    }
}
