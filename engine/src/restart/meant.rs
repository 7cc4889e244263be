//! Which node of the map a forecast is about.

use super::cause::Cause;
use super::hold::{Code, Hold};
use super::map::{Kind, Map, Node, NodeId};
use crate::finding::{Confidence, Culprit, Row, Status};
use crate::report::units;
use crate::silence::matches;

/// The node that a forecast is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Meant {
    /// The node.
    pub node: NodeId,
    /// Its share of the growth, where that is known.
    pub share: Option<f64>,
    /// How it was found, in one sentence.
    pub why: String,
}

/// The deepest node that answers for a row: by its `series`, else by what the row is about, else by the culprit with
/// the largest share of the growth that is in the map.
///
/// # Errors
///
/// Holds with `not_in_map` where there is none.
pub fn meant(map: &Map, row: &Row) -> Result<Meant, Hold> {
    let name = format!("{} {}", row.resource, row.scope);
    let answers = |node: &Node| {
        node.series.iter().any(|pattern| matches(pattern, &row.series) || matches(pattern, name.trim_end()))
    };
    if let Some(node) = deepest(map, answers) {
        let why = format!("{} answers for {}", map.node(node).name, name.trim_end());
        return Ok(Meant { node, share: share_of(map.node(node), &row.culprits), why });
    }
    if let Some(node) = deepest(map, |node| is_called(node, &row.scope)) {
        let why = format!("{} is about {}", name.trim_end(), map.node(node).name);
        return Ok(Meant { node, share: None, why });
    }
    let mut culprits: Vec<&Culprit> =
        row.culprits.iter().filter(|culprit| culprit.kind != "unattributed").collect();
    culprits.sort_by(|a, b| b.growth_share.total_cmp(&a.growth_share));
    for culprit in &culprits {
        if let Some(node) = deepest(map, |node| is_called(node, &culprit.full_name())) {
            let share = units::percent(culprit.growth_share);
            let why = format!("{} is {share} of the growth of {}", map.node(node).name, name.trim_end());
            return Ok(Meant { node, share: Some(culprit.growth_share), why });
        }
    }
    Err(Hold::new(Code::NotInMap, stranger(&name, &culprits)))
}

/// Whether a node answers for a series, `RESOURCE SCOPE`: by its patterns, or because the series is about it.
#[must_use]
pub fn uses(node: &Node, series: &str) -> bool {
    let scope = series.split_once(' ').map_or("", |(_, scope)| scope);
    node.series.iter().any(|pattern| matches(pattern, series)) || is_called(node, scope)
}

/// Why a row is about nothing in the map.
fn stranger(name: &str, culprits: &[&Culprit]) -> String {
    let name = name.trim_end();
    match culprits.first() {
        Some(first) => format!(
            "{name} is used up by {} ({} of the growth), which is no node of the map",
            first.full_name(),
            units::percent(first.growth_share)
        ),
        None => format!("no node of the map answers for {name}, and who uses it up is not known"),
    }
}

/// Of the nodes that fit, the one with the most nodes above it; of several the first.
fn deepest(map: &Map, fits: impl Fn(&Node) -> bool) -> Option<NodeId> {
    map.ids().filter(|&id| fits(map.node(id))).min_by_key(|&id| std::cmp::Reverse(map.depth(id)))
}

/// Whether a group of processes (`unit/program`, a unit, a program, the name of a node) is this node.
fn is_called(node: &Node, group: &str) -> bool {
    if group.is_empty() {
        return false;
    }
    let unit = group.rsplit_once('/').map_or(group, |(unit, _)| unit);
    match &node.kind {
        Kind::Unit { unit: own } => own == unit || own == group,
        // The Re/Starter gives its processes the node's name; their program may be anybody's.
        _ => node.name == group,
    }
}

/// The share of a row's growth that is a node's.
fn share_of(node: &Node, culprits: &[Culprit]) -> Option<f64> {
    culprits.iter().find(|culprit| is_called(node, &culprit.full_name())).map(|culprit| culprit.growth_share)
}

