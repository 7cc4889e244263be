//! What package managers say they did: logs of dpkg, of dnf's rpm, and apt's history of whole transactions.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Happening;
use crate::report::clean;

/// Reads `2026-11-28 21:42:10 upgrade nginx:amd64 1.22.1-9 1.22.1-9+deb12u1`, on the clock of this machine.
#[must_use]
pub fn dpkg(log: &str, zone: Tz) -> Vec<Happening> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let (date, time, verb, package) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let (old, new) = (words.next()?, words.next()?);
        let did = match verb {
            "install" => format!("installed {} {new}", bare(package)),
            "upgrade" => format!("upgraded {} {old} -> {new}", bare(package)),
            "remove" | "purge" => format!("removed {} {old}", bare(package)),
            _ => return None,
        };
        let at = wall(&format!("{date} {time}"), zone)?;
        Some(Happening { at, scope: String::new(), text: did })
    };
    log.lines().filter_map(line).collect()
}

/// Reads `2026-11-28T21:42:10+0000 SUBDEBUG Upgrade: nginx-1:1.22.1-9.x86_64`, of `dnf.rpm.log`.
#[must_use]
pub fn rpm(log: &str) -> Vec<Happening> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let (time, _level, verb, package) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let did = match verb {
            "Installed:" | "Install:" => "installed",
            "Upgrade:" | "Updated:" => "upgraded",
            "Erase:" | "Erased:" => "removed",
            _ => return None,
        };
        let at = DateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S%z").ok()?.with_timezone(&Utc);
        Some(Happening { at, scope: String::new(), text: format!("{did} {package}") })
    };
    log.lines().filter_map(line).collect()
}

/// Packages of one transaction that are named; the others are counted.
const NAMED: usize = 3;
/// Letters of a command that are kept.
const COMMAND: usize = 80;
/// A transaction that did not end lasted so long at most.
const UNENDED: TimeDelta = TimeDelta::hours(1);

/// What apt was asked to do at once: one command, many packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// When it began, and what it did in words.
    pub happening: Happening,
    /// When it ended.
    pub until: DateTime<Utc>,
    /// The packages that are named in the words.
    named: Vec<String>,
}

/// Reads apt's `history.log`: paragraphs of `Start-Date: 2026-11-28  21:42:10`, `Commandline:`, `Install:`,
/// `Upgrade:` and others, `End-Date:`; on the clock of this machine.
#[must_use]
pub fn apt(log: &str, zone: Tz) -> Vec<Transaction> {
    let lines: Vec<&str> = log.lines().map(str::trim_end).collect();
    lines.split(|line| line.is_empty()).filter_map(|paragraph| transaction(paragraph, zone)).collect()
}

fn transaction(paragraph: &[&str], zone: Tz) -> Option<Transaction> {
    let value = |key: &str| paragraph.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let at = wall(value("Start-Date")?, zone)?;
    let until = value("End-Date").and_then(|end| wall(end, zone)).filter(|&end| at <= end);
    let kinds = [
        ("Install", "installed"),
        ("Reinstall", "reinstalled"),
        ("Upgrade", "upgraded"),
        ("Downgrade", "downgraded"),
        ("Remove", "removed"),
        ("Purge", "purged"),
    ];
    let mut named = Vec::new();
    let mut told = Vec::new();
    for (key, did) in kinds {
        let all = packages(value(key).unwrap_or_default());
        if all.is_empty() {
            continue;
        }
        let some: Vec<String> =
            all.iter().take(NAMED).map(|(package, words)| format!("{package}{words}")).collect();
        let more = all.len() - some.len();
        let more = if 0 < more { format!(" and {more} more") } else { String::new() };
        told.push(format!("{did} {}{more}", some.join(", ")));
        named.extend(all.into_iter().take(NAMED).map(|(package, _)| package.to_owned()));
    }
    if told.is_empty() {
        return None;
    }
    let command = value("Commandline").map(str::trim).filter(|command| !command.is_empty());
    let by =
        command.map_or(String::new(), |command| format!(" ({})", clean::cut(&clean::line(command), COMMAND)));
    let text = format!("{}{by}", told.join(", "));
    let happening = Happening { at, scope: String::new(), text };
    Some(Transaction { happening, until: until.unwrap_or(at + UNENDED), named })
}

