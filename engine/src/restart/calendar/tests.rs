//! The calendar against other code, and its cases.

mod cases;
mod choices;
mod expected;
mod properties;
mod reading;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Calendar, Span};
use crate::restart::map::{Budget, Kind, Map, Node, NodeId};

/// A calendar of Berlin.
fn calendar(text: &str) -> Calendar {
    Calendar::read("map.toml", text, Tz::Europe__Berlin).unwrap()
}

/// An instant of UTC, as `2026-11-28 12:00`.
fn at(text: &str) -> DateTime<Utc> {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc()
}

/// Spans in few letters, UTC.
fn said(spans: &[Span]) -> String {
    let one = |span: &Span| format!("{}..{}", span.from.format("%d %H:%M"), span.until.format("%d %H:%M"));
    spans.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A map of groups: name, place of the node above, schedule.
fn map(nodes: &[(&str, Option<usize>, Option<&str>)]) -> Map {
    let node = |(line, (name, parent, schedule)): (usize, &(&str, Option<usize>, Option<&str>))| Node {
        name: (*name).to_owned(),
        parent: parent.map(NodeId),
        kind: Kind::Group,
        needs: Vec::new(),
        after: Vec::new(),
        drain: None,
        checkpoint: None,
        resume: None,
        ready: Vec::new(),
        probes: Vec::new(),
        conditions: Vec::new(),
        budget: Budget::default(),
        stop_s: 1.0,
        start_s: 1.0,
        min_uptime_s: 0.0,
        keep: None,
        series: Vec::new(),
        heartbeat_s: None,
        schedule: schedule.map(str::to_owned),
        line: line + 1,
    };
    let nodes = nodes.iter().enumerate().map(node).collect();
    Map { nodes, budget: Budget::default(), parallel: 1, calm: None, zone: None }
}
