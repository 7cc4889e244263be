//! `/proc/pressure`: the share of time in which processes waited. It has no limit; it precedes exhaustion.

use std::sync::Arc;

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::root::{Buffer, Root};
use super::round::{Round, Source};
use super::text;

const FILES: [(&str, &str); 3] =
    [("cpu", "proc/pressure/cpu"), ("io", "proc/pressure/io"), ("memory", "proc/pressure/memory")];

/// Reads `/proc/pressure`.
#[derive(Debug)]
pub(super) struct Pressure {
    scopes: [Arc<str>; 3],
}

impl Default for Pressure {
    fn default() -> Self {
        Self { scopes: FILES.map(|(name, _)| Arc::from(name)) }
    }
}

/// Hundredths of the last minute in which some waited, and in which all did; the second is not there for the
/// processor of old kernels.
fn parse(bytes: &[u8]) -> (Option<f64>, Option<f64>) {
    let average = |kind: &[u8]| {
        let line = text::lines(bytes).find(|line| line.starts_with(kind))?;
        let mut fields = text::fields(line);
        let average = text::decimal(fields.find_map(|field| field.strip_prefix(b"avg60="))?);
        average.filter(|share| (0.0..=100.0).contains(share))
    };
    (average(b"some "), average(b"full "))
}

/// What the kernel says about one resource, now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pressed {
    /// Microseconds since the boot in which some waited.
    pub some_us: u64,
    /// Hundredths of the last ten seconds in which some waited.
    pub some_avg10: f64,
    /// Microseconds since the boot in which all waited; none for the processor of old kernels.
    pub full_us: Option<u64>,
}

/// The pressure on processor, disk and memory, in this order, to be watched more often than it is sampled; none where
/// the kernel keeps no account of it.
#[must_use]
pub fn pressed(root: &Root) -> [Option<Pressed>; 3] {
    let mut buffer = Buffer::default();
    FILES.map(|(_, file)| account(root.read(file, &mut buffer).ok()?))
}

fn account(bytes: &[u8]) -> Option<Pressed> {
    let field = |kind: &[u8], key: &[u8]| {
        let line = text::lines(bytes).find(|line| line.starts_with(kind))?;
        text::fields(line).find_map(|field| field.strip_prefix(key))
    };
    let some_avg10 =
        text::decimal(field(b"some ", b"avg10=")?).filter(|share| (0.0..=100.0).contains(share))?;
    let some_us = text::unsigned(field(b"some ", b"total=")?)?;
    Some(Pressed { some_us, some_avg10, full_us: field(b"full ", b"total=").and_then(text::unsigned) })
}

impl Source for Pressure {
    fn name(&self) -> &'static str {
        "pressure"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        for (scope, (_, file)) in self.scopes.iter().zip(FILES) {
            let (some, full) = parse(round.read(file)?);
            let some = some.ok_or_else(|| round.malformed(file, "some avg60="))?;
            round.push_of(&catalogue::PRESSURE_SOME, Arc::clone(scope), some, Limit::None);
            if let Some(full) = full {
                round.push_of(&catalogue::PRESSURE_FULL, Arc::clone(scope), full, Limit::None);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_last_minute_counts() {
        let file = b"some avg10=1.00 avg60=2.53 avg300=0.10 total=123\nfull avg10=0.00 avg60=0.50 avg300=0.00 total=1\n";
        assert_eq!(parse(file), (Some(2.53), Some(0.5)));
        assert_eq!(parse(b"some avg10=1.00 avg60=\n"), (None, None));
        assert_eq!(parse(b"some avg10=1.00 avg60=NaN avg300=0.1 total=1\n"), (None, None));
    }

    #[test]
    fn the_account_is_read() {
        let file = b"some avg10=1.50 avg60=2.53 avg300=0.10 total=123\nfull avg10=0.00 avg60=0.50 avg300=0.00 total=7\n";
        assert_eq!(account(file), Some(Pressed { some_us: 123, some_avg10: 1.5, full_us: Some(7) }));
        let old = b"some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n";
        assert_eq!(account(old), Some(Pressed { some_us: 9, some_avg10: 0.0, full_us: None }));
        assert_eq!(account(b"some avg10=200 avg60=0 avg300=0 total=9\n"), None);
        assert_eq!(account(b"some avg10=0.00 total=\n"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (parse(&bytes), account(&bytes));
        }

        #[test]
        fn what_is_written_is_read(share in 0_u32..=10_000) {
            let share = f64::from(share) / 100.0;
            let file = format!("some avg10=0.00 avg60={share:.2} avg300=0.00 total=1\n");
            prop_assert_eq!(parse(file.as_bytes()).0, Some(share));
        }
    }
}
