//! Commands of the map: no shell, a process group of their own, killed whole after their time, their output kept.

use std::time::Duration;

use hebe::restart::map::Hook;

use crate::child::Watched;

/// So much of what it writes goes into the journal.
const MOST_BYTES: usize = 2000;
/// How long a killed command may take to be gone.
const LAST_WAIT: Duration = Duration::from_secs(2);
/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ran {
    /// It ended with 0, in time.
    pub(super) well: bool,
    /// How, and what it wrote, in one sentence.
    pub(super) note: String,
}

/// Runs a command; `about` are variables that it finds in its environment.
///
/// What it has started and left behind lives on where it ended well, because a `start` may leave a daemon; it is killed
/// where it did not.
pub(super) fn run(hook: &Hook, about: &[(&str, &str)]) -> Ran {
    let within = Duration::try_from_secs_f64(hook.within_s).unwrap_or_default();
    let program = hook.argv.first().map_or("", String::as_str);
    match Watched::start(&hook.argv, about, MOST_BYTES) {
        Ok(watched) => judge(watched, within, program),
        Err(note) => Ran { well: false, note },
    }
}

fn judge(mut watched: Watched, within: Duration, program: &str) -> Ran {
    let in_time = watched.wait(within);
    if !in_time {
        watched.kill();
        if !watched.wait(LAST_WAIT) {
            let note = format!("`{program}` took longer than {}, and cannot be killed", shown(within));
            return Ran { well: false, note };
        }
    }
    let (status, said) = watched.reap();
    let (well, how) = match status {
        _ if !in_time => (false, format!("was killed after {}", shown(within))),
        Ok(status) if status.success() => (true, "ended well".to_owned()),
        Ok(status) => (false, format!("ended with {status}")),
        Err(error) => (false, format!("cannot be waited for: {error}")),
    };
    Ran { well, note: format!("`{program}` {how}{said}") }
}

fn shown(within: Duration) -> String {
    humantime::format_duration(within).to_string()
}

#[cfg(test)]
mod tests {
    use rustix::process::{Pid, Signal};

    use super::*;

    fn hook(script: &str, within_s: f64) -> Hook {
        Hook { argv: ["sh", "-c", script].map(str::to_owned).to_vec(), within_s }
    }

    #[test]
    fn it_is_judged_by_its_end_and_heard() {
        let ran = run(&hook("echo \"$HEBE_NODE\" is empty", 60.0), &[("HEBE_NODE", "web")]);
        assert_eq!(ran, Ran { well: true, note: "`sh` ended well: web is empty".to_owned() });
        let ran = run(&hook("echo no >&2; exit 3", 60.0), &[]);
        assert_eq!(ran, Ran { well: false, note: "`sh` ended with exit status: 3: no".to_owned() });
        assert!(!run(&Hook { argv: vec![], within_s: 1.0 }, &[]).well);
        let missing = Hook { argv: vec!["/no/such/program".to_owned()], within_s: 1.0 };
        assert!(run(&missing, &[]).note.contains("/no/such/program"));
    }

    #[test]
    fn what_takes_too_long_is_killed_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("alive");
        assert!(
            run(&Hook { argv: vec!["mkfifo".to_owned(), fifo.display().to_string()], within_s: 60.0 }, &[])
                .well
        );
        let read = fifo.clone();
        // The child holds the writing end for as long as it lives: reading ends when it is dead.
        let reader = std::thread::spawn(move || std::fs::read(read).unwrap());
        let ran = run(&hook(&format!("exec 3>{}; sleep 600 & sleep 600", fifo.display()), 2.0), &[]);
        assert_eq!(ran, Ran { well: false, note: "`sh` was killed after 2s".to_owned() });
        assert_eq!(reader.join().unwrap(), b"");
    }

    #[test]
    fn a_daemon_that_it_leaves_is_not_waited_for_and_lives() {
        let ran = run(&hook("sleep 600 & echo $!", 60.0), &[]);
        assert!(ran.well, "{}", ran.note);
        let pid: i32 = ran.note.rsplit(' ').next().unwrap().parse().unwrap();
        let pid = Pid::from_raw(pid).unwrap();
        assert!(rustix::process::test_kill_process(pid).is_ok());
        let _ = rustix::process::kill_process(pid, Signal::KILL);
    }

    #[test]
    fn a_flood_costs_no_memory() {
        let ran = run(&hook("yes", 0.5), &[]);
        assert!(!ran.well && ran.note.len() < 2 * MOST_BYTES, "{}", ran.note.len());
    }
}
