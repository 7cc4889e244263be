//! Machines: restarted by a command, and only after another one has shown that it can take over.

use std::fs;

use hebe::restart::journal::Ending;
use hebe::restart::map::Hook;

use super::super::hook;
use super::{Deed, Standing, Task};

/// This machine: its identity is another one after every boot.
pub(super) fn look() -> Standing {
    let word = |path: &str| fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default();
    let (machine, boot) = (word("/etc/machine-id"), word("/proc/sys/kernel/random/boot_id"));
    let identity = (!boot.is_empty()).then(|| format!("{machine}/{boot}"));
    Standing { runs: Some(true), identity, words: "this machine".to_owned(), ..Standing::default() }
}

pub(super) fn restart(job: &Task<'_>, takeover: Option<&Hook>, restart: Option<&Hook>) -> Deed {
    let Some(restart) = restart else {
        return Deed::new(Ending::Failed, "the map has no command that restarts it");
    };
    if let Some(proof) = takeover.map(|takeover| hook::run(takeover, &job.about()))
        && !proof.well
    {
        return Deed::new(Ending::Failed, format!("no other machine can take over: {}", proof.note));
    }
    let ran = hook::run(restart, &job.about());
    Deed::new(if ran.well { Ending::Made } else { Ending::Failed }, ran.note)
}
