//! `[restarter]`: what the Re/Starter is told beside the map.

use std::path::PathBuf;

use serde::Deserialize;

/// The section of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Address of its TCP server; none if empty.
    pub(crate) listen: String,
    /// Where the rest of Hebe finds it: HOST:PORT of a Re/Starter that may be on another machine; its Unix socket here
    /// if empty.
    pub(crate) connect: String,
    /// File with the key that orders over TCP are signed with; without it there are none.
    pub(crate) key_file: Option<PathBuf>,
    /// Whether processes get cgroups of their own, where that is possible.
    pub(crate) cgroups: bool,
    /// Bytes of a file of output, beside three old ones of the same size.
    #[serde(deserialize_with = "crate::config::bytes")]
    pub(crate) log_limit: u64,
    /// A process that does not stop is sent ABRT and gets so long, in seconds, to write a trace before it is killed.
    #[serde(deserialize_with = "crate::config::optional_span")]
    pub(crate) abort: Option<f64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:9798".to_owned(),
            connect: String::new(),
            key_file: None,
            cgroups: true,
            log_limit: 10 << 20,
            abort: None,
        }
    }
}
