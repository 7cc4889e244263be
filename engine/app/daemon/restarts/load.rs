//! The restart map and its calendar, read from their files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use hebe::restart::calendar::Calendar;
use hebe::restart::map::Map;

use crate::config::Config;
use crate::shelf::Shelf;

/// What is loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) map: Map,
    /// The calendar, with what was placed on it through the page.
    pub(super) shelf: Shelf,
    /// The map's file, as it was read.
    pub(super) file: Watch,
}

impl Loaded {
    /// Reads and checks both.
    pub(super) fn read(path: &Path, config: &Config) -> Result<Self> {
        let shown = path.display().to_string();
        let file = Watch { path: path.to_owned(), changed: changed(path) };
        let (text, map) = crate::map::read(path)?;
        let zone = map.zone.map_or_else(|| config.settings().map(|settings| settings.zone), Ok)?;
        let calendar = Calendar::read(&shown, &text, zone)?.bind(&map)?;
        let folder = config.state_dir().join("restart");
        fs::create_dir_all(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        Ok(Self { map, shelf: Shelf::open(calendar, &folder)?, file })
    }
}

/// A file as it was when it was read.
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
