//! Calls that the system may keep for as long as it likes, such as names and file systems of the network, waited for
//! no longer than wanted.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use super::shown;

/// More calls that hang than this are not made: each holds a thread.
const MOST_HANGING: usize = 32;

/// Calls that were given up and have not come back.
static HANGING: AtomicUsize = AtomicUsize::new(0);

/// What `call` gives, or an error where it takes longer than `within`; then it goes on alone, and counts as one that
/// hangs until it comes back.
pub(super) fn patiently<T: Send + 'static>(
    within: Duration,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    if MOST_HANGING <= HANGING.load(Ordering::Relaxed) {
        return Err(format!("{MOST_HANGING} earlier calls hang"));
    }
    let (sender, receiver) = channel();
    HANGING.fetch_add(1, Ordering::Relaxed);
    let called = thread::Builder::new().name("probe".to_owned()).spawn(move || {
        let given = call();
        HANGING.fetch_sub(1, Ordering::Relaxed);
        let _ = sender.send(given);
    });
    if let Err(error) = called {
        HANGING.fetch_sub(1, Ordering::Relaxed);
        return Err(format!("no thread: {error}"));
    }
    receiver.recv_timeout(within).map_err(|error| match error {
        RecvTimeoutError::Timeout => format!("no answer within {}", shown(within)),
        RecvTimeoutError::Disconnected => "it broke".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_time_is_given_and_what_hangs_is_left() {
        assert_eq!(patiently(Duration::from_mins(1), || 7), Ok(7));
        let (release, held) = channel::<()>();
        let error = patiently(Duration::from_millis(1), move || held.recv()).unwrap_err();
        assert_eq!(error, "no answer within 1 ms");
        drop(release);
    }
}