/// `nginx:amd64 (1.22, 1.24), libx:amd64 (1.2, automatic)`: names, with the versions in words.
fn packages(list: &str) -> Vec<(&str, String)> {
    list.split(')').filter_map(package).collect()
}

fn package(item: &str) -> Option<(&str, String)> {
    let (name, versions) = item.trim().trim_start_matches(',').trim_start().split_once(" (")?;
    let mut versions = versions.split(", ").map(str::trim);
    let words = match (versions.next(), versions.next()) {
        (Some(old), Some(new)) if new != "automatic" => format!(" {old} -> {new}"),
        (Some(version), _) if !version.is_empty() => format!(" {version}"),
        _ => String::new(),
    };
    let name = bare(name);
    (!name.is_empty()).then_some((name, words))
}

/// What dpkg did within transactions of apt is said once: named there, or as an event of that package alone, which is
/// told only of what goes by its name.
#[must_use]
pub fn joined(apt: Vec<Transaction>, dpkg: Vec<Happening>) -> Vec<Happening> {
    let within =
        |at: DateTime<Utc>| apt.iter().find(|one| one.happening.at - SKEW <= at && at <= one.until + SKEW);
    let alone = dpkg.into_iter().filter_map(|mut happening| {
        let Some(transaction) = within(happening.at) else { return Some(happening) };
        let package = happening.text.split(' ').nth(1)?.to_owned();
        if transaction.named.contains(&package) {
            return None;
        }
        happening.scope = package;
        Some(happening)
    });
    let alone: Vec<Happening> = alone.collect();
    apt.into_iter().map(|one| one.happening).chain(alone).collect()
}

/// Both logs are written to the second.
const SKEW: TimeDelta = TimeDelta::seconds(1);

/// `2026-11-28  21:42:10` on the clock of this machine.
fn wall(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [date, time] = words[..] else { return None };
    let wall = NaiveDateTime::parse_from_str(&format!("{date} {time}"), "%Y-%m-%d %H:%M:%S").ok()?;
    Some(zone.from_local_datetime(&wall).earliest()?.with_timezone(&Utc))
}

