//! The daemon's page over real HTTP: who is let in, what is shown, and what no name can do to it.
//!
//! The server is the binary's own, with a source made here.

#[path = "../engine/app/web/mod.rs"]
#[allow(dead_code, reason = "hands made here never fail at what they try")]
mod server;

mod acting;
mod browser;
mod client;
mod data;
mod doors;
mod hands;
mod hostile;
mod made;
mod markers;
mod shown;
mod slow;
