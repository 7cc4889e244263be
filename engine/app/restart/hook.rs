//! Commands of the map: no shell, a process group of their own, killed whole after their time, their output kept.

use std::io::{self, PipeReader, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hebe::restart::map::Hook;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// So much of what it writes goes into the journal.
const MOST_BYTES: usize = 2000;
/// How long a killed command may take to be gone.
const LAST_WAIT: Duration = Duration::from_secs(2);
/// What our supervisor tells us is not meant for others.
const OURS: [&str; 6] =
    ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"];

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
    let failed = |note: String| Ran { well: false, note };
    let Some(program) = hook.argv.first() else { return failed("the command has no program".to_owned()) };
    let within = Duration::try_from_secs_f64(hook.within_s).unwrap_or_default();
    match spawn(&hook.argv, about) {
        Ok((child, pipe)) => watch(child, pipe, within, program),
        Err(error) => failed(format!("cannot run `{program}`: {error}")),
    }
}

fn spawn(argv: &[String], about: &[(&str, &str)]) -> io::Result<(Child, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(&argv[0]);
    command.args(&argv[1..]).current_dir("/").process_group(0).stdin(Stdio::null());
    for name in OURS {
        command.env_remove(name);
    }
    command.envs(about.iter().copied());
    command.stdout(writer.try_clone()?).stderr(writer);
    // The command's ends of the pipe close here with `command`.
    Ok((command.spawn()?, reader))
}

fn watch(mut child: Child, pipe: PipeReader, within: Duration, program: &str) -> Ran {
    let mut watched = match pidfd_open(Pid::from_child(&child), PidfdFlags::empty()) {
        Ok(ends) => Watched { ends, pipe: Some(pipe), said: Vec::new() },
        Err(error) => {
            kill(&child);
            let _ = child.wait();
            return Ran { well: false, note: format!("cannot watch `{program}`: {error}") };
        }
    };
    let in_time = watched.wait(within);
    if !in_time {
        kill(&child);
        if !watched.wait(LAST_WAIT) {
            let note = format!("`{program}` took longer than {}, and cannot be killed", shown(within));
            return Ran { well: false, note };
        }
    }
    watched.drain();
    // It is a zombie still, so that its number is its own, and its group's.
    let status = child.wait();
    let said = watched.said();
    let (well, how) = match status {
        _ if !in_time => (false, format!("was killed after {}", shown(within))),
        Ok(status) if status.success() => (true, "ended well".to_owned()),
        Ok(status) => (false, format!("ended with {status}")),
        Err(error) => (false, format!("cannot be waited for: {error}")),
    };
    Ran { well, note: format!("`{program}` {how}{said}") }
}

fn kill(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}

fn shown(within: Duration) -> String {
    humantime::format_duration(within).to_string()
}

/// A command under way, and what it has said.
struct Watched {
    ends: OwnedFd,
    pipe: Option<PipeReader>,
    said: Vec<u8>,
}

impl Watched {
    /// Waits for its end; whether it came in time. What it writes is read meanwhile, so that it never waits for us.
    fn wait(&mut self, within: Duration) -> bool {
        let until = Instant::now() + within;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let (ended, readable) = self.look(left);
            if ended {
                return true;
            }
            if readable {
                self.read();
            }
            if left.is_zero() {
                return false;
            }
        }
    }

    /// What it wrote before it ended. A daemon that it left behind may hold the pipe: nobody waits for that one.
    fn drain(&mut self) {
        while self.said.len() < MOST_BYTES && self.look(Duration::ZERO).1 {
            self.read();
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

    fn said(&self) -> String {
        let said = String::from_utf8_lossy(&self.said);
        let said = said.trim();
        if said.is_empty() { String::new() } else { format!(": {said}") }
    }
}

#[cfg(test)]
mod tests {
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
