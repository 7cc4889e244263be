//! Signs of life of an application: a packet that says who lives, sealed under a shared key, and worth something once.
//!
//! What lives here makes and judges bytes; `PACKET.md` has their layout. Sockets, clocks and randomness do not live
//! here: an application sends what [`Beat`] gives it, a watchdog takes what [`Window`] admits.

mod beat;
mod packet;
mod refusal;
mod seal;
#[cfg(test)]
mod tests;
mod window;

pub use beat::Beat;
pub use packet::{LONGEST, LONGEST_NAME, Message, Nonce, Packet, Process, Status};
pub use refusal::Refusal;
pub use seal::Key;
pub use window::{Admitted, Window};
