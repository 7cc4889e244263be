//! What columns stand for: resources, their limits, and which columns tell the same resource.
//!
//! [`resolve`] asks, in this order: the user, the table of known names, the words of the names. Every column
//! becomes a series, a limit, a second name of a series, or is named by a note.

mod bench;
mod known;
mod measure;
mod names;
mod naming;
mod pairing;
mod units;
mod user;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::{Column, Note, Options, Series};
use bench::{Bench, Draft, Fate, Group, Saying};
use measure::Found;

/// Makes series of columns: which resource they are, where it runs out, and what was assumed for it.
///
/// `restarts` are the starts of hosts, in time order; one without a host is every host's.
#[must_use]
pub fn resolve(
    columns: Vec<Column>,
    restarts: &[(String, i64)],
    source: &str,
    options: &Options,
) -> (Vec<Series>, Vec<Note>) {
    let mut bench = Bench::new(columns, source, options);
    let restarts = restarts_by_host(&mut bench, restarts);
    make(&mut bench);
    let names = naming::names(&bench.drafts);
    user::limit(&mut bench, &names);
    let notes = bench.notes();
    let columns = bench.columns;
    let series = bench.drafts.into_iter().zip(names).map(|(draft, name)| {
        let own: Vec<i64> =
            draft.columns.iter().flat_map(|&column| columns[column].restarts_ms.clone()).collect();
        finished(draft, name, &restarts, own, source)
    });
    (series.collect(), notes)
}

/// The running counts among columns, under their names with labels: no resources, but work that growth may follow.
#[must_use]
pub fn counts(columns: &[Column], source: &str) -> Vec<Series> {
    let counts = columns
        .iter()
        .filter(|column| (bench::is_counter(column) || bench::is_counting(column)) && !column.v.is_empty());
    counts.map(|column| count(column, source)).collect()
}

fn count(column: &Column, source: &str) -> Series {
    Series {
        name: naming::label(&column.key),
        resource: column.key.metric.clone(),
        scope: naming::values(&column.key),
        host: column.key.host.clone(),
        unit: column.unit,
        sense: super::Sense::Rises,
        t_ms: column.t_ms.clone(),
        v: column.v.clone(),
        limit: None,
        restarts_ms: Vec::new(),
        rejected: column.rejected,
        block: column.block,
        source: source.to_owned(),
        also: Vec::new(),
    }
}

/// The metrics that Prometheus exporters offer, by resource, limits beside what they limit.
pub(crate) fn exported() -> Vec<Vec<&'static str>> {
    let names = |rule: &names::Rule| {
        let limits = rule.limits.iter().filter_map(|source| match source {
            names::Source::Column(name) => Some(*name),
            _ => None,
        });
        std::iter::once(rule.column).chain(limits).collect()
    };
    let starts = names::STARTS.to_vec();
    names::exported().map(names).chain(std::iter::once(starts)).collect()
}

/// Turns columns into drafts.
fn make(bench: &mut Bench<'_>) {
    for column in 0..bench.columns.len() {
        if bench::is_counter(&bench.columns[column]) {
            bench.leave_out(column, Saying::Counter);
        } else if bench::is_counting(&bench.columns[column]) && !user::asks_for(bench, column) {
            bench.leave_out(column, Saying::Counting);
        } else if bench.is_free(column) && bench.columns[column].v.is_empty() {
            bench.leave_out(column, Saying::Blank);
        }
    }
    user::scale(bench);
    units::name(bench);
    let groups = Group::all(bench);
    if bench.options.limit_column.is_some() {
        limit_by_column(bench, &groups);
    }
    for group in &groups {
        known::leave_out_pseudo(bench, group);
        known::apply(bench, group);
        pairing::apply(bench, group);
    }
    known::fold_mounts(bench);
}

/// Takes the limit of every column from the one that the user named.
fn limit_by_column(bench: &mut Bench<'_>, groups: &[Group]) {
    let Some(name) = bench.options.limit_column.as_deref() else { return };
    let mut found = false;
    for group in groups {
        let Some(&limit) =
            group.columns.iter().find(|&&column| bench.name(column).eq_ignore_ascii_case(name))
        else {
            continue;
        };
        found = true;
        bench.fates[limit] = Fate::Limit;
        let steps = measure::steps(&bench.columns[limit]);
        for &column in group.columns.iter().filter(|&&column| column != limit) {
            let mut draft = bench.draft(column);
            match measure::limit(steps.clone(), name) {
                Found::Limit(limit) => draft.limit = Some(limit),
                Found::Nonpositive => bench.say(Saying::Nonpositive, name),
                Found::Unbindable => bench.say(Saying::Unbindable, name),
            }
            bench.drafts.push(draft);
        }
    }
    if !found {
        bench.note(format!("--limit-column {name}: there is no such column"));
    }
}

/// The starts of every host: those the format tells, and those that metrics of start times tell.
fn restarts_by_host(bench: &mut Bench<'_>, restarts: &[(String, i64)]) -> HashMap<String, Vec<i64>> {
    let mut by_host: HashMap<String, Vec<i64>> = HashMap::new();
    for (host, t_ms) in restarts {
        by_host.entry(host.clone()).or_default().push(*t_ms);
    }
    for column in 0..bench.columns.len() {
        if names::STARTS.contains(&bench.name(column)) && !bench.columns[column].v.is_empty() {
            let starts = starts(&bench.columns[column]);
            by_host.entry(bench.columns[column].key.host.clone()).or_default().extend(starts);
            bench.leave_out(column, Saying::Start);
        }
    }
    for starts in by_host.values_mut() {
        starts.sort_unstable();
        starts.dedup();
    }
    by_host
}

/// The starts within the time of the column. The first value is the start before it; kernels that work their start
/// out from the clock move it by a second.
fn starts(column: &Column) -> Vec<i64> {
    let mut starts = Vec::new();
    let mut last = column.v[0];
    for &second in &column.v {
        if 60.0 < (second - last).abs() {
            last = second;
            #[expect(clippy::cast_possible_truncation, reason = "a cast to integer saturates")]
            starts.push((second * 1000.0) as i64);
        }
    }
    starts
}

/// `own` are starts of what the series tells, beside those of its host.
fn finished(
    draft: Draft,
    name: String,
    restarts: &HashMap<String, Vec<i64>>,
    own: Vec<i64>,
    source: &str,
) -> Series {
    let mut restarts_ms = restarts.get(&draft.key.host).cloned().unwrap_or_default();
    if !draft.key.host.is_empty() {
        restarts_ms.extend(restarts.get("").into_iter().flatten());
    }
    restarts_ms.extend(own);
    restarts_ms.sort_unstable();
    restarts_ms.dedup();
    Series {
        name,
        resource: draft.resource,
        scope: if draft.known { draft.scope } else { naming::values(&draft.key) },
        host: draft.key.host,
        unit: draft.unit,
        sense: draft.sense,
        t_ms: draft.t_ms,
        v: draft.v,
        limit: draft.limit,
        restarts_ms,
        rejected: draft.rejected,
        block: draft.block,
        source: source.to_owned(),
        also: draft.also,
    }
}
