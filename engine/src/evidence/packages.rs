//! What package managers say they did: logs of dpkg, and of dnf's rpm.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::Happening;

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
        let wall = NaiveDateTime::parse_from_str(&format!("{date} {time}"), "%Y-%m-%d %H:%M:%S").ok()?;
        let at = zone.from_local_datetime(&wall).earliest()?.with_timezone(&Utc);
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

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}", words in "([a-z0-9:-]{1,10} ){4,8}") {
            let _ = (dpkg(&text, Tz::UTC), rpm(&text));
            let _ = (dpkg(&format!("2026-11-28 21:42:10 install {words}"), Tz::UTC), rpm(&format!("2026-11-28T21:42:10+0100 X Upgrade: {words}")));
        }
    }
}
