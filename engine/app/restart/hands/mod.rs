//! What acts: units by systemd, processes by the Re/Starter, the rest by commands of its own.
//!
//! Each hand makes one step on one node, with a bound, and says what it saw. It writes nothing down; what it does
//! beside its step it announces first.

mod command;
mod host;
mod link;
mod process;
mod unit;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hebe::restart::hold::Hold;
use hebe::restart::journal::{Ending, JournalError};
use hebe::restart::map::{Kind, Node};

use self::link::Link;
use super::preview::unit as unit_of;
use crate::restarter::Client;
use crate::systemd::{Follower, Systemd, SystemdError, UnitState};

/// Announces what is done beside a step: on the disk before it is done.
pub(super) type Announce<'a> = &'a dyn Fn(&str) -> Result<(), JournalError>;

/// How a node stands, as its hand sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Standing {
    /// Whether it runs; none where nobody can tell.
    pub(crate) runs: Option<bool>,
    /// It does not run because it failed, not because it was stopped.
    pub(crate) failed: bool,
    /// Its identity, of the last copy where it does not run.
    pub(crate) identity: Option<String>,
    /// Since when it runs.
    pub(crate) since: Option<DateTime<Utc>>,
    /// In the words of who knows.
    pub(crate) words: String,
    /// Why it must not be touched now.
    pub(crate) hold: Option<Hold>,
    /// All that systemd says of it, where it is a unit.
    pub(super) unit: Option<Box<UnitState>>,
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deed {
    pub(super) ending: Ending,
    pub(super) note: String,
    /// How the node stands now, where the hand has looked.
    pub(super) after: Option<Standing>,
}

impl Deed {
    pub(super) fn new(ending: Ending, note: impl Into<String>) -> Self {
        Self { ending, note: note.into(), after: None }
    }
}

/// All hands.
#[derive(Debug)]
pub(super) struct Hands {
    systemd: Link,
    restarter: Client,
}

impl Hands {
    pub(super) fn new(restarter: Client) -> Self {
        Self { systemd: Link::default(), restarter }
    }

    fn systemd(&self) -> Result<Arc<Systemd>, SystemdError> {
        self.systemd.get()
    }

    /// How the node stands now, or once what is under way is over, at most `bound` later.
    pub(super) fn look(&self, node: &Node, bound: Duration) -> Standing {
        match &node.kind {
            Kind::Unit { unit } => match self.systemd() {
                Ok(systemd) => unit::look(&systemd, unit, bound),
                Err(error) => unknown(&error.to_string()),
            },
            Kind::Command { status, .. } => command::look(node, status.as_ref()),
            Kind::Host { .. } => host::look(),
            Kind::Group => Standing::default(),
            Kind::Process(_) => process::look(&self.restarter, node),
        }
    }

    /// How several nodes stand now: units are asked for at once.
    pub(super) fn look_all(&self, nodes: &[&Node]) -> Vec<Standing> {
        self.look_at_all(nodes, &[]).0
    }

    /// The same, with the invocations of units that no node names.
    pub(super) fn look_at_all(
        &self,
        nodes: &[&Node],
        others: &[&str],
    ) -> (Vec<Standing>, Vec<Option<String>>) {
        let names: Vec<&str> =
            nodes.iter().filter_map(|node| unit_of(node)).chain(others.iter().copied()).collect();
        let mut states = self.units(&names).into_iter();
        let look = |&node: &&Node| match unit_of(node).and_then(|_| states.next()) {
            Some(Ok(state)) => unit::standing(state),
            Some(Err(error)) => unknown(&error.to_string()),
            None => self.look(node, Duration::ZERO),
        };
        let stand = nodes.iter().map(look).collect();
        (stand, states.map(|state| state.ok()?.invocation).collect())
    }

