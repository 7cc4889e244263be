//! Whether anything is left in a unit's cgroup, in both versions of the hierarchy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of the hierarchy that systemd keeps its units in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cgroup {
    folder: PathBuf,
    /// Version 2 says itself whether anything is in it or below.
    unified: bool,
}

impl Cgroup {
    /// The cgroup that a unit names; none where it names none, or where no hierarchy of systemd is mounted.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        Self::find(path, &mounts, Path::is_dir)
    }

    fn find(path: &str, mounts: &str, is_there: impl Fn(&Path) -> bool) -> Option<Self> {
        let below = path.strip_prefix('/').filter(|below| !below.is_empty())?;
        let folders = hierarchies(mounts)
            .into_iter()
            .map(|(mount, unified)| Self { folder: mount.join(below), unified });
        let folders: Vec<Self> = folders.collect();
        folders.iter().find(|cgroup| is_there(&cgroup.folder)).or(folders.first()).cloned()
    }

    /// Whether a process is in it or below. One that is gone holds none.
    pub(crate) fn is_populated(&self) -> io::Result<bool> {
        if self.unified {
            return match fs::read_to_string(self.folder.join("cgroup.events")) {
                Ok(events) => Ok(events.lines().any(|line| line == "populated 1")),
                Err(error) => gone(error),
            };
        }
        holds_any(&self.folder)
    }
}

/// Where units are kept: the mount with version 2, or the named hierarchy of systemd in version 1.
fn hierarchies(mounts: &str) -> Vec<(PathBuf, bool)> {
    let mount = |line: &str| {
        let (head, tail) = line.split_once(" - ")?;
        let folder = PathBuf::from(head.split(' ').nth(4)?);
        let mut tail = tail.split(' ');
        let (kind, options) = (tail.next()?, tail.nth(1)?);
        match kind {
            "cgroup2" => Some((folder, true)),
            "cgroup" if options.split(',').any(|option| option == "name=systemd") => Some((folder, false)),
            _ => None,
        }
    };
    mounts.lines().filter_map(mount).collect()
}

fn holds_any(folder: &Path) -> io::Result<bool> {
    match fs::read_to_string(folder.join("cgroup.procs")) {
        Ok(processes) if !processes.trim().is_empty() => return Ok(true),
        Ok(_) => {}
        Err(error) => return gone(error),
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && holds_any(&entry.path())? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A cgroup that is removed while it is looked at (`ENODEV`), or was before, holds nothing.
fn gone(error: io::Error) -> io::Result<bool> {
    let removed = rustix::io::Errno::NODEV.raw_os_error();
    if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(removed) {
        Ok(false)
    } else {
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HYBRID: &str = "\
30 23 0:26 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
32 30 0:28 / /sys/fs/cgroup/systemd rw,nosuid - cgroup cgroup rw,xattr,name=systemd
33 30 0:29 / /sys/fs/cgroup/cpu rw,nosuid - cgroup cgroup rw,cpu
";

    #[test]
    fn the_hierarchy_that_has_the_unit_is_taken() {
        let in_v1 = |folder: &Path| folder.starts_with("/sys/fs/cgroup/systemd");
        let found = Cgroup::find("/system.slice/a.service", HYBRID, in_v1).unwrap();
        assert_eq!(found.folder, Path::new("/sys/fs/cgroup/systemd/system.slice/a.service"));
        assert!(!found.unified);
        let found = Cgroup::find("/system.slice/a.service", HYBRID, |_| true).unwrap();
        assert_eq!(found.folder, Path::new("/sys/fs/cgroup/unified/system.slice/a.service"));
        assert_eq!(Cgroup::find("", HYBRID, |_| true), None);
        assert_eq!(Cgroup::find("/", HYBRID, |_| true), None);
        assert_eq!(Cgroup::find("/a", "", |_| true), None);
    }

    #[test]
    fn processes_anywhere_below_count_and_what_is_gone_holds_none() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        for place in [folder.path(), &folder.path().join("a"), &below] {
            fs::write(place.join("cgroup.procs"), "").unwrap();
        }
        let cgroup = |unified| Cgroup { folder: folder.path().to_owned(), unified };
        assert!(!cgroup(false).is_populated().unwrap());
        fs::write(below.join("cgroup.procs"), "4711\n").unwrap();
        assert!(cgroup(false).is_populated().unwrap());
        assert!(!cgroup(true).is_populated().unwrap(), "no such file: gone");
        fs::write(folder.path().join("cgroup.events"), "populated 1\nfrozen 0\n").unwrap();
        assert!(cgroup(true).is_populated().unwrap());
    }
}
