//! What keeps the daemon small from outside: its cgroups and its resource limits, read when it starts.

use std::fs;
use std::path::{Path, PathBuf};

use hebe_collectors::live::Limit;
use rustix::process::{Resource, geteuid, getrlimit};

/// Where cgroups are mounted.
const CGROUPS: &str = "/sys/fs/cgroup";
/// The older kind writes "none" as the largest multiple of a page; nothing that large binds.
const UNBOUND: f64 = (1_u64 << 62) as f64;

/// Where the daemon's own use ends.
#[derive(Debug)]
pub(super) struct Limits {
    pub(super) memory: Limit,
    pub(super) fds: Limit,
    pub(super) threads: Limit,
}

impl Limits {
    pub(super) fn read() -> Self {
        let of = |resource| getrlimit(resource).current;
        let mine = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let in_groups = |controller, files: &[&'static str]| {
            tightest(folders(Path::new(CGROUPS), &mine, controller).iter().flat_map(|folder| {
                files.iter().filter_map(|&file| Some((number(&folder.join(file))?, file)))
            }))
        };
        // Root is not bound by the number of its threads.
        let threads = of(Resource::Nproc).filter(|_| !geteuid().is_root());
        Self {
            memory: limit(in_groups("memory", &["memory.high", "memory.max", "memory.limit_in_bytes"])),
            fds: limit(of(Resource::Nofile).map(|most| (most as f64, "RLIMIT_NOFILE"))),
            threads: limit(tightest(
                in_groups("pids", &["pids.max"])
                    .into_iter()
                    .chain(threads.map(|most| (most as f64, "RLIMIT_NPROC"))),
            )),
        }
    }
}

fn limit(found: Option<(f64, &'static str)>) -> Limit {
    found.map_or(Limit::None, |(value, owner)| Limit::At { value, owner: owner.into() })
}

fn tightest(limits: impl Iterator<Item = (f64, &'static str)>) -> Option<(f64, &'static str)> {
    limits.filter(|(value, _)| *value < UNBOUND).min_by(|a, b| a.0.total_cmp(&b.0))
}

fn number(file: &Path) -> Option<f64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// The folders of the cgroups that `mine`, a /proc/PID/cgroup, names for a controller, from the inner to the outer.
fn folders(root: &Path, mine: &str, controller: &str) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for line in mine.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let base = match controllers {
            "" => root.to_path_buf(),
            list if list.split(',').any(|one| one == controller) => root.join(controller),
            _ => continue,
        };
        let path = Path::new(path.trim_start_matches('/'));
        folders.extend(path.ancestors().map(|part| base.join(part)));
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_of_all_groups_above_binds() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("system.slice/hebe.service");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("memory.high"), "max\n").unwrap();
        fs::write(inner.join("memory.max"), "100663296\n").unwrap();
        fs::write(root.path().join("system.slice/memory.max"), "50331648\n").unwrap();
        let folders = folders(root.path(), "0::/system.slice/hebe.service\n", "memory");
        assert_eq!(folders.len(), 3);
        let found = folders.iter().filter_map(|folder| Some((number(&folder.join("memory.max"))?, "m")));
        assert_eq!(tightest(found), Some((50_331_648.0, "m")));
        assert_eq!(number(&inner.join("memory.high")), None);
    }

    #[test]
    fn the_older_kind_has_a_tree_for_each_controller() {
        let mine = "12:cpu,cpuacct:/a\n4:memory:/b/c\n1:name=systemd:/d\ngarbage\n";
        let folders = folders(Path::new("/r"), mine, "memory");
        assert_eq!(folders, ["/r/memory/b/c", "/r/memory/b", "/r/memory"].map(PathBuf::from));
        assert_eq!(tightest([(9.223_372_036_854_772e18, "m")].into_iter()), None);
    }
}
