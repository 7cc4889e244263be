//! A full disk under a daemon that runs.

use std::fs::{self, File};
use std::io::Write as _;

use super::started::{Daemon, FAST, exported, wait_for};
use crate::skipped::skipped;
use crate::store::Disk;

#[test]
fn on_a_full_disk_it_says_so_goes_on_from_memory_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = Disk::mount(folder.path(), "8m") else {
        return skipped("the daemon on a full disk", "the right to mount a tmpfs");
    };
    let daemon = Daemon::start(folder.path(), FAST);
    daemon.goes_on(3);
    assert_eq!(daemon.metric("hebe_store_success"), Some(1.0));

    let ballast = folder.path().join("ballast");
    let mut file = File::create(&ballast).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
    while file.write_all(&[7]).is_ok() {}
    drop(file);
    wait_for("the metric", || daemon.metric("hebe_store_success").filter(|&success| success < 0.5));
    let page = wait_for("the word on the page", || {
        daemon.get("/").filter(|page| page.contains("store is not writing"))
    });
    assert!(page.contains("no space left"), "{page}");
    let why = daemon.state().unwrap()["store"]["failing"].clone();
    assert!(why.as_str().is_some_and(|why| why.contains("no space left")), "{why}");
    // It forecasts from memory: samples go on to be counted.
    let samples = || daemon.row("memory.available", "").and_then(|row| row["samples"].as_u64());
    let before = wait_for("a row", samples);
    wait_for("new samples in memory", || samples().filter(|&now| before + 5 < now));
    let lost_until = daemon.at_ms().unwrap();

    fs::remove_file(&ballast).unwrap();
    wait_for("the store to recover", || daemon.metric("hebe_store_success").filter(|&success| 0.5 < success));
    wait_for("the page to say nothing", || {
        daemon.get("/").filter(|page| !page.contains("store is not writing"))
    });
    daemon.goes_on(3);
    daemon.stop();
    let kept = exported(folder.path(), "memory.available");
    assert!(kept.is_sorted_by(|a, b| a < b));
    assert!(kept.iter().any(|&t| lost_until < t), "{lost_until} {kept:?}");
    let again = Daemon::start(folder.path(), FAST);
    again.goes_on(1);
    again.stop();
}
