//! Hosts where something is not there, not readable, or half written: it costs itself, and is told.

use proptest::prelude::*;

use super::fixture::{Fixture, Written, failures, value};
use crate::live::Reading;

#[test]
fn an_empty_host_gives_nothing_and_says_so() {
    let sample = Fixture::empty().sample();
    assert!(sample.readings.is_empty(), "{:?}", sample.readings);
    for source in &sample.sources {
        // Processes are listed, and there are none.
        assert!(*source == "process" || !sample.is_whole(source), "{source}");
    }
    assert!(
        sample.failures.iter().all(|failure| failure.error.reason() == "absent"),
        "{:?}",
        sample.failures
    );
}

#[test]
fn a_kernel_without_slabinfo_has_everything_else() {
    let fixture = Fixture::plain();
    let before = fixture.sample().readings.len();
    fixture.remove("proc/slabinfo");
    let sample = fixture.sample();
    assert_eq!(failures(&sample), ["slab: absent"]);
    assert_eq!(sample.readings.len(), before - 2);
}

#[test]
fn a_file_that_is_missing_costs_only_its_own_readings() {
    let whole = Fixture::plain().sample().readings.len();
    for (file, _) in
        Fixture::files().filter(|(file, _)| file.starts_with("proc/") && !file.contains("boot_id"))
    {
        let fixture = Fixture::plain();
        fixture.remove(file);
        let sample = fixture.sample();
        let lost = whole - sample.readings.len();
        assert!(lost <= 14, "{file} costs {lost}");
        if file != "proc/loadavg" {
            assert!(!sample.failures.is_empty(), "nobody misses {file}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_with_the_reason() {
    let fixture = Fixture::plain();
    // Root may read anything, so the file is one that nobody can.
    fixture.remove("proc/meminfo");
    std::fs::create_dir(fixture.path("proc/meminfo")).unwrap();
    let sample = fixture.sample();
    assert_eq!(failures(&sample), ["meminfo: read"]);
    let error = &sample.failures[0].error;
    assert!(error.to_string().starts_with("cannot read `"), "{error}");
    assert!(std::error::Error::source(error).is_some());
    assert_eq!(value(&sample, "conntrack", ""), (100.0, Some(262_144.0)));
}

#[test]
fn a_half_written_process_costs_itself() {
    let fixture = Fixture::plain();
    fixture.process(&Written::default());
    fixture.process(&Written { pid: 101, ..Written::default() });
    fixture.write("proc/101/stat", "101 (nginx) S 1 1");
    fixture.process(&Written { pid: 102, ..Written::default() });
    fixture.remove("proc/102/statm");
    fixture.write("proc/103", "not a directory");
    let sample = fixture.sample();
    assert_eq!(value(&sample, "process.count", "nginx.service/nginx"), (1.0, None));
    assert_eq!(failures(&sample), ["process: malformed"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_file_cut_anywhere_panics_nowhere_and_no_number_grows(
        file in 0..Fixture::files().count(),
        cut in 0.0..1.0_f64,
    ) {
        let (fixture, whole) = (Fixture::plain(), Fixture::plain().sample());
        let (file, content) = Fixture::files().nth(file).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a short length")]
        let end = (content.len() as f64 * cut) as usize;
        fixture.write(file, &content[..end]);
        let sample = fixture.sample();
        // A number that lost digits would be one that nobody wrote.
        let disk = |reading: &Reading| reading.resource.starts_with("disk.");
        for reading in sample.readings.iter().filter(|reading| !disk(reading)) {
            let same = |other: &&Reading| (&other.resource, &other.scope) == (&reading.resource, &reading.scope);
            let Some(other) = whole.readings.iter().find(same) else { continue };
            prop_assert!(reading.value == other.value || LISTS.contains(&&*reading.resource), "{reading:?}");
            let limit = reading.limit.value();
            prop_assert!(limit.is_none() || limit == other.limit.value() || limit == Some(63_000.0), "{reading:?}");
        }
    }

    #[test]
    fn any_bytes_in_any_file_panic_nowhere(
        file in 0..Fixture::files().count(),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let fixture = Fixture::plain();
        fixture.process(&Written::default());
        fixture.write(Fixture::files().nth(file).unwrap().0, bytes);
        for reading in fixture.sample().readings {
            prop_assert!(reading.value.is_finite() && 0.0 <= reading.value);
        }
    }

    #[test]
    fn any_bytes_in_a_file_of_a_process_panic_nowhere(
        file in 0..4_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let fixture = Fixture::plain();
        fixture.process(&Written::default());
        fixture.write(format!("proc/100/{}", ["stat", "statm", "limits", "cgroup"][file]), bytes);
        let mut sampler = fixture.sampler();
        for round in 0..3 {
            sampler.sample(round);
        }
    }
}

/// Resources that are counted by the lines of a file: fewer lines, fewer things.
const LISTS: [&str; 4] = ["files.locks", "sysv.shm", "sysv.shm_bytes", "sysv.shm_resident"];
