//! Traps of atop's output.

use proptest::prelude::*;

use super::super::Column;
use super::*;

const P: &str = "\
RESET
MEM vm 1795902140 2026/11/28 21:42:20 1043 4096 1000 400 300 50 100 3 60 0 20 0 0 2097152 0 0 0 0 0 191 0 9
SWP vm 1795902140 2026/11/28 21:42:20 1043 4096 100 80 0 60 3000 0 0 0
PRG vm 1795902140 2026/11/28 21:42:20 1043 1 (init) S 0 0 1 13 0 1795901097 (/init) S (a) 0 0) 0 0 y 0 0 - N ()
PRG vm 1795902140 2026/11/28 21:42:20 1043 1 (init) S 0 0 1 1 0 1795901097 () 0 0 1 0 n 0 0 - N ()
PRG vm 1795902140 2026/11/28 21:42:20 1043 58 (worker) S 0 0 1 1 0 1795901098 () 0 0 1 0 n 0 0 - N ()
PRG vm 1795902140 2026/11/28 21:42:20 1043 70 (a) S (b) S 0 0 70 2 0 1795901200 (x y) 1 y
PRM vm 1795902140 2026/11/28 21:42:20 1043 1 (init) S 4096 53096 100 5 53096 100 45 0 8 45 132 0 1 y 0 53064
PRM vm 1795902140 2026/11/28 21:42:20 1043 1 (init) S 4096 53096 100 5 53096 100 45 0 8 45 132 0 1 n 0 53064
PRM vm 1795902140 2026/11/28 21:42:20 1043 58 (worker) S 4096 53096 100 5 53096 100 45 0 8 45 132 0 1 n 0 53064
PRM vm 1795902140 2026/11/28 21:42:20 1043 70 (a) S (b) S 4096 400 40 5 1 1 1 0 8 45 132 7 70 y 0 53064
PRM vm 1795902140 2026/11/28 21:42:20 1043 2 (kthreadd) S 4096 0 0 0 0 0 0 0 0 0 0 0 2 y 0 0
SEP
MEM vm 1795902150 2026/11/28 21:42:30 10 4096 1000 390 300 50 100 3 60 0 20 0 0 2097152 0 0 0 0 0 191 0 9
PRM vm 1795902150 2026/11/28 21:42:30 10 70 (a) S (b) S 4096 400 50 5 1 1 1 0 8 45 132 7 70 y 0 53064
PRM vm 1795902150 2026/11/28 21:42:30 10 71 (gone) E 4096 400 50 5 1 1 1 0 8 45 132 7 71 y 0 53064
SEP
";

const J: &str = concat!(
    r#"{"host": "vm", "timestamp": 1795902140, "elapsed": 1043, "MEM": {"physmem": 4096000, "freemem": 1638400, "cachemem": 1228800, "buffermem": 204800, "slabmem": 409600, "slabreclaim": 245760, "shmem": 81920}, "SWP": {"totswap": 409600, "freeswap": 327680, "committed": 245760}, "PRG": [{"pid": 1, "name": "(init)", "state": "S", "nthr": 13, "btime": "1795901097", "isproc": 1}, {"pid": 1, "name": "(init)", "state": "S", "nthr": 1, "btime": "1795901097", "isproc": 0}, {"pid": 58, "name": "(worker)", "state": "S", "isproc": 0}, {"pid": 70, "name": "(a) S (b)", "state": "S", "nthr": 2, "btime": "1795901200", "isproc": 1}], "PRM": [{"pid": 1, "vmem": 53096, "rmem": 100, "vswap": 0}, {"pid": 1, "vmem": 53096, "rmem": 100, "vswap": 0}, {"pid": 58, "vmem": 53096, "rmem": 100}, {"pid": 70, "vmem": 400, "rmem": 40, "vswap": 7}]}"#,
    "\n",
);

type Answer = (Vec<Column>, Vec<(String, i64)>, super::super::Rejected, Vec<Note>);

fn read_as(text: &[u8], json: bool) -> Result<Answer, HistoryError> {
    let mut out = Builder::default();
    let reader = if json { read_json } else { read };
    let notes = reader(&mut &*text, "atop", &Options::default(), &mut out)?;
    let (columns, restarts, rejected) = out.finish();
    Ok((columns, restarts, rejected, notes))
}

#[track_caller]
fn check(columns: &[Column], metric: &str, program: &str, expected: &[f64]) {
    let is_meant = |column: &&Column| {
        column.key.metric == metric && column.key.labels.first().map_or("", |label| &label.1) == program
    };
    let found = columns.iter().find(is_meant).map(|column| column.v.as_slice()).unwrap_or_default();
    assert_eq!(found, expected, "{metric} {program}");
}

