//! Names of series: human, stable, unique.

use std::collections::{HashMap, HashSet};

use super::super::ColumnKey;
use super::bench::Draft;

/// The column's name with its labels: `metric{a="b"}`.
pub(super) fn label(key: &ColumnKey) -> String {
    if key.labels.is_empty() {
        return key.metric.clone();
    }
    let labels: Vec<String> = key.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{}{{{}}}", key.metric, labels.join(","))
}

/// A name for every draft: the resource and its scope (`disk.bytes:/var`), or the column's name with its labels;
/// behind it the host where there are several (`swap@web1`).
pub(super) fn names(drafts: &[Draft]) -> Vec<String> {
    let hosts: HashSet<&str> = drafts.iter().map(|draft| draft.key.host.as_str()).collect();
    let several = 1 < hosts.len();
    let short: Vec<String> = drafts.iter().map(|draft| with_host(short(draft), draft, several)).collect();
    let count = counted(&short);
    let longer = drafts.iter().zip(&short).map(|(draft, name)| {
        if count[name.as_str()] == 1 { name.clone() } else { with_host(long(draft), draft, several) }
    });
    numbered(longer.collect())
}

fn short(draft: &Draft) -> String {
    match (draft.known, draft.scope.as_str()) {
        (false, _) => label(&draft.key),
        (true, "") => draft.resource.clone(),
        (true, scope) => format!("{}:{scope}", draft.resource),
    }
}

/// With all labels, and the column's own name.
fn long(draft: &Draft) -> String {
    if draft.known { format!("{}:{}", draft.resource, label(&draft.key)) } else { label(&draft.key) }
}

fn with_host(name: String, draft: &Draft, several: bool) -> String {
    if several && !draft.key.host.is_empty() { format!("{name}@{}", draft.key.host) } else { name }
}

fn counted(names: &[String]) -> HashMap<&str, usize> {
    let mut count = HashMap::new();
    for name in names {
        *count.entry(name.as_str()).or_default() += 1;
    }
    count
}

/// Numbers what is still the same.
fn numbered(names: Vec<String>) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut last: HashMap<String, u64> = HashMap::new();
    names
        .into_iter()
        .map(|name| {
            let mut unique = name.clone();
            while !taken.insert(unique.clone()) {
                let number = last.entry(name.clone()).or_insert(1);
                *number += 1;
                unique = format!("{name}#{number}");
            }
            unique
        })
        .collect()
}

/// The values of the labels, the scope of a column that the catalogue does not know.
pub(super) fn values(key: &ColumnKey) -> String {
    let values: Vec<&str> = key.labels.iter().map(|(_, value)| value.as_str()).collect();
    values.join(",")
}
