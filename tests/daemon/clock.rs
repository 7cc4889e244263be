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

#[test]
fn a_clock_that_jumps_corrupts_and_repeats_nothing() {
    let Some(library) = faketime() else {
        return skipped("a_clock_that_jumps_corrupts_and_repeats_nothing", "libfaketime");
    };
    let folder = tempfile::tempdir().unwrap();
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0\n").unwrap();
    let mut command = hebe();
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", &clock);
    command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let daemon = Daemon::start_by(command, folder.path(), FAST);
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
