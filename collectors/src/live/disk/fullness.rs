//! How full a file system is, as `statvfs` tells it.

use std::path::Path;

use rustix::fs::statvfs;

/// Space and inodes: used, and used with what ordinary users may still use. The reserve of root is not theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fullness {
    /// Bytes used, and where they run out; `None` for a file system without space of its own.
    pub(super) bytes: Option<(f64, f64)>,
    /// The same for inodes; `None` where they are made as needed (btrfs says that it has none).
    pub(super) inodes: Option<(f64, f64)>,
}

impl Fullness {
    /// Asks the file system at `path`.
    ///
    /// # Errors
    ///
    /// Returns what the kernel answers.
    pub(super) fn at(path: &Path) -> rustix::io::Result<Self> {
        let stat = statvfs(path)?;
        let block = stat.f_frsize as f64;
        Ok(Self {
            bytes: share(stat.f_blocks, stat.f_bfree, stat.f_bavail)
                .map(|(used, limit)| (used * block, limit * block)),
            inodes: share(stat.f_files, stat.f_ffree, stat.f_favail),
        })
    }
}

/// Used, and where ordinary users run out.
fn share(size: u64, free: u64, available: u64) -> Option<(f64, f64)> {
    let used = size.saturating_sub(free);
    (0 < size).then(|| (used as f64, used.saturating_add(available) as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_of_root_is_not_there_for_others() {
        assert_eq!(share(100, 40, 35), Some((60.0, 95.0)));
        assert_eq!(share(100, 5, 0), Some((95.0, 95.0)));
        assert_eq!(share(0, 0, 0), None);
        assert_eq!(share(10, 20, 20), Some((0.0, 20.0)));
    }
}
