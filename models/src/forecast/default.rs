//! The default method: robust lines over a ladder of stretches, and the troughs of a sawtooth.

use super::bend::{Bend, Shape};
use super::cycle::repeats;
use super::hindsight;
use super::ladder::{Rung, wander};
use super::teeth::Rising;
use super::{Forecast, Quiet, Regime, Scale, View};
use crate::noise::Noise;
use crate::passage::{Drift, Passage};
use crate::season::Season;

/// Stretches of the ladder, in windows.
const RUNGS: [f64; 4] = [1.0, 2.0, 4.0, 8.0];
/// The growth must be told from noise this clearly (Mann-Kendall z; 99 % two-sided).
const MIN_Z: f64 = 2.58;
/// The newest quarter must grow at least this much of the whole, or the growth is levelling off.
const TAIL_GATE: f64 = 0.3;
/// Steps of the values that a stretch must gain to be judged by itself.
const MIN_STEPS: f64 = 4.0;
/// A level that has fallen below where its line was this part of the window ago has given its rise back.
const GIVEN_BACK: f64 = 0.33;
/// The other cycle that people live by.
const DAYS_OF_WEEK: f64 = 7.0;
/// Exhaustion within the horizon is predicted from this probability on.
const LIKELY: f64 = 0.5;
/// Below this probability it is no longer.
const UNLIKELY: f64 = 0.3;
/// Growth is gone where even this many standard errors more of it would not pass a gate.
const DOUBT: f64 = 1.0;
/// A new line is told from this part of the window on.
const SHORTEST: f64 = 0.9;
/// A parabola's way to the limit is trusted to this part.
const BEND_ERROR: f64 = 0.15;

/// Forecasts the time to exhaustion; none where there are too few samples for any line.
#[must_use]
pub fn default(regime: &Regime<'_>, scale: &Scale) -> Option<Forecast> {
    let (past, (t, y)) = (&regime.past, regime.epoch());
    if let Some(season) = &regime.season {
        return without_season(t, y, season, past.limit, scale);
    }
    let rungs = told_apart(ladder(t, y, scale));
    let eases = rungs
        .last()
        .is_some_and(|longest| matches!(Shape::of(longest), Shape::Easing(bend) if bend.top() < past.limit));
    let whole = rungs.last().map_or(0.0, |longest| longest.slope);
    let (rungs, bend) = since_break(t, y, rungs, scale);
    let base = rungs.first()?;
    if let Some(teeth) = &regime.teeth {
        return Some(match teeth.troughs {
            Some(rising) => along_troughs(&rising, base, scale),
            None => Forecast {
                exhausts: Err(Quiet::ComesAndGoes),
                ..along_lines(&rungs, bend, past.limit - base.level, scale)
            },
        });
    }
    let distance = past.limit - base.level;
    let mut forecast = along_lines(&rungs, bend, distance, scale);
    forecast.hold(gates(&rungs, whole, eases));
    if forecast.exhausts.is_ok() {
        forecast.exhausts = new(regime, base);
    }
    Some(forecast)
}

/// Whether the rise is none of the day or of the week.
fn new(regime: &Regime<'_>, base: &Rung) -> Result<(), Quiet> {
    let cycles = [regime.day, DAYS_OF_WEEK * regime.day];
    let repeats = cycles.iter().any(|&period| repeats(&regime.past, base, period));
    if repeats { Err(Quiet::Seasonal) } else { Ok(()) }
}

/// The forecast of what is left when the daily profile is taken off; the profile counts again at the limit.
fn without_season(t: &[f64], y: &[f64], season: &Season, limit: f64, scale: &Scale) -> Option<Forecast> {
    let from = t.partition_point(|&at| at < t[t.len() - 1] - 1.01 * RUNGS[RUNGS.len() - 1] * scale.window);
    let t = &t[from..];
    let flat: Vec<f64> = t.iter().zip(&y[from..]).map(|(&t, y)| y - season.at(t)).collect();
    let rungs = told_apart(ladder(t, &flat, scale));
    let (base, longest) = (rungs.first()?, rungs.last()?);
    // A profile that changes at weekends leaves breaks behind that are none: only a parabola is looked for.
    let bend = if let Shape::Gathering(bend) = Shape::of(longest) { Some(bend) } else { None };
    let distance = season.distance(base.level, pool_slope(&rungs), limit);
    let mut forecast = along_lines(&rungs, bend, distance, scale);
    forecast.hold(gates(&rungs, longest.slope, false));
    Some(forecast)
}

