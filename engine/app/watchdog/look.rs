//! What the operating system says of processes, and of the machine.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hebe::restart::heartbeat::Process;
use hebe::restart::infer::{Inference, Look};
use hebe::restart::protocol::Vitals;
use hebe::restart::strain::Stalls;
use hebe::restart::suspicion::{Seen, State};
use hebe_collectors::live::{CollectError, Pressed, Task, pressed, task};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::service::Service;
use super::ward::Living;

/// Pressure is read this often.
const FEEL: Duration = Duration::from_millis(200);
/// Pressure is judged over so long a time.
const OVER: Duration = Duration::from_secs(2);
/// A process that sends no heartbeats is compared with what it was so long ago.
const COMPARED: Duration = Duration::from_secs(1);

/// The kernel's name of this boot.
pub(super) fn boot() -> Result<[u8; 16]> {
    let path = "/proc/sys/kernel/random/boot_id";
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))?;
    let digits = u128::from_str_radix(&text.trim().replace('-', ""), 16);
    Ok(digits.with_context(|| format!("`{path}` holds no name of a boot"))?.to_be_bytes())
}

impl Service {
    /// The process of that number, as it is now.
    pub(super) fn process(&self, pid: u32) -> Option<Process> {
        let task = task(&self.root, pid).ok()?;
        Some(Process { boot: self.boot, pid, start_ticks: task.start_ticks })
    }

    /// Begins to look at a process.
    pub(super) fn living(&self, process: Process, now: Duration) -> Living {
        let is_here = process.boot == self.boot;
        let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw).filter(|_| is_here);
        let ends = pid.and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        // Only after opening it is sure whose end it says.
        let ends = ends.filter(|_| self.process(process.pid) == Some(process));
        Living { process, ends, is_here, first: None, looked: now }
    }

    /// A process has ended, says the kernel.
    pub(super) fn ended(&mut self, at: usize, now: Duration) {
        if let Some(living) = &mut self.wards[at].living {
            living.ends = None;
        }
        if !self.wards[at].away {
            self.see(at, now, Seen::System(Inference::Ended));
        }
    }

    /// Looks at a node's process, if it is time.
    pub(super) fn look(&mut self, at: usize, now: Duration) {
        let ward = &self.wards[at];
        let Some(living) = ward.living.as_ref().filter(|living| living.is_here) else { return };
        let calm = ward.case.state() == State::Well;
        let pause = ward.heartbeat.map_or(COMPARED, |period| period / 2);
        if calm && living.first.is_some() && now < living.looked + pause {
            return;
        }
        let process = living.process;
        let seen = match task(&self.root, process.pid) {
            Ok(task) if task.start_ticks == process.start_ticks => self.compare(at, now, &task),
            Ok(_) | Err(CollectError::Absent { .. }) => Inference::Ended,
            Err(_) => Inference::Unknown,
        };
        self.see(at, now, Seen::System(seen));
    }

    /// Takes in what the kernel of another machine says of a node's process.
    pub(super) fn told(&mut self, at: usize, process: Process, vitals: Vitals, short: bool, now: Duration) {
        let known = self.wards[at].living.as_ref().map(|living| living.process);
        if known != Some(process) {
            self.wards[at].begin(now);
            self.see(at, now, Seen::Started);
            self.wards[at].living =
                Some(Living { process, ends: None, is_here: false, first: None, looked: now });
        }
        let task = Task {
            state: vitals.state,
            start_ticks: process.start_ticks,
            cpu_ticks: vitals.cpu_ticks,
            ran_and_waited_ns: vitals.ran_and_waited_ns,
        };
        let seen = self.compare(at, now, &task);
        let seen = if short && !seen.is_certain() { Inference::Short } else { seen };
        self.see(at, now, Seen::System(seen));
    }

    fn compare(&mut self, at: usize, now: Duration, task: &Task) -> Inference {
        let ward = &mut self.wards[at];
        let (calm, heard) = (ward.case.state() == State::Well, ward.case.heard());
        let Some(living) = &mut ward.living else { return Inference::Unknown };
        let look = Look {
            at: now,
            state: task.state,
            start_ticks: task.start_ticks,
            cpu_ticks: task.cpu_ticks,
            ran_and_waited_ns: task.ran_and_waited_ns,
        };
        living.looked = now;
        let inference = Inference::of(living.first.as_ref(), &look);
        let is_old = living.first.is_none_or(|first| match heard {
            Some(heard) if ward.heartbeat.is_some() => first.at < heard,
            _ => calm && first.at + COMPARED <= now,
        });
        if is_old {
            living.first = Some(look);
        }
        inference
    }

    /// Feels how short of everything the machine is, if it is time.
    pub(super) fn feel(&mut self, now: Duration, late: Duration) {
        if self.bounds.late < late {
            self.late = Some((late, now));
        }
        self.late = self.late.filter(|(_, then)| now < *then + OVER);
        if self.stalls.back().is_some_and(|last| now < last.at + FEEL) && late <= self.bounds.late {
            return;
        }
        let read = stalls(pressed(&self.pressure), now);
        self.stalls.push_back(read);
        while 2 < self.stalls.len() && self.stalls[1].at + OVER <= now {
            self.stalls.pop_front();
        }
        let late = self.late.map_or(Duration::ZERO, |(late, _)| late);
        let strain = self.bounds.broken(&self.stalls[0], &read, late);
        if strain == self.strain {
            return;
        }
        self.strain.clone_from(&strain);
        for at in 0..self.wards.len() {
            self.see(at, now, Seen::Strain(strain.clone()));
        }
    }
}

fn stalls([cpu, io, memory]: [Option<Pressed>; 3], at: Duration) -> Stalls {
    Stalls {
        at,
        cpu_some_us: cpu.map(|cpu| cpu.some_us),
        memory_some_us: memory.map(|memory| memory.some_us),
        memory_full_us: memory.and_then(|memory| memory.full_us),
        io_full_us: io.and_then(|io| io.full_us),
    }
}
