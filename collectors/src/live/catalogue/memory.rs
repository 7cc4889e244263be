//! Memory of the host.

use super::{Freed, Resource};
use crate::history::Unit;

/// What programs cannot have without swapping.
pub static MEMORY_AVAILABLE: Resource =
    Resource::bytes("memory.available", "meminfo: MemTotal - MemAvailable")
        .until("MemTotal", "the kernel kills processes");
/// Swap in use.
pub static SWAP: Resource =
    Resource::bytes("swap", "meminfo: SwapTotal - SwapFree").until("SwapTotal", "the kernel kills processes");
/// Memory that was promised to programs.
pub static MEMORY_COMMITTED: Resource = Resource::bytes("memory.committed", "meminfo: Committed_AS")
    .until("CommitLimit, where vm.overcommit_memory is 2", "allocations fail");
/// Memory of programs that no file backs.
pub static MEMORY_ANONYMOUS: Resource = Resource::bytes("memory.anonymous", "meminfo: AnonPages");
/// Shared memory and files in memory.
pub static MEMORY_SHMEM: Resource =
    Resource::bytes("memory.shmem", "meminfo: Shmem").freed(Freed::ByCleaning);
/// Objects of the kernel.
pub static MEMORY_SLAB: Resource = Resource::bytes("memory.slab", "meminfo: Slab").freed(Freed::ByReboot);
/// Objects of the kernel that it cannot drop.
pub static MEMORY_SLAB_UNRECLAIMABLE: Resource =
    Resource::bytes("memory.slab_unreclaimable", "meminfo: SUnreclaim").freed(Freed::ByReboot);
/// Objects of one kind, by the kernel's name for it.
pub static SLAB_CACHE: Resource =
    Resource::bytes("slab.cache", "slabinfo: slabs x pages a slab").freed(Freed::ByReboot);
/// Memory that the kernel mapped in one piece.
pub static MEMORY_VMALLOC: Resource = Resource::bytes("memory.vmalloc", "meminfo: VmallocUsed")
    .until("VmallocTotal", "drivers and modules cannot allocate")
    .freed(Freed::ByReboot);
/// Memory that exists once a processor.
pub static MEMORY_PERCPU: Resource =
    Resource::bytes("memory.percpu", "meminfo: Percpu").freed(Freed::ByReboot);
/// Stacks of threads inside the kernel.
pub static MEMORY_KERNEL_STACKS: Resource =
    Resource::bytes("memory.kernel_stacks", "meminfo: KernelStack (kB, exact on every page size)");
/// Tables that map memory.
pub static MEMORY_PAGE_TABLES: Resource = Resource::bytes("memory.page_tables", "meminfo: PageTables");
/// Pages of the huge page pool.
pub static HUGEPAGES: Resource =
    Resource::bytes("hugepages", "meminfo: (HugePages_Total - HugePages_Free) x Hugepagesize")
        .until("huge page pool", "programs that ask for huge pages fail");
/// Processes that were killed for lack of memory.
pub static MEMORY_OOM_KILLS: Resource = Resource::counter("memory.oom_kills", "vmstat: oom_kill");
/// Share of the last minute in which some process waited.
pub static PRESSURE_SOME: Resource = Resource::level("pressure.some", Unit::Percent, "pressure: some avg60");
/// Share of the last minute in which all processes waited.
pub static PRESSURE_FULL: Resource = Resource::level("pressure.full", Unit::Percent, "pressure: full avg60");

pub(super) static ALL: &[&Resource] = &[
    &MEMORY_AVAILABLE,
    &SWAP,
    &MEMORY_COMMITTED,
    &MEMORY_ANONYMOUS,
    &MEMORY_SHMEM,
    &MEMORY_SLAB,
    &MEMORY_SLAB_UNRECLAIMABLE,
    &SLAB_CACHE,
    &MEMORY_VMALLOC,
    &MEMORY_PERCPU,
    &MEMORY_KERNEL_STACKS,
    &MEMORY_PAGE_TABLES,
    &HUGEPAGES,
    &MEMORY_OOM_KILLS,
    &PRESSURE_SOME,
    &PRESSURE_FULL,
];
