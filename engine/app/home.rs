//! `hebe` alone: how full this host is now, what histories it keeps, and what to type next.

use std::fmt::Write as _;

use anyhow::Result;
use chrono::Utc;
use hebe::report::units;
use hebe::store::owner;
use hebe_collectors::history::Kind;
use hebe_collectors::live::{Options, Reading, Root, Sampler};

use crate::config::{Config, Loaded};
use crate::{output, read};

/// Resources that are shown: the fullest.
const SHOWN: usize = 8;
/// Columns for a name.
const NAME: usize = 34;
/// What a daemon is for.
const SAMPLES: &str = "hebe daemon    samples this host, forecasts, shows a page; acts on nothing";

/// Prints the fullest resources, what was found and the next command.
pub(crate) fn home() -> Result<()> {
    let mut text = limits().unwrap_or_default();
    // Whatever is wrong with the configuration, its commands say so.
    let config = Loaded::read(None, &Vec::new()).map_or_else(|_| Config::default(), |loaded| loaded.config);
    let mut histories = read::found().unwrap_or_default();
    let store = read::store_in(&config.state_dir());
    let daemon = store.as_deref().and_then(owner);
    let kept = store.map(|store| store.display().to_string());
    histories.splice(0..0, kept.clone());
    let analyze = kept
        .map_or_else(|| "hebe analyze".to_owned(), |store| format!("hebe analyze {}", output::quote(&store)));
    if let Some(process) = &daemon {
        let page =
            if config.web.enabled { format!("; its page: {}", config.web.url()) } else { String::new() };
        let _ = writeln!(text, "A daemon watches this host (process {process}){page}");
    }
    if histories.is_empty() {
        text += "No histories found on this host.\n";
    } else {
        let _ = writeln!(text, "Histories on this host: {}", histories.join(", "));
    }
    let mut next = Vec::new();
    match &daemon {
        Some(_) => next.push("hebe check    what runs out, by the daemon".to_owned()),
        None if histories.is_empty() => next.push(SAMPLES.to_owned()),
        None => {}
    }
    if histories.is_empty() {
        next.push("hebe analyze FILE, FOLDER or http://PROMETHEUS:9090".to_owned());
    } else {
        next.push(analyze);
    }
    if daemon.is_none() && !histories.is_empty() {
        next.push(SAMPLES.to_owned());
    }
    next.push("hebe --help".to_owned());
    output::print(&format!("{text}Next: {}", next.join("\n      ")))
}

/// The fullest resources of this host, one a line; none where there is nothing to read.
fn limits() -> Option<String> {
    let mut sampler = Sampler::new(Root::new("/").ok()?, &Options::default());
    let sample = sampler.sample(Utc::now().timestamp_millis());
    let mut full: Vec<(f64, &Reading, f64)> = sample
        .readings
        .iter()
        .filter(|reading| reading.kind == Kind::Gauge)
        .filter_map(|reading| Some((reading, reading.limit.value().filter(|limit| 0.0 < *limit)?)))
        .map(|(reading, limit)| (reading.value / limit, reading, limit))
        .collect();
    full.sort_by(|a, b| b.0.total_cmp(&a.0));
    let lines: Vec<String> =
        full.iter().take(SHOWN).map(|(share, reading, limit)| line(*share, reading, *limit)).collect();
    let rest = full.len().saturating_sub(SHOWN);
    (!lines.is_empty()).then(|| {
        format!("The fullest of this host now:\n{}\nand {rest} more, emptier. Whether they grow takes some time to tell.\n\n", lines.join("\n"))
    })
}

fn line(share: f64, reading: &Reading, limit: f64) -> String {
    let name = format!("{} {}", reading.resource, reading.scope);
    let name: String = name.trim_end().chars().take(NAME).collect();
    let unit = reading.unit.to_string();
    let used = units::used_of(Some(reading.value), Some(limit), &unit);
    format!("  {:>4.0} %  {name:NAME$}  {used}  ({})", 100.0 * share, reading.limit.owner())
}
