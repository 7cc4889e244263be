//! Units that hang under systemd, seen and restarted by the daemon.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::lab::{Lab, hebe, until};

/// Shows that it lives by touching a file.
const ALIVE: &str = "[Service]\nExecStart=/bin/bash -c 'while :; do : >/run/alive.NAME; sleep 0.1; done'\n";
/// Its test says in a file that it has passed: what never passed may still be starting.
const NODE: &str = "
[[node]]
name = \"NAME\"
unit = \"NAME.service\"
ready = { file = \"/run/alive.NAME\", most = \"1s\", within = \"300ms\", every = \"50ms\" }

[[node.probe]]
exec = [\"sh\", \"-c\", \"find /run/alive.NAME -newermt '-1 seconds' | grep -q . && echo passed >>HERE/NAME.passed\"]
within = \"2s\"
every = \"500ms\"
";
const NAMES: [&str; 2] = ["web", "shop"];

/// Stops a service by a signal once it was seen well, and waits until it was restarted: the last restart of all.
fn hang(lab: &Lab, name: &str) {
    until("it was seen well", || lab.shared().join(format!("{name}.passed")).exists());
    let unit = format!("{name}.service");
    let before = lab.invocation(&unit);
    lab.run(&["systemctl", "kill", "--signal", "STOP", "--kill-whom", "main", &unit]);
    let finished = || -> Vec<Value> {
        let is_it = |entry: &Value| entry["what"] == "finished" && entry["past"]["target"] == name;
        lab.entries().into_iter().filter(is_it).collect()
    };
    until("the restart is over", || !finished().is_empty());
    let [finished] = &finished()[..] else { panic!("more than one restart") };
    let why = finished["past"]["cause"].to_string();
    assert!(why.contains("it was stopped by a signal"), "{finished:#}");
    assert_eq!(finished["past"]["outcome"], "done", "{finished:#}");
    assert_ne!(lab.invocation(&unit), before);
    assert_eq!(lab.show(&unit, "ActiveState"), "active");
}

#[test]
fn a_unit_that_hangs_is_restarted_once_and_another_one_over_another_bus() {
    let units = NAMES.map(|name| (format!("{name}.service"), ALIVE.replace("NAME", name)));
    let units = units.each_ref().map(|(name, text)| (name.as_str(), text.as_str()));
    let Some(lab) = Lab::boot("a unit that hangs", &units) else { return };
    let shared = lab.shared();
    let node = |name| NODE.replace("NAME", name).replace("HERE", &shared.display().to_string());
    lab.map(&NAMES.map(node).concat());
    let config = format!(
        "[history]\nsysstat = false\n[restart]\nmode = \"act\"\nmap = \"{}\"\n",
        shared.join("map.toml").display()
    );
    fs::write(shared.join("hebe.toml"), config).unwrap();
    lab.run(&["systemctl", "start", NAMES[0], NAMES[1]]);
    let mut daemon =
        lab.inside(&[&hebe().display().to_string(), "daemon", "--listen", "127.0.0.1:0", "--config"]);
    daemon.arg(shared.join("hebe.toml")).arg("--store").arg(shared.join("hebe"));
    let mut daemon = daemon.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    hang(&lab, NAMES[0]);
    // What the daemon is connected to ends; systemd comes to the new bus by itself.
    let bus = lab.show("dbus.service", "MainPID");
    lab.run(&["systemctl", "restart", "dbus.service"]);
    until("there is another bus", || {
        let now = lab.show("dbus.service", "MainPID");
        now != bus && now != "0"
    });
    hang(&lab, NAMES[1]);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}
