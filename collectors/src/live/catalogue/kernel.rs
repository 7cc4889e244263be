//! Tables and pools of the kernel.

use super::{Freed, Resource};

/// Open files of the host.
pub static FILES_OPEN: Resource =
    Resource::count("files.open", "fs/file-nr").until("fs.file-max", "no file can be opened");
/// Inodes that the kernel remembers.
pub static INODES_CACHED: Resource = Resource::count("inodes.cached", "fs/inode-nr").freed(Freed::ByReboot);
/// Locks on files.
pub static FILES_LOCKS: Resource = Resource::count("files.locks", "lines of /proc/locks");
/// Tracked connections.
pub static CONNTRACK: Resource = Resource::count("conntrack", "nf_conntrack_count")
    .until("nf_conntrack_max", "new connections are dropped")
    .freed(Freed::ByReboot);
/// Memory of TCP sockets.
pub static TCP_MEMORY: Resource = Resource::bytes("tcp.memory", "sockstat: TCP mem, in pages")
    .until("the third number of tcp_mem", "connections stall and are dropped");
/// TCP connections that no process holds.
pub static TCP_ORPHANS: Resource =
    Resource::count("tcp.orphans", "sockstat: TCP orphan").until("tcp_max_orphans", "connections are reset");
/// Memory of UDP sockets.
pub static UDP_MEMORY: Resource = Resource::bytes("udp.memory", "sockstat: UDP mem, in pages")
    .until("the third number of udp_mem", "datagrams are dropped");
/// Sockets.
pub static SOCKETS: Resource = Resource::count("sockets", "sockstat: sockets used");
/// TCP sockets.
pub static SOCKETS_TCP: Resource = Resource::count("sockets.tcp", "sockstat: TCP alloc");
/// Segments of System V shared memory.
pub static SYSV_SHM: Resource = Resource::count("sysv.shm", "lines of sysvipc/shm")
    .until("kernel.shmmni", "shmget fails")
    .freed(Freed::ByCleaning);
/// Memory of System V shared memory.
pub static SYSV_SHM_BYTES: Resource =
    Resource::bytes("sysv.shm_bytes", "sizes in sysvipc/shm, in whole pages")
        .until("kernel.shmall, in pages", "shmget fails")
        .freed(Freed::ByCleaning);
/// The part of System V shared memory that is in memory: it outlives its processes, and no restart gives it back.
pub static SYSV_SHM_RESIDENT: Resource =
    Resource::bytes("sysv.shm_resident", "rss in sysvipc/shm").freed(Freed::ByCleaning);
/// Sets of System V semaphores.
pub static SYSV_SEM: Resource = Resource::count("sysv.sem", "lines of sysvipc/sem")
    .until("the fourth number of kernel.sem", "semget fails")
    .freed(Freed::ByCleaning);
/// System V message queues.
pub static SYSV_MSG: Resource = Resource::count("sysv.msg", "lines of sysvipc/msg")
    .until("kernel.msgmni", "msgget fails")
    .freed(Freed::ByCleaning);
/// Keys of a user.
pub static KEYS: Resource = Resource::count("keys", "key-users: keys against the quota")
    .until("kernel.keys.maxkeys", "add_key fails, containers do not start");
/// Bytes of a user's keys.
pub static KEYS_BYTES: Resource = Resource::bytes("keys.bytes", "key-users: bytes against the quota")
    .until("kernel.keys.maxbytes", "add_key fails, containers do not start");
/// Pseudo terminals.
pub static PTYS: Resource = Resource::count("ptys", "kernel/pty/nr")
    .until("kernel.pty.max less kernel.pty.reserve", "no login, no shell");
/// Requests of asynchronous input and output.
pub static AIO: Resource = Resource::count("aio.requests", "fs/aio-nr")
    .until("fs.aio-max-nr", "io_setup fails, databases do not start");

pub(super) static ALL: &[&Resource] = &[
    &FILES_OPEN,
    &INODES_CACHED,
    &FILES_LOCKS,
    &CONNTRACK,
    &TCP_MEMORY,
    &TCP_ORPHANS,
    &UDP_MEMORY,
    &SOCKETS,
    &SOCKETS_TCP,
    &SYSV_SHM,
    &SYSV_SHM_BYTES,
    &SYSV_SHM_RESIDENT,
    &SYSV_SEM,
    &SYSV_MSG,
    &KEYS,
    &KEYS_BYTES,
    &PTYS,
    &AIO,
];
