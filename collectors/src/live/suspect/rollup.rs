//! `/proc/PID/smaps_rollup`: what a process maps, with what it shares divided among those that share it.

use crate::live::text;

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rollup {
    /// Resident, with everything shared counted whole.
    pub resident: u64,
    /// Resident, with what is shared divided.
    pub proportional: u64,
    /// The part of it that no file backs: what a leak of the heap adds to. Zero on kernels before 5.8.
    pub proportional_anonymous: u64,
    /// Shared memory and files in memory, divided.
    pub proportional_shared_memory: u64,
    /// In swap, divided.
    pub swap: u64,
}

/// Reads the file; `None` where it is not one.
pub(super) fn parse(bytes: &[u8]) -> Option<Rollup> {
    let size = |key: &str| text::keyed(bytes, key).map(|kib| kib.saturating_mul(1024));
    Some(Rollup {
        resident: size("Rss:")?,
        proportional: size("Pss:")?,
        proportional_anonymous: size("Pss_Anon:").unwrap_or(0),
        proportional_shared_memory: size("Pss_Shmem:").unwrap_or(0),
        swap: size("SwapPss:").or_else(|| size("Swap:")).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "562fe0bdb000-7fffd26fe000 ---p 00000000 00:00 0    [rollup]\nRss:     1752 kB\nPss:   203 kB\n\
        Pss_Anon:   112 kB\nPss_Shmem:   7 kB\nSwap:  9 kB\nSwapPss:   3 kB\n";

    #[test]
    fn sizes_are_bytes() {
        let expected = Rollup {
            resident: 1752 * 1024,
            proportional: 203 * 1024,
            proportional_anonymous: 112 * 1024,
            proportional_shared_memory: 7 * 1024,
            swap: 3 * 1024,
        };
        assert_eq!(parse(FILE.as_bytes()), Some(expected));
        assert_eq!(parse(b""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0..FILE.len()) {
            let _ = parse(&bytes);
            let _ = parse(&FILE.as_bytes()[..cut]);
        }
    }
}
