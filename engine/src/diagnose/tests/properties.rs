//! What holds whatever the members are called and however they move.

use hebe_collectors::history::Series;
use proptest::prelude::*;

use super::{analyze, series};
use crate::finding::{Finding, Row};
use crate::settings::Settings;

/// A host with any members.
fn hosts() -> impl Strategy<Value = Vec<Series>> {
    let name = "[a-z]{1,3}(/[a-z]{1,3})?|\\PC{0,12}|[\\x00-\\x1f\\u{202e}<>|`]{1,4}";
    let level = prop_oneof![3 => 0.0..1e10_f64, 1 => Just(0.0), 1 => -1e6..1e6_f64];
    let member = (name, level, -1e6..1e6_f64, 0.0..1e7_f64, 0..4_usize);
    (prop::collection::vec(member, 0..6), 0..80_usize, 0.0..1e11_f64, -1e6..1e6_f64).prop_map(
        |(members, n, level, slope)| {
            let of =
                |kind: usize| ["process.memory", "process.anonymous", "slab.cache", "process.count"][kind];
            let member =
                |(at, (name, level, slope, noise, kind)): (usize, (String, f64, f64, f64, usize))| {
                    let value = move |k: f64| level + slope * k + noise * super::jitter(k, at as f64);
                    let one = series(of(kind), &name, n, value);
                    Series { name: format!("{} {at}", one.name), ..one }
                };
            let mut all: Vec<Series> = members.into_iter().enumerate().map(member).collect();
            all.push(series("memory.available", "", n, move |k| level + slope * k));
            all.push(series("memory.anonymous", "", n, move |k| level / 2.0 + slope * k));
            all
        },
    )
}

fn of_total(findings: Vec<Finding>) -> Row {
    findings.into_iter().map(|finding| finding.row).find(|row| row.series == "memory.available").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shares_add_up_to_one_at_most_and_nothing_is_no_number(all in hosts()) {
        for finding in analyze(&all, &Settings::default()) {
            let of = |share: fn(&crate::finding::Culprit) -> f64| finding.row.culprits.iter().map(share).sum::<f64>();
            prop_assert!(of(|culprit| culprit.growth_share) <= 1.0 + 1e-9);
            prop_assert!(of(|culprit| culprit.used_share) <= 1.0 + 1e-9);
            for culprit in &finding.row.culprits {
                let ends = [culprit.growth_low, culprit.growth_high, culprit.members, culprit.members_per_day];
                let numbers = [culprit.used, culprit.used_share, culprit.growth_per_day, culprit.growth_share];
                prop_assert!(numbers.into_iter().chain(ends.into_iter().flatten()).all(f64::is_finite));
            }
            prop_assert_eq!(finding.row.culprits.is_empty(), finding.row.culprit_note.is_some());
        }
    }

    #[test]
    fn the_order_of_series_does_not_count(mut all in hosts()) {
        let ahead = of_total(analyze(&all, &Settings::default()));
        all.reverse();
        let back = of_total(analyze(&all, &Settings::default()));
        prop_assert_eq!(ahead.culprits.len(), back.culprits.len());
        for (a, b) in ahead.culprits.iter().zip(&back.culprits) {
            prop_assert!((a.growth_share - b.growth_share).abs() < 1e-6 && (a.used_share - b.used_share).abs() < 1e-6);
        }
    }

    #[test]
    fn no_name_reaches_the_paper_unclean(all in hosts()) {
        use crate::report::{Style, explain};
        let style = Style { width: 80, color: false, ascii: false, zone: chrono_tz::Tz::UTC };
        for finding in analyze(&all, &Settings::default()) {
            let text = explain(&finding, &crate::finding::Picture::default(), &style);
            prop_assert!(!text.chars().any(|c| c != '\n' && crate::report::clean::steers(c)));
            for line in text.lines() {
                prop_assert!(crate::report::clean::columns(line) <= 80, "{}", line);
            }
        }
    }
}
