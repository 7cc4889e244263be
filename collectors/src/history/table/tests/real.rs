//! Real files, and what must hold for any bytes.

use super::*;

// sadf.

#[test]
fn sadf_comes_in_blocks_with_restarts_between() {
    let text = "# hostname;interval;timestamp;kbmemfree;%memused\nvm;2;2026-11-21 19:01:44 UTC;5;8,37\n\
                vm;-1;2026-11-21 19:01:50 UTC;LINUX-RESTART\t(2 CPU)\n\
                # hostname;interval;timestamp;kbmemfree;%memused\nvm;2;2026-11-21 19:01:54 UTC;6;8,38\n\
                vm;-1;2026-11-21 19:01:55 UTC;COM all is well\n\
                # hostname;interval;timestamp;CPU;%user\nvm;2;2026-11-21 19:01:44 UTC;0;1,5\n\
                vm;2;2026-11-21 19:01:44 UTC;1;2,5\n";
    let found = check(
        text,
        &[
            "vm:kbmemfree @0=5 @10=6",
            "vm:%memused @0=8.37 @10=8.38",
            "vm:%user{CPU=0} @0=1.5",
            "vm:%user{CPU=1} @0=2.5",
        ],
    );
    assert_eq!(found.restarts, [("vm".to_owned(), (START_S + 6) * 1000)]);
    let local = "# hostname;interval;timestamp;a\nvm;2;2026-11-21 19:01:44;1\n\
                 # hostname;interval;timestamp;b\nvm;2;2026-11-21 19:01:44;1\n";
    let found = check(local, &["vm:a @0=1", "vm:b @0=1"]);
    assert_eq!(found.notes.matches("taken as UTC").count(), 1);
    check_with(&values(&["%user"]), text, &["vm:%user{CPU=0} @0=1.5", "vm:%user{CPU=1} @0=2.5"]);
    let restarted = "# hostname;interval;timestamp;a\nvm;-1;2026-11-21 19:01:40 UTC;LINUX-RESTART\n\
                     # hostname;interval;timestamp;a\nvm;2;2026-11-21 19:01:44 UTC;1\n";
    check(restarted, &["vm:a @0=1"]);
    check_error(&values(&["%idle"]), text, "there is no column `%idle`");
}

// Files of others.

fn shared(folder: &str) -> std::path::PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")).join(folder)
}

/// Reads a file of others; says loudly that it is absent.
#[allow(clippy::print_stderr, reason = "a skipped test must not look like one that ran")]
fn sample(path: &str) -> Option<Vec<u8>> {
    let found = std::fs::read(shared(path)).ok();
    if found.is_none() {
        eprintln!("SKIPPED: {} is absent", shared(path).display());
    }
    found
}

#[track_caller]
fn check_sample(path: &str, columns: usize, samples: usize, some: &str) {
    let Some(text) = sample(path) else { return };
    let found = try_read(&text, &options()).unwrap();
    let all: usize = found.columns.iter().map(|column| column.v.len()).sum();
    assert_eq!(
        (found.columns.len(), all, found.rejected.count),
        (columns, samples, 0),
        "{:?}",
        found.rejected.first
    );
    let described: Vec<String> = found.columns.iter().map(describe).collect();
    assert!(described.iter().any(|column| column.starts_with(some)), "{described:?}");
}

