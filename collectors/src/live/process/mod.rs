//! Processes: each is read alone, and told by groups of the same unit and program.

mod command;
mod emit;
mod group;
mod life;
mod limits;
mod name;
mod names;
mod stat;
mod task;
mod usage;

use std::sync::Arc;

use rustix::fs::{AtFlags, OFlags, fstat, statat};
use rustix::process::{Resource, getrlimit};

pub use self::command::command_line;
pub(super) use self::command::start_ticks;
use self::emit::Tops;
use self::group::Groups;
use self::life::{Life, Turn};
pub(super) use self::names::Names;
pub use self::task::{Task, task};
use self::usage::{Reader, is_gone};
use super::error::CollectError;
use super::round::{Round, Source};
use super::sampler::Options;
use super::text;

const LOADAVG: &str = "proc/loadavg";

/// Rounds after which the list of processes is read even if no process was started.
const RELIST: u32 = 64;

/// Every process that is known, and what is kept of it.
#[derive(Debug)]
pub(super) struct ProcessTable {
    reader: Option<Reader>,
    /// In order of their numbers.
    lives: Vec<Life>,
    /// Numbers of processes, as listed.
    pids: Vec<u32>,
    /// How many processes may have descriptors kept open, and how many have.
    may_keep: usize,
    kept: usize,
    /// Whether `loadavg` is the kernel's: in containers another program may stand in for it.
    has_pulse: bool,
    /// How many threads there were in the last round, and the number given to the newest.
    pulse: Option<Pulse>,
    rounds: u32,
    tops: Tops,
}

impl ProcessTable {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            reader: None,
            lives: Vec::new(),
            pids: Vec::new(),
            may_keep: options.kept_descriptors / 3,
            kept: 0,
            has_pulse: true,
            pulse: None,
            rounds: 0,
            tops: Tops::new(options.top),
        }
    }
}

impl Source for ProcessTable {
    fn name(&self) -> &'static str {
        "process"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let pulse = pulse(round.read(LOADAVG).unwrap_or_default());
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.open(round)?,
        };
        if !Arc::ptr_eq(reader.named(), round.named) {
            reader.name(Arc::clone(round.named));
            self.lives.iter_mut().for_each(Life::look_again);
        }
        let pulse = pulse.filter(|_| self.has_pulse);
        let moved = pulse.is_none() || pulse != self.pulse;
        let started = moved && pulse.map(|pulse| pulse.newest) != self.pulse.map(|pulse| pulse.newest);
        self.pulse = pulse;
        let mut listed = Ok(());
        if pulse.is_none() || started || self.rounds.is_multiple_of(RELIST) {
            listed = self.list(&mut reader);
        }
        let groups = self.measure(&mut reader, moved);
        self.reader = Some(reader);
        self.rounds = self.rounds.wrapping_add(1);
        groups.report(round);
        self.tops.emit(round, groups);
        listed.map_err(|error| CollectError::of(round.root.path("proc"), error))
    }
}

/// What tells that threads came or went: as long as it stands still, none did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pulse {
    /// Threads of the host.
    threads: u64,
    /// The number that was given to the newest one.
    newest: u64,
}

/// The end of `0.75 0.85 1.79 1/180 12345`.
fn pulse(loadavg: &[u8]) -> Option<Pulse> {
    let mut fields = text::fields(loadavg).skip(3);
    let (_running, threads) = split(fields.next()?)?;
    Some(Pulse { threads, newest: text::unsigned(fields.next()?)? })
}

fn split(share: &[u8]) -> Option<(u64, u64)> {
    let slash = share.iter().position(|&byte| byte == b'/')?;
    Some((text::unsigned(&share[..slash])?, text::unsigned(&share[slash + 1..])?))
}

impl ProcessTable {
    fn open(&mut self, round: &Round<'_>) -> Result<Reader, CollectError> {
        let failed = |error| CollectError::of(round.root.path("proc"), error);
        let directory = round.root.open("proc", OFlags::RDONLY | OFlags::DIRECTORY).map_err(failed)?;
        let device = fstat(&directory).map_err(failed)?.st_dev;
        self.has_pulse =
            statat(&directory, "loadavg", AtFlags::empty()).is_ok_and(|file| file.st_dev == device);
        // Half of the descriptors that this process may have are for others.
        let most = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        self.may_keep = self.may_keep.min(usize::try_from(most / 6).unwrap_or(usize::MAX));
        Ok(Reader::new(directory, round.root.is_proc()))
    }

    /// Brings the table up to date with what lives.
    fn list(&mut self, reader: &mut Reader) -> rustix::io::Result<()> {
        self.pids.clear();
        // A directory is read from where the last reading ended.
        rustix::fs::seek(reader.directory(), rustix::fs::SeekFrom::Start(0))?;
        let pids = &mut self.pids;
        super::root::entries(reader.directory(), |name| {
            pids.extend(text::unsigned(name).and_then(|pid| u32::try_from(pid).ok()));
        })?;
        self.pids.sort_unstable();
        self.merge();
        Ok(())
    }

    /// Drops who is gone and adds who is new.
    fn merge(&mut self) {
        let mut old = std::mem::take(&mut self.lives).into_iter().peekable();
        self.lives.reserve(self.pids.len());
        for &pid in &self.pids {
            while let Some(gone) = old.next_if(|life| life.pid() < pid) {
                self.kept -= usize::from(gone.is_kept());
            }
            let life = old.next_if(|life| life.pid() == pid).unwrap_or_else(|| Life::new(pid));
            self.lives.push(life);
        }
        self.kept -= old.filter(Life::is_kept).count();
    }

    /// Reads every process once, and drops those that are gone.
    fn measure(&mut self, reader: &mut Reader, threads_moved: bool) -> Groups {
        let mut groups = Groups::default();
        let (round, may_keep, kept) = (self.rounds, self.may_keep, &mut self.kept);
        self.lives.retain_mut(|life| {
            let had = life.is_kept();
            let turn = Turn { round, may_keep: had || *kept < may_keep, threads_moved };
            let alive = match life.read(reader, turn) {
                Ok(usage) => {
                    groups.add(life, usage);
                    true
                }
                Err(error) if is_gone(error) => false,
                Err(error) => {
                    groups.fail(life.pid(), error);
                    true
                }
            };
            let has = alive && life.is_kept();
            *kept = *kept + usize::from(has) - usize::from(had);
            alive
        });
        groups.name_parents(&self.lives);
        groups
    }
}
