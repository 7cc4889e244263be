//! Recordings of known programs by atop and pidstat (`datasets/record_processes.py`), read end to end.

use super::*;

type Reader = fn(&mut dyn std::io::BufRead, &str, &Options, &mut Builder) -> Result<Vec<Note>, HistoryError>;

fn series(file: &str, expected: Format, reader: Reader) -> Vec<Series> {
    let path = format!("{}/../tests/fixtures/processes/{file}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(sniff(&bytes[..bytes.len().min(65_536)], file).unwrap(), expected);
    let (mut out, options) = (Builder::default(), Options::default());
    reader(&mut bytes.as_slice(), file, &options, &mut out).unwrap();
    let (columns, restarts, rejected) = out.finish();
    assert_eq!(rejected.count, 0, "{rejected:?}");
    catalogue::resolve(columns, &restarts, file, &options).0
}

fn find<'s>(series: &'s [Series], resource: &str, scope: &str) -> &'s Series {
    series.iter().find(|s| s.resource == resource && s.scope == scope).unwrap_or_else(|| {
        panic!("{resource} {scope}: {:?}", series.iter().map(|s| &s.name).collect::<Vec<_>>())
    })
}

/// Growth a second between the ends.
fn slope(series: &Series) -> f64 {
    let (first, last) = (0, series.v.len() - 1);
    let seconds = (series.t_ms[last] - series.t_ms[first]) as f64 / 1000.0;
    (series.v[last] - series.v[first]) / seconds
}

#[track_caller]
fn check(file: &str, format: Format, reader: Reader) {
    let series = series(file, format, reader);
    let fast = slope(find(&series, "process.memory", "leak-fast"));
    assert!((fast / 2_097_152.0 - 1.0).abs() < 0.05, "{file}: {fast}");
    let slow = slope(find(&series, "process.memory", "leak (slow) S"));
    assert!((slow / 262_144.0 - 1.0).abs() < 0.1, "{file}: {slow}");
    assert!(series.iter().all(|series| series.host == "recorded"));
}

#[test]
fn every_format_tells_the_same_leaks() {
    check("atop-P.txt", Format::Atop, atop::read);
    check("atop-J.txt", Format::AtopJson, atop::read_json);
    check("pidstat-all.txt", Format::Pidstat, pidstat::read);
    check("pidstat.txt", Format::Pidstat, pidstat::read);
}

#[test]
fn a_steady_program_is_told_to_be_steady_and_the_host_has_its_memory() {
    let series = series("atop-P.txt", Format::Atop, atop::read);
    assert!(slope(find(&series, "process.memory", "steady")).abs() < 1e5);
    let memory = find(&series, "memory", "");
    assert!(memory.limit.as_ref().is_some_and(|limit| limit.owner == "MemTotal"));
}

#[test]
fn descriptors_are_counted_where_they_are_told() {
    let series = series("pidstat-all.txt", Format::Pidstat, pidstat::read);
    let opened = slope(find(&series, "process.fds", "leak-fast"));
    assert!((opened - 1.0).abs() < 0.05, "{opened}");
}