/// The package without its architecture.
fn bare(package: &str) -> &str {
    package.split(':').next().unwrap_or(package)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn logs_are_read() {
        let log = "2026-11-28 21:42:10 startup archives unpack\n2026-11-28 21:42:11 upgrade nginx:amd64 1.22 1.24\n\
            2026-11-28 21:42:12 status installed nginx:amd64 1.24\n2026-11-28 21:42:13 install atop:amd64 <none> 2.8\n\
            2026-11-28 21:42";
        let found = dpkg(log, Tz::Europe__Berlin);
        let texts: Vec<&str> = found.iter().map(|happening| happening.text.as_str()).collect();
        assert_eq!(texts, ["upgraded nginx 1.22 -> 1.24", "installed atop 2.8"]);
        assert_eq!(found[0].at.to_rfc3339(), "2026-11-28T20:42:11+00:00");
        let found = rpm(
            "2026-11-28T21:42:10+0100 SUBDEBUG Upgrade: nginx-1:1.24-1.x86_64\n2026-11-28T21:42:10+0100 INFO --- logging\n",
        );
        assert_eq!(found[0].text, "upgraded nginx-1:1.24-1.x86_64");
        assert_eq!(found[0].at.to_rfc3339(), "2026-11-28T20:42:10+00:00");
    }

    const HISTORY: &str = "\nStart-Date: 2026-11-28  21:42:10\nCommandline: apt-get upgrade -y\nRequested-By: ann (1000)\n\
        Install: liba:amd64 (1.2, automatic)\n\
        Upgrade: nginx:amd64 (1.22, 1.24), b:amd64 (1, 2), c:all (3, 4), d:amd64 (5:1~x, 5:2~x), e:amd64 (6, 7)\n\
        End-Date: 2026-11-28  21:43:00\n\nStart-Date: 2026-11-28  22:00:00\nRemove: old:amd64 (0.9)\n\n\
        Start-Date: 2026-11-28  23:00:00\nCommandline: apt-get check\nEnd-Date: 2026-11-28  23:00:01\n";

    #[test]
    fn a_transaction_of_apt_is_one_event() {
        let found = apt(HISTORY, Tz::Europe__Berlin);
        assert_eq!(found.len(), 2, "what did nothing is none: {found:?}");
        assert_eq!(
            found[0].happening.text,
            "installed liba 1.2, upgraded nginx 1.22 -> 1.24, b 1 -> 2, c 3 -> 4 and 2 more (apt-get upgrade -y)"
        );
        assert_eq!(found[0].happening.at.to_rfc3339(), "2026-11-28T20:42:10+00:00");
        assert_eq!((found[0].until - found[0].happening.at).num_seconds(), 50);
        assert_eq!(found[1].happening.text, "removed old 0.9");
        assert_eq!(found[1].until - found[1].happening.at, UNENDED);
    }

    #[test]
    fn what_both_logs_tell_is_said_once() {
        let log = "2026-11-28 21:42:11 upgrade nginx:amd64 1.22 1.24\n2026-11-28 21:42:59 upgrade e:amd64 6 7\n\
            2026-11-28 21:50:00 install f:amd64 <none> 1\n";
        let found = joined(apt(HISTORY, Tz::UTC), dpkg(log, Tz::UTC));
        let told: Vec<(&str, &str)> =
            found[2..].iter().map(|one| (one.scope.as_str(), one.text.as_str())).collect();
        assert_eq!(told, [("e", "upgraded e 6 -> 7"), ("", "installed f 1")]);
    }

    proptest! {
        #[test]
        fn any_list_of_packages_is_counted(names in prop::collection::vec("[a-z][a-z0-9+.-]{0,12}", 1..9), old in "[0-9][0-9a-z:~+.-]{0,8}") {
            let list: Vec<String> = names.iter().map(|name| format!("{name}:amd64 ({old}, {old}1)")).collect();
            let log = format!("Start-Date: 2026-11-28  21:42:10\nUpgrade: {}\n", list.join(", "));
            let found = apt(&log, Tz::UTC);
            let text = &found[0].happening.text;
            let shown = names.len().min(NAMED);
            let first = format!("upgraded {} {old} -> {old}1", names[0]);
            prop_assert!(text.starts_with(&first), "{}", text);
            prop_assert_eq!(text.matches(" -> ").count(), shown);
            prop_assert_eq!(text.contains(&format!("{} more", names.len() - shown)), shown < names.len());
        }

        #[test]
        fn half_a_history_costs_its_end_alone(cut in 0..HISTORY.len(), text in ".{0,200}") {
            let whole = apt(HISTORY, Tz::UTC);
            let half = apt(&HISTORY[..cut], Tz::UTC);
            prop_assert!(half.len() <= whole.len());
            // All but the last paragraph are whole.
            for (half, whole) in half.iter().rev().skip(1).rev().zip(&whole) {
                prop_assert_eq!(half, whole);
            }
            let _ = (apt(&text, Tz::UTC), apt(&format!("Start-Date: 2026-11-28  21:42:10\nInstall:{text}"), Tz::UTC));
        }

        #[test]
        fn no_text_panics(text in ".{0,200}", words in "([a-z0-9:-]{1,10} ){4,8}") {
            let _ = (dpkg(&text, Tz::UTC), rpm(&text));
            let _ = (dpkg(&format!("2026-11-28 21:42:10 install {words}"), Tz::UTC), rpm(&format!("2026-11-28T21:42:10+0100 X Upgrade: {words}")));
        }
    }
}
