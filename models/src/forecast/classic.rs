//! The classic method: six candidate curves on the smoothed window, the best one extrapolated to the limit.

use super::{Chosen, Forecast, Quiet, Regime, Scale};
use crate::noise::Noise;
use crate::passage::{Drift, Passage};
use crate::resample::resample;
use crate::segmented::Candidates;
use crate::select::select;
use crate::smooth::split;
use crate::window::Window;

/// Extrapolates the best of the six curves; none where the window has too few points.
///
/// The interval, which the method itself does not have, is that of a Wiener process whose mean drift is the curve's
/// way to the limit (or its last slope), with the noise of the residuals.
#[must_use]
pub fn classic(regime: &Regime<'_>, scale: &Scale) -> Option<Forecast> {
    let (past, (t, y)) = (&regime.past, regime.epoch());
    let &now = t.last()?;
    let grid = resample(t, y, now - scale.window, now, scale.points);
    let smooth = split(&grid.y).smooth;
    let window = Window::new(&grid.t, &smooth).ok()?;
    let candidates = Candidates::fit(&window);
    let choice = select(&window, &candidates)?;
    let fit = choice.fit;
    let level = fit.at(now);
    let slope = fit.slope_at(now);
    let left = fit.crossing(past.limit, now).map(|at| at - now);

    let residuals: Vec<f64> = grid.t.iter().zip(&grid.y).map(|(&t, y)| y - fit.at(t)).collect();
    let last = fit.segments()[fit.segments().len() - 1];
    let n = (last.end - last.start) as f64;
    let step = scale.window / scale.points as f64;
    let noise = Noise::of(&residuals);
    let variance = (12.0 * noise.measurement / n.powi(3) + 6.0 * noise.diffusion / (5.0 * n)) / (step * step);
    let mean = left.filter(|&left| 0.0 < left).map_or(slope, |left| (past.limit - level) / left);
    let drift = Drift {
        distance: past.limit - level,
        mean,
        error: variance.sqrt(),
        diffusion: noise.diffusion / step,
        weight: 1.0,
    };
    let passage = Passage::new(&[drift], scale.horizon);
    let exhausts = match left {
        Some(left) if left <= scale.horizon => Ok(()),
        Some(_) => Err(Quiet::Later),
        None if slope <= 0.0 => Err(Quiet::NoGrowth),
        None => Err(Quiet::Flattens),
    };
    let probability = passage.by(scale.horizon);
    let curve = Some(Chosen { curve: fit.curve, since: last.first_t });
    Some(Forecast {
        exhausts,
        firm: true,
        level,
        slope,
        drift,
        passage,
        probability,
        curve,
        views: Vec::new(),
    })
}
