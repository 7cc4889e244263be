//! Whether hardware complains: lines of the kernel's log that speak of memory, processors and disks.

use super::Survival;

/// A kind of complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Complaint {
    /// Errors of memory that were corrected, or not.
    Memory,
    /// Errors that a processor reports of itself or of a bus.
    Processor,
    /// Errors of a disk or of its cable.
    Disk,
}

/// Words of the kernel's log, in lower case, and what they speak of.
const WORDS: [(&str, Complaint); 12] = [
    ("edac ", Complaint::Memory),
    ("memory failure:", Complaint::Memory),
    ("hardware error", Complaint::Processor),
    ("machine check", Complaint::Processor),
    ("mce: ", Complaint::Processor),
    ("i/o error", Complaint::Disk),
    ("critical medium error", Complaint::Disk),
    ("unrecovered read error", Complaint::Disk),
    ("failed command:", Complaint::Disk),
    ("smart error", Complaint::Disk),
    ("prefailure", Complaint::Disk),
    ("hard resetting link", Complaint::Disk),
];

/// The announcements of drivers, which hold those words and are no errors.
const ANNOUNCED: [&str; 4] = ["edac mc: ver", "giving out device", "mce: [firmware bug]", "mce: cpu0"];

/// How many lines of the kernel's log complain, by kind, with the last of each.
#[must_use]
pub fn complaints(log: &str) -> Vec<(Complaint, u64, String)> {
    let mut found: Vec<(Complaint, u64, String)> = Vec::new();
    for line in log.lines() {
        let lower = line.to_lowercase();
        if ANNOUNCED.iter().any(|word| lower.contains(word)) {
            continue;
        }
        let Some((_, kind)) = WORDS.iter().find(|(word, _)| lower.contains(word)) else { continue };
        match found.iter_mut().find(|(known, ..)| known == kind) {
            Some((_, count, last)) => {
                *count += 1;
                line.clone_into(last);
            }
            None => found.push((*kind, 1, line.to_owned())),
        }
    }
    found.sort_by_key(|&(kind, ..)| kind);
    found
}

/// What the hardware says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// Complaints in the kernel's log.
    pub complaints: Vec<(Complaint, u64, String)>,
    /// Errors of memory that were corrected and that were not, where they are counted (EDAC).
    pub memory_errors: Option<(u64, u64)>,
}

/// What speaks for hardware and what for software: what the hardware says, where somebody could listen, and whether
/// the trouble survived restarts.
#[must_use]
pub fn sentence(heard: Option<&Heard>, survival: Option<Survival>) -> Option<String> {
    let complains = heard.map(Heard::words);
    match (complains.filter(|words| !words.is_empty()), survival) {
        (Some(words), Some(survival)) => {
            let joined = if survival.survives { "and" } else { "and yet" };
            Some(format!(
                "hardware complains ({words}), {joined} {}: {}",
                survival.words(),
                survival.verdict()
            ))
        }
        (Some(words), None) => Some(format!("hardware complains: {words}")),
        (None, Some(survival)) if heard.is_some() => {
            Some(format!("no hardware complains, and {}: {}", survival.words(), survival.verdict()))
        }
        (None, Some(survival)) => Some(format!("{}: {}", survival.words(), survival.verdict())),
        (None, None) => None,
    }
}

impl Heard {
    /// `3 lines about memory errors in the kernel's log, …`; empty where nothing complains.
    fn words(&self) -> String {
        let line = |(kind, count, _): &(Complaint, u64, String)| {
            let of = match kind {
                Complaint::Memory => "memory",
                Complaint::Processor => "processor",
                Complaint::Disk => "disk",
            };
            format!("{count} lines about {of} errors in the kernel's log")
        };
        let mut words: Vec<String> = self.complaints.iter().map(line).collect();
        if let Some((corrected, uncorrected)) = self.memory_errors.filter(|&(a, b)| 0 < a + b) {
            words.push(format!(
                "{corrected} corrected and {uncorrected} uncorrected memory errors counted (EDAC)"
            ));
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Restarted;

    #[test]
    fn errors_are_told_from_announcements() {
        let log = "[1.0] EDAC MC: Ver: 3.0.0\n[9.1] blk_update_request: I/O error, dev sda, sector 5\n\
            [9.2] EDAC MC0: 1 CE memory read error on DIMM1\n[9.3] I/O error, dev sda, sector 6\n[1.1] all is well";
        let found = complaints(log);
        assert_eq!(
            found.iter().map(|c| (c.0, c.1)).collect::<Vec<_>>(),
            [(Complaint::Memory, 1), (Complaint::Disk, 2)]
        );
        assert!(found[1].2.contains("sector 6"));
    }

    #[test]
    fn both_sides_are_heard() {
        let calm = Heard { memory_errors: Some((0, 0)), ..Heard::default() };
        let bad =
            Heard { complaints: complaints("Buffer I/O error on dev vda"), memory_errors: Some((3, 1)) };
        let survival = |survives| Some(Survival { restarted: Restarted::Group, times: 2, survives });
        assert_eq!(sentence(Some(&calm), None), None);
        assert_eq!(sentence(None, None), None);
        let told = [
            sentence(Some(&calm), survival(false)),
            sentence(None, survival(false)),
            sentence(Some(&bad), survival(true)),
            sentence(Some(&bad), None),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        assert_eq!(told[0], "no hardware complains, and 2 restarts of it gave it back: software");
        assert_eq!(told[1], "2 restarts of it gave it back: software");
        assert!(
            told[2].contains("3 corrected and 1 uncorrected")
                && told[2].ends_with("outside of what was restarted")
        );
        assert!(told[3].starts_with("hardware complains: 1 lines about disk errors"), "{}", told[3]);
    }
}
