//! `hebe config`: whether the configuration can be used, and what is in force.

use std::path::Path;

use anyhow::Result;

use crate::cli::ConfigVerb;
use crate::config::Loaded;
use crate::output;

/// Checks or shows.
pub(crate) fn settings(verb: &ConfigVerb) -> Result<()> {
    match verb {
        ConfigVerb::Check { file } => check(file.as_deref()),
        ConfigVerb::Show { file, origin } => show(file.as_deref(), *origin),
    }
}

fn check(file: Option<&Path>) -> Result<()> {
    let loaded = Loaded::read(file, &Vec::new())?;
    let set = loaded.settings.iter().filter(|setting| setting.origin != "default").count();
    let name = loaded.file.map_or_else(|| "no file".to_owned(), |file| file.display().to_string());
    output::print(&format!("{name}: good, {set} values set\nNext: hebe config show --origin"))
}

fn show(file: Option<&Path>, origin: bool) -> Result<()> {
    let loaded = Loaded::read(file, &Vec::new())?;
    let width = loaded.settings.iter().map(|setting| setting.key.len()).max().unwrap_or(0);
    let line = |setting: &hebe::snapshot::Setting| {
        let from = if origin { format!("    # {}", setting.origin) } else { String::new() };
        format!("{:width$} = {}{from}\n", setting.key, setting.value)
    };
    output::print(&loaded.settings.iter().map(line).collect::<String>())
}
