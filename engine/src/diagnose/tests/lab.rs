//! A recorded lab run with known shares (`datasets/suspects.py`): leaks of different rates among healthy, bursty and
//! sawtooth processes, a fork family, and what nobody owns.

use std::path::Path;

use hebe_collectors::history::{Builder, Options, Series, catalogue, table};
use serde_json::Value;

use super::{analyze, of};
use crate::finding::{Culprit, Finding};
use crate::settings::Settings;

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/lab");
    std::fs::read(folder.join(name)).unwrap()
}

fn series() -> Vec<Series> {
    recorded("suspects")
}

fn recorded(name: &str) -> Vec<Series> {
    let (mut out, options) = (Builder::default(), Options::default());
    table::read(&mut &file(&format!("{name}.csv"))[..], name, &options, &mut out).unwrap();
    let (columns, restarts, _) = out.finish();
    catalogue::resolve(columns, &restarts, name, &options).0
}

fn truth() -> Value {
    truth_of("suspects")
}

fn truth_of(name: &str) -> Value {
    serde_json::from_slice(&file(&format!("{name}.json"))).unwrap()
}

fn total(findings: &[Finding]) -> &Finding {
    of(findings, "memory.used")
}

fn share(culprits: &[Culprit], name: &str) -> f64 {
    culprits.iter().find(|culprit| culprit.name == name).map_or(0.0, |culprit| culprit.growth_share)
}

#[test]
fn shares_are_those_that_were_really_taken() {
    let findings = analyze(&series(), &Settings::default());
    let culprits = &total(&findings).row.culprits;
    let truth = truth();
    let mut errors = Vec::new();
    for (name, real) in truth["shares"].as_object().unwrap() {
        let error = (share(culprits, name) - real.as_f64().unwrap()).abs();
        assert!(error < 0.03, "{name}: {} for {real}: {culprits:#?}", share(culprits, name));
        errors.push(error);
    }
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean <= 0.02, "mean error {mean}: {culprits:#?}");
    let rest = share(culprits, "unattributed") - truth["unattributed"].as_f64().unwrap();
    assert!(rest.abs() <= 0.03, "remainder off by {rest}: {culprits:#?}");
}

#[test]
fn who_goes_nowhere_takes_nothing_and_the_others_are_ranked_right() {
    let findings = analyze(&series(), &Settings::default());
    let culprits = &total(&findings).row.culprits;
    let names: Vec<&str> = culprits.iter().take(4).map(|culprit| culprit.name.as_str()).collect();
    assert_eq!(names, ["leak-a", "leak-b", "family", "leak-c"]);
    let known = ["leak-a", "leak-b", "leak-c", "family", "unattributed"];
    let strange = culprits.iter().filter(|culprit| !known.contains(&culprit.name.as_str()));
    let unfounded: f64 = strange.map(|culprit| culprit.growth_share).sum();
    assert!(unfounded <= 0.02, "{unfounded}: {culprits:#?}");
}

#[test]
fn what_the_family_shares_is_counted_once() {
    let findings = analyze(&series(), &Settings::default());
    let finding = total(&findings);
    let notes = &finding.diagnosis.as_ref().unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("were forked share")), "{notes:?}");
    let family = finding.row.culprits.iter().find(|culprit| culprit.name == "family").unwrap();
    assert_eq!((family.members, family.cause.as_deref()), (Some(5.0), Some("each grows")));
    // Forty megabytes that five share, an interpreter, and what they took since.
    let bytes = truth()["bytes_per_second"]["family"].as_f64().unwrap() * 240.0;
    let alone = 40.0 * 1_048_576.0 + bytes;
    assert!((alone..alone + 40.0 * 1_048_576.0).contains(&family.used), "{}", family.used);
}

/// `datasets/kernel.py`: locks, keys and sockets that programs take and keep, on a machine that compiles meanwhile.
#[test]
fn what_the_kernel_keeps_for_programs_is_told_by_its_caches() {
    let findings = analyze(&recorded("kernel"), &Settings::default());
    let culprits = &of(&findings, "memory.slab_unreclaimable").row.culprits;
    let truth = truth_of("kernel");
    let shares = truth["shares"].as_object().unwrap();
    let largest =
        shares.iter().max_by(|a, b| a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap())).unwrap();
    assert_eq!((&culprits[0].name, culprits[0].kind.as_str()), (largest.0, "tag"), "{culprits:#?}");
    let error = |(name, real): (&String, &Value)| (share(culprits, name) - real.as_f64().unwrap()).abs();
    let mean = shares.iter().map(error).sum::<f64>() / shares.len() as f64;
    assert!(mean <= 0.02, "mean error {mean}: {culprits:#?}");
    // What else these objects need is in other caches, and all of it is named.
    assert!(share(culprits, "unattributed") <= 0.03, "{culprits:#?}");
}
