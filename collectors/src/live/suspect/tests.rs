//! Looks at fixtures, at this process, and at folders made for the walk.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

mod asked;

const ALWAYS: Allowance<'static> =
    Allowance { may_go_on: &|| true, entries: 10_000, resident_bytes: 4 << 30 };

fn this_process(root: &Root) -> Identity {
    let pid = rustix::process::getpid().as_raw_nonzero().get().unsigned_abs();
    let start_ticks = super::super::process::start_ticks(root, pid, &mut Buffer::default()).unwrap();
    Identity { start_ticks, pid }
}

#[test]
fn this_process_is_looked_at() {
    let root = Root::new("/").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept");
    fs::write(&path, vec![7_u8; 200_000]).unwrap();
    let _kept = [fs::File::open(&path).unwrap(), fs::File::open(&path).unwrap()];
    fs::remove_file(&path).unwrap();
    let report = look(&root, &[this_process(&root)], &ALWAYS);
    let process = &report.processes[0];
    let memory = process.memory.unwrap();
    assert!(0 < memory.proportional && memory.proportional <= memory.resident, "{memory:?}");
    assert!(10 < process.mappings.unwrap().0);
    let descriptors = process.descriptors.as_ref().unwrap();
    let kept: Vec<_> = descriptors.deleted.iter().filter(|file| file.name.ends_with("kept")).collect();
    assert!(kept.len() == 1 && 200_000 <= kept[0].bytes, "{descriptors:?}");
    assert!(!report.is_cut);
}

#[test]
fn a_number_that_is_another_process_now_is_not_looked_at() {
    let root = Root::new("/").unwrap();
    let other = Identity { start_ticks: 1, ..this_process(&root) };
    let report = look(&root, &[other], &ALWAYS);
    assert!(report.processes.is_empty());
    assert_eq!(report.failures[0].reason(), "absent");
}

#[test]
fn the_time_and_the_size_that_are_allowed_bind() {
    let root = Root::new("/").unwrap();
    let suspects = [this_process(&root); 3];
    let never = Allowance { may_go_on: &|| false, ..ALWAYS };
    assert!(look(&root, &suspects, &never).is_cut);
    let small = Allowance { resident_bytes: 1, entries: 1, ..ALWAYS };
    let report = look(&root, &suspects[..1], &small);
    assert!(report.is_cut && report.processes[0].memory.is_none());
    let kinds = &report.processes[0].descriptors.as_ref().unwrap().kinds;
    assert!(kinds.iter().map(|kind| kind.1).sum::<u64>() <= 1, "{kinds:?}");
}

#[test]
fn a_fixture_with_hostile_names_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let process = folder.path().join("proc/7");
    fs::create_dir_all(process.join("fd")).unwrap();
    symlink("/var/log/\u{1b}[31mred (deleted)", process.join("fd/3")).unwrap();
    symlink("socket:[9]", process.join("fd/4")).unwrap();
    fs::write(process.join("stat"), format!("7 (a) b) S {} 55 0\n", "1 ".repeat(18))).unwrap();
    fs::write(process.join("statm"), "100 50 1 1 0 1 0\n").unwrap();
    fs::write(process.join("smaps_rollup"), "Rss: 200 kB\nPss: 100 kB\n").unwrap();
    fs::write(process.join("maps"), "a\nb\n").unwrap();
    let root = Root::new(folder.path()).unwrap();
    let report = look(&root, &[Identity { start_ticks: 55, pid: 7 }], &ALWAYS);
    assert!(report.failures.is_empty(), "{:?}", report.failures);
    let process = &report.processes[0];
    assert_eq!((process.mappings, process.memory.unwrap().proportional), (Some((2, None)), 102_400));
    let descriptors = process.descriptors.as_ref().unwrap();
    assert_eq!(descriptors.kinds.len(), 2);
    assert!(descriptors.deleted.is_empty(), "its size is not to be had");
}

fn host() -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("srv/log/deep/deeper")).unwrap();
    fs::create_dir_all(folder.path().join("srv/data")).unwrap();
    let root = Root::new(folder.path()).unwrap();
    (folder, root)
}

fn write(folder: &Path, file: &str, bytes: usize) {
    fs::write(folder.join(file), vec![b'x'; bytes]).unwrap();
}

#[test]
fn two_walks_tell_what_grew_and_links_are_not_followed() {
    let (folder, root) = host();
    write(folder.path(), "srv/data/a", 100_000);
    fs::hard_link(folder.path().join("srv/data/a"), folder.path().join("srv/data/b")).unwrap();
    symlink("/", folder.path().join("srv/data/everything")).unwrap();
    let earlier = Walk::of(&root, Path::new("srv"), 0, &ALWAYS).unwrap();
    assert!(!earlier.is_cut);
    assert!(earlier.directories["data"].bytes < 200_000, "{earlier:?}");
    assert_eq!(earlier.directories["data"].entries, 4, "itself, two names of a file, a link");
    write(folder.path(), "srv/log/deep/deeper/x", 500_000);
    let later = Walk::of(&root, Path::new("srv"), i64::MAX, &ALWAYS).unwrap();
    let grown = later.grown_since(&earlier);
    assert_eq!(grown.len(), 1, "{grown:?}");
    assert!(grown[0].path == "log/deep" && 500_000 <= grown[0].bytes);
    assert!(later.freshest().is_empty(), "nothing was written after the end of time");
    let fresh = Walk::of(&root, Path::new("srv"), 0, &ALWAYS).unwrap();
    assert_eq!(fresh.freshest()[0].0, "log/deep");
}

#[test]
fn a_walk_ends_when_it_has_seen_enough_and_claims_nothing() {
    let (folder, root) = host();
    for file in 0..50 {
        write(folder.path(), &format!("srv/data/{file}"), 10);
    }
    let few = Walk::of(&root, Path::new("srv"), 0, &Allowance { entries: 20, ..ALWAYS }).unwrap();
    assert!(few.is_cut && few.directories.values().map(|d| d.entries).sum::<u64>() <= 20);
    let asked = Cell::new(0);
    let twice = || {
        asked.set(asked.get() + 1);
        asked.get() < 2
    };
    let short = Walk::of(&root, Path::new("srv"), 0, &Allowance { may_go_on: &twice, ..ALWAYS }).unwrap();
    assert!(short.is_cut && short.grown_since(&few).is_empty());
    assert!(Walk::of(&root, Path::new("none"), 0, &ALWAYS).is_err());
}

#[test]
fn tags_of_the_kernel_are_read_or_missed_with_a_reason() {
    let (tags, failures) = kernel_tags(&Root::new("/").unwrap());
    assert!(!tags.is_empty() || !failures.is_empty());
    let (_folder, root) = host();
    let (tags, failures) = kernel_tags(&root);
    assert!(tags.is_empty() && failures.iter().all(|failure| failure.reason() == "absent"));
}
