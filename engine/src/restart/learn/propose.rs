//! Changes to the map that the history speaks for: proposed with their evidence, never made.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use super::record::is_failure;
use super::together::{Pair, failures, together, wilson};
use crate::report::units;
use crate::restart::budget::later;
use crate::restart::closure::closure;
use crate::restart::history::{History, Outcome, Past};
use crate::restart::map::{Kind, Map, Node, NodeId};

/// A failure within so many seconds after another may be its consequence.
const WINDOW_S: f64 = 120.0;
/// So many cases are needed before anything is proposed.
const CASES: usize = 3;

/// A change to the map: the transformations of Candea et al. (DSN 2002), and a dependency that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transformation {
    /// A node fails after another: it needs it.
    Needs {
        /// Who depends.
        node: String,
        /// On whom.
        on: String,
    },
    /// Two nodes each fail after the other: one group, restarted together.
    Consolidate {
        /// The members.
        members: [String; 2],
    },
    /// A node whose own restart rarely cures it, where that of it and a neighbour does: its button restarts both.
    Promote {
        /// The node.
        node: String,
        /// Those that become part of it.
        over: Vec<String>,
    },
    /// A group that is restarted as a whole though only some of its members fail: a smaller group within.
    Augment {
        /// The group.
        group: String,
        /// The members that fail.
        members: Vec<String>,
    },
}

/// A change with what speaks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The change.
    pub transformation: Transformation,
    /// What was seen, with its counts, in one sentence.
    pub evidence: String,
    /// The least share of cases in which it would have been right, with 95 %.
    pub confidence: f64,
    /// What changes in the file: lines that go begin with `-`, lines that come with `+`.
    pub diff: String,
}

/// What the history speaks for, the surest first. A change that would make the map unsound is none.
#[must_use]
pub fn propose(map: &Map, history: &History, recurrence_s: f64, now: DateTime<Utc>) -> Vec<Proposal> {
    let pairs: Vec<Pair> =
        together(history, WINDOW_S, recurrence_s).into_iter().filter(Pair::is_more_than_chance).collect();
    let mut found = dependencies(map, &pairs);
    found.extend(promotions(map, history, recurrence_s, now));
    found.extend(augmentations(map, history, recurrence_s));
    let mut proposals: Vec<Proposal> = found
        .into_iter()
        .filter_map(|(transformation, evidence, confidence)| {
            let diff = diff(map, &changed(map, &transformation)?);
            Some(Proposal { transformation, evidence, confidence, diff })
        })
        .collect();
    proposals.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    proposals
}

type Found = (Transformation, String, f64);

/// Pairs that the map does not know of: one way a need, both ways a group.
fn dependencies(map: &Map, pairs: &[Pair]) -> Vec<Found> {
    let mut found = Vec::new();
    for pair in pairs {
        let (Some(first), Some(then)) = (map.find(&pair.first), map.find(&pair.then)) else { continue };
        let related = map.holds(first, then) || map.holds(then, first);
        if related || closure(map, first)[then.0] {
            continue;
        }
        let back = pairs.iter().find(|other| other.first == pair.then && other.then == pair.first);
        let Some(back) = back else {
            let change = Transformation::Needs { node: pair.then.clone(), on: pair.first.clone() };
            found.push((change, told(pair), pair.at_least));
            continue;
        };
        if pair.first < pair.then {
            let change = Transformation::Consolidate { members: [pair.first.clone(), pair.then.clone()] };
            found.push((change, format!("{}; {}", told(pair), told(back)), pair.at_least.min(back.at_least)));
        }
    }
    found
}

fn told(pair: &Pair) -> String {
    format!(
        "{} failed {} times, and {} within {} after {} of them (at least {}, by chance {})",
        pair.first,
        pair.failures,
        pair.then,
        units::duration(WINDOW_S),
        pair.followed,
        units::percent(pair.at_least),
        units::percent(pair.by_chance)
    )
}

