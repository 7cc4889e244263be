//! What the kernel says of our processes and of the machine, for a watchdog that is on another one.

use std::sync::OnceLock;

use hebe::restart::protocol::{Pressure, Vitals};
use hebe_collectors::live::{Root, pressed, task};

use super::process::uptime;

/// The files of the kernel.
fn root() -> Option<&'static Root> {
    static ROOT: OnceLock<Option<Root>> = OnceLock::new();
    ROOT.get_or_init(|| Root::new("/").ok()).as_ref()
}

pub(super) fn of(pid: u32) -> Option<Vitals> {
    let task = task(root()?, pid).ok()?;
    Some(Vitals { state: task.state, cpu_ticks: task.cpu_ticks, ran_and_waited_ns: task.ran_and_waited_ns })
}

pub(super) fn pressure() -> Option<Pressure> {
    let [cpu, io, memory] = pressed(root()?);
    Some(Pressure {
        up_s: uptime()?.as_secs_f64(),
        cpu_some_us: cpu.map(|cpu| cpu.some_us),
        memory_some_us: memory.map(|memory| memory.some_us),
        memory_full_us: memory.and_then(|memory| memory.full_us),
        io_full_us: io.and_then(|io| io.full_us),
    })
}
