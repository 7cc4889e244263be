//! What a run is held to: the growth that is allowed, and the growth that the run must be able to rule out.

use std::str::FromStr;

use hebe_collectors::history::{Unit, parse_quantity, parse_unit};

const DAY_S: f64 = 86_400.0;

/// What runs are held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Growth that is fine. FAIL means that the whole interval is above it.
    ///
    /// By default a hundredth of the level a day: what takes three months to double is outlived by every restart, and
    /// with samples enough any creep is significant.
    pub allow: Pace,
    /// Growth beyond the allowed one that matters. PASS means that the interval leaves no room for it.
    ///
    /// By default a tenth of the level a day, which doubles in ten days.
    pub sensitivity: Pace,
    /// Confidence of the interval.
    pub confidence: f64,
    /// Least time that is judged, in seconds.
    ///
    /// By default an hour: a shorter run shows how something starts, not how it ages, however still it stands.
    pub least_s: f64,
}

impl Default for Terms {
    fn default() -> Self {
        let of_level = |share: f64| Pace { per_s: share / DAY_S, of: Of::Level };
        Self { allow: of_level(0.01), sensitivity: of_level(0.1), confidence: 0.95, least_s: 3_600.0 }
    }
}

/// Growth as users write it: `1MiB/h`, `5/day`, `0.5%/h`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Amount a second.
    pub per_s: f64,
    /// What the amount is counted in.
    pub of: Of,
}

/// What an amount is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The level itself: 0.01 is a hundredth of it.
    Level,
    /// A unit; where none was written, whatever the series counts.
    Unit(Unit),
}

impl Pace {
    /// The growth a second for a series; none where the units do not fit.
    #[must_use]
    pub fn per_s(&self, unit: Unit, level: f64) -> Option<f64> {
        match self.of {
            Of::Level => Some(self.per_s * level),
            Of::Unit(own) if own == unit || own == Unit::Unknown || unit == Unit::Unknown => Some(self.per_s),
            Of::Unit(_) => None,
        }
    }

    /// As people say it: `1 % of the level a day`.
    #[must_use]
    pub fn words(&self) -> String {
        match self.of {
            Of::Level => format!("{} of the level a day", crate::report::units::percent(self.per_s * DAY_S)),
            Of::Unit(unit) => {
                let amount = crate::report::units::quantity(self.per_s * 3_600.0, &unit.to_string());
                format!("{amount} an hour")
            }
        }
    }
}

/// Text that is no [`Pace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected growth over time, such as 1MiB/h, 5/day or 0.5%/h")]
pub struct PaceError;

impl FromStr for Pace {
    type Err = PaceError;

    /// Reads an amount, a slash and a unit of time. Percent are of the level, whatever the series counts.
    fn from_str(text: &str) -> Result<Self, PaceError> {
        let (amount, time) = text.rsplit_once('/').ok_or(PaceError)?;
        let (amount, unit) = parse_quantity(amount).ok_or(PaceError)?;
        let (time_s, of_time) = parse_unit(time).ok_or(PaceError)?;
        if of_time != Unit::Seconds || !amount.is_finite() || amount < 0.0 {
            return Err(PaceError);
        }
        let (amount, of) =
            if unit == Unit::Percent { (amount / 100.0, Of::Level) } else { (amount, Of::Unit(unit)) };
        Ok(Self { per_s: amount / time_s, of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(f64, Of)>) {
        let read = text.parse::<Pace>().ok().map(|pace| (pace.per_s * 3_600.0, pace.of));
        match (read, expected) {
            (Some((got, of)), Some((hourly, expected))) => {
                assert!((got - hourly).abs() < 1e-9 * hourly.max(1.0), "{text}: {got}");
                assert_eq!(of, expected);
            }
            (read, expected) => assert_eq!(read, expected, "{text}"),
        }
    }

    #[test]
    fn growth_is_an_amount_and_a_time() {
        check("1MiB/h", Some((1_048_576.0, Of::Unit(Unit::Bytes))));
        check("24 MiB/day", Some((1_048_576.0, Of::Unit(Unit::Bytes))));
        check("5/min", Some((300.0, Of::Unit(Unit::Unknown))));
        check("0/h", Some((0.0, Of::Unit(Unit::Unknown))));
        check("0.5%/h", Some((0.005, Of::Level)));
        for wrong in ["1MiB", "1/MiB", "MiB/h", "-1/h", "1//h", "inf/h", "nan/h", "1/m", ""] {
            check(wrong, None);
        }
    }

    #[test]
    fn bytes_are_not_counted_and_counts_not_weighed() {
        let pace: Pace = "3600B/h".parse().unwrap();
        assert_eq!(pace.per_s(Unit::Bytes, 5.0), Some(1.0));
        assert_eq!(pace.per_s(Unit::Unknown, 5.0), Some(1.0));
        assert_eq!(pace.per_s(Unit::Count, 5.0), None);
        assert_eq!("360000%/h".parse::<Pace>().unwrap().per_s(Unit::Count, 5.0), Some(5.0));
    }

    #[test]
    fn terms_can_be_said() {
        assert_eq!(Terms::default().allow.words(), "1 % of the level a day");
        assert_eq!("1MiB/h".parse::<Pace>().unwrap().words(), "1 MiB an hour");
        assert_eq!("24/day".parse::<Pace>().unwrap().words(), "1 an hour");
    }
}
