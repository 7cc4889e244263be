//! The restart map, its calendar, and what was placed on it through the page, read from their files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use hebe::restart::calendar::{Calendar, Placed};
use hebe::restart::map::Map;

use super::placed_file;
use crate::config::Config;

/// What is loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) map: Map,
    pub(super) calendar: Calendar,
    pub(super) placed: Placed,
    /// Where the map lies, and when it was last changed.
    path: PathBuf,
    changed: Option<SystemTime>,
}

impl Loaded {
    /// Reads and checks all three.
    pub(super) fn read(path: &Path, config: &Config) -> Result<Self> {
        let shown = path.display().to_string();
        let changed = changed(path);
        let text = fs::read_to_string(path).with_context(|| format!("cannot read the map `{shown}`"))?;
        let map = Map::parse(&text, &shown).map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow!("the map cannot be used\n{}", errors.join("\n"))
        })?;
        let zone = map.zone.map_or_else(|| config.settings().map(|settings| settings.zone), Ok)?;
        let calendar = Calendar::read(&shown, &text, zone)?.bind(&map)?;
        Ok(Self { map, calendar, placed: placed(&placed_file(config))?, path: path.to_owned(), changed })
    }

    /// Watches the map's file.
    pub(super) fn watch(&self) -> Watch {
        Watch { path: self.path.clone(), changed: self.changed }
    }
}

/// The map's file, as it was when it was read.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    path: PathBuf,
    changed: Option<SystemTime>,
}

impl Watch {
    /// Whether it is another one by now.
    pub(super) fn has_changed(&self) -> bool {
        changed(&self.path) != self.changed
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

fn placed(path: &Path) -> Result<Placed> {
    let shown = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Ok(Placed::read(&shown, &text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Placed::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read `{shown}`")),
    }
}
