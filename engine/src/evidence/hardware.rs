//! Whether hardware complains: lines of the kernel's log that speak of memory, processors and disks.

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

/// What speaks for hardware and what for software: errors that the counters of memory and the kernel's log tell, and
/// whether the trouble survived a restart of what is suspected (`None` where there was none).
#[must_use]
pub fn sentence(
    complaints: &[(Complaint, u64, String)],
    memory_errors: Option<(u64, u64)>,
    survives_restart: Option<bool>,
) -> Option<String> {
    let mut hard: Vec<String> = complaints
        .iter()
        .map(|(kind, count, _)| {
            let of = match kind {
                Complaint::Memory => "memory",
                Complaint::Processor => "processor",
                Complaint::Disk => "disk",
            };
            format!("{count} lines about {of} errors in the kernel's log")
        })
        .collect();
    if let Some((corrected, uncorrected)) = memory_errors.filter(|&(a, b)| 0 < a + b) {
        hard.push(format!(
            "{corrected} corrected and {uncorrected} uncorrected memory errors counted (EDAC)"
        ));
    }
    match (hard.is_empty(), survives_restart) {
        (false, Some(false)) => Some(format!(
            "hardware complains ({}), and yet a restart gave it back: software",
            hard.join(", ")
        )),
        (false, _) => Some(format!("hardware complains: {}", hard.join(", "))),
        (true, Some(false)) => Some("no hardware complains, and a restart gave it back: software".to_owned()),
        (true, Some(true)) => Some(
            "no hardware complains, and restarts did not give it back: outside of what was restarted"
                .to_owned(),
        ),
        (true, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(sentence(&[], Some((0, 0)), None), None);
        assert!(sentence(&[], None, Some(false)).unwrap().ends_with("software"));
        let errors = complaints("Buffer I/O error on dev vda");
        assert!(sentence(&errors, Some((3, 1)), None).unwrap().contains("3 corrected and 1 uncorrected"));
    }
}
