//! `/proc/PID/limits`: what a process may have.

use crate::live::text;

/// The soft limits, which are those that bind; `None` where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    /// `RLIMIT_NOFILE`.
    pub(super) files: Option<u64>,
    /// `RLIMIT_NPROC`.
    pub(super) processes: Option<u64>,
}

/// Reads the file; what is cut or not there is no limit.
pub(super) fn parse(bytes: &[u8]) -> Limits {
    let mut limits = Limits::default();
    for line in text::lines(bytes) {
        if let Some(rest) = line.strip_prefix(b"Max open files ") {
            limits.files = soft(rest);
        } else if let Some(rest) = line.strip_prefix(b"Max processes ") {
            limits.processes = soft(rest);
        }
    }
    limits
}

/// The first of two numbers; the second must be there, or the first may have lost digits.
fn soft(rest: &[u8]) -> Option<u64> {
    let mut fields = text::fields(rest);
    let soft = text::unsigned(fields.next()?)?;
    fields.next().map(|_| soft)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_soft_limit_binds() {
        let file = b"Limit                     Soft Limit           Hard Limit           Units     \n\
            Max processes             96365                unlimited            processes \n\
            Max open files            1024                 524288               files     \n";
        assert_eq!(parse(file), Limits { files: Some(1024), processes: Some(96_365) });
        assert_eq!(parse(b"Max open files            unlimited unlimited files\n"), Limits::default());
        assert_eq!(parse(b"Max open files            10"), Limits::default());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(soft: u64, hard: u64) {
            let file = format!("Max open files            {soft:<20} {hard:<20} files     \n");
            prop_assert_eq!(parse(file.as_bytes()).files, Some(soft));
        }
    }
}
