//! One process from its start to its end: what it is, which does not change, and how it is read.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::{AtFlags, OFlags, readlinkat_raw, statat};
use rustix::io::{Errno, pread};

use super::limits::{self, Limits};
use super::name;
use super::stat::{self, Stat};
use super::usage::{Kept, Reader, Usage};
use crate::live::reading::Identity;

/// A process is looked at anew after this many rounds: limits and names can be changed by others. What changes itself
/// does so soon after its start, or soon after it went on where a loaded machine held it up in its start: until then
/// it is looked at 1, 2, 4, 8, … rounds after either, unless it stands still, and once when it has come to stand still.
const LOOK_AGAIN: u32 = 512;
/// A process with one thread is counted anew after this many rounds in which some thread came or went. One with more
/// is counted in each of them.
const COUNT_AGAIN: u32 = 8;
/// A process that has stood still for so many rounds sleeps, as most of a machine's do: its numbers are read in every
/// fourth round from then on, until they move.
const SETTLED: u8 = 8;
const SLEEPERS_AGAIN: u32 = 4;
/// The most that is read of a file of a process.
const MOST: usize = 4096;

/// A file of a process that ends in its middle; the kernel's own never do.
pub(super) const HALF: Errno = Errno::BADMSG;

/// A process that is known.
#[derive(Debug)]
pub(super) struct Life {
    identity: Identity,
    group: Arc<str>,
    owner: u32,
    limits: Limits,
    parent: u32,
    is_kernel: bool,
    is_zombie: bool,
    /// What kept the program's name or the limits from being read.
    hidden: Hidden,
    kept: Option<Kept>,
    /// What it used when it was read last, and for how many rounds it had used just that, up to [`SETTLED`].
    usage: Usage,
    still: u8,
    /// For how many rounds it has been read since it started, or since it moved after it had stood still.
    awake: u32,
    /// Threads when they were counted last; `None` where they may not be.
    threads: Option<u64>,
    /// In how many rounds it was read, up to [`LOOK_AGAIN`].
    age: u32,
    /// Whether it moved since it was looked at.
    moved: bool,
}

/// How a process is to be read in one round.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// Which round it is.
    pub(super) round: u32,
    /// Whether its descriptors may be kept open.
    pub(super) may_keep: bool,
    /// Whether any thread of the host came or went since the last round.
    pub(super) threads_moved: bool,
}

/// What may not be read of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Its program: the group has the name that the process gave itself.
    pub(super) program: bool,
    /// Its limits.
    pub(super) limits: bool,
}

