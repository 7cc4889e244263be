//! From what was typed to ranked findings: read everything, judge every series.

use anyhow::{Context, Result};
use chrono::{TimeZone, Utc};
use chrono_tz::Tz;
use hebe::analyze;
use hebe::finding::Findings;
use hebe::settings::Settings;
use hebe_collectors::history::{History, Options};

use crate::cli::{Input, Judging, Until};
use crate::read::Reading;
use crate::{output, read};

/// Everything that a command needs to print.
#[derive(Debug)]
pub(crate) struct Run {
    /// The series as read.
    pub(crate) history: History,
    /// The findings, ranked.
    pub(crate) findings: Findings,
    /// The settings.
    pub(crate) settings: Settings,
}

/// Reads and judges.
pub(crate) fn run(input: &Input, judging: &Judging) -> Result<Run> {
    let (read, settings) = read(input, judging)?;
    let progress = output::progress("judging", read.history.series.len() as u64, 2_000);
    let rows = analyze::analyze(&read.history.series, &settings);
    progress.finish_and_clear();
    let findings = Findings {
        horizon_note: analyze::horizon_note(&rows, &settings),
        findings: rows,
        sources: read.sources,
        notes: read.history.notes.iter().map(|note| (note.source.clone(), note.text.clone())).collect(),
        method: settings.method.name().to_owned(),
        command: output::command_line(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: Utc::now(),
    };
    Ok(Run { history: read.history, findings, settings })
}

/// Reads what was named, and takes the settings from the command line.
pub(crate) fn read(input: &Input, judging: &Judging) -> Result<(Reading, Settings)> {
    let zone = input.zone.unwrap_or_else(local_zone);
    let settings = settings(judging, zone)?;
    let paths = if input.paths.is_empty() { read::found()? } else { input.paths.clone() };
    let reading = read::read(&paths, &options(input), input.last, settings.until_ms)?;
    Ok((reading, settings))
}

/// What the user says about the histories.
pub(crate) fn options(input: &Input) -> Options {
    Options {
        time_column: input.time_column.clone(),
        zone: input.zone,
        series: input.series.clone(),
        values: input.value.clone(),
        units: input.unit.clone(),
        limits: input.limit.clone(),
        limit_column: input.limit_column.clone(),
    }
}

fn settings(judging: &Judging, zone: Tz) -> Result<Settings> {
    let until_ms = judging.until.map(|until| time(until, zone)).transpose()?;
    Ok(Settings {
        horizon_s: judging.horizon,
        lead_time_s: judging.lead_time,
        risk: judging.risk,
        method: judging.method,
        until_ms,
        zone,
    })
}

/// The zone of this machine; UTC where it does not say.
pub(crate) fn local_zone() -> Tz {
    iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Tz::UTC)
}

/// A time on the command line, in milliseconds since 1970 UTC.
pub(crate) fn time(until: Until, zone: Tz) -> Result<i64> {
    match until {
        Until::Instant(t_ms) => Ok(t_ms),
        Until::Wall(wall) => {
            let date = zone.from_local_datetime(&wall).earliest();
            let date = date.with_context(|| format!("--until {wall}: there is no such time in {zone}"))?;
            Ok(date.timestamp_millis())
        }
    }
}
