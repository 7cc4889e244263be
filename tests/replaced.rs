//! A binary that is replaced while it runs, as a look at its process tells it.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use hebe_collectors::live::suspect::{Executable, executable};
use hebe_collectors::live::{Identity, Root};

/// A program that ends with the test.
struct Sleeping(Child);

impl Drop for Sleeping {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Sleeping {
    fn identity(&self) -> Identity {
        let pid = self.0.id();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        let behind = stat.rsplit(')').next().unwrap();
        Identity { start_ticks: behind.split_whitespace().nth(19).unwrap().parse().unwrap(), pid }
    }

    fn look(&self) -> Executable {
        executable(&Root::new("/").unwrap(), self.identity()).unwrap()
    }
}

#[test]
fn a_binary_that_was_replaced_is_known_with_the_times_of_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("sleeper");
    fs::copy("/bin/sleep", &program).unwrap();
    let sleeping = Sleeping(Command::new(&program).arg("60").stdin(Stdio::null()).spawn().unwrap());
    let begin = Instant::now();
    // Between fork and exec the child is still this program.
    let before = loop {
        let found = sleeping.look();
        if found.path == program.to_str().unwrap() {
            break found;
        }
        assert!(begin.elapsed() < Duration::from_mins(1), "{found:?}");
    };
    assert!(!before.is_replaced, "{before:?}");
    fs::remove_file(&program).unwrap();
    let gone = sleeping.look();
    assert!(gone.is_replaced && gone.changed.is_none() && gone.path == before.path, "{gone:?}");
    fs::copy("/bin/sleep", &program).unwrap();
    let new = fs::File::options().write(true).open(&program).unwrap();
    new.set_modified(UNIX_EPOCH + Duration::from_secs(1_000)).unwrap();
    let replaced = sleeping.look();
    let changed = replaced.changed.unwrap();
    assert!(replaced.is_replaced && changed.written_s == 1_000, "{replaced:?}");
    // Whoever sets the time of writing cannot set the time of placing.
    assert!(before.changed.unwrap().placed_s <= changed.placed_s, "{replaced:?}");
}
