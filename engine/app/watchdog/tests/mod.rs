//! Real processes that hang, end, fall silent and starve, and real packets that are forged.

mod app;
mod heard;
mod hungry;
mod judged;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::map::{Map, Node, Probe, Test};
use hebe::restart::suspicion::Word;
use tempfile::TempDir;

use super::standing::Standing;
use super::{Config, State, Suspicion, Watchdog};
use app::App;

/// Nothing takes this long, however loaded the machine is.
const PATIENCE: Duration = Duration::from_mins(2);
const KEY: &[u8] = b"0123456789abcdef";

/// A watchdog with all that it needs, on a port of its own.
struct Kennel {
    folder: TempDir,
    watchdog: Watchdog,
    told: Receiver<Suspicion>,
}

impl Kennel {
    /// Watches these nodes on a machine that is calm, whatever else it does.
    fn of(nodes: Vec<Node>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        pressure(folder.path(), [0; 3]);
        Self::under(nodes, None, folder)
    }

    /// Watches them under the pressure that `root` says; that of its own folder if none.
    fn under(nodes: Vec<Node>, root: Option<&Path>, folder: TempDir) -> Self {
        fs::write(folder.path().join("key"), KEY).unwrap();
        let config = Config {
            port: 0,
            key_file: Some(folder.path().join("key")),
            socket: Some(folder.path().join("socket")),
            ..Config::default()
        };
        let (sender, told) = channel();
        let tell = move |suspicion| {
            let _ = sender.send(suspicion);
        };
        let root = root.unwrap_or(folder.path());
        let watchdog = Watchdog::start_under(&Map { nodes, ..map() }, &config, tell, root).unwrap();
        Self { folder, watchdog, told }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An application of the node of that name.
    fn app(&self, node: &str, http: u16) -> App {
        App::start(node, self.watchdog.port().unwrap(), http, &self.path(node))
    }

    fn state_of(&self, node: &str) -> Standing {
        let state = self.watchdog.state();
        state.nodes.into_iter().find(|standing| standing.node == node).unwrap()
    }

    /// Waits until the state is as wanted.
    #[track_caller]
    fn wait(&self, wanted: impl Fn(&State) -> bool) -> State {
        let began = Instant::now();
        loop {
            let state = self.watchdog.state();
            if wanted(&state) {
                return state;
            }
            assert!(began.elapsed() < PATIENCE, "{state:#?}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    fn wait_heard(&self, node: &str) {
        self.wait(|state| {
            state.nodes.iter().any(|standing| standing.node == node && standing.heard.is_some())
        });
    }

    /// Waits until `node` is told to be in that state; all that was told of it until then.
    #[track_caller]
    fn wait_told(&self, node: &str, word: Word) -> Vec<Suspicion> {
        let mut all = Vec::new();
        loop {
            let Ok(suspicion) = self.told.recv_timeout(PATIENCE) else {
                panic!("{all:#?} {:#?}", self.watchdog.state())
            };
            if suspicion.node != node {
                continue;
            }
            let done = suspicion.to == word;
            all.push(suspicion);
            if done {
                return all;
            }
        }
    }
}

/// Lays out stall times in microseconds: processor (some), disk and memory (full).
fn pressure(root: &Path, [cpu, io, memory]: [u64; 3]) {
    let folder = root.join("proc/pressure");
    fs::create_dir_all(&folder).unwrap();
    for (name, some, full) in [("cpu", cpu, 0), ("io", io, io), ("memory", memory, memory)] {
        let line = |kind, total| format!("{kind} avg10=0.00 avg60=0.00 avg300=0.00 total={total}\n");
        let text = line("some", some) + &line("full", full);
        let new = folder.join(format!("{name}.new"));
        fs::write(&new, text).unwrap();
        // A reader sees the old file or the new one.
        fs::rename(new, folder.join(name)).unwrap();
    }
}

/// A map of one node that sends heartbeats four times a second, and has time to start.
fn map() -> Map {
    let text =
        "[[node]]\nname = \"web\"\nstart = \"true\"\nheartbeat = \"250ms\"\nstart_within = \"10min\"\n";
    Map::parse(text, "test").unwrap()
}

/// Such a node.
fn node(name: &str) -> Node {
    Node { name: name.to_owned(), ..map().nodes.remove(0) }
}

/// The same, tested by a page on that port.
fn tested(name: &str, http: u16) -> Node {
    let test = Test::Http { url: format!("http://127.0.0.1:{http}/"), status: None, contains: None };
    Node { probes: vec![Probe { test, within_s: 0.5, every_s: 600.0 }], ..node(name) }
}

/// A port that is free now.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A command that nobody runs.
fn command() -> hebe::restart::map::Command {
    hebe::restart::map::Command { argv: vec!["true".to_owned()], ..hebe::restart::map::Command::default() }
}
