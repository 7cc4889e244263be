//! `/proc/meminfo`: memory, swap, what was promised, and what the kernel keeps for itself.

use super::catalogue::{self, Resource};
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

const FILE: &str = "proc/meminfo";

/// Reads `/proc/meminfo`.
#[derive(Debug)]
pub(super) struct MemInfo;

/// The lines that are used, in bytes (huge pages: pages); `None` where the kernel does not write them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Lines {
    total: Option<u64>,
    free: Option<u64>,
    available: Option<u64>,
    buffers: Option<u64>,
    cached: Option<u64>,
    swap_cached: Option<u64>,
    swap_total: Option<u64>,
    swap_free: Option<u64>,
    anonymous: Option<u64>,
    shmem: Option<u64>,
    slab: Option<u64>,
    slab_unreclaimable: Option<u64>,
    kernel_stacks: Option<u64>,
    page_tables: Option<u64>,
    commit_limit: Option<u64>,
    committed: Option<u64>,
    vmalloc_total: Option<u64>,
    vmalloc_used: Option<u64>,
    percpu: Option<u64>,
    huge_total: Option<u64>,
    huge_free: Option<u64>,
    huge_size: Option<u64>,
}

impl Lines {
    fn place(&mut self, key: &[u8]) -> Option<&mut Option<u64>> {
        Some(match key {
            b"MemTotal:" => &mut self.total,
            b"MemFree:" => &mut self.free,
            b"Buffers:" => &mut self.buffers,
            b"Cached:" => &mut self.cached,
            b"SwapCached:" => &mut self.swap_cached,
            b"MemAvailable:" => &mut self.available,
            b"SwapTotal:" => &mut self.swap_total,
            b"SwapFree:" => &mut self.swap_free,
            b"AnonPages:" => &mut self.anonymous,
            b"Shmem:" => &mut self.shmem,
            b"Slab:" => &mut self.slab,
            b"SUnreclaim:" => &mut self.slab_unreclaimable,
            b"KernelStack:" => &mut self.kernel_stacks,
            b"PageTables:" => &mut self.page_tables,
            b"CommitLimit:" => &mut self.commit_limit,
            b"Committed_AS:" => &mut self.committed,
            b"VmallocTotal:" => &mut self.vmalloc_total,
            b"VmallocUsed:" => &mut self.vmalloc_used,
            b"Percpu:" => &mut self.percpu,
            b"HugePages_Total:" => &mut self.huge_total,
            b"HugePages_Free:" => &mut self.huge_free,
            b"Hugepagesize:" => &mut self.huge_size,
            _ => return None,
        })
    }
}

/// Reads `Key:  1234 kB` lines. One that holds no number is left out.
fn parse(bytes: &[u8]) -> Lines {
    let mut found = Lines::default();
    for line in text::lines(bytes) {
        let mut fields = text::fields(line);
        let (Some(key), Some(number)) = (fields.next(), fields.next()) else { continue };
        let (Some(place), Some(number)) = (found.place(key), text::unsigned(number)) else { continue };
        *place = Some(if fields.next() == Some(b"kB") { number.saturating_mul(1024) } else { number });
    }
    found
}

impl Source for MemInfo {
    fn name(&self) -> &'static str {
        "meminfo"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let lines = parse(round.read(FILE)?);
        let Some(total) = lines.total.filter(|&total| 0 < total) else {
            return Err(round.malformed(FILE, "MemTotal"));
        };
        round.memory_bytes = total;
        round.uses.memory = ledger(&lines, total);
        programs(round, &lines, total);
        committed(round, &lines);
        kernel(round, &lines, total);
        lines.available.map(|_| ()).ok_or_else(|| round.malformed(FILE, "MemAvailable"))
    }
}

/// Memory of programs: main memory, swap, huge pages.
/// What there is, and the parts that it must add up to but for what no counter has.
fn ledger(lines: &Lines, total: u64) -> Vec<(&'static str, f64)> {
    // Stacks are mapped by vmalloc and counted there too.
    let mapped = lines.vmalloc_used.map(|used| used.saturating_sub(lines.kernel_stacks.unwrap_or(0)));
    let huge = lines.huge_total.zip(lines.huge_size).map(|(pages, size)| pages.saturating_mul(size));
    let parts = [
        ("MemTotal", Some(total)),
        ("free", lines.free),
        ("buffers", lines.buffers),
        ("cached", lines.cached),
        ("swap cached", lines.swap_cached.filter(|&bytes| 0 < bytes)),
        ("anonymous", lines.anonymous),
        ("kernel objects", lines.slab),
        ("page tables", lines.page_tables),
        ("kernel stacks", lines.kernel_stacks),
        ("per-cpu", lines.percpu),
        ("vmalloc", mapped),
        ("huge pages", huge.filter(|&bytes| 0 < bytes)),
    ];
    parts.into_iter().filter_map(|(name, bytes)| Some((name, bytes? as f64))).collect()
}

