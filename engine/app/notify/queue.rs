//! A queue on the disk: one file an event, named by its number, so that a crash leaves an event whole or not there.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::files;

/// The largest event that is kept: a row with hostile names and all its culprits is far smaller.
const MOST_BYTES: usize = 1 << 20;
/// What the files are named after their number.
const SUFFIX: &str = ".json";

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    folder: PathBuf,
    most: usize,
    items: VecDeque<Item>,
    next: u64,
}

/// One event that waits.
#[derive(Debug)]
struct Item {
    number: u64,
    /// The event itself, where the disk did not take it.
    held: Option<Vec<u8>>,
}

/// What became of an event that was pushed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pushed {
    /// Older ones that were given up for it, or itself where it is too large.
    pub(super) dropped: u64,
    /// Why it is kept in memory alone, if it is.
    pub(super) failing: Option<String>,
}

impl Queue {
    /// Opens the queue in `folder`, with what is left in it. It holds at most `most` events.
    pub(super) fn open(folder: &Path, most: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut numbers = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            match number(&path) {
                Some(number) => numbers.push(number),
                // What a crash left half written was never promised to anybody.
                None if path.extension().is_some_and(|extension| extension == "tmp") => {
                    fs::remove_file(&path)?;
                }
                None => {}
            }
        }
        numbers.sort_unstable();
        let next = numbers.last().map_or(0, |last| last + 1);
        let items = numbers.into_iter().map(|number| Item { number, held: None }).collect();
        Ok(Self { folder: folder.to_owned(), most: most.max(1), items, next })
    }

    /// Adds an event. When it returns without `failing`, the event is on the disk.
    pub(super) fn push(&mut self, body: Vec<u8>) -> Pushed {
        if MOST_BYTES < body.len() {
            return Pushed { dropped: 1, failing: None };
        }
        let mut dropped = 0;
        while self.most <= self.items.len() {
            self.pop();
            dropped += 1;
        }
        self.write_held();
        let number = self.next;
        self.next += 1;
        let failed = files::replace(&self.path(number), &body).err();
        self.items.push_back(Item { number, held: failed.as_ref().map(|_| body) });
        let failing =
            failed.map(|error| format!("cannot write the queue `{}`: {error}", self.folder.display()));
        Pushed { dropped, failing }
    }

    /// The oldest event with its number; how many had to be given up because they cannot be read any more.
    pub(super) fn front(&mut self) -> (Option<(u64, Vec<u8>)>, u64) {
        let mut unreadable = 0;
        while let Some(item) = self.items.front() {
            let body = item.held.clone().or_else(|| fs::read(self.path(item.number)).ok());
            if let Some(body) = body.filter(|body| !body.is_empty()) {
                return (Some((item.number, body)), unreadable);
            }
            self.pop();
            unreadable += 1;
        }
        (None, unreadable)
    }

    /// Takes away the event `number`, if it is still the oldest.
    pub(super) fn done(&mut self, number: u64) {
        if self.items.front().is_some_and(|item| item.number == number) {
            self.pop();
        }
    }

    /// Events that wait.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Writes what the disk did not take before.
    pub(super) fn write_held(&mut self) {
        for i in 0..self.items.len() {
            let Some(body) = self.items[i].held.take() else { continue };
            if files::replace(&self.path(self.items[i].number), &body).is_err() {
                self.items[i].held = Some(body);
                return;
            }
        }
    }

    fn pop(&mut self) {
        if let Some(item) = self.items.pop_front() {
            // A file that cannot be removed is delivered once more after the next start.
            let _ = fs::remove_file(self.path(item.number));
        }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}{SUFFIX}"))
    }
}

/// The number in a file's name.
fn number(path: &Path) -> Option<u64> {
    let digits = path.file_name()?.to_str()?.strip_suffix(SUFFIX)?;
    let all_digits = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    // The largest number has no successor.
    digits.parse().ok().filter(|&number| all_digits && number < u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is left, oldest first.
    fn drain(queue: &mut Queue) -> Vec<String> {
        let mut bodies = Vec::new();
        while let (Some((number, body)), _) = queue.front() {
            bodies.push(String::from_utf8(body).unwrap());
            queue.done(number);
        }
        bodies
    }

    fn push(queue: &mut Queue, body: &str) -> Pushed {
        queue.push(body.as_bytes().to_vec())
    }

    #[test]
    fn what_was_pushed_is_there_after_a_crash_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = Queue::open(folder.path(), 10).unwrap();
        for body in ["a", "b", "c"] {
            assert_eq!(push(&mut queue, body), Pushed::default());
        }
        queue.done(0);
        // Nothing of `queue` is closed or flushed: what another opening sees is what a crash would leave.
        let mut after = Queue::open(folder.path(), 10).unwrap();
        assert_eq!(drain(&mut after), ["b", "c"]);
        assert_eq!(push(&mut after, "d"), Pushed::default());
        assert_eq!(drain(&mut Queue::open(folder.path(), 10).unwrap()), ["d"]);
    }

    #[test]
    fn a_full_queue_gives_up_its_oldest() {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = Queue::open(folder.path(), 2).unwrap();
        let dropped: u64 = ["a", "b", "c", "d"].iter().map(|body| push(&mut queue, body).dropped).sum();
        assert_eq!(dropped, 2);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(drain(&mut queue), ["c", "d"]);
    }

    #[test]
    fn a_torn_write_and_a_stranger_are_no_events() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["00000000000000000007.json.tmp", "notes.txt", "7.json", "00000000000000000003.json"] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        fs::write(folder.path().join("00000000000000000002.json"), "").unwrap();
        let mut queue = Queue::open(folder.path(), 10).unwrap();
        assert_eq!(queue.front(), (Some((3, b"x".to_vec())), 1));
        assert!(!folder.path().join("00000000000000000007.json.tmp").exists());
        assert!(folder.path().join("notes.txt").exists(), "what is not ours is left alone");
    }

    #[test]
    fn what_the_disk_does_not_take_waits_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("queue");
        let mut queue = Queue::open(&spool, 10).unwrap();
        fs::remove_dir(&spool).unwrap();
        assert!(push(&mut queue, "a").failing.is_some());
        fs::create_dir(&spool).unwrap();
        assert_eq!(push(&mut queue, "b"), Pushed::default());
        assert_eq!(drain(&mut Queue::open(&spool, 10).unwrap()), ["a", "b"]);
    }

    #[test]
    fn one_that_was_given_up_while_it_was_delivered_takes_no_other_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut queue = Queue::open(folder.path(), 1).unwrap();
        push(&mut queue, "a");
        push(&mut queue, "b");
        queue.done(0);
        assert_eq!(drain(&mut queue), ["b"]);
    }
}
