//! Where samples come from: histories that other programs recorded, and the running kernel.
//!
//! Samples with counts of what was rejected, or with what could not be read and why, go out. This crate keeps no
//! history, runs no command, opens no socket, has no clock and decides nothing about the future.

pub mod history;
#[cfg(target_os = "linux")]
pub mod live;
