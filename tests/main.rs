//! Hebe as its users meet it: the binary and the library on recorded, generated and broken histories.
//!
//! What lives here crosses rooms. What one room promises is tested beside its code.
#![allow(clippy::disallowed_methods, reason = "tests start programs and read the clock and the environment")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod acceptance;
mod bad_input;
mod binary;
mod contract;
mod daemon;
mod demo;
mod evidence;
mod formats;
mod gate;
mod generated;
mod library;
mod live;
mod map;
mod mercury;
mod notify;
mod others;
mod page;
mod recorded;
mod replaced;
mod restart;
mod restarter;
mod same;
mod servers;
mod skipped;
mod store;
mod tidy;
mod web;
