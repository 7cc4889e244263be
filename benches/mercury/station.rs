//! A ground station that runs: its parts as real processes under `hebe restarter`, watched by `hebe daemon`, which acts.
#![allow(dead_code, reason = "the bench and the tests each use a part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use chrono::{DateTime, Utc};
use rustix::process::{Pid, Signal, kill_process};

use super::trees::{Fault, SCALE, STARTS_S, Tree, of};

/// A recovery that takes longer has failed.
const PATIENCE: Duration = Duration::from_mins(1);
/// Time from one look to the next.
const LOOK: Duration = Duration::from_millis(2);
/// A failure so soon after a restart is the same one, not cured. Between trials there is more than this.
const RECURRENCE_MS: u64 = 250;
/// Before a failure everything has been calm for so long.
const CALM: Duration = Duration::from_millis(RECURRENCE_MS + 250);
/// More restarts than there are trials.
const BUDGET: &str = "budget = \"100000 in 1h\"\n";

/// A program of Hebe, ended with this.
struct Player(Child);

impl Drop for Player {
    fn drop(&mut self) {
        signal(self.0.id(), Signal::TERM);
        let _ = self.0.wait();
    }
}

/// One failure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    /// When the part was killed.
    pub(crate) at: DateTime<Utc>,
    /// Seconds until all was well.
    pub(crate) took_s: f64,
}

/// A station. Its daemon ends before its Re/Starter, and its folder last.
pub(crate) struct Station {
    tree: &'static Tree,
    _daemon: Player,
    _restarter: Player,
    folder: tempfile::TempDir,
}

impl Station {
    /// Starts one with the map of `tree`, and waits until all is well.
    pub(crate) fn start(tree: &'static Tree) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("map.toml"), map(tree, folder.path())).unwrap();
        fs::write(folder.path().join("hebe.toml"), config(folder.path())).unwrap();
        let restarter = play(folder.path(), &["restarter", "--listen", ""]);
        for (part, ..) in tree.parts {
            wait(|| pid(folder.path(), part));
        }
        let daemon = play(folder.path(), &["daemon", "--listen", "127.0.0.1:0"]);
        let log = folder.path().join("daemon.log");
        wait(|| fs::read_to_string(&log).ok().filter(|said| said.contains("observing")));
        Self { tree, _daemon: daemon, _restarter: restarter, folder }
    }

    /// Kills a part, and waits until what must restart has restarted and all parts answer again.
    pub(crate) fn trial(&self, fault: &Fault, is_joint: bool) -> Trial {
        thread::sleep(CALM);
        let joint = ["fedr", "pbcom"];
        let cures = if is_joint { joint.as_slice() } else { fault.cures };
        let before: BTreeMap<&str, u32> =
            self.tree.parts.iter().map(|(part, ..)| (*part, wait(|| self.pid(part)))).collect();
        if is_joint {
            fs::write(fails_by(self.folder.path()), "").unwrap();
        }
        let (at, began) = (Utc::now(), Instant::now());
        signal(before[fault.kills], Signal::KILL);
        for part in cures {
            self.until_new(part, before[part]);
        }
        wait(|| self.tree.parts.iter().all(|(part, ..)| self.pid(part).is_some()).then_some(()));
        Trial { at, took_s: began.elapsed().as_secs_f64() }
    }

    /// Kills a part; which process it was.
    pub(crate) fn kill(&self, part: &str) -> u32 {
        let pid = wait(|| self.pid(part));
        signal(pid, Signal::KILL);
        pid
    }

    /// Waits until another process of the part answers.
    pub(crate) fn until_new(&self, part: &str, before: u32) {
        wait(|| self.pid(part).filter(|pid| *pid != before));
    }

    /// The process of a part that answers.
    fn pid(&self, part: &str) -> Option<u32> {
        pid(self.folder.path(), part)
    }

    /// When restarts began, says the journal.
    pub(crate) fn restarts(&self) -> Vec<DateTime<Utc>> {
        let began = |line: &str| {
            let record: serde_json::Value = serde_json::from_str(line).ok()?;
            let at = record["at"].as_str().filter(|_| record["entry"]["what"] == "began")?;
            at.parse().ok()
        };
        let journal = self.audit(&["--format", "json"]);
        String::from_utf8(journal).unwrap().lines().filter_map(began).collect()
    }

