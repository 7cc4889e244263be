//! The map as data: one object with its nodes, names in place of places.

use serde_json::{Value, json};

use crate::report::json::value;
use crate::restart::closure;
use crate::restart::map::{Budget, Hook, Kind, Map, NodeId, OnCrash};

/// The map as JSON. Times are seconds.
#[must_use]
pub fn json(map: &Map) -> String {
    let nodes: Vec<Value> = map.ids().map(|id| node(map, id)).collect();
    value(&json!({
        "zone": map.zone.map(chrono_tz::Tz::name),
        "budget": budget(map.budget),
        "parallel": map.parallel,
        "nodes": nodes,
    }))
}

fn node(map: &Map, id: NodeId) -> Value {
    let node = map.node(id);
    let names = |ids: &[NodeId]| ids.iter().map(|&id| map.node(id).name.clone()).collect::<Vec<_>>();
    let inside = closure(map, id);
    let with: Vec<&str> = map
        .ids()
        .filter(|&other| inside[other.0] && other != id)
        .map(|id| map.node(id).name.as_str())
        .collect();
    json!({
        "name": node.name,
        "parent": node.parent.map(|parent| &map.node(parent).name),
        "depth": map.depth(id),
        "kind": kind(&node.kind),
        "needs": names(&node.needs),
        "after": names(&node.after),
        "restarts_with_it": with,
        "drain": hook(node.drain.as_ref()),
        "checkpoint": hook(node.checkpoint.as_ref()),
        "resume": hook(node.resume.as_ref()),
        "ready": node.ready.len(),
        "probes": node.probes.len(),
        "budget": budget(node.budget),
        "stop_s": node.stop_s,
        "start_s": node.start_s,
        "min_uptime_s": node.min_uptime_s,
        "keep": node.keep,
        "series": node.series,
        "heartbeat_s": node.heartbeat_s,
        "schedule": node.schedule,
        "line": node.line,
    })
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Host { takeover, restart } => {
            json!({ "is": "host", "takeover": hook(takeover.as_ref()), "restart": hook(restart.as_ref()) })
        }
        Kind::Group => json!({ "is": "group" }),
        Kind::Unit { unit } => json!({ "is": "unit", "unit": unit }),
        // Variables may be secrets.
        Kind::Process(command) => json!({
            "is": "process",
            "argv": command.argv,
            "notify": command.notify,
            "asks_on_crash": command.on_crash == OnCrash::Ask,
        }),
        Kind::Command { stop, start, status } => json!({
            "is": "command",
            "stop": hook(stop.as_ref()),
            "start": hook(Some(start)),
            "status": hook(status.as_ref()),
        }),
    }
}

fn hook(hook: Option<&Hook>) -> Option<Value> {
    hook.map(|hook| json!({ "argv": hook.argv, "within_s": hook.within_s }))
}

fn budget(budget: Budget) -> Value {
    json!({ "intensity": budget.intensity, "period_s": budget.period_s })
}
