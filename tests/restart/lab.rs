//! A real systemd to restart things on: booted by `lab.sh`, with units of the test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::skipped::{has, skipped, workspace};

/// How long a condition is waited for: the machine may be slow.
const PATIENCE: Duration = Duration::from_mins(2);
/// Targets that systemd needs to boot; they hold nothing.
const TARGETS: [&str; 9] =
    ["sysinit", "basic", "shutdown", "umount", "final", "sockets", "timers", "paths", "slices"];
/// Units of the distribution that the lab has.
const OF_THE_HOST: [&str; 2] = ["dbus.socket", "dbus.service"];

/// A booted machine.
pub(super) struct Lab {
    folder: TempDir,
}

impl Lab {
    /// Boots a machine with these units, name and text; none where that cannot be done here, which is said.
    pub(super) fn boot(test: &str, units: &[(&str, &str)]) -> Option<Self> {
        if let Some(missing) = missing() {
            skipped(test, missing);
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let lab = Self { folder };
        fs::create_dir_all(lab.units()).unwrap();
        fs::create_dir_all(lab.state()).unwrap();
        fs::create_dir_all(lab.shared()).unwrap();
        for target in TARGETS {
            lab.write_unit(&format!("{target}.target"), "[Unit]\nDefaultDependencies=no\n");
        }
        for unit in OF_THE_HOST {
            fs::copy(Path::new("/lib/systemd/system").join(unit), lab.units().join(unit)).unwrap();
        }
        lab.write_unit("lab.target", "[Unit]\nRequires=dbus.socket\nAfter=dbus.socket\n");
        for (name, text) in units {
            lab.write_unit(name, text);
        }
        let binary = hebe().parent().unwrap();
        let booted = lab
            .script("boot")
            .arg(lab.units())
            .arg(lab.state())
            .arg(lab.shared())
            .arg(binary)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(booted.status.success(), "{}", String::from_utf8_lossy(&booted.stderr));
        Some(lab)
    }

    fn script(&self, verb: &str) -> Command {
        let mut command = Command::new(workspace().join("tests/restart/lab.sh"));
        command.arg(verb).current_dir(self.folder.path());
        command
    }

    fn units(&self) -> PathBuf {
        self.folder.path().join("units")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A folder that the machine and the test both see.
    pub(super) fn shared(&self) -> PathBuf {
        self.folder.path().join("shared")
    }

    fn write_unit(&self, name: &str, text: &str) {
        fs::write(self.units().join(name), text).unwrap();
    }

    /// Writes the restart map.
    pub(super) fn map(&self, text: &str) {
        fs::write(self.shared().join("map.toml"), text).unwrap();
    }

    /// A command inside the machine.
    pub(super) fn inside(&self, argv: &[&str]) -> Command {
        let mut command = self.script("run");
        command.arg(self.state()).args(argv).stdin(Stdio::null());
        command
    }

    /// Runs a command inside; it must end well.
    pub(super) fn run(&self, argv: &[&str]) -> String {
        let output = self.inside(argv).output().unwrap();
        assert!(output.status.success(), "{argv:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// `hebe VERB …` inside, on the lab's map and state.
    pub(super) fn hebe(&self, argv: &[&str]) -> Command {
        let mut command = self.inside(&["env", "USER=tester", "SUDO_USER=", &hebe().display().to_string()]);
        command.args(argv);
        command.arg("--map").arg(self.shared().join("map.toml"));
        command.arg("--store").arg(self.shared().join("hebe"));
        command
    }

    /// Runs `hebe`: what it printed, and what it said on standard error; whether it ended well.
    pub(super) fn ask(&self, argv: &[&str]) -> (bool, String, String) {
        said(&self.hebe(argv).output().unwrap())
    }

    /// A property of a unit, as systemd shows it.
    pub(super) fn show(&self, unit: &str, property: &str) -> String {
        self.run(&["systemctl", "show", "--value", "--property", property, unit])
    }

    pub(super) fn invocation(&self, unit: &str) -> String {
        self.show(unit, "InvocationID")
    }

    /// The entries of the journal of restarts, oldest first.
    pub(super) fn entries(&self) -> Vec<Value> {
        let (well, out, err) = self.ask(&["audit", "--format", "json"]);
        assert!(well, "{err}");
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["entry"].clone()).collect()
    }

    /// The host's number of a process inside.
    pub(super) fn host_pid(&self, inside: &str) -> Option<u32> {
        let namespace = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/pid")).ok();
        let init = fs::read_to_string(self.state().join("init")).unwrap();
        let ours = namespace(init.trim())?;
        let pids =
            fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut pids = pids.filter(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()));
        pids.find(|pid| {
            namespace(pid).as_ref() == Some(&ours) && last_number(pid).as_deref() == Some(inside)
        })?
        .parse()
        .ok()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.script("end").arg(self.state()).status();
    }
}

/// The number of a process in the innermost namespace that it is in.
fn last_number(pid: &str) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    numbers.split_whitespace().last().map(str::to_owned)
}

/// Output, error, and whether it ended well.
pub(super) fn said(output: &Output) -> (bool, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// A service that writes a line into `log` when it starts, and stops no sooner than there is a file `go`.
pub(super) fn stops_when_told(go: &str, log: &str) -> String {
    let wait = format!("while ! test -e {go}; do sleep 0.1; done; exit 0");
    let script = format!("echo x >>{log}; trap \"{wait}\" TERM; while :; do sleep 0.1; done");
    format!("[Service]\nExecStart=/bin/sh -c '{script}'\nTimeoutStopSec=600\n")
}

/// Waits for a condition.
#[track_caller]
pub(super) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < give_up, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The program under test.
pub(super) fn hebe() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_hebe"))
}

/// What this machine lacks to boot another one.
fn missing() -> Option<&'static str> {
    if !is_root() {
        return Some("root");
    }
    if !Path::new("/lib/systemd/systemd").exists() || !has("systemctl") {
        return Some("systemd (Debian package systemd)");
    }
    if !has("dbus-daemon") || !Path::new("/lib/systemd/system/dbus.service").exists() {
        return Some("a message bus (Debian package dbus)");
    }
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let unified = mounts.lines().any(|line| line.split(' ').nth(2) == Some("cgroup2"));
    if unified { None } else { Some("cgroups of version 2") }
}

/// Whether the tests run as root.
fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}
