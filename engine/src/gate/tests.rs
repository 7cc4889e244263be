//! Rulings on made runs, and what holds of every format.

use hebe_collectors::history::{Sense, Series, Unit};
use proptest::prelude::*;

use super::*;
use crate::report::Style;

const HOUR: f64 = 3_600.0;

/// Noise without a generator: between -1 and 1, the same for the same place.
fn noise(i: usize) -> f64 {
    let mixed = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 32)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// A series of so many hours, a sample a minute, that follows a law of the hour.
fn series(hours: f64, law: impl Fn(f64) -> f64) -> Series {
    let minutes: Vec<u32> = (0..1_000_000).take_while(|&m| f64::from(m) < hours * 60.0).collect();
    Series {
        name: "rss".to_owned(),
        resource: "rss".to_owned(),
        scope: String::new(),
        host: String::new(),
        unit: Unit::Bytes,
        sense: Sense::Rises,
        t_ms: minutes.iter().map(|&m| 1_700_000_000_000 + i64::from(m) * 60_000).collect(),
        v: minutes.iter().enumerate().map(|(i, &m)| law(f64::from(m) / 60.0) + 1e6 * noise(i)).collect(),
        limit: None,
        restarts_ms: Vec::new(),
        rejected: 0,
        block: 1,
        source: "soak.csv".to_owned(),
        also: Vec::new(),
    }
}

fn flat(hours: f64) -> Series {
    series(hours, |_| 500e6)
}

fn leak(hours: f64, hourly: f64) -> Series {
    series(hours, |h| 500e6 + hourly * h)
}

fn ruled(series: &Series, terms: &Terms) -> Ruling {
    gate(std::slice::from_ref(series), None, terms).remove(0)
}

/// The verdict, and words of its sentence.
#[track_caller]
fn check(ruling: &Ruling, expected: Verdict, words: &[&str]) {
    assert_eq!(ruling.verdict, expected, "{}", ruling.sentence);
    for word in words {
        assert!(ruling.sentence.contains(word), "`{word}` is not in: {}", ruling.sentence);
    }
}

#[test]
fn a_flat_run_passes_and_a_leak_fails() {
    check(
        &ruled(&flat(12.0), &Terms::default()),
        Verdict::Pass,
        &["no growth: ", "could not have seen less than"],
    );
    let fails = ruled(&leak(12.0, 2.5e6), &Terms::default());
    check(&fails, Verdict::Fail, &["grows 2.3", "MiB/h", "95 %", "12 h of samples", "would have seen"]);
    assert!((fails.growth_per_h.unwrap() / 2.5e6 - 1.0).abs() < 0.05, "{fails:?}");
}

#[test]
fn what_is_allowed_is_no_leak() {
    let allow = |pace: &str| Terms { allow: pace.parse().unwrap(), ..Terms::default() };
    check(&ruled(&leak(12.0, 2.5e6), &allow("4MiB/h")), Verdict::Pass, &["grows", "as is allowed"]);
    check(&ruled(&leak(12.0, 2.5e6), &allow("1MiB/h")), Verdict::Fail, &["grows"]);
    check(&ruled(&leak(12.0, 2.5e6), &allow("1%/h")), Verdict::Pass, &[]);
    // A pace in another unit does not loosen the default.
    let counted = Series { unit: Unit::Count, ..leak(12.0, 2.5e6) };
    check(&ruled(&counted, &allow("1TiB/h")), Verdict::Fail, &[]);
}

#[test]
fn a_run_that_cannot_see_what_matters_has_not_passed() {
    let sharp =
        Terms { sensitivity: "0.1%/day".parse().unwrap(), allow: "0/h".parse().unwrap(), ..Terms::default() };
    let blunt = ruled(&flat(3.0), &sharp);
    check(&blunt, Verdict::Inconclusive, &["could not have seen less than", "run for about"]);
    // A run as long as it asks for can.
    let hours = blunt.run_for_s.unwrap() / HOUR;
    assert!(6.0 < hours, "{hours}");
    check(&ruled(&flat(1.3 * hours), &sharp), Verdict::Pass, &[]);
}

#[test]
fn what_is_too_short_neither_passes_nor_fails() {
    let words = ["too short: 30 min where 1 h are needed", "run for about 1 h"];
    check(&ruled(&flat(0.51), &Terms::default()), Verdict::Inconclusive, &words);
    check(&ruled(&leak(0.51, 50e6), &Terms::default()), Verdict::Inconclusive, &words);
    check(
        &ruled(&flat(0.3), &Terms { least_s: 600.0, ..Terms::default() }),
        Verdict::Inconclusive,
        &["too few samples: 18"],
    );
}

#[test]
fn what_was_not_read_is_unknown() {
    check(&ruled(&flat(0.0), &Terms::default()), Verdict::Unknown, &["no usable sample"]);
    let rejected = Series { rejected: 1_000, ..flat(12.0) };
    check(&ruled(&rejected, &Terms::default()), Verdict::Unknown, &["1000"]);
    assert_eq!(verdict(&[]), Verdict::Unknown);
    assert_eq!(verdict(&gate(&[], None, &Terms::default())), Verdict::Unknown);
}

