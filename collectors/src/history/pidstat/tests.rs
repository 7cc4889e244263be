//! Traps of pidstat's output.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::Column;
use super::*;

const BANNER: &str = "Linux 6.1.0 (web1) \t11/28/26 \t_x86_64_\t(2 CPU)\n\n";
const HEAD: &str =
    "# Time        UID       PID    %usr  minflt/s     VSZ     RSS   %MEM threads   fd-nr  Command\n";

fn read_text(text: &[u8]) -> Result<(Vec<Column>, super::super::Rejected, Vec<Note>), HistoryError> {
    let mut out = Builder::default();
    let notes = read(&mut &*text, "pidstat", &Options::default(), &mut out)?;
    let (columns, _, rejected) = out.finish();
    Ok((columns, rejected, notes))
}

fn values(columns: &[Column], metric: &str, program: &str) -> Vec<f64> {
    let found = columns.iter().find(|c| c.key.metric == metric && c.key.labels[0].1 == program);
    found.map(|column| column.v.clone()).unwrap_or_default()
}

const ALL: &str = "\
21:42:23 0 1 0.00 0.00 500 10 0.1 1 3 init
21:42:23 0 2 0.00 0.00 0 0 0.0 1 0 kthreadd
21:42:23 0 7 1.00 2.00 500 40 0.1 2 5 web
21:42:23 0 8 0.00 0.00 500 30 0.1 2 6 web

# Time        UID       PID    %usr  minflt/s     VSZ     RSS   %MEM threads   fd-nr  Command
21:42:24 0 1 0.00 0.00 500 10 0.1 1 3 init
21:42:24 0 2 0.00 0.00 0 0 0.0 1 0 kthreadd
21:42:24 0 7 1.00 2.00 500 50 0.1 2 7 web
Average: 0 7 1.00 2.00 500 45 0.1 2 6 web
";

#[test]
fn processes_are_added_up_by_program_and_who_is_not_listed_has_ended() {
    let (columns, rejected, notes) = read_text(format!("{BANNER}{HEAD}{ALL}").as_bytes()).unwrap();
    assert_eq!(rejected.count, 0, "{rejected:?}");
    assert_eq!(values(&columns, "process.memory", "web"), [70.0 * 1024.0, 50.0 * 1024.0]);
    assert_eq!(values(&columns, "process.fds_total", "web"), [11.0, 7.0]);
    assert_eq!(values(&columns, "process.fds", "web"), [6.0, 7.0]);
    assert_eq!(values(&columns, "process.count", "web"), [2.0, 1.0]);
    assert_eq!(values(&columns, "process.memory", "kthreadd"), [0.0; 0]);
    assert!(columns.iter().all(|column| column.key.host == "web1"));
    assert_eq!(columns[0].t_ms, [1_795_902_143_000, 1_795_902_144_000]);
    assert!(!notes.iter().any(|note| note.text.contains("-p ALL")), "{notes:?}");
}

#[test]
fn an_idle_process_keeps_its_size_until_it_is_forgotten() {
    let mut text = format!(
        "{BANNER}{HEAD}21:00:00 0 7 1.00 2.00 500 40 0.1 2 5 web\n21:00:00 0 9 1.0 1.0 5 4 0.1 1 1 a\n"
    );
    for second in 1..=20 {
        let _ = writeln!(text, "21:00:{second:02} 0 9 1.00 2.00 500 4 0.1 1 1 a");
    }
    let (columns, _, notes) = read_text(text.as_bytes()).unwrap();
    assert_eq!(values(&columns, "process.memory", "web"), [40.0 * 1024.0; 1 + HELD as usize]);
    assert_eq!(values(&columns, "process.memory", "a").len(), 21);
    assert!(
        values(&columns, "process.count", "a").is_empty(),
        "a number of the busy is none of the processes"
    );
    assert!(notes.iter().any(|note| note.text.contains("-p ALL")), "{notes:?}");
}

#[test]
fn one_that_ended_is_not_held() {
    let text = format!(
        "{BANNER}{HEAD}21:00:00 0 7 1 2 5 4 0.1 2 5 web\n21:00:01 0 7 1 2 0 0 0.0 1 0 web\n21:00:02 0 9 1 2 5 4 0.1 1 1 a\n"
    );
    assert_eq!(values(&read_text(text.as_bytes()).unwrap().0, "process.memory", "web").len(), 1);
}

#[test]
fn tables_apart_and_twelve_hours_are_read() {
    let text = "Linux 6.1.0 (web1) \t11/28/2026 \t_x86_64_\t(2 CPU)\n\n\
        11:59:58 AM   UID       PID    %usr   CPU  Command\n\
        11:59:59 AM     0         7    1.00     1  web (a) b\n\n\
        11:59:58 AM   UID       PID  minflt/s     VSZ     RSS   %MEM  Command\n\
        11:59:59 AM     0         7      1.00     500      40   0.10  web (a) b\n\n\
        11:59:59 AM   UID       PID  minflt/s     VSZ     RSS   %MEM  Command\n\
        12:00:00 PM     0         7      1.00     500      41   0.10  web (a) b\n\n\
        Average:      UID       PID  minflt/s     VSZ     RSS   %MEM  Command\n\
        Average:        0         7      1.00     500      41   0.10  web (a) b\n";
    let (columns, rejected, _) = read_text(text.as_bytes()).unwrap();
    assert_eq!(rejected.count, 0, "{rejected:?}");
    assert_eq!(values(&columns, "process.memory", "web (a) b"), [40.0 * 1024.0, 41.0 * 1024.0]);
    assert_eq!(columns[0].t_ms[1] - columns[0].t_ms[0], 1000);
}

#[test]
fn a_process_of_another_number_is_a_restart() {
    let text = format!("{BANNER}{HEAD}21:00:00 0 7 1 2 5 4 0.1 2 5 web\n21:00:01 0 9 1 2 5 4 0.1 1 1 web\n");
    // The first is held, so that the second may be its neighbour; only when it is forgotten is it known to be gone.
    let later =
        (2..14).fold(String::new(), |text, s| text + &format!("21:00:{s:02} 0 9 1 2 5 4 0.1 1 1 web\n"));
    let (columns, ..) = read_text(format!("{text}{later}").as_bytes()).unwrap();
    assert_eq!(columns[0].restarts_ms.len(), 1);
}

#[test]
fn a_bad_line_costs_itself_and_is_named() {
    let text = format!("{BANNER}{HEAD}21:00:00 0 7 1 2 5\n{ALL}");
    let (columns, rejected, _) = read_text(text.as_bytes()).unwrap();
    assert_eq!((rejected.count, rejected.first.unwrap().0), (1, 4));
    assert_eq!(values(&columns, "process.memory", "init").len(), 2);
}

#[test]
fn nothing_and_something_else_are_errors() {
    assert!(matches!(read_text(b"\n\n"), Err(HistoryError::Empty { .. })));
    assert!(matches!(read_text(b"\nvm_rows 3\n"), Err(HistoryError::Parse { line: 2, .. })));
    assert!(matches!(read_text(format!("{HEAD}{ALL}").as_bytes()), Err(HistoryError::Parse { line: 2, .. })));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_text(&bytes);
        let _ = read_text(&[BANNER.as_bytes(), HEAD.as_bytes(), &bytes].concat());
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0..500_usize, byte: u8, cut in 0..900_usize) {
        let mut text = format!("{BANNER}{HEAD}{ALL}").into_bytes();
        text[at] = byte;
        let _ = read_text(&text);
        text.truncate(cut);
        let _ = read_text(&text);
    }
}
