//! The seal: HMAC-SHA256 (RFC 2104) over all that stands before it.

use std::fmt;

use ring::hmac;

/// Bytes of a seal: the whole HMAC, as nothing is gained by cutting it.
pub(super) const SEAL: usize = 32;

/// A key that seals packets, shared by applications and watchdog.
#[derive(Clone)]
pub struct Key(hmac::Key);

impl Key {
    /// Makes a key of the bytes that both sides share. None at all make the seal a checksum: it finds damage, and
    /// keeps nobody out.
    #[must_use]
    pub fn new(shared: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, shared))
    }

    /// Seals `bytes`.
    pub(super) fn seal(&self, bytes: &mut Vec<u8>) {
        let tag = hmac::sign(&self.0, bytes);
        bytes.extend_from_slice(tag.as_ref());
    }

    /// What is sealed, if the seal is ours.
    pub(super) fn open<'b>(&self, sealed: &'b [u8]) -> Option<&'b [u8]> {
        let (bytes, tag) = sealed.split_at_checked(sealed.len().checked_sub(SEAL)?)?;
        hmac::verify(&self.0, bytes, tag).ok().map(|()| bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(not shown)")
    }
}
