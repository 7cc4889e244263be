//! Units of a real systemd, restarted by `hebe restart`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use serde_json::Value;

use super::lab::{Lab, said, stops_when_told, until};
use crate::skipped::skipped;

/// A service that does nothing, well.
const QUIET: &str = "[Service]\nExecStart=/bin/sleep infinity\n";

/// A map with one unit a node.
fn map(nodes: &[&str]) -> String {
    let node = |node: &&str| format!("[[node]]\nname = \"{node}\"\nunit = \"{node}.service\"\n");
    nodes.iter().map(node).collect::<Vec<_>>().concat()
}

/// How many times a unit was started: every start writes a line.
fn counting(lab: &Path, name: &str) -> String {
    let log = lab.join(name);
    format!("[Service]\nExecStart=/bin/sh -c 'echo x >>{}; exec sleep infinity'\n", log.display())
}

fn outcomes(entries: &[Value]) -> Vec<String> {
    let finished = entries.iter().filter(|entry| entry["what"] == "finished");
    finished.map(|entry| entry["past"]["outcome"].as_str().unwrap().to_owned()).collect()
}

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["what"].as_str().unwrap()).collect()
}

#[test]
fn a_unit_gets_one_new_invocation_and_what_is_shown_is_what_restarts() {
    let along = format!("[Unit]\nRequires=db.service\nAfter=db.service\n{QUIET}");
    let bound = format!("[Unit]\nBindsTo=app.service\nAfter=app.service\n{QUIET}");
    let part = format!("[Unit]\nPartOf=db.service\n{QUIET}");
    let units = [
        ("db.service", QUIET),
        ("app.service", along.as_str()),
        ("bound.service", bound.as_str()),
        ("part.service", part.as_str()),
        ("stopped.service", along.as_str()),
        ("apart.service", QUIET),
    ];
    let Some(lab) = Lab::boot("restarts of units", &units) else { return };
    lab.run(&["systemctl", "start", "db", "app", "bound", "part", "apart"]);
    lab.map(&map(&["db", "apart"]));
    let names = ["db", "app", "bound", "part", "stopped", "apart"];
    let invocations = || names.map(|name| lab.invocation(&format!("{name}.service")));
    let before = invocations();
    let (well, shown, err) = lab.ask(&["restart", "db"]);
    assert!(well, "{err}");
    assert_eq!(invocations(), before, "only shown");
    for along in ["app.service", "bound.service", "part.service"] {
        assert!(shown.contains(&format!("{along:22} restarts along with db")), "{shown}");
    }
    assert!(!shown.contains("stopped.service") && !shown.contains("apart.service"), "{shown}");
    let (well, shown, err) = lab.ask(&["restart", "db", "--yes"]);
    assert!(well && shown.contains("DONE"), "{shown}{err}");
    let after = invocations();
    let changed: Vec<&str> = (0..names.len()).filter(|&i| before[i] != after[i]).map(|i| names[i]).collect();
    assert_eq!(changed, ["db", "app", "bound", "part"]);
    let entries = lab.entries();
    assert_eq!(outcomes(&entries), ["done"]);
    assert_eq!(kinds(&entries), ["snapshot", "began", "intent", "done", "finished"]);
    assert_eq!(entries[2]["identity"], before[0].as_str());
    assert_eq!(entries[3]["identity"], after[0].as_str());
    // The same by systemd itself: what its own job would touch.
    let said = lab.run(&[
        "busctl",
        "--json=short",
        "call",
        "org.freedesktop.systemd1",
        "/org/freedesktop/systemd1",
        "org.freedesktop.systemd1.Manager",
        "EnqueueUnitJob",
        "sss",
        "db.service",
        "try-restart",
        "fail",
    ]);
    let said: Value = serde_json::from_str(&said).unwrap();
    let mut touched: Vec<&str> =
        said["data"][5].as_array().unwrap().iter().map(|job| job[2].as_str().unwrap()).collect();
    touched.sort_unstable();
    assert_eq!(touched, ["app.service", "bound.service", "part.service"]);
}

