//! The daemon end to end: a real leak and a real surge of file descriptors, sampled, forecast, told, shown and kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use serde_json::Value;

use crate::binary::hebe;

/// A condition that does not come within this time is a failure.
const PATIENCE: Duration = Duration::from_mins(4);

/// Descriptors that the leaking process may have.
const LIMIT: u32 = 600;
/// Opens ten descriptors a second by the clock, however slow the machine, until it may not any more.
const LEAK: &str = r"
ulimit -n 600
start=${EPOCHREALTIME/./}; n=0
while :; do
  due=$(( (${EPOCHREALTIME/./} - start) / 100000 ))
  while [ $n -lt $due ]; do exec {f}</dev/null || exit 0; n=$((n + 1)); done
  sleep 0.05
done";
/// Holds 20 descriptors; after 25 seconds 400 more for 3 seconds.
const SURGE: &str = r#"
ulimit -n 600
for i in {1..20}; do exec {f}</dev/null; done
sleep 25
held=()
for i in {1..400}; do exec {f}</dev/null; held+=($f); done
sleep 3
for f in "${held[@]}"; do exec {f}<&-; done
sleep 1000"#;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Runs `script` in a shell that goes by another name.
    fn shell(folder: &Path, name: &str, script: &str) -> Self {
        let program = folder.join(name);
        fs::copy("/bin/bash", &program).unwrap();
        let quiet = || Stdio::null();
        let child =
            Command::new(program).args(["-c", script]).stdin(quiet()).stderr(quiet()).stdout(quiet()).spawn();
        Self(child.unwrap())
    }
}

/// A daemon, the address of its page, and its folder.
struct Daemon {
    running: Running,
    address: String,
    folder: PathBuf,
}

impl Daemon {
    fn start(folder: &Path, config: &str) -> Self {
        let file = folder.join("hebe.toml");
        fs::write(&file, config).unwrap();
        let mut child = hebe()
            .args(["daemon", "--listen", "127.0.0.1:0"])
            .arg("--store")
            .arg(folder)
            .arg("--config")
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        while !line.contains("page: http://") {
            line.clear();
            assert!(0 < said.read_line(&mut line).unwrap(), "the daemon ended");
        }
        let address = line.split("http://").nth(1).unwrap().trim_end().trim_end_matches('/').to_owned();
        // Whatever else it says is read, so that it never waits for us.
        thread::spawn(move || said.read_to_string(&mut String::new()));
        Self { running: Running(child), address, folder: folder.to_owned() }
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(ask.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
    }

    fn rows(&self) -> Vec<Value> {
        let text = self.get("/api/v1/rows").unwrap_or_default();
        // A chunked body has lengths around the JSON.
        let json = text.find('[').zip(text.rfind(']')).map_or("[]", |(from, to)| &text[from..=to]);
        serde_json::from_str(json).unwrap_or_default()
    }

    /// The row of the descriptors of the program with that name.
    fn descriptors(&self, program: &str) -> Option<Value> {
        let is_it = |row: &Value| row["scope"].as_str().is_some_and(|scope| scope.contains(program));
        self.rows().into_iter().find(|row| row["resource"] == "process.fds" && is_it(row))
    }

    fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.join("notify/events.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Ends as a service manager ends it.
    fn stop(mut self) {
        let pid = self.running.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.running.0.wait().unwrap().success());
    }
}

/// What `look` finds, as soon as it finds it.
#[track_caller]
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

const FAST: &str = "period = \"100ms\"\nhorizons = [\"3m\"]\n[history]\nsysstat = false\n";

#[test]
fn a_leak_is_dated_at_half_of_its_life_and_a_surge_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    let leak = Running::shell(folder.path(), "leaker", LEAK);
    let surge = Running::shell(folder.path(), "surger", SURGE);
    let half = f64::from(LIMIT) / 2.0;
    let (row, seen_at) = wait_for("half of the descriptors", || {
        let row = daemon.descriptors("leaker")?;
        (half <= row["used"].as_f64()? && row["exhausts_at"].is_string()).then(|| (row, now_s()))
    });
    assert_eq!(row["limit"].as_f64(), Some(f64::from(LIMIT)));
    let predicted = seen_at + row["left_s"].as_f64().unwrap();
    let mut leak = leak;
    leak.0.wait().unwrap();
    let (came, left) = (now_s(), now_s() - seen_at);
    assert!((predicted - came).abs() < 0.15 * left, "off by {} s of {left} s: {row}", predicted - came);
    let told = wait_for("the event", || {
        daemon.events().into_iter().find(|event| event["type"] == "dev.hebe.exhaustion.predicted.v1")
    });
    assert!(told["subject"].as_str().unwrap().contains("leaker"), "{told}");
    wait_for("the surge to be over", || (now_s() - seen_at > 30.0).then_some(()));
    let alarms = daemon.events().into_iter().filter(|event| event["type"] != "dev.hebe.surge.held.v1");
    let of_surge: Vec<Value> = alarms
        .filter(|event| event["subject"].as_str().is_some_and(|subject| subject.contains("surger")))
        .collect();
    assert!(of_surge.is_empty(), "{of_surge:?}");
    drop(surge);

    let page = daemon.get("/").unwrap();
    assert!(page.contains("process.fds") && page.contains("leaker"));
    assert!(daemon.get("/metrics").unwrap().contains("hebe_forecast_state{resource=\"process.fds\""));
    daemon.stop();

    // What was sampled is a history like any other.
    let analyzed = hebe().args(["analyze", "--format", "json"]).arg(folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&analyzed.stdout);
    assert!(
        analyzed.status.success() && text.contains("leaker"),
        "{}",
        String::from_utf8_lossy(&analyzed.stderr)
    );
}

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
fn a_bad_configuration_is_refused_at_the_start_and_passed_over_later() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    let origin = |daemon: &Daemon| daemon.get("/api/v1/settings").unwrap_or_default();
    assert!(origin(&daemon).contains("hebe.toml:1"));
    fs::write(folder.path().join("hebe.toml"), "perod = 1").unwrap();
    let pid = daemon.running.0.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    fs::write(folder.path().join("hebe.toml"), format!("# mine\n{FAST}")).unwrap();
    assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    wait_for("the new configuration", || origin(&daemon).contains("hebe.toml:2").then_some(()));
    daemon.stop();

    fs::write(folder.path().join("hebe.toml"), "perod = \"1s\"").unwrap();
    let refused = hebe().args(["daemon", "--config"]).arg(folder.path().join("hebe.toml")).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("did you mean `period`?"), "{said}");
}

#[test]
fn what_was_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let samples = |daemon: &Daemon| {
        let row = daemon.rows().into_iter().find(|row| row["resource"] == "memory.available")?;
        row["used"].as_f64()
    };
    let daemon = Daemon::start(folder.path(), FAST);
    wait_for("a first sample", || samples(&daemon));
    drop(daemon);
    let again = Daemon::start(folder.path(), FAST);
    wait_for("a sample after the kill", || samples(&again));
    again.stop();
    let exported =
        hebe().args(["export", "--series", "memory.available"]).arg(folder.path()).output().unwrap();
    let lines = String::from_utf8_lossy(&exported.stdout).lines().count();
    assert!(exported.status.success() && 2 < lines, "{lines}");
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
