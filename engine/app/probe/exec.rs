//! A command that must end with 0: no shell, a process group of its own, killed with all that it started.

use std::io::{self, PipeReader, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use super::shown;

/// So much of what it writes is kept for people.
const MOST_BYTES: usize = 1000;
/// How long a killed command may take to be gone.
const LAST_WAIT: Duration = Duration::from_secs(1);
/// What our supervisor tells us is not meant for others.
const OURS: [&str; 6] =
    ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"];

/// Runs the command once.
pub(super) fn run(argv: &[String], within: Duration) -> Result<(), String> {
    let Some(program) = argv.first() else { return Err("the command has no program".to_owned()) };
    let (mut child, pipe) = spawn(argv).map_err(|error| format!("cannot run `{program}`: {error}"))?;
    let watched = match Watched::new(&child, pipe) {
        Ok(watched) => watched,
        Err(error) => {
            kill(&child);
            let _ = child.wait();
            return Err(format!("cannot watch `{program}`: {error}"));
        }
    };
    judge(&mut child, watched, within).map_err(|why| format!("`{program}` {why}"))
}

/// Waits for the command, and kills what is left of it.
fn judge(child: &mut Child, mut watched: Watched, within: Duration) -> Result<(), String> {
    let in_time = watched.wait(within);
    // It has not been waited for, so that its number is still its own, and its group's.
    kill(child);
    if !in_time && !watched.wait(LAST_WAIT) {
        return Err(format!("took longer than {}, and cannot be killed", shown(within)));
    }
    let status = child.wait().map_err(|error| format!("cannot be waited for: {error}"))?;
    let said = watched.said();
    match (in_time, status.success()) {
        (true, true) => Ok(()),
        (true, false) => Err(format!("ended with {status}{said}")),
        (false, _) => Err(format!("was killed after {}{said}", shown(within))),
    }
}

fn spawn(argv: &[String]) -> io::Result<(Child, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).current_dir("/").process_group(0).stdin(Stdio::null());
    for name in OURS {
        command.env_remove(name);
    }
    command.stdout(writer.try_clone()?).stderr(writer);
    // The command's ends of the pipe close here with `command`.
    Ok((command.spawn()?, reader))
}

fn kill(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

/// A command under way, and what it has said.
struct Watched {
    ends: OwnedFd,
    pipe: Option<PipeReader>,
    said: Vec<u8>,
}

impl Watched {
    fn new(child: &Child, pipe: PipeReader) -> io::Result<Self> {
        let ends = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
        Ok(Self { ends, pipe: Some(pipe), said: Vec::new() })
    }

    /// Waits for its end; whether it came in time. What it writes is read meanwhile, so that it never waits for us.
    fn wait(&mut self, within: Duration) -> bool {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let (ended, readable) = self.look(left);
            if readable {
                self.read();
            } else if ended || left.is_zero() {
                return ended;
            }
        }
    }

    /// Whether it has ended, and whether it has written something.
    fn look(&self, longest: Duration) -> (bool, bool) {
        let mut files = vec![PollFd::new(&self.ends, PollFlags::IN)];
        files.extend(self.pipe.as_ref().map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN)));
        let longest = Timespec::try_from(longest).ok();
        // An interrupted look has seen nothing; the next one will.
        let _ = poll(&mut files, longest.as_ref());
        let seen = |at: usize| files.get(at).is_some_and(|file| !file.revents().is_empty());
        (seen(0), seen(1))
    }

    fn read(&mut self) {
        let mut bytes = [0; 4096];
        match self.pipe.as_mut().map(|pipe| pipe.read(&mut bytes)) {
            Some(Ok(count)) if 0 < count => {
                let room = MOST_BYTES.saturating_sub(self.said.len());
                self.said.extend_from_slice(&bytes[..count.min(room)]);
            }
            _ => self.pipe = None,
        }
    }

    /// The end of a sentence about it.
    fn said(&self) -> String {
        let said = String::from_utf8_lossy(&self.said);
        let said = said.trim();
        if said.is_empty() { String::new() } else { format!(": {said}") }
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
