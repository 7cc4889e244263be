//! Swap that fills: a process in a memory cgroup too small for it grows into a real swap file; the row of swap names
//! it. Needs root, a file system that takes a swap file, and no swap of the machine's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::started::{Daemon, FAST, Running, wait_for};
use crate::skipped::skipped;

/// Bytes of the swap file.
const SWAP: u64 = 256 << 20;
/// Bytes that the process may have in memory.
const MEMORY: &str = "25165824";
/// Holds a megabyte more every 0.8 s, once it is told to begin; ends before it has them all.
const HOARD: &str = r#"
while [ ! -e "$1/go" ]; do sleep 0.1; done
block=$(head -c 1048576 /dev/zero | tr '\0' x)
for i in {1..230}; do eval "held$i=\$block"; sleep 0.8; done
while :; do sleep 1; done"#;

/// A swap file in use.
struct Swap(PathBuf);

impl Swap {
    fn on(folder: &Path) -> Option<Self> {
        let file = folder.join("swap");
        fs::write(&file, vec![0; usize::try_from(SWAP).ok()?]).ok()?;
        run("chmod", &["600", file.to_str()?])?;
        run("mkswap", &[file.to_str()?])?;
        run("swapon", &[file.to_str()?])?;
        Some(Self(file))
    }
}

impl Drop for Swap {
    fn drop(&mut self) {
        let _ = Command::new("swapoff").arg(&self.0).status();
    }
}

/// A memory cgroup, version 1 or 2.
struct Small(PathBuf);

impl Small {
    fn new() -> Option<Self> {
        let root = Path::new("/sys/fs/cgroup");
        let (parent, limit) = if root.join("memory").is_dir() {
            (root.join("memory"), "memory.limit_in_bytes")
        } else {
            (root.to_owned(), "memory.max")
        };
        let small = Self(parent.join(format!("hebe-swap-{}", std::process::id())));
        fs::create_dir(&small.0).ok()?;
        fs::write(small.0.join(limit), MEMORY).ok()?;
        Some(small)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // What was killed may take a moment to be gone from it.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

fn run(program: &str, words: &[&str]) -> Option<()> {
    Command::new(program).args(words).output().ok()?.status.success().then_some(())
}

#[test]
fn who_fills_swap_is_named() {
    let own = fs::read_to_string("/proc/swaps").map_or(0, |text| text.lines().skip(1).count());
    let folder = tempfile::tempdir().unwrap();
    let prepared =
        if own == 0 { Swap::on(folder.path()).and_then(|swap| Some((swap, Small::new()?))) } else { None };
    let Some((swap, small)) = prepared else {
        return skipped("who_fills_swap_is_named", "root, a place for a swap file, and no swap in use");
    };
    let hoard = Running::shell(folder.path(), "hoarder", HOARD, folder.path());
    fs::write(small.0.join("cgroup.procs"), hoard.0.id().to_string()).unwrap();
    let daemon = Daemon::start(folder.path(), FAST);
    fs::write(folder.path().join("go"), "").unwrap();

    let named = |row: &Value| {
        let first = &row["culprits"][0];
        first["name"].as_str().is_some_and(|name| name.contains("hoarder"))
            && first["growth_share"].as_f64().is_some_and(|share| 0.8 < share)
    };
    let alarms =
        |row: &Value| ["CRITICAL", "WARNING", "WATCH"].contains(&row["status"].as_str().unwrap_or(""));
    let swap_row = || daemon.rows().into_iter().find(|row| row["resource"] == "swap");
    let row = wait_for("the culprit", || swap_row().filter(|row| alarms(row) && named(row)));
    assert_eq!(row["limit"].as_f64().map(|limit| (limit / f64::from(1 << 20)).round()), Some(256.0), "{row}");
    drop(hoard);
    daemon.stop();
    drop((small, swap));
}
