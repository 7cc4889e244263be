//! The Re/Starter: from a crash to the new process, from an end to its notice, and whole trees stopped and started.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts the command")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod program;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// 201 processes: a parent and 200 daemons that have left it, their session and half of them their environment.
const TREE: &str = r"
import os, socket, time
for i in range(200):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0: os.execve('/bin/sleep', ['sleep', '987654'], {} if i % 2 else dict(os.environ))
        os._exit(0)
    os.wait()
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'READY=1', os.environ['NOTIFY_SOCKET'])
time.sleep(1e6)
";

/// A Re/Starter, its folder, and a connection to it.
struct Keeper {
    child: Child,
    folder: PathBuf,
    lines: BufReader<UnixStream>,
}

impl Keeper {
    fn start(name: &str, map: &str) -> Self {
        let folder = Path::new("/tmp").join(format!("hebe-bench-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join("map.toml");
        fs::write(&file, map.replace("FOLDER", &folder.display().to_string())).expect("a map");
        fs::write(folder.join("tree.py"), TREE).expect("a program");
        let mut command = Command::new(program::hebe());
        command.args(["restarter", "--listen", "", "--store"]).arg(&folder).arg("--map").arg(&file);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the Re/Starter starts");
        let stream = loop {
            if let Ok(stream) = UnixStream::connect(folder.join("restarter/socket")) {
                break stream;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        Self { child, folder, lines: BufReader::new(stream) }
    }

    fn ask(&mut self, verb: &str) -> Value {
        let request = json!({ "do": verb, "node": "a" });
        self.lines.get_mut().write_all(format!("{request}\n").as_bytes()).expect("it listens");
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("it answers");
        serde_json::from_str(&line).expect("an answer")
    }

    /// Asks until the node is as it should be.
    fn until(&mut self, good: impl Fn(&Value) -> bool) -> Value {
        loop {
            let node = self.ask("get")["node"].take();
            if good(&node) {
                return node;
            }
        }
    }

    fn kill_main(&mut self) -> (Value, Instant) {
        let pid = self.until(|node| node["phase"] == "running")["pid"].clone();
        let number = pid.as_str().and_then(|pid| pid.split('/').nth(2)).expect("a number").to_owned();
        let number = rustix::process::Pid::from_raw(number.parse().expect("a number")).expect("a number");
        let now = Instant::now();
        rustix::process::kill_process(number, rustix::process::Signal::KILL).expect("it lives");
        (pid, now)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn main() {
    let quick = std::env::args().any(|arg| arg == "--test");
    let rounds = if quick { 2 } else { 100 };
    crashes(rounds);
    ends(rounds);
    trees(if quick { 1 } else { 50 });
}

fn crashes(rounds: usize) {
    let map = "[[node]]\nname = \"a\"\ncommand = \"sleep 987654\"\nbudget = { intensity = 1000, period = \"1ms\" }\n";
    let mut keeper = Keeper::start("crash", map);
    let (mut new, mut running) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (before, killed) = keeper.kill_main();
        keeper.until(|node| node["pid"].is_string() && node["pid"] != before);
        new.push(killed.elapsed());
        keeper.until(|node| node["phase"] == "running");
        running.push(killed.elapsed());
        // Past the period of the budget, so that no start is put off.
        std::thread::sleep(Duration::from_millis(5));
    }
    report("crash -> new PID", new);
    report("crash -> program running", running);
}

fn ends(rounds: usize) {
    let map = "[[node]]\nname = \"a\"\ncommand = \"sleep 987654\"\nbudget = \"1 in 24h\"\n";
    let mut keeper = Keeper::start("end", map);
    let mut noticed = Vec::new();
    for _ in 0..rounds {
        keeper.ask("start");
        let (before, _) = keeper.kill_main();
        keeper.until(|node| node["phase"] == "running" && node["pid"] != before);
        let (_, killed) = keeper.kill_main();
        keeper.until(|node| node["phase"] == "given_up");
        noticed.push(killed.elapsed());
    }
    report("exit -> noticed, as a client sees it", noticed);
}

fn trees(rounds: usize) {
    let map = "[[node]]\nname = \"a\"\ncommand = [\"python3\", \"-E\", \"-S\", \"FOLDER/tree.py\"]\nnotify = true\n";
    let mut keeper = Keeper::start("tree", map);
    let mut stopped = Vec::new();
    for _ in 0..rounds {
        keeper.ask("start");
        keeper.until(|node| node["phase"] == "running");
        let began = Instant::now();
        assert_eq!(keeper.ask("stop")["answer"], "done");
        stopped.push(began.elapsed());
    }
    report("201 processes stopped (TERM)", stopped);
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1e3;
    println!(
        "{what:38} n {:4}  median {:7.2} ms  p99 {:7.2} ms  max {:7.2} ms",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
