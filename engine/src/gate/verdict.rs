//! What is said of a run in one word.

use std::fmt;

use serde::Serialize;

/// What is said of a run, from best to worst: of several the greatest counts.
///
/// A leak that was found outranks what could not be read, as CRITICAL outranks UNKNOWN for pollers; what could
/// not be read outranks what is not clear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// It does not grow more than is allowed, and the run would have seen it.
    Pass,
    /// The run cannot tell.
    Inconclusive,
    /// There was nothing to judge. What was never judged has not passed.
    #[default]
    Unknown,
    /// It grows more than is allowed.
    Fail,
}

impl Verdict {
    /// The exit code, as pollers of Nagios' kind read it: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Inconclusive => 1,
            Self::Fail => 2,
            Self::Unknown => 3,
        }
    }

    /// The word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Unknown => "UNKNOWN",
            Self::Fail => "FAIL",
        }
    }

    /// The shape beside the word, its ASCII form second.
    pub(super) fn shape(self) -> (char, char) {
        match self {
            Self::Pass => ('✓', '+'),
            Self::Inconclusive => ('◇', '~'),
            Self::Unknown => ('×', 'x'),
            Self::Fail => ('●', '@'),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
