//! `/proc/PID/stat` and `/proc/PID/schedstat` of one process, to be watched more often than it is sampled.

use super::stat;
use crate::live::error::CollectError;
use crate::live::root::{Buffer, Root};
use crate::live::text;

/// How one process stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// The kernel's letter: `R` runs or could, `S` sleeps, `D` sleeps and cannot be woken, `T` is stopped, `t` is held
    /// by a debugger, `Z` has ended and nobody has waited for it.
    pub state: char,
    /// Its start, in clock ticks since boot.
    pub start_ticks: u64,
    /// Processor time of all its threads, in clock ticks.
    pub cpu_ticks: u64,
    /// Nanoseconds that its first thread has run and has waited for a processor; none where the kernel does not count.
    pub ran_and_waited_ns: Option<(u64, u64)>,
}

/// Looks at one process.
///
/// # Errors
///
/// Returns [`CollectError::Absent`] where there is none, and what the kernel says otherwise.
pub fn task(root: &Root, pid: u32) -> Result<Task, CollectError> {
    let mut buffer = Buffer::default();
    let waited = root.read(format!("proc/{pid}/schedstat"), &mut buffer).ok().and_then(schedule);
    let file = format!("proc/{pid}/stat");
    let stat = stat::parse(root.read_raw(&file, &mut buffer)?)
        .ok_or_else(|| CollectError::Malformed { path: root.path(&file), expected: "22 fields" })?;
    Ok(Task {
        state: char::from(stat.state),
        start_ticks: stat.start_ticks,
        cpu_ticks: stat.cpu_ticks,
        ran_and_waited_ns: waited,
    })
}

/// The first two numbers of `42000 7000 3`.
fn schedule(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut fields = text::fields(bytes);
    Some((text::unsigned(fields.next()?)?, text::unsigned(fields.next()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn this_process_runs() {
        let myself = rustix::process::getpid().as_raw_pid().unsigned_abs();
        let task = task(&Root::new("/").unwrap(), myself).unwrap();
        // Its first thread waits for this one.
        assert!("RSD".contains(task.state), "{task:?}");
        assert!(0 < task.start_ticks);
    }

    #[test]
    fn nobody_is_absent() {
        assert_eq!(task(&Root::new("/").unwrap(), u32::MAX).unwrap_err().reason(), "absent");
    }

    #[test]
    fn what_ran_and_what_waited_is_read() {
        assert_eq!(schedule(b"42000 7000 3\n"), Some((42_000, 7000)));
        assert_eq!(schedule(b"42000\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = schedule(&bytes);
        }
    }
}
