//! The key that requests over TCP are signed with, and numbers that are used once.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use hebe::restart::protocol::{Speaker, signed};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// Shorter keys can be guessed.
const LEAST_BYTES: usize = 32;
/// A number of the Re/Starter's is good for so long.
pub(super) const GOOD_FOR: Duration = Duration::from_secs(30);
/// Digits that a client's number has at least, and at most.
const CLIENT_DIGITS: std::ops::RangeInclusive<usize> = 32..=128;

/// A shared key.
pub(crate) struct Key(hmac::Key);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Reads it from a file: its text without the white space around it.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read the key `{}`", path.display()))?;
        let key = text.trim().as_bytes();
        ensure!(
            LEAST_BYTES <= key.len(),
            "the key in `{}` has {} bytes; expected {LEAST_BYTES} or more, such as from: openssl rand -hex 32",
            path.display(),
            key.len()
        );
        Ok(Self::new(key))
    }

    pub(crate) fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The proof for a text, in hexadecimal digits.
    pub(crate) fn sign(&self, speaker: Speaker, server: &str, client: &str, text: &str) -> String {
        hex(hmac::sign(&self.0, &signed(speaker, server, client, text)).as_ref())
    }

    /// Whether this is the proof for the text; how long it takes tells nothing.
    pub(crate) fn verify(&self, speaker: Speaker, server: &str, client: &str, text: &str, mac: &str) -> bool {
        let proof = unhex(mac);
        proof.is_some_and(|mac| hmac::verify(&self.0, &signed(speaker, server, client, text), &mac).is_ok())
    }
}

/// A pair of numbers for one signed request.
#[derive(Debug)]
pub(super) struct Challenge {
    pub(super) server: String,
    pub(super) client: String,
    made: Instant,
}

impl Challenge {
    /// One for the client's number; none where that is no number.
    pub(super) fn new(client: &str) -> Result<Option<Self>> {
        let good =
            CLIENT_DIGITS.contains(&client.len()) && client.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !good {
            return Ok(None);
        }
        Ok(Some(Self { server: number()?, client: client.to_owned(), made: Instant::now() }))
    }

    /// Whether it is this one, and in time.
    pub(super) fn is_good(&self, server: &str) -> bool {
        self.server == server && self.made.elapsed() <= GOOD_FOR
    }
}

/// A number that nobody can guess: 32 hexadecimal digits.
pub(crate) fn number() -> Result<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow!("the system gives no random numbers"))?;
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..32).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_what_other_code_computes() {
        // python3: hmac.new(b"k"*32, b"hebe-restarter-1\nrequest\naa\nbb\n{\"do\":\"ping\"}", "sha256").hexdigest()
        let key = Key::new(&[b'k'; 32]);
        let mac = key.sign(Speaker::Client, "aa", "bb", "{\"do\":\"ping\"}");
        assert_eq!(mac, "af71fafefd160f22440dc5d5b4567e1ba617a60ee7d57a28e5bd2ef75e562102");
        assert!(key.verify(Speaker::Client, "aa", "bb", "{\"do\":\"ping\"}", &mac));
        assert!(!key.verify(Speaker::Restarter, "aa", "bb", "{\"do\":\"ping\"}", &mac));
        assert!(!key.verify(Speaker::Client, "aa", "bb", "{\"do\":\"pong\"}", &mac));
        for broken in ["", "zz", &mac[1..], &"é".repeat(32)] {
            assert!(!key.verify(Speaker::Client, "aa", "bb", "{\"do\":\"ping\"}", broken), "{broken}");
        }
    }

    #[test]
    fn numbers_differ_and_a_client_must_give_a_long_one() {
        assert_ne!(number().unwrap(), number().unwrap());
        assert!(Challenge::new("12").unwrap().is_none());
        assert!(Challenge::new(&"x".repeat(32)).unwrap().is_none());
        let challenge = Challenge::new(&"a".repeat(32)).unwrap().unwrap();
        assert!(challenge.is_good(&challenge.server) && !challenge.is_good(&challenge.client));
    }

    #[test]
    fn a_short_key_is_refused_with_what_was_expected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "short\n").unwrap();
        assert!(Key::read(&path).unwrap_err().to_string().contains("expected 32 or more"));
    }
}
