//! Truly stopped: whole trees, what does not want to end, what cannot end, and what is in the way.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use super::lab::{Lab, lives, processes, signal, unique, until_there};
use crate::skipped::{has, skipped};

/// Rounds of the long counts: few in the suite, more where `HEBE_ROUNDS` says so.
pub(crate) fn rounds(few: usize) -> usize {
    std::env::var("HEBE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(few)
}

/// 201 processes: the parent, and 200 daemons that left it by double fork, their session, and half of them their
/// environment.
const TREE: &str = r"
import os, socket, sys, time
for i in range(200):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            env = {} if i % 2 else dict(os.environ)
            os.execve('/bin/sleep', ['sleep', sys.argv[1]], env)
        os._exit(0)
    os.wait()
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b'READY=1', os.environ['NOTIFY_SOCKET'])
time.sleep(1e6)
";

fn tree(folder: &Path, word: &str) -> String {
    let program = folder.join("tree.py");
    fs::write(&program, TREE).unwrap();
    format!(
        "[[node]]\nname = \"tree\"\ncommand = [\"python3\", \"-E\", \"-S\", \"{}\", \"{word}\"]\nnotify = true\n\
         stop_within = \"60s\"\nstart_within = \"120s\"\n",
        program.display()
    )
}

/// Restarts trees of 201 processes; every process of every tree must be gone before the next one is there.
#[track_caller]
fn no_orphans(config: &str, rounds: usize) {
    if !has("python3") {
        return skipped("trees of processes", "python3");
    }
    let folder = tempfile::tempdir().unwrap();
    let word = unique();
    let lab = Lab::start(&tree(folder.path(), &word), config);
    lab.until_phase("tree", "running");
    let mut orphans = 0;
    for _ in 0..rounds {
        let before = processes(&word);
        assert_eq!(before.len(), 201);
        assert_eq!(lab.order("restart", "tree")["answer"], "done");
        let after = processes(&word);
        orphans += before.iter().filter(|pid| after.contains(pid)).count();
    }
    assert_eq!(lab.order("stop", "tree")["answer"], "done");
    orphans += processes(&word).len();
    assert_eq!(orphans, 0, "of {rounds} restarts of trees");
}

#[test]
fn no_orphan_is_left_of_a_tree_in_a_cgroup() {
    no_orphans("", rounds(3));
}

#[test]
fn no_orphan_that_can_be_known_is_left_of_a_tree_without_a_cgroup() {
    if !has("python3") {
        return skipped("trees of processes", "python3");
    }
    // Without a cgroup a daemon that also throws its environment away cannot be told from others; the rest can.
    let folder = tempfile::tempdir().unwrap();
    let word = unique();
    let map = tree(folder.path(), &word);
    let program = folder.path().join("tree.py");
    fs::write(&program, TREE.replace("{} if i % 2 else ", "")).unwrap();
    let lab = Lab::start(&map, "cgroups = false");
    assert_eq!(lab.until_phase("tree", "running")["group"], "session");
    for _ in 0..rounds(2).min(20) {
        let before = processes(&word);
        assert_eq!(lab.order("restart", "tree")["answer"], "done");
        let after = processes(&word);
        assert!(!before.iter().any(|pid| after.contains(pid)));
        assert_eq!((before.len(), after.len()), (201, 201));
    }
}

#[test]
fn what_does_not_want_to_end_is_killed() {
    let map = format!(
        "[[node]]\nname = \"a\"\ncommand = [\"sh\", \"-c\", \"trap '' TERM; sleep {} & wait; while :; do sleep 1; done\"]\nstop_within = \"300ms\"\n",
        unique()
    );
    for config in ["", "cgroups = false"] {
        let lab = Lab::start(&map, config);
        lab.until_phase("a", "running");
        let main = lab.main("a").unwrap();
        assert_eq!(lab.order("stop", "a")["answer"], "done");
        assert!(!lives(main));
    }
}

