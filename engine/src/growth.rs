//! How fast a level grows and how sure that is, from as few samples as three.

use hebe_models::{MannKendall, SenSlope, Window, resample};

use crate::plan::Plan;

/// Blocks the window is brought down to: all pairs of them are cheap.
const BLOCKS: usize = 60;

/// Growth per second in the newest window, and the z of its trend; none with fewer than three samples.
#[must_use]
pub(crate) fn growth(t: &[f64], y: &[f64], plan: &Plan) -> Option<(f64, f64)> {
    let &now = t.last()?;
    let span = plan.window_s.min(now - t[0] + plan.period_s);
    let from = t.partition_point(|&t| t <= now - span);
    let (t, y) = (&t[from..], &y[from..]);
    if t.len() < 3 {
        return None;
    }
    let grid;
    let (t, y) = if t.len() <= BLOCKS {
        (t, y)
    } else {
        grid = resample(t, y, now - span, now, BLOCKS);
        (&grid.t[..], &grid.y[..])
    };
    let window = Window::new(t, y).ok()?;
    Some((SenSlope::fit(&window).slope, MannKendall::test(&window).z))
}
