//! A Re/Starter of one test: its own folder, map and socket; nothing of it is left when the test ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binary::hebe;

/// A condition that does not come within this time is a failure.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A running Re/Starter.
pub(crate) struct Lab {
    folder: TempDir,
    keeper: Option<Child>,
    /// Whether it runs on a machine with another name.
    elsewhere: bool,
    /// Address of its TCP server.
    pub(crate) tcp: String,
}

impl Lab {
    /// Starts one on a map; `config` is its section `[restarter]`.
    pub(crate) fn start(map: &str, config: &str) -> Self {
        Self::start_at(map, config, false)
    }

    /// The same; `elsewhere`, which needs root, has it take this machine for another one.
    pub(crate) fn start_at(map: &str, config: &str, elsewhere: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("hebe").tempdir().unwrap();
        fs::write(folder.path().join("map.toml"), map).unwrap();
        fs::write(folder.path().join("hebe.toml"), format!("[restarter]\n{config}\n")).unwrap();
        let mut lab = Self { folder, keeper: None, elsewhere, tcp: String::new() };
        lab.begin();
        lab
    }

    fn command(&self) -> Command {
        let mut command = hebe();
        let folder = self.folder.path();
        command.arg("restarter").arg("--config").arg(folder.join("hebe.toml")).arg("--store").arg(folder);
        command.stdin(Stdio::null());
        command
    }

    /// Starts the Re/Starter, again.
    pub(crate) fn begin(&mut self) {
        let mut command = if self.elsewhere { other_machine(&self.command()) } else { self.command() };
        command.args(["--listen", "127.0.0.1:0", "--map"]).arg(self.folder.path().join("map.toml"));
        let mut keeper = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(keeper.stderr.take().unwrap());
        let (mut line, mut all) = (String::new(), String::new());
        while !line.contains("hebe: keeps ") {
            line.clear();
            assert!(0 < said.read_line(&mut line).unwrap(), "the Re/Starter ended: {all}");
            all += &line;
        }
        self.tcp = String::from(line.trim().rsplit(' ').next().unwrap());
        // Whatever else it says is kept for people, and read, so that it never waits for us.
        let log = self.folder.path().join("said");
        thread::spawn(move || {
            let mut log = fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
            std::io::copy(&mut said, &mut log)
        });
        self.keeper = Some(keeper);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The Re/Starter's number.
    pub(crate) fn pid(&self) -> u32 {
        self.keeper.as_ref().unwrap().id()
    }

    /// Kills the Re/Starter alone.
    pub(crate) fn kill(&mut self) {
        let mut keeper = self.keeper.take().unwrap();
        keeper.kill().unwrap();
        keeper.wait().unwrap();
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        self.keeper.take().unwrap().wait().unwrap().success()
    }

    /// `hebe restarter WORDS`: whether it was done, and what it said.
    pub(crate) fn says(&self, words: &[&str]) -> (bool, String) {
        let output = self.command().args(words).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Asks over the Unix socket.
    pub(crate) fn ask(&self, request: &Value) -> Value {
        let mut stream = UnixStream::connect(self.path("restarter/socket")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        exchange(&mut stream, &request.to_string())
    }

    pub(crate) fn order(&self, verb: &str, node: &str) -> Value {
        self.ask(&json!({ "do": verb, "node": node }))
    }

    /// Connects over TCP.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.tcp).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// A node as it is.
    pub(crate) fn node(&self, node: &str) -> Value {
        self.order("get", node)["node"].clone()
    }

    /// The number of its main process.
    pub(crate) fn main(&self, node: &str) -> Option<u32> {
        self.node(node)["pid"].as_str()?.split('/').nth(2)?.parse().ok()
    }

    /// Waits until a node is as it should be.
    #[track_caller]
    pub(crate) fn until(&self, node: &str, good: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let now = self.node(node);
            if good(&now) {
                return now;
            }
            assert!(began.elapsed() < PATIENCE, "{now:#}\n{}", self.said());
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    pub(crate) fn until_phase(&self, node: &str, phase: &str) -> Value {
        self.until(node, |now| now["phase"] == phase)
    }

    /// What the Re/Starter has said.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.path("said")).unwrap_or_default()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.keeper.is_none() && !thread::panicking() {
            self.begin();
        }
        let Some(mut keeper) = self.keeper.take() else { return };
        signal("TERM", keeper.id());
        let began = Instant::now();
        while keeper.try_wait().unwrap().is_none() {
            if PATIENCE < began.elapsed() {
                let _ = keeper.kill();
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The same command where this machine's identity is another one.
fn other_machine(command: &Command) -> Command {
    const AS_ANOTHER: &str = r#"id=$(mktemp) && echo 0123456789abcdef0123456789abcdef >"$id" && mount --bind "$id" /etc/machine-id && rm "$id" && exec "$@""#;
    let mut other = Command::new("unshare");
    other.args(["-m", "sh", "-c", AS_ANOTHER, "sh"]).arg(command.get_program()).args(command.get_args());
    other.stdin(Stdio::null());
    other
}

/// Sends a signal to a process that cannot have been taken leave of.
pub(crate) fn signal(name: &str, pid: u32) {
    let status = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
    assert!(status.unwrap().success());
}

/// One line there, one line back.
pub(crate) fn exchange<S: Read + Write>(stream: &mut S, line: &str) -> Value {
    stream.write_all(format!("{line}\n").as_bytes()).unwrap();
    answer(stream)
}

/// One line; null where the other side has closed.
pub(crate) fn answer<S: Read>(stream: &mut S) -> Value {
    let mut line = Vec::new();
    let mut byte = [0];
    while matches!(stream.read(&mut byte), Ok(1)) && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    serde_json::from_slice(&line).unwrap_or(Value::Null)
}

/// Processes whose command line holds `words`, without those that have ended, and without copies of hebe that wait to
/// become them: of these any number may be about to end, and none runs.
pub(crate) fn processes(words: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        if line.contains(words) && !line.starts_with("hebe __spawn") {
            found.push(pid);
        }
    }
    found
}

/// Whether there is such a process.
pub(crate) fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
}

/// Waits for a file.
#[track_caller]
pub(crate) fn until_there(path: &Path) -> String {
    let began = Instant::now();
    loop {
        match fs::read_to_string(path) {
            Ok(text) if !text.is_empty() => return text,
            _ => assert!(began.elapsed() < PATIENCE, "{}", path.display()),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Words that no other process has in its command line.
pub(crate) fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("1{}.{:04}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
