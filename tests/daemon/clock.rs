//! The clock of the machine jumps back and forth under a running daemon (libfaketime).

use std::fs;
use std::path::{Path, PathBuf};

use crate::binary::hebe;
use crate::skipped::skipped;

use super::started::{Daemon, FAST, exported, now_s, wait_for};

/// The library that tells a program another time.
fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    let library = |folder: fs::DirEntry| folder.path().join("faketime/libfaketimeMT.so.1");
    folders.map(library).find(|library| library.exists())
}

/// Sets the daemon's clock to so many seconds after the machine's, and waits until it has made rounds by it.
fn set(daemon: &Daemon, clock: &Path, ahead_s: i32) {
    // At once: the library reads it whenever it likes.
    let new = clock.with_extension("new");
    fs::write(&new, format!("{ahead_s:+}\n")).unwrap();
    fs::rename(&new, clock).unwrap();
    wait_for("a round by the new time", || {
        let at_s = daemon.at_ms()? as f64 / 1000.0;
        ((at_s - now_s() - f64::from(ahead_s)).abs() < 60.0).then_some(())
    });
    daemon.goes_on(3);
}

/// A daemon whose clock is so many seconds ahead, as its file says.
fn ahead(library: &Path, folder: &Path, clock: &Path, ahead_s: i32) -> Daemon {
    fs::write(clock, format!("{ahead_s:+}\n")).unwrap();
    let mut command = hebe();
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", clock);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Daemon::start_by(command, folder, FAST)
}

/// Segments are written by a process of its own, whose memory goes with it.
#[test]
fn what_yesterday_left_is_sealed_by_another_process() {
    let Some(library) = faketime() else {
        return skipped("what_yesterday_left_is_sealed_by_another_process", "libfaketime");
    };
    let folder = tempfile::tempdir().unwrap();
    let earlier = ahead(&library, folder.path(), &folder.path().join("clock"), -72_000);
    earlier.goes_on(5);
    earlier.stop();
    let segments = || fs::read_dir(folder.path().join("store/raw")).map_or(0, Iterator::count);
    assert_eq!(segments(), 0);
    let daemon = Daemon::start(folder.path(), FAST);
    wait_for("the segment", || (0 < segments()).then_some(()));
    let tasks = fs::read_dir(format!("/proc/{}/task", daemon.running.0.id())).unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let names: Vec<String> = names.collect();
    assert!(!names.is_empty() && names.iter().all(|name| !name.contains("polars")), "{names:?}");
    daemon.stop();
}

#[test]
fn a_clock_that_jumps_corrupts_and_repeats_nothing() {
    let Some(library) = faketime() else {
        return skipped("a_clock_that_jumps_corrupts_and_repeats_nothing", "libfaketime");
    };
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    let daemon = ahead(&library, folder.path(), &clock, 0);
    daemon.goes_on(3);
    for ahead_s in [-3600, 0, 86_400, 0, -90_000, 0] {
        set(&daemon, &clock, ahead_s);
    }
    assert!(daemon.row("memory.available", "").is_some());
    daemon.stop();
    let times = exported(folder.path(), "memory.available");
    assert!(6 < times.len() && times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");

    let again = Daemon::start(folder.path(), FAST);
    again.goes_on(3);
    again.stop();
    let more = exported(folder.path(), "memory.available");
    assert!(times.len() < more.len() && more.windows(2).all(|pair| pair[0] < pair[1]), "{more:?}");
}
