//! Threads of the host against every limit there is on them; the one that binds is named.

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

const LOADAVG: &str = "proc/loadavg";
const PID_MAX: &str = "proc/sys/kernel/pid_max";
const THREADS_MAX: &str = "proc/sys/kernel/threads-max";

/// Where a container finds its own limit; the root of a host has none. Unified hierarchy, then pids of version 1.
const PIDS: [(&str, &str); 2] = [
    ("sys/fs/cgroup/pids.current", "sys/fs/cgroup/pids.max"),
    ("sys/fs/cgroup/pids/pids.current", "sys/fs/cgroup/pids/pids.max"),
];

/// Reads threads of the host.
#[derive(Debug)]
pub(super) struct Tasks;

/// All threads: the second half of the fourth field of `0.75 0.85 1.79 1/180 12345`.
fn parse(loadavg: &[u8]) -> Option<u64> {
    let share = text::fields(loadavg).nth(3)?;
    let slash = share.iter().position(|&byte| byte == b'/')?;
    text::unsigned(&share[slash + 1..])
}

impl Source for Tasks {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let used = parse(round.read(LOADAVG)?).ok_or_else(|| round.malformed(LOADAVG, "five fields"))?;
        let pid_max = limit(round, PID_MAX, "kernel.pid_max");
        let limit = pid_max.tighter(limit(round, THREADS_MAX, "kernel.threads-max"));
        let (used, limit) = match container(round) {
            // A container's limit counts its own threads, which are fewer than the host's.
            Some((own, most)) => (own, Limit::at(most as f64, "pids.max").tighter(limit)),
            None => (used, limit),
        };
        round.push(&catalogue::THREADS, used as f64, limit);
        Ok(())
    }
}

fn limit(round: &mut Round<'_>, file: &str, owner: &'static str) -> Limit {
    match round.number(file) {
        Ok(limit) => Limit::kernel(limit, owner),
        Err(error) => {
            round.fail(error);
            Limit::None
        }
    }
}

/// Used and limit of the cgroup that is the root for this process, if it is limited.
fn container(round: &mut Round<'_>) -> Option<(u64, u64)> {
    PIDS.iter().find_map(|(used, limit)| {
        let limit = round.number(limit).ok()?;
        Some((round.number(used).ok()?, limit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn threads_stand_behind_the_slash() {
        assert_eq!(parse(b"0.75 0.85 1.79 1/180 12345\n"), Some(180));
        assert_eq!(parse(b"0.75 0.85 1.79\n"), None);
        assert_eq!(parse(b"0.75 0.85 1.79 180 12345\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(running: u32, threads: u32, newest: u32) {
            let file = format!("0.00 0.01 0.05 {running}/{threads} {newest}\n");
            prop_assert_eq!(parse(file.as_bytes()), Some(u64::from(threads)));
        }
    }
}
