//! Series of a recorded history that measure the same thing of many: the rows of a long table, the columns of a wide
//! one. They are told by their names alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hebe_collectors::history::{Sense, Series};

use super::table::Measure;
use super::{Blocks, Kind, Member};

/// Labels that name a group of processes, the best first.
const GROUPS: [&str; 22] = [
    "unit",
    "service",
    "container",
    "container_name",
    "pod",
    "cgroup",
    "slice",
    "groupname",
    "group",
    "app",
    "application",
    "job",
    "program",
    "command",
    "comm",
    "exe",
    "executable",
    "process",
    "process_name",
    "name",
    "instance",
    "nickname",
];
/// Words of a column's name that are units.
const UNITS: [&str; 10] = ["kb", "kib", "mb", "mib", "gb", "gib", "bytes", "b", "count", "total"];
/// Words of a column's name that say what is measured.
const MEASURES: [&str; 16] = [
    "rss",
    "vmrss",
    "resident",
    "res",
    "pss",
    "uss",
    "anon",
    "rssanon",
    "memory",
    "mem",
    "fds",
    "fd",
    "descriptors",
    "handles",
    "threads",
    "nlwp",
];

/// Series that measure the same thing of many.
#[derive(Debug)]
pub(super) struct Family<'a> {
    /// What is measured, as the history calls it.
    pub(super) measured: String,
    pub(super) measure: Option<Measure>,
    /// The parts, each under the name of its group.
    pub(super) parts: Vec<(String, &'a Series)>,
}

type Labels = Vec<(String, String)>;

