//! Restarts, made: the executor, its hands, and the commands for people.
//!
//! What is restarted, when, and when not is decided in `hebe::restart`; what lives here acts on a plan, step by step,
//! and writes every step down before it makes it.

mod audit;
mod calm;
mod command;
mod crash;
mod executor;
mod finish;
mod gate;
mod hands;
mod holds;
mod hook;
mod ledger;
mod place;
mod plans;
mod preview;
mod resume;
mod run;
mod settings;
mod show;
mod stays;
#[cfg(test)]
mod tests;
mod views;

pub(crate) use audit::{Audit, audit};
pub(crate) use command::{Restart, restart};
pub(crate) use executor::Executor;
pub(crate) use hands::Standing;
pub(crate) use holds::{HoldCommand, hold};
pub(crate) use place::{Format, Place};
pub(crate) use plans::{Plans, plans};
pub(crate) use settings::{Settings, folder};
pub(crate) use views::Unchanged;
