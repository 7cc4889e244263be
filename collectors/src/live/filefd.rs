//! `/proc/sys/fs/file-nr` and `inode-nr`: open files and remembered inodes of the host.

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

const FILE: &str = "proc/sys/fs/file-nr";
const INODES: &str = "proc/sys/fs/inode-nr";

/// Reads open files.
#[derive(Debug)]
pub(super) struct FileFd;

/// Allocated, and the most there may be. The number between them has been 0 since Linux 2.6.
fn parse(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut numbers = text::fields(bytes).map(text::unsigned);
    let (allocated, _unused, most) = (numbers.next()??, numbers.next()??, numbers.next()??);
    Some((allocated, most))
}

impl Source for FileFd {
    fn name(&self) -> &'static str {
        "filefd"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        match parse(round.read(FILE)?) {
            Some((used, most)) => {
                round.push(&catalogue::FILES_OPEN, used as f64, Limit::kernel(most, "fs.file-max"));
            }
            None => round.fail(round.malformed(FILE, "three numbers")),
        }
        let inodes = text::nth(round.read(INODES)?, 0);
        let inodes = inodes.ok_or_else(|| round.malformed(INODES, "two numbers"))?;
        round.push(&catalogue::INODES_CACHED, inodes as f64, Limit::None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_limit_beyond_counting_does_not_bind() {
        assert_eq!(parse(b"501\t0\t2466170\n"), Some((501, 2_466_170)));
        let (_, most) = parse(b"501\t0\t9223372036854775807\n").unwrap();
        assert_eq!(Limit::kernel(most, "fs.file-max"), Limit::unbound("fs.file-max"));
        assert_eq!(parse(b"501\t0"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(used: u64, most: u64) {
            prop_assert_eq!(parse(format!("{used}\t0\t{most}\n").as_bytes()), Some((used, most)));
        }
    }
}
