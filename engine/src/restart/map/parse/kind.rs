//! What a node is: told by which key it has.

use std::collections::BTreeMap;

use super::fields::{Fields, Item};
use super::{unit, values};
use crate::restart::map::error::Faults;
use crate::restart::map::{Command, Kind, OnCrash};

/// The keys that say what a node is.
const KINDS: [&str; 5] = ["unit", "command", "start", "host", "group"];
/// Keys that only make sense beside one of those.
const COMPANIONS: [(&str, &str); 7] = [
    ("dir", "command"),
    ("env", "command"),
    ("log", "command"),
    ("notify", "command"),
    ("on_crash", "command"),
    ("stop", "start"),
    ("status", "start"),
];
const EXPECTED: &str = "unit = \"NAME.service\", command = \"PROGRAM …\" (a process that Hebe starts), start = \"…\" (with \
                        stop and status), group = true or host = {}";

/// What the node is; an error is noted where that is not clear.
pub(super) fn kind(fields: &Fields<'_>, name: &str, faults: &mut Faults<'_>) -> Option<Kind> {
    let kinds: Vec<Item<'_>> = KINDS.iter().filter_map(|kind| fields.get(kind)).collect();
    let [item] = kinds[..] else {
        let found = kinds.iter().map(|kind| format!("`{}`", kind.key)).collect::<Vec<_>>().join(" and ");
        let problem = if found.is_empty() {
            format!("node `{name}` does not say what it is; expected {EXPECTED}")
        } else {
            format!("node `{name}` says {found}; it can be only one of them")
        };
        faults.add(fields.at, problem);
        return None;
    };
    for (key, of) in COMPANIONS {
        if let Some(misplaced) = fields.get(key).filter(|_| item.key != of) {
            faults.add(
                misplaced.at,
                format!("`{key}` goes with `{of}`, and node `{name}` is a `{}`", item.key),
            );
        }
    }
    match item.key {
        "unit" => unit::unit(item, faults).map(|unit| Kind::Unit { unit }),
        "command" => process(item, fields, faults).map(Kind::Process),
        "start" => commands(item, fields, faults),
        "host" => host(item, faults),
        _ => group(item, faults),
    }
}

fn process(item: Item<'_>, fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<Command> {
    let argv = values::argv(item, faults);
    // What is wrong was noted, and no map comes of it: none will do.
    let mut path = |key| fields.get(key).and_then(|path| values::path(path, faults));
    let (dir, log) = (path("dir"), path("log"));
    let notify = fields.get("notify").map_or(Some(false), |notify| values::flag(notify, faults));
    let env = fields.get("env").map_or_else(|| Some(BTreeMap::new()), |env| variables(env, faults));
    let on_crash = fields.get("on_crash").map_or(Some(OnCrash::Start), |item| on_crash(item, faults));
    Some(Command { argv: argv?, dir, env: env?, log, notify: notify?, on_crash: on_crash? })
}

fn on_crash(item: Item<'_>, faults: &mut Faults<'_>) -> Option<OnCrash> {
    match item.value.as_str() {
        Some("start") => Some(OnCrash::Start),
        Some("ask") => Some(OnCrash::Ask),
        _ => {
            item.refuse(faults, "expected \"start\" (at once, within its budget) or \"ask\" (the oracle)");
            None
        }
    }
}

fn variables(item: Item<'_>, faults: &mut Faults<'_>) -> Option<BTreeMap<String, String>> {
    let expected = "expected a table of texts such as { LANG = \"C\" }";
    let Some(fields) = item.fields() else {
        item.refuse(faults, expected);
        return None;
    };
    let mut env = BTreeMap::new();
    for variable in fields.all() {
        let value = variable.text(faults, expected)?;
        let name = variable.key;
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            faults.add(variable.at, format!("`{name}` is no variable that a program can be given"));
            return None;
        }
        env.insert(name.to_owned(), value.to_owned());
    }
    Some(env)
}

fn commands(item: Item<'_>, fields: &Fields<'_>, faults: &mut Faults<'_>) -> Option<Kind> {
    let start = values::hook(item, faults);
    let mut hook = |key| fields.get(key).and_then(|hook| values::hook(hook, faults));
    let (stop, status) = (hook("stop"), hook("status"));
    Some(Kind::Command { stop, start: start?, status })
}

fn host(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Kind> {
    if item.value.as_bool() == Some(true) {
        return Some(Kind::Host { takeover: None, restart: None });
    }
    let Some(fields) = item.fields() else {
        item.refuse(
            faults,
            "expected { takeover = \"…\", restart = \"systemctl reboot\" }, each of which may be absent",
        );
        return None;
    };
    fields.only(&["takeover", "restart"], "`host`", faults);
    let mut hook = |key| fields.get(key).and_then(|hook| values::hook(hook, faults));
    let (takeover, restart) = (hook("takeover"), hook("restart"));
    if fields.get("takeover").is_some() && fields.get("restart").is_none() {
        faults.add(item.at, "`takeover` proves that the machine may go, and no `restart` says how");
        return None;
    }
    Some(Kind::Host { takeover, restart })
}

fn group(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Kind> {
    if item.value.as_bool() == Some(true) {
        return Some(Kind::Group);
    }
    item.refuse(faults, "expected true; leave the key out if it is no group");
    None
}