/// The mean slope of the rungs.
fn pool_slope(rungs: &[Rung]) -> f64 {
    rungs.iter().map(|rung| rung.slope).sum::<f64>() / rungs.len() as f64
}

/// One line per stretch that the history fills.
fn ladder(t: &[f64], y: &[f64], scale: &Scale) -> Vec<Rung> {
    let (Some(&now), Some(&start)) = (t.last(), t.first()) else { return Vec::new() };
    let available = now - start;
    RUNGS
        .iter()
        .map(|k| k * scale.window)
        .filter(|&span| span <= scale.window || span <= 1.05 * available)
        .filter_map(|span| Rung::new(t, y, now, span.min(available)))
        .collect()
}

/// The rungs that the present way of growing has gone through, and the parabola where it gathers speed.
///
/// After a break in the longest stretch the new line alone counts, once it is long enough to be told.
fn since_break(t: &[f64], y: &[f64], mut rungs: Vec<Rung>, scale: &Scale) -> (Vec<Rung>, Option<Bend>) {
    let Some(longest) = rungs.last() else { return (rungs, None) };
    match Shape::of(longest) {
        Shape::Straight | Shape::Easing(_) => (rungs, None),
        Shape::Gathering(bend) => (rungs, Some(bend)),
        Shape::Broken { since } if since < SHORTEST * scale.window => {
            rungs.truncate(1);
            (rungs, None)
        }
        Shape::Broken { since } => {
            rungs.retain(|rung| rung.span < 0.9 * since);
            let now = t[t.len() - 1];
            rungs.extend(Rung::new(t, y, now, since));
            (rungs, None)
        }
    }
}

/// Leaves out the stretches too short for coarse values: where the growth of the longest one gains less than a few
/// of their steps, a shorter one sees a flat line or a single step.
fn told_apart(mut rungs: Vec<Rung>) -> Vec<Rung> {
    let Some(longest) = rungs.last() else { return rungs };
    let (rise, keep) = (longest.slope, longest.span);
    let least = MIN_STEPS * longest.quantum;
    rungs.retain(|rung| keep <= rung.span || least <= rise * rung.span);
    rungs
}

/// Why no date is believed, and whether that is beyond doubt.
#[derive(Clone, Copy, Debug)]
struct Objection {
    quiet: Quiet,
    firm: bool,
}

impl Forecast {
    /// Takes back what an objection speaks against.
    fn hold(&mut self, gates: Result<(), Objection>) {
        if let Err(objection) = gates {
            self.firm = objection.firm || (self.exhausts.is_err() && self.firm);
            self.exhausts = Err(objection.quiet);
        }
    }
}

/// What must hold before any date is believed.
fn gates(rungs: &[Rung], whole: f64, eases: bool) -> Result<(), Objection> {
    let objection = |quiet, firm| Err(Objection { quiet, firm });
    if eases {
        return objection(Quiet::Flattens, true);
    }
    let (base, longest) = (&rungs[0], &rungs[rungs.len() - 1]);
    for rung in [base, longest] {
        if rung.slope <= 0.0 || rung.z < MIN_Z {
            return objection(Quiet::NoGrowth, rung.slope <= 0.0 || rung.z < MIN_Z / 2.0);
        }
        let coarse = rung.slope * rung.span / 4.0 < MIN_STEPS / 2.0 * rung.quantum;
        if rung.tail < TAIL_GATE * rung.slope && !coarse {
            let firm = rung.tail + DOUBT * tail_error(rung) < TAIL_GATE * rung.slope.max(whole);
            return objection(Quiet::Flattens, firm);
        }
    }
    if base.newest < base.level - GIVEN_BACK * base.span * base.slope {
        return objection(Quiet::ComesAndGoes, true);
    }
    Ok(())
}