fn programs(round: &mut Round<'_>, lines: &Lines, total: u64) {
    if let Some(available) = lines.available {
        let limit = Limit::at(total as f64, "MemTotal");
        round.push(&catalogue::MEMORY_AVAILABLE, total.saturating_sub(available) as f64, limit);
    }
    if let (Some(total), Some(free)) = (lines.swap_total, lines.swap_free)
        && 0 < total
    {
        let used = total.saturating_sub(free);
        round.push(&catalogue::SWAP, used as f64, Limit::at(total as f64, "SwapTotal"));
    }
    if let (Some(pages), Some(free), Some(size)) = (lines.huge_total, lines.huge_free, lines.huge_size)
        && 0 < pages
    {
        let bytes = |pages: u64| pages.saturating_mul(size) as f64;
        let limit = Limit::at(bytes(pages), "huge page pool");
        round.push(&catalogue::HUGEPAGES, bytes(pages.saturating_sub(free)), limit);
    }
    push(round, &catalogue::MEMORY_ANONYMOUS, lines.anonymous);
    push(round, &catalogue::MEMORY_SHMEM, lines.shmem);
}

/// What was promised binds only where the kernel keeps strictly to it.
fn committed(round: &mut Round<'_>, lines: &Lines) {
    let Some(committed) = lines.committed else { return };
    let strict = round.number("proc/sys/vm/overcommit_memory");
    let limit = match (strict, lines.commit_limit) {
        (Ok(2), Some(limit)) => Limit::at(limit as f64, "CommitLimit"),
        (Ok(_), Some(_)) => Limit::unbound("CommitLimit (vm.overcommit_memory is not 2)"),
        (Err(error), _) => {
            round.fail(error);
            Limit::None
        }
        (_, None) => Limit::None,
    };
    round.push(&catalogue::MEMORY_COMMITTED, committed as f64, limit);
}

/// What the kernel keeps for itself.
fn kernel(round: &mut Round<'_>, lines: &Lines, total: u64) {
    push(round, &catalogue::MEMORY_SLAB, lines.slab);
    push(round, &catalogue::MEMORY_SLAB_UNRECLAIMABLE, lines.slab_unreclaimable);
    push(round, &catalogue::MEMORY_PERCPU, lines.percpu);
    push(round, &catalogue::MEMORY_KERNEL_STACKS, lines.kernel_stacks);
    push(round, &catalogue::MEMORY_PAGE_TABLES, lines.page_tables);
    if let Some(used) = lines.vmalloc_used {
        let limit = match lines.vmalloc_total {
            // Memory ends long before the addresses do, but on 32-bit machines.
            Some(space) if total <= space => Limit::unbound("VmallocTotal (larger than memory)"),
            Some(space) => Limit::at(space as f64, "VmallocTotal"),
            None => Limit::None,
        };
        round.push(&catalogue::MEMORY_VMALLOC, used as f64, limit);
    }
}

fn push(round: &mut Round<'_>, resource: &'static Resource, bytes: Option<u64>) {
    if let Some(bytes) = bytes {
        round.push(resource, bytes as f64, Limit::None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kilobytes_become_bytes_and_pages_stay_pages() {
        let lines = parse(b"MemTotal:       24684084 kB\nHugePages_Total:       3\nMemAvailable: 1 kB\n");
        assert_eq!(lines.total, Some(24_684_084 * 1024));
        assert_eq!(lines.huge_total, Some(3));
        assert_eq!(lines.available, Some(1024));
    }

    #[test]
    fn a_line_without_number_is_left_out() {
        assert_eq!(parse(b"MemTotal: kB\nMemAvailable\n"), Lines::default());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(total in 1_u64..1 << 40, available in 0_u64..1 << 40) {
            let file = format!("MemTotal: {total} kB\nMemFree: 1 kB\nMemAvailable: {available} kB\n");
            let lines = parse(file.as_bytes());
            prop_assert_eq!(lines.total, Some(total * 1024));
            prop_assert_eq!(lines.available, Some(available * 1024));
        }
    }
}
