//! Named places at which a test lets the executor die, as `kill -9` would: in debug builds alone.

/// Dies here if `HEBE_CRASH_AT` names this place.
#[cfg(debug_assertions)]
pub(super) fn point(name: &str, step: Option<usize>) {
    let Ok(wanted) = std::env::var("HEBE_CRASH_AT") else { return };
    let here = step.map_or_else(|| name.to_owned(), |step| format!("{name}:{step}"));
    if wanted == here {
        // No destructor runs and nothing is flushed.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

/// Nothing: a release has no such places.
#[cfg(not(debug_assertions))]
pub(super) fn point(_name: &str, _step: Option<usize>) {}
