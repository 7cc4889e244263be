//! The shares of members in what is used and in its growth, and the remainder, which is a member like any other.

use super::growth::Growth;

/// One member's part, or the remainder's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// What it uses at the last block; 0 where it is gone.
    pub used: f64,
    /// Its share of what is used, 0 to 1.
    pub used_share: f64,
    /// How it moves.
    pub growth: Growth,
    /// Its share of the growth, 0 to 1.
    pub growth_share: f64,
}

/// A total taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribution {
    /// What is used at the last block.
    pub used: f64,
    /// How the total moves.
    pub growth: Growth,
    /// The members, in the order they came.
    pub members: Vec<Share>,
    /// What no member explains.
    pub remainder: Share,
    /// The sum of members above the total at the last block, as a share of the total: what is counted twice.
    pub overcounted: f64,
}

/// Takes a total apart. All columns have the blocks at `t`; a member that is not there has a value that is not finite.
///
/// Shares of the growth add up to 1, or are all 0 where nothing surely grows.
#[must_use]
pub fn attribute<M: AsRef<[f64]>>(t: &[f64], total: &[f64], members: &[M]) -> Attribution {
    let rest = remainder(total, members);
    let growths: Vec<Growth> = members.iter().map(|member| Growth::of(t, member.as_ref())).collect();
    let rest_growth = Growth::of(t, &rest);
    let all = growths.iter().map(Growth::positive).sum::<f64>() + rest_growth.positive();
    let used = last(total);
    let held: Vec<f64> = members.iter().map(|member| last(member.as_ref()).max(0.0)).collect();
    let sum: f64 = held.iter().sum();
    let whole = used.max(sum);
    let share = |used: f64, growth: Growth| Share {
        used,
        used_share: ratio(used, whole),
        growth,
        growth_share: ratio(growth.positive(), all),
    };
    Attribution {
        used,
        growth: Growth::of(t, total),
        members: held.iter().zip(growths).map(|(&used, growth)| share(used, growth)).collect(),
        remainder: share((used - sum).max(0.0), rest_growth),
        overcounted: ratio((sum - used).max(0.0), used),
    }
}

/// What the members leave of the total, block by block.
fn remainder<M: AsRef<[f64]>>(total: &[f64], members: &[M]) -> Vec<f64> {
    let mut rest = total.to_vec();
    for member in members {
        for (rest, &held) in rest.iter_mut().zip(member.as_ref()) {
            if held.is_finite() {
                *rest -= held;
            }
        }
    }
    rest
}

/// The last block; 0 where it is missing.
fn last(y: &[f64]) -> f64 {
    y.last().copied().filter(|y| y.is_finite()).unwrap_or(0.0)
}

fn ratio(part: f64, whole: f64) -> f64 {
    let share = part / whole;
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
}
