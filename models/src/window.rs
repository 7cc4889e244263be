//! The checked columns that every fit takes: what is wrong with them is said here and nowhere else.

use ndarray::ArrayView1;

/// Largest magnitude of a time or a value: its square and a sum of a billion squares stay finite.
const LARGEST: f64 = 1e145;

/// Samples in increasing time order, every number finite.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    t: &'a [f64],
    y: &'a [f64],
}

/// Why two columns are not a [`Window`].
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// The columns differ in length.
    #[error("{times} times but {values} values")]
    Ragged {
        /// Length of the times.
        times: usize,
        /// Length of the values.
        values: usize,
    },
    /// One sample or none.
    #[error("{found} samples where at least 2 are needed")]
    TooShort {
        /// Samples found.
        found: usize,
    },
    /// A time is NaN, infinite or beyond 1e145.
    #[error("time {value} at place {place} is not a usable number")]
    Time {
        /// Where.
        place: usize,
        /// What stands there.
        value: f64,
    },
    /// A value is NaN, infinite or beyond 1e145.
    #[error("value {value} at place {place} is not a usable number")]
    Value {
        /// Where.
        place: usize,
        /// What stands there.
        value: f64,
    },
    /// A time is not later than the one before it.
    #[error("time {value} at place {place} is not after {before}")]
    NotIncreasing {
        /// Where the later time was due.
        place: usize,
        /// The time before it.
        before: f64,
        /// What stands there.
        value: f64,
    },
}

impl<'a> Window<'a> {
    /// Checks the invariants once, so that no fit has to.
    ///
    /// # Errors
    ///
    /// Returns the first invariant that the columns break.
    pub fn new(t: &'a [f64], y: &'a [f64]) -> Result<Self, WindowError> {
        if t.len() != y.len() {
            return Err(WindowError::Ragged { times: t.len(), values: y.len() });
        }
        if t.len() < 2 {
            return Err(WindowError::TooShort { found: t.len() });
        }
        if let Some(place) = first_unusable(t) {
            return Err(WindowError::Time { place, value: t[place] });
        }
        if let Some(place) = first_unusable(y) {
            return Err(WindowError::Value { place, value: y[place] });
        }
        if let Some(before) = t.windows(2).position(|pair| pair[1] <= pair[0]) {
            let place = before + 1;
            return Err(WindowError::NotIncreasing { place, before: t[before], value: t[place] });
        }
        Ok(Self { t, y })
    }

    /// The times.
    #[must_use]
    pub fn t(&self) -> ArrayView1<'a, f64> {
        ArrayView1::from(self.t)
    }

    /// The values.
    #[must_use]
    pub fn y(&self) -> ArrayView1<'a, f64> {
        ArrayView1::from(self.y)
    }

    /// The times as the slice they came from.
    #[must_use]
    pub fn times(&self) -> &'a [f64] {
        self.t
    }

    /// The values as the slice they came from.
    #[must_use]
    pub fn values(&self) -> &'a [f64] {
        self.y
    }

    /// How many samples there are: at least 2.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a window is never empty")]
    pub fn len(&self) -> usize {
        self.t.len()
    }
}

/// Place of the first number that is NaN, infinite or too large to be squared.
fn first_unusable(column: &[f64]) -> Option<usize> {
    column.iter().position(|v| !v.is_finite() || LARGEST < v.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(t: &[f64], y: &[f64], expected: &str) {
        let got = Window::new(t, y).map_or_else(|e| e.to_string(), |w| format!("{} samples", w.len()));
        assert_eq!(got, expected);
    }

    #[test]
    fn two_samples_are_a_window() {
        check(&[0.0, 1.0], &[5.0, 5.0], "2 samples");
    }

    #[test]
    fn columns_of_different_length_are_not() {
        check(&[0.0, 1.0], &[5.0], "2 times but 1 values");
    }

    #[test]
    fn one_sample_is_not() {
        check(&[0.0], &[5.0], "1 samples where at least 2 are needed");
    }

    #[test]
    fn nan_and_infinite_and_huge_numbers_are_named_with_their_place() {
        check(&[0.0, f64::INFINITY], &[5.0, 5.0], "time inf at place 1 is not a usable number");
        check(&[0.0, 1.0], &[f64::NAN, 5.0], "value NaN at place 0 is not a usable number");
        check(
            &[0.0, 1.0],
            &[-f64::MAX, 5.0],
            &format!("value {} at place 0 is not a usable number", -f64::MAX),
        );
    }

    #[test]
    fn equal_and_falling_times_are_named_with_their_place() {
        check(&[0.0, 1.0, 1.0], &[5.0; 3], "time 1 at place 2 is not after 1");
        check(&[0.0, 2.0, 1.0], &[5.0; 3], "time 1 at place 2 is not after 2");
    }
}