#[test]
fn real_tables_give_what_is_in_them() {
    check_sample("formats/collectd/memory-used-2026-11-21", 1, 20, "value @1112.637=2189520896");
    check_sample("formats/influx/query.csv", 2, 4, "web 1:available{name=mem,dc=eu} @1050=22879334400");
    check_sample("formats/netdata/data.csv", 4, 80, "free @1239=12240.605");
    check_sample("formats/pcp/pmrep.csv", 6, 173, "mem.util.free @243=13773784");
    check_sample("formats/sysstat/sadf_d_r.csv", 11, 363, "vm:kbmemfree @0=16097632");
    check_sample("formats/sysstat/sadf_U.csv", 11, 22, "vm:%memused @0=8.37");
    check_sample(
        "formats/synthetic/perfmon_pdh.csv",
        7,
        19,
        "WEB01:Process\\Handle Count{instance=svchost#3}",
    );
    check_sample("formats/synthetic/zabbix_history_uint.csv", 1, 2, "value{itemid=42253} @1050=22703095808");
    check_sample("formats/synthetic/zabbix_trends_uint.csv", 4, 4, "value_avg{itemid=42253}");
    check_sample(
        "formats/victoriametrics/export.csv",
        1,
        5,
        "node_memory_MemAvailable_bytes{column_2=web1:9100}",
    );
    check_sample("datasets/ibm-cloud/appln2.csv", 1, 1662, "usage");
    check_sample("datasets/llm-server/monitoringopt-125m_10s.csv", 17, 87_227, "usedMemory");
    check_sample("datasets/nab/ec2_cpu_utilization_5f5533.csv", 1, 4032, "value");
    check_sample("datasets/reference/AirPassengers.csv", 1, 144, "#Passengers");
    check_sample("datasets/reference/nile.csv", 1, 100, "volume");
}

#[test]
fn groups_of_relays_are_added_up() {
    let Some(text) = sample("datasets/tor-relays/memory_measurements.csv") else { return };
    let options =
        Options { series: vec!["group".to_owned()], values: vec!["rss_kb".to_owned()], ..options() };
    let found = try_read(&text, &options).unwrap();
    let group = |name: &str| found.columns.iter().find(|column| column.key.labels[0].1 == name).unwrap();
    assert_eq!(group("A").v.len(), 59);
    // `awk -F, '$1=="2025-12-26T08:39:37" && $6=="A" {s+=$7} END {print s}'` prints it.
    assert_eq!(group("A").v.first(), Some(&5_397_008.0));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = try_read(&text, &options());
    }

    #[test]
    fn almost_tables_are_read_without_panic(text in "(time|date|a|#| |,|;|\"|\n|\r|NA|-|17952877[0-9]{2}|2026-1[0-9]-2[0-9]|[0-9]{1,3}(\\.[0-9]+)?){0,60}") {
        let berlin = Options { zone: Some(Tz::Europe__Berlin), ..series(&["a"]) };
        let _ = try_read(text.as_bytes(), &options());
        let _ = try_read(text.as_bytes(), &berlin);
    }

    /// Whatever is cut, overwritten or doubled in a real file, reading it ends without panic.
    #[test]
    fn broken_samples_are_read_without_panic(
        which in 0..6_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let path = ["formats/pcp/pmrep.csv", "formats/sysstat/sadf_d_r.csv", "formats/synthetic/perfmon_pdh.csv",
            "formats/influx/query.csv", "formats/netdata/data.csv", "formats/victoriametrics/export.csv"][which];
        if let Ok(mut text) = std::fs::read(shared(path)) {
            for (at, byte) in edits {
                let at = at.index(text.len());
                text[at] = byte;
            }
            text.truncate(cut.index(text.len()) + 1);
            let _ = try_read(&text, &options());
        }
    }

    /// What is written is read back: every cell is a sample, a missing one or a rejected one.
    #[test]
    fn a_written_table_is_read_back(rows in prop::collection::vec((0_i64..10_000, -1e9_f64..1e9), 1..50)) {
        let mut text = "time,a\n".to_owned();
        let mut expected = std::collections::BTreeMap::new();
        for (t, value) in rows {
            let _ = writeln!(text, "{},{value}", START_S + t);
            expected.insert((START_S + t) * 1000, value);
        }
        let found = try_read(text.as_bytes(), &options()).unwrap();
        let read: Vec<(i64, f64)> =
            found.columns[0].t_ms.iter().copied().zip(found.columns[0].v.iter().copied()).collect();
        prop_assert_eq!(read, expected.into_iter().collect::<Vec<_>>());
    }
}
