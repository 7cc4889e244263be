//! Asks a Prometheus or `VictoriaMetrics` server for its history.

use std::io::BufReader;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::Utc;
use hebe_collectors::history::prometheus::{self, Ask, Span};
use hebe_collectors::history::{Builder, Format, History, Options, sniff};

use crate::read;

/// Time between samples that is assumed of a server: the scrape interval most of them use.
const STEP_S: i64 = 15;
/// A server that has not answered by then is given up.
const TIMEOUT: Duration = Duration::from_mins(1);
/// An answer is read up to this size.
const MOST_BYTES: u64 = 4 << 30;

/// Whether a path is a URL.
pub(crate) fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// The last `last_s` seconds of all that the server knows of the catalogue's resources; or the answer of the API
/// call that the URL already names.
pub(crate) fn history(
    url: &str,
    options: &Options,
    last_s: f64,
    until_ms: Option<i64>,
    budget: usize,
) -> Result<History> {
    let agent = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build().new_agent();
    let end_s = until_ms.map_or_else(|| Utc::now().timestamp(), |until| until / 1000);
    #[allow(clippy::cast_possible_truncation, reason = "a duration that a person typed")]
    let span = Span { start_s: end_s - last_s as i64, end_s, step_s: STEP_S };
    let mut out = Builder::with_budget(budget);
    let mut notes = Vec::new();
    for address in prometheus::urls(url, &prometheus::queries(), span, Ask::Raw) {
        let answer = agent
            .get(&address)
            .config()
            .http_status_as_error(false)
            .build()
            .call()
            .with_context(|| format!("no answer from {url}"))?;
        let status = answer.status();
        let mut input = BufReader::new(answer.into_body().into_with_config().limit(MOST_BYTES).reader());
        let head =
            std::io::BufRead::fill_buf(&mut input).with_context(|| format!("no answer from {url}"))?.to_vec();
        let format = sniff(&head, url).unwrap_or(Format::PrometheusJson);
        if !status.is_success() && format != Format::PrometheusJson {
            anyhow::bail!("{url} answered {status}");
        }
        notes.extend(
            read::read_text(format, &mut input, url, options, &mut out)
                .with_context(|| format!("{url} answered {status}"))?,
        );
    }
    notes.sort_by(|a, b| a.text.cmp(&b.text));
    notes.dedup();
    Ok(read::resolve(out, notes, url, options))
}
