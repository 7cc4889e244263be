//! Lifetimes, slots and costs that the tests of the schedule share.

mod closed;
mod doors;
mod properties;
mod simulated;
mod slots;

use crate::{Drift, Passage};

use super::*;

/// Uniform on 0 to 1: the table has no error.
fn uniform() -> Lifetime {
    Lifetime::new(&[0.0, 1.0], &[0.0, 1.0]).unwrap()
}

/// Weibull with scale 1 at 4000 times until all but 1e-12 have failed; shape 1 is exponential.
fn weibull(shape: f64) -> Lifetime {
    let last = (12.0 * std::f64::consts::LN_10).powf(1.0 / shape);
    let times: Vec<f64> = (0..=4000).map(|k| last * f64::from(k) / 4000.0).collect();
    let shares: Vec<f64> = times.iter().map(|t| -(-t.powf(shape)).exp_m1()).collect();
    Lifetime::new(&times, &shares).unwrap()
}

/// The forecast of a level 100 below its limit that rises by 1, give or take 2, in one unit of time.
fn forecast() -> Passage {
    Passage::new(&[Drift { distance: 100.0, mean: 1.0, error: 0.0, diffusion: 4.0, weight: 1.0 }], 200.0)
}

fn costs(planned: f64, unplanned: f64, gain: f64) -> Costs {
    Costs::new(planned, unplanned).unwrap().with_gain(gain).unwrap()
}

fn slot(from: f64, until: f64, load: f64) -> Slot {
    Slot::new(from, until, load).unwrap()
}

/// The moment that `timing` names.
#[track_caller]
fn moment(timing: Timing) -> Moment {
    let Timing::At(moment) = timing else { panic!("{timing:?}") };
    moment
}

#[track_caller]
fn close(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got}, expected {expected}");
}
