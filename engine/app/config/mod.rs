//! What the daemon is told: a TOML file, `HEBE_…` variables and options of the command line, in that order of weight.
//!
//! Every key is optional; an unknown one is an error with its line and a suggestion.

mod layers;
mod units;

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use hebe::settings::{Method, Risk, Settings};
use hebe::snapshot::Setting;
use hebe_collectors::live::exposition::Mapping;
use serde::Deserialize;

use crate::{notify, restarter, watchdog};
pub(crate) use layers::Overrides;
pub(crate) use units::{bytes, optional_span};
use units::{span, spans};

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Seconds between samples.
    #[serde(deserialize_with = "span")]
    pub(crate) period: f64,
    /// How far ahead to look, in seconds, ascending.
    #[serde(deserialize_with = "spans")]
    pub(crate) horizons: Vec<f64>,
    /// How long people need to react, in seconds; a tenth of the horizon if none.
    #[serde(deserialize_with = "units::optional_span")]
    pub(crate) lead_time: Option<f64>,
    /// `cautious`, `balanced` or `bold`.
    pub(crate) risk: String,
    /// `default` or `classic`.
    pub(crate) method: String,
    /// The zone that dates are shown in; this machine's if none.
    pub(crate) zone: Option<String>,
    pub(crate) collect: Collect,
    pub(crate) history: Histories,
    pub(crate) store: Store,
    pub(crate) web: Web,
    pub(crate) scrape: Vec<Scrape>,
    pub(crate) notify: notify::Config,
    pub(crate) restarter: restarter::Settings,
    pub(crate) watchdog: watchdog::Config,
    pub(crate) restart: crate::restart::Settings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            period: 10.0,
            horizons: vec![3600.0, 86_400.0, 7.0 * 86_400.0, 30.0 * 86_400.0],
            lead_time: None,
            risk: "balanced".to_owned(),
            method: "default".to_owned(),
            zone: None,
            collect: Collect::default(),
            history: Histories::default(),
            store: Store::default(),
            web: Web::default(),
            scrape: Vec::new(),
            notify: notify::Config::default(),
            restarter: restarter::Settings::default(),
            watchdog: watchdog::Config::default(),
            restart: crate::restart::Settings::default(),
        }
    }
}

/// `[collect]`: what is read of this host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Collect {
    /// Whether the host is read at all.
    pub(crate) enabled: bool,
    /// Instances of one resource that get a series of their own.
    pub(crate) top: usize,
    /// Cgroups that are looked at.
    pub(crate) cgroups: usize,
    /// File systems in memory as well.
    pub(crate) pseudo_mounts: bool,
    /// Series that are left out: `disk.bytes /mnt/*`.
    pub(crate) ignore: Vec<String>,
}

impl Default for Collect {
    fn default() -> Self {
        Self { enabled: true, top: 20, cgroups: 200, pseudo_mounts: false, ignore: Vec::new() }
    }
}

/// `[history]`: what is read once at the start, so that answers need not wait.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Histories {
    /// The histories of sysstat on this host.
    pub(crate) sysstat: bool,
    /// Files, folders and URLs that `hebe analyze` would take.
    pub(crate) read: Vec<String>,
}

impl Default for Histories {
    fn default() -> Self {
        Self { sysstat: true, read: Vec::new() }
    }
}

/// `[store]`: where samples are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// Whether they are kept at all.
    pub(crate) enabled: bool,
    /// The folder; one of the system's or the user's if none.
    pub(crate) dir: Option<PathBuf>,
    /// Bytes that it may use.
    #[serde(deserialize_with = "bytes")]
    pub(crate) size_limit: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self { enabled: true, dir: None, size_limit: 1 << 30 }
    }
}

/// `[web]`: the page, the API and `/metrics`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Web {
    /// Whether there is a page.
    pub(crate) enabled: bool,
    /// The address.
    pub(crate) listen: String,
    /// File with the token that readers must know.
    pub(crate) token_file: Option<PathBuf>,
    /// Certificate chain (PEM).
    pub(crate) tls_cert: Option<PathBuf>,
    /// Its private key (PEM).
    pub(crate) tls_key: Option<PathBuf>,
}

impl Default for Web {
    fn default() -> Self {
        let listen = "127.0.0.1:9797".to_owned();
        Self { enabled: true, listen, token_file: None, tls_cert: None, tls_key: None }
    }
}

