//! Where samples come from: the running kernel, by its files.
//!
//! [`Sampler::sample`] reads every source once and gives [`Reading`]s and [`Failure`]s side by side. A source is one
//! file: it parses apart from reading, looks everything up under a [`Root`], and costs only its own readings when it
//! fails. What lives here needs no privilege, runs no command, opens no socket, has no clock and keeps no history.

pub mod catalogue;
mod cgroup;
mod disk;
mod error;
pub mod exposition;
mod filefd;
mod keys;
mod locks;
mod meminfo;
mod named;
mod pair;
mod pressure;
mod process;
mod reading;
mod root;
mod round;
mod sampler;
mod seldom;
mod slab;
mod sockets;
pub mod suspect;
mod sysv;
mod tasks;
#[cfg(test)]
#[allow(clippy::float_cmp, reason = "numbers are read as they were written")]
mod tests;
mod text;
mod top;
mod uses;
mod vmstat;

pub use error::{CollectError, Failure};
pub use named::Named;
pub use pressure::{Pressed, pressed};
pub use process::{Task, command_line, task};
pub use reading::{Identity, Limit, Processes, Reading, Sample};
pub use root::Root;
pub use sampler::{Options, Sampler};
pub use uses::{GroupUse, Uses};
