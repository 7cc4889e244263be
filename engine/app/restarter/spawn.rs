//! Starting a program: a copy of ours is started, put into its group and written down; only then it becomes the program.
//!
//! So a process that runs is always one that is written down: if the Re/Starter ends in between, the copy sees the line
//! between them close, and ends too.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::process::Process;

/// Sent by the copy when it is in its group.
const ENTERED: u8 = b'+';
/// Sent by the Re/Starter when the copy is in its group, and written down.
const GO: u8 = b'!';
/// The variables of our own that a child must not take for its own.
const OURS: [&str; 9] = [
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "MAINPID",
];
/// A message of why a program could not be begun is cut here.
const MOST_WORDS: usize = 4096;

/// `hebe __spawn`: what the copy is told.
#[derive(Debug, Args)]
pub(crate) struct Spawn {
    /// The file `cgroup.procs` that it enters
    #[arg(long)]
    cgroup: Option<PathBuf>,
    /// Working folder
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Program and arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    argv: Vec<String>,
}

/// What is started.
#[derive(Debug)]
pub(super) struct Start<'a> {
    pub(super) argv: &'a [String],
    pub(super) dir: Option<&'a PathBuf>,
    /// Variables beside those of the Re/Starter.
    pub(super) env: BTreeMap<String, String>,
    /// The folder of its cgroup.
    pub(super) cgroup: Option<PathBuf>,
    pub(super) output: Stdio,
    pub(super) errors: Stdio,
}

/// The line to a copy that waits to become the program.
#[derive(Debug)]
pub(super) struct Line {
    stream: UnixStream,
    words: Vec<u8>,
    gone: bool,
}

impl Start<'_> {
    /// Starts the copy.
    pub(super) fn held(self) -> Result<(Process, Line)> {
        let (ours, theirs) = UnixStream::pair().context("cannot make a line to a new process")?;
        // The same program even where the file was replaced meanwhile.
        let mut command = Command::new("/proc/self/exe");
        command.arg0("hebe").arg("__spawn");
        if let Some(folder) = &self.cgroup {
            command.arg("--cgroup").arg(folder.join("cgroup.procs"));
        }
        if let Some(dir) = self.dir {
            command.arg("--dir").arg(dir);
        }
        command.arg("--").args(self.argv);
        for name in OURS {
            command.env_remove(name);
        }
        command.envs(&self.env);
        command.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(self.output).stderr(self.errors);
        let child = command.spawn().context("cannot start a copy of hebe")?;
        ours.set_nonblocking(true).context("cannot set up the line to a new process")?;
        // Nobody has taken leave of it, so the number is its own even if it has ended.
        match Process::open(child.id())? {
            Some(process) => Ok((process, Line { stream: ours, words: Vec::new(), gone: false })),
            None => bail!("the copy of hebe ended at once"),
        }
    }
}

/// What the line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Begun {
    /// Nothing yet.
    NotYet,
    /// It has become the program.
    Yes,
    /// It could not, and why.
    No(String),
}

impl AsFd for Line {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Line {
    /// Reads it, without waiting; a copy that is in its group is let go. It must be written down before this.
    pub(super) fn read(&mut self) -> Begun {
        let mut bytes = [0; 512];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return self.closed(),
                Ok(count) => {
                    let room = MOST_WORDS.saturating_sub(self.words.len()).min(count);
                    self.words.extend_from_slice(&bytes[..room]);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Begun::No(error.to_string()),
            }
        }
        if !self.gone && self.words.first() == Some(&ENTERED) {
            self.gone = true;
            // If it has ended, the line says so.
            let _ = self.stream.write_all(&[GO]);
        }
        Begun::NotYet
    }

    fn closed(&self) -> Begun {
        match self.words.as_slice() {
            [ENTERED] if self.gone => Begun::Yes,
            [] | [ENTERED] => Begun::No("ended before it began".to_owned()),
            [ENTERED, words @ ..] | words => Begun::No(String::from_utf8_lossy(words).trim().to_owned()),
        }
    }
}

/// The copy: enters its group, waits until it is written down, and becomes the program. Returns only where it cannot.
pub(crate) fn spawn(spawn: &Spawn) -> Result<()> {
    let line = rustix::io::fcntl_dupfd_cloexec(std::io::stdin(), 3).context("no line to the Re/Starter")?;
    let mut line = UnixStream::from(line);
    let failed = become_program(spawn, &mut line);
    let words = format!("{failed:#}");
    // If the Re/Starter has gone, nobody waits for these words.
    let _ = line.write_all(words.as_bytes());
    Err(failed)
}

fn become_program(spawn: &Spawn, line: &mut UnixStream) -> anyhow::Error {
    let mut prepared = || -> Result<()> {
        rustix::process::setsid().context("cannot begin a session")?;
        if let Some(procs) = &spawn.cgroup {
            fs::write(procs, "0").with_context(|| format!("cannot enter `{}`", procs.display()))?;
        }
        // A copy that is let go is found by its group, whoever looks.
        line.write_all(&[ENTERED]).context("the Re/Starter has ended")?;
        let mut go = [0];
        line.read_exact(&mut go).context("the Re/Starter has ended")?;
        if let Some(dir) = &spawn.dir {
            env::set_current_dir(dir).with_context(|| format!("cannot work in `{}`", dir.display()))?;
        }
        Ok(())
    };
    if let Err(error) = prepared() {
        return error;
    }
    let (program, rest) =
        spawn.argv.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let mut command = Command::new(program);
    command.args(rest).stdin(Stdio::null());
    if env::var_os("WATCHDOG_USEC").is_some() {
        command.env("WATCHDOG_PID", std::process::id().to_string());
    }
    anyhow!(command.exec()).context(format!("cannot run `{program}`"))
}
