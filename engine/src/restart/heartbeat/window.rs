//! Which heartbeats of a node count: each one once, and none of a recording. No clock is asked.
//!
//! Within a session the counter must rise. A session that is not the present one counts only when it repeats the nonce
//! of our latest ping, which was drawn after everything that could have been recorded; then the nonce is drawn anew,
//! and the session before can never come back.

use super::packet::{Message, Nonce, Packet, Process};
use super::refusal::Refusal;

/// What was admitted of one node.
#[derive(Clone, Debug)]
pub struct Window {
    challenge: Nonce,
    present: Option<Present>,
}

#[derive(Clone, Copy, Debug)]
struct Present {
    process: Process,
    session: u64,
    counter: u64,
}

/// What an admitted heartbeat is, beside a sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Who lives.
    pub process: Process,
    /// The first of a session.
    pub is_new: bool,
    /// The answer to our latest ping.
    pub answers: bool,
}

impl Window {
    /// Of a node of which nothing was heard; the nonce is drawn at random.
    #[must_use]
    pub fn new(challenge: Nonce) -> Self {
        Self { challenge, present: None }
    }

    /// What the next ping is to ask for.
    #[must_use]
    pub fn challenge(&self) -> Nonce {
        self.challenge
    }

    /// Judges a packet whose seal is right; `draw` gives the next nonce, at random.
    ///
    /// # Errors
    ///
    /// [`Refusal::Replayed`] if it or a later one was here, [`Refusal::Unproven`] if its sender must first answer a
    /// ping, [`Refusal::Content`] if it is no heartbeat.
    pub fn admit(&mut self, packet: &Packet, draw: impl FnOnce() -> Nonce) -> Result<Admitted, Refusal> {
        let Message::Heartbeat { process, session, counter, .. } = packet.message else {
            return Err(Refusal::Content);
        };
        let present = self.present.filter(|present| present.process == process && present.session == session);
        // Zeros are what a sender repeats that was never pinged: they answer nothing.
        let answers = packet.nonce == self.challenge && self.challenge != Nonce::default();
        match present {
            Some(present) if counter <= present.counter => return Err(Refusal::Replayed),
            None if !answers => return Err(Refusal::Unproven),
            _ => {}
        }
        if answers {
            self.challenge = draw();
        }
        self.present = Some(Present { process, session, counter });
        Ok(Admitted { process, is_new: present.is_none(), answers })
    }
}
