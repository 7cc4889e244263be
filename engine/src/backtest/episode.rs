//! Alarms that were raised, and what came of each.

use super::rival::{Rival, Trace};
use crate::plan::Plan;
use crate::prepare::Prepared;

/// A resource has come near its limit from this utilisation on.
const NEAR: f64 = 0.95;
/// It has come away from it below this one.
const AWAY: f64 = 0.90;
/// A date that is missed by this part of the time that was said to be left is still kept.
const KEPT: f64 = 1.5;

/// What came of an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Came {
    /// Use of over 95 %, at this time (milliseconds since 1970 UTC), so many seconds after the alarm.
    Followed {
        /// When.
        at_ms: i64,
        /// How long after the alarm, in seconds.
        lead_s: f64,
    },
    /// The growth was taken back by a restart or a clean-up, or the history ends before the date.
    Unclear,
    /// Nothing.
    Nothing,
}

/// One alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// When it was raised, in milliseconds since 1970 UTC.
    pub raised_ms: i64,
    /// When it was taken back, if it was.
    pub cleared_ms: Option<i64>,
    /// Seconds that were said to be left when it was raised.
    pub left_s: Option<f64>,
    /// What came of it.
    pub came: Came,
}

/// All alarms of one method on one series.
#[derive(Clone, Debug)]
pub struct Record {
    /// Whose alarms.
    pub rival: Rival,
    /// The alarms, oldest first.
    pub episodes: Vec<Episode>,
    /// Times that use came over 95 % without an alarm standing.
    pub missed: usize,
    /// Part of the replayed time that an alarm stood, 0 to 1.
    pub alarmed: f64,
}

impl Record {
    /// The alarms of a trace, judged by when the limit was `reached` and when growth was taken back by `drops`.
    pub(super) fn of(
        trace: &Trace,
        prepared: &Prepared<'_>,
        plan: &Plan,
        reached: &[f64],
        drops: &[f64],
    ) -> Self {
        let spans = spans(trace);
        let end = prepared.t[prepared.t.len() - 1];
        let episodes = spans
            .iter()
            .map(|&(raised, cleared, left)| Episode {
                raised_ms: prepared.ms(raised),
                cleared_ms: cleared.map(|t| prepared.ms(t)),
                left_s: left,
                came: came(prepared, raised, cleared, left.unwrap_or(plan.horizon_s), end, reached, drops),
            })
            .collect();
        let standing =
            |t: f64| spans.iter().any(|&(raised, cleared, _)| raised <= t && cleared.is_none_or(|c| t <= c));
        let missed = reached.iter().filter(|&&t| !standing(t)).count();
        let on = trace.says.iter().filter(|say| say.on).count();
        Self { rival: trace.rival, episodes, missed, alarmed: on as f64 / trace.says.len().max(1) as f64 }
    }
}

/// Times from `from` on at which the series came near its limit.
pub(super) fn reached(prepared: &Prepared<'_>, from: f64) -> Vec<f64> {
    let mut times = Vec::new();
    let mut near = false;
    for (&t, &y) in prepared.t.iter().zip(&prepared.y) {
        let used = prepared.utilisation(t, y);
        if !near && NEAR <= used {
            near = true;
            if from <= t {
                times.push(t);
            }
        } else if used < AWAY {
            near = false;
        }
    }
    times
}

/// Stretches in which the alarm stood: raised, taken back, and what was said to be left.
fn spans(trace: &Trace) -> Vec<(f64, Option<f64>, Option<f64>)> {
    let mut spans: Vec<(f64, Option<f64>, Option<f64>)> = Vec::new();
    let mut on = false;
    for say in &trace.says {
        if say.on && !on {
            spans.push((say.at, None, say.left));
        } else if on
            && !say.on
            && let Some(last) = spans.last_mut()
        {
            last.1 = Some(say.at);
        }
        on = say.on;
    }
    spans
}

fn came(
    prepared: &Prepared<'_>,
    raised: f64,
    cleared: Option<f64>,
    left: f64,
    end: f64,
    reached: &[f64],
    drops: &[f64],
) -> Came {
    let due = cleared.unwrap_or(end).max(raised + KEPT * left);
    // One that was raised when it was already near counts as followed at once.
    let near = reached.iter().copied().rfind(|&t| t <= raised).filter(|_| {
        let at = prepared.t.partition_point(|&t| t <= raised) - 1;
        AWAY <= prepared.utilisation(raised, prepared.y[at])
    });
    if let Some(at) = near.or_else(|| reached.iter().copied().find(|&t| raised <= t && t <= due)) {
        return Came::Followed { at_ms: prepared.ms(at), lead_s: (at - raised).max(0.0) };
    }
    let taken_back = drops.iter().any(|&t| raised < t && t <= due);
    if taken_back || (cleared.is_none() && end < due) { Came::Unclear } else { Came::Nothing }
}
