//! The token and what stands for it in a cookie, compared in a time that tells nothing.

use std::fmt::{self, Write as _};

use anyhow::{Result, anyhow};
use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

/// What is signed for a session, with its number; whoever can show the signature has once shown the token.
const SESSION: &[u8] = b"session of the page";
/// What is signed for the forms of a session.
const FORM: &[u8] = b"form of the page";
/// Digits of a session's number, which is drawn by lot.
const NUMBER: usize = 32;

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
    pub(super) fn session(&self) -> Result<String> {
        let mut number = [0; NUMBER / 2];
        let random = SystemRandom::new().fill(&mut number);
        random.map_err(|_| anyhow!("the system gives no random numbers for the page's sessions"))?;
        let number = hex(&number);
        Ok(format!("{number}{}", self.sign(SESSION, &number)))
    }

    /// Whether this is what a cookie of ours holds.
    pub(super) fn is_session(&self, candidate: &str) -> bool {
        let parts = candidate.is_ascii().then(|| candidate.split_at_checked(NUMBER)).flatten();
        parts.is_some_and(|(number, tag)| self.is_signed(SESSION, number, tag))
    }

    /// What the forms of a session hold, and no page of another site can know.
    pub(super) fn proof(&self, session: &str) -> String {
        self.sign(FORM, session)
    }

    /// Whether this is what the forms of that session hold.
    pub(super) fn is_proof(&self, session: &str, candidate: &str) -> bool {
        self.is_signed(FORM, session, candidate)
    }

    fn sign(&self, what: &[u8], of: &str) -> String {
        hex(hmac::sign(&self.key, &[what, b" ", of.as_bytes()].concat()).as_ref())
    }

    fn is_signed(&self, what: &[u8], of: &str, tag: &str) -> bool {
        let signed = [what, b" ", of.as_bytes()].concat();
        unhex(tag).is_some_and(|tag| hmac::verify(&self.key, &signed, &tag).is_ok())
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
        let session = one.session().unwrap();
        assert!(one.is_session(&session));
        assert!(!other.is_session(&session));
        for broken in ["", "zz", &"+".repeat(96), &"é".repeat(48), &session[1..], &session[..64]] {
            assert!(!one.is_session(broken), "{broken}");
        }
    }

    #[test]
    fn a_form_holds_for_its_session_alone() {
        let secret = Secret::new("0123456789abcdef").unwrap();
        let (one, other) = (secret.session().unwrap(), secret.session().unwrap());
        assert_ne!(one, other);
        assert!(secret.is_proof(&one, &secret.proof(&one)));
        assert!(!secret.is_proof(&other, &secret.proof(&one)) && !secret.is_proof(&one, ""));
        assert!(!secret.is_session(&secret.proof(&one)) && !secret.is_proof(&one, &one[32..]));
    }
}
