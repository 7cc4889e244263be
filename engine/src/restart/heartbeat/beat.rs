//! The client: what an application sends to say that it lives.

use super::packet::{Message, Nonce, Packet, Process, Status};
use super::seal::Key;

/// The heartbeats of one application from its start to its end. It gives bytes; the application sends them, to the
/// group and port of the watchdog, and shows it what comes back on the same socket.
#[derive(Clone, Debug)]
pub struct Beat {
    key: Key,
    node: String,
    process: Process,
    session: u64,
    counter: u64,
    nonce: Nonce,
}

impl Beat {
    /// Heartbeats of the node of that name; `session` is chosen at random by the caller at each start.
    #[must_use]
    pub fn new(key: Key, node: impl Into<String>, process: Process, session: u64) -> Self {
        Self { key, node: node.into(), process, session, counter: 0, nonce: Nonce::default() }
    }

    /// The bytes to send now.
    #[must_use]
    pub fn next(&mut self, status: Status, sent_ms: u64) -> Vec<u8> {
        self.counter += 1;
        let message = Message::Heartbeat {
            status,
            process: self.process,
            session: self.session,
            counter: self.counter,
            sent_ms,
        };
        Packet { node: self.node.clone(), nonce: self.nonce, message }.seal(&self.key)
    }

    /// Takes what came back; `true` if it is a ping for this application, which is to be answered at once with
    /// [`Self::next`].
    #[must_use]
    pub fn heed(&mut self, datagram: &[u8]) -> bool {
        match Packet::open(datagram, &self.key) {
            Ok(Packet { node, nonce, message: Message::Ping }) if node == self.node => {
                self.nonce = nonce;
                true
            }
            _ => false,
        }
    }
}