#[test]
fn one_sample_is_not_clear() {
    check(&ruled(&flat(0.01), &Terms::default()), Verdict::Inconclusive, &["too few samples"]);
}

#[test]
fn what_falls_to_its_limit_loses() {
    let free = Series { sense: Sense::Falls, ..series(12.0, |h| 500e6 - 2.5e6 * h) };
    let ruling = ruled(&free, &Terms::default());
    check(&ruling, Verdict::Fail, &["loses 2.3"]);
    assert!(0.0 < ruling.growth_per_h.unwrap() && 0.0 < ruling.level.unwrap());
}

#[test]
fn a_series_that_stops_has_not_passed() {
    let mut stopped = flat(12.0);
    stopped.t_ms.truncate(400);
    stopped.v.truncate(400);
    stopped.name = "stopped".to_owned();
    let rulings = gate(&[flat(12.0), stopped], None, &Terms::default());
    check(&rulings[0], Verdict::Inconclusive, &["its samples end 5 h 20 min before the others"]);
    check(&rulings[1], Verdict::Pass, &[]);
}

#[test]
fn a_known_restart_begins_another_run() {
    let mut restarted = series(12.0, |h| 500e6 + 20e6 * if h < 2.0 { h } else { 0.0 });
    restarted.restarts_ms = vec![1_700_000_000_000 + 7_200_000];
    check(
        &ruled(&restarted, &Terms::default()),
        Verdict::Pass,
        &["10 h of samples on one side of a restart"],
    );
}

#[test]
fn a_baseline_is_taken_off() {
    let compared = |now: f64, then: f64| {
        gate(&[leak(12.0, now)], Some(&[leak(10.0, then)]), &Terms::default()).remove(0)
    };
    check(&compared(2.5e6, 2.5e6), Verdict::Pass, &["more", "of the baseline"]);
    let worse = compared(5e6, 2.5e6);
    check(&worse, Verdict::Fail, &["grows 2.3", "MiB/h more", "4.7", "against 2.3"]);
    assert!((worse.growth_per_h.unwrap() / 2.5e6 - 1.0).abs() < 0.1);
    let (alone_now, alone_then) =
        (ruled(&leak(12.0, 5e6), &Terms::default()), ruled(&leak(10.0, 2.5e6), &Terms::default()));
    let error = |ruling: &Ruling| ruling.growth_hi_per_h.unwrap() - ruling.growth_per_h.unwrap();
    assert!((error(&worse) - error(&alone_now).hypot(error(&alone_then))).abs() < 1e-6 * error(&worse));
}

#[test]
fn a_baseline_fails_closed() {
    let other = |name: &str, hours: f64| Series { name: name.to_owned(), ..flat(hours) };
    let rulings = gate(
        &[other("new:rss", 12.0), other("x", 12.0)],
        Some(&[flat(10.0), other("y", 9.0)]),
        &Terms::default(),
    );
    check(&rulings[0], Verdict::Unknown, &["in the baseline, but not in this run"]);
    check(&rulings[1], Verdict::Pass, &["of the baseline"]);
    check(&rulings[2], Verdict::Pass, &["it is not in the baseline"]);
    check(
        &gate(&[flat(12.0)], Some(&[flat(0.5)]), &Terms::default())[0],
        Verdict::Inconclusive,
        &["the baseline is too short"],
    );
    check(
        &gate(&[flat(12.0)], Some(&[flat(0.0)]), &Terms::default())[0],
        Verdict::Unknown,
        &["the baseline: no usable"],
    );
}

#[test]
fn of_several_the_worst_counts() {
    use Verdict::{Fail, Inconclusive, Pass, Unknown};
    for (verdicts, worst, code) in [
        (&[Pass, Pass][..], Pass, 0),
        (&[Pass, Inconclusive], Inconclusive, 1),
        (&[Inconclusive, Unknown, Pass], Unknown, 3),
        (&[Unknown, Fail, Pass], Fail, 2),
    ] {
        let rulings: Vec<Ruling> =
            verdicts.iter().map(|&verdict| Ruling { verdict, ..Ruling::default() }).collect();
        assert_eq!((verdict(&rulings), verdict(&rulings).code()), (worst, code));
    }
}

