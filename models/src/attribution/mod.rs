//! Who makes a total grow: robust slopes of its members, their shares, and what no member explains.
//!
//! What lives here are numbers on one grid of blocks. What members are called and where they come from does not.
//!
//! ```text
//! share = slope / (Σ slopes of members that surely grow + slope of the remainder, where that surely grows)
//! ```
//!
//! Slopes are Theil's and Sen's on block medians; "surely" is a Mann-Kendall score above [`SURE`]. A member that moves
//! without a trend, a burst or a sawtooth, takes no share of the growth.

mod growth;
mod members;
mod overlap;
mod shares;
mod since;
mod teeth;

pub use growth::{Course, Growth};
pub use members::{Cause, Members};
pub use overlap::without_overlap;
pub use shares::{Attribution, Share, attribute};
pub(crate) use teeth::drops;

/// Blocks that a window is brought down to.
pub const BLOCKS: usize = 60;
/// The Mann-Kendall score above which a trend is taken for sure (99 % of one-sided surprise and a half).
pub const SURE: f64 = 2.58;
/// With fewer blocks even a straight rise is not sure.
const FEWEST: usize = 7;

#[cfg(test)]
mod tests;
