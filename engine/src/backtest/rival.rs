//! The methods that are compared, and what each of them says at each step.

use hebe_models::{Line, Window};

use crate::notice::Notice;
use crate::plan::Plan;
use crate::prepare::Prepared;
use crate::replay::{Course, Walk};
use crate::settings::Method;

/// A way to raise alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rival {
    /// Hebe's default method with its notices.
    Default,
    /// The six curves with the same notices.
    Classic,
    /// A straight line over the last six hours, extrapolated to the horizon: what most alerts do.
    Line,
    /// A fixed threshold at 80 % of the limit.
    Threshold,
}

/// Length of the short line.
const LINE_S: f64 = 6.0 * 3600.0;
/// The fixed threshold.
const THRESHOLD: f64 = 0.8;

impl Rival {
    /// All of them, Hebe first.
    pub const ALL: [Self; 4] = [Self::Default, Self::Classic, Self::Line, Self::Threshold];

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Classic => "classic",
            Self::Line => "line over 6 h",
            Self::Threshold => "80 % threshold",
        }
    }

    /// Its place in [`Rival::ALL`].
    #[must_use]
    pub fn place(self) -> usize {
        self as usize
    }
}

/// What is said at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Say {
    /// When, in seconds.
    pub at: f64,
    /// Whether the alarm stands.
    pub on: bool,
    /// Seconds that are said to be left.
    pub left: Option<f64>,
}

/// All that one method says over a history.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// Who says it.
    pub rival: Rival,
    /// What, step by step.
    pub says: Vec<Say>,
    /// Rises that were held and passed.
    pub passed: Vec<(f64, f64)>,
}

/// Lives through `steps` as `rival` would.
pub(super) fn trace(rival: Rival, prepared: &Prepared<'_>, plan: &Plan, steps: &[usize]) -> Trace {
    match rival {
        Rival::Default => walk(rival, Method::Default, prepared, plan, steps),
        Rival::Classic => walk(rival, Method::Classic, prepared, plan, steps),
        Rival::Line => each(rival, prepared, steps, |last| line(prepared, plan, last)),
        Rival::Threshold => each(rival, prepared, steps, |last| {
            let at = prepared.t[last];
            Say { at, on: THRESHOLD <= prepared.utilisation(at, prepared.y[last]), left: None }
        }),
    }
}

fn walk(rival: Rival, method: Method, prepared: &Prepared<'_>, plan: &Plan, steps: &[usize]) -> Trace {
    let course = Course::new(prepared, method);
    let mut walk = Walk::new(&course, *plan);
    let says = steps
        .iter()
        .map(|&last| {
            walk.step(last);
            let left = walk.forecast.as_ref().and_then(|forecast| forecast.passage.quantile(0.5));
            let on = matches!(walk.standing.notice, Notice::Notified { .. });
            Say { at: prepared.t[last], on, left }
        })
        .collect();
    let passed = walk.standing.passed.iter().map(|passed| (passed.from, passed.to)).collect();
    Trace { rival, says, passed }
}

fn each(rival: Rival, prepared: &Prepared<'_>, steps: &[usize], say: impl Fn(usize) -> Say) -> Trace {
    debug_assert!(steps.iter().all(|&last| last < prepared.t.len()));
    Trace { rival, says: steps.iter().map(|&last| say(last)).collect(), passed: Vec::new() }
}

/// Least squares over the last six hours, and its way to the limit.
fn line(prepared: &Prepared<'_>, plan: &Plan, last: usize) -> Say {
    let at = prepared.t[last];
    let from = prepared.t.partition_point(|&t| t < at - LINE_S);
    let left = Window::new(&prepared.t[from..=last], &prepared.y[from..=last]).ok().and_then(|window| {
        let line = Line::fit(&window);
        let distance = prepared.limit_at(at) - line.at(at);
        if distance <= 0.0 { Some(0.0) } else { Some(distance / line.slope).filter(|_| 0.0 < line.slope) }
    });
    Say { at, on: left.is_some_and(|left| left <= plan.horizon_s), left }
}
