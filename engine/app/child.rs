//! A command of somebody else under watch: no shell, a process group of its own, a bound on its time and on what is
//! kept of its words.

use std::io::{self, PipeReader, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// What our supervisor tells us is not meant for others.
const OURS: [&str; 6] =
    ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"];

/// A command under way, and what it has said.
#[derive(Debug)]
pub(crate) struct Watched {
    child: Child,
    ends: OwnedFd,
    pipe: Option<PipeReader>,
    said: Vec<u8>,
    most_bytes: usize,
}

impl Watched {
    /// Starts a command; `about` are variables that it finds in its environment. So much of what it writes is kept.
    ///
    /// # Errors
    ///
    /// In words, where it cannot be started or not be watched.
    pub(crate) fn start(argv: &[String], about: &[(&str, &str)], most_bytes: usize) -> Result<Self, String> {
        let Some(program) = argv.first() else { return Err("the command has no program".to_owned()) };
        let (mut child, pipe) =
            spawn(argv, about).map_err(|error| format!("cannot run `{program}`: {error}"))?;
        match pidfd_open(Pid::from_child(&child), PidfdFlags::empty()) {
            Ok(ends) => Ok(Self { child, ends, pipe: Some(pipe), said: Vec::new(), most_bytes }),
            Err(error) => {
                kill(&child);
                let _ = child.wait();
                Err(format!("cannot watch `{program}`: {error}"))
            }
        }
    }

    /// Waits for its end; whether it came in time. What it writes is read meanwhile, so that it never waits for us.
    pub(crate) fn wait(&mut self, within: Duration) -> bool {
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

    /// Kills it with all that it started, as long as it was not reaped: until then its number is its own, and its
    /// group's.
    pub(crate) fn kill(&self) {
        kill(&self.child);
    }

    /// How it ended, once it has, and what it wrote before, as the end of a sentence. A daemon that it left behind may
    /// hold the pipe: nobody waits for that one.
    pub(crate) fn reap(mut self) -> (io::Result<ExitStatus>, String) {
        while self.said.len() < self.most_bytes && self.look(Duration::ZERO).1 {
            self.read();
        }
        let said = String::from_utf8_lossy(&self.said);
        let said = said.trim();
        let said = if said.is_empty() { String::new() } else { format!(": {said}") };
        (self.child.wait(), said)
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
                let room = self.most_bytes.saturating_sub(self.said.len());
                self.said.extend_from_slice(&bytes[..count.min(room)]);
            }
            _ => self.pipe = None,
        }
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

fn kill(child: &Child) {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
}
