//! The best instant for one planned restart before a failure that is forecast.

use super::{Costs, Lifetime, Slot};

/// An instant at which a planned restart may begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Place of its slot among those given.
    pub slot: usize,
    /// When, counted from now.
    pub at: f64,
    /// What was minimised: the expected cost, or the load where that is all that counts.
    pub cost: f64,
    /// Probability that failure comes first.
    pub risk: f64,
}

/// What the slots allow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Timing {
    /// Restart then.
    At(Moment),
    /// The first slot opens when the risk is past the bound already: tell somebody instead of waiting. One that is open
    /// now is never too late.
    TooLate {
        /// The opening of that slot.
        opening: Moment,
        /// When the risk passes the bound.
        passed: f64,
    },
    /// No slot is left.
    NoSlot,
}

/// The instant within `slots` at which a planned restart is expected to cost least; the earlier one when several do.
///
/// ```text
/// min over s of  c_f F(s) + load(s) c_r (1 - F(s)) - g ∫_0^s (1 - F)
/// ```
///
/// The table is straight between its points, so that the cost is a parabola there, open upwards, whose lowest point
/// is known: where `1 - F = (c_f - load c_r) f / g`. The result is exact for the table.
///
/// `bound` is the risk that nobody may run into by waiting for the first slot; it does not narrow the choice when one
/// opens in time. Not to restart at all is not weighed: it costs `c_f` times [`Lifetime::ever`].
#[must_use]
pub fn best_instant(lifetime: &Lifetime, slots: &[Slot], costs: &Costs, bound: f64) -> Timing {
    let cost = |slot: &Slot, at| costs.expected(lifetime, slot, at);
    choose(lifetime, slots, bound, cost, |slot, opens| instants(lifetime, slot, costs, opens))
}

/// The opening of the slot with the least load among those that open before the risk passes `bound`; the earlier one
/// when several have it.
#[must_use]
pub fn quietest_before(lifetime: &Lifetime, slots: &[Slot], bound: f64) -> Timing {
    let in_time = |opens: &f64| lifetime.by(*opens) <= bound;
    choose(lifetime, slots, bound, |slot, _| slot.load(), |_, opens| Some(opens).filter(in_time))
}

/// The cheapest of `instants` in the slots that are not over, provided that the first of them opens in time.
fn choose<I: IntoIterator<Item = f64>>(
    lifetime: &Lifetime,
    slots: &[Slot],
    bound: f64,
    cost: impl Fn(&Slot, f64) -> f64,
    instants: impl Fn(&Slot, f64) -> I,
) -> Timing {
    let moment = |slot, at| Moment { slot, at, cost: cost(&slots[slot], at), risk: lifetime.by(at) };
    let openings = || (0..slots.len()).filter_map(|k| slots[k].opens().map(|opens| (k, opens)));
    let Some((slot, opens)) = openings().min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Timing::NoSlot;
    };
    let opening = moment(slot, opens);
    let candidates =
        openings().flat_map(|(k, opens)| instants(&slots[k], opens).into_iter().map(move |at| (k, at)));
    let best = candidates
        .map(|(k, at)| moment(k, at))
        .min_by(|a, b| a.cost.total_cmp(&b.cost).then(a.at.total_cmp(&b.at)));
    match (best, lifetime.passes(bound)) {
        (_, Some(passed)) if passed < opens => Timing::TooLate { opening, passed },
        (best, _) => Timing::At(best.unwrap_or(opening)),
    }
}

/// Where the cost within `slot` can be least: its ends, the points of the table between, and the lowest point of each
/// parabola.
fn instants(lifetime: &Lifetime, slot: &Slot, costs: &Costs, opens: f64) -> Vec<f64> {
    let times = lifetime.times();
    let from = times.partition_point(|&t| t <= opens);
    let to = times.partition_point(|&t| t < slot.until()).max(from);
    let mut instants = vec![opens];
    for &next in times[from..to].iter().chain([&slot.until()]) {
        let last = instants[instants.len() - 1];
        instants.extend(lowest(lifetime, slot, costs, last, next));
        instants.push(next);
    }
    instants
}

/// The lowest point of the cost between two instants where the distribution is straight, unless it is at an end.
fn lowest(lifetime: &Lifetime, slot: &Slot, costs: &Costs, from: f64, to: f64) -> Option<f64> {
    let (start, rise) = (lifetime.by(from), lifetime.by(to) - lifetime.by(from));
    let alive = (costs.unplanned() - costs.planned() * slot.load()) * rise / (costs.gain() * (to - from));
    // Not a number, and not between zero and one, where nothing rises or running on is worth nothing.
    let part = (1.0 - start - alive) / rise;
    (0.0 < part && part < 1.0).then(|| (from + part * (to - from)).min(to))
}
