//! A daemon of our own, and processes for it to see.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use std::{fs, thread};

use serde_json::Value;

use crate::binary::hebe;

/// A condition that does not come within this time is a failure.
const PATIENCE: Duration = Duration::from_mins(4);

/// Ten samples a second, and a window of twenty seconds.
pub(super) const FAST: &str = "period = \"100ms\"\nhorizons = [\"3m\"]\n[history]\nsysstat = false\n[notify.journald]\nenabled = false\n";

/// A process that ends with the test.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// Runs `script` in a shell that goes by another name.
    pub(super) fn shell(folder: &Path, name: impl AsRef<Path>, script: &str, argument: &Path) -> Self {
        let program = folder.join(name);
        fs::copy("/bin/bash", &program).unwrap();
        let mut command = Command::new(program);
        command.args(["-c", script, "bash"]).arg(argument);
        Self(command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap())
    }

    pub(super) fn kill(&self, signal: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

/// A daemon, the address of its page, and its folder.
pub(super) struct Daemon {
    pub(super) running: Running,
    address: String,
    folder: PathBuf,
    said: Arc<Mutex<String>>,
}

impl Drop for Daemon {
    /// A test that fails shows what its daemon knew.
    #[expect(clippy::print_stderr, reason = "the harness keeps it with the test")]
    fn drop(&mut self) {
        if !thread::panicking() {
            return;
        }
        let short = |row: &Value| {
            let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
            format!(
                "{} {}: {} of {}, {}",
                text("resource"),
                text("scope"),
                row["used"],
                row["limit"],
                text("status")
            )
        };
        let mut rows = self.rows();
        rows.retain(|row| !["STEADY", "STALE"].contains(&row["status"].as_str().unwrap_or_default()));
        let rows: Vec<String> = rows.iter().map(short).collect();
        let own = self.state().map(|state| state["own"].clone());
        eprintln!("the daemon said:\n{}its own use: {own:?}\nrows: {}", self.said(), rows.join("; "));
    }
}

impl Daemon {
    /// Starts one that keeps and is configured in `folder`.
    pub(super) fn start(folder: &Path, config: &str) -> Self {
        Self::start_by(hebe(), folder, config)
    }

    /// The same by another command, which ends in the program.
    pub(super) fn start_by(mut command: Command, folder: &Path, config: &str) -> Self {
        let file = folder.join("hebe.toml");
        fs::write(&file, config).unwrap();
        let words: [&OsStr; 7] = [
            "daemon".as_ref(),
            "--listen".as_ref(),
            "127.0.0.1:0".as_ref(),
            "--store".as_ref(),
            folder.as_ref(),
            "--config".as_ref(),
            file.as_ref(),
        ];
        let mut child = command.args(words).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let running = Running(child);
        let (mut before, mut line) = (String::new(), String::new());
        while !line.contains("page: http://") {
            before += &line;
            line.clear();
            assert!(0 < lines.read_line(&mut line).unwrap(), "the daemon ended: {before}");
        }
        let address = line.split("http://").nth(1).unwrap().trim_end().trim_end_matches('/').to_owned();
        let said = Arc::new(Mutex::new(before + &line));
        let heard = Arc::clone(&said);
        // Whatever else it says is read, so that it never waits for us.
        thread::spawn(move || {
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).is_ok_and(|length| 0 < length) {
                *heard.lock().unwrap() += &String::from_utf8_lossy(&line);
                line.clear();
            }
        });
        Self { running, address, folder: folder.to_owned(), said }
    }

    /// Host and port of its page.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What it has said on its standard error.
    pub(super) fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// The body of a page that is there.
    pub(super) fn get(&self, path: &str) -> Option<String> {
        let (head, body) = self.ask(path)?;
        head.starts_with("HTTP/1.1 200").then_some(body)
    }

    /// Head and body of an answer.
    pub(super) fn ask(&self, path: &str) -> Option<(String, String)> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).ok()?;
        let ask = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(ask.as_bytes()).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8(answer).expect("answers are UTF-8");
        answer.split_once("\r\n\r\n").map(|(head, body)| (head.to_owned(), body.to_owned()))
    }

    fn json(&self, path: &str, from: char, to: char) -> Option<Value> {
        let text = self.get(path)?;
        // A chunked body would have lengths around the JSON.
        serde_json::from_str(&text[text.find(from)?..=text.rfind(to)?]).ok()
    }

    pub(super) fn rows(&self) -> Vec<Value> {
        let rows = self.json("/api/v1/rows", '[', ']');
        rows.and_then(|rows| rows.as_array().cloned()).unwrap_or_default()
    }

    pub(super) fn state(&self) -> Option<Value> {
        self.json("/api/v1/state", '{', '}')
    }

    /// Milliseconds since 1970 of its last round.
    pub(super) fn at_ms(&self) -> Option<i64> {
        let at = self.state()?["at"].as_str()?.parse::<chrono::DateTime<chrono::Utc>>().ok()?;
        Some(at.timestamp_millis())
    }

    /// Waits until it has made `rounds` more rounds, as far as its page tells.
    #[track_caller]
    pub(super) fn goes_on(&self, rounds: usize) {
        let mut last = wait_for("a round", || self.at_ms());
        for _ in 0..rounds {
            last = wait_for("the next round", || self.at_ms().filter(|&at| last < at));
        }
    }

    /// The row of a resource whose scope holds `part`.
    pub(super) fn row(&self, resource: &str, part: &str) -> Option<Value> {
        let is_it = |row: &Value| row["scope"].as_str().is_some_and(|scope| scope.contains(part));
        self.rows().into_iter().find(|row| row["resource"] == resource && is_it(row))
    }

    /// A sample of `/metrics` that has no labels.
    pub(super) fn metric(&self, name: &str) -> Option<f64> {
        let text = self.get("/metrics")?;
        text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
    }

    pub(super) fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.join("notify/events.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Ends as a service manager ends it.
    pub(super) fn stop(mut self) {
        self.running.kill("-TERM");
        let ended = self.running.0.wait().unwrap();
        assert!(ended.success(), "{ended:?}: {}", self.said());
    }

    /// Whether it still runs.
    pub(super) fn lives(&mut self) -> bool {
        self.running.0.try_wait().unwrap().is_none()
    }
}

/// What `look` finds, as soon as it finds it.
#[track_caller]
pub(super) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

pub(super) fn now_s() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// The times of one series as `hebe export` gives them, in milliseconds since 1970.
pub(super) fn exported(folder: &Path, series: &str) -> Vec<i64> {
    let exported = hebe().args(["export", "--series", series]).arg(folder).output().unwrap();
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let text = String::from_utf8(exported.stdout).unwrap();
    let at = |line: &str| {
        let t = line.split(',').find_map(|field| field.parse::<chrono::DateTime<chrono::Utc>>().ok());
        t.unwrap_or_else(|| panic!("{line}")).timestamp_millis()
    };
    text.lines().skip(1).map(at).collect()
}
