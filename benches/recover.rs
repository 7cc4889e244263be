//! From a failure to a service that answers again, through all of Hebe: hangs (SIGSTOP) by the watchdog with three
//! witnesses, the oracle and the executor; crashes (SIGKILL) by the Re/Starter.
//!
//! `cargo bench -p hebe --bench recover [-- ROUNDS]`; `--test` makes one round of each.
#![allow(clippy::disallowed_methods, reason = "a bench starts programs and reads the clock")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench is a program of its own")]

mod program;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Rounds of each, if not told otherwise.
const ROUNDS: usize = 50;
/// A recovery that takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);
/// Time from one look to the next.
const LOOK: Duration = Duration::from_millis(2);
/// Between two failures everything is calm again for so long.
const CALM: Duration = Duration::from_millis(1500);

struct Player(Child);

impl Drop for Player {
    fn drop(&mut self) {
        signal(self.0.id(), "TERM");
        let _ = self.0.wait();
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let rounds = words.iter().find_map(|word| word.parse().ok());
    let rounds = if words.iter().any(|word| word == "--test") { 1 } else { rounds.unwrap_or(ROUNDS) };
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    fs::write(folder.path().join("map.toml"), map(port)).unwrap();
    fs::write(folder.path().join("hebe.toml"), config(folder.path())).unwrap();
    let _restarter = play(folder.path(), &["restarter", "--listen", ""]);
    wait(|| answers(port).then_some(()));
    let _daemon = play(folder.path(), &["daemon", "--listen", "127.0.0.1:0"]);
    thread::sleep(2 * CALM);
    let hang = times(rounds, folder.path(), port, "STOP");
    report("hang -> answers again (three witnesses)", hang);
    let crash = times(rounds, folder.path(), port, "KILL");
    report("crash -> answers again", crash);
}

fn map(port: u16) -> String {
    let program = program::hebe();
    let program = program.display();
    format!(
        "budget = \"10000 in 1h\"\n[[node]]\nname = \"shop\"\nnotify = true\nheartbeat = \"250ms\"\n\
         command = [\"{program}\", \"stage\", \"service\", \"--name\", \"shop\", \"--port\", \"{port}\", \"--leak\", \"0\", \"--descriptors\", \"100\"]\n\
         ready = {{ http = \"http://127.0.0.1:{port}/\", within = \"300ms\", every = \"20ms\" }}\n\
         probe = {{ http = \"http://127.0.0.1:{port}/\", within = \"300ms\", every = \"1s\" }}\n\
         stop_within = \"100ms\"\nmin_uptime = \"1ms\"\nbudget = \"10000 in 1s\"\n"
    )
}

fn config(folder: &Path) -> String {
    format!(
        "[history]\nsysstat = false\n[restart]\nmode = \"act\"\nrecurrence = \"10ms\"\nmap = \"{}\"\n",
        folder.join("map.toml").display()
    )
}

fn play(folder: &Path, words: &[&str]) -> Player {
    let mut command = Command::new(program::hebe());
    command.args(words).arg("--config").arg(folder.join("hebe.toml")).arg("--store").arg(folder);
    if words[0] == "restarter" {
        command.arg("--map").arg(folder.join("map.toml"));
    }
    let said = fs::File::create(folder.join(format!("{}.log", words[0]))).unwrap();
    Player(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap())
}

/// What the programs said and wrote down, for whoever wants to know why nothing happened.
fn tell(folder: &Path) {
    for file in ["restarter.log", "daemon.log"] {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        println!("-- {file}\n{}", lines[lines.len().saturating_sub(30)..].join("\n"));
    }
    for words in [&["restarter", "list", "--json"][..], &["audit"]] {
        let told = Command::new(program::hebe()).args(words).arg("--store").arg(folder).output().unwrap();
        let text = String::from_utf8_lossy(&told.stdout);
        let lines: Vec<&str> = text.lines().collect();
        println!("-- hebe {}\n{}", words.join(" "), lines[lines.len().saturating_sub(30)..].join("\n"));
    }
}

/// Milliseconds from each failure to the first answer of a new process.
fn times(rounds: usize, folder: &Path, port: u16, how: &str) -> Vec<f64> {
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let pid = wait(|| running(folder));
        let began = Instant::now();
        signal(pid, how);
        let new = wait_for(|| running(folder).filter(|new| *new != pid));
        if new.and_then(|_| wait_for(|| answers(port).then_some(()))).is_none() {
            tell(folder);
            panic!("not recovered within {PATIENCE:?}: process {pid} after {how}");
        }
        times.push(1000.0 * began.elapsed().as_secs_f64());
        thread::sleep(CALM);
    }
    times
}

/// The process of the node, as the Re/Starter says.
fn running(folder: &Path) -> Option<u32> {
    let mut command = Command::new(program::hebe());
    command.args(["restarter", "list", "--json", "--store"]).arg(folder);
    let listed = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&listed.stdout).ok()?;
    let global = report["pid"].as_str().filter(|_| report["phase"] == "running")?;
    global.split('/').nth(2)?.parse().ok()
}

fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.contains("hello"))
}

fn signal(pid: u32, name: &str) {
    let _ = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status();
}

fn wait<T>(look: impl FnMut() -> Option<T>) -> T {
    wait_for(look).expect("waited in vain")
}

fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if PATIENCE < began.elapsed() {
            return None;
        }
        thread::sleep(LOOK);
    }
}

fn report(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let place = (share * (times.len() - 1) as f64).round() as usize;
        times[place]
    };
    println!(
        "{what}: n = {}, median {:.0} ms, 95 % within {:.0} ms, most {:.0} ms",
        times.len(),
        at(0.5),
        at(0.95),
        at(1.0)
    );
}