/// Whether the next restart after a failed cure, one node nearer the root, cured it.
fn cured_above<'a>(map: &Map, history: &'a History, past: &Past, recurrence_s: f64) -> Option<&'a Past> {
    let target = map.find(&past.target)?;
    let parent = map.node(map.node(target).parent?).name.as_str();
    let soon = later(past.ended, recurrence_s);
    history.past.iter().find(|next| {
        is_failure(next)
            && next.target == parent
            && next.outcome == Outcome::Done
            && past.ended <= next.began
            && next.began < soon
            && !again(history, next, recurrence_s)
    })
}

/// Whether something that a restart held failed again soon after it.
fn again(history: &History, past: &Past, recurrence_s: f64) -> bool {
    let soon = later(past.ended, recurrence_s);
    history.past.iter().any(|next| {
        is_failure(next)
            && past.ended <= next.began
            && next.began < soon
            && next.nodes.iter().any(|node| past.nodes.contains(node))
    })
}

/// Nodes that were cured by the restart of their group more often than by their own.
fn promotions(map: &Map, history: &History, recurrence_s: f64, now: DateTime<Utc>) -> Vec<Found> {
    let mut found = Vec::new();
    for id in map.ids().filter(|id| !map.node(*id).is_container()) {
        let node = map.node(id);
        let Some(parent) = node.parent.filter(|parent| matches!(map.node(*parent).kind, Kind::Group)) else {
            continue;
        };
        let over: Vec<String> = map
            .children(parent)
            .filter(|other| *other != id)
            .map(|other| map.node(other).name.clone())
            .collect();
        let own = history.past.iter().filter(|past| is_failure(past) && past.target == node.name);
        let judged: Vec<&Past> = own.filter(|past| later(past.ended, recurrence_s) <= now).collect();
        let above =
            judged.iter().filter(|past| cured_above(map, history, past, recurrence_s).is_some()).count();
        let at_least = wilson(above, judged.len());
        // With two in a group one more step is one restart more; with many it would restart what has no part in it.
        if CASES <= above && over.len() == 1 && 2 * above > judged.len() {
            let evidence = format!(
                "{} was restarted alone {} times after failures, and {} of them were only cured by the restart of {} that followed",
                node.name,
                judged.len(),
                above,
                map.node(parent).name
            );
            found.push((Transformation::Promote { node: node.name.clone(), over }, evidence, at_least));
        }
    }
    found
}

/// Groups that were restarted as a whole, always because of the same few of many members.
fn augmentations(map: &Map, history: &History, recurrence_s: f64) -> Vec<Found> {
    let first = failures(history, recurrence_s);
    let mut found = Vec::new();
    for group in
        map.ids().filter(|id| matches!(map.node(*id).kind, Kind::Group) && map.node(*id).keep.is_none())
    {
        let name = &map.node(group).name;
        let members: Vec<NodeId> = map.children(group).collect();
        let whole: Vec<&Past> = history
            .past
            .iter()
            .filter(|past| {
                is_failure(past)
                    && past.target == *name
                    && past.outcome == Outcome::Done
                    && !again(history, past, recurrence_s)
            })
            .collect();
        let failing = |member: &&NodeId| {
            first.iter().any(|(node, _)| map.find(node).is_some_and(|node| map.holds(**member, node)))
        };
        let failing: BTreeSet<&str> =
            members.iter().filter(failing).map(|id| map.node(*id).name.as_str()).collect();
        if whole.len() < CASES || failing.len() < 2 || members.len() <= failing.len() {
            continue;
        }
        let idle = members.len() - failing.len();
        let evidence = format!(
            "{name} was restarted as a whole {} times after failures, always of {}; {idle} members that never failed went down with them",
            whole.len(),
            failing.iter().copied().collect::<Vec<_>>().join(", ")
        );
        let members = failing.into_iter().map(str::to_owned).collect();
        found.push((
            Transformation::Augment { group: name.clone(), members },
            evidence,
            wilson(whole.len(), whole.len()),
        ));
    }
    found
}

