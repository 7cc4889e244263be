//! Many files, one history: days of one host are put together, equal names from different files are told apart.

use std::collections::HashMap;

use super::series::{History, Series};

/// Puts histories together, in their order.
///
/// Series of one name, host and unit are one series cut into files (a day a file) where the host is known; exact
/// duplicates of overlapping files are dropped. Where it is not, they are different things, and get the name of
/// their file before their own and in their scope.
#[must_use]
pub fn join(histories: Vec<History>) -> History {
    let mut whole = History::default();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    let mut parts = Vec::new();
    for history in histories {
        whole.notes.extend(history.notes);
        whole.accepted += history.accepted;
        whole.rejected += history.rejected;
        whole.counts.extend(history.counts);
        parts.extend(history.series);
    }
    tell_apart(&mut parts);
    for series in parts {
        let key = (series.host.clone(), bare(&series).to_owned());
        if let Some(&place) = places.get(&key) {
            append(&mut whole.series[place], series);
        } else {
            places.insert(key, whole.series.len());
            whole.series.push(series);
        }
    }
    whole
}

/// The name without its host, which stands there only in files of several hosts.
fn bare(series: &Series) -> &str {
    series.name.strip_suffix(&format!("@{}", series.host)).unwrap_or(&series.name)
}

/// Puts the file's name before names that several files use without saying which host they mean.
fn tell_apart(series: &mut [Series]) {
    let mut sources: HashMap<&str, Vec<&str>> = HashMap::new();
    for one in series.iter().filter(|one| one.host.is_empty()) {
        let of = sources.entry(&one.name).or_default();
        if !of.contains(&one.source.as_str()) {
            of.push(&one.source);
        }
    }
    let shared: Vec<String> =
        sources.into_iter().filter(|(_, of)| 1 < of.len()).map(|(name, _)| name.to_owned()).collect();
    for one in series.iter_mut().filter(|one| one.host.is_empty() && shared.contains(&one.name)) {
        let stem = stem(&one.source).to_owned();
        one.name = format!("{stem}:{}", one.name);
        one.scope = if one.scope.is_empty() { stem } else { format!("{stem}:{}", one.scope) };
    }
}

/// The file's name without folder and extension.
fn stem(source: &str) -> &str {
    let file = source.rsplit('/').next().unwrap_or(source);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Adds the samples of `next` to `series`, in time order; of two at one time the later file's stays.
fn append(series: &mut Series, next: Series) {
    series.rejected += next.rejected;
    series.block = series.block.max(next.block);
    series.restarts_ms.extend(next.restarts_ms);
    series.restarts_ms.sort_unstable();
    series.restarts_ms.dedup();
    match (&mut series.limit, next.limit) {
        (Some(limit), Some(more)) => {
            limit.steps.extend(more.steps);
            limit.steps.sort_by_key(|&(t_ms, _)| t_ms);
            limit.steps.dedup_by_key(|&mut (t_ms, _)| t_ms);
        }
        (limit @ None, more) => *limit = more,
        (Some(_), None) => {}
    }
    let follows = series.t_ms.last() < next.t_ms.first();
    series.t_ms.extend(next.t_ms);
    series.v.extend(next.v);
    if !follows {
        let mut order: Vec<(i64, f64)> = series.t_ms.iter().copied().zip(series.v.iter().copied()).collect();
        order.sort_by_key(|&(t_ms, _)| t_ms);
        order.reverse();
        order.dedup_by_key(|&mut (t_ms, _)| t_ms);
        order.reverse();
        (series.t_ms, series.v) = order.into_iter().unzip();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Limit, Sense, Unit};

    fn history(source: &str, host: &str, t_ms: &[i64]) -> History {
        let series = Series {
            name: "memory.available".to_owned(),
            resource: "memory.available".to_owned(),
            scope: String::new(),
            host: host.to_owned(),
            unit: Unit::Bytes,
            sense: Sense::Rises,
            t_ms: t_ms.to_vec(),
            v: t_ms.iter().map(|&t| t as f64).collect(),
            limit: Some(Limit { owner: "MemTotal".to_owned(), steps: vec![(t_ms[0], 100.0)] }),
            restarts_ms: vec![],
            rejected: 0,
            block: 1,
            source: source.to_owned(),
            also: vec![],
        };
        History { series: vec![series], accepted: t_ms.len() as u64, ..History::default() }
    }

    #[test]
    fn days_of_one_host_are_one_series_and_overlaps_count_once() {
        let whole = join(vec![history("sa21", "web", &[1, 2, 3]), history("sa22", "web", &[3, 4])]);
        assert_eq!(whole.series.len(), 1);
        assert_eq!(whole.series[0].t_ms, [1, 2, 3, 4]);
        assert_eq!(whole.series[0].limit.as_ref().unwrap().steps.len(), 2);
    }

    #[test]
    fn files_given_in_the_wrong_order_are_sorted() {
        let whole = join(vec![history("sa22", "web", &[3, 4]), history("sa21", "web", &[1, 2])]);
        assert_eq!(whole.series[0].t_ms, [1, 2, 3, 4]);
    }

    #[test]
    fn equal_names_of_unknown_hosts_stay_apart() {
        let whole = join(vec![history("logs/a.csv", "", &[1, 2]), history("logs/b.csv", "", &[1, 2])]);
        let names: Vec<&str> = whole.series.iter().map(|series| series.name.as_str()).collect();
        assert_eq!(names, ["a:memory.available", "b:memory.available"]);
    }
}
