//! A group grows because it has more members, or because each of them grows: two slopes, told apart.

use super::growth::Growth;
use crate::resample::median_in_place;

/// A part that makes up this much of the growth is its cause.
const MOST: f64 = 2.0 / 3.0;

/// Why a group grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It does not, or it is not known.
    Unknown,
    /// Each member grows: a leak.
    Size,
    /// There are more of them.
    Number,
    /// Both.
    Both,
}

/// The two slopes of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Members {
    /// How the number of members moves.
    pub number: Growth,
    /// How the size of a member moves.
    pub size: Growth,
    /// Which of them makes the group grow.
    pub cause: Cause,
}

impl Members {
    /// Splits the growth of a group that uses `y` with `number` members.
    ///
    /// ```text
    /// y = number * size        y' = number' * size + number * size'
    /// ```
    #[must_use]
    pub fn of(t: &[f64], y: &[f64], number: &[f64]) -> Self {
        let size: Vec<f64> =
            y.iter().zip(number).map(|(y, n)| if 0.5 < *n { y / n } else { f64::NAN }).collect();
        let (of_number, of_size) = (Growth::of(t, number), Growth::of(t, &size));
        let by_number = of_number.positive() * middle(&size);
        let by_size = of_size.positive() * middle(number);
        let all = by_number + by_size;
        let cause = match all {
            all if all <= 0.0 => Cause::Unknown,
            all if MOST * all <= by_size => Cause::Size,
            all if MOST * all <= by_number => Cause::Number,
            _ => Cause::Both,
        };
        Self { number: of_number, size: of_size, cause }
    }
}

/// The median of what is there; 0 where nothing is.
fn middle(y: &[f64]) -> f64 {
    let mut there: Vec<f64> = y.iter().copied().filter(|y| y.is_finite()).collect();
    if there.is_empty() { 0.0 } else { median_in_place(&mut there) }
}
