//! Datagrams: who lives, by whose word.

use std::time::Duration;

use hebe::restart::heartbeat::{Admitted, Message, Packet, Process, Refusal};
use hebe::restart::infer::Inference;
use hebe::restart::notification::{self, Word};
use hebe::restart::suspicion::{Seen, State};

use super::Found;
use super::service::Service;
use super::wire::{Datagram, Way};

/// Datagrams that are read before the loop looks around again: a flood keeps nobody from being judged.
const MOST_AT_ONCE: usize = 256;
/// A sender that is not known is pinged this often at most.
const CHALLENGE_GAP: Duration = Duration::from_millis(200);

impl Service {
    /// Reads what has come.
    pub(super) fn hear(&mut self, now: Duration) {
        for way in [Way::Multicast, Way::Local] {
            for _ in 0..MOST_AT_ONCE {
                let Some(datagram) = self.wire.next(way) else { break };
                if let Err(refusal) = self.judge(datagram, now) {
                    *self.refused.entry(refusal).or_default() += 1;
                }
            }
        }
    }

    fn judge(&mut self, datagram: Datagram, now: Duration) -> Result<(), Refusal> {
        if datagram.way == Way::Local && !datagram.bytes.starts_with(b"HEBE") {
            return self.notified(&datagram, now);
        }
        let packet = Packet::open(&datagram.bytes, &self.key)?;
        let Message::Heartbeat { status, process, .. } = packet.message else { return Err(Refusal::Content) };
        if datagram.way == Way::Local && (datagram.pid != Some(process.pid) || process.boot != self.boot) {
            return Err(Refusal::Impostor);
        }
        let at = *self.names.get(&packet.node).ok_or(Refusal::Unknown)?;
        let (ward, random) = (&mut self.wards[at], &self.random);
        if ward.heartbeat.is_none() {
            return Err(Refusal::Unknown);
        }
        let admitted = ward.window.admit(&packet, || Self::draw(random));
        if admitted == Err(Refusal::Unproven)
            && let Some(from) = &datagram.from
            && ward.challenged.is_none_or(|then| then + CHALLENGE_GAP <= now)
        {
            ward.challenged = Some(now);
            let nonce = ward.window.challenge();
            let ping = Packet { node: packet.node, nonce, message: Message::Ping };
            self.wire.send(&ping.seal(&self.key), from);
        }
        let admitted = admitted?;
        ward.status = Some(status);
        if let Some(from) = datagram.from {
            ward.address = Some(from);
            ward.case.renew(ward.terms());
        }
        self.admit(at, admitted, now);
        Ok(())
    }

    fn admit(&mut self, at: usize, admitted: Admitted, now: Duration) {
        self.admitted += 1;
        if admitted.is_new {
            self.meet(at, admitted.process, now);
        }
        if !self.wards[at].away {
            self.see(at, now, Seen::Heard);
        }
    }

    /// A process that was not known until now.
    fn meet(&mut self, at: usize, process: Process, now: Duration) {
        let ward = &self.wards[at];
        let known = ward.living.as_ref().map(|living| living.process);
        let is_other = known.is_some_and(|known| known != process);
        let is_start = is_other || ward.away || ward.case.state() == State::Failed;
        if known != Some(process) {
            self.wards[at].living = Some(self.living(process, now));
        }
        if is_start {
            self.wards[at].begin(now);
            self.see(at, now, Seen::Started);
        }
    }

    /// What a daemon says by `sd_notify`: the kernel says who it is.
    fn notified(&mut self, datagram: &Datagram, now: Duration) -> Result<(), Refusal> {
        let pid = datagram.pid.ok_or(Refusal::Impostor)?;
        let at = self.of(pid).ok_or(Refusal::Unknown)?;
        for word in notification::parse(&datagram.bytes) {
            let seen = match word {
                Word::Alive | Word::Ready => Seen::Heard,
                Word::Trigger => Seen::GivesUp,
                Word::ExtendUs(time) => Seen::Patience(Duration::from_micros(time)),
                _ => continue,
            };
            self.admitted += u64::from(seen == Seen::Heard);
            if !self.wards[at].away {
                self.see(at, now, seen);
            }
        }
        Ok(())
    }

    /// The node whose process this is.
    fn of(&self, pid: u32) -> Option<usize> {
        self.wards.iter().position(|ward| {
            ward.heartbeat.is_some()
                && ward.living.as_ref().is_some_and(|living| living.is_here && living.process.pid == pid)
        })
    }

    /// A sign of life that somebody else has checked.
    pub(super) fn alive(&mut self, node: &str, now: Duration) {
        if let Some(&at) = self.names.get(node)
            && !self.wards[at].away
        {
            self.admitted += 1;
            self.see(at, now, Seen::Heard);
        }
    }

    /// What others know of a node's process.
    pub(super) fn found(&mut self, node: &str, found: Found, now: Duration) {
        let Some(&at) = self.names.get(node) else { return };
        match found {
            Found::Away => {
                let ward = &mut self.wards[at];
                (ward.away, ward.told_pid, ward.living, ward.wanted) = (true, None, None, None);
            }
            Found::Lies if self.wards[at].away || !self.wards[at].case.has_ended() => {
                self.wards[at].begin(now);
                self.see(at, now, Seen::Started);
                self.see(at, now, Seen::System(Inference::Ended));
            }
            Found::Anew => {
                self.wards[at].begin(now);
                self.see(at, now, Seen::Started);
            }
            // Who names a process again and again says nothing new, even if heartbeats come from one of its children.
            Found::Runs { pid } if self.wards[at].told_pid != Some(pid) => {
                self.wards[at].told_pid = Some(pid);
                match self.process(pid) {
                    Some(process) => self.meet(at, process, now),
                    // It was gone before we could look at it.
                    None => self.see(at, now, Seen::System(Inference::Ended)),
                }
            }
            Found::Lies | Found::Runs { .. } => {}
            Found::Told { process, vitals, short } => self.told(at, process, vitals, short, now),
        }
    }
}