impl<'a> Family<'a> {
    /// The families among the series of one place.
    pub(super) fn all(series: &[&'a Series]) -> Vec<Self> {
        let mut labelled: BTreeMap<&str, Vec<(Labels, &'a Series)>> = BTreeMap::new();
        let mut wide: BTreeMap<String, Vec<(String, &'a Series)>> = BTreeMap::new();
        for one in series.iter().filter(|one| one.sense == Sense::Rises) {
            match labels(one) {
                Some(labels) if !labels.is_empty() => {
                    labelled.entry(&one.resource).or_default().push((labels, one));
                }
                _ => {
                    if let Some((whose, what)) = split(one) {
                        wide.entry(what).or_default().push((whose, one));
                    }
                }
            }
        }
        let long = labelled.into_iter().map(|(resource, parts)| Self {
            measured: resource.to_owned(),
            measure: Measure::of(resource),
            parts: grouped(parts),
        });
        let wide =
            wide.into_iter().map(|(what, parts)| Self { measure: Measure::of(&what), measured: what, parts });
        long.chain(wide).filter(|family| 2 <= family.parts.len()).collect()
    }

    /// Whether a series is one of the parts.
    pub(super) fn has(&self, series: &Series) -> bool {
        self.parts.iter().any(|(_, part)| std::ptr::eq(*part, series))
    }

    /// The groups as members: parts of one group added up, and counted where one has several.
    pub(super) fn members(&self, blocks: &Blocks) -> Vec<Member> {
        let mut groups: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
        for (name, part) in &self.parts {
            let (used, number) =
                groups.entry(name).or_insert_with(|| (vec![f64::NAN; blocks.len()], vec![0.0; blocks.len()]));
            for (k, value) in blocks.column(part).into_iter().enumerate().filter(|(_, v)| v.is_finite()) {
                used[k] = if used[k].is_nan() { value } else { used[k] + value };
                number[k] += 1.0;
            }
        }
        let member = |(name, (used, number)): (&str, (Vec<f64>, Vec<f64>))| {
            let number = number.iter().any(|&number| 1.0 < number).then_some(number);
            let kind = if number.is_some() { Kind::Group } else { Kind::Process };
            let name = if name.is_empty() { "(no group)" } else { name };
            Member { kind, ..Member::group(name, used, number) }
        };
        groups.into_iter().map(member).collect()
    }
}

/// The labels in a series' name, where its name is its column's: `rss_kb{group="I",nickname="x"}@host`.
fn labels(series: &Series) -> Option<Labels> {
    let rest = series.name.strip_prefix(&series.resource)?.strip_prefix('{')?;
    let mut rest = rest.rsplit_once('}')?.0;
    let mut labels = Labels::new();
    while let Some((name, after)) = rest.split_once("=\"") {
        // A value may hold anything; it ends where the next label begins.
        let (value, next) = match after.find("\",") {
            Some(end) => (&after[..end], &after[end + 2..]),
            None => (after.strip_suffix('"').unwrap_or(after), ""),
        };
        labels.push((name.to_owned(), value.to_owned()));
        rest = next;
    }
    Some(labels)
}

/// Puts every part under the value of the label that groups them best.
fn grouped(parts: Vec<(Labels, &Series)>) -> Vec<(String, &Series)> {
    let mut values: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (name, value) in parts.iter().flat_map(|(labels, _)| labels) {
        values.entry(name).or_default().insert(value);
    }
    let rank = |name: &str| GROUPS.iter().position(|group| name.eq_ignore_ascii_case(group));
    let by: Option<String> = values
        .iter()
        .filter(|(_, values)| 2 <= values.len())
        .min_by_key(|&(&name, values)| (rank(name).is_none(), rank(name), values.len(), name))
        .map(|(&name, _)| name.to_owned());
    let whose = |labels: &Labels, series: &Series| match &by {
        Some(by) => {
            labels.iter().find(|(name, _)| name == by).map_or_else(String::new, |(_, value)| value.clone())
        }
        None => series.scope.clone(),
    };
    parts.into_iter().map(|(labels, series)| (whose(&labels, series), series)).collect()
}

/// Whose a column of a wide table is, and what it measures: `nginx_rss_kb` is nginx's `rss_kb`.
fn split(series: &Series) -> Option<(String, String)> {
    let known = |word: &str| {
        let word = word.to_ascii_lowercase();
        MEASURES.contains(&word.as_str()) || UNITS.contains(&word.as_str())
    };
    let is_measure = |word: &str| MEASURES.contains(&word.to_ascii_lowercase().as_str());
    // Only a column that no catalogue knows has its own name.
    if series.name != series.resource && !series.name.starts_with(&format!("{}@", series.resource)) {
        return None;
    }
    Measure::of(&series.resource)?;
    let words: Vec<&str> =
        series.resource.split(['_', '.', ' ', ':']).filter(|word| !word.is_empty()).collect();
    if !words.iter().any(|word| is_measure(word)) {
        return None;
    }
    let pick = |is: bool| -> String {
        words.iter().copied().filter(|word| known(word) == is).collect::<Vec<_>>().join("_")
    };
    let (whose, what) = (pick(false), pick(true));
    (!whose.is_empty()).then_some((whose, what))
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::Unit;
    use proptest::prelude::*;

    use super::*;

    fn series(name: &str, resource: &str) -> Series {
        Series {
            name: name.to_owned(),
            resource: resource.to_owned(),
            scope: String::new(),
            host: String::new(),
            unit: Unit::Bytes,
            sense: Sense::Rises,
            t_ms: Vec::new(),
            v: Vec::new(),
            limit: None,
            restarts_ms: Vec::new(),
            rejected: 0,
            block: 1,
            source: String::new(),
            also: Vec::new(),
        }
    }

    fn names(all: &[Series]) -> Vec<(String, Vec<String>)> {
        let all: Vec<&Series> = all.iter().collect();
        let names = |family: Family<'_>| {
            (family.measured, family.parts.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        };
        Family::all(&all).into_iter().map(names).collect()
    }

    #[test]
    fn rows_of_a_long_table_are_grouped_by_their_best_label() {
        let row = |nick: &str, group: &str| {
            series(&format!("rss_kb{{type=\"relay\",nickname=\"{nick}\",group=\"{group}\"}}@co"), "rss_kb")
        };
        let all = [
            row("a", "F"),
            row("b", "F"),
            row("c", "I"),
            series("total_kb{type=\"aggregate\"}@co", "total_kb"),
        ];
        assert_eq!(
            names(&all),
            [("rss_kb".to_owned(), vec!["F".to_owned(), "F".to_owned(), "I".to_owned()])]
        );
    }

    #[test]
    fn columns_of_a_wide_table_are_split_into_whose_and_what() {
        let of = |name: &str| series(name, name);
        let all = [of("nginx_rss_kb"), of("java_rss_kb"), of("java_fds"), of("rss_kb"), of("requests")];
        assert_eq!(names(&all), [("rss_kb".to_owned(), vec!["nginx".to_owned(), "java".to_owned()])]);
        // What the catalogue knows is no process.
        assert_eq!(
            names(&[series("disk.bytes:/rss", "disk.bytes"), series("disk.bytes:/res", "disk.bytes")]),
            []
        );
    }

    proptest! {
        #[test]
        fn no_name_panics(names in prop::collection::vec("\\PC{0,12}[\\{\\}=\",_@]{0,8}\\PC{0,6}", 0..6)) {
            let all: Vec<Series> = names.iter().map(|name| {
                let resource = name.split('{').next().unwrap_or("");
                series(name, resource)
            }).collect();
            let all: Vec<&Series> = all.iter().collect();
            let blocks = Blocks::of(0, 1.0, 4);
            for family in Family::all(&all) {
                let _ = family.members(&blocks);
            }
        }
    }
}