impl Web {
    /// Where the page is.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.listen)
    }
}

/// `[[scrape]]`: an endpoint that speaks the text format of Prometheus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scrape {
    /// Such as `http://127.0.0.1:9100/metrics`.
    pub(crate) url: String,
    /// The name of its series; host and port of the URL if none.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// What is used and where it runs out; the known ones if none.
    #[serde(default)]
    pub(crate) mapping: Vec<Mapping>,
    /// Series of one resource, at most.
    #[serde(default = "hundred")]
    pub(crate) most: usize,
}

fn hundred() -> usize {
    100
}

/// The configuration in force, and where each value comes from.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) settings: Vec<Setting>,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
    /// When it was last changed.
    changed: Option<SystemTime>,
}

impl Loaded {
    /// Reads the file (the named one, or the first that exists of the usual places), the environment and `overrides`.
    pub(crate) fn read(named: Option<&Path>, overrides: &Overrides) -> Result<Self> {
        let file = named.map(Path::to_path_buf).or_else(|| usual().into_iter().find(|path| path.is_file()));
        let text = match &file {
            Some(path) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the configuration `{}`", path.display()))?,
            None => String::new(),
        };
        let name = file.as_ref().map_or_else(String::new, |path| path.display().to_string());
        let (config, settings) = layers::merge(&name, &text, overrides)?;
        check(&config).with_context(|| {
            format!("configuration{}", if name.is_empty() { name } else { format!(" `{name}`") })
        })?;
        let changed = file.as_deref().and_then(changed);
        Ok(Self { config, settings, file, changed })
    }

    /// Whether the file is another one by now.
    pub(crate) fn has_changed(&self) -> bool {
        self.file.as_deref().and_then(changed) != self.changed
    }

    /// Takes the file as it is for known.
    pub(crate) fn note_change(&mut self) {
        self.changed = self.file.as_deref().and_then(changed);
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|meta| meta.modified()).ok()
}

/// What must hold beside the types.
fn check(config: &Config) -> Result<()> {
    config.settings()?;
    if !(0.1..=3600.0).contains(&config.period) {
        bail!("`period` must lie between 100ms and 1h");
    }
    if config.horizons.is_empty() || !config.horizons.is_sorted() {
        bail!("`horizons` must be durations in ascending order, such as [\"1h\", \"1d\"]");
    }
    if config.web.tls_cert.is_some() != config.web.tls_key.is_some() {
        bail!("`web.tls_cert` and `web.tls_key` go together");
    }
    config.watchdog.check()?;
    Ok(())
}

impl Config {
    /// How series are judged.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let risk = match self.risk.as_str() {
            "cautious" => Risk::Cautious,
            "balanced" => Risk::Balanced,
            "bold" => Risk::Bold,
            other => bail!("`risk` is `{other}`; expected cautious, balanced or bold"),
        };
        let method = match self.method.as_str() {
            "default" => Method::Default,
            "classic" => Method::Classic,
            other => bail!("`method` is `{other}`; expected default or classic"),
        };
        let zone = match &self.zone {
            Some(name) => name
                .parse()
                .map_err(|_| anyhow::anyhow!("`zone` is `{name}`; expected a name such as Europe/Berlin"))?,
            None => crate::run::local_zone(),
        };
        Ok(Settings { lead_time_s: self.lead_time, risk, method, zone, ..Settings::default() })
    }

    /// The folder of the store and of what must outlive a restart.
    pub(crate) fn state_dir(&self) -> PathBuf {
        self.store.dir.clone().unwrap_or_else(|| {
            if rustix::process::geteuid().is_root() {
                return PathBuf::from("/var/lib/hebe");
            }
            let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
            let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).or_else(home);
            base.unwrap_or_else(std::env::temp_dir).join("hebe")
        })
    }
}

/// Where a configuration is looked for.
fn usual() -> Vec<PathBuf> {
    usual_places("hebe.toml")
}

/// Where a file of that name is looked for.
pub(crate) fn usual_places(name: &str) -> Vec<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config"));
    let base = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(home);
    base.map(|base| base.join("hebe").join(name))
        .into_iter()
        .chain([Path::new("/etc/hebe").join(name)])
        .collect()
}
