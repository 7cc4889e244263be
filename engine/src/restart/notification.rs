//! What a service says of itself by `sd_notify`: `KEY=VALUE` lines in one datagram.

/// A word of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// It is ready.
    Ready,
    /// It is about to end.
    Stopping,
    /// It reads its configuration again.
    Reloading,
    /// A sign of life.
    Alive,
    /// It asks to be taken for hung.
    Trigger,
    /// How it does, in its own words.
    Status(String),
    /// Its main process is another one.
    MainPid(u32),
    /// It needs so much longer to start or to stop, in microseconds.
    ExtendUs(u64),
    /// It wishes to give signs of life at least this often, in microseconds.
    WatchdogUs(u64),
}

/// The longest datagram that is read.
pub const MOST_BYTES: usize = 4096;
/// Characters of a status that are kept.
const STATUS_CHARS: usize = 200;
/// More time than this is not given at once: an hour.
const MOST_EXTENSION_US: u64 = 3_600_000_000;

/// Reads a datagram; what is not known is passed over, as the protocol asks.
#[must_use]
pub fn parse(datagram: &[u8]) -> Vec<Word> {
    String::from_utf8_lossy(datagram).lines().filter_map(word).collect()
}

fn word(line: &str) -> Option<Word> {
    let (key, value) = line.split_once('=')?;
    match (key, value) {
        ("READY", "1") => Some(Word::Ready),
        ("STOPPING", "1") => Some(Word::Stopping),
        ("RELOADING", "1") => Some(Word::Reloading),
        ("WATCHDOG", "1") => Some(Word::Alive),
        ("WATCHDOG", "trigger") => Some(Word::Trigger),
        ("STATUS", status) => {
            let shown = status.chars().filter(|c| !c.is_control()).take(STATUS_CHARS);
            Some(Word::Status(shown.collect()))
        }
        ("MAINPID", pid) => {
            pid.parse().ok().filter(|&pid| 1 < pid && i32::try_from(pid).is_ok()).map(Word::MainPid)
        }
        ("EXTEND_TIMEOUT_USEC", us) => {
            us.parse().ok().map(|us: u64| Word::ExtendUs(us.min(MOST_EXTENSION_US)))
        }
        ("WATCHDOG_USEC", us) => us.parse().ok().filter(|&us| 0 < us).map(Word::WatchdogUs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(datagram: &str, expected: &[Word]) {
        assert_eq!(parse(datagram.as_bytes()), expected, "{datagram:?}");
    }

    #[test]
    fn words_of_the_protocol_are_understood() {
        check(
            "READY=1\nSTATUS=Serving 3 clients\n",
            &[Word::Ready, Word::Status("Serving 3 clients".to_owned())],
        );
        check("WATCHDOG=1", &[Word::Alive]);
        check("WATCHDOG=trigger", &[Word::Trigger]);
        check("STOPPING=1\nEXTEND_TIMEOUT_USEC=5000000", &[Word::Stopping, Word::ExtendUs(5_000_000)]);
        check("MAINPID=4711\nWATCHDOG_USEC=250000", &[Word::MainPid(4711), Word::WatchdogUs(250_000)]);
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        check("READY=0\nFDSTORE=1\nX_MINE=1\nREADY\n=\n\n", &[]);
        check("MAINPID=0\nMAINPID=1\nMAINPID=-3\nMAINPID=99999999999\nWATCHDOG_USEC=0", &[]);
    }

    #[test]
    fn a_status_is_cut_and_cannot_move_the_cursor() {
        let long = format!("STATUS=\u{1b}[2J{}", "x".repeat(1000));
        let Word::Status(status) = parse(long.as_bytes()).remove(0) else { panic!() };
        assert_eq!(status.chars().count(), STATUS_CHARS);
        assert!(!status.contains('\u{1b}'));
    }

    #[test]
    fn no_extension_is_for_ever() {
        check("EXTEND_TIMEOUT_USEC=18446744073709551615", &[Word::ExtendUs(MOST_EXTENSION_US)]);
    }

    proptest! {
        #[test]
        fn any_datagram_is_read(bytes in prop::collection::vec(any::<u8>(), 0..MOST_BYTES)) {
            prop_assert!(parse(&bytes).len() <= bytes.len());
        }
    }
}