/// All formats, with the name of each.
fn formats(rulings: &[Ruling]) -> [(&'static str, String); 5] {
    let style = Style { width: 80, color: false, ascii: false, zone: chrono_tz::Tz::UTC };
    let terms = Terms::default();
    [
        ("table", table(rulings, &terms, &style)),
        ("json", json(rulings)),
        ("junit", junit(rulings)),
        ("markdown", markdown(rulings, &terms)),
        ("nagios", nagios(rulings)),
    ]
}

/// Whether every element is closed in order, every attribute ends, and no text holds a bare `<` or `&`.
fn well_formed(xml: &str) -> bool {
    let Some(body) = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") else { return false };
    let mut open: Vec<&str> = Vec::new();
    for part in body.split('<').skip(1) {
        let Some((tag, text)) = part.split_once('>') else { return false };
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or("");
        if tag.starts_with('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else {
            open.push(name);
        }
        let entities =
            |text: &str| text.split('&').skip(1).all(|rest| rest.find(';').is_some_and(|end| end < 6));
        if !entities(text) || !entities(tag) || !tag.matches('"').count().is_multiple_of(2) {
            return false;
        }
    }
    open.is_empty()
}

#[test]
fn junit_counts_what_it_holds() {
    let mut rulings = gate(&[leak(12.0, 2.5e6), flat(0.5)], None, &Terms::default());
    rulings.push(Ruling::unknown("a<b>&\"c\"", "x'y", "no & <such> file"));
    let text = junit(&rulings);
    assert!(well_formed(&text), "{text}");
    assert!(text.contains("tests=\"3\" failures=\"2\" errors=\"1\" skipped=\"0\""), "{text}");
    assert!(
        text.contains("<testcase name=\"a&lt;b&gt;&amp;&quot;c&quot;\" classname=\"x&apos;y\">"),
        "{text}"
    );
    for (element, count) in [("<testcase ", 3), ("<failure ", 2), ("<error ", 1), ("<system-out>", 0)] {
        assert_eq!(text.matches(element).count(), count, "{element}");
    }
}

#[test]
fn broken_xml_is_seen() {
    let whole = junit(&[Ruling::unknown("a", "b", "c")]);
    assert!(well_formed(&whole));
    for (from, to) in [
        ("</testsuite>", ""),
        ("message=\"c\"", "message=\"c"),
        ("message=\"c\"", "message=\"&\""),
        (">c<", ">&<"),
    ] {
        assert!(whole.contains(from) && !well_formed(&whole.replacen(from, to, 1)), "{from}");
    }
}

#[test]
fn nagios_gets_performance_data() {
    let mut rulings = gate(&[leak(12.0, 2.5e6)], None, &Terms::default());
    rulings[0].series = "it's|a=b".to_owned();
    let text = nagios(&rulings);
    let (status, data) = text.lines().next().unwrap().split_once(" | ").unwrap();
    assert_eq!(status, "HEBE GATE FAIL - 1 of 1 series grows more than is allowed: it's/a=b");
    assert!(data.starts_with("'it''s/a_b growth per hour'=2"), "{data}");
    let (value, bounds) = data.split_once("'=").unwrap().1.split_once("B;;").unwrap();
    let allow: f64 = bounds.split(' ').next().unwrap().parse().unwrap();
    assert!(allow < value.parse().unwrap());
    assert_eq!(text.matches('|').count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_format_holds_what_is_no_number_or_steers(
        name in "[a-e<>\"'|&=#*`\\\\\n\r\t\u{1b}\u{9b}\u{202e}語 -]{0,24}",
        unit in proptest::sample::select(&["bytes", "count", "percent", "seconds", "", "jobs"][..]),
        verdict in proptest::sample::select(&[Verdict::Pass, Verdict::Inconclusive, Verdict::Unknown, Verdict::Fail][..]),
        numbers in proptest::collection::vec(proptest::option::of(proptest::num::f64::ANY), 5),
    ) {
        let ruling = Ruling {
            verdict,
            unit: unit.to_owned(),
            growth_per_h: numbers[0].filter(|v| v.is_finite()),
            growth_lo_per_h: numbers[1],
            growth_hi_per_h: numbers[2],
            smallest_leak_per_h: numbers[3].filter(|v| v.is_finite()),
            warm_up_s: numbers[4],
            ..Ruling::unknown(&name, &name, &name)
        };
        for (format, text) in formats(&[ruling]) {
            let control = text.chars().find(|c| *c != '\n' && crate::report::clean::steers(*c));
            prop_assert!(control.is_none(), "{}: {:?}", format, control);
            let none = text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "NaN" || word == "inf");
            prop_assert!(!none, "{}: {}", format, text);
            prop_assert!(format != "junit" || well_formed(&text), "{}", text);
        }
    }

    #[test]
    fn a_gate_always_answers(
        v in proptest::collection::vec(-1e12..1e12_f64, 0..120), hours in 0.1..100.0_f64, grows in 0.0..1e9_f64,
    ) {
        let mut made = series(2.1, |_| 0.0);
        made.t_ms.truncate(v.len());
        #[expect(clippy::cast_possible_truncation, reason = "hours")]
        for (i, t_ms) in made.t_ms.iter_mut().enumerate() {
            *t_ms = (i as f64 * hours * 60_000.0) as i64;
        }
        made.v = v.iter().enumerate().map(|(i, v)| v + i as f64 * grows).collect();
        let rulings = gate(&[made], None, &Terms::default());
        prop_assert_eq!(rulings.len(), 1);
        prop_assert!(!rulings[0].sentence.is_empty());
        for (format, text) in formats(&rulings) {
            prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}: {}", format, text);
        }
    }
}
