//! File systems: bytes and inodes that ordinary users may still use, one row a device.

mod fullness;
pub(super) mod mountinfo;
mod patient;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use self::fullness::Fullness;
use self::mountinfo::Mount;
use self::patient::{Answer, Patient};
use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::sampler::Options;
use super::text;

/// What is mounted, as this process sees it.
pub(super) const MOUNTS: &str = "proc/self/mountinfo";

/// File systems that hold no data of their own, or live in memory.
const PSEUDO: &[&str] = &[
    "tmpfs",
    "ramfs",
    "squashfs",
    "devtmpfs",
    "rootfs",
    "iso9660",
    "udf",
    "autofs",
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "nsfs",
    "efivarfs",
    "tracefs",
    "debugfs",
    "erofs",
    "devpts",
    "mqueue",
    "hugetlbfs",
    "bpf",
    "configfs",
    "fusectl",
    "pstore",
    "securityfs",
    "selinuxfs",
    "binfmt_misc",
    "rpc_pipefs",
    "sockfs",
    "cramfs",
    "nfsd",
    "binder",
    "resctrl",
    "smackfs",
    "fuse.lxcfs",
    "fuse.portal",
    "fuse.gvfsd-fuse",
    "fuse.snapfuse",
];

/// File systems that wait for another machine or for a program, and may wait forever.
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "ceph",
    "9p",
    "afs",
    "lustre",
    "gfs2",
    "ocfs2",
    "glusterfs",
    "beegfs",
    "gpfs",
    "virtiofs",
    "orangefs",
    "coda",
    "vboxsf",
    "prl_fs",
];

/// Reads how full file systems are.
#[derive(Debug)]
pub(super) struct Disk {
    pseudo: bool,
    patience: Duration,
    /// Those that may hang, by where they are mounted.
    remote: HashMap<Box<Path>, Patient>,
}

impl Disk {
    pub(super) fn new(options: &Options) -> Self {
        Self { pseudo: options.pseudo_mounts, patience: options.mount_patience, remote: HashMap::new() }
    }
}

impl Source for Disk {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let mounts = devices(mountinfo::parse(round.read(MOUNTS)?), self.pseudo);
        self.remote.retain(|place, _| mounts.iter().any(|mount| *mount.place == **place));
        for mount in &mounts {
            match self.fullness(round, mount) {
                Ok(fullness) => push(round, mount, fullness),
                Err(error) => round.fail(error),
            }
        }
        Ok(())
    }
}

impl Disk {
    fn fullness(&mut self, round: &Round<'_>, mount: &Mount) -> Result<Fullness, CollectError> {
        let path = || round.root.path(mount.place.strip_prefix("/").unwrap_or(&mount.place));
        let answer = if is_remote(&mount.kind) {
            let asked = self.remote.entry(mount.place.as_path().into()).or_default();
            asked.ask(path(), self.patience)
        } else {
            Answer::Came(Fullness::at(&path()))
        };
        match answer {
            Answer::Came(stat) => stat.map_err(|error| CollectError::of(path(), error)),
            Answer::Silent => Err(CollectError::Silent { path: path() }),
        }
    }
}

fn is_remote(kind: &str) -> bool {
    REMOTE.contains(&kind) || kind == "fuse" || kind.starts_with("fuse.") || kind == "fuseblk"
}

/// One mount of every device that can run full: the whole of it rather than a part, then the one with the shortest
/// path.
fn devices(mounts: Vec<Mount>, pseudo: bool) -> Vec<Mount> {
    let mut kept: Vec<Mount> = Vec::new();
    for mount in mounts.into_iter().filter(|mount| can_fill(mount, pseudo)) {
        let rank = |mount: &Mount| {
            (mount.within.as_os_str().len(), mount.place.as_os_str().len(), mount.place.clone())
        };
        match kept.iter_mut().find(|other| other.device == mount.device) {
            Some(other) if rank(&mount) < rank(other) => *other = mount,
            Some(_) => {}
            None => kept.push(mount),
        }
    }
    kept
}

fn can_fill(mount: &Mount, pseudo: bool) -> bool {
    // In a container the root is all there is to see of the disk below.
    let hidden = mount.kind == "overlay" && mount.place != Path::new("/");
    (pseudo || !(hidden || PSEUDO.contains(&mount.kind.as_str()))) && !mount.has(b"ro")
}

fn push(round: &mut Round<'_>, mount: &Mount, fullness: Fullness) {
    let scope: Arc<str> = Arc::from(text::printable(mount.place.as_os_str().as_encoded_bytes()));
    if let Some((used, limit)) = fullness.bytes {
        let limit = Limit::at(limit, "file system");
        round.push_of(&catalogue::DISK_BYTES, Arc::clone(&scope), used, limit);
    }
    if let Some((used, limit)) = fullness.inodes {
        round.push_of(&catalogue::DISK_INODES, scope, used, Limit::at(limit, "file system"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_has_one_row_however_often_it_is_mounted() {
        let file = b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:1 /var/x /x rw - ext4 /dev/sda1 rw\n\
            3 1 8:2 /sub /a rw - ext4 /dev/sdb rw\n4 1 8:2 / /longer rw - ext4 /dev/sdb rw\n\
            5 1 0:5 / /tmp rw - tmpfs tmpfs rw\n6 1 7:1 / /snap rw - squashfs /dev/loop1 ro\n\
            7 1 8:3 / /cd rw - ext4 /dev/sdc ro\n8 1 0:8 / /o rw - overlay overlay rw\n";
        let places = |pseudo| -> Vec<String> {
            let mounts = devices(mountinfo::parse(file), pseudo);
            mounts.into_iter().map(|mount| mount.place.display().to_string()).collect()
        };
        assert_eq!(places(false), ["/", "/longer"]);
        assert_eq!(places(true), ["/", "/longer", "/tmp", "/o"]);
    }

    #[test]
    fn the_root_of_a_container_is_a_disk() {
        let mounts = mountinfo::parse(b"1 0 0:40 / / rw - overlay overlay rw\n");
        assert_eq!(devices(mounts, false).len(), 1);
    }

    #[test]
    fn what_may_hang_is_known() {
        assert!(["nfs4", "fuse.sshfs", "fuse", "cifs"].into_iter().all(is_remote));
        assert!(!["ext4", "xfs", "btrfs", "zfs"].into_iter().any(is_remote));
    }
}
