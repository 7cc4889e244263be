//! What systemd restarts along with a unit, by its own rules: the part of a preview that no map names.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cgroup, Systemd, SystemdError, UnitState};

/// Units looked at for one preview, at most: a map's restart is no isolation of a whole target.
const MOST: usize = 1000;

/// A unit that systemd touches along with another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Follower {
    pub(crate) unit: String,
    /// Its invocation now.
    pub(crate) invocation: Option<String>,
    /// It runs and is restarted; else it is down and is started.
    pub(crate) restarts: bool,
}

impl Systemd {
    /// What runs and is stopped along with a unit that stands so, in turn; and the unit's cgroup, none where its kind has
    /// no processes.
    pub(crate) fn before_stop(
        &self,
        unit: &UnitState,
    ) -> Result<(Vec<String>, Option<Cgroup>), SystemdError> {
        let cgroup = self.ask_cgroup(&unit.name);
        let mut found = Vec::new();
        let mut todo = unit.stops.clone();
        while !todo.is_empty() && found.len() < MOST {
            todo.retain(|name| *name != unit.name && !found.contains(name));
            let names: Vec<&str> = todo.iter().map(String::as_str).collect();
            let states = self.units(&names);
            let mut next = Vec::new();
            for (name, state) in todo.into_iter().zip(states) {
                match state {
                    Ok(state) if state.is_up() => {
                        next.extend(state.stops);
                        found.push(name);
                    }
                    Ok(_) | Err(SystemdError::NoUnit { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            next.sort();
            next.dedup();
            todo = next;
        }
        Ok((found, self.told_cgroup(cgroup)))
    }

    /// What a restart of a unit that stands so restarts along: all that runs and requires it, is bound to it, is part
    /// of it, or is stopped with it, and what these bring along in turn; and what its start brings up that is down.
    pub(crate) fn followers(&self, unit: &UnitState) -> Result<Vec<Follower>, SystemdError> {
        let mut found: BTreeMap<String, Follower> = BTreeMap::new();
        let mut seen: BTreeSet<(String, bool)> = BTreeSet::new();
        let mut todo = reached(unit, true);
        // Those that are equally far are asked for at once.
        while !todo.is_empty() && seen.len() < MOST {
            todo.retain(|next| {
                next.0 != unit.name && !found.contains_key(&next.0) && seen.insert(next.clone())
            });
            let names: Vec<&str> = todo.iter().map(|(name, _)| name.as_str()).collect();
            let states = self.units(&names);
            let mut next = Vec::new();
            for ((name, restarts), state) in todo.into_iter().zip(states) {
                let state = match state {
                    Ok(state) => state,
                    Err(SystemdError::NoUnit { .. }) => continue,
                    Err(error) => return Err(error),
                };
                // A restart reaches what is up, a start what is down.
                if state.is_up() != restarts || found.contains_key(&name) {
                    continue;
                }
                next.extend(reached(&state, restarts));
                let follower = Follower { unit: name.clone(), invocation: state.invocation, restarts };
                found.insert(name, follower);
            }
            todo = next;
        }
        Ok(found.into_values().collect())
    }
}

/// Whom a unit that is restarted, or started, reaches, and whether these are restarted.
fn reached(unit: &UnitState, restarts: bool) -> Vec<(String, bool)> {
    let stops = if restarts { &unit.stops[..] } else { &[] };
    let stopped = stops.iter().map(|name| (name.clone(), true));
    stopped.chain(unit.pulls.iter().map(|name| (name.clone(), false))).collect()
}
