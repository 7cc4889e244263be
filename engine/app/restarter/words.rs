//! What a process says of itself by `sd_notify`, taken for what it is worth.

use std::time::{Duration, Instant};

use hebe::restart::notification::Word;
use hebe::restart::supervision::Input;

use super::process::Process;
use super::service::{Service, Shared};

impl Service {
    /// What it says of itself; the sender was seen to be one of its processes.
    pub(super) fn says(&mut self, word: Word, shared: &Shared) {
        match word {
            Word::Ready if self.node.ready.is_empty() => self.step(Input::Ready, shared),
            Word::Ready => self.probe(shared),
            Word::Alive => {
                self.heartbeats += 1;
                self.heartbeat = Some(Instant::now());
            }
            Word::Status(status) => self.status = Some(status),
            Word::Stopping => self.status = Some("says that it stops".to_owned()),
            Word::Reloading => self.status = Some("says that it reloads".to_owned()),
            Word::Trigger => self.status = Some("says that it hangs".to_owned()),
            Word::ExtendUs(us) => self.step(Input::Extend(Duration::from_micros(us)), shared),
            Word::MainPid(pid) => self.follow(pid, shared),
            // How often it is expected to say so is the map's to set.
            Word::WatchdogUs(_) => {}
        }
    }

    fn follow(&mut self, pid: u32, shared: &Shared) {
        if self.main.as_ref().is_some_and(|main| main.pid() == pid) {
            return;
        }
        // Held first, then looked for: see `Group::signal`.
        let Ok(Some(process)) = Process::open(pid) else { return };
        if self.group.contains(pid) {
            self.over = false;
            self.group.lead(Some(pid));
            if let Some(before) = self.main.replace(process) {
                before.reap();
            }
            self.write(shared);
        }
    }
}
