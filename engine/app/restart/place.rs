//! Where commands about restarts find the map, the configuration and the state.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, ValueEnum};

use super::executor::Executor;
use super::show;
use crate::config::Loaded;
use crate::map;

/// Where map, configuration and state are.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// The restart map [default: as configured, ~/.config/hebe/map.toml, /etc/hebe/map.toml]
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Configuration file [default: ~/.config/hebe/hebe.toml, /etc/hebe/hebe.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the state [default: /var/lib/hebe, or the user's state folder]
    #[arg(long, value_name = "FOLDER")]
    store: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
}

impl Place {
    /// The executor of the configured map.
    pub(super) fn executor(&self) -> Result<Executor> {
        let (loaded, _) = self.load()?;
        let (_, map) = map::read(&map::place(self.map(), &loaded.config.restart)?)?;
        Executor::new(map, &loaded.config, &show::host(), Box::new(|_| {}))
    }

    /// The map that is named.
    pub(crate) fn map(&self) -> Option<&Path> {
        self.map.as_deref()
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// The configuration, and the folder of the state.
    pub(crate) fn load(&self) -> Result<(Loaded, PathBuf)> {
        let overrides = self.store.iter().map(|dir| ("store.dir", dir.display().to_string())).collect();
        let loaded = Loaded::read(self.config.as_deref(), &overrides)?;
        let state_dir = loaded.config.state_dir();
        Ok((loaded, state_dir))
    }
}
