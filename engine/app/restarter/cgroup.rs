//! A cgroup (v2) for each process of ours: nothing that it starts can leave it, and all of it is killed at once.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Folders below a cgroup of ours that are looked at: a service may make its own, but not without end.
const MOST_FOLDERS: usize = 1000;

/// Where the cgroups of this Re/Starter are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The folder in the file system.
    pub(crate) folder: PathBuf,
    /// The same as `/proc/PID/cgroup` names it.
    pub(crate) name: String,
}

impl Place {
    /// The place below this process's own cgroup; none where there is no cgroup v2, or it may not be written.
    pub(crate) fn find(token: &str) -> Option<Self> {
        let own = own_name(&fs::read_to_string("/proc/self/cgroup").ok()?)?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let folder = mounts.lines().find_map(|line| folder_of(line, &own))?;
        let name = format!("hebe-{token}");
        let place =
            Self { folder: folder.join(&name), name: format!("{}/{name}", own.trim_end_matches('/')) };
        let made = fs::create_dir(&place.folder);
        let there = made.is_ok() || made.is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists);
        // Only who may write both files can put a child in and take it out.
        let writable =
            |path: &Path| fs::OpenOptions::new().write(true).open(path.join("cgroup.procs")).is_ok();
        (there && writable(&place.folder) && writable(&folder)).then_some(place)
    }

    /// The place of one node in it.
    pub(crate) fn of(&self, file_name: &str) -> Self {
        Self { folder: self.folder.join(file_name), name: format!("{}/{file_name}", self.name) }
    }

    /// Takes it away if nobody is in it.
    pub(crate) fn remove(&self) {
        remove(&self.folder);
    }
}

/// The path in the line of the unified hierarchy of /proc/PID/cgroup.
fn own_name(cgroups: &str) -> Option<String> {
    cgroups.lines().find_map(|line| line.strip_prefix("0::")).map(str::to_owned)
}

/// The folder of the cgroup `own`, if a line of mountinfo is the mount that shows it.
fn folder_of(line: &str, own: &str) -> Option<PathBuf> {
    let (mount, source) = line.split_once(" - ")?;
    if source.split(' ').next()? != "cgroup2" {
        return None;
    }
    let mut fields = mount.split(' ').skip(3);
    let (root, point) = (fields.next()?, fields.next()?);
    let below = Path::new(own).strip_prefix(root).ok()?;
    Some(Path::new(point).join(below))
}

/// The cgroup of a node.
#[derive(Debug)]
pub(crate) struct Cgroup {
    place: Place,
    events: File,
}

impl Cgroup {
    /// Makes it, or takes the one that is there.
    pub(crate) fn open(place: Place) -> Result<Self> {
        let path = &place.folder;
        match fs::create_dir_all(path) {
            Ok(()) => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make the cgroup `{}`", path.display()));
            }
        }
        let events = path.join("cgroup.events");
        let events = File::open(&events).with_context(|| format!("cannot read `{}`", events.display()))?;
        Ok(Self { place, events })
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// What is polled: has a priority event when the last process goes.
    pub(crate) fn events(&self) -> &File {
        &self.events
    }

    /// Whether any process is in it or below it.
    pub(crate) fn is_populated(&mut self) -> bool {
        let mut text = String::new();
        let read = self.events.seek(SeekFrom::Start(0)).and_then(|_| self.events.read_to_string(&mut text));
        // A cgroup that was taken away holds nobody.
        read.is_ok() && text.lines().any(|line| line == "populated 1")
    }

    /// The processes in it and below it.
    pub(crate) fn members(&self) -> Vec<u32> {
        let mut folders = vec![self.place.folder.clone()];
        let mut members = Vec::new();
        let mut seen = 0;
        while let Some(folder) = folders.pop() {
            let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            members.extend(text.lines().filter_map(|line| line.parse::<u32>().ok()).filter(|&pid| 0 < pid));
            seen += 1;
            if seen < MOST_FOLDERS {
                folders.extend(below(&folder));
            }
        }
        members
    }

    /// Whether the process is in it or below it now.
    pub(crate) fn contains(&self, pid: u32) -> bool {
        let text = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
        own_name(&text).is_some_and(|name| Path::new(&name).starts_with(&self.place.name))
    }

    /// Kills all in it at once; whether the kernel can (5.14).
    pub(crate) fn kill(&self) -> bool {
        fs::write(self.place.folder.join("cgroup.kill"), "1").is_ok()
    }

    /// What is frozen cannot end; it is let go before it is asked to.
    pub(crate) fn thaw(&self) {
        let _ = fs::write(self.place.folder.join("cgroup.freeze"), "0");
    }

    /// Takes it away if nobody is in it.
    pub(crate) fn remove(&self) {
        remove(&self.place.folder);
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

/// Takes a cgroup away with all that is below it; what holds a process stays.
fn remove(folder: &Path) {
    for inner in below(folder) {
        remove(&inner);
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unified_hierarchy_is_found_among_others() {
        let cgroups = "8:pids:/\n1:cpu:/x\n0::/system.slice/hebe.service\n";
        let own = own_name(cgroups).unwrap();
        assert_eq!(own, "/system.slice/hebe.service");
        let hybrid = "30 24 0:26 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw";
        let expected = Path::new("/sys/fs/cgroup/unified/system.slice/hebe.service");
        assert_eq!(folder_of(hybrid, &own).as_deref(), Some(expected));
        let bound = "30 24 0:26 /system.slice /cg rw - cgroup2 none rw";
        assert_eq!(folder_of(bound, &own).as_deref(), Some(Path::new("/cg/hebe.service")));
        let elsewhere = "30 24 0:26 /user.slice /cg rw - cgroup2 none rw";
        assert_eq!(folder_of(elsewhere, &own), None);
        assert_eq!(folder_of("30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu", &own), None);
        assert_eq!(own_name("1:name=systemd:/\n"), None);
    }
}
