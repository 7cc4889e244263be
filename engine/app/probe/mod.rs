//! Tests from outside: a command, a page, a connection, a file's age.
//!
//! Every attempt ends by itself within its limit, whatever hangs. Who asks, how often and what follows from the answer
//! does not live here.

mod exec;
mod file_age;
mod http;
mod patience;
mod ready;
mod tcp;

use std::time::Duration;

use hebe::restart::map::{Probe, Test};

pub(crate) use ready::{wait_ready, wait_ready_while};

/// A limit that stands for one that is no time at all.
const LEAST: Duration = Duration::from_millis(1);

/// Makes one attempt; the error says what was tested and what came instead.
pub(crate) fn run(probe: &Probe) -> Result<(), String> {
    attempt(&probe.test, seconds(probe.within_s))
}

/// Makes one attempt that may take as long as `within`.
fn attempt(test: &Test, within: Duration) -> Result<(), String> {
    let within = within.max(LEAST);
    match test {
        Test::Exec { argv } => exec::run(argv, within),
        Test::Http { url, status, contains } => http::get(url, *status, contains.as_deref(), within),
        Test::Tcp { address } => tcp::connect(address, within),
        Test::FileAge { path, most_s } => file_age::check(path, *most_s, within),
    }
}

/// Seconds of a map as a duration; those that are none are no time at all.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
}

/// A time limit, for people.
fn shown(within: Duration) -> String {
    format!("{} ms", within.as_millis())
}
