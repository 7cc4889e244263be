//! From a file, the environment and the command line to one table, with the origin of each value.

use anyhow::{Result, anyhow};
use hebe::snapshot::Setting;
use hebe::spelling;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::Config;

/// Values of the command line: key and value.
pub(crate) type Overrides = Vec<(&'static str, String)>;

/// Keys that a variable can set, with their defaults as one would write them.
const KEYS: [(&str, &str); 21] = [
    ("period", "\"10s\""),
    ("horizons", "[\"1h\", \"1d\", \"7d\", \"30d\"]"),
    ("lead_time", "a tenth of the horizon"),
    ("risk", "\"balanced\""),
    ("method", "\"default\""),
    ("zone", "this machine's"),
    ("collect.enabled", "true"),
    ("collect.top", "20"),
    ("collect.cgroups", "200"),
    ("collect.pseudo_mounts", "false"),
    ("history.sysstat", "true"),
    ("store.enabled", "true"),
    ("store.dir", "/var/lib/hebe, or the user's state folder"),
    ("store.size_limit", "\"1GiB\""),
    ("web.enabled", "true"),
    ("web.listen", "\"127.0.0.1:9797\""),
    ("web.token_file", "none"),
    ("restart.mode", "\"observe\""),
    ("restart.map", "map.toml beside the usual configuration files, if there is one"),
    ("restart.journal_limit", "\"16MiB\""),
    ("restart.recurrence", "\"5min\""),
];

/// Lays the environment and `overrides` over the file `name` with that text.
pub(super) fn merge(name: &str, text: &str, overrides: &Overrides) -> Result<(Config, Vec<Setting>)> {
    // The file by itself first, so that errors have its lines.
    toml::from_str::<Config>(text).map_err(|error| located(name, text, &error))?;
    let mut table: Table = toml::from_str(text).map_err(|error| located(name, text, &error))?;
    let mut settings = origins(name, text);
    for (key, _) in KEYS {
        let variable = format!("HEBE_{}", key.to_uppercase().replace('.', "_"));
        if let Ok(value) = std::env::var(&variable) {
            lay(&mut table, &mut settings, key, &value, &variable)?;
        }
    }
    for (key, value) in overrides {
        lay(&mut table, &mut settings, key, value, "command line")?;
    }
    let config = table.try_into::<Config>().map_err(|error| anyhow!("{}", error.message()))?;
    for (key, value) in KEYS {
        if !settings.iter().any(|setting| setting.key == key) {
            settings.push(Setting {
                key: key.to_owned(),
                value: value.to_owned(),
                origin: "default".to_owned(),
            });
        }
    }
    Ok((config, settings))
}

/// Puts one value over what is there; it must be of the key's type.
fn lay(table: &mut Table, settings: &mut Vec<Setting>, key: &str, text: &str, origin: &str) -> Result<()> {
    // A number, a list or a word: what is no TOML is a string.
    let value = toml::from_str::<Table>(&format!("v = {text}"))
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| Value::String(text.to_owned()));
    let shown = if secret(key) { "(not shown)".to_owned() } else { value.to_string() };
    put(table, key, value);
    table.clone().try_into::<Config>().map_err(|error| anyhow!("{origin}, `{key}`: {}", error.message()))?;
    settings.retain(|setting| setting.key != key);
    settings.push(Setting { key: key.to_owned(), value: shown, origin: origin.to_owned() });
    Ok(())
}

fn put(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((head, tail)) => {
            let inner = table.entry(head).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                put(inner, tail, value);
            }
        }
    }
}

/// An error of the parser with file, line, what was found, and what was probably meant.
fn located(name: &str, text: &str, error: &toml::de::Error) -> anyhow::Error {
    let line = error.span().map(|span| line_of(text, span.start));
    let place = line.map_or(String::new(), |line| format!(":{line}"));
    let message = error.message().trim_end();
    let hint = spelling::suggestion(message).map_or(String::new(), |key| format!("; did you mean `{key}`?"));
    anyhow!("{name}{place}: {message}{hint}")
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or(text).matches('\n').count()
}

/// The keys that a file sets, with their lines.
fn origins(name: &str, text: &str) -> Vec<Setting> {
    let mut settings = Vec::new();
    if let Ok(table) = DeTable::parse(text) {
        walk(table.get_ref(), "", name, text, &mut settings);
    }
    settings
}

fn walk(table: &DeTable<'_>, prefix: &str, name: &str, text: &str, settings: &mut Vec<Setting>) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        if let DeValue::Table(inner) = value.get_ref() {
            walk(inner, &format!("{path}."), name, text, settings);
            continue;
        }
        let origin = format!("{name}:{}", line_of(text, key.span().start));
        let shown =
            text.get(value.span()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let value = if secret(&path) { "(not shown)".to_owned() } else { shown };
        settings.push(Setting { key: path, value, origin });
    }
}

/// Whether a value may be a secret, or lead to one by its text: URLs may hold passwords.
fn secret(key: &str) -> bool {
    ["secret", "password", "url", "urls", "scrape"].iter().any(|word| key.rsplit('.').next() == Some(word))
        && !key.ends_with("_file")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Config, Vec<Setting>)> {
        merge("hebe.toml", text, &Vec::new())
    }

    #[test]
    fn nothing_set_is_the_default_and_says_so() {
        let (config, settings) = read("").unwrap();
        assert!((config.period - 10.0).abs() < 1e-12 && config.horizons.len() == 4);
        assert!(settings.iter().all(|setting| setting.origin == "default"));
    }

    #[test]
    fn a_value_of_the_file_names_its_line() {
        let (config, settings) = read("# mine\nperiod = \"1s\"\n[store]\nsize_limit = \"2GiB\"\n").unwrap();
        assert_eq!((config.period, config.store.size_limit), (1.0, 2 << 30));
        let origin = |key: &str| settings.iter().find(|setting| setting.key == key).unwrap().origin.clone();
        assert_eq!(
            (origin("period").as_str(), origin("store.size_limit").as_str()),
            ("hebe.toml:2", "hebe.toml:4")
        );
    }

    #[test]
    fn the_command_line_wins() {
        let overrides = vec![("web.listen", "127.0.0.1:0".to_owned()), ("period", "200ms".to_owned())];
        let (config, settings) = merge("f", "period = \"1s\"", &overrides).unwrap();
        assert_eq!((config.period, config.web.listen.as_str()), (0.2, "127.0.0.1:0"));
        assert!(settings.iter().any(|setting| setting.key == "period" && setting.origin == "command line"));
    }

    #[test]
    fn a_wrong_key_is_refused_with_its_line_and_a_suggestion() {
        let error = read("\nperod = \"1s\"").unwrap_err().to_string();
        assert!(error.starts_with("hebe.toml:2: ") && error.contains("did you mean `period`?"), "{error}");
        let error = read("[web]\nlisen = \"x\"").unwrap_err().to_string();
        assert!(error.contains(":2") && error.contains("`listen`?"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_was_expected() {
        let error = read("period = \"fast\"").unwrap_err().to_string();
        assert!(error.contains(":1") && error.contains("no duration"), "{error}");
        assert!(read("period = [").is_err());
    }
}
