//! The best age for a planned restart when every life is like the last.

use super::{Costs, Lifetime};

/// A saving below this share of the cost is within the table's own error and not worth a restart.
const WORTH: f64 = 1e-3;

/// A planned restart at every age `every` that no failure came before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The age at which to restart.
    pub every: f64,
    /// Share of the time that is lost, when the costs are downtimes.
    pub unavailability: f64,
    /// The same without planned restarts.
    pub without: f64,
}

/// The age at which planned restarts lose the least time; none where they never pay.
///
/// ```text
/// lost(T) = t_f F(T) + t_r (1 - F(T))      ran(T) = ∫_0^T R
/// min over T of  lost / (lost + ran),  where  h(T) ∫_0^T R - F(T) = t_r / (t_f - t_r)
/// ```
///
/// Where the hazard does not rise there is no such age: with exponential times it is never. The costs are taken as
/// downtimes, in the unit of `lifetime`; what running on is worth is not looked at. A life that outlasts the table is
/// taken to end with it, planned: an age beyond the table is not considered.
#[must_use]
pub fn best_interval(lifetime: &Lifetime, costs: &Costs) -> Option<Interval> {
    let times = lifetime.times();
    let ages = times.windows(2).flat_map(|pair| [Some(pair[1]), lowest(lifetime, costs, pair[0], pair[1])]);
    let (every, unavailability) = ages
        .flatten()
        .map(|age| (age, unavailability(lifetime, costs, age)))
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.total_cmp(&b.0)))?;
    let without = unavailability_without(lifetime, costs);
    (unavailability < without * (1.0 - WORTH)).then_some(Interval { every, unavailability, without })
}

/// Share of the time that is lost with a planned restart at `age`.
fn unavailability(lifetime: &Lifetime, costs: &Costs, age: f64) -> f64 {
    let risk = lifetime.by(age);
    let lost = costs.unplanned() * risk + costs.planned() * (1.0 - risk);
    lost / (lost + lifetime.running(age))
}

/// Share of the time that is lost when lives run to the end of the table.
fn unavailability_without(lifetime: &Lifetime, costs: &Costs) -> f64 {
    let last = lifetime.times().len() - 1;
    unavailability(lifetime, costs, lifetime.times()[last])
}

/// The age between two times of the table at which the least is lost, unless it is one of them.
///
/// With `x = F - F_0` the closed relation is a quadratic there, whose one positive root is stable in this form:
///
/// ```text
/// d x² / 2 + a x = k,   d = t_f - t_r,   a = t_r + d F_0,   k = a (1 - F_0) - d f ∫_0^T0 R
/// ```
fn lowest(lifetime: &Lifetime, costs: &Costs, from: f64, to: f64) -> Option<f64> {
    let (start, rise) = (lifetime.by(from), lifetime.by(to) - lifetime.by(from));
    let extra = costs.unplanned() - costs.planned();
    let a = costs.planned() + extra * start;
    let k = a * (1.0 - start) - extra * lifetime.running(from) * rise / (to - from);
    let part = 2.0 * k / (a + (a * a + 2.0 * extra * k).sqrt()) / rise;
    // Not a number where nothing rises or the root is not real.
    (0.0 < part && part < 1.0).then(|| (from + part * (to - from)).min(to))
}
