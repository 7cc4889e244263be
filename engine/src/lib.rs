//! Decides what a history means: what runs out, when, how sure that is, and what to say about it.
//!
//! What lives here is deterministic: the same samples and the same time give the same answer. Clocks,
//! sockets, processes and standard output do not live here.

pub mod analyze;
pub mod backtest;
mod candidates;
pub mod check;
pub mod diagnose;
pub mod event;
pub mod evidence;
pub mod finding;
pub mod gate;
mod growth;
pub mod habit;
mod judge;
pub mod metrics;
pub mod notice;
pub mod picture;
pub mod plan;
pub mod prepare;
mod quiet;
pub mod replay;
pub mod report;
pub mod restart;
pub mod rules;
pub mod settings;
pub mod silence;
pub mod snapshot;
pub mod spelling;
pub mod standing;
pub mod store;
pub mod watch;
