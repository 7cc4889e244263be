//! The token and what stands for it in a cookie, compared in a time that tells nothing.

use std::fmt::{self, Write as _};

use anyhow::{Result, anyhow};
use ring::{hmac, rand::SystemRandom};

/// What is signed for a session; whoever can show the signature has once shown the token.
const SESSION: &[u8] = b"session of the page";

/// A token, kept as its signature under a key that lives as long as the server.
///
/// Signatures of equal length are compared, so that neither the place of the first wrong character nor the length
/// of the token shows in the time that it takes.
pub(super) struct Secret {
    key: hmac::Key,
    token: hmac::Tag,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Takes the token under a new key.
    pub(super) fn new(token: &str) -> Result<Self> {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
            .map_err(|_| anyhow!("the system gives no random numbers for the page's sessions"))?;
        let token = hmac::sign(&key, token.as_bytes());
        Ok(Self { key, token })
    }

    /// Whether this is the token.
    pub(super) fn is_token(&self, candidate: &str) -> bool {
        hmac::verify(&self.key, candidate.as_bytes(), self.token.as_ref()).is_ok()
    }

    /// What a cookie holds after the token has been shown: nothing that leads back to it.
    pub(super) fn session(&self) -> String {
        hex(hmac::sign(&self.key, SESSION).as_ref())
    }

    /// Whether this is what a cookie of ours holds.
    pub(super) fn is_session(&self, candidate: &str) -> bool {
        unhex(candidate).is_some_and(|tag| hmac::verify(&self.key, SESSION, &tag).is_ok())
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    (0..32).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_is_the_token() {
        let secret = Secret::new("0123456789abcdef").unwrap();
        assert!(secret.is_token("0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdeF", "0123456789abcdef0"] {
            assert!(!secret.is_token(other), "{other}");
        }
    }

    #[test]
    fn a_session_holds_for_its_server_alone() {
        let (one, other) =
            (Secret::new("0123456789abcdef").unwrap(), Secret::new("0123456789abcdef").unwrap());
        assert!(one.is_session(&one.session()));
        assert!(!other.is_session(&one.session()));
        for broken in ["", "zz", &"+".repeat(64), &"é".repeat(32), &one.session()[1..]] {
            assert!(!one.is_session(broken), "{broken}");
        }
    }
}
