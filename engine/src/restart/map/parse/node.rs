//! One `[[node]]` of the file, before the names in it are looked up.

use std::path::PathBuf;

use super::fields::{Fields, Item};
use super::{kind, probe, values};
use crate::restart::map::error::Faults;
use crate::restart::map::{Condition, Kind, Node};

/// Time to stop, if the map does not say.
pub(in crate::restart::map) const STOP_S: f64 = 30.0;
/// Time to start, if the map does not say.
pub(in crate::restart::map) const START_S: f64 = 60.0;
/// Time that a node is left alone after its start, if the map does not say.
pub(in crate::restart::map) const MIN_UPTIME_S: f64 = 60.0;

/// The longest name.
const LONGEST: usize = 100;

const KEYS: [&str; 31] = [
    "name",
    "parent",
    "unit",
    "command",
    "start",
    "host",
    "group",
    "dir",
    "env",
    "log",
    "notify",
    "on_crash",
    "stop",
    "status",
    "needs",
    "after",
    "drain",
    "checkpoint",
    "resume",
    "ready",
    "probe",
    "ports_free",
    "gone",
    "budget",
    "stop_within",
    "start_within",
    "min_uptime",
    "keep",
    "series",
    "heartbeat",
    "schedule",
];

/// A node with the names that it refers to.
#[derive(Debug)]
pub(in crate::restart::map) struct Draft {
    /// All that can be said without the others.
    pub(in crate::restart::map) node: Node,
    /// Whether its kind is known: if not, that was noted, and the rest of it stands in for checks.
    pub(in crate::restart::map) sound: bool,
    /// The name after `parent`, with its place.
    pub(in crate::restart::map) parent: Option<(String, usize)>,
    pub(in crate::restart::map) needs: Vec<(String, usize)>,
    pub(in crate::restart::map) after: Vec<(String, usize)>,
    pub(in crate::restart::map) keep: Option<usize>,
    pub(in crate::restart::map) schedule: Option<usize>,
}

/// Reads a node; none where it has no usable name, for nothing could refer to it.
pub(super) fn draft(fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<Draft> {
    fields.only(&KEYS, "a node", faults);
    let name = name(fields, faults)?;
    let kind = kind::kind(fields, &name, faults);
    let place = |key| fields.get(key).map(|item: Item<'_>| item.at);
    let sound = kind.is_some();
    Some(Draft {
        sound,
        parent: names(fields, "parent", faults).into_iter().next(),
        needs: names(fields, "needs", faults),
        after: names(fields, "after", faults),
        keep: place("keep"),
        schedule: place("schedule"),
        node: node(fields, name, kind.unwrap_or(Kind::Group), faults),
    })
}

/// All of a node that does not refer to others. What is wrong was noted, and a default stands in for it.
fn node(fields: &Fields<'_>, name: String, kind: Kind, faults: &mut Faults<'_>) -> Node {
    let mut hook = |key| fields.get(key).and_then(|hook| values::hook(hook, faults));
    let (drain, checkpoint, resume) = (hook("drain"), hook("checkpoint"), hook("resume"));
    let mut probes = |key| fields.get(key).map(|item| probe::probes(item, faults)).unwrap_or_default();
    let (ready, probes) = (probes("ready"), probes("probe"));
    let mut seconds = |key| fields.get(key).and_then(|item| values::seconds(item, faults));
    let (stop, start, uptime) = (seconds("stop_within"), seconds("start_within"), seconds("min_uptime"));
    Node {
        kind,
        parent: None,
        needs: Vec::new(),
        after: Vec::new(),
        drain,
        checkpoint,
        resume,
        ready,
        probes,
        stop_s: stop.unwrap_or(STOP_S),
        start_s: start.unwrap_or(START_S),
        min_uptime_s: uptime.unwrap_or(MIN_UPTIME_S),
        heartbeat_s: seconds("heartbeat"),
        conditions: conditions(fields, faults),
        budget: fields.get("budget").and_then(|item| values::budget(item, faults)).unwrap_or_default(),
        keep: fields.get("keep").and_then(|item| values::count(item, faults)),
        series: names_of(fields, "series", "expected a pattern such as \"process.fds nginx*\"", faults),
        schedule: fields
            .get("schedule")
            .and_then(|item| item.text(faults, "expected the name of a schedule"))
            .map(str::to_owned),
        line: faults.line(fields.at),
        name,
    }
}

fn name(fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<String> {
    let Some(item) = fields.get("name") else {
        faults.add(fields.at, "a node has no `name`");
        return None;
    };
    let valid = |name: &&str| {
        !name.is_empty()
            && name.chars().count() <= LONGEST
            && name.chars().all(|c| c.is_alphanumeric() || "-_.:@/+".contains(c))
    };
    let name = item.value.as_str().filter(valid);
    if name.is_none() {
        item.refuse(faults, "expected a name of up to 100 letters, digits and -_.:@/+");
    }
    name.map(str::to_owned)
}

fn names(fields: &Fields<'_>, key: &'static str, faults: &mut Faults<'_>) -> Vec<(String, usize)> {
    let Some(item) = fields.get(key) else { return Vec::new() };
    let expected = if key == "parent" { "expected the name of a node" } else { "expected names of nodes" };
    if key == "parent" && item.value.is_array() {
        item.refuse(faults, "a node has one parent; what else it depends on goes into `needs`");
        return Vec::new();
    }
    let mut names: Vec<(String, usize)> = Vec::new();
    for (name, at) in values::texts(item, faults, expected) {
        if !names.iter().any(|(known, _)| known == name) {
            names.push((name.to_owned(), at));
        }
    }
    names
}

fn names_of(fields: &Fields<'_>, key: &'static str, expected: &str, faults: &mut Faults<'_>) -> Vec<String> {
    let Some(item) = fields.get(key) else { return Vec::new() };
    values::texts(item, faults, expected).into_iter().map(|(text, _)| text.to_owned()).collect()
}

/// What must hold before a new copy is started.
fn conditions(fields: &Fields<'_>, faults: &mut Faults<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for item in fields.get("ports_free").map(|item| item.each()).unwrap_or_default() {
        let digits = item.value.as_integer();
        let port = digits.and_then(|digits| u16::from_str_radix(digits.as_str(), digits.radix()).ok());
        match port.filter(|port| 0 < *port) {
            Some(port) => conditions.push(Condition::PortFree(port)),
            None => item.refuse(faults, "expected a port, 1 to 65535"),
        }
    }
    for item in fields.get("gone").map(|item| item.each()).unwrap_or_default() {
        let path: Option<PathBuf> = values::path(item, faults);
        conditions.extend(path.map(Condition::Gone));
    }
    conditions
}
