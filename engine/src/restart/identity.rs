//! Who a process is, for ever: the *global PID* of the first restart maps, without their mistake of trusting a number
//! that the system gives to the next one.
//!
//! Files are read and processes are held elsewhere; what is known of them is compared here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Digits of a machine's id and of a boot's.
const ID_DIGITS: usize = 32;

/// A process among all processes of all machines and all times: `MACHINE/BOOT/PID/START`.
///
/// The start has grains of a clock tick (10 ms), so two processes with one PID within a tick look alike: who acts must
/// hold a pidfd, compare after it was opened, and act through it alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GlobalPid {
    /// Identity of the machine, 32 hexadecimal digits (`/etc/machine-id`).
    pub machine: String,
    /// Identity of its boot, 32 hexadecimal digits (`/proc/sys/kernel/random/boot_id`, without its hyphens).
    pub boot: String,
    /// The process, as its own namespace numbers it.
    pub pid: u32,
    /// When it started, in clock ticks since the boot (field 22 of `/proc/PID/stat`).
    pub start: u64,
}

/// A text that is no global PID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no global PID; expected MACHINE/BOOT/PID/START, such as {example}")]
pub struct NoGlobalPid {
    /// What was found.
    pub found: String,
    /// How one looks.
    pub example: &'static str,
}

/// How one looks.
const EXAMPLE: &str = "3f1c0c6e5a0b4a7e9d2f8b6a1c3e5d70/9b2de6a4c1f04f0c8a7b5e3d2c1a0f9e/4711/182736";

impl GlobalPid {
    /// An id as it is kept: lower-case hexadecimal digits; none where there are not 32 of them beside hyphens.
    #[must_use]
    pub fn id(text: &str) -> Option<String> {
        let digits: String = text.trim().chars().filter(|&c| c != '-').collect();
        let good = digits.len() == ID_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        good.then(|| digits.to_ascii_lowercase())
    }
}

impl fmt::Display for GlobalPid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.machine, self.boot, self.pid, self.start)
    }
}

impl FromStr for GlobalPid {
    type Err = NoGlobalPid;

    fn from_str(text: &str) -> Result<Self, NoGlobalPid> {
        read(text).ok_or_else(|| NoGlobalPid { found: text.chars().take(120).collect(), example: EXAMPLE })
    }
}

fn read(text: &str) -> Option<GlobalPid> {
    let mut parts = text.split('/');
    let machine = parts.next().filter(|part| part.len() == ID_DIGITS).and_then(GlobalPid::id)?;
    let boot = parts.next().filter(|part| part.len() == ID_DIGITS).and_then(GlobalPid::id)?;
    let pid = number(parts.next()?).filter(|&pid| 0 < pid && i32::try_from(pid).is_ok())?;
    let start = number(parts.next()?)?;
    parts.next().is_none().then_some(GlobalPid { machine, boot, pid, start })
}

/// Digits only: `parse` alone would take a sign.
fn number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl Serialize for GlobalPid {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for GlobalPid {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_is_read_as_it_is_written() {
        let read: GlobalPid = EXAMPLE.parse().unwrap();
        assert_eq!((read.pid, read.start), (4711, 182_736));
        assert_eq!(read.to_string(), EXAMPLE);
        assert_eq!(serde_json::to_string(&read).unwrap(), format!("\"{EXAMPLE}\""));
    }

    #[test]
    fn ids_of_the_system_are_taken_as_they_stand_there() {
        let boot = "9B2DE6A4-c1f0-4f0c-8a7b-5e3d2c1a0f9e\n";
        assert_eq!(GlobalPid::id(boot).as_deref(), Some("9b2de6a4c1f04f0c8a7b5e3d2c1a0f9e"));
        assert_eq!(GlobalPid::id("uninitialized"), None);
    }

    #[test]
    fn what_is_none_is_refused_with_what_was_expected() {
        let (head, _) = EXAMPLE.rsplit_once("/4711/").unwrap();
        for tail in
            ["", "/", "/0/1", "/+1/1", "/-1/1", "/1/1/1", "/4294967295/1", "/1/99999999999999999999", "/1/"]
        {
            let error = format!("{head}{tail}").parse::<GlobalPid>().unwrap_err().to_string();
            assert!(error.contains("expected MACHINE/BOOT/PID/START"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn every_one_survives_the_way_through_text(
            machine in "[0-9a-f]{32}", boot in "[0-9a-f]{32}", pid in 1_u32..4_194_304, start in any::<u64>(),
        ) {
            let one = GlobalPid { machine, boot, pid, start };
            prop_assert_eq!(one.to_string().parse::<GlobalPid>().unwrap(), one.clone());
            let json = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(serde_json::from_str::<GlobalPid>(&json).unwrap(), one);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = text.parse::<GlobalPid>();
        }
    }
}
