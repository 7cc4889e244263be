//! A command that must end with 0: no shell, a process group of its own, killed with all that it started.

use std::time::Duration;

use super::shown;
use crate::child::Watched;

/// So much of what it writes is kept for people.
const MOST_BYTES: usize = 1000;
/// How long a killed command may take to be gone.
const LAST_WAIT: Duration = Duration::from_secs(1);
/// Runs the command once, and kills what is left of it.
pub(super) fn run(argv: &[String], within: Duration) -> Result<(), String> {
    let mut watched = Watched::start(argv, &[], MOST_BYTES)?;
    let in_time = watched.wait(within);
    watched.kill();
    let program = argv.first().map_or("", String::as_str);
    if !in_time && !watched.wait(LAST_WAIT) {
        return Err(format!("`{program}` took longer than {}, and cannot be killed", shown(within)));
    }
    let (status, said) = watched.reap();
    let status = status.map_err(|error| format!("`{program}` cannot be waited for: {error}"))?;
    match (in_time, status.success()) {
        (true, true) => Ok(()),
        (true, false) => Err(format!("`{program}` ended with {status}{said}")),
        (false, _) => Err(format!("`{program}` was killed after {}{said}", shown(within))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_mins(1);

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    #[test]
    fn it_passes_by_ending_with_zero() {
        assert_eq!(run(&shell("exit 0"), SOON), Ok(()));
        let error = run(&shell("echo no disk; exit 3"), SOON).unwrap_err();
        assert!(error.contains("exit status: 3") && error.ends_with(": no disk"), "{error}");
        assert!(run(&["/no/such/program".to_owned()], SOON).unwrap_err().contains("cannot run `/no/such"));
        assert!(run(&[], SOON).is_err());
    }

    #[test]
    fn no_shell_reads_its_arguments() {
        let argv = ["test", "$(id)", "=", "$(id)"].map(str::to_owned);
        assert_eq!(run(&argv, SOON), Ok(()));
    }

    #[test]
    fn what_writes_without_end_fails_by_its_time_and_not_by_our_memory() {
        let error = run(&shell("yes"), Duration::from_millis(300)).unwrap_err();
        assert!(error.starts_with("`sh` was killed after 300 ms: y\ny"), "{error}");
        assert!(error.len() < 2 * MOST_BYTES, "{}", error.len());
    }

    #[test]
    fn what_takes_too_long_is_killed_with_all_that_it_started() {
        hangs_with_a_child("sleep 600", "was killed after");
    }

    #[test]
    fn what_it_leaves_behind_is_killed_too() {
        hangs_with_a_child("exit 4", "exit status: 4");
    }

    /// Runs a script that starts a child and then does `last`; nobody may be left of it.
    #[track_caller]
    fn hangs_with_a_child(last: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("alive");
        assert_eq!(run(&["mkfifo".to_owned(), fifo.display().to_string()], SOON), Ok(()));
        let (dead, death) = channel();
        let read = fifo.clone();
        // The child holds the writing end for as long as it lives: reading ends when it is dead.
        thread::spawn(move || dead.send(fs::read(read).unwrap()));
        let script = format!("exec 3>{}; sleep 600 & {last}", fifo.display());
        let limit = if last.starts_with("exit") { SOON } else { Duration::from_secs(2) };
        let error = run(&shell(&script), limit).unwrap_err();
        assert!(error.contains(expected), "{error}");
        death.recv_timeout(SOON).expect("nobody writes any more");
    }
}
