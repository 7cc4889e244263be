//! What never answers: an endpoint that takes a connection and says nothing, and a mount that hangs.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::binary::at_home;
use crate::skipped::skipped;

use super::started::{Daemon, FAST, wait_for};

#[test]
fn an_endpoint_that_never_answers_costs_only_its_own_series() {
    let folder = tempfile::tempdir().unwrap();
    // Connections are taken by the kernel, and nobody ever reads from them.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", mute.local_addr().unwrap());
    let daemon =
        Daemon::start(folder.path(), &format!("{FAST}[[scrape]]\nurl = \"{url}\"\nname = \"mute\"\n"));
    daemon.goes_on(3);
    wait_for("the word that it is silent", || {
        let state = daemon.state()?;
        let source = state["sources"].as_array()?.iter().find(|source| source["name"] == "mute")?.clone();
        (source["success"] == false).then_some(())
    });
    daemon.goes_on(3);
    assert!(daemon.row("memory.available", "").is_some());
    daemon.stop();
}

/// Mounts a file system of user space that nobody serves, where others do not see it, and runs a program there.
const UNSERVED: &str = r#"
exec 3<>/dev/fuse && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 unserved "$0" && exec "$@""#;

#[test]
fn a_mount_that_hangs_costs_only_its_own_series() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("hanging");
    fs::create_dir(&mount).unwrap();
    let alone = |words: &[&str]| {
        let mut command = at_home(Command::new("unshare"));
        command.args(["--mount", "bash", "-c", UNSERVED]).arg(&mount).args(words);
        command
    };
    if !alone(&["true"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return skipped("the daemon beside a mount that hangs", "root, unshare and /dev/fuse");
    }
    let daemon = Daemon::start_by(alone(&[env!("CARGO_BIN_EXE_hebe")]), folder.path(), FAST);
    daemon.goes_on(5);
    let sources = daemon.state().unwrap()["sources"].clone();
    let disk = sources.as_array().unwrap().iter().find(|source| source["name"] == "disk").unwrap();
    let why = disk["failures"].to_string();
    assert!(disk["success"] == false && why.contains("hanging"), "{why}");
    assert!(daemon.row("disk.bytes", "hanging").is_none());
    assert!(daemon.row("memory.available", "").is_some());
    // One question waits for its answer, however many rounds there are.
    assert!(daemon.metric("process_threads").is_some_and(|threads| threads < 30.0));
    assert!(daemon.get("/sources").unwrap().contains("hanging"));
    daemon.stop();
}
