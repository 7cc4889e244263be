//! Signs what a webhook gets, as the Standard Webhooks specification has it, so that receivers can check it with a
//! library of their language: `webhook-signature: v1,BASE64(HMAC-SHA256(ID.TIMESTAMP.BODY))`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use serde::Deserialize;

/// Shorter secrets can be guessed.
const LEAST_BYTES: usize = 16;

/// A key that signs.
#[derive(Debug)]
pub(super) struct Key(hmac::Key);

impl Key {
    /// Reads the key from a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the secret `{}`", path.display()))?;
        Self::parse(text.trim()).with_context(|| format!("the secret in `{}` cannot be used", path.display()))
    }

    /// `whsec_` and base64 as the specification writes keys, or the text itself.
    fn parse(text: &str) -> Result<Self> {
        let key = match text.strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).context("no base64 after `whsec_`")?,
            None => text.as_bytes().to_vec(),
        };
        ensure!(LEAST_BYTES <= key.len(), "shorter than {LEAST_BYTES} bytes");
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The value of the header `webhook-signature`.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
        format!("v1,{}", STANDARD.encode(hmac::sign(&self.0, &signed)))
    }
}

/// What makes an event the same event when it is sent again: a name without the characters that a header or the
/// signature would trip over.
pub(super) fn id(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Named {
        source: String,
        id: String,
    }
    let name = serde_json::from_slice::<Named>(body).map(|event| format!("{}\n{}", event.source, event.id));
    let hash = digest(&SHA256, name.as_ref().map_or(body, String::as_bytes));
    hash.as_ref().iter().take(16).fold("evt_".to_owned(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_signs_as_the_specification_does() {
        // The example of the specification's reference libraries.
        let key = Key::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_long_enough_and_readable() {
        assert!(Key::parse("0123456789abcdef").is_ok());
        assert!(Key::parse("0123456789abcde").is_err());
        assert!(Key::parse("whsec_AAAA").is_err());
        assert!(Key::parse("whsec_!").is_err());
    }

    #[test]
    fn an_event_keeps_its_name_whatever_else_changes() {
        let one = br#"{"source":"//a/hebe","id":"x\n.y/1/predicted","data":1}"#;
        let other = br#"{"source":"//a/hebe","id":"x\n.y/1/predicted","data":2}"#;
        assert_eq!(id(one), id(other));
        assert_ne!(id(one), id(br#"{"source":"//b/hebe","id":"x\n.y/1/predicted"}"#));
        assert!(id(b"no JSON").bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    }
}
