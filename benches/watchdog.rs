//! How long a hang takes to be a failure by three witnesses, and whether hunger is ever taken for one.
//!
//! `cargo bench -p hebe --bench watchdog -- --starved 300` runs the second for so many seconds instead; it needs
//! `stress-ng`.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts processes")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]
#![allow(clippy::duplicate_mod, reason = "the tests of the watchdog start the same application")]
#![allow(dead_code, unused_imports, reason = "the rooms of the binary hold more than a bench needs")]

#[path = "../engine/app/watchdog/tests/app.rs"]
mod app;
#[path = "../engine/app/child.rs"]
mod child;
#[path = "../engine/app/probe/mod.rs"]
mod probe;
#[path = "../engine/app/watchdog/mod.rs"]
mod watchdog;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::map::Map;
use hebe::restart::suspicion::{Witness, Word};
use rustix::process::Signal;

use app::App;
use watchdog::{Config, Suspicion, Watchdog};

const KEY: &[u8] = b"0123456789abcdef";
/// Hangs that are timed.
const HANGS: u32 = 60;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() {
    app::be();
    if app::is_one() {
        return;
    }
    let args: Vec<String> = std::env::args().collect();
    let quick = args.iter().any(|arg| arg == "--test");
    let starved = args.iter().position(|arg| arg == "--starved").and_then(|at| args.get(at + 1));
    let folder = tempfile::tempdir().unwrap();
    match starved {
        Some(seconds) => hunger(folder.path(), seconds.parse().expect("seconds")),
        None => hangs(folder.path(), if quick { 2 } else { HANGS }),
    }
}

/// A watchdog of one application, and the application.
fn start(folder: &Path) -> (Watchdog, Receiver<Suspicion>, App) {
    let http = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let map = format!(
        "[[node]]\nname = \"web\"\nstart = \"true\"\nheartbeat = \"250ms\"\n\
         probe = {{ http = \"http://127.0.0.1:{http}/\", within = \"500ms\", every = \"10s\" }}\n"
    );
    let map = Map::parse(&map, "bench").unwrap();
    std::fs::write(folder.join("key"), KEY).unwrap();
    let config = Config { port: 0, key_file: Some(folder.join("key")), ..Config::default() };
    let (sender, told) = channel();
    let tell = move |suspicion| {
        let _ = sender.send(suspicion);
    };
    let watchdog = Watchdog::start(&map, &config, tell).unwrap();
    let app = App::start("web", watchdog.port().unwrap(), http, &folder.join("mood"));
    let began = Instant::now();
    while watchdog.state().nodes[0].well != Some(true) || watchdog.state().admitted < 3 {
        assert!(began.elapsed() < PATIENCE, "{:?}", watchdog.state());
        thread::sleep(Duration::from_millis(10));
    }
    (watchdog, told, app)
}

fn hangs(folder: &Path, count: u32) {
    let (watchdog, told, app) = start(folder);
    let mut times = Vec::new();
    for at in 0..count {
        // Every phase of the heartbeat, and of the loop.
        thread::sleep(Duration::from_secs(1) + Duration::from_millis(250) * at / count);
        let _ = told.try_iter().count();
        let hung = Instant::now();
        app.signal(Signal::STOP);
        let failed = wait(&told, Word::Failed);
        times.push(hung.elapsed().as_secs_f64());
        let has = |kind: fn(&Witness) -> bool| failed.witnesses.iter().any(kind);
        assert!(has(|witness| matches!(witness, Witness::Heartbeat { .. })), "{failed:?}");
        assert!(has(|witness| matches!(witness, Witness::System { .. })), "{failed:?}");
        assert!(has(|witness| matches!(witness, Witness::Test { .. })), "{failed:?}");
        app.signal(Signal::CONT);
        wait(&told, Word::Well);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a few")]
        let place = (share * (times.len() - 1) as f64).round() as usize;
        times[place]
    };
    println!(
        "hang (SIGSTOP) -> failed by heartbeat, system and test: n {}, median {:.2} s, p95 {:.2} s, max {:.2} s",
        times.len(),
        at(0.5),
        at(0.95),
        at(1.0)
    );
    println!("heartbeats every 250 ms, 3 missed are a doubt, the page has 500 ms to answer");
    drop(watchdog);
}

fn wait(told: &Receiver<Suspicion>, word: Word) -> Suspicion {
    loop {
        let suspicion = told.recv_timeout(PATIENCE).expect("a change of state");
        if suspicion.to == word {
            return suspicion;
        }
    }
}

/// Shares the machine with stress-ng at the same priority, and counts what is said.
fn hunger(folder: &Path, seconds: u64) {
    let (watchdog, told, app) = start(folder);
    let before = watchdog.state().admitted;
    let mut stress = stress(folder, seconds).expect("stress-ng is installed");
    let began = Instant::now();
    let mut counts = std::collections::BTreeMap::new();
    let mut sentences = std::collections::BTreeSet::new();
    while began.elapsed().as_secs() < seconds {
        if let Ok(suspicion) = told.recv_timeout(Duration::from_millis(100)) {
            *counts.entry(suspicion.to.to_string()).or_insert(0) += 1;
            if suspicion.to == Word::Starved {
                sentences.insert(suspicion.sentence);
            } else if suspicion.to == Word::Failed {
                println!("FALSE: {}", suspicion.sentence);
            }
        }
    }
    let _ = stress.kill();
    let _ = stress.wait();
    let state = watchdog.state();
    println!(
        "{seconds} s under stress-ng: {} heartbeats, {} false failures; changes of state {counts:?}",
        state.admitted - before,
        counts.get("failed").unwrap_or(&0)
    );
    for sentence in sentences.iter().take(3) {
        println!("  starved: {sentence}");
    }
    drop((app, watchdog));
}

fn stress(folder: &Path, seconds: u64) -> std::io::Result<Child> {
    let mut command = Command::new("stress-ng");
    command.args([
        "--cpu",
        "16",
        "--hdd",
        "2",
        "--hdd-bytes",
        "64m",
        "--vm",
        "1",
        "--vm-bytes",
        "128m",
        "--quiet",
    ]);
    command.arg("--temp-path").arg(folder).args(["--timeout", &format!("{seconds}s")]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()
}