#[test]
fn host_and_processes_are_read_and_threads_are_not() {
    let (columns, _, rejected, _) = read_as(P.as_bytes(), false).unwrap();
    assert_eq!(rejected.count, 0, "{rejected:?}");
    check(&columns, "atop.memory.used", "", &[210.0 * 4096.0, 220.0 * 4096.0]);
    check(&columns, "atop.memory.total", "", &[4_096_000.0, 4_096_000.0]);
    check(&columns, "atop.swap.used", "", &[20.0 * 4096.0]);
    check(&columns, "process.memory", "init", &[102_400.0]);
    check(&columns, "process.threads", "init", &[13.0]);
    check(&columns, "process.memory", "a) S (b", &[40.0 * 1024.0, 50.0 * 1024.0]);
    check(&columns, "process.swap", "a) S (b", &[7.0 * 1024.0, 7.0 * 1024.0]);
    for program in ["worker", "kthreadd", "gone"] {
        check(&columns, "process.memory", program, &[]);
    }
}

#[test]
fn json_tells_the_same() {
    let (columns, _, rejected, _) = read_as(J.as_bytes(), true).unwrap();
    assert_eq!(rejected.count, 0, "{rejected:?}");
    check(&columns, "atop.memory.used", "", &[210.0 * 4096.0]);
    check(&columns, "process.memory", "init", &[102_400.0]);
    check(&columns, "process.threads", "init", &[13.0]);
    check(&columns, "process.count", "init", &[1.0]);
    check(&columns, "process.memory", "a) S (b", &[40.0 * 1024.0]);
    check(&columns, "process.memory", "worker", &[]);
}

#[test]
fn names_without_parentheses_are_read() {
    let text = P.replace("(a) S (b)", "a_S_b");
    check(&read_as(text.as_bytes(), false).unwrap().0, "process.memory", "a_S_b", &[40_960.0, 51_200.0]);
}

#[test]
fn a_boot_is_a_restart_and_a_second_start_of_atop_is_none() {
    let sample = |t: i64, since: i64| {
        format!("RESET\nMEM vm {t} 2026/11/28 21:42:20 {since} 4096 1000 400 300 50 100\nSEP\n")
    };
    let text = sample(1_795_902_140, 1000) + &sample(1_795_902_740, 1601) + &sample(1_795_903_340, 100);
    let (_, restarts, ..) = read_as(text.as_bytes(), false).unwrap();
    assert_eq!(restarts, [("vm".to_owned(), 1_795_903_240_000)]);
}

#[test]
fn a_program_that_was_started_anew_begins_anew() {
    let sample = |t: i64, pid: i64, start: i64| {
        format!(
            "PRG vm {t} 2026/11/28 21:42:20 10 {pid} (a) S 0 0 {pid} 1 0 {start} (a) 1 y\n\
             PRM vm {t} 2026/11/28 21:42:20 10 {pid} (a) S 4096 400 40 5 1 1 1 0 8 45 132 7 {pid} y 0 0\nSEP\n"
        )
    };
    let text = sample(100, 7, 10) + &sample(110, 7, 10) + &sample(120, 8, 115);
    let (columns, ..) = read_as(text.as_bytes(), false).unwrap();
    assert_eq!(columns[0].restarts_ms, [115_000]);
}

#[test]
fn a_bad_line_costs_itself_and_is_named() {
    let text = P.replacen("4096 1000 400", "4096 many 400", 1);
    let (_, _, rejected, _) = read_as(text.as_bytes(), false).unwrap();
    assert_eq!((rejected.count, rejected.first.unwrap().0), (1, 2));
    let (_, _, rejected, _) = read_as(format!("{J}{{\"host\": \"x\n{J}").as_bytes(), true).unwrap();
    assert_eq!((rejected.count, rejected.first.unwrap().0), (1, 2));
}

#[test]
fn nothing_and_something_else_are_errors_and_no_process_is_said() {
    for json in [false, true] {
        assert!(matches!(read_as(b"\n\n", json), Err(HistoryError::Empty { .. })));
        assert!(matches!(read_as(b"\n{\"a\": 3}\n", json), Err(HistoryError::Parse { line: 2, .. })));
    }
    let hosts_only = P.lines().next_back().map(|_| P.lines().filter(|line| !line.starts_with("PR")));
    let text: Vec<&str> = hosts_only.unwrap().collect();
    let notes = read_as(text.join("\n").as_bytes(), false).unwrap().3;
    assert!(notes[0].text.contains("no process in it"), "{notes:?}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), json: bool) {
        let _ = read_as(&bytes, json);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0..900_usize, byte: u8, cut in 0..900_usize, json: bool) {
        let mut text = if json { J } else { P }.as_bytes().to_vec();
        let at = at % text.len();
        text[at] = byte;
        let _ = read_as(&text, json);
        text.truncate(cut);
        let _ = read_as(&text, json);
    }

    #[test]
    fn a_name_of_any_letters_is_read(name in "[ -~]{1,15}", resident in 1_u32..1 << 20) {
        let line = format!("7 ({name}) S 4096 400 {resident} 5 1 1 1 0 8 45 132 7 7 y 0 0");
        let process = sizes(&line).unwrap();
        prop_assert_eq!(process.program.as_deref(), Some(name.as_str()));
        prop_assert_eq!(process.memory, Some(f64::from(resident) * 1024.0));
    }
}
