//! `/proc/sysvipc`: shared memory, semaphores and message queues of System V, which outlive their processes.

use rustix::param::page_size;

use super::catalogue::{self, Resource};
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

/// Reads `/proc/sysvipc`.
#[derive(Debug)]
pub(super) struct SysV;

/// Where one kind of object is listed, and where the limit on their number stands.
struct Kind {
    resource: &'static Resource,
    list: &'static str,
    limit: &'static str,
    /// The column of the limit.
    index: usize,
    owner: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        resource: &catalogue::SYSV_SHM,
        list: "proc/sysvipc/shm",
        limit: "proc/sys/kernel/shmmni",
        index: 0,
        owner: "kernel.shmmni",
    },
    Kind {
        resource: &catalogue::SYSV_SEM,
        list: "proc/sysvipc/sem",
        limit: "proc/sys/kernel/sem",
        index: 3,
        owner: "kernel.sem",
    },
    Kind {
        resource: &catalogue::SYSV_MSG,
        list: "proc/sysvipc/msg",
        limit: "proc/sys/kernel/msgmni",
        index: 0,
        owner: "kernel.msgmni",
    },
];

const SHMALL: &str = "proc/sys/kernel/shmall";

/// The lines behind the heading.
fn objects(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    text::lines(bytes).skip(1)
}

/// Pages of all segments; the size in bytes is the fourth column of `key shmid perms size …`.
fn pages(bytes: &[u8], page: u64) -> u64 {
    let sizes = objects(bytes).filter_map(|line| text::nth(line, 3));
    sizes.fold(0, |pages: u64, size| pages.saturating_add(size.div_ceil(page)))
}

/// Bytes of all segments that are in memory, the fifteenth column; none where the kernel does not tell (before 2.6.34).
fn resident(bytes: &[u8]) -> Option<u64> {
    let sizes: Option<Vec<u64>> = objects(bytes).map(|line| text::nth(line, 14)).collect();
    sizes.map(|sizes| sizes.into_iter().fold(0, u64::saturating_add))
}

impl Source for SysV {
    fn name(&self) -> &'static str {
        "sysv"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        for kind in &KINDS {
            let bytes = round.read(kind.list)?;
            let (count, pages) = (objects(bytes).count(), pages(bytes, page_size() as u64));
            let resident = resident(bytes);
            let limit = text::nth(round.read(kind.limit)?, kind.index);
            let limit = limit.ok_or_else(|| round.malformed(kind.limit, "numbers"))?;
            round.push(kind.resource, count as f64, Limit::kernel(limit, kind.owner));
            if kind.resource == &catalogue::SYSV_SHM {
                let most = round.number(SHMALL)?.saturating_mul(page_size() as u64);
                let bytes = pages as f64 * page_size() as f64;
                round.push(&catalogue::SYSV_SHM_BYTES, bytes, Limit::kernel(most, "kernel.shmall"));
                if let Some(resident) = resident {
                    round.push(&catalogue::SYSV_SHM_RESIDENT, resident as f64, Limit::None);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn segments_take_whole_pages() {
        let file = b"       key      shmid perms       size  cpid\n  0  1  600  4097  7\n  0  2  600  1  7\n";
        assert_eq!(objects(file).count(), 2);
        assert_eq!(pages(file, 4096), 3);
        assert_eq!(pages(b"", 4096), 0);
    }

    #[test]
    fn what_is_in_memory_is_told_or_not_known() {
        let head = "key shmid perms size cpid lpid nattch uid gid cuid cgid atime dtime ctime rss swap\n";
        let line = |rss: &str| format!("0 1 600 8192 1 1 0 0 0 0 0 0 0 0 {rss} 0\n");
        assert_eq!(resident(format!("{head}{}{}", line("4096"), line("8192")).as_bytes()), Some(12_288));
        assert_eq!(resident(head.as_bytes()), Some(0));
        assert_eq!(resident(b"key shmid\n0 1 600 8192 1 1 0\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (pages(&bytes, 4096), resident(&bytes));
        }

        #[test]
        fn what_is_written_is_read(sizes in proptest::collection::vec(0_u64..1 << 50, 0..8)) {
            let line = |size: &u64| format!("0 1 600 {size} 7\n");
            let file = format!("key shmid perms size\n{}", sizes.iter().map(line).collect::<String>());
            prop_assert_eq!(pages(file.as_bytes(), 1), sizes.iter().sum::<u64>());
        }
    }
}