/// The map after a change; none where it would not be sound.
fn changed(map: &Map, change: &Transformation) -> Option<Map> {
    let mut new = map.clone();
    match change {
        Transformation::Needs { node, on } => {
            let on = map.find(on)?;
            new.nodes[map.find(node)?.0].needs.push(on);
        }
        Transformation::Consolidate { members } => {
            let ids = [map.find(&members[0])?, map.find(&members[1])?];
            let above: Vec<NodeId> = map.ancestors(ids[0]).collect();
            let common = map.ancestors(ids[1]).find(|id| above.contains(id))?;
            // A group of these two alone is there already.
            if map.node(ids[0]).parent == map.node(ids[1]).parent
                && map.children(common).count() == 2
                && common != Map::ROOT
            {
                return None;
            }
            gather(&mut new, &ids, common, members);
        }
        Transformation::Promote { node, over } => {
            let id = map.find(node)?;
            for other in over {
                new.nodes[map.find(other)?.0].parent = Some(id);
            }
        }
        Transformation::Augment { group, members } => {
            let ids: Vec<NodeId> = members.iter().filter_map(|member| map.find(member)).collect();
            gather(&mut new, &ids, map.find(group)?, members);
        }
    }
    Map::parse(&new.to_toml(), "proposal").ok()
}

/// Puts nodes into a new group.
fn gather(map: &mut Map, ids: &[NodeId], parent: NodeId, names: &[String]) {
    let group = NodeId(map.nodes.len());
    // The rest of a plain group is that of any node.
    let mut node = Node { line: 0, ..map.node(parent).clone() };
    node.name = names.join("+");
    node.parent = Some(parent);
    node.kind = Kind::Group;
    (node.needs, node.after, node.ready, node.probes, node.conditions) =
        (vec![], vec![], vec![], vec![], vec![]);
    (node.drain, node.checkpoint, node.resume, node.keep, node.heartbeat_s) = (None, None, None, None, None);
    (node.series, node.budget) = (vec![], crate::restart::map::Budget::default());
    map.nodes.push(node);
    for id in ids {
        map.nodes[id.0].parent = Some(group);
    }
}

