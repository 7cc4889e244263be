//! Tests that need something this machine may not have: what it is, and the loud word where it is missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says on the terminal, past the capture of the test harness, that a test did not run.
pub(crate) fn skipped(test: &str, needs: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test} needs {needs}");
}

/// The recordings of others: `$HEBE_DATASETS`, or `../shared/datasets` beside the workspace.
///
/// They are not ours to ship, so there may be none.
pub(crate) fn shared(test: &str) -> Option<PathBuf> {
    let named = env::var_os("HEBE_DATASETS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| workspace().join("../shared/datasets"));
    if folder.is_dir() {
        return Some(folder);
    }
    skipped(test, "shared datasets ($HEBE_DATASETS or ../shared/datasets)");
    None
}

/// Whether a program of the system can be started.
pub(crate) fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// The folder with the workspace's `Cargo.toml`.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("engine/ lies in the workspace")
}
