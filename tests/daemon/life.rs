//! Starting, reloading, ending: what a daemon refuses, passes over and remembers.

use std::fs;
use std::path::Path;

use super::started::{Daemon, FAST, exported, wait_for};
use crate::binary::hebe;
use crate::skipped::{has, skipped};

#[test]
fn a_second_daemon_on_the_same_store_is_refused_with_the_owner() {
    let folder = tempfile::tempdir().unwrap();
    let first = Daemon::start(folder.path(), FAST);
    let second =
        hebe().args(["daemon", "--listen", "127.0.0.1:0", "--store"]).arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success());
    assert!(said.contains(&format!("in use by process {}", first.running.0.id())), "{said}");
}

#[test]
fn hebe_alone_tells_whether_a_daemon_runs() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config/hebe");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("hebe.toml"), format!("[store]\ndir = \"{}\"\n", folder.path().display())).unwrap();
    let alone = || {
        let mut command = hebe();
        let output = command.env("XDG_CONFIG_HOME", folder.path().join("config")).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let daemon = Daemon::start(folder.path(), FAST);
    let told = alone();
    let watches = format!("A daemon watches this host (process {})", daemon.running.0.id());
    assert!(told.contains(&watches) && told.contains("Next: hebe check"), "{told}");
    daemon.stop();
    let told = alone();
    assert!(!told.contains("A daemon watches") && told.contains("hebe daemon    samples"), "{told}");
}

#[test]
fn a_bad_configuration_is_refused_at_the_start_and_passed_over_later() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    let origin = |daemon: &Daemon| daemon.get("/api/v1/settings").unwrap_or_default();
    assert!(origin(&daemon).contains("hebe.toml:1"));
    fs::write(folder.path().join("hebe.toml"), "perod = 1").unwrap();
    daemon.running.kill("-HUP");
    fs::write(folder.path().join("hebe.toml"), format!("# mine\n{FAST}")).unwrap();
    daemon.running.kill("-HUP");
    wait_for("the new configuration", || origin(&daemon).contains("hebe.toml:2").then_some(()));
    daemon.stop();

    fs::write(folder.path().join("hebe.toml"), "perod = \"1s\"").unwrap();
    let refused = hebe().args(["daemon", "--config"]).arg(folder.path().join("hebe.toml")).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("did you mean `period`?"), "{said}");
}

#[test]
fn what_it_kept_it_knows_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    daemon.goes_on(5);
    daemon.stop();
    let before = exported(folder.path(), "memory.available");
    let again = Daemon::start(folder.path(), FAST);
    again.goes_on(2);
    let row = again.row("memory.available", "").unwrap();
    assert!(before.len() as u64 <= row["samples"].as_u64().unwrap(), "{row} after {}", before.len());
    again.stop();
    assert!(before.len() < exported(folder.path(), "memory.available").len());
}

#[test]
fn its_own_use_is_a_series_with_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    let fds = wait_for("its own descriptors", || daemon.row("own.fds", "hebe"));
    assert!(fds["used"].as_f64().unwrap() < fds["limit"].as_f64().unwrap(), "{fds}");
    assert_eq!(fds["limit_owner"], "RLIMIT_NOFILE");
    for own in ["own.memory", "own.threads", "own.cpu"] {
        wait_for(own, || daemon.row(own, "hebe"));
    }
    assert!(0.0 < daemon.metric("process_open_fds").unwrap());
    daemon.stop();
}

#[test]
fn a_map_in_its_usual_place_is_taken_on_with_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("config/hebe");
    fs::create_dir_all(&place).unwrap();
    if Path::new("/etc/hebe/map.toml").exists() {
        return skipped("a map in its usual place", "a machine without /etc/hebe/map.toml");
    }
    let mut command = hebe();
    command.env("XDG_CONFIG_HOME", folder.path().join("config"));
    let daemon = Daemon::start_by(command, folder.path(), FAST);
    let actions = || daemon.get("/actions").unwrap();
    assert!(actions().contains("There is no restart map"));
    fs::write(place.join("map.toml"), "[[node]]\nname = \"web\"\nunit = \"web.service\"\n").unwrap();
    daemon.running.kill("-HUP");
    wait_for("the map", || (!actions().contains("There is no restart map")).then_some(()));
    wait_for("its word on it", || daemon.said().contains("config/hebe/map.toml; mode observe").then_some(()));
    daemon.stop();
}

#[test]
fn the_unit_and_the_settings_are_printed() {
    let unit = hebe().args(["daemon", "--print-unit"]).output().unwrap();
    let unit = String::from_utf8_lossy(&unit.stdout).into_owned();
    for word in ["Type=notify", "ExecStart=", " daemon\n", "ProtectSystem=strict", "WatchdogSec="] {
        assert!(unit.contains(word), "{word}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.toml");
    fs::write(&file, "period = \"1s\"\n").unwrap();
    let shown = hebe().args(["config", "show", "--origin"]).arg(&file).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.lines().any(|line| line.starts_with("period") && line.ends_with("a.toml:1")), "{shown}");
    assert!(shown.contains("# default"));
}

#[test]
fn systemd_takes_the_unit() {
    if !has("systemd-analyze") {
        return skipped("the unit as systemd reads it", "systemd-analyze");
    }
    let folder = tempfile::tempdir().unwrap();
    let unit = hebe().args(["daemon", "--print-unit"]).output().unwrap().stdout;
    let file = folder.path().join("hebe.service");
    fs::write(&file, unit).unwrap();
    let mut verify = std::process::Command::new("systemd-analyze");
    let verified = verify.args(["verify", "--man=no"]).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    // Other units of the machine may be broken.
    assert!(!said.contains("hebe.service"), "{said}");
}
