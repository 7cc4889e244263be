//! The sentence of a ruling.

use std::fmt::Write as _;

use hebe_collectors::history::Sense;
use hebe_models::{Onset, Shape};

use super::judge::{Bounds, Doubt, Growth, Run};
use super::pace::Scale;
use super::{Terms, Verdict};
use crate::report::units::{duration, quantity};

/// A transient of at most this part of a run is called a warm-up.
const WARM_UP: f64 = 0.25;

/// Everything that a sentence is made of.
#[derive(Clone, Debug)]
pub(super) struct Case<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) growth: Option<&'a Growth>,
    pub(super) bounds: Bounds,
    /// What stands in the way of a verdict, and whether the baseline has it.
    pub(super) doubt: Option<(Doubt, bool)>,
    /// Seconds by which the series ends before the others.
    pub(super) early_s: Option<f64>,
    pub(super) run_for_s: Option<f64>,
    pub(super) terms: &'a Terms,
}

/// One sentence: why, how fast and how sure, after what, from how much, and what would have been seen.
pub(super) fn sentence(case: &Case<'_>, verdict: Verdict) -> String {
    let mut parts = Vec::new();
    parts.extend(case.doubt.map(|(doubt, of_baseline)| self::doubt(case, doubt, of_baseline)));
    parts.extend(case.early_s.map(|early| format!("its samples end {} before the others", duration(early))));
    if let Some(growth) = case.growth {
        parts.push(self::growth(case, growth, verdict));
    }
    parts.push(basis(case.run));
    if let Some(growth) = case.growth.filter(|_| case.doubt.is_none()) {
        parts.push(seen(case, growth, verdict));
    }
    parts.extend(case.run_for_s.map(|s| format!("run for about {}", whole_hours(s))));
    parts.join("; ")
}

fn doubt(case: &Case<'_>, doubt: Doubt, of_baseline: bool) -> String {
    let unit = case.run.series.unit.to_string();
    let said = match doubt {
        Doubt::Samples => format!("too few samples: {}", case.run.samples),
        Doubt::Short => format!(
            "too short: {} where {} are needed",
            duration(case.run.judged_s()),
            duration(case.terms.least_s)
        ),
        Doubt::Falls(1, height) => {
            format!("fell by {} once, which may be the start of a sawtooth", quantity(height, &unit))
        }
        Doubt::Falls(count, height) => {
            format!("fell by about {} {count} times, too few for a sawtooth", quantity(height, &unit))
        }
    };
    if !of_baseline {
        return said;
    }
    match doubt {
        Doubt::Samples => "the baseline has too few samples".to_owned(),
        Doubt::Short => "the baseline is too short".to_owned(),
        Doubt::Falls(..) => "the baseline fell, too seldom for a sawtooth".to_owned(),
    }
}

fn growth(case: &Case<'_>, growth: &Growth, verdict: Verdict) -> String {
    let scale = scale(case, growth);
    let verb = if case.run.series.sense == Sense::Falls { "loses" } else { "grows" };
    let number = scale.growth(growth.middle);
    let interval = format!(
        "({} to {}, {:.0} %)",
        scale.number(growth.low()),
        scale.number(growth.high()),
        100.0 * case.terms.confidence
    );
    let after = onset(case.run, verdict);
    if let Some((now, then)) = growth.of {
        let both = format!("{} against {} of the baseline", scale.growth(now), scale.growth(then));
        return format!("{verb} {number} more {interval}: {both}{after}");
    }
    match verdict {
        Verdict::Fail => format!("{verb} {number} {interval}{after}"),
        Verdict::Pass if 0.0 < growth.low() => format!("{verb} {number} {interval}, as is allowed{after}"),
        Verdict::Pass if growth.high() < 0.0 => format!("shrinks: {number} {interval}{after}"),
        Verdict::Pass => format!("no growth: {number} {interval}{after}"),
        Verdict::Inconclusive | Verdict::Unknown => format!("growth {number} {interval}{after}"),
    }
}

/// How the run came to the stretch that is judged, as the end of a clause.
fn onset(run: &Run<'_>, verdict: Verdict) -> String {
    let Some(before) = run.before_s() else { return String::new() };
    let lasted = duration(before);
    match run.soak.onset {
        Onset::Growing => format!(", since {lasted} into the run"),
        _ if before <= WARM_UP * (run.to - run.from) => format!(" after a warm-up of {lasted}"),
        _ if verdict == Verdict::Pass => format!("; levelled off after {lasted}"),
        _ => format!(" after its first {lasted}"),
    }
}

/// The same as one word for programs.
pub(super) fn onset_name(run: &Run<'_>) -> &'static str {
    match (run.soak.onset, run.before_s()) {
        (Onset::Growing, _) => "growing",
        (Onset::Settled, Some(before)) if WARM_UP * (run.to - run.from) < before => "levelled_off",
        (Onset::Settled, _) => "warm_up",
        (Onset::Whole, _) => "none",
    }
}

fn basis(run: &Run<'_>) -> String {
    let mut said = format!("{} of samples", duration(run.lasted_s()));
    if let Shape::Sawtooth { troughs, period, .. } = run.soak.shape {
        let _ = write!(said, ", judged by {troughs} troughs {} apart", duration(period));
    }
    match run.restarts {
        0 => {}
        1 => said += " on one side of a restart",
        n => {
            let _ = write!(said, " between two of {n} restarts");
        }
    }
    said
}

fn seen(case: &Case<'_>, growth: &Growth, verdict: Verdict) -> String {
    let least = scale(case, growth).growth(case.bounds.allow + growth.least);
    if verdict == Verdict::Fail {
        format!("would have seen {least}")
    } else {
        format!("could not have seen less than {least}")
    }
}

fn scale(case: &Case<'_>, growth: &Growth) -> Scale {
    let largest = growth.low().abs().max(growth.high().abs()).max(case.bounds.allow + growth.least);
    Scale::of(largest, growth.error, &case.run.series.unit.to_string())
}

/// A time to plan with: whole hours, rounded up but for a few minutes.
fn whole_hours(seconds: f64) -> String {
    duration((seconds / 3_600.0 - 0.1).ceil().max(1.0) * 3_600.0)
}