/// The forecast of the lines, all of them weighed alike.
fn along_lines(rungs: &[Rung], bend: Option<Bend>, distance: f64, scale: &Scale) -> Forecast {
    let base = &rungs[0];
    let noise = Noise::of(&base.residuals);
    let step = base.span / base.residuals.len() as f64;
    let wander = wander(base);
    // A parabola has its own error.
    let missed = |rung: &Rung| if bend.is_some() { hindsight::LEAST } else { hindsight::miss(rung) };
    let bend = bend.filter(|_| 0.0 < distance);
    let drift = |rung: &Rung| {
        // Where growth gathers speed, every line is late: the parabola's way to the limit is the drift.
        let mean = bend.map_or(rung.slope, |bend| distance / bend.covers(distance));
        let off = slope_error(rung, missed(rung));
        let error = off.hypot(bend.map_or(0.0, |_| BEND_ERROR * mean));
        // A level off its line now arrives that much earlier or later.
        let error = if 0.0 < distance { error.hypot(mean * wander / distance) } else { error };
        Drift {
            distance,
            mean,
            error,
            diffusion: noise.diffusion / step,
            weight: (rung.slope / off).powi(2).max(1e-3),
        }
    };
    let drifts: Vec<Drift> = rungs.iter().map(drift).collect();
    let total: f64 = drifts.iter().map(|drift| drift.weight).sum();
    let views = rungs
        .iter()
        .zip(&drifts)
        .map(|(rung, drift)| View { span: rung.span, slope: rung.slope, weight: drift.weight / total })
        .collect();
    finish(&drifts, base.level, scale, views)
}

/// The forecast of rising troughs.
fn along_troughs(rising: &Rising, base: &Rung, scale: &Scale) -> Forecast {
    let distance = rising.target - rising.level;
    let error = rising.error.hypot(hindsight::LEAST * rising.slope);
    let drift = Drift {
        distance,
        mean: rising.slope,
        error: if 0.0 < distance { error.hypot(rising.slope * rising.blur / distance) } else { error },
        diffusion: 0.0,
        weight: 1.0,
    };
    let views = vec![View { span: base.span, slope: rising.slope, weight: 1.0 }];
    finish(&[drift], rising.level, scale, views)
}

fn finish(drifts: &[Drift], level: f64, scale: &Scale, views: Vec<View>) -> Forecast {
    let passage = Passage::new(drifts, scale.horizon);
    let probability = passage.by(scale.horizon);
    let drift = pool(drifts);
    let exhausts = if drift.mean <= 0.0 {
        Err(Quiet::NoGrowth)
    } else if probability < LIKELY {
        Err(Quiet::Later)
    } else {
        Ok(())
    };
    let firm = exhausts.is_ok() || drift.mean <= 0.0 || probability < UNLIKELY;
    Forecast { exhausts, firm, level, slope: drift.mean, drift, passage, probability, curve: None, views }
}

/// Standard error of a rung's slope: from both kinds of noise, and from the line not being the truth.
///
/// ```text
/// 12 tau^2 / n^3 + 6 sigma^2 / (5 n)     per squared step, for n points
/// ```
fn slope_error(rung: &Rung, missed: f64) -> f64 {
    noise_error(rung, rung.residuals.len() as f64).hypot(missed * rung.slope)
}

/// Standard error of the slope of a rung's newest quarter.
fn tail_error(rung: &Rung) -> f64 {
    noise_error(rung, rung.residuals.len() as f64 / 4.0)
}

/// Standard error that noise gives to the slope through `n` of a rung's blocks.
fn noise_error(rung: &Rung, n: f64) -> f64 {
    let noise = Noise::of(&rung.residuals);
    let variance = 12.0 * noise.measurement / n.powi(3) + 6.0 * noise.diffusion / (5.0 * n);
    variance.sqrt() * rung.residuals.len() as f64 / rung.span
}

/// All views in one: the mean drift, with their errors and their differences as its error.
fn pool(drifts: &[Drift]) -> Drift {
    let total: f64 = drifts.iter().map(|d| d.weight).sum();
    let mean = drifts.iter().map(|d| d.weight * d.mean).sum::<f64>() / total;
    let spread = |d: &Drift| d.weight * (d.error * d.error + (d.mean - mean) * (d.mean - mean));
    let error = (drifts.iter().map(spread).sum::<f64>() / total).sqrt();
    Drift { mean, error, weight: 1.0, ..drifts[0] }
}