#[test]
fn what_depends_on_it_in_the_map_restarts_once_and_what_systemd_took_down_comes_back() {
    let along = format!("[Unit]\nRequires=db.service\nAfter=db.service\n{QUIET}");
    let units = [("db.service", QUIET), ("app.service", along.as_str()), ("unnamed.service", along.as_str())];
    let Some(lab) = Lab::boot("restarts of dependents", &units) else { return };
    lab.run(&["systemctl", "start", "db", "app", "unnamed"]);
    lab.map(&format!("{}[[node]]\nname = \"app\"\nunit = \"app.service\"\nneeds = \"db\"\n", map(&["db"])));
    let names = ["db.service", "app.service", "unnamed.service"];
    let before = names.map(|name| lab.invocation(name));
    let (well, shown, err) = lab.ask(&["restart", "db", "--yes"]);
    assert!(well && shown.contains("DONE"), "{shown}{err}");
    for (name, before) in names.iter().zip(before) {
        assert_eq!(lab.show(name, "ActiveState"), "active", "{name}");
        assert_ne!(lab.invocation(name), before, "{name}");
    }
    let entries = lab.entries();
    assert!(!kinds(&entries).contains(&"differs"), "{entries:#?}");
    let done: Vec<&Value> = entries.iter().filter(|entry| entry["what"] == "done").collect();
    assert_eq!(done.len(), 4, "stop app, stop db, start db, start app");
}

#[test]
fn systemd_and_its_administrator_are_respected() {
    let slow = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStop=/bin/sleep 1000\nTimeoutStopSec=2000\n";
    let often =
        "[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=1h\n[Service]\nExecStart=/bin/sleep infinity\n";
    let deaf =
        "[Service]\nExecStart=/bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'\nTimeoutStopSec=1\n";
    // Started when it says so, or it might be seen between its start and its end.
    let broken = "[Service]\nType=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'test -e /run/may-start || exit 7; systemd-notify --ready; exec sleep infinity'\n";
    // Ends once its restart is in the journal.
    let hasty = "[Service]\nExecStart=/bin/sh -c 'test -e /run/hasty || exec sleep infinity; until grep -qrs finished.*hasty /run/state; do sleep 0.05; done; exit 9'\n";
    let units = [
        ("hasty.service", hasty),
        ("slow.service", slow),
        ("often.service", often),
        ("frozen.service", QUIET),
        ("stopped.service", QUIET),
        ("deaf.service", deaf),
        ("broken.service", broken),
    ];
    let Some(lab) = Lab::boot("systemd's rules", &units) else { return };
    lab.run(&["touch", "/run/may-start"]);
    lab.run(&["systemctl", "start", "slow", "often", "frozen", "stopped", "deaf", "broken"]);
    lab.map(&map(&["slow", "often", "frozen", "stopped", "deaf", "broken", "hasty"]));
    an_administrators_job_is_not_replaced(&lab);
    the_start_limit_is_reset_in_so_many_words(&lab);
    a_frozen_unit_is_thawed(&lab);
    a_stopped_unit_is_left_alone(&lab);
    what_does_not_listen_is_killed_and_started_once(&lab);
    a_unit_that_fails_to_start_says_why(&lab);
    what_ends_right_after_its_start_is_told(&lab);
}

fn an_administrators_job_is_not_replaced(lab: &Lab) {
    lab.run(&["systemctl", "stop", "--no-block", "slow"]);
    let job = lab.show("slow.service", "Job");
    assert_ne!(job, "0");
    let (well, _, err) = lab.ask(&["restart", "slow", "--yes"]);
    assert!(!well && err.contains("lock_held: job ") && err.contains("slow.service is queued"), "{err}");
    assert_eq!(lab.show("slow.service", "Job"), job);
}

