//! Columns whose names the catalogue knows.

use std::collections::HashMap;

use super::super::{Column, Limit, Sense, Unit};
use super::bench::{Bench, Draft, Fate, Group, Saying};
use super::measure::{self, Found, Steps};
use super::names::{self, Reading, Rule, Share, Source};

/// Makes the series of every rule that finds its column in `group`.
pub(super) fn apply(bench: &mut Bench<'_>, group: &Group) {
    for rule in names::rules() {
        let Some(column) = group.find(rule.column) else { continue };
        if bench.is_free(column) {
            apply_rule(bench, group, rule, column);
        }
    }
}

/// Leaves out the file systems that hold no data of their own.
pub(super) fn leave_out_pseudo(bench: &mut Bench<'_>, group: &Group) {
    let Some(&first) = group.columns.first() else { return };
    let labels = &bench.columns[first].key.labels;
    let label = |name: &str| labels.iter().find(|(label, _)| label == name).map(|(_, value)| value.as_str());
    let Some(kind) = label("fstype").filter(|kind| names::PSEUDO.contains(kind)) else { return };
    let name = format!("{} ({kind})", label("mountpoint").unwrap_or("?"));
    for &column in &group.columns {
        bench.fates[column] = Fate::Noted;
    }
    bench.say(Saying::Pseudo, &name);
}

fn apply_rule(bench: &mut Bench<'_>, group: &Group, rule: &Rule, column: usize) {
    let found = rule.limits.iter().find_map(|source| limit_of(bench, group, rule, source));
    let mut draft = bench.draft(column);
    draft.known = true;
    rule.resource.clone_into(&mut draft.resource);
    draft.scope = scope(rule, &draft);
    if draft.unit == Unit::Unknown {
        draft.unit = rule.unit;
    }
    for name in rule.also {
        if let Some(other) = group.find(name) {
            bench.fold(other, &mut draft);
        }
    }
    if rule.resource == "memory.committed" && rule.limits.is_empty() {
        let limit = ["node_memory_CommitLimit_bytes"].iter().find_map(|name| group.find(name));
        if let Some(limit) = limit {
            bench.leave_out(limit, Saying::CommitLimit);
        }
    }
    finish(bench, draft, rule.reading, found);
}

/// Ends a draft whose values tell what `reading` says, with the limit that was found.
pub(super) fn finish(bench: &mut Bench<'_>, mut draft: Draft, reading: Reading, found: Option<Found>) {
    match found {
        Some(Found::Limit(limit)) => {
            if reading == Reading::Free {
                measure::invert(&draft.t_ms, &mut draft.v, &limit);
            }
            draft.limit = Some(limit);
        }
        Some(Found::Nonpositive) if draft.v.iter().all(|&value| value <= 0.0) => {
            // The resource is not there, and nothing of it is used.
            return bench.discard(&draft, Fate::Absent);
        }
        Some(found) => {
            let saying = if found == Found::Unbindable { Saying::Unbindable } else { Saying::Nonpositive };
            bench.say(saying, &draft.metric);
            if reading == Reading::Free {
                draft.sense = Sense::Falls;
            }
        }
        None if reading == Reading::Free => {
            draft.sense = Sense::Falls;
            draft.limit = Some(Limit::fixed(0.0, "nothing left"));
        }
        None => {}
    }
    bench.drafts.push(draft);
}

/// The limit that `source` names, where its columns are there.
fn limit_of(bench: &mut Bench<'_>, group: &Group, rule: &Rule, source: &Source) -> Option<Found> {
    match *source {
        Source::Column(name) => {
            let column = group.find(name)?;
            bench.as_limit(column);
            let name = bench.name(column);
            let owner = if rule.owner.is_empty() { name } else { rule.owner };
            Some(measure::limit(measure::steps(&bench.columns[column]), owner))
        }
        Source::Sum(parts) => Some(measure::limit(measure::settled(sum(bench, group, parts)?), rule.owner)),
        Source::Checked(parts, share) => {
            let totals = sum(bench, group, parts)?;
            let agrees = match columns(bench, group, share) {
                Some((used, percent)) => measure::agrees(&totals, used, percent),
                None => None,
            };
            // Without a percentage, five parts are a sum that no other version writes, and two are not.
            let taken = agrees.unwrap_or(2 < parts.len());
            taken.then(|| measure::limit(measure::changes(totals), rule.owner))
        }
        Source::Worked(share) => {
            let (used, percent) = columns(bench, group, share)?;
            let total = measure::worked_total(used, percent)?;
            bench.say(Saying::Worked, rule.resource);
            Some(measure::limit(vec![(i64::MIN, total)], rule.owner))
        }
        Source::Unreserved { used, free, taken_percent } => {
            let (used, free) = (column(bench, group, used)?, column(bench, group, free)?);
            let limit = unreserved(used, free, column(bench, group, taken_percent)?)?;
            let mount = mount(used);
            bench.say(Saying::Reserved, &mount);
            Some(measure::limit(limit, rule.owner))
        }
    }
}

