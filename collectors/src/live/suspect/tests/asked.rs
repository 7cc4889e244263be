//! Groups, programs and starts: processes that are written down, and this one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{ALWAYS, Allowance, this_process};
use crate::live::suspect::{booted_ms, deleted, executable, members, started_ms, swapped};
use crate::live::{Identity, Named, Root};

fn write(folder: &Path, pid: u32, program: &str, start: u64, swap: Option<u64>) {
    let process = folder.join(format!("proc/{pid}"));
    fs::create_dir_all(&process).unwrap();
    let stat = format!("{pid} ({program}) S 1 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 3 0 {start} 1000 200 0 1\n");
    fs::write(process.join("stat"), stat).unwrap();
    fs::write(process.join("cgroup"), "0::/system.slice/a.service\n").unwrap();
    let swap = swap.map_or(String::new(), |kib| format!("VmSwap:\t{kib} kB\n"));
    fs::write(process.join("status"), format!("Name:\tx\nVmRSS:\t 9 kB\n{swap}Threads:\t1\n")).unwrap();
    symlink(format!("/opt/{program}"), process.join("exe")).unwrap();
}

fn host() -> (tempfile::TempDir, Root) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 9, "web", 700, Some(100));
    write(folder.path(), 20, "web", 500, Some(300));
    write(folder.path(), 30, "db", 600, Some(900));
    write(folder.path(), 40, "calm", 600, Some(0));
    write(folder.path(), 50, "kernel", 600, None);
    fs::write(folder.path().join("proc/stat"), "cpu 1 2\nbtime 1700000000\n").unwrap();
    let root = Root::new(folder.path()).unwrap();
    (folder, root)
}

#[test]
fn swap_is_taken_apart_by_group() {
    let (_folder, root) = host();
    let found = swapped(&root, &Named::default(), &ALWAYS).unwrap();
    let told: Vec<(&str, u64, u32)> =
        found.groups.iter().map(|group| (&*group.name, group.bytes, group.count)).collect();
    assert_eq!(told, [("a.service/db", 900 << 10, 1), ("a.service/web", 400 << 10, 2)]);
    assert_eq!(found.groups[1].largest, Identity { start_ticks: 500, pid: 20 });
    assert!(!found.is_cut && found.hidden == 0);
    let cut = swapped(&root, &Named::default(), &Allowance { may_go_on: &|| false, ..ALWAYS }).unwrap();
    assert!(cut.is_cut && cut.groups.is_empty());
}

#[test]
fn the_members_of_a_group_are_found_and_when_they_were_started() {
    let (_folder, root) = host();
    let (found, is_cut) = members(&root, "a.service/web", &Named::default(), &ALWAYS).unwrap();
    assert_eq!(found.iter().map(|member| member.pid).collect::<Vec<_>>(), [20, 9], "oldest first");
    assert!(!is_cut && members(&root, "web", &Named::default(), &ALWAYS).unwrap().0.is_empty());
    assert_eq!(booted_ms(&root).unwrap(), 1_700_000_000_000);
    assert_eq!(started_ms(&root, found[0]).unwrap(), 1_700_000_005_000);
    let another = Identity { start_ticks: 501, ..found[0] };
    assert_eq!(started_ms(&root, another).unwrap_err().reason(), "absent");
}

#[test]
fn this_program_was_not_replaced_and_another_under_its_number_is_absent() {
    let root = Root::new("/").unwrap();
    let own = this_process(&root);
    let found = executable(&root, own).unwrap();
    assert!(!found.is_replaced && found.changed.is_some(), "{found:?}");
    assert_eq!(found.path, std::env::current_exe().unwrap().to_str().unwrap());
    let another = Identity { start_ticks: 1, ..own };
    assert_eq!(executable(&root, another).unwrap_err().reason(), "absent");
}

#[test]
fn deleted_files_count_at_the_group_that_keeps_them_and_in_their_file_system_alone() {
    let root = Root::new("/").unwrap();
    let folder = tempfile::tempdir_in(".").unwrap();
    let path = folder.path().join("nameless");
    fs::write(&path, vec![7_u8; 3_000_000]).unwrap();
    let _kept = [fs::File::open(&path).unwrap(), fs::File::open(&path).unwrap()];
    fs::remove_file(&path).unwrap();
    let here = std::env::current_dir().unwrap();
    let here = here.to_str().unwrap().trim_start_matches('/');
    let own = this_process(&root);
    let bytes = |mount: &str| {
        let found = deleted(&root, mount, &Named::default(), &ALWAYS).unwrap();
        let mine = found.groups.into_iter().find(|group| group.largest == own);
        mine.map_or(0, |group| group.bytes)
    };
    assert!((3_000_000..6_000_000).contains(&bytes(here)), "{}", bytes(here));
    assert_eq!(bytes("proc"), 0);
}
