//! `hebe export`: samples as other programs read them.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, SecondsFormat};
use hebe::rules::rules;
use hebe_collectors::history::{Options, Series};
use serde_json::json;

use crate::cli::{Export, ExportFormat};
use crate::config::Config;
use crate::{output, read};

/// Writes to standard output.
pub(crate) fn export(args: &Export) -> Result<()> {
    if args.rules {
        return output::print(&rules());
    }
    let path = args.path.clone().map_or_else(kept, Ok)?;
    let reading = read::read(&[path], &Options::default(), args.last.unwrap_or(f64::INFINITY), None)?;
    let wanted =
        |series: &&Series| args.series.as_ref().is_none_or(|part| series.name.contains(part.as_str()));
    let mut series = reading.history.series.iter().filter(wanted).peekable();
    if series.peek().is_none() {
        bail!("no series holds `{}` in its name", args.series.as_deref().unwrap_or_default());
    }
    let mut out = BufWriter::new(io::stdout().lock());
    if args.format == ExportFormat::Csv {
        out.write_all(b"series,t,value,limit\n")?;
    }
    for series in series {
        match args.format {
            ExportFormat::Csv => csv(&mut out, series)?,
            ExportFormat::Jsonl => jsonl(&mut out, series)?,
        }
    }
    out.flush()?;
    Ok(())
}

/// Where the daemon keeps its store.
fn kept() -> Result<String> {
    let folder = Config::default().state_dir();
    let store = read::store_in(&folder);
    let store =
        store.with_context(|| format!("no store in `{}`; say hebe export FOLDER", folder.display()))?;
    Ok(store.display().to_string())
}

fn csv(out: &mut impl Write, series: &Series) -> Result<()> {
    let name = quoted(&series.name);
    let mut line = String::new();
    for (&t_ms, v) in series.t_ms.iter().zip(&series.v) {
        line.clear();
        let t = DateTime::from_timestamp_millis(t_ms).map(|t| t.to_rfc3339_opts(SecondsFormat::Millis, true));
        let _ = write!(line, "{name},{},{v},", t.unwrap_or_default());
        if let Some(limit) = &series.limit {
            let _ = write!(line, "{}", limit.at(t_ms));
        }
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// A cell: in quotes where it must be.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn jsonl(out: &mut impl Write, series: &Series) -> Result<()> {
    let metric = json!({"__name__": series.resource, "scope": series.scope, "unit": series.unit.to_string()});
    serde_json::to_writer(
        &mut *out,
        &json!({"metric": metric, "values": series.v, "timestamps": series.t_ms}),
    )?;
    out.write_all(b"\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(quoted("disk.bytes /"), "disk.bytes /");
        assert_eq!(quoted("a,\"b\""), "\"a,\"\"b\"\"\"");
    }
}
