//! One line of `/proc/PID/stat`: whose child it is, in which session, since when.

/// What is needed of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// `R`, `S`, `D`, `T`, `Z` …
    pub state: char,
    /// Its parent.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session.
    pub session: u32,
    /// Start, in clock ticks since the boot.
    pub start: u64,
}

impl Stat {
    /// Reads the line; none where it is none.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        // The name in brackets may hold anything, brackets and spaces too.
        let mut fields = line.rsplit_once(')')?.1.split_ascii_whitespace();
        let state = fields.next()?.chars().next()?;
        let parent = fields.next()?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        let session = fields.next()?.parse().ok()?;
        // Field 22; 6 is the last that was taken.
        let start = fields.nth(15)?.parse().ok()?;
        Some(Self { state, parent, group, session, start })
    }

    /// Whether it has ended, and only its entry is left.
    #[must_use]
    pub fn has_ended(self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_read_behind_any_name() {
        let line = "812 (a) Z 1 (b) S 1 810 809 0 -1 4194560 1 0 0 0 2 3 0 0 20 0 1 0 55721 1 1 18446744073709551615";
        let expected = Stat { state: 'S', parent: 1, group: 810, session: 809, start: 55_721 };
        assert_eq!(Stat::parse(line), Some(expected));
        assert_eq!(Stat::parse("812 (a) S 1 810 809"), None);
        assert_eq!(Stat::parse(""), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            let _ = Stat::parse(&text);
        }
    }
}
