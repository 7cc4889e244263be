//! A daemon that is nobody: it may read little of others, says so, and works all the same.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::started::{Daemon, FAST, Running, wait_for};
use crate::binary::at_home;
use crate::skipped::skipped;

/// The user that owns nothing.
const NOBODY: u32 = 65534;

#[test]
fn as_nobody_it_says_what_it_may_not_read_and_forecasts_the_rest() {
    let test = "the daemon without privileges";
    if !rustix::process::geteuid().is_root() || !std::path::Path::new("/usr/bin/setpriv").exists() {
        return skipped(test, "root, to become nobody by setpriv");
    }
    // A place that nobody can reach and write.
    let folder =
        tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir_in("/tmp").unwrap();
    let state = folder.path().join("state");
    fs::create_dir(&state).unwrap();
    std::os::unix::fs::chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
    let program = folder.path().join("hebe");
    if fs::hard_link(env!("CARGO_BIN_EXE_hebe"), &program).is_err() {
        fs::copy(env!("CARGO_BIN_EXE_hebe"), &program).unwrap();
    }
    let others = Running::shell(
        folder.path(),
        "rooted",
        "for i in {1..50}; do exec {f}</dev/null; done; while :; do sleep 1; done",
        folder.path(),
    );
    let mut command = at_home(Command::new("/usr/bin/setpriv"));
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--no-new-privs"])
        .arg(&program);
    let daemon = Daemon::start_by(command, &state, FAST);
    daemon.goes_on(3);
    let sources = daemon.state().unwrap()["sources"].clone();
    let process = sources.as_array().unwrap().iter().find(|source| source["name"] == "process").unwrap();
    let why = process["failures"].to_string();
    assert!(process["success"] == false && why.contains("/proc/") && why.contains("times"), "{why}");
    let page = daemon.get("/").unwrap();
    assert!(page.contains("not read in full"), "{page}");
    // Memory of others can be read by anybody; their descriptors by new kernels alone: a true number, or none.
    wait_for("memory of others", || daemon.row("process.memory", "rooted"));
    let fds = daemon.row("process.fds", "rooted").map(|row| row["used"].as_f64().unwrap());
    assert!(fds.is_none_or(|fds| 50.0 < fds), "{fds:?}");
    wait_for("its own descriptors", || daemon.row("process.fds", "hebe"));
    drop(others);
    daemon.stop();
}
