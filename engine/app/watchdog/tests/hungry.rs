//! A machine that is short of processor time: nobody is hung.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use hebe::restart::suspicion::Word;

use super::{Kennel, free_port, tested};

/// Loops that spin on the first processor until they are dropped.
struct Spinners(Vec<Child>);

impl Drop for Spinners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn pinned(arguments: &[&str]) -> Option<Child> {
    let mut command = Command::new("taskset");
    command
        .args(["-c", "0"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().ok()
}

#[test]
fn who_shares_a_processor_with_eight_that_spin_is_not_hung() {
    let spinners: Vec<Child> = (0..8).map_while(|_| pinned(&["sh", "-c", "while :; do :; done"])).collect();
    let spinners = Spinners(spinners);
    if spinners.0.len() < 8 {
        eprintln!("SKIPPED: starvation on one processor needs taskset");
        return;
    }
    let http = free_port();
    let folder = tempfile::tempdir().unwrap();
    // The pressure of this machine, as it is.
    let kennel = Kennel::under(vec![tested("web", http)], Some(Path::new("/")), folder);
    let app = kennel.app("web", http);
    let pid = app.pid().to_string();
    let moved = Command::new("taskset").args(["-a", "-c", "-p", "0", &pid]).stdout(Stdio::null()).status();
    assert!(moved.unwrap().success());
    // It gets a hundredth of that processor.
    let _ = Command::new("renice").args(["-n", "10", "-p", &pid]).stdout(Stdio::null()).status();
    kennel.wait(|state| 20 <= state.admitted);
    drop(spinners);
    let failed: Vec<_> = kennel.told.try_iter().filter(|told| told.to == Word::Failed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
