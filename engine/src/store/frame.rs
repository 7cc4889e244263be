//! Frames of the write-ahead file: a length, a body, and a checksum over both.
//!
//! ```text
//! frame = length of body (u32, little-endian) | body | CRC-32 of length and body (u32, little-endian)
//! ```

use std::io::{self, Read};

/// No body is longer: a length beyond it is damage.
pub(super) const LONGEST: usize = 64 << 20;

/// Appends one frame with what `body` writes.
pub(super) fn push(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend([0; 4]);
    body(out);
    let length = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    let sum = crc32fast::hash(&out[start..]);
    out.extend(sum.to_le_bytes());
}

/// The bodies of a file up to the first frame that is cut off or damaged; one of them is in memory at a time.
#[derive(Debug)]
pub(super) struct Frames<R> {
    file: R,
    good: u64,
    frame: Vec<u8>,
}

impl<R: Read> Frames<R> {
    /// Goes on at byte `at`, where `file` stands behind its header.
    pub(super) fn new(file: R, at: u64) -> Self {
        Self { file, good: at, frame: Vec::new() }
    }

    /// Where the last good frame ends: what is behind it is to be cut off.
    pub(super) fn good(&self) -> u64 {
        self.good
    }

    /// The next body.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.frame.clear();
        if !self.take(4)? {
            return Ok(None);
        }
        let length = self.frame.first_chunk().map_or(0, |length| u32::from_le_bytes(*length)) as usize;
        if LONGEST < length || !self.take(length + 4)? {
            return Ok(None);
        }
        let (summed, sum) = self.frame.split_at(4 + length);
        if sum.first_chunk().map(|sum| u32::from_le_bytes(*sum)) != Some(crc32fast::hash(summed)) {
            return Ok(None);
        }
        self.good += self.frame.len() as u64;
        Ok(Some(&summed[4..]))
    }

    /// Appends so many bytes to the frame; `false` where the file ends before.
    fn take(&mut self, count: usize) -> io::Result<bool> {
        // By way of `take`, so that a length that is damage asks for no memory that the file does not fill.
        let read = self.file.by_ref().take(count as u64).read_to_end(&mut self.frame)?;
        Ok(read == count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(bodies: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for body in bodies {
            push(&mut bytes, |out| out.extend(body));
        }
        bytes
    }

    fn read(bytes: &[u8]) -> (Vec<Vec<u8>>, usize) {
        let mut frames = Frames::new(bytes, 0);
        let mut bodies = Vec::new();
        while let Some(body) = frames.next().unwrap() {
            bodies.push(body.to_vec());
        }
        (bodies, usize::try_from(frames.good()).unwrap())
    }

    fn bodies() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8)
    }

    proptest! {
        #[test]
        fn all_frames_come_back(bodies in bodies()) {
            let bytes = written(&bodies);
            let (read, good) = read(&bytes);
            prop_assert_eq!(read, bodies);
            prop_assert_eq!(good, bytes.len());
        }

        #[test]
        fn a_cut_or_flipped_file_gives_a_prefix(
            bodies in bodies(), cut in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), bit in 0..8_u8
        ) {
            let mut bytes = written(&bodies);
            if bytes.is_empty() {
                return Ok(());
            }
            let at = flip.index(bytes.len());
            bytes[at] ^= 1 << bit;
            bytes.truncate(cut.index(bytes.len() + 1));
            let (read, good) = read(&bytes);
            prop_assert!(bodies.starts_with(&read));
            prop_assert!(good <= at);
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes);
        }
    }
}
