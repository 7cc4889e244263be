//! What the section `[watchdog]` of the configuration may say.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use hebe::restart::heartbeat::Key;
use serde::Deserialize;

/// Shorter keys can be guessed.
const LEAST_BYTES: usize = 16;

/// Where heartbeats are heard.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Whether they are heard by multicast.
    pub(crate) multicast: bool,
    /// The group.
    pub(crate) group: Ipv4Addr,
    /// The port; one that is free if 0.
    pub(crate) port: u16,
    /// Address of the interface. Any other than loopback needs a key.
    pub(crate) interface: Ipv4Addr,
    /// File with the key that applications share with us.
    pub(crate) key_file: Option<PathBuf>,
    /// Unix socket on which daemons of this machine may speak `sd_notify`, or send the same packets.
    pub(crate) socket: Option<PathBuf>,
    /// So many periods without a heartbeat are a doubt.
    pub(crate) misses: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            multicast: true,
            // Of the site-local block (RFC 2365); the last two numbers are the letters H and B.
            group: Ipv4Addr::new(239, 255, 72, 66),
            port: 47266,
            interface: Ipv4Addr::LOCALHOST,
            key_file: None,
            socket: None,
            misses: 3,
        }
    }
}

impl Config {
    /// What must hold beside the types.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(self.group.is_multicast(), "`watchdog.group` is {}, no multicast address", self.group);
        ensure!((1..=100).contains(&self.misses), "`watchdog.misses` must lie between 1 and 100");
        ensure!(
            self.key_file.is_some() || !self.multicast || self.interface.is_loopback(),
            "`watchdog.interface` is {}: off loopback heartbeats need a key (`watchdog.key_file`)",
            self.interface
        );
        Ok(())
    }

    /// The key; without one, a seal that keeps nobody out.
    pub(super) fn key(&self) -> Result<Key> {
        self.check()?;
        self.key_file.as_deref().map_or_else(|| Ok(Key::new(b"")), read)
    }
}

fn read(path: &Path) -> Result<Key> {
    let bytes = fs::read(path).with_context(|| format!("cannot read the key `{}`", path.display()))?;
    let shared = bytes.trim_ascii();
    ensure!(
        LEAST_BYTES <= shared.len(),
        "the key in `{}` is shorter than {LEAST_BYTES} bytes",
        path.display()
    );
    Ok(Key::new(shared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_loopback_a_key_is_needed() {
        let mut config = Config { interface: Ipv4Addr::new(192, 0, 2, 7), ..Config::default() };
        assert!(config.key().unwrap_err().to_string().contains("key_file"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        config.key_file = Some(path.clone());
        assert!(config.key().is_err());
        fs::write(&path, "  0123456789abcde\n").unwrap();
        assert!(config.key().unwrap_err().to_string().contains("shorter than 16"));
        fs::write(&path, "  0123456789abcdef\n").unwrap();
        assert!(config.key().is_ok());
        assert!(Config::default().key().is_ok());
    }

    #[test]
    fn a_group_is_a_group_and_misses_are_some() {
        assert!(Config { group: Ipv4Addr::LOCALHOST, ..Config::default() }.key().is_err());
        assert!(Config { misses: 0, ..Config::default() }.key().is_err());
    }
}
