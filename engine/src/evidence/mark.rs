//! Marks: what people or their tools say has happened, such as a deployment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Happening;

/// Letters of a mark's text, and of its scope, at most.
pub const LONGEST: usize = 200;

/// Something that was said to have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// When.
    pub at: DateTime<Utc>,
    /// In words: `deployed 4.14.6`.
    pub text: String,
    /// What it happened to; empty for the whole host.
    #[serde(default)]
    pub scope: String,
}

/// Why a mark is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// It says nothing.
    #[error("a mark without words")]
    Empty,
    /// It says too much.
    #[error("a mark of {0} letters; {LONGEST} are kept")]
    Long(usize),
    /// It holds letters that are not shown.
    #[error("a mark with control characters")]
    Unprintable,
}

impl Mark {
    /// A mark that may be kept.
    ///
    /// # Errors
    ///
    /// Where it says nothing, too much, or what cannot be shown.
    pub fn new(at: DateTime<Utc>, text: &str, scope: &str) -> Result<Self, MarkError> {
        let (text, scope) = (text.trim(), scope.trim());
        if text.is_empty() {
            return Err(MarkError::Empty);
        }
        for words in [text, scope] {
            match words.chars().count() {
                letters if LONGEST < letters => return Err(MarkError::Long(letters)),
                _ if words.chars().any(char::is_control) => return Err(MarkError::Unprintable),
                _ => {}
            }
        }
        Ok(Self { at, text: text.to_owned(), scope: scope.to_owned() })
    }

    /// As a line of the file of marks.
    ///
    /// # Errors
    ///
    /// Never for a mark that was made by [`Mark::new`].
    pub fn line(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string(self)? + "\n")
    }
}

impl From<&Mark> for Happening {
    fn from(mark: &Mark) -> Self {
        Self { at: mark.at, scope: mark.scope.clone(), text: mark.text.clone() }
    }
}

/// The marks of a file in order of time, and how many of its lines are none: a write that was cut short leaves half a
/// line.
#[must_use]
pub fn marks(text: &str) -> (Vec<Mark>, usize) {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let read = lines.map(|line| {
        let mark: Mark = serde_json::from_str(line).ok()?;
        Mark::new(mark.at, &mark.text, &mark.scope).ok()
    });
    let read: Vec<Option<Mark>> = read.collect();
    let broken = read.iter().filter(|mark| mark.is_none()).count();
    let mut marks: Vec<Mark> = read.into_iter().flatten().collect();
    marks.sort_by_key(|mark| mark.at);
    (marks, broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(Mark::new(now, "  ", ""), Err(MarkError::Empty));
        assert_eq!(Mark::new(now, &"x".repeat(201), ""), Err(MarkError::Long(201)));
        assert_eq!(Mark::new(now, "a", "b\nc"), Err(MarkError::Unprintable));
        assert!(Mark::new(now, &"ä".repeat(200), "web").is_ok());
    }

    #[test]
    fn half_a_line_costs_itself() {
        let mark = Mark::new(DateTime::UNIX_EPOCH, "deployed 4.14.6", "web").unwrap();
        let line = mark.line().unwrap();
        let text = format!("{line}{}\n{line}", &line[..20]);
        assert_eq!(marks(&text), (vec![mark.clone(), mark], 1));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "\\PC{1,50}", scope in "\\PC{0,20}", second in 0..4_000_000_000_i64) {
            prop_assume!(!text.trim().is_empty());
            let mark = Mark::new(DateTime::from_timestamp(second, 0).unwrap(), &text, &scope).unwrap();
            prop_assert_eq!(marks(&mark.line().unwrap()), (vec![mark], 0));
        }

        #[test]
        fn no_text_panics(text in ".{0,200}") {
            let _ = marks(&text);
        }
    }
}