/// The cause that a row is for the node that it is about.
///
/// # Errors
///
/// Holds where nothing is forecast that a restart should answer: `surge_pending` while the rise must first persist,
/// `low_confidence` where there is no date.
pub fn cause(row: &Row, meant: &Meant) -> Result<Cause, Hold> {
    if row.status == Status::SurgeHeld {
        return Err(Hold::new(Code::SurgePending, format!("{}: the rise must first persist", row.series)));
    }
    let dates = (row.exhausts_lo, row.exhausts_at);
    let (Some(lo), Some(mid)) = dates else {
        return Err(Hold::new(Code::LowConfidence, format!("{}: {} has no date", row.series, row.status)));
    };
    if row.confidence == Confidence::None {
        return Err(Hold::new(Code::LowConfidence, format!("{}: its date is not to be trusted", row.series)));
    }
    Ok(Cause::Forecast { series: row.series.clone(), lo, mid, hi: row.exhausts_hi, share: meant.share })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::row;
    use crate::restart::map::tests::{SHOP, map};

    fn culprit(name: &str, growth_share: f64) -> Culprit {
        let kind = if name == "rest" { "unattributed" } else { "group" }.to_owned();
        Culprit {
            name: name.to_owned(),
            kind,
            used: 1.0,
            used_share: 0.1,
            growth_per_day: 1.0,
            growth_share,
            ..Culprit::default()
        }
    }

    /// Who is meant by a row: `node share` or the sentence of the hold.
    #[track_caller]
    fn check(resource: &str, scope: &str, culprits: &[(&str, f64)], expected: &str) {
        let map = map(SHOP);
        let mut row = row(resource, scope, Status::Watch);
        row.culprits = culprits.iter().map(|&(name, share)| culprit(name, share)).collect();
        let found = match meant(&map, &row) {
            Ok(meant) => format!("{} {:?}", map.node(meant.node).name, meant.share),
            Err(hold) => format!("{}: {}", hold.code, hold.sentence),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_pattern_of_the_map_comes_first() {
        check("process.fds", "shop-worker", &[("postgresql.service/postgres", 0.9)], "app1 None");
    }

    #[test]
    fn a_row_about_a_unit_means_its_node() {
        check("process.rss", "postgresql.service/postgres", &[], "database None");
        check("cgroup.memory", "postgresql.service", &[], "database None");
    }

    #[test]
    fn of_the_culprits_the_largest_in_the_map_is_meant() {
        let culprits = [
            ("rest", 0.7),
            ("sshd.service/sshd", 0.15),
            ("postgresql.service/postgres", 0.1),
            ("app2", 0.05),
        ];
        check("memory.available", "", &culprits, "database Some(0.1)");
        check("memory.available", "", &[("app2", 0.5)], "app2 Some(0.5)");
    }

    #[test]
    fn nobody_else_is_restarted() {
        check(
            "memory.available",
            "",
            &[("sshd.service/sshd", 0.5)],
            "not_in_map: memory.available is used up by sshd.service/sshd (50 % of the growth), which is no node of the map",
        );
        check(
            "disk.bytes",
            "/var",
            &[],
            "not_in_map: no node of the map answers for disk.bytes /var, and who uses it up is not known",
        );
        check(
            "disk.bytes",
            "/var",
            &[("rest", 1.0)],
            "not_in_map: no node of the map answers for disk.bytes /var, and who uses it up is not known",
        );
    }

    #[test]
    fn only_a_date_is_a_cause() {
        let meant = Meant { node: Map::ROOT, share: None, why: String::new() };
        let code = |row: &Row| cause(row, &meant).map_err(|hold| hold.code);
        let mut row = row("disk.bytes", "/", Status::SurgeHeld);
        assert_eq!(code(&row), Err(Code::SurgePending));
        row.status = Status::Watch;
        assert_eq!(code(&row), Err(Code::LowConfidence));
        (row.exhausts_lo, row.exhausts_at) =
            (Some(chrono::DateTime::UNIX_EPOCH), Some(chrono::DateTime::UNIX_EPOCH));
        assert_eq!(code(&row), Err(Code::LowConfidence), "its confidence is none");
        row.confidence = Confidence::Low;
        assert!(code(&row).is_ok());
    }
}
