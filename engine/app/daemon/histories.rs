//! What is known already when the daemon starts: its own store, and the histories that this host keeps.

use std::collections::HashMap;

use hebe::store::Store;
use hebe_collectors::history::{Options, Series};

use super::live::Live;
use crate::config::Config;
use crate::{output, read};

/// Series that are read from the store at once: memory stays small.
const AT_ONCE: usize = 100;
/// Windows of the longest horizon that are of use.
const WINDOWS_PER_HORIZON: f64 = 0.8;

/// Fills the watch from the store; what it lacks, from histories of the host.
pub(super) fn remember(live: &mut Live, store: Option<&mut Store>, config: &Config, now_ms: i64) {
    let longest = config.horizons.last().copied().unwrap_or(0.0);
    #[allow(clippy::cast_possible_truncation, reason = "days in milliseconds")]
    let from_ms = now_ms - (1000.0 * WINDOWS_PER_HORIZON * longest) as i64;
    if let Some(store) = store {
        from_store(live, store, from_ms, now_ms);
    }
    let mut paths = config.history.read.clone();
    if config.history.sysstat && config.collect.enabled {
        paths.extend(read::found().unwrap_or_default());
    }
    if !paths.is_empty() {
        from_host(live, &paths, longest, now_ms);
    }
}

fn from_store(live: &Live, store: &Store, from_ms: i64, now_ms: i64) {
    let ids: Vec<_> = store.series().map(|(id, _)| id).collect();
    for part in ids.chunks(AT_ONCE) {
        match store.read(part, from_ms..now_ms) {
            Ok(recalled) => recalled.series.iter().for_each(|series| live.watch().remember(series)),
            Err(error) => output::note(&format!("hebe: store: {error:#}")),
        }
    }
}

/// A recorded series counts where it tells what a live one tells, and the store knew nothing of it.
fn from_host(live: &mut Live, paths: &[String], last_s: f64, now_ms: i64) {
    let history = match read::read(paths, &Options::default(), last_s, None) {
        Ok(reading) => reading.history,
        Err(error) => return output::note(&format!("hebe: no recorded history: {error:#}")),
    };
    let recorded: HashMap<(&str, &str), &Series> = history
        .series
        .iter()
        .filter(|series| series.t_ms.last().is_some_and(|&last| last < now_ms))
        .map(|series| ((series.resource.as_str(), series.scope.as_str()), series))
        .collect();
    let mut taken = 0;
    for what in live.names(now_ms) {
        let Some(series) = recorded.get(&(what.resource.as_str(), what.scope.as_str())) else { continue };
        if live.watch().history(&what.name).is_some() || series.unit != what.unit {
            continue;
        }
        let name = what.name.clone();
        live.watch().remember(&Series { name, sense: what.sense, source: what.source, ..(*series).clone() });
        taken += 1;
    }
    output::note(&format!("hebe: {taken} series go on from {}", paths.join(", ")));
}
