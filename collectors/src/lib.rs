//! Where samples come from: histories that other programs recorded.
//!
//! Bytes come in, samples with counts of what was rejected go out. This crate keeps no history, runs no
//! command, opens no socket and decides nothing about the future.

pub mod history;
