//! From columns of members to culprits: corrected, taken apart, ranked, and told in words.

use std::collections::BTreeMap;

use chrono::DateTime;
use hebe_models::attribution::{Attribution, Cause, Course, Members, Share, attribute, without_overlap};

use super::{Blocks, Diagnosis, Kind, Member, Scene, identity, words};
use crate::finding::Culprit;

/// Culprits that are named, of each kind; the rest of that kind stands together.
const NAMED: usize = 12;
/// Seconds of a day.
const DAY_S: f64 = 86_400.0;
/// What is counted twice up to this part is the time between two readings.
const TWICE: f64 = 0.01;

/// Takes a total apart; none where there is nothing to take it apart with.
#[must_use]
pub fn diagnose(mut scene: Scene) -> Option<Diagnosis> {
    if scene.members.is_empty() || scene.blocks.is_empty() {
        return None;
    }
    let shared = count_once(&mut scene);
    let total = scene.total.take().unwrap_or_else(|| sum(&scene));
    let found = attribute(&scene.blocks.t, &total, &columns(&scene.members));
    let mut notes: Vec<String> = Vec::new();
    notes.extend(shared.map(|excess| words::shared(excess, &scene.unit)));
    if TWICE < found.overcounted {
        notes.push(words::overcounted(found.overcounted));
    }
    notes.extend(identity::sentence(&scene.identity, &scene.unit));
    let culprits = ranked(&scene, &found);
    let holders = scene.holders.unwrap_or("processes");
    let sentence = words::sentence(&culprits, &found, &scene.unit, scene.of.as_deref(), holders);
    let since = crate::finding::first_culprit(&culprits).and_then(|first| first.since);
    Some(Diagnosis { culprits, sentence, notes, evidence: Vec::new(), since })
}

fn columns(members: &[Member]) -> Vec<&[f64]> {
    members.iter().map(|member| &member.used[..]).collect()
}

/// The members' sum, where there is no total; missing where none of them is there.
fn sum(scene: &Scene) -> Vec<f64> {
    (0..scene.blocks.len())
        .map(|k| {
            let there = scene.members.iter().map(|member| member.used[k]).filter(|used| used.is_finite());
            there.fold(f64::NAN, |sum, used| if sum.is_nan() { used } else { sum + used })
        })
        .collect()
}

/// Counts once what processes of a group share; tells how much that was at the last block, where it was something.
fn count_once(scene: &mut Scene) -> Option<f64> {
    let once = scene.once.take()?;
    let groups: Vec<usize> =
        (0..scene.members.len()).filter(|&m| scene.members[m].kind != Kind::Tag).collect();
    let mut excess = 0.0;
    for (k, &total) in once.iter().enumerate() {
        let mut used: Vec<f64> = groups.iter().map(|&m| scene.members[m].used[k]).collect();
        let number = |m: usize| scene.members[m].number.as_ref().map_or(1.0, |number| number[k]);
        let number: Vec<f64> = groups.iter().map(|&m| number(m)).collect();
        excess = without_overlap(&mut used, &number, total);
        for (&m, used) in groups.iter().zip(used) {
            scene.members[m].used[k] = used;
        }
    }
    let last = once.last().copied().unwrap_or(0.0);
    (TWICE * last < excess).then_some(excess)
}

/// The culprits of each kind, the largest growth first, and the remainder.
fn ranked(scene: &Scene, found: &Attribution) -> Vec<Culprit> {
    let mut by_kind: BTreeMap<bool, Vec<(&Member, &Share)>> = BTreeMap::new();
    for (member, share) in scene.members.iter().zip(&found.members) {
        by_kind.entry(member.kind == Kind::Tag).or_default().push((member, share));
    }
    let mut culprits = Vec::new();
    for (_, mut all) in by_kind {
        all.sort_by(|(a, of_a), (b, of_b)| {
            let larger = |of: fn(&Share) -> f64| of(of_b).total_cmp(&of(of_a));
            larger(|share| share.growth_share)
                .then(larger(|share| share.used))
                .then_with(|| (&a.name, &a.unit).cmp(&(&b.name, &b.unit)))
        });
        let rest = all.split_off(all.len().min(NAMED));
        culprits.extend(all.iter().map(|(member, share)| named(member, share, &scene.blocks)));
        culprits.extend(together(&rest));
    }
    culprits.push(Culprit {
        name: "unattributed".to_owned(),
        course: None,
        ..part("unattributed", &found.remainder, &scene.blocks)
    });
    culprits
}

fn named(member: &Member, share: &Share, blocks: &Blocks) -> Culprit {
    let mut culprit = part(member.kind.word(), share, blocks);
    culprit.name.clone_from(&member.name);
    culprit.unit.clone_from(&member.unit);
    let Some(number) = &member.number else { return culprit };
    let split = Members::of(&blocks.t, &member.used, number);
    culprit.members = number.last().copied().filter(|number| number.is_finite());
    culprit.members_per_day = Some(split.number.slope * DAY_S);
    let grows = 0.0 < culprit.growth_share;
    culprit.cause = Some(split.cause).filter(|_| grows).and_then(cause).map(str::to_owned);
    culprit
}

fn cause(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::Unknown => None,
        Cause::Size => Some("each grows"),
        Cause::Number => Some("more processes"),
        Cause::Both => Some("more processes, and each grows"),
    }
}

fn part(kind: &str, share: &Share, blocks: &Blocks) -> Culprit {
    let growth = &share.growth;
    let sure = growth.slope != 0.0;
    let began = (0 < growth.since).then(|| blocks.t[growth.since] - blocks.width_s / 2.0);
    Culprit {
        kind: kind.to_owned(),
        used: share.used,
        used_share: share.used_share,
        growth_per_day: growth.slope * DAY_S,
        growth_share: share.growth_share,
        growth_low: sure.then_some(growth.low * DAY_S),
        growth_high: sure.then_some(growth.high * DAY_S),
        since: began.filter(|_| sure).and_then(|began| DateTime::from_timestamp_millis(blocks.ms(began))),
        course: course(growth.course),
        ..Culprit::default()
    }
}

/// What is said of a shape beside its numbers.
fn course(course: Course) -> Option<String> {
    match course {
        Course::Sawtooth { drops } => Some(format!("given back {drops} times")),
        Course::Restarted { .. } => Some("restarted once".to_owned()),
        Course::Unknown => Some("too short to tell".to_owned()),
        Course::Level | Course::Rises | Course::Falls => None,
    }
}

/// Those that are not named, as one.
fn together(rest: &[(&Member, &Share)]) -> Option<Culprit> {
    let (first, _) = rest.first()?;
    let sum = |of: fn(&Share) -> f64| rest.iter().map(|(_, share)| of(share)).sum::<f64>();
    Some(Culprit {
        name: format!("{} others", rest.len()),
        kind: first.kind.word().to_owned(),
        used: sum(|share| share.used),
        used_share: sum(|share| share.used_share),
        growth_per_day: sum(|share| share.growth.slope) * DAY_S,
        growth_share: sum(|share| share.growth_share),
        ..Culprit::default()
    })
}
