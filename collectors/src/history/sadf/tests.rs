//! Documents of sadf, real and written.

use proptest::prelude::*;

use super::super::catalogue;
use super::*;

/// Two statistics of a host with a clock nine hours east, and one boot.
const DOCUMENT: &str = r#"{"sysstat": {
    "hosts": [{
        "nodename": "vm", "file-date": "2026-11-21", "file-utc-time": "19:01:42", "timezone": "UTC",
        "statistics": [
            {"timestamp": {"date": "2026-11-21", "time": "19:10:00", "utc": 1, "interval": 600},
             "cpu-load": [{"cpu": "all", "usr": 1.0}],
             "memory": {"memfree": 600, "avail": 750, "memused": 100, "memused-percent": 10.00, "active": 3},
             "queue": {"runq-sz": 7, "plist-sz": 156},
             "network": {"net-dev": [{"iface": "lo", "rxpck": 0.0}], "net-sock": {"totsck": 19}},
             "filesystems": [{"filesystem": "/dev/vda", "MBfsfree": 9, "MBfsused": 1},
                             {"MBfsfree": 7, "MBfsused": 2, "filesystem": "/dev/vdb"}]},
            {"memory": {"memfree": 500, "avail": 700},
             "timestamp": {"date": "2026-11-21", "time": "19:20:00", "utc": 1, "interval": 600}}
        ],
        "restarts": [{"boot": {"date": "2026-11-21", "time": "19:15:00", "utc": 1, "cpu_count": 2}}]
    }]
}}"#;

type Answer = (Vec<super::super::Column>, Vec<(String, i64)>, super::super::Rejected, Vec<Note>);

fn read_with(document: &[u8], options: &Options) -> Result<Answer, HistoryError> {
    let mut out = Builder::default();
    let notes = read(&mut &*document, "sa", options, &mut out)?;
    let (columns, restarts, rejected) = out.finish();
    Ok((columns, restarts, rejected, notes))
}

fn read_all(document: &str) -> Answer {
    read_with(document.as_bytes(), &Options::default()).unwrap()
}

fn times(date: &str, stamps: &[(&str, &str)], zone: &str) -> String {
    let one = |&(date, time): &(&str, &str)| {
        format!(
            "{{\"timestamp\": {{\"date\": \"{date}\", \"time\": \"{time}\", \"utc\": 0, \"interval\": 600}}, \
             \"kernel\": {{\"file-nr\": 1}}}}"
        )
    };
    let stamps: Vec<String> = stamps.iter().map(one).collect();
    format!(
        "{{\"sysstat\": {{\"hosts\": [{{\"nodename\": \"vm\", \"file-date\": \"{date}\", \"timezone\": \"{zone}\", \
         \"statistics\": [{}]}}]}}}}",
        stamps.join(", ")
    )
}

#[test]
fn levels_are_read_in_base_units_and_rates_are_not() {
    let (columns, ..) = read_all(DOCUMENT);
    let lines: Vec<String> = columns
        .iter()
        .map(|column| {
            let label = column.key.labels.first().map_or("", |(_, value)| value);
            format!("{} {} {label} {:?} {:?}", column.key.host, column.key.metric, column.unit, column.v)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "vm memory.memfree  Bytes [614400.0, 512000.0]",
            "vm memory.avail  Bytes [768000.0, 716800.0]",
            "vm memory.memused  Bytes [102400.0]",
            "vm memory.memused-percent  Percent [10.0]",
            "vm queue.plist-sz  Count [156.0]",
            "vm net-sock.totsck  Count [19.0]",
            "vm filesystems.MBfsfree /dev/vda Bytes [9437184.0]",
            "vm filesystems.MBfsused /dev/vda Bytes [1048576.0]",
            "vm filesystems.MBfsfree /dev/vdb Bytes [7340032.0]",
            "vm filesystems.MBfsused /dev/vdb Bytes [2097152.0]",
        ]
    );
}

#[test]
fn times_are_utc_and_boots_are_restarts() {
    let (columns, restarts, _, notes) = read_all(DOCUMENT);
    assert_eq!(columns[0].t_ms, [1_795_288_200_000, 1_795_288_800_000]);
    assert_eq!(restarts, [("vm".to_owned(), 1_795_288_500_000)]);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].text.contains("no process data"));
}

#[test]
fn wall_clock_times_take_the_zone_that_is_given() {
    let document = times("2026-11-21", &[("2026-11-21", "12:00:00")], "JST");
    let options = Options { zone: Some(chrono_tz::Asia::Tokyo), ..Options::default() };
    let (columns, .., notes) = read_with(document.as_bytes(), &options).unwrap();
    assert_eq!(columns[0].t_ms, [1_795_230_000_000]);
    assert!(notes.iter().any(|note| note.text.contains("taken as Asia/Tokyo")), "{notes:?}");
    let (columns, .., notes) = read_all(&document);
    assert_eq!(columns[0].t_ms, [1_795_262_400_000]);
    assert!(
        notes.iter().any(|note| note.text.contains("`JST`") && note.text.contains("--zone")),
        "{notes:?}"
    );
}

