//! Whether all is calm, as the map's own command says: alerts that are firing keep back what can wait.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hebe::restart::map::Hook;

use super::hook;

/// An answer is good for so long: what is decided again and again does not ask again and again.
const GOOD_FOR: Duration = Duration::from_secs(10);

/// The command, and what it said last.
#[derive(Debug)]
pub(super) struct Calm {
    command: Hook,
    last: Mutex<Option<(Instant, Option<String>)>>,
}

impl Calm {
    pub(super) fn new(command: Hook) -> Self {
        Self { command, last: Mutex::default() }
    }

    /// Why it is not calm, if it is not. A command that cannot be run is no calm.
    pub(super) fn firing(&self) -> Option<String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, firing)) = &*last
            && at.elapsed() < GOOD_FOR
        {
            return firing.clone();
        }
        let ran = hook::run(&self.command, &[]);
        let firing = (!ran.well).then(|| format!("the map's `calm` does not end well: {}", ran.note));
        *last = Some((Instant::now(), firing.clone()));
        firing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calm(script: &str) -> Calm {
        let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
        Calm::new(Hook { argv, within_s: 10.0 })
    }

    #[test]
    fn what_fails_or_is_not_there_is_no_calm_and_says_why() {
        assert_eq!(calm("true").firing(), None);
        let firing = calm("echo DiskFull is firing; exit 1").firing().unwrap();
        assert!(firing.contains("DiskFull is firing"), "{firing}");
        let missing = Calm::new(Hook { argv: vec!["/no/such/program".to_owned()], within_s: 1.0 });
        assert!(missing.firing().unwrap().contains("cannot run `/no/such/program`"));
    }

    #[test]
    fn it_is_not_asked_again_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let calm = calm(&format!("echo asked >>{}", log.display()));
        assert_eq!((calm.firing(), calm.firing()), (None, None));
        assert_eq!(std::fs::read_to_string(log).unwrap(), "asked\n");
    }
}
