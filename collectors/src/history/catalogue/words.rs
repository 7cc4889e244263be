//! What the words of a column's name say about it, whichever program wrote them.

use super::super::Unit;

/// What a column is to its resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Role {
    Used,
    Available,
    Free,
    Limit,
    Percent,
    /// No word says.
    Plain,
}

/// A name taken apart.
#[derive(Clone, Debug)]
pub(super) struct Words {
    pub(super) role: Role,
    /// The other role that the words would allow: `open_files_max` says both used and limit.
    pub(super) or: Option<Role>,
    /// What is left without words of role and unit: what the column is about.
    pub(super) stem: Vec<String>,
    /// Whether the limit's word can mean nothing but a limit.
    pub(super) strong: bool,
    /// A ratio, a rate or a load: never a stock that runs out.
    pub(super) load: bool,
    /// Of a percentage: of what is left.
    pub(super) left: bool,
    /// The base unit that a word names, and how many of it one is.
    pub(super) unit: Option<(Unit, f64)>,
}

const USED: &[&str] =
    &["used", "usage", "current", "open", "opened", "allocated", "inuse", "consumed", "use"];
const AVAILABLE: &[&str] = &["available", "avail", "freeable", "remaining"];
const FREE: &[&str] = &["free", "unused", "left"];
const STRONG: &[&str] = &["limit", "max", "maximum", "capacity", "quota", "hardlimit", "softlimit"];
const WEAK: &[&str] = &["total", "size"];
const PERCENT: &[&str] = &["percent", "percentage", "pct", "%"];
const LOAD: &[&str] = &[
    "cpu",
    "load",
    "ldavg",
    "loadavg",
    "io",
    "iowait",
    "rate",
    "ratio",
    "throughput",
    "latency",
    "duration",
    "tps",
    "qps",
    "rps",
    "iops",
    "bandwidth",
    "idle",
    "busy",
    "delay",
    "elapsed",
    "response",
    "temperature",
    "temp",
    "speed",
    "processor",
    "psi",
    "pressure",
    "hit",
    "miss",
    "sec",
    "read",
    "reads",
    "write",
    "writes",
];
const UTILISATION: &[&str] = &["util", "utilization", "utilisation"];
const UNITS: &[(&str, Unit, f64)] = &[
    ("bytes", Unit::Bytes, 1.0),
    ("byte", Unit::Bytes, 1.0),
    ("kb", Unit::Bytes, 1024.0),
    ("kib", Unit::Bytes, 1024.0),
    ("kbytes", Unit::Bytes, 1024.0),
    ("kilobytes", Unit::Bytes, 1024.0),
    ("mb", Unit::Bytes, 1_048_576.0),
    ("mib", Unit::Bytes, 1_048_576.0),
    ("mbytes", Unit::Bytes, 1_048_576.0),
    ("megabytes", Unit::Bytes, 1_048_576.0),
    ("gb", Unit::Bytes, 1_073_741_824.0),
    ("gib", Unit::Bytes, 1_073_741_824.0),
    ("gbytes", Unit::Bytes, 1_073_741_824.0),
    ("gigabytes", Unit::Bytes, 1_073_741_824.0),
    ("seconds", Unit::Seconds, 1.0),
];

/// Words that name a resource, and the catalogue's name for it. The first one that a name holds counts.
const RESOURCES: &[(&[&str], &str)] = &[
    (&["swap"], "swap"),
    (&["inode", "inodes"], "disk.inodes"),
    (&["conntrack"], "conntrack"),
    (&["heap"], "heap"),
    (&["memory", "mem", "ram"], "memory"),
    (DISK, "disk.bytes"),
    (&["fd", "fds", "filefd", "descriptor", "descriptors", "handles", "files"], "files.open"),
    (&["thread", "threads"], "threads"),
    (&["processes", "procs", "pids", "tasks"], "processes"),
];
const DISK: &[&str] = &["disk", "fs", "filesystem", "filesystems", "partition", "volume"];

/// Splits at case changes, digits excepted, and at everything that is no letter, digit or `%`.
fn tokens(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut tokens = vec![String::new()];
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).map(|before| letters[before]);
        let behind = letters.get(i + 1);
        let rises = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && behind.is_some_and(|behind| behind.is_lowercase()))
            });
        if letter == '%' || before == Some('%') || rises || !letter.is_alphanumeric() {
            tokens.push(String::new());
        }
        if letter == '%' || letter.is_alphanumeric() {
            tokens.last_mut().expect("never empty").extend(letter.to_lowercase());
        }
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

