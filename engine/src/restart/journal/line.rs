//! One line: an entry with its place, its time and its seal.

use std::fmt::Write as _;

use chrono::{DateTime, SubsecRound as _, Utc};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::entry::Entry;
use super::error::JournalError;

/// What stands between what is sealed and the seal.
const SEAL: &str = ",\"seal\":\"";
/// Letters of a SHA-256.
const LETTERS: usize = 64;

/// An entry as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counts from 1, over all files.
    pub seq: u64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Seal of the line before; empty for the first of all.
    pub before: String,
    /// What it says.
    pub entry: Entry,
}

impl Record {
    /// The line without its newline, and its seal. The time is kept in milliseconds.
    ///
    /// # Errors
    ///
    /// Where it could not be read back: a journal that its writer cannot read protects nobody.
    pub(super) fn seal(mut self) -> Result<(String, String), JournalError> {
        self.at = self.at.trunc_subsecs(3);
        let mut text = serde_json::to_string(&self).map_err(JournalError::Form)?;
        serde_json::from_str::<Self>(&text).map_err(JournalError::Form)?;
        text.pop();
        let seal = sha256(text.as_bytes());
        let _ = write!(text, "{SEAL}{seal}\"}}");
        Ok((text, seal))
    }

    /// Reads a line without its newline: the record and its seal.
    ///
    /// # Errors
    ///
    /// Why it is not a line that was written by [`Record::seal`].
    pub(super) fn read(line: &[u8]) -> Result<(Self, String), String> {
        let form = || "is no sealed line".to_owned();
        let at = line.len().checked_sub(SEAL.len() + LETTERS + 2).ok_or_else(form)?;
        let (body, tail) = line.split_at(at);
        let seal = tail
            .strip_prefix(SEAL.as_bytes())
            .and_then(|tail| tail.strip_suffix(b"\"}"))
            .and_then(|seal| std::str::from_utf8(seal).ok())
            .ok_or_else(form)?;
        if sha256(body) != seal {
            return Err("does not match its seal".to_owned());
        }
        let record = serde_json::from_slice(&[body, b"}"].concat());
        let record = record.map_err(|error| format!("is of another version of Hebe: {error}"))?;
        Ok((record, seal.to_owned()))
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::with_capacity(LETTERS), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_published_one() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn an_entry_that_could_not_be_read_back_is_refused() {
        let seal = |before: f64| {
            let past = super::super::tests::past("web@1", "web", before);
            let entry = Entry::Finished { past, note: String::new() };
            Record { seq: 1, at: DateTime::UNIX_EPOCH, before: String::new(), entry }.seal()
        };
        assert!(seal(1.0).is_ok());
        assert!(seal(f64::NAN).is_err(), "a number that JSON does not have");
    }
}
