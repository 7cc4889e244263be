//! A map, written as the file that it could have been read from: [`Map::parse`] reads it back as the same map.

use std::fmt::Write as _;

use super::parse::{BUDGET, EVERY_S, HOOK_S, MIN_UPTIME_S, START_S, STOP_S, WITHIN_S};
use super::{Budget, Condition, Hook, Kind, Map, Node, NodeId, OnCrash, Probe, Test};
use crate::restart::span;

impl Map {
    /// The map as `map.toml`. What is as it would be without a word is left out.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        if let Some(zone) = self.zone {
            let _ = writeln!(out, "zone = {}", text(zone.name()));
        }
        if self.budget != BUDGET {
            let _ = writeln!(out, "budget = {}", budget(self.budget));
        }
        if self.parallel != 1 {
            let _ = writeln!(out, "parallel = {}", self.parallel);
        }
        if let Some(calm) = &self.calm {
            let _ = writeln!(out, "calm = {}", hook(calm));
        }
        for node in &self.nodes {
            out += &self.node_toml(node);
        }
        out
    }

    /// One node as the file writes it.
    #[must_use]
    pub fn node_toml(&self, node: &Node) -> String {
        let mut out = format!("\n[[node]]\nname = {}\n", text(&node.name));
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {value}");
            }
        };
        line("parent", node.parent.map(|parent| text(&self.node(parent).name)));
        kind(&node.kind, &mut line);
        line("needs", self.names(&node.needs));
        line("after", self.names(&node.after));
        line("drain", node.drain.as_ref().map(hook));
        line("checkpoint", node.checkpoint.as_ref().map(hook));
        line("resume", node.resume.as_ref().map(hook));
        line("ready", probes(&node.ready));
        line("probe", probes(&node.probes));
        conditions(&node.conditions, &mut line);
        line("budget", (node.budget != Budget::default()).then(|| budget(node.budget)));
        line("stop_within", length(node.stop_s, STOP_S));
        line("start_within", length(node.start_s, START_S));
        line("min_uptime", length(node.min_uptime_s, MIN_UPTIME_S));
        line("keep", node.keep.map(|keep| keep.to_string()));
        line("series", list(&node.series));
        line("heartbeat", node.heartbeat_s.map(|every| text(&span::words(every))));
        let above = node.parent.and_then(|parent| self.node(parent).schedule.as_ref());
        line("schedule", node.schedule.as_ref().filter(|&own| Some(own) != above).map(|own| text(own)));
        out
    }

    fn names(&self, ids: &[NodeId]) -> Option<String> {
        list(&ids.iter().map(|&id| self.node(id).name.clone()).collect::<Vec<_>>())
    }
}

fn kind(kind: &Kind, line: &mut impl FnMut(&str, Option<String>)) {
    match kind {
        Kind::Host { takeover, restart } => {
            let hook = |key: &str, command: &Option<Hook>| {
                command.as_ref().map(|it| format!("{key} = {}", hook(it)))
            };
            let parts: Vec<String> =
                hook("takeover", takeover).into_iter().chain(hook("restart", restart)).collect();
            line("host", Some(format!("{{ {} }}", parts.join(", "))));
        }
        Kind::Group => line("group", Some("true".to_owned())),
        Kind::Unit { unit } => line("unit", Some(text(unit))),
        Kind::Process(command) => {
            line("command", list(&command.argv));
            line("dir", command.dir.as_ref().map(|dir| text(&dir.to_string_lossy())));
            let pairs: Vec<String> =
                command.env.iter().map(|(name, value)| format!("{} = {}", text(name), text(value))).collect();
            line("env", (!pairs.is_empty()).then(|| format!("{{ {} }}", pairs.join(", "))));
            line("log", command.log.as_ref().map(|log| text(&log.to_string_lossy())));
            line("notify", command.notify.then(|| "true".to_owned()));
            line("on_crash", (command.on_crash == OnCrash::Ask).then(|| text("ask")));
        }
        Kind::Command { stop, start, status } => {
            line("stop", stop.as_ref().map(hook));
            line("start", Some(hook(start)));
            line("status", status.as_ref().map(hook));
        }
    }
}

fn conditions(conditions: &[Condition], line: &mut impl FnMut(&str, Option<String>)) {
    let ports = conditions.iter().filter_map(|condition| match condition {
        Condition::PortFree(port) => Some(port.to_string()),
        Condition::Gone(_) => None,
    });
    let paths = conditions.iter().filter_map(|condition| match condition {
        Condition::Gone(path) => Some(text(&path.to_string_lossy())),
        Condition::PortFree(_) => None,
    });
    let array = |members: Vec<String>| (!members.is_empty()).then(|| format!("[{}]", members.join(", ")));
    line("ports_free", array(ports.collect()));
    line("gone", array(paths.collect()));
}

fn hook(hook: &Hook) -> String {
    let command = list(&hook.argv).unwrap_or_default();
    match length(hook.within_s, HOOK_S) {
        None => command,
        Some(within) => format!("{{ command = {command}, within = {within} }}"),
    }
}

fn probes(probes: &[Probe]) -> Option<String> {
    let written: Vec<String> = probes.iter().map(probe).collect();
    (!written.is_empty()).then(|| format!("[{}]", written.join(", ")))
}

fn probe(probe: &Probe) -> String {
    let mut parts = match &probe.test {
        Test::Exec { argv } => vec![format!("exec = {}", list(argv).unwrap_or_default())],
        Test::Http { url, status, contains } => {
            let status = status.map(|status| format!("status = {status}"));
            let contains = contains.as_ref().map(|part| format!("contains = {}", text(part)));
            std::iter::once(format!("http = {}", text(url))).chain(status).chain(contains).collect()
        }
        Test::Tcp { address } => vec![format!("tcp = {}", text(address))],
        Test::FileAge { path, most_s } => {
            vec![
                format!("file = {}", text(&path.to_string_lossy())),
                format!("most = {}", text(&span::words(*most_s))),
            ]
        }
    };
    parts.extend(length(probe.within_s, WITHIN_S).map(|within| format!("within = {within}")));
    parts.extend(length(probe.every_s, EVERY_S).map(|every| format!("every = {every}")));
    format!("{{ {} }}", parts.join(", "))
}

fn budget(budget: Budget) -> String {
    text(&format!("{} in {}", budget.intensity, span::words(budget.period_s)))
}

/// A length of time, where it is not what it would be without a word.
#[allow(clippy::float_cmp, reason = "the default is the same number, or it is not the default")]
fn length(length_s: f64, otherwise: f64) -> Option<String> {
    (length_s != otherwise).then(|| text(&span::words(length_s)))
}

fn list(texts: &[String]) -> Option<String> {
    let quoted: Vec<String> = texts.iter().map(|each| text(each)).collect();
    (!quoted.is_empty()).then(|| format!("[{}]", quoted.join(", ")))
}

/// A basic string of TOML.
pub(in crate::restart) fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