fn the_start_limit_is_reset_in_so_many_words(lab: &Lab) {
    lab.run(&["systemctl", "restart", "often"]);
    let before = lab.invocation("often.service");
    let (well, shown, err) = lab.ask(&["restart", "often", "--yes"]);
    assert!(well, "{shown}{err}");
    assert_ne!(lab.invocation("often.service"), before);
    let entries = lab.entries();
    let asides = entries.iter().filter(|entry| entry["what"] == "aside");
    let asides: Vec<&str> = asides.map(|entry| entry["note"].as_str().unwrap()).collect();
    assert!(asides.iter().any(|note| note.contains("the limit is reset")), "{asides:?}");
}

fn a_frozen_unit_is_thawed(lab: &Lab) {
    lab.run(&["systemctl", "freeze", "frozen"]);
    let before = lab.invocation("frozen.service");
    let (well, shown, err) = lab.ask(&["restart", "frozen", "--yes"]);
    assert!(well, "{shown}{err}");
    assert_ne!(lab.invocation("frozen.service"), before);
    assert!(
        lab.entries()
            .iter()
            .any(|entry| entry["note"].as_str().is_some_and(|note| note.contains("is thawed")))
    );
}

fn a_stopped_unit_is_left_alone(lab: &Lab) {
    lab.run(&["systemctl", "stop", "stopped"]);
    let (well, _, err) = lab.ask(&["restart", "stopped", "--yes"]);
    assert!(!well && err.contains("not_running: "), "{err}");
    assert_eq!(lab.show("stopped.service", "ActiveState"), "inactive");
}

fn what_does_not_listen_is_killed_and_started_once(lab: &Lab) {
    let before = lab.invocation("deaf.service");
    let (well, shown, err) = lab.ask(&["restart", "deaf", "--yes"]);
    assert!(well, "{shown}{err}");
    assert_ne!(lab.invocation("deaf.service"), before);
    assert_eq!(lab.show("deaf.service", "ActiveState"), "active");
    // For a moment the child that is about to sleep looks like its parent.
    until("there is one of it", || {
        let tasks = lab.run(&["systemd-cgls", "--no-pager", "--unit", "deaf.service"]);
        tasks.matches("trap").count() == 1
    });
}

fn a_unit_that_fails_to_start_says_why(lab: &Lab) {
    lab.run(&["rm", "/run/may-start"]);
    let (well, shown, err) = lab.ask(&["restart", "broken", "--yes"]);
    assert!(!well && shown.contains("FAILED"), "{shown}{err}");
    assert!(err.contains("broken.service is failed") && err.contains("status 7"), "{err}");
    // A failed unit may be restarted once it can.
    lab.run(&["touch", "/run/may-start"]);
    let (well, shown, err) = lab.ask(&["restart", "broken", "--yes"]);
    assert!(well, "{shown}{err}");
    assert_eq!(lab.show("broken.service", "ActiveState"), "active");
}

/// systemd calls it started as soon as it was begun.
fn what_ends_right_after_its_start_is_told(lab: &Lab) {
    lab.run(&["systemctl", "start", "hasty"]);
    lab.run(&["ln", "-s", &lab.shared().join("hebe").display().to_string(), "/run/state"]);
    lab.run(&["touch", "/run/hasty"]);
    let (well, shown, err) = lab.ask(&["restart", "hasty", "--yes", "--watch", "2m"]);
    assert!(!well && shown.contains("DONE"), "{shown}{err}");
    assert!(err.contains("hasty did not stay up, ") && err.contains("status 9"), "{err}");
}