/// What changes in the file, node by node: its name, what goes, what comes.
fn diff(old: &Map, new: &Map) -> String {
    let mut out = String::new();
    for node in &new.nodes {
        let after = new.node_toml(node);
        let before = old.find(&node.name).map(|id| old.node_toml(old.node(id))).unwrap_or_default();
        if before == after {
            continue;
        }
        let lines = |text: &'_ str| {
            text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let (before, after) = (lines(&before), lines(&after));
        let kept = before.iter().filter(|line| after.contains(line));
        for line in kept.filter(|line| line.starts_with("[[node]]") || line.starts_with("name = ")) {
            let _ = writeln!(out, "  {line}");
        }
        for line in before.iter().filter(|line| !after.contains(line)) {
            let _ = writeln!(out, "- {line}");
        }
        for line in after.iter().filter(|line| !before.contains(line)) {
            let _ = writeln!(out, "+ {line}");
        }
        out.push('\n');
    }
    out.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restart::history::tests::{at, past};
    use crate::restart::map::tests::map;

    const DAY: i64 = 86_400;

    fn units(names: &[(&str, &str)]) -> Map {
        let node = |(name, parent): &(&str, &str)| {
            format!("[[node]]\nname = \"{name}\"\nunit = \"{name}.service\"\nparent = \"{parent}\"\n")
        };
        let group = "[[node]]\nname = \"g\"\ngroup = true\n";
        map(&(group.to_owned() + &names.iter().map(node).collect::<String>()))
    }

    /// The proposals for a map of units below a group, after these restarts.
    fn proposals(map: &Map, past: Vec<Past>) -> Vec<Proposal> {
        propose(map, &History { past, ..History::default() }, 300.0, at(100 * DAY))
    }

    #[test]
    fn what_fails_after_another_is_proposed_to_need_it() {
        let map = units(&[("db", "g"), ("app", "g"), ("cron", "g")]);
        let days = |day: i64| [past("db", DAY * day, &["db"]), past("app", DAY * day + 30, &["app"])];
        let found = proposals(&map, (0..6).flat_map(days).collect());
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(
            found[0].transformation,
            Transformation::Needs { node: "app".to_owned(), on: "db".to_owned() }
        );
        assert_eq!(found[0].diff, "  [[node]]\n  name = \"app\"\n+ needs = [\"db\"]\n");
        assert!(
            found[0].evidence.starts_with(
                "db failed 6 times, and app within 2 min after 6 of them (at least 61 %, by chance"
            ),
            "{}",
            found[0].evidence
        );
        // Two cases are no evidence, and what the map says already is no news.
        assert_eq!(proposals(&map, (0..2).flat_map(days).collect()), []);
        let known = self::map(
            &map.to_toml().replace("unit = \"app.service\"", "unit = \"app.service\"\nneeds = \"db\""),
        );
        assert_eq!(proposals(&known, (0..6).flat_map(days).collect()), []);
    }

    #[test]
    fn what_fails_both_ways_is_proposed_as_a_group() {
        let map = units(&[("ses", "g"), ("str", "g"), ("rtu", "g")]);
        let days = |day: i64| {
            let (a, b) = if day % 2 == 0 { ("ses", "str") } else { ("str", "ses") };
            [past(a, DAY * day, &[a]), past(b, DAY * day + 30, &[b])]
        };
        let found = proposals(&map, (0..40).flat_map(days).collect());
        assert_eq!(found.len(), 1, "{found:#?}");
        assert_eq!(
            found[0].diff,
            "+ [[node]]\n+ name = \"ses+str\"\n+ parent = \"g\"\n+ group = true\n\n  [[node]]\n  name = \"ses\"\n- parent = \"g\"\n+ parent = \"ses+str\"\n\n  [[node]]\n  name = \"str\"\n- parent = \"g\"\n+ parent = \"ses+str\"\n"
        );
    }

    #[test]
    fn what_its_own_restart_does_not_cure_is_promoted() {
        let map = units(&[("pbcom", "g"), ("fedr", "g")]);
        let days = |day: i64| {
            [past("pbcom", DAY * day, &["pbcom"]), past("g", DAY * day + 30, &["g", "pbcom", "fedr"])]
        };
        let found = proposals(&map, (0..5).flat_map(days).collect());
        assert_eq!(
            found[0].transformation,
            Transformation::Promote { node: "pbcom".to_owned(), over: vec!["fedr".to_owned()] }
        );
        assert!(
            found[0].diff.contains("- parent = \"g\"") && found[0].diff.contains("+ parent = \"pbcom\""),
            "{}",
            found[0].diff
        );
        // Cured alone, it stays where it is.
        assert_eq!(proposals(&map, (0..5).map(|day| past("pbcom", DAY * day, &["pbcom"])).collect()), []);
    }

    #[test]
    fn a_group_of_which_only_some_fail_gets_a_smaller_one() {
        let map = units(&[("a", "g"), ("b", "g"), ("c", "g"), ("d", "g")]);
        let all = ["g", "a", "b", "c", "d"];
        let days = |day: i64| {
            let failed = if day % 2 == 0 { "a" } else { "b" };
            [past(failed, DAY * day, &[failed]), past("g", DAY * day + 30, &all)]
        };
        let found = proposals(&map, (0..6).flat_map(days).collect());
        let members = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(found[0].transformation, Transformation::Augment { group: "g".to_owned(), members });
        assert!(
            found[0].evidence.contains("6 times after failures, always of a, b; 2 members that never failed"),
            "{}",
            found[0].evidence
        );
    }

    #[test]
    fn a_change_that_would_make_a_circle_is_none() {
        let text = units(&[("db", "g"), ("app", "g")]).to_toml();
        let map = map(&text.replace("unit = \"db.service\"", "unit = \"db.service\"\nneeds = \"app\""));
        let change = Transformation::Needs { node: "app".to_owned(), on: "db".to_owned() };
        assert_eq!(changed(&map, &change), None);
    }
}
