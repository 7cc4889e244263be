//! What members count twice: pages that a process and its children share until one of them writes.

/// One member of a total at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Held {
    /// What its processes hold, each counted by itself.
    used: f64,
    /// How many processes it has.
    number: f64,
}

/// What each member holds when what is shared counts once, given the `total` that counts it once.
///
/// Processes share with those they were forked from, and these are in the same group. So what the sum has above the
/// total is taken off groups of several processes, in proportion to the most that each can count twice.
///
/// ```text
/// most = used (number - 1) / number        excess = Σ used - total
/// ```
///
/// What is left of the excess, which no fork explains, is taken off all in proportion to what they hold. Where the
/// sum is not above the total, nothing is changed. Gives back the excess; members that are not there hold nothing.
pub fn without_overlap(used: &mut [f64], number: &[f64], total: f64) -> f64 {
    let held: Vec<Held> = used
        .iter()
        .zip(number)
        .map(|(&used, &number)| Held { used: finite(used).max(0.0), number: finite(number).max(1.0) })
        .collect();
    let sum: f64 = held.iter().map(|held| held.used).sum();
    let excess = sum - total;
    if !total.is_finite() || total < 0.0 || excess.is_nan() || excess <= 0.0 {
        return 0.0;
    }
    let most = |held: &Held| held.used * (held.number - 1.0) / held.number;
    let all: f64 = held.iter().map(most).sum();
    let forked = if 0.0 < all { (excess / all).min(1.0) } else { 0.0 };
    let left: f64 = held.iter().map(|held| held.used - forked * most(held)).sum();
    let rest = if 0.0 < left { (total / left).min(1.0) } else { 1.0 };
    for (used, held) in used.iter_mut().zip(&held).filter(|(used, _)| used.is_finite()) {
        *used = (held.used - forked * most(held)) * rest;
    }
    excess
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}