#[test]
fn two_at_once_make_one_restart() {
    let slow = stops_when_told("/run/go", "/dev/null");
    let Some(lab) = Lab::boot("two restarts at once", &[("web.service", slow.as_str())]) else { return };
    lab.run(&["systemctl", "start", "web"]);
    lab.map(&format!("{}stop_within = \"10m\"\n", map(&["web"])));
    let before = lab.invocation("web.service");
    let first =
        lab.hebe(&["restart", "web", "--yes"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until("the first one has begun", || lab.show("web.service", "ActiveState") == "deactivating");
    let (well, _, err) = lab.ask(&["restart", "web", "--yes"]);
    assert!(!well && err.contains("lock_held: process "), "{err}");
    lab.run(&["touch", "/run/go"]);
    let (well, shown, err) = said(&first.wait_with_output().unwrap());
    assert!(well, "{shown}{err}");
    assert_ne!(lab.invocation("web.service"), before);
    assert_eq!(outcomes(&lab.entries()), ["done"]);
}

#[test]
fn many_triggers_at_once_restart_no_unit_twice_at_a_time() {
    let Some(lab) = Lab::boot("many restarts at once", &[("web.service", QUIET)]) else { return };
    lab.run(&["systemctl", "start", "web"]);
    lab.map(&map(&["web"]));
    let all: Vec<(bool, String, String)> = thread::scope(|scope| {
        let ask = || lab.ask(&["restart", "web", "--yes"]);
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let made = all.iter().filter(|(well, ..)| *well).count();
    assert!(1 <= made);
    for (_, _, err) in all.iter().filter(|(well, ..)| !well) {
        assert!(err.contains("lock_held") || err.contains("budget_spent"), "{err}");
    }
    assert_eq!(outcomes(&lab.entries()).len(), made);
}

/// A cgroup of the old freezer: what is in it cannot even be killed.
struct Freezer(PathBuf);

impl Freezer {
    fn freeze(pid: u32) -> Option<Self> {
        let folder = Path::new("/sys/fs/cgroup/freezer").join(format!("hebe-test-{pid}"));
        fs::create_dir(&folder).ok()?;
        let freezer = Self(folder);
        fs::write(freezer.0.join("cgroup.procs"), pid.to_string()).ok()?;
        fs::write(freezer.0.join("freezer.state"), "FROZEN").ok()?;
        until("it is frozen", || {
            fs::read_to_string(freezer.0.join("freezer.state")).unwrap().trim() == "FROZEN"
        });
        Some(freezer)
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        let _ = fs::write(self.0.join("freezer.state"), "THAWED");
        let _ = fs::write(
            "/sys/fs/cgroup/freezer/cgroup.procs",
            fs::read(self.0.join("cgroup.procs")).unwrap_or_default(),
        );
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                break;
            }
            thread::sleep(std::time::Duration::from_millis(20));
        }
    }
}

#[test]
fn no_second_copy_of_what_cannot_be_killed() {
    let Some(lab) = Lab::boot("an unkillable process", &[]) else { return };
    let log = lab.shared().join("starts");
    let unit = format!("{}TimeoutStopSec=1\n", counting(&lab.shared(), "starts"));
    lab.run(&["sh", "-c", "printf '%s' \"$1\" >/lab/stuck.service", "sh", &unit]);
    lab.run(&["systemctl", "daemon-reload"]);
    lab.run(&["systemctl", "start", "stuck"]);
    until("it has started", || fs::read_to_string(&log).is_ok_and(|log| log.lines().count() == 1));
    let pid = lab.host_pid(&lab.show("stuck.service", "MainPID")).expect("it runs");
    let Some(freezer) = Freezer::freeze(pid) else {
        return skipped("an unkillable process", "the freezer of cgroups version 1");
    };
    for conditions in ["", "gone = \"/run/no-such-lock\"\n"] {
        // With a condition the plan is stop and start, without one it is one job of systemd.
        lab.map(&format!("{}{conditions}", map(&["stuck"])));
        let (well, shown, err) = lab.ask(&["restart", "stuck", "--yes", "--force", "test"]);
        assert!(!well && shown.contains("NOT STOPPED"), "{shown}{err}");
        assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 1, "no second copy");
    }
    assert_eq!(outcomes(&lab.entries()), ["not_stopped", "not_stopped"]);
    drop(freezer);
    until("it is gone", || {
        lab.host_pid(&pid.to_string()).is_none() && !Path::new(&format!("/proc/{pid}")).exists()
    });
    let (well, shown, err) = lab.ask(&["restart", "stuck", "--yes", "--force", "test"]);
    assert!(well, "{shown}{err}");
    assert_eq!(fs::read_to_string(&log).unwrap().lines().count(), 2);
}
