//! Mixes of leaking, bursty and sawtooth members over a remainder, where the true shares are known.

use super::super::*;
use crate::line::Line;
use crate::resample::resample;
use crate::support::Random;
use crate::trend::SenSlope;
use crate::window::Window;

const SAMPLES: usize = 600;
/// Mixes that the test runs; `HEBE_MIXES=200` runs more.
const MIXES: u64 = 30;

struct Mix {
    members: Vec<Vec<f64>>,
    total: Vec<f64>,
    /// True shares of the members, then the remainder's.
    shares: Vec<f64>,
}

/// Three leaks of different rates among twenty members that go nowhere, and a remainder that may leak too.
fn mix(seed: u64) -> Mix {
    let mut random = Random::seeded(seed);
    let mut slopes = Vec::new();
    let mut members = Vec::new();
    for _ in 0..3 {
        let slope = 0.05 * 40_f64.powf(random.uniform());
        slopes.push(slope);
        let noise = random.white(SAMPLES);
        members.push(column(|k| 300.0 + slope * k as f64 + 3.0 * noise[k]));
    }
    for kind in 0..20 {
        slopes.push(0.0);
        members.push(healthy(kind % 4, &mut random));
    }
    let rest = if random.uniform() < 0.7 { 0.05 * 40_f64.powf(random.uniform()) } else { 0.0 };
    slopes.push(rest);
    let noise = random.white(SAMPLES);
    let total = column(|k| {
        members.iter().map(|member| member[k]).sum::<f64>() + 900.0 + rest * k as f64 + 5.0 * noise[k]
    });
    let all: f64 = slopes.iter().sum();
    Mix { members, total, shares: slopes.iter().map(|slope| slope / all).collect() }
}

fn healthy(kind: usize, random: &mut Random) -> Vec<f64> {
    let noise = random.white(SAMPLES);
    let (place, size) = (random.uniform(), 50.0 + 250.0 * random.uniform());
    match kind {
        0 => column(|k| 200.0 + 4.0 * noise[k]),
        // A burst of a third of the window at most.
        1 => {
            let (from, long) = (place * SAMPLES as f64, (0.05 + 0.25 * random.uniform()) * SAMPLES as f64);
            column(|k| {
                let inside = from <= k as f64 && (k as f64) < from + long;
                100.0 + 2.0 * noise[k] + if inside { size } else { 0.0 }
            })
        }
        2 => {
            let period = 25.0 + 200.0 * random.uniform();
            column(|k| 80.0 + size * (k as f64 / period + place).fract() + 2.0 * noise[k])
        }
        _ => {
            let level = random.autoregressive(SAMPLES, 0.7);
            column(|k| 150.0 + 4.0 * level[k])
        }
    }
}

fn column(at: impl Fn(usize) -> f64) -> Vec<f64> {
    (0..SAMPLES).map(at).collect()
}

/// The mean error of the shares of leaks and remainder, and the mean share given to members that go nowhere.
#[derive(Debug, Default)]
struct Errors {
    share: f64,
    remainder: f64,
    unfounded: f64,
}

impl Errors {
    fn add(&mut self, shares: &[f64], mix: &Mix, weight: f64) {
        let error = |k: usize| (shares[k] - mix.shares[k]).abs();
        self.share += weight * (0..3).map(error).sum::<f64>() / 3.0;
        self.unfounded += weight * (3..23).map(error).sum::<f64>() / 20.0;
        self.remainder += weight * error(23);
    }
}

/// Shares of positive slopes, without any gate.
fn plain(mix: &Mix, slope: impl Fn(&[f64], &[f64]) -> f64) -> Vec<f64> {
    let t = column(|k| k as f64);
    let rest = column(|k| mix.total[k] - mix.members.iter().map(|member| member[k]).sum::<f64>());
    let slopes: Vec<f64> = mix.members.iter().chain([&rest]).map(|y| slope(&t, y).max(0.0)).collect();
    let all: f64 = slopes.iter().sum();
    slopes.iter().map(|slope| slope / all).collect()
}

fn blocks(t: &[f64], y: &[f64]) -> crate::resample::Grid {
    resample(t, y, -1.0, SAMPLES as f64 - 1.0, BLOCKS)
}

fn ours(mix: &Mix) -> Vec<f64> {
    let t = column(|k| k as f64);
    let grid = blocks(&t, &mix.total);
    let members: Vec<Vec<f64>> = mix.members.iter().map(|member| blocks(&t, member).y).collect();
    let found = attribute(&grid.t, &grid.y, &members);
    found.members.iter().chain([&found.remainder]).map(|share| share.growth_share).collect()
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test may be told to do more")]
fn shares_of_simulated_mixes_are_right() {
    let mixes = std::env::var("HEBE_MIXES").ok().and_then(|mixes| mixes.parse().ok()).unwrap_or(MIXES);
    let (mut gated, mut squares, mut sen) = (Errors::default(), Errors::default(), Errors::default());
    let weight = 1.0 / mixes as f64;
    for seed in 0..mixes {
        let mix = mix(seed);
        gated.add(&ours(&mix), &mix, weight);
        squares.add(&plain(&mix, |t, y| Line::fit(&Window::new(t, y).unwrap()).slope), &mix, weight);
        sen.add(
            &plain(&mix, |t, y| {
                let grid = blocks(t, y);
                SenSlope::fit(&Window::new(&grid.t, &grid.y).unwrap()).slope
            }),
            &mix,
            weight,
        );
    }
    let told = format!("{mixes} mixes: gated {gated:?}, least squares {squares:?}, Theil and Sen {sen:?}");
    assert!(gated.share < 0.01 && gated.unfounded < 0.002 && gated.remainder < 0.02, "{told}");
    assert!(gated.share < squares.share / 2.0 && gated.share < sen.share / 2.0, "{told}");
}
