//! `hebe check`: one line and an exit code for pollers of Nagios' kind.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::Utc;
use clap::Args;
use hebe::check::{Answer, Checked, check as judge, unknown};
use hebe::silence::Silence;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::cli::{Input, Judging};
use crate::config::Loaded;
use crate::output;
use crate::run::run;

/// A daemon that has not answered by then is UNKNOWN; pollers wait ten seconds themselves.
const TIMEOUT: Duration = Duration::from_secs(8);
/// An answer is read up to this size.
const MOST_BYTES: u64 = 256 << 20;

/// What stands under `hebe check --help`.
pub(crate) const AFTER: &str = "\
Without PATH the running daemon is asked, and its silences are heeded.
Exit codes: 0 OK, 1 WARNING (runs out within the lead time), 2 CRITICAL (full, or within a quarter of the lead time),
3 UNKNOWN (no answer, nothing to judge, or a wrong command line).";

/// `hebe check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// URL of the daemon's page [default: where the configuration says]
    #[arg(long, value_name = "URL", conflicts_with = "paths")]
    daemon: Option<String>,
    /// File with the token of the page [default: the configuration's]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Configuration of the daemon
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Only these resources, such as disk.* (`*` any run of characters, `?` one)
    #[arg(long, value_name = "PATTERN", default_value = "*")]
    resource: String,
    /// Only these scopes, such as /var*
    #[arg(long, value_name = "PATTERN", default_value = "*")]
    scope: String,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    judging: Judging,
}

/// Judges, prints, and says how bad it is as exit code. Whatever goes wrong is UNKNOWN.
pub(crate) fn check(args: &Check) -> ExitCode {
    let answer = answer(args).unwrap_or_else(|error| unknown(&format!("{error:#}")));
    match output::print(&answer.text) {
        Err(error) if !output::is_broken_pipe(&error) => unknown("").level.code().into(),
        _ => answer.level.code().into(),
    }
}

fn answer(args: &Check) -> Result<Answer> {
    let (mut rows, silences) =
        if args.input.paths.is_empty() { told(args)? } else { (read(args)?, Vec::new()) };
    rows.retain(|row| row.is_of(&args.resource, &args.scope));
    Ok(judge(&rows, &silences, Utc::now()))
}

/// The rows of recorded histories.
fn read(args: &Check) -> Result<Vec<Checked>> {
    let findings = run(&args.input, &args.judging)?.findings;
    Ok(findings.findings.iter().map(|finding| Checked::from(&finding.row)).collect())
}

#[derive(Deserialize)]
struct State {
    silences: Vec<Silence>,
}

/// The rows and silences of the running daemon.
fn told(args: &Check) -> Result<(Vec<Checked>, Vec<Silence>)> {
    let config = Loaded::read(args.config.as_deref(), &Vec::new())?.config;
    let page = match &args.daemon {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => config.web.url(),
    };
    let token = args.token_file.as_ref().or(config.web.token_file.as_ref());
    let token = token
        .map(|path| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
        })
        .transpose()?;
    let daemon = Daemon {
        agent: ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build()
            .new_agent(),
        page,
        token,
    };
    daemon.ask("/healthz").context("the daemon is not well")?;
    let state: State = daemon.json("/api/v1/state")?;
    Ok((daemon.json("/api/v1/rows")?, state.silences))
}

/// The page of the daemon.
struct Daemon {
    agent: ureq::Agent,
    page: String,
    token: Option<String>,
}

impl Daemon {
    fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let text = self.ask(path)?;
        serde_json::from_str(&text).with_context(|| format!("{}{path} answered something else", self.page))
    }

    fn ask(&self, path: &str) -> Result<String> {
        let url = format!("{}{path}", self.page);
        let mut request = self.agent.get(&url);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {}", token.trim()));
        }
        let mut answer =
            request.call().with_context(|| format!("no answer from {url}; is the daemon running?"))?;
        let status = answer.status();
        let text = answer.body_mut().with_config().limit(MOST_BYTES).read_to_string();
        let text = text.with_context(|| format!("no answer from {url}"))?;
        if !status.is_success() {
            let hint =
                if status.as_u16() == 401 { "; name the file with its token by --token-file" } else { "" };
            bail!("{url} answered {status}{hint}");
        }
        Ok(text)
    }
}
