//! Waiting until something that was started shows that it is ready.

use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::map::Probe;

use super::{attempt, seconds, shown};

/// Time to the second attempt; it doubles with each, up to what the probe says: most starts are quick.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// So long no pause goes without a look at whether waiting is still worth it.
const LOOK: Duration = Duration::from_millis(100);

/// Waits until each probe has passed once, in their order; the error says which one had not after `within`.
pub(crate) fn wait_ready(probes: &[Probe], within: Duration) -> Result<(), String> {
    wait_ready_while(probes, within, || Ok(()))
}

/// The same, given up with the error of `alive` as soon as it has one.
pub(crate) fn wait_ready_while(
    probes: &[Probe],
    within: Duration,
    mut alive: impl FnMut() -> Result<(), String>,
) -> Result<(), String> {
    let began = Instant::now();
    let left = || within.saturating_sub(began.elapsed());
    for probe in probes {
        let (mut pause, most) = (FIRST_PAUSE, seconds(probe.every_s).max(FIRST_PAUSE));
        loop {
            alive()?;
            let Err(why) = attempt(&probe.test, seconds(probe.within_s).min(left())) else { break };
            if left().is_zero() {
                return Err(format!("not ready within {}: {why}", shown(within)));
            }
            let next = Instant::now() + pause.min(left());
            while let Some(rest) = next.checked_duration_since(Instant::now()) {
                alive()?;
                thread::sleep(rest.min(LOOK));
            }
            pause = (2 * pause).min(most);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use hebe::restart::map::Test;

    use super::*;

    const SOON: Duration = Duration::from_mins(1);

    fn fresh(path: &Path) -> Probe {
        let test = Test::FileAge { path: path.to_path_buf(), most_s: 3600.0 };
        Probe { test, within_s: 10.0, every_s: 0.05 }
    }

    #[test]
    fn what_becomes_ready_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ready");
        let probes = [fresh(folder.path()), fresh(&file)];
        let mut looks = 0;
        let waited = wait_ready_while(&probes, SOON, || {
            looks += 1;
            if looks == 6 {
                fs::write(&file, "x").unwrap();
            }
            Ok(())
        });
        assert_eq!(waited, Ok(()));
        assert!(6 <= looks, "{looks}");
    }

    #[test]
    fn what_does_not_is_named_after_its_time() {
        let error = wait_ready(&[fresh(Path::new("/no/such/file"))], Duration::from_millis(60)).unwrap_err();
        assert!(error.starts_with("not ready within 60 ms: /no/such/file"), "{error}");
    }

    #[test]
    fn the_dead_are_not_waited_for() {
        let probes = [fresh(Path::new("/no/such/file"))];
        let mut looks = 0;
        let waited = wait_ready_while(&probes, SOON, || {
            looks += 1;
            if looks == 3 { Err("it ended".to_owned()) } else { Ok(()) }
        });
        assert_eq!(waited, Err("it ended".to_owned()));
    }

    #[test]
    fn without_probes_it_is_ready() {
        assert_eq!(wait_ready(&[], Duration::ZERO), Ok(()));
    }
}
