//! What systems call their memory, disks and files.

use super::*;

/// free, used, buffers, cached, slab; used is 10 % of 1000.
fn sysstat(used: f64, slab: bool) -> Vec<Column> {
    let twice = |value: f64| [value, value];
    let mut columns = table(&[
        ("memory.memfree", &twice(600.0)),
        ("memory.avail", &twice(750.0)),
        ("memory.memused", &twice(used)),
        ("memory.memused-percent", &twice(used / 10.0)),
        ("memory.buffers", &twice(50.0)),
        ("memory.cached", &twice(200.0)),
    ]);
    if slab {
        columns.push(column("memory.slab", &[], &twice(50.0)));
    }
    columns
}

#[test]
fn the_total_of_sysstat_12_is_the_sum_of_five() {
    let also = "also memory.memfree, memory.memused, memory.memused-percent, memory.buffers, memory.cached";
    let expected = format!("memory.available = 250 of 1000 (MemTotal) {also}");
    check(sysstat(100.0, true), &[&expected, "memory.slab = 50 of none"]);
}

#[test]
fn the_total_of_older_sysstat_is_free_and_used() {
    let (series, _) = resolved(sysstat(400.0, true), &Options::default());
    assert_eq!(series[0].limit.as_ref().unwrap().steps, [(0, 1000.0)]);
}

#[test]
fn without_slab_the_total_is_worked_out_of_the_percentage_and_said() {
    let (series, notes) = resolved(sysstat(100.0, false), &Options::default());
    let total = series[0].limit.as_ref().unwrap().steps[0].1;
    assert!((total - 1000.0).abs() < 0.5, "{total}");
    assert!(notes.contains("worked out"), "{notes}");
}

#[test]
fn blocks_kept_back_for_root_are_not_free() {
    // 1000 MB, 100 used, 200 kept back: ordinary users cannot use 30 %.
    let label = &[("filesystem", "/dev/vda")];
    let notes = check(
        vec![
            column("filesystems.MBfsfree", label, &[900.0, 900.0]),
            column("filesystems.MBfsused", label, &[100.0, 100.0]),
            column("filesystems.%fsused", label, &[10.0, 10.0]),
            column("filesystems.%ufsused", label, &[30.0, 30.0]),
        ],
        &["disk.bytes:/dev/vda = 100 of 800 (file system) also filesystems.MBfsfree, filesystems.%fsused, \
           filesystems.%ufsused"],
    );
    assert!(notes.contains("kept back"), "{notes}");
}

#[test]
fn the_columns_of_sadf_d_are_kb() {
    let columns =
        table(&[("kbswpfree", &[3.0, 2.0]), ("kbswpused", &[1.0, 2.0]), ("%swpused", &[25.0, 50.0])]);
    check(columns, &["swap = 2048 of 4096 (SwapTotal) also kbswpfree, %swpused"]);
}

#[test]
fn windows_commit_has_its_limit_and_a_disk_without_a_size_falls_to_nothing() {
    let disk = column("LogicalDisk\\Free Megabytes", &[("instance", "C:")], &[3.0, 2.0]);
    let mut columns =
        table(&[("Memory\\Committed Bytes", &[10.0, 20.0]), ("Memory\\Commit Limit", &[30.0, 30.0])]);
    columns.push(disk);
    columns.extend(table(&[("Memory\\Pool Nonpaged Bytes", &[1.0, 2.0])]));
    check(
        columns,
        &[
            "memory.committed = 20 of 30 (Commit Limit)",
            "pool.nonpaged = 2 of none",
            "disk.bytes:C: = 2097152 falls of 0 (nothing left)",
        ],
    );
}

#[test]
fn used_and_limit_of_our_own_recordings() {
    check(
        table(&[
            ("fds_used", &[1.0, 2.0]),
            ("fds_limit", &[10.0, 10.0]),
            ("fs_used_bytes", &[3.0, 4.0]),
            ("fs_size_bytes", &[20.0, 20.0]),
            ("inodes_used", &[5.0, 6.0]),
            ("inodes_limit", &[30.0, 30.0]),
            ("processes_used", &[7.0, 8.0]),
            ("processes_limit", &[40.0, 40.0]),
            ("vm_used_bytes", &[9.0, 10.0]),
            ("vm_limit_bytes", &[50.0, 50.0]),
        ]),
        &[
            "files.open = 2 of 10 (fds_limit)",
            "disk.bytes = 4 of 20 (fs_size_bytes)",
            "disk.inodes = 6 of 30 (inodes_limit)",
            "processes = 8 of 40 (processes_limit)",
            "vm_used_bytes = 10 of 50 (vm_limit_bytes)",
        ],
    );
}
