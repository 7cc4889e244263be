//! What earlier restarts of a node teach: how often they cured it, how long they took, what they gave back.
//!
//! Medians throughout: one bad night should not change what is expected of all others.

mod propose;
mod record;
mod together;

pub use propose::{Proposal, Transformation, propose};
pub(in crate::restart) use record::is_failure;
pub use record::{GivenBack, Learnt, learnt};
pub use together::{Pair, together};

/// The median; none of nothing.
pub(in crate::restart) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let (low, high) = (*values.get(n.checked_sub(1)? / 2)?, *values.get(n / 2)?);
    Some(low + (high - low) / 2.0)
}