    fn audit(&self, words: &[&str]) -> Vec<u8> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hebe"));
        command.arg("audit").args(words).arg("--config").arg(self.folder.path().join("hebe.toml"));
        command.arg("--store").arg(self.folder.path()).output().unwrap().stdout
    }
}

/// What failed is told with what was done last.
impl Drop for Station {
    #[allow(clippy::print_stderr, reason = "a trial has failed")]
    fn drop(&mut self) {
        if thread::panicking() {
            let told = self.audit(&["--last", "8"]);
            eprintln!("{}", String::from_utf8_lossy(&told));
        }
    }
}

/// The tree as a restart map.
fn map(tree: &Tree, folder: &Path) -> String {
    let above = |name: &str| if name.is_empty() { String::new() } else { format!("parent = \"{name}\"\n") };
    let group = |(name, parent): &(&str, &str)| {
        format!("\n[[node]]\nname = \"{name}\"\ngroup = true\n{}{BUDGET}", above(parent))
    };
    let part = |(name, parent, in_cell): &(&str, &str, bool)| {
        let budget = if *in_cell { "budget = \"0 in 1h\"\n" } else { BUDGET };
        format!(
            "\n[[node]]\nname = \"{name}\"\n{}command = {:?}\nnotify = true\non_crash = \"ask\"\n\
             stop_within = \"1s\"\nstart_within = \"10s\"\nmin_uptime = \"1ms\"\n{budget}",
            above(parent),
            command(name, folder),
        )
    };
    let groups: String = tree.groups.iter().map(group).collect();
    let parts: String = tree.parts.iter().map(part).collect();
    format!("{BUDGET}{groups}{parts}")
}

fn command(part: &str, folder: &Path) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let path = |path: PathBuf| path.display().to_string();
    let starts_in = format!("{:.0}ms", 1000.0 * of(&STARTS_S, part) / SCALE);
    let mut argv = words(&[env!("CARGO_BIN_EXE_hebe"), "stage", "part", "--starts-in", &starts_in]);
    argv.extend(["--socket".to_owned(), path(socket(folder, part))]);
    argv.extend(match part {
        "ses" => vec!["--peer".to_owned(), path(socket(folder, "str"))],
        "str" => vec!["--peer".to_owned(), path(socket(folder, "ses"))],
        "pbcom" => vec!["--fails-by".to_owned(), path(fails_by(folder))],
        "fedr" => vec!["--cures".to_owned(), path(fails_by(folder))],
        _ => Vec::new(),
    });
    argv
}

fn socket(folder: &Path, part: &str) -> PathBuf {
    folder.join(format!("{part}.socket"))
}

/// While this file is there, pbcom fails; fedr takes it away when it starts.
fn fails_by(folder: &Path) -> PathBuf {
    folder.join("joint")
}

fn config(folder: &Path) -> String {
    let map = folder.join("map.toml");
    format!(
        "[history]\nsysstat = false\n[restart]\nmode = \"act\"\nrecurrence = \"{RECURRENCE_MS}ms\"\nmap = \"{}\"\n",
        map.display()
    )
}

fn play(folder: &Path, words: &[&str]) -> Player {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hebe"));
    command.args(words).arg("--config").arg(folder.join("hebe.toml")).arg("--store").arg(folder);
    if words[0] == "restarter" {
        command.arg("--map").arg(folder.join("map.toml"));
    }
    let log = fs::File::create(folder.join(format!("{}.log", words[0]))).unwrap();
    let both = log.try_clone().unwrap();
    Player(command.stdin(Stdio::null()).stdout(log).stderr(both).spawn().unwrap())
}

/// The process of a part, in its own words; none if it does not answer.
fn pid(folder: &Path, part: &str) -> Option<u32> {
    let mut stream = UnixStream::connect(socket(folder, part)).ok()?;
    stream.set_read_timeout(Some(Duration::from_millis(500))).ok()?;
    writeln!(stream, "life").ok()?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).ok()?;
    answer.trim().parse().ok()
}

fn signal(pid: u32, signal: Signal) {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let _ = kill_process(pid.unwrap(), signal);
}

fn wait<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain");
        thread::sleep(LOOK);
    }
}
