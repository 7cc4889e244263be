//! `hebe silence`: what is not told for a while, who said so and why.

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use hebe::silence::Silence;

use crate::cli::{SilenceAdd, SilenceCommand, SilenceVerb};
use crate::config::Loaded;
use crate::notify::SilenceFile;
use crate::output;

/// Adds, lists or removes.
pub(crate) fn silence(command: &SilenceCommand) -> Result<()> {
    let overrides = command.store.iter().map(|dir| ("store.dir", dir.display().to_string())).collect();
    let config = Loaded::read(command.config.as_deref(), &overrides)?.config;
    let kept = || config.state_dir().join("notify/silences.json");
    let file = SilenceFile::new(config.notify.silences.clone().unwrap_or_else(kept));
    let now = Utc::now();
    match &command.verb {
        SilenceVerb::Add(add) => {
            let silence = silence_of(add, now);
            let id = silence.id.clone();
            file.add(silence, now)?;
            output::print(&format!("silenced as {id}\nNext: hebe silence list"))
        }
        SilenceVerb::Remove { id } => {
            if !file.remove(id, now)? {
                bail!("no silence is called `{id}`; hebe silence list shows them");
            }
            output::print(&format!("{id} is over"))
        }
        SilenceVerb::List => list(&file, now),
    }
}

fn silence_of(add: &SilenceAdd, now: DateTime<Utc>) -> Silence {
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    let ends = now + TimeDelta::try_milliseconds((1000.0 * add.for_) as i64).unwrap_or(TimeDelta::MAX);
    Silence {
        id: add.id.clone().unwrap_or_else(|| format!("s{}", now.timestamp_millis())),
        resource: add.resource.clone(),
        scope: add.scope.clone(),
        owner: add.owner.clone(),
        reason: add.reason.clone(),
        starts: None,
        ends,
    }
}

fn list(file: &SilenceFile, now: DateTime<Utc>) -> Result<()> {
    let (silences, failing) = file.all(now);
    if let Some(failing) = failing {
        bail!("{failing}");
    }
    if silences.is_empty() {
        return output::print("Nothing is silenced.");
    }
    let line = |silence: &Silence| {
        let until = silence.ends.to_rfc3339_opts(SecondsFormat::Secs, true);
        let Silence { id, resource, scope, owner, reason, .. } = silence;
        format!("{id}  {resource} {scope}  until {until}  by {owner}: {reason}\n")
    };
    output::print(&silences.iter().map(line).collect::<String>())
}
