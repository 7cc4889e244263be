//! A unit that hangs under systemd, seen and restarted by the daemon.

use std::fs;
use std::process::Stdio;

use super::lab::{Lab, hebe, until};

/// Shows that it lives by touching a file.
const ALIVE: &str = "[Service]\nExecStart=/bin/bash -c 'while :; do : >/run/alive; sleep 0.1; done'\n";
/// Its test says in a file that it has passed: what never passed may still be starting.
const MAP: &str = "
[[node]]
name = \"web\"
unit = \"web.service\"
ready = { file = \"/run/alive\", most = \"1s\", within = \"300ms\", every = \"50ms\" }

[[node.probe]]
exec = [\"sh\", \"-c\", \"find /run/alive -newermt '-1 seconds' | grep -q . && echo passed >>HERE/passed\"]
within = \"2s\"
every = \"500ms\"
";

#[test]
fn a_unit_that_hangs_is_restarted_once_and_by_its_own_process_known() {
    let Some(lab) = Lab::boot("a unit that hangs", &[("web.service", ALIVE)]) else { return };
    let shared = lab.shared();
    lab.map(&MAP.replace("HERE", &shared.display().to_string()));
    let config = format!(
        "[history]\nsysstat = false\n[restart]\nmode = \"act\"\nmap = \"{}\"\n",
        shared.join("map.toml").display()
    );
    fs::write(shared.join("hebe.toml"), config).unwrap();
    lab.run(&["systemctl", "start", "web.service"]);
    let before = lab.invocation("web.service");
    let mut daemon =
        lab.inside(&[&hebe().display().to_string(), "daemon", "--listen", "127.0.0.1:0", "--config"]);
    daemon.arg(shared.join("hebe.toml")).arg("--store").arg(shared.join("hebe"));
    let mut daemon = daemon.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("it was seen well", || shared.join("passed").exists());
    lab.run(&["systemctl", "kill", "--signal", "STOP", "--kill-whom", "main", "web.service"]);
    until("the restart is over", || lab.entries().iter().any(|entry| entry["what"] == "finished"));
    let after = lab.invocation("web.service");
    assert_ne!(after, before);
    assert_eq!(lab.show("web.service", "ActiveState"), "active");
    let entries = lab.entries();
    let finished = entries.iter().find(|entry| entry["what"] == "finished").unwrap();
    let why = finished["past"]["cause"].to_string();
    assert!(why.contains("it was stopped by a signal"), "{finished}");
    assert_eq!(finished["past"]["outcome"], "done");
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}