impl Life {
    /// A process of which only the number is known yet.
    pub(super) fn new(pid: u32) -> Self {
        Self {
            identity: Identity { start_ticks: 0, pid },
            group: Arc::from(""),
            owner: 0,
            limits: Limits::default(),
            parent: 0,
            is_kernel: false,
            is_zombie: false,
            hidden: Hidden::default(),
            kept: None,
            usage: Usage::default(),
            still: 0,
            awake: 0,
            threads: None,
            age: 0,
            moved: false,
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.identity.pid
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    pub(super) fn group(&self) -> &Arc<str> {
        &self.group
    }

    pub(super) fn threads(&self) -> u64 {
        self.threads.unwrap_or(1).max(1)
    }

    pub(super) fn owner(&self) -> u32 {
        self.owner
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn parent(&self) -> u32 {
        self.parent
    }

    pub(super) fn is_kernel(&self) -> bool {
        self.is_kernel
    }

    pub(super) fn is_zombie(&self) -> bool {
        self.is_zombie
    }

    pub(super) fn hidden(&self) -> Hidden {
        self.hidden
    }

    /// Has it looked at anew with the next reading.
    pub(super) fn look_again(&mut self) {
        self.age = self.age.min(1);
    }

    pub(super) fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    /// What the process uses now; nothing for threads of the kernel, which have nothing of their own.
    ///
    /// # Errors
    ///
    /// Returns what the kernel says where the process is gone.
    pub(super) fn read(&mut self, reader: &mut Reader, turn: Turn) -> rustix::io::Result<Usage> {
        let own = turn.round.wrapping_add(self.pid());
        let is_turn = |rounds: u32| own.is_multiple_of(rounds);
        let (new, count_again) = (self.age < 2, is_turn(COUNT_AGAIN));
        // It may have been seen between its start and the start of its program: the second look is right.
        let is_young = self.age < LOOK_AGAIN;
        let again = is_young && if self.still < SETTLED { self.awake.is_power_of_two() } else { self.moved };
        if new || again || is_turn(LOOK_AGAIN) {
            self.look(reader)?;
        }
        self.age += u32::from(is_young);
        self.awake = self.awake.saturating_add(1);
        if self.is_kernel {
            return Ok(Usage::default());
        }
        if self.kept.is_none() && turn.may_keep && 2 <= self.age && !self.is_zombie {
            self.kept = reader.keep(self.pid());
        }
        if self.still < SETTLED || is_turn(SLEEPERS_AGAIN) {
            self.measure(reader)?;
        }
        let usage = self.usage;
        if new || turn.threads_moved && (count_again || self.threads != Some(1)) {
            self.threads = match &self.kept {
                Some(kept) => kept.threads()?,
                None => reader.threads(self.pid())?,
            };
        }
        self.heed(reader, usage)?;
        Ok(usage)
    }

    fn measure(&mut self, reader: &mut Reader) -> rustix::io::Result<()> {
        let usage = match &self.kept {
            Some(kept) => kept.usage()?,
            None => reader.opened(self.pid())?,
        };
        if usage == self.usage {
            self.still = (self.still + 1).min(SETTLED);
        } else {
            self.awake = if self.still == SETTLED { 1 } else { self.awake };
            (self.still, self.moved) = (0, true);
        }
        self.usage = usage;
        Ok(())
    }

    /// Looks closer where what is used says so.
    fn heed(&mut self, reader: &mut Reader, usage: Usage) -> rustix::io::Result<()> {
        self.is_zombie = false;
        if usage.resident_pages == 0 {
            let stat = self.stat(reader)?;
            self.is_zombie = stat.is_some_and(|stat| stat.state == b'Z');
        }
        // A limit that comes near may have been raised.
        if let (Some(used), Some(most)) = (usage.fds, self.limits.files)
            && most <= used.saturating_mul(2)
        {
            self.look_at_limits(reader);
        }
        Ok(())
    }

    fn stat(&mut self, reader: &mut Reader) -> rustix::io::Result<Option<Stat>> {
        let file = reader.open(self.pid(), "stat", OFlags::RDONLY)?;
        let stat = with(&file, stat::parse)?;
        if let Some(stat) = &stat {
            self.parent = stat.parent;
        }
        Ok(stat)
    }

    /// Reads what seldom changes.
    pub(super) fn look(&mut self, reader: &mut Reader) -> rustix::io::Result<()> {
        let pid = self.pid();
        let stat = self.stat(reader)?.ok_or(HALF)?;
        if self.identity.start_ticks != stat.start_ticks {
            self.identity.start_ticks = stat.start_ticks;
            self.kept = None;
            (self.age, self.still, self.awake) = (0, 0, 0);
        }
        self.moved = false;
        self.is_kernel = stat.is_kernel;
        if stat.is_kernel {
            self.group = Arc::from("[kernel]");
            return Ok(());
        }
        self.owner = statat(reader.directory(), pid.to_string(), AtFlags::empty())?.st_uid;
        self.look_at_limits(reader);
        let named = reader.named().of(self.identity, stat.session).cloned();
        let cgroup = reader.open(pid, "cgroup", OFlags::RDONLY).and_then(|file| with(&file, <[u8]>::to_vec));
        let mut space = [MaybeUninit::uninit(); MOST];
        let exe = readlinkat_raw(reader.directory(), format!("{pid}/exe"), &mut space);
        // A zombie has no program any more.
        self.hidden.program = matches!(exe, Err(Errno::ACCESS | Errno::PERM));
        let program = match &exe {
            Ok((exe, _)) => name::script(name::program(exe), &stat.name),
            Err(_) => stat.name.into(),
        };
        let group = named.unwrap_or_else(|| Arc::from(name::group(&cgroup.unwrap_or_default(), &program)));
        if self.group != group {
            self.group = group;
        }
        Ok(())
    }

    fn look_at_limits(&mut self, reader: &mut Reader) {
        let file = reader.open(self.pid(), "limits", OFlags::RDONLY);
        let limits = file.and_then(|file| with(&file, limits::parse));
        self.hidden.limits = limits.is_err();
        self.limits = limits.unwrap_or(self.limits);
    }
}

/// Reads the beginning of a file and parses it.
fn with<T>(file: &OwnedFd, parse: impl FnOnce(&[u8]) -> T) -> rustix::io::Result<T> {
    let mut buffer = [0; MOST];
    let mut length = 0;
    while length < MOST {
        match pread(file, &mut buffer[length..], length as u64)? {
            0 => break,
            count => length += count,
        }
    }
    Ok(parse(&buffer[..length]))
}