#[test]
fn dates_of_another_zone_are_put_right() {
    // A reader in Tokyo, a file of UTC: from 15:00 on the date is a day ahead.
    let stamps = [("2026-11-21", "14:50:00"), ("2026-11-22", "15:00:00"), ("2026-11-22", "15:10:00")];
    let (columns, .., notes) = read_all(&times("2026-11-21", &stamps, "UTC"));
    assert_eq!(columns[0].t_ms, [1_795_272_600_000, 1_795_273_200_000, 1_795_273_800_000]);
    assert!(notes.iter().any(|note| note.text.starts_with("2 dates")), "{notes:?}");
    // A reader in UTC, a file of Tokyo: the first date is a day behind that of the file.
    let (columns, ..) = read_all(&times("2026-11-21", &[("2026-11-20", "06:00:00")], "UTC"));
    assert_eq!(columns[0].t_ms, [1_795_240_800_000]);
    // A file whose first statistic stands at midnight, and a day without statistics, are right as they are.
    let (columns, ..) =
        read_all(&times("2026-11-21", &[("2026-11-22", "00:05:00"), ("2026-11-23", "09:00:00")], "UTC"));
    assert_eq!(columns[0].t_ms, [1_795_305_900_000, 1_795_424_400_000]);
}

#[test]
fn a_time_that_is_none_costs_its_statistic_and_names_its_line() {
    let document = DOCUMENT.replace("19:10:00", "19:99:00");
    let (columns, _, rejected, _) = read_all(&document);
    assert_eq!(columns[0].v.len(), 1);
    assert_eq!(rejected.first.unwrap().0, 11);
}

#[test]
fn a_document_that_breaks_off_gives_what_it_has() {
    let cut = DOCUMENT.find("\"avail\": 700").unwrap();
    let (columns, _, rejected, notes) = read_all(&DOCUMENT[..cut]);
    assert_eq!(columns[0].v.len(), 1);
    assert_eq!(rejected.count, 1);
    assert!(notes.iter().any(|note| note.text.contains("breaks off in line 12")), "{notes:?}");
}

#[test]
fn nothing_and_something_else_are_errors() {
    let fails = |document: &str| read_with(document.as_bytes(), &Options::default()).unwrap_err();
    assert!(matches!(fails(" \n "), HistoryError::Empty { .. }));
    assert!(matches!(fails("{\"sysst"), HistoryError::Parse { .. }));
    assert!(matches!(fails("{\"status\": \"success\"}"), HistoryError::Parse { .. }));
    assert!(matches!(fails("<html>"), HistoryError::Parse { .. }));
}

/// What `sadf -j` of sysstat 12.6 wrote; its raw output of the same file has the total (kbttlmem).
#[test]
fn the_total_of_a_real_file_is_exact() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/formats/sysstat/sadf_j.json");
    let Ok(document) = std::fs::read(path) else {
        return skipped(path);
    };
    let (columns, restarts, rejected, _) = read_with(&document, &Options::default()).unwrap();
    assert_eq!((rejected.count, restarts.len()), (0, 1));
    let (series, _) = catalogue::resolve(columns, &restarts, path, &Options::default());
    let find = |name: &str| series.iter().find(|series| series.name == name).unwrap();
    let memory = find("memory.available");
    assert_eq!(memory.limit.as_ref().unwrap().steps, [(1_795_287_704_000, 24_684_096.0 * 1024.0)]);
    assert_eq!(memory.v[0].to_bits(), ((24_684_096.0 - 22_207_388.0) * 1024.0_f64).to_bits());
    assert_eq!((memory.v.len(), memory.restarts_ms.len(), memory.host.as_str()), (33, 1, "vm"));
    assert_eq!(
        find("disk.inodes:/dev/vda").limit.as_ref().unwrap().steps[0].1.to_bits(),
        16_777_216_f64.to_bits()
    );
    // 73.23 % of 258 020 MB are not free for ordinary users, 23 984 MB are used.
    let disk = find("disk.bytes:/dev/vda").limit.as_ref().unwrap();
    let expected = 258_020.0 - (0.7323 * 258_020.0 - 23_984.0);
    assert_eq!(disk.steps.len(), 1);
    assert!((disk.steps[0].1 / 1_048_576.0 - expected).abs() < 30.0, "{disk:?}");
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn skipped(path: &str) {
    eprintln!("SKIPPED: `{path}` is not there");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_with(&bytes, &Options::default());
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0..DOCUMENT.len(), byte: u8, cut in 0..DOCUMENT.len(), local: bool) {
        let mut document = DOCUMENT.as_bytes().to_vec();
        if local {
            document = DOCUMENT.replace("\"utc\": 1", "\"utc\": 0").into_bytes();
        }
        let whole = document.len();
        document[at.min(whole - 1)] = byte;
        let _ = read_with(&document, &Options { zone: Some(chrono_tz::Europe::Berlin), ..Options::default() });
        document.truncate(cut);
        let _ = read_with(&document, &Options::default());
    }
}
