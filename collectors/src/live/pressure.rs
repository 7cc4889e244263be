//! `/proc/pressure`: the share of time in which processes waited. It has no limit; it precedes exhaustion.

use std::sync::Arc;

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
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

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(share in 0_u32..=10_000) {
            let share = f64::from(share) / 100.0;
            let file = format!("some avg10=0.00 avg60={share:.2} avg300=0.00 total=1\n");
            prop_assert_eq!(parse(file.as_bytes()).0, Some(share));
        }
    }
}
