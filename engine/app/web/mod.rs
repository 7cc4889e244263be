//! The daemon's page and its JSON API over HTTP: what the daemon knows, shown to those who may see it.
//!
//! What lives here reads, and asks: what is shown comes from a [`Source`], and what is done is done by its [`Hands`], only
//! for those who have shown the token; so is what was said to have happened. Who may listen, who may ask and how long a
//! connection may take is decided here.

mod act;
mod api;
mod attempts;
mod gate;
mod hands;
mod headers;
mod host;
mod listen;
mod login;
mod markers;
mod names;
mod page;
mod pass;
mod peers;
mod reply;
mod router;
mod samples;
mod secret;
mod serve;
mod tls;
mod work;
mod zoom;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use hebe::evidence::Mark;
use hebe::finding::{Finding, Picture};
use hebe::snapshot::Snapshot;
use hebe_collectors::history::Series;

pub(crate) use hands::{Action, Hands, Refusal, Service, Standing};
pub(crate) use names::explain_path;
pub(crate) use serve::{Server, start};

/// Where and to whom the page is served.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub(crate) listen: SocketAddr,
    /// What a reader has to know; none only where nobody but this machine can ask.
    pub(crate) token: Option<String>,
    /// Files with the certificate chain and its private key, both PEM; plain HTTP without.
    pub(crate) tls: Option<(PathBuf, PathBuf)>,
    /// The zone that dates are shown in.
    pub(crate) zone: Tz,
}

/// What the daemon hands out. Every call may come from another thread, several at once, and should not wait for
/// an evaluation to end.
pub(crate) trait Source: Send + Sync {
    /// All that is known now; cheap, as it is asked for with every request.
    fn snapshot(&self) -> Arc<Snapshot>;

    /// The samples of a series with `from_ms <= t <= until_ms`; none if there is no such series.
    fn history(&self, series: &str, from_ms: i64, until_ms: i64) -> Option<Series>;

    /// One finding with its picture; none if there is no such series.
    fn explain(&self, series: &str) -> Option<(Finding, Picture)>;

    /// The metrics in the text format of Prometheus.
    fn metrics(&self) -> String;

    /// Those who act; none where there is no restart map.
    fn hands(&self) -> Option<Arc<dyn Hands>> {
        None
    }

    /// What was said to have happened, in order of time.
    fn marks(&self) -> Vec<Mark> {
        Vec::new()
    }

    /// Keeps a mark; when this returns it is on the disk.
    fn mark(&self, _mark: &Mark) -> anyhow::Result<()> {
        anyhow::bail!("no mark is kept here")
    }

    /// The time; only tests have another one.
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
