//! How long the six exact curves and the choice between them take, against a textbook dynamic program timed in
//! turns with them in the same run. `--test` runs everything once.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod reference;
mod support;

use std::hint::black_box;
use std::time::Instant;

use hebe_models::{Candidates, Curve, Fitter, Sliding, Window, select};
use support::{Random, uniform_times};

/// Series in one round: different ones, so that the branch predictor cannot learn them by heart.
const SERIES: usize = 16;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    println!("six exact curves with selection, one thread; median us a series [fastest .. slowest tenth]");
    for n in [300, 1000] {
        let rounds = if quick { 1 } else { 100_000 / n };
        compare("even steps", &uniform_times(n), rounds);
        compare("with gaps", &gapped_times(n), rounds);
        cold("first call", n, rounds);
        slide("slid by one", n, rounds);
    }
}

/// Times both in turns on the same series.
fn compare(name: &str, t: &[f64], rounds: usize) {
    let mut random = Random::seeded(7);
    let series: Vec<Vec<f64>> = (0..SERIES).map(|k| broken_line(&mut random, t, k)).collect();
    let (mut ours, mut textbook, mut ratios) = (vec![], vec![], vec![]);
    for _ in 0..rounds {
        for y in &series {
            let fast = time(|| black_box(choose(black_box(t), black_box(y))));
            let slow = time(|| black_box(textbook_costs(black_box(t), black_box(y))));
            ours.push(fast);
            textbook.push(slow);
            ratios.push(slow / fast);
        }
    }
    println!(
        "n {:5}  {name:11} ours {}  textbook {}  ratio {:.1}",
        t.len(),
        summary(&mut ours),
        summary(&mut textbook),
        median(&mut ratios)
    );
    for y in &series {
        check_equal(t, y);
    }
}

/// Times the curves of a window that slides by a sample, and in turns a cold fit of the same window.
fn slide(name: &str, n: usize, rounds: usize) {
    let t = uniform_times(n + rounds);
    let (mut slid, mut fitted) = (vec![], vec![]);
    let mut fitter = Fitter::default();
    for k in 0..SERIES {
        let y = broken_line(&mut Random::seeded(9), &t, k);
        let mut sliding = Sliding::new(&Window::new(&t[..n], &y[..n]).expect("even times"), &mut fitter);
        for at in n..n + rounds {
            slid.push(time(|| {
                let moved = sliding.slide(t[at], y[at], &mut fitter).is_ok();
                black_box((moved, sliding.choice()));
            }));
            let window = at + 1 - n..=at;
            fitted.push(time(|| {
                black_box(choose(black_box(&t[window.clone()]), black_box(&y[window.clone()])))
            }));
        }
    }
    let ratio = median(&mut fitted.clone()) / median(&mut slid.clone());
    println!(
        "n {n:5}  {name:11} slid {}  cold {}  ratio {ratio:.1}",
        summary(&mut slid),
        summary(&mut fitted)
    );
}

/// Times a call after the caches were filled with something else.
fn cold(name: &str, n: usize, rounds: usize) {
    let t = uniform_times(n);
    let y = broken_line(&mut Random::seeded(8), &t, 0);
    let mut other = vec![0_u8; 16 << 20];
    let mut times: Vec<f64> = (0..rounds.div_ceil(4))
        .map(|round| {
            other
                .iter_mut()
                .step_by(64)
                .for_each(|byte| *byte = byte.wrapping_add(u8::try_from(round % 251).unwrap_or(0)));
            black_box(&other);
            time(|| black_box(choose(black_box(&t), black_box(&y))))
        })
        .collect();
    println!("n {n:5}  {name:11} ours {}  (caches overwritten before every call)", summary(&mut times));
}

fn choose(t: &[f64], y: &[f64]) -> f64 {
    let window = Window::new(t, y).expect("series are sound");
    let candidates = Candidates::fit(&window);
    select(&window, &candidates).expect("n is at least 300").score
}

/// The six least costs, as the textbook finds them.
fn textbook_costs(t: &[f64], y: &[f64]) -> [f64; 6] {
    let log: Vec<f64> = t.iter().map(|at| (1.0 + (at - t[0])).ln()).collect();
    let n = t.len();
    let [linear, log] = [t, &log].map(|x| {
        let found = reference::segmentations(n, n.div_ceil(20).max(15), 4, reference::line_cost(x, y));
        [found[0].cost, found[2].cost, found[3].cost]
    });
    [linear[0], log[0], linear[1], linear[2], log[1], log[2]]
}

fn check_equal(t: &[f64], y: &[f64]) {
    let candidates = Candidates::fit(&Window::new(t, y).expect("series are sound"));
    for (curve, theirs) in Curve::ALL.into_iter().zip(textbook_costs(t, y)) {
        let ours = candidates.get(curve).expect("all six").rss;
        assert!((ours - theirs).abs() <= 1e-9 * theirs, "{curve:?}: {ours} is not {theirs}");
    }
}

/// Noise around lines that break `k % 4` times.
fn broken_line(random: &mut Random, t: &[f64], k: usize) -> Vec<f64> {
    let n = t.len();
    (0..n)
        .map(|i| {
            let segment = i * (k % 4 + 1) / n;
            (segment as f64 * 3.0 - 1.0) * t[i] * 0.02 + random.normal()
        })
        .collect()
}

/// Even steps but for a long gap after every seventeenth sample.
fn gapped_times(n: usize) -> Vec<f64> {
    (0..n).map(|k| (k + 5 * (k / 17)) as f64).collect()
}

fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    black_box(work());
    start.elapsed().as_secs_f64() * 1e6
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn summary(times: &mut [f64]) -> String {
    let median = median(times);
    format!("{median:8.1} [{:.1} .. {:.1}]", times[0], times[times.len() * 9 / 10])
}
