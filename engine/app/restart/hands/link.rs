//! The connection to systemd: made when it is first needed, and anew where it has broken, as when systemd or the bus was
//! itself restarted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::systemd::{Systemd, SystemdError};

/// A connection that gave no sign of life for so long is asked for one first, however often it is used: calls on a
/// broken one fail, and would keep it.
const SILENT: Duration = Duration::from_secs(5);
/// After a failure to connect it is not tried again for so long.
const AGAIN: Duration = Duration::from_secs(5);

/// The connection, shared by all hands.
#[derive(Debug, Default)]
pub(super) struct Link(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    None,
    Open {
        systemd: Arc<Systemd>,
        /// When it was last known to be whole.
        whole: Instant,
    },
    Failed {
        error: SystemdError,
        at: Instant,
    },
}

impl Link {
    /// A connection that was open a moment ago.
    pub(super) fn get(&self) -> Result<Arc<Systemd>, SystemdError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *state {
            State::Open { systemd, whole } if whole.elapsed() < SILENT => return Ok(Arc::clone(systemd)),
            State::Open { systemd, whole } if systemd.answers() => {
                *whole = Instant::now();
                return Ok(Arc::clone(systemd));
            }
            State::Failed { error, at } if at.elapsed() < AGAIN => return Err(error.clone()),
            _ => {}
        }
        let now = Instant::now();
        match Systemd::connect().map(Arc::new) {
            Ok(systemd) => {
                *state = State::Open { systemd: Arc::clone(&systemd), whole: now };
                Ok(systemd)
            }
            Err(error) => {
                *state = State::Failed { error: error.clone(), at: now };
                Err(error)
            }
        }
    }
}