    fn units(&self, names: &[&str]) -> Vec<Result<UnitState, SystemdError>> {
        if names.is_empty() {
            return Vec::new();
        }
        match self.systemd() {
            Ok(systemd) => systemd.units(names),
            Err(error) => names.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    /// What systemd restarts along with a node that stands so.
    pub(super) fn followers(&self, standing: &Standing) -> Result<Vec<Follower>, SystemdError> {
        match &standing.unit {
            Some(unit) => self.systemd()?.followers(unit),
            None => Ok(Vec::new()),
        }
    }

    /// The main process of a unit that runs.
    pub(super) fn main_pid(&self, node: &Node) -> Option<u32> {
        let Kind::Unit { unit } = &node.kind else { return None };
        let systemd = self.systemd().ok()?;
        systemd.unit(unit).ok().filter(UnitState::is_up)?;
        systemd.main_pid(unit)
    }

    /// Starts units that no node names, where they are down: they were taken down by a stop of ours. The first error,
    /// in words.
    pub(super) fn bring_back(
        &self,
        units: &[&str],
        announce: Announce<'_>,
    ) -> Result<Option<String>, JournalError> {
        for (unit, state) in units.iter().zip(self.units(units)) {
            let error = match (state, self.systemd()) {
                (Ok(state), _) if state.is_up() && !state.moves() => None,
                (_, Ok(systemd)) => unit::bring_back(&systemd, unit, announce)?,
                (_, Err(error)) => Some(error.to_string()),
            };
            if error.is_some() {
                return Ok(error);
            }
        }
        Ok(None)
    }

    pub(super) fn stop(&self, job: &Task<'_>) -> Result<Deed, JournalError> {
        match &job.node.kind {
            Kind::Unit { unit } => self.unit(|systemd| unit::stop(systemd, unit, job)),
            Kind::Command { stop, status, .. } => Ok(command::stop(job, stop.as_ref(), status.as_ref())),
            Kind::Host { .. } | Kind::Group => Ok(nothing()),
            Kind::Process(_) => Ok(process::stop(&self.restarter, job)),
        }
    }

    pub(super) fn start(&self, job: &Task<'_>) -> Result<Deed, JournalError> {
        match &job.node.kind {
            Kind::Unit { unit } => self.unit(|systemd| unit::start(systemd, unit, job)),
            Kind::Command { start, .. } => Ok(command::start(job, start)),
            Kind::Host { .. } | Kind::Group => Ok(nothing()),
            Kind::Process(_) => Ok(process::start(&self.restarter, job)),
        }
    }

    /// Restarts a node that stands as `now` says.
    pub(super) fn restart(&self, job: &Task<'_>, now: &Standing) -> Result<Deed, JournalError> {
        match &job.node.kind {
            Kind::Unit { unit } => self.unit(|systemd| unit::restart(systemd, unit, job, now)),
            Kind::Command { stop, start, status } => {
                Ok(command::restart(job, stop.as_ref(), start, status.as_ref()))
            }
            Kind::Host { takeover, restart } => Ok(host::restart(job, takeover.as_ref(), restart.as_ref())),
            Kind::Group => Ok(nothing()),
            Kind::Process(_) => Ok(process::restart(&self.restarter, job)),
        }
    }

    fn unit(&self, act: impl FnOnce(&Systemd) -> Result<Deed, JournalError>) -> Result<Deed, JournalError> {
        match self.systemd() {
            Ok(systemd) => act(&systemd),
            Err(error) => Ok(Deed::new(Ending::Failed, error.to_string())),
        }
    }
}

/// One step of one node.
pub(super) struct Task<'a> {
    pub(super) node: &'a Node,
    pub(super) within: Duration,
    pub(super) announce: Announce<'a>,
    /// For commands: which restart this is.
    pub(super) plan: &'a str,
}

impl Task<'_> {
    /// What commands find in their environment.
    fn about(&self) -> [(&str, &str); 2] {
        [("HEBE_NODE", &self.node.name), ("HEBE_PLAN", self.plan)]
    }
}

fn unknown(words: &str) -> Standing {
    Standing { words: words.to_owned(), ..Standing::default() }
}

fn nothing() -> Deed {
    Deed::new(Ending::Needless, "it has nothing of its own to restart")
}
