//! Which hierarchies of cgroups there are: the unified one, those of version 1, or both.

use std::os::unix::ffi::OsStrExt;

use crate::live::disk::mountinfo::Mount;

/// Version of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// One hierarchy a controller.
    One,
    /// The unified hierarchy.
    Two,
}

/// A mounted hierarchy, and what is accounted in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    pub(super) version: Version,
    /// Where it is mounted, without the leading slash.
    pub(super) place: Vec<u8>,
    pub(super) memory: bool,
    pub(super) pids: bool,
}

/// The hierarchies that account memory or processes. A controller is in one of them; `unified` tells those of the
/// unified one, given where it is mounted.
pub(super) fn hierarchies(mounts: &[Mount], unified: impl Fn(&[u8]) -> (bool, bool)) -> Vec<Hierarchy> {
    let place = |mount: &Mount| {
        let bytes = mount.place.as_os_str().as_bytes();
        bytes.strip_prefix(b"/").unwrap_or(bytes).to_vec()
    };
    let mut found: Vec<Hierarchy> = Vec::new();
    let taken =
        |found: &[Hierarchy]| (found.iter().any(|other| other.memory), found.iter().any(|other| other.pids));
    for mount in mounts.iter().filter(|mount| mount.kind == "cgroup") {
        let (memory, pids) = taken(&found);
        let hierarchy = Hierarchy {
            version: Version::One,
            place: place(mount),
            memory: !memory && mount.has(b"memory"),
            pids: !pids && mount.has(b"pids"),
        };
        if hierarchy.memory || hierarchy.pids {
            found.push(hierarchy);
        }
    }
    if let Some(mount) = mounts.iter().find(|mount| mount.kind == "cgroup2") {
        let (memory, pids) = taken(&found);
        let place = place(mount);
        let offered = unified(&place);
        let hierarchy = Hierarchy {
            version: Version::Two,
            place,
            memory: !memory && offered.0,
            pids: !pids && offered.1,
        };
        if hierarchy.memory || hierarchy.pids {
            found.push(hierarchy);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::disk::mountinfo;

    fn check(mounts: &str, unified: (bool, bool), expected: &[(&str, bool, bool)]) {
        let found = hierarchies(&mountinfo::parse(mounts.as_bytes()), |_| unified);
        let found: Vec<(&str, bool, bool)> = found
            .iter()
            .map(|hierarchy| (str::from_utf8(&hierarchy.place).unwrap(), hierarchy.memory, hierarchy.pids))
            .collect();
        assert_eq!(found, expected);
    }

    const MEMORY: &str = "1 0 0:1 / /cg/memory rw - cgroup cgroup rw,memory\n";
    const PIDS: &str = "2 0 0:2 / /cg/pids rw - cgroup cgroup rw,pids\n";
    const UNIFIED: &str = "3 0 0:3 / /cg/unified rw - cgroup2 cgroup2 rw\n";

    #[test]
    fn every_controller_is_in_one_hierarchy() {
        check(UNIFIED, (true, true), &[("cg/unified", true, true)]);
        check(
            &[MEMORY, PIDS].concat(),
            (false, false),
            &[("cg/memory", true, false), ("cg/pids", false, true)],
        );
        check(
            &[MEMORY, UNIFIED].concat(),
            (false, true),
            &[("cg/memory", true, false), ("cg/unified", false, true)],
        );
        check(&[MEMORY, MEMORY].concat(), (true, true), &[("cg/memory", true, false)]);
        check("", (true, true), &[]);
    }
}
