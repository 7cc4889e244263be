//! All processes of a node, held together by a cgroup or, where there is none, by session and mark.

use anyhow::Result;
use hebe::restart::identity::GlobalPid;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use super::cgroup::{Cgroup, Place};
use super::process::{self, Process};
use super::session::Session;

/// How the processes of a node are held together, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Held {
    /// By a cgroup.
    Cgroup(Place),
    /// By session and mark.
    Session {
        /// The mark.
        mark: String,
    },
}

/// All processes of a node.
#[derive(Debug)]
pub(crate) enum Group {
    /// In a cgroup.
    Cgroup(Cgroup),
    /// By session and mark.
    Session(Session),
}

impl Group {
    /// Takes hold of it.
    pub(crate) fn open(held: &Held) -> Result<Self> {
        Ok(match held {
            Held::Cgroup(place) => Self::Cgroup(Cgroup::open(place.clone())?),
            Held::Session { mark } => Self::Session(Session::new(mark.clone())),
        })
    }

    /// Takes hold of a process of an earlier Re/Starter, if it still lives and is in the group.
    ///
    /// Within one clock tick a number may be given to another process, whose identity then looks the same: but that one
    /// is not in the group.
    pub(crate) fn adopt(&self, identity: &GlobalPid) -> Option<Process> {
        let found = Process::find(identity).ok().flatten()?;
        // The mark may have been written over, as programs do that show a title of their own.
        let leads = || {
            let session = process::stat(found.pid()).map(|stat| stat.session);
            matches!(self, Self::Session(_)) && session == Some(found.pid())
        };
        (self.contains(found.pid()) || leads()).then_some(found)
    }

    /// The main process of the session is this one, whose number is sure to be its own, or nobody any more.
    pub(crate) fn lead(&mut self, leader: Option<u32>) {
        if let Self::Session(session) = self {
            session.lead(leader);
        }
    }

    /// Whether it holds any process.
    pub(crate) fn is_populated(&mut self) -> bool {
        match self {
            Self::Cgroup(cgroup) => cgroup.is_populated(),
            Self::Session(session) => !session.members().is_empty(),
        }
    }

    /// The processes in it.
    pub(crate) fn members(&self) -> Vec<u32> {
        match self {
            Self::Cgroup(cgroup) => cgroup.members(),
            Self::Session(session) => session.members(),
        }
    }

    /// Whether the process is in it now.
    pub(crate) fn contains(&self, pid: u32) -> bool {
        match self {
            Self::Cgroup(cgroup) => cgroup.contains(pid),
            Self::Session(session) => session.contains(pid),
        }
    }

    /// Sends a signal to every process in it, and to no other; how many took it.
    ///
    /// A number is held by a handle first and only then looked for in the group: whoever got it meanwhile is not in
    /// it, or belongs there.
    pub(crate) fn signal(&self, signal: Signal) -> usize {
        let held = self.members().into_iter().filter_map(|pid| Process::open(pid).ok().flatten());
        held.filter(|process| self.contains(process.pid()) && process.signal(signal)).count()
    }

    /// Asks all of it to end, what is frozen too.
    pub(crate) fn terminate(&self) {
        if let Self::Cgroup(cgroup) = self {
            cgroup.thaw();
        }
        self.signal(Signal::TERM);
        // What is stopped takes TERM only when it goes on.
        self.signal(Signal::CONT);
    }

    /// Kills all of it; who forked meanwhile is left for the next round.
    pub(crate) fn kill(&self) {
        let at_once = match self {
            Self::Cgroup(cgroup) => cgroup.kill(),
            Self::Session(_) => false,
        };
        if !at_once {
            self.signal(Signal::KILL);
        }
    }

    /// Leaves nothing behind.
    pub(crate) fn remove(&self) {
        if let Self::Cgroup(cgroup) = self {
            cgroup.remove();
        }
    }

    /// For people: how it is held together.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Cgroup(cgroup) => format!("cgroup {}", cgroup.place().name),
            Self::Session(_) => "session".to_owned(),
        }
    }
}