fn column<'b>(bench: &'b Bench<'_>, group: &Group, name: &str) -> Option<&'b Column> {
    group.find(name).map(|column| &bench.columns[column])
}

fn columns<'b>(bench: &'b Bench<'_>, group: &Group, share: Share) -> Option<(&'b Column, &'b Column)> {
    Some((column(bench, group, share.used)?, column(bench, group, share.percent)?))
}

fn sum(bench: &Bench<'_>, group: &Group, parts: &[&str]) -> Option<Steps> {
    let columns: Option<Vec<&Column>> = parts.iter().map(|name| column(bench, group, name)).collect();
    Some(measure::sum(&columns?)).filter(|sums| !sums.is_empty())
}

/// What ordinary users may use: size less reserve. The reserve is what of the size they cannot use, less what is
/// used; it does not move, and its median takes out the rounding of the percentage. `None` where there is no reserve.
fn unreserved(used: &Column, free: &Column, taken_percent: &Column) -> Option<Steps> {
    let sizes = measure::sum(&[used, free]);
    let mut next = 0;
    let reserves = measure::pairs(used, taken_percent).filter_map(|(t_ms, used, percent)| {
        while sizes.get(next).is_some_and(|&(time, _)| time < t_ms) {
            next += 1;
        }
        let &(_, size) = sizes.get(next).filter(|&&(time, _)| time == t_ms)?;
        Some(size * percent / 100.0 - used)
    });
    let reserve = measure::median(reserves.collect())?;
    let &(_, size) = sizes.first()?;
    // Less than the rounding of the percentage is none.
    (2e-4 * size < reserve)
        .then(|| measure::settled(sizes.into_iter().map(|(t_ms, size)| (t_ms, size - reserve))))
}

fn mount(column: &Column) -> String {
    column.key.labels.first().map_or_else(|| column.key.metric.clone(), |(_, value)| value.clone())
}

fn scope(rule: &Rule, draft: &Draft) -> String {
    let label = |name: &&str| draft.key.labels.iter().find(|(label, _)| label.eq_ignore_ascii_case(name));
    rule.scope.iter().find_map(label).map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Leaves one series of every device that is mounted in several places: the one with the shortest path.
pub(super) fn fold_mounts(bench: &mut Bench<'_>) {
    let mut kept: HashMap<(String, String, String), usize> = HashMap::new();
    let mut drafts: Vec<Draft> = Vec::with_capacity(bench.drafts.len());
    for draft in std::mem::take(&mut bench.drafts) {
        let label = |name: &str| draft.key.labels.iter().find(|(label, _)| label == name);
        let (Some((_, device)), Some(_)) = (label("device"), label("mountpoint")) else {
            drafts.push(draft);
            continue;
        };
        let key = (draft.resource.clone(), draft.key.host.clone(), device.clone());
        let place = *kept.entry(key).or_insert(drafts.len());
        if place < drafts.len() {
            join(&mut drafts[place], draft);
        } else {
            drafts.push(draft);
        }
    }
    bench.drafts = drafts;
}

fn join(kept: &mut Draft, mut other: Draft) {
    if (other.scope.len(), &other.scope) < (kept.scope.len(), &kept.scope) {
        std::mem::swap(kept, &mut other);
        kept.also.append(&mut other.also);
    }
    kept.columns.append(&mut other.columns);
    kept.also.push(super::naming::label(&other.key));
}