impl Words {
    /// Takes `name` apart.
    pub(super) fn of(name: &str) -> Self {
        let tokens = tokens(name);
        let has = |words: &[&str]| tokens.iter().any(|token| words.contains(&token.as_str()));
        let mut roles: Vec<Role> = tokens.iter().filter_map(|token| role(token)).collect();
        let last = roles.pop();
        let percent = has(PERCENT);
        let stock = !has(&["disk"]) && RESOURCES.iter().any(|(words, _)| has(words));
        // Elsewhere it is a path: `mem.util.free`.
        let utilised = tokens.last().is_some_and(|token| UTILISATION.contains(&token.as_str()));
        Self {
            role: if percent || utilised && stock { Role::Percent } else { last.unwrap_or(Role::Plain) },
            or: roles.into_iter().rev().find(|role| Some(*role) != last),
            strong: has(STRONG),
            load: has(LOAD) || utilised && !stock,
            left: has(FREE) || has(AVAILABLE),
            unit: percent
                .then_some((Unit::Percent, 1.0))
                .or_else(|| tokens.iter().rev().find_map(|t| unit(t))),
            stem: tokens.into_iter().filter(|token| is_stem(token)).collect(),
        }
    }

    /// The stem in the form that is the same for all columns of one resource: `fd` and `fds`, `mem` and `memory`.
    pub(super) fn key(&self) -> String {
        let mut key = String::new();
        for token in &self.stem {
            let token = if token == "mem" { "memory" } else { token };
            key.push_str(token.strip_suffix('s').unwrap_or(token));
            key.push(' ');
        }
        key
    }

    /// Whether the stem says disk.
    pub(super) fn disk(&self) -> bool {
        self.stem.iter().any(|token| DISK.contains(&token.as_str()))
    }

    /// The catalogue's name of what the stem is about, and the words beside it.
    pub(super) fn resource(&self) -> Option<(&'static str, String)> {
        let found = |words: &[&str]| self.stem.iter().any(|token| words.contains(&token.as_str()));
        let (words, resource) = RESOURCES.iter().find(|(words, _)| found(words))?;
        let rest: Vec<&str> =
            self.stem.iter().map(String::as_str).filter(|token| !words.contains(token)).collect();
        Some((*resource, rest.join("_")))
    }
}

fn role(token: &str) -> Option<Role> {
    let table: [(&[&str], Role); 6] = [
        (USED, Role::Used),
        (AVAILABLE, Role::Available),
        (FREE, Role::Free),
        (STRONG, Role::Limit),
        (WEAK, Role::Limit),
        (PERCENT, Role::Percent),
    ];
    table.into_iter().find_map(|(words, role)| words.contains(&token).then_some(role))
}

fn is_stem(token: &str) -> bool {
    role(token).is_none() && unit(token).is_none() && !UTILISATION.contains(&token)
}

fn unit(token: &str) -> Option<(Unit, f64)> {
    UNITS.iter().find_map(|&(word, unit, factor)| (word == token).then_some((unit, factor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart_at_case_signs_and_percent() {
        for (name, expected) in [
            ("percentageMemory(%)", "percentage memory %"),
            ("total_IO_read", "total io read"),
            ("HTTPRequests2xx", "http requests2xx"),
            ("LogicalDisk\\% Free Space", "logical disk % free space"),
            ("%usr", "% usr"),
            ("", ""),
        ] {
            assert_eq!(tokens(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn words_say_the_role() {
        for (name, role, key) in [
            ("usedMemory", Role::Used, "memory "),
            ("mem_total_kb", Role::Limit, "memory "),
            ("swap free", Role::Free, "swap "),
            ("fds", Role::Plain, "fd "),
            ("max-fd", Role::Limit, "fd "),
            ("disk_used_pct", Role::Percent, "disk "),
            ("memory_util", Role::Percent, "memory "),
            ("mem.util.cached", Role::Plain, "memory cached "),
            ("heap_used_max", Role::Limit, "heap "),
        ] {
            let words = Words::of(name);
            assert_eq!((words.role, words.key().as_str()), (role, key), "{name}");
        }
    }

    #[test]
    fn words_beside_the_resource_are_its_scope() {
        assert_eq!(Words::of("java_heap_used").resource(), Some(("heap", "java".to_owned())));
        assert_eq!(Words::of("sugar_free").resource(), None);
    }
}
