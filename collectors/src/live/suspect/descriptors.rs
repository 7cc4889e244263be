//! What the descriptors of a process are: their kinds, their most frequent targets, the deleted files among them.

use std::collections::HashMap;

use crate::live::text;

/// How many targets are named.
const NAMED: usize = 10;

/// A kind of descriptor, told by what its link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DescriptorKind {
    /// A file, directory or device.
    File,
    /// A file whose name was removed while it was open; its blocks are not free.
    Deleted,
    /// A socket.
    Socket,
    /// A pipe.
    Pipe,
    /// A watch on files.
    Inotify,
    /// A set of watched descriptors.
    Epoll,
    /// A counter for events.
    Eventfd,
    /// A timer.
    Timer,
    /// Signals as a descriptor.
    Signal,
    /// Memory without a name in any file system.
    Memory,
    /// Another object of the kernel.
    Other,
}

impl DescriptorKind {
    /// What people call it, in the plural.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "files",
            Self::Deleted => "deleted files",
            Self::Socket => "sockets",
            Self::Pipe => "pipes",
            Self::Inotify => "inotify watches",
            Self::Epoll => "epoll sets",
            Self::Eventfd => "eventfds",
            Self::Timer => "timers",
            Self::Signal => "signalfds",
            Self::Memory => "memory files",
            Self::Other => "other objects",
        }
    }

    /// Reads the target of a link in `/proc/PID/fd`.
    fn of(target: &[u8]) -> Self {
        const KINDS: [(&[u8], DescriptorKind); 9] = [
            (b"socket:[", DescriptorKind::Socket),
            (b"pipe:[", DescriptorKind::Pipe),
            (b"anon_inode:inotify", DescriptorKind::Inotify),
            (b"anon_inode:[eventpoll]", DescriptorKind::Epoll),
            (b"anon_inode:[eventfd]", DescriptorKind::Eventfd),
            (b"anon_inode:[timerfd]", DescriptorKind::Timer),
            (b"anon_inode:[signalfd]", DescriptorKind::Signal),
            (b"/memfd:", DescriptorKind::Memory),
            (b"/dmabuf:", DescriptorKind::Memory),
        ];
        if let Some((_, kind)) = KINDS.iter().find(|(start, _)| target.starts_with(start)) {
            return *kind;
        }
        match target {
            [b'/', ..] if target.ends_with(b" (deleted)") => Self::Deleted,
            [b'/', ..] => Self::File,
            _ => Self::Other,
        }
    }
}

/// A file that has no name any more and is kept by a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedFile {
    /// The name that it had, fit to be shown.
    pub name: String,
    /// Bytes of its blocks, which are free when the process closes it.
    pub bytes: u64,
}

/// The descriptors of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptors {
    /// How many of each kind, most first.
    pub kinds: Vec<(DescriptorKind, u64)>,
    /// The targets that most descriptors have, with their number, where it is more than one; fit to be shown.
    pub targets: Vec<(String, u64)>,
    /// Deleted files that are kept, largest first.
    pub deleted: Vec<DeletedFile>,
}

/// Counts descriptors as they are read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    kinds: HashMap<DescriptorKind, u64>,
    targets: HashMap<Vec<u8>, u64>,
    deleted: HashMap<(u64, u64), DeletedFile>,
}

impl Tally {
    /// Adds the link of a descriptor; the answer is whether it keeps a deleted file, whose size is worth asking for.
    pub(super) fn add(&mut self, target: &[u8]) -> bool {
        let kind = DescriptorKind::of(target);
        *self.kinds.entry(kind).or_default() += 1;
        if matches!(kind, DescriptorKind::File | DescriptorKind::Deleted) {
            *self.targets.entry(target.to_vec()).or_default() += 1;
        }
        kind == DescriptorKind::Deleted
    }

    /// Adds a deleted file; several descriptors of one file keep it once.
    pub(super) fn keep(&mut self, file: (u64, u64), target: &[u8], bytes: u64) {
        let name = text::printable(target.strip_suffix(b" (deleted)").unwrap_or(target));
        self.deleted.entry(file).or_insert(DeletedFile { name, bytes });
    }

    pub(super) fn finish(self) -> Descriptors {
        let mut kinds: Vec<_> = self.kinds.into_iter().collect();
        kinds.sort_by_key(|&(kind, count)| (std::cmp::Reverse(count), kind));
        let mut targets: Vec<_> = self.targets.into_iter().filter(|&(_, count)| 1 < count).collect();
        targets.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        targets.truncate(NAMED);
        let targets = targets.into_iter().map(|(target, count)| (text::printable(&target), count)).collect();
        let mut deleted: Vec<DeletedFile> = self.deleted.into_values().collect();
        deleted.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        deleted.truncate(NAMED);
        Descriptors { kinds, targets, deleted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(target: &str, expected: DescriptorKind) {
        assert_eq!(DescriptorKind::of(target.as_bytes()), expected, "{target}");
    }

    #[test]
    fn links_tell_the_kind() {
        check("/var/log/syslog", DescriptorKind::File);
        check("/var/log/a (deleted)", DescriptorKind::Deleted);
        check("socket:[1234]", DescriptorKind::Socket);
        check("pipe:[1]", DescriptorKind::Pipe);
        check("anon_inode:inotify", DescriptorKind::Inotify);
        check("anon_inode:[eventpoll]", DescriptorKind::Epoll);
        check("anon_inode:[io_uring]", DescriptorKind::Other);
        check("/memfd:x (deleted)", DescriptorKind::Memory);
        check("", DescriptorKind::Other);
    }

    #[test]
    fn most_come_first_and_a_file_is_kept_once() {
        let mut tally = Tally::default();
        for target in ["/a", "/b\n", "/b\n", "socket:[1]"] {
            assert!(!tally.add(target.as_bytes()));
        }
        for file in [1, 1, 2] {
            assert!(tally.add(b"/gone (deleted)"));
            tally.keep((7, file), b"/gone (deleted)", 100 * file);
        }
        let found = tally.finish();
        assert_eq!(found.kinds[0], (DescriptorKind::File, 3));
        assert_eq!(found.targets, [("/gone (deleted)".to_owned(), 3), ("/b\\x0a".to_owned(), 2)]);
        assert_eq!(found.deleted.iter().map(|file| file.bytes).collect::<Vec<_>>(), [200, 100]);
    }

    proptest! {
        #[test]
        fn no_target_panics_and_none_is_lost(targets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..40)) {
            let mut tally = Tally::default();
            for target in &targets {
                if tally.add(target) {
                    tally.keep((1, 1), target, 1);
                }
            }
            let found = tally.finish();
            prop_assert_eq!(found.kinds.iter().map(|kind| kind.1).sum::<u64>(), targets.len() as u64);
            prop_assert!(found.targets.iter().all(|(name, _)| !name.chars().any(char::is_control)));
        }
    }
}
