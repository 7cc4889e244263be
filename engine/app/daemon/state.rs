//! What outlives a restart of the daemon: the store, and what has been said.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use hebe::store::{Options, Store};
use hebe::watch::WatchedState;

use crate::config::Config;
use crate::output;

/// Where it is.
const FILE: &str = "standing.json";

/// Opens the store; none where it is switched off.
pub(super) fn open_store(config: &Config, dir: &Path) -> Result<Option<Store>> {
    fs::create_dir_all(dir).with_context(|| {
        format!("cannot create `{}`; name another folder by --store or `store.dir`", dir.display())
    })?;
    if !config.store.enabled {
        return Ok(None);
    }
    let options = Options {
        owner: std::process::id(),
        size_limit: config.store.size_limit,
        // Forecasts have a memory of their own.
        hot_samples: 2,
        ..Options::default()
    };
    let store = Store::open(dir.join("store"), options)?;
    for aside in store.set_aside() {
        output::note(&format!("hebe: set aside {aside:?}"));
    }
    Ok(Some(store))
}

/// What had been said; nothing where there is no file, or none that can be read.
pub(super) fn load(dir: &Path) -> Vec<WatchedState> {
    let Ok(text) = fs::read_to_string(dir.join(FILE)) else { return Vec::new() };
    serde_json::from_str(&text).unwrap_or_else(|error| {
        output::note(&format!(
            "hebe: `{}` cannot be read and is begun anew: {error}",
            dir.join(FILE).display()
        ));
        Vec::new()
    })
}

/// Writes it, whole or not at all.
pub(super) fn save(dir: &Path, states: &[WatchedState]) -> Result<()> {
    let path = dir.join(FILE);
    let new = dir.join(format!("{FILE}.new"));
    let write = || -> Result<()> {
        let mut file = File::create(&new)?;
        file.write_all(&serde_json::to_vec(states)?)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write `{}`", path.display()))
}
