//! File systems, by the place where they are mounted.

use super::{Freed, Resource};

/// Space on a file system.
pub static DISK_BYTES: Resource = Resource::bytes("disk.bytes", "statvfs: f_blocks - f_bfree")
    .until("that and f_bavail: what ordinary users may use", "writes fail")
    .freed(Freed::ByCleaning);
/// Inodes of a file system that has a fixed number of them.
pub static DISK_INODES: Resource = Resource::count("disk.inodes", "statvfs: f_files - f_ffree")
    .until("that and f_favail", "files cannot be created")
    .freed(Freed::ByCleaning);

pub(super) static ALL: &[&Resource] = &[&DISK_BYTES, &DISK_INODES];
