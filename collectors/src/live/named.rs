//! Processes that somebody answers for under a name of his own: they and their sessions are a group of that name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::reading::Identity;

/// Leaders of sessions and their names.
///
/// A name is given by who started the process, never taken from it. The kernel gives no number of a session away while
/// it has members, and nobody can enter another's: who is in a named session was started by its leader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named(BTreeMap<u32, (u64, Arc<str>)>);

impl FromIterator<(Identity, Arc<str>)> for Named {
    fn from_iter<I: IntoIterator<Item = (Identity, Arc<str>)>>(leaders: I) -> Self {
        let entry = |(leader, name): (Identity, Arc<str>)| (leader.pid, (leader.start_ticks, name));
        Self(leaders.into_iter().map(entry).collect())
    }
}

impl Named {
    /// The name of a process, or of the session it belongs to.
    pub(super) fn of(&self, process: Identity, session: u32) -> Option<&Arc<str>> {
        let own = self.0.get(&process.pid).filter(|(start, _)| *start == process.start_ticks);
        // A leader is older than who it started.
        let leader = || self.0.get(&session).filter(|(start, _)| *start <= process.start_ticks);
        own.or_else(leader).map(|(_, name)| name)
    }
}