#[test]
fn a_trace_is_asked_for_before_the_kill_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let (trace, armed) = (folder.path().join("trace"), folder.path().join("armed"));
    let map = format!(
        "[[node]]\nname = \"a\"\ncommand = [\"bash\", \"-c\", \"trap '' TERM; trap 'echo here > {}; exit' ABRT; echo yes > {}; while :; do sleep 0.01; done\"]\nstop_within = \"300ms\"\n",
        trace.display(),
        armed.display()
    );
    let lab = Lab::start(&map, "abort = \"1m\"");
    lab.until_phase("a", "running");
    // Before that the shell has no traps yet.
    until_there(&armed);
    assert_eq!(lab.order("stop", "a")["answer"], "done");
    assert_eq!(fs::read_to_string(trace).unwrap(), "here\n");
}

#[test]
fn what_is_stopped_by_a_signal_ends_all_the_same() {
    let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\nstop_within = \"1m\"\n", unique());
    let lab = Lab::start(&map, "");
    lab.until_phase("a", "running");
    signal("STOP", lab.main("a").unwrap());
    assert_eq!(lab.order("restart", "a")["answer"], "done");
}

/// A cgroup (v1) in which everything is held in state D until it is let go.
struct Freezer(std::path::PathBuf);

impl Freezer {
    fn new(name: &str) -> Option<Self> {
        let folder = Path::new("/sys/fs/cgroup/freezer").join(name);
        fs::create_dir(&folder).ok()?;
        Some(Self(folder))
    }

    fn hold(&self, pid: u32) {
        fs::write(self.0.join("cgroup.procs"), pid.to_string()).unwrap();
        fs::write(self.0.join("freezer.state"), "FROZEN").unwrap();
    }

    fn let_go(&self) {
        fs::write(self.0.join("freezer.state"), "THAWED").unwrap();
    }
}

impl Drop for Freezer {
    fn drop(&mut self) {
        let _ = fs::write(self.0.join("freezer.state"), "THAWED");
        while fs::read_to_string(self.0.join("cgroup.procs")).is_ok_and(|text| !text.is_empty()) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn beside_what_cannot_be_killed_no_second_copy_is_started() {
    let word = unique();
    let Some(freezer) = Freezer::new(&format!("hebe-{word}")) else {
        return skipped("a process that cannot be killed", "root and the freezer of cgroup v1");
    };
    let map = format!("[[node]]\nname = \"a\"\ncommand = \"sleep {word}\"\nstop_within = \"100ms\"\n");
    let mut lab = Lab::start(&map, "");
    lab.until_phase("a", "running");
    let main = lab.main("a").unwrap();
    freezer.hold(main);
    // It is asked and killed, and does not go.
    let answer = lab.order("restart", "a");
    assert_eq!(answer["answer"], "not_stopped", "{answer}");
    assert_eq!(answer["node"]["remains"][0], format!("process {main}"));
    for verb in ["start", "restart", "stop"] {
        assert_eq!(lab.order(verb, "a")["answer"], "not_stopped");
        assert_eq!(processes(&word), [main]);
    }
    let (done, said) = lab.says(&["restart", "a"]);
    assert!(!done && said.contains("NOT STOPPED, no second copy"), "{said}");
    // Nor by another Re/Starter that finds it.
    lab.kill();
    lab.begin();
    assert_eq!(lab.order("restart", "a")["answer"], "not_stopped");
    assert_eq!(processes(&word), [main]);
    freezer.let_go();
    lab.until_phase("a", "stopped");
    assert_eq!(lab.order("start", "a")["answer"], "done");
    assert_eq!(processes(&word).len(), 1);
}

#[test]
fn a_place_that_is_taken_gets_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("lock");
    fs::write(&lock, "").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let map = format!(
        "[[node]]\nname = \"a\"\ncommand = \"sleep {}\"\nstop_within = \"200ms\"\nports_free = {port}\ngone = [\"{}\"]\n",
        unique(),
        lock.display()
    );
    let lab = Lab::start(&map, "");
    lab.until("a", |now| now["copies"] == 0 && now["phase"] != "waiting");
    let answer = lab.order("start", "a");
    assert_eq!(answer["answer"], "not_stopped");
    assert_eq!(answer["node"]["remains"].as_array().unwrap().len(), 2, "{answer}");
    assert!(answer["node"]["remains"][0].as_str().unwrap().contains(&format!("port {port}")));
    drop(listener);
    fs::remove_file(lock).unwrap();
    assert_eq!(lab.order("start", "a")["answer"], "done");
}
