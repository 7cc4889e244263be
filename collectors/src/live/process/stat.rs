//! `/proc/PID/stat`: what a process is called, whose child it is, and since when it lives.
//!
//! Format: `proc_pid_stat(5)`. Its sizes are not used: since Linux 6.2 they are not exact.

use crate::live::text;

/// Set in the flags of threads of the kernel (`PF_KTHREAD` of linux/sched.h).
const KERNEL_THREAD: u64 = 0x0020_0000;

/// What is used of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stat {
    /// The name, as the process chose it: any bytes, `)` and newlines too.
    pub(super) name: Vec<u8>,
    /// `Z` when it has ended and nobody has waited for it.
    pub(super) state: u8,
    /// The parent's number.
    pub(super) parent: u32,
    /// The number of its session: that of the process that leads it.
    pub(super) session: u32,
    /// Whether it is a thread of the kernel.
    pub(super) is_kernel: bool,
    /// Processor time of all its threads, in clock ticks.
    pub(super) cpu_ticks: u64,
    /// Clock ticks from boot to its start.
    pub(super) start_ticks: u64,
}

/// Reads the file; `None` where it is cut before the start time.
pub(super) fn parse(bytes: &[u8]) -> Option<Stat> {
    let open = bytes.iter().position(|&byte| byte == b'(')?;
    // The name may hold anything, but nothing behind it holds a bracket.
    let close = bytes.iter().rposition(|&byte| byte == b')').filter(|&close| open < close)?;
    let mut fields = text::fields(&bytes[close + 1..]);
    // Fields are counted from one in the manual: state is the third.
    let state = *fields.next()?.first()?;
    let parent = text::unsigned(fields.next()?).and_then(|parent| u32::try_from(parent).ok())?;
    let session = text::unsigned(fields.nth(1)?).and_then(|session| u32::try_from(session).ok())?;
    let flags = text::unsigned(fields.nth(2)?)?;
    let user = text::unsigned(fields.nth(4)?)?;
    let cpu_ticks = user.saturating_add(text::unsigned(fields.next()?)?);
    let start_ticks = text::unsigned(fields.nth(6)?)?;
    // A cut number is not known from a whole one unless something follows.
    fields.next()?;
    let is_kernel = flags & KERNEL_THREAD != 0;
    Some(Stat {
        name: bytes[open + 1..close].to_vec(),
        state,
        parent,
        session,
        is_kernel,
        cpu_ticks,
        start_ticks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TAIL: &str =
        "S 1 10 10 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 98765 1000 200 18446744073709551615 1";

    #[test]
    fn names_may_hold_anything() {
        for name in ["nginx", "a) R 9 9", "new\nline", "\u{1b}[31m", "(()"] {
            let stat = parse(format!("42 ({name}) {TAIL}\n").as_bytes()).unwrap();
            assert_eq!(stat.name, name.as_bytes());
            assert_eq!((stat.state, stat.parent, stat.session, stat.start_ticks), (b'S', 1, 10, 98_765));
            assert!(!stat.is_kernel);
        }
    }

    #[test]
    fn threads_of_the_kernel_are_known() {
        let line = b"2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 11 0 0 1 0";
        assert!(parse(line).unwrap().is_kernel);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn a_cut_file_tells_the_truth_or_nothing(name in proptest::collection::vec(any::<u8>(), 0..16), cut in 0_usize..120) {
            let whole = [b"42 (", name.as_slice(), b") ", TAIL.as_bytes(), b"\n"].concat();
            let expected = parse(&whole).unwrap();
            prop_assert_eq!(&expected.name, &name);
            if let Some(found) = parse(&whole[..cut.min(whole.len())]) {
                // A name with a bracket may be cut inside: then what follows is not that of a process.
                prop_assert!(found == expected || name.contains(&b')'));
            }
        }
    }
}
