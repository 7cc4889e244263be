//! `/proc/locks`: locks on files. The kernel sets no limit on them.

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

/// Reads `/proc/locks`.
#[derive(Debug)]
pub(super) struct Locks;

/// How many locks are held; `1: -> FLOCK …` waits for one.
fn parse(bytes: &[u8]) -> usize {
    text::lines(bytes).filter(|line| text::fields(line).nth(1).is_some_and(|second| second != b"->")).count()
}

impl Source for Locks {
    fn name(&self) -> &'static str {
        "locks"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let held = parse(round.read("proc/locks")?);
        round.push(&catalogue::FILES_LOCKS, held as f64, Limit::None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn who_waits_holds_nothing() {
        let file =
            b"1: FLOCK  ADVISORY  WRITE 17607 fe:00:1 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 17 fe:00:1 0 EOF\n";
        assert_eq!(parse(file), 1);
        assert_eq!(parse(b""), 0);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(parse(&bytes) <= bytes.len());
        }
    }
}
