//! A process that is held by its pidfd and known by its global PID: signals reach it or nobody.

use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use hebe::restart::identity::GlobalPid;
use hebe::restart::stat::Stat;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid,
};

/// Clock ticks a second in /proc (`USER_HZ`, fixed for user space on Linux).
const TICKS: f64 = 100.0;

/// A process that is held.
#[derive(Debug)]
pub(crate) struct Process {
    handle: OwnedFd,
    identity: GlobalPid,
}

impl Process {
    /// Takes hold of the process that has `pid` now; none if there is none.
    ///
    /// The handle is opened first and the start is read after it. If the process still lives then, what was read was
    /// its own: the number cannot have been given to another in between.
    pub(crate) fn open(pid: u32) -> Result<Option<Self>> {
        let Some(number) = i32::try_from(pid).ok().and_then(Pid::from_raw) else { return Ok(None) };
        let handle = match pidfd_open(number, PidfdFlags::empty()) {
            Ok(handle) => handle,
            // EINVAL: a thread, not the head of a process.
            Err(Errno::SRCH | Errno::INVAL) => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot open a handle of process {pid}"));
            }
        };
        let Some(stat) = stat(pid) else { return Ok(None) };
        let (machine, boot) = here()?;
        let identity = GlobalPid { machine: machine.clone(), boot: boot.clone(), pid, start: stat.start };
        let process = Self { handle, identity };
        Ok(process.lives().then_some(process))
    }

    /// Takes hold of this very process; none if it has ended, whoever has its number now.
    pub(crate) fn find(identity: &GlobalPid) -> Result<Option<Self>> {
        let (machine, boot) = here()?;
        if (&identity.machine, &identity.boot) != (machine, boot) {
            return Ok(None);
        }
        Ok(Self::open(identity.pid)?.filter(|process| process.identity == *identity))
    }

    /// Who it is.
    pub(crate) fn identity(&self) -> &GlobalPid {
        &self.identity
    }

    /// Its number.
    pub(crate) fn pid(&self) -> u32 {
        self.identity.pid
    }

    /// What is polled: readable once it has ended.
    pub(crate) fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Whether it has not ended.
    pub(crate) fn lives(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        !matches!(poll(&mut [PollFd::new(&self.handle, PollFlags::IN)], Some(&now)), Ok(ended) if 0 < ended)
    }

    /// Sends a signal to it, or to nobody; whether it was there to take it.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        pidfd_send_signal(&self.handle, signal).is_ok()
    }

    /// Whether it has ended and is a child of ours, so that its number is its own until we take leave of it.
    pub(crate) fn is_ours_to_reap(&self) -> bool {
        stat(self.pid()).is_some_and(|stat| {
            stat.start == self.identity.start && stat.has_ended() && stat.parent == std::process::id()
        })
    }

    /// Takes leave of it if it is a child of ours and has ended; how it ended, in words.
    pub(crate) fn reap(&self) -> Option<String> {
        let ended = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let status = waitid(WaitId::PidFd(self.handle()), ended).ok()??;
        if let Some(code) = status.exit_status() {
            return Some(format!("ended with exit code {code}"));
        }
        let signal = status.terminating_signal()?;
        let dumped = if status.dumped() { ", core dumped" } else { "" };
        Some(format!("killed by signal {signal}{dumped}"))
    }

    /// How long it has run.
    pub(crate) fn up(&self) -> Option<Duration> {
        let since = Duration::try_from_secs_f64(self.identity.start as f64 / TICKS).ok()?;
        Some(uptime()?.saturating_sub(since))
    }
}

/// The line of a process in /proc; none if there is none.
pub(crate) fn stat(pid: u32) -> Option<Stat> {
    let bytes = fs::read(format!("/proc/{pid}/stat")).ok()?;
    Stat::parse(&String::from_utf8_lossy(&bytes))
}

/// Whether it is, or was, a process of this machine and this boot of it.
pub(crate) fn is_here(identity: &GlobalPid) -> bool {
    here().is_ok_and(|(machine, boot)| (machine, boot) == (&identity.machine, &identity.boot))
}

/// This machine and this boot of it.
pub(crate) fn here() -> Result<&'static (String, String)> {
    static HERE: OnceLock<Option<(String, String)>> = OnceLock::new();
    let read = || {
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        // Without a machine id, as in small containers, the boot alone tells machines apart: it is random.
        let paths = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
        let machine = paths.iter().find_map(|path| GlobalPid::id(&fs::read_to_string(path).ok()?));
        Some((machine.unwrap_or_else(|| "0".repeat(32)), GlobalPid::id(&boot)?))
    };
    HERE.get_or_init(read).as_ref().ok_or_else(|| anyhow!("cannot read `/proc/sys/kernel/random/boot_id`"))
}

/// Time since the boot, as starts of processes count it.
pub(crate) fn uptime() -> Option<Duration> {
    let text = fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split(' ').next()?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    fn sleeper() -> std::process::Child {
        Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap()
    }

    #[test]
    fn it_is_found_by_its_identity_until_it_ends() {
        let mut child = sleeper();
        let process = Process::open(child.id()).unwrap().unwrap();
        let again = Process::find(process.identity()).unwrap().unwrap();
        assert!(again.lives() && again.signal(Signal::KILL));
        child.wait().unwrap();
        assert!(!process.lives() && !process.signal(Signal::TERM));
        assert!(Process::find(process.identity()).unwrap().is_none());
    }

    #[test]
    fn another_start_boot_or_machine_is_another_process() {
        let mut child = sleeper();
        let identity = Process::open(child.id()).unwrap().unwrap().identity().clone();
        let other = |change: &dyn Fn(&mut GlobalPid)| {
            let mut other = identity.clone();
            change(&mut other);
            Process::find(&other).unwrap().is_none()
        };
        assert!(other(&|it| it.start += 1));
        assert!(other(&|it| it.boot = "0".repeat(32)));
        assert!(other(&|it| it.machine = "f".repeat(32)));
        assert!(!other(&|_| ()));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    #[allow(clippy::zombie_processes, reason = "it is waited for by its handle")]
    fn how_it_ended_is_told() {
        let child = sleeper();
        let process = Process::open(child.id()).unwrap().unwrap();
        assert_eq!(process.reap(), None);
        process.signal(Signal::KILL);
        let mut fds = [PollFd::from_borrowed_fd(process.handle(), PollFlags::IN)];
        poll(&mut fds, None).unwrap();
        assert_eq!(process.reap().as_deref(), Some("killed by signal 9"));
    }
}
