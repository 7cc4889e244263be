//! The memory of a fit, and what is known of even clocks, kept from one fit to the next.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

use pulp::{Arch, Simd, WithSimd};

use super::axis::Axis;
use super::fit::{Fit, Reading};
use super::lanes::unit;
use super::search::{Breakpoints, Room, breakpoints};
use super::{Candidates, MIN_ALL, MIN_LINEAR, min_segment};
use crate::curve::{Clock, Curve};
use crate::window::Window;

/// How far, in steps, an even clock may be from even: what rounding leaves of times near zero.
const EVEN: f64 = 1e-9;

/// Fits window after window without asking for memory again, and faster where they are equally long and evenly
/// sampled: the tables of their clocks are kept then. What it gives depends on the window alone.
///
/// One is enough for a thread, whatever the number of series. Memory: about 0.6 KiB a sample of the longest window,
/// 180 KiB for windows of 300.
#[derive(Clone, Debug, Default)]
pub struct Fitter {
    /// The linear and the logarithmic clock of the last even window.
    even: Option<[Axis; 2]>,
    work: Work,
}

/// Columns that every fit writes anew.
#[derive(Clone, Debug, Default)]
struct Work {
    steps: Vec<f64>,
    small: Vec<f64>,
    residuals: Vec<f64>,
    room: Room,
}

/// Which curves are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wanted {
    /// Those of the seed's rule.
    Ruled,
    /// All whose segments fit.
    All,
}

impl Fitter {
    /// Fits every curve that the window has samples for, as [`Candidates::fit`] does.
    #[must_use]
    pub fn fit(&mut self, window: &Window<'_>) -> Candidates {
        self.fit_wanted(Wanted::Ruled, window.times(), window.values(), [Breakpoints::default(); 2])
    }

    /// Fits every curve whose segments fit into the window, as [`Candidates::fit_all`] does.
    #[must_use]
    pub fn fit_all(&mut self, window: &Window<'_>) -> Candidates {
        self.fit_wanted(Wanted::All, window.times(), window.values(), [Breakpoints::default(); 2])
    }

    /// Fits columns that keep the invariants of a [`Window`]; `known` are breakpoints on either clock that may be
    /// good.
    pub(super) fn fit_wanted(
        &mut self,
        wanted: Wanted,
        times: &[f64],
        values: &[f64],
        known: [Breakpoints; 2],
    ) -> Candidates {
        let n = times.len();
        if wanted == Wanted::Ruled && n < MIN_LINEAR {
            return Candidates::default();
        }
        let clock = Clock::linear(times);
        let only_line = wanted == Wanted::Ruled && n < MIN_ALL;
        Arch::new().dispatch(Task { fitter: self, clock, times, values, known, only_line })
    }
}

/// A fit, to be run on whatever vectors the processor has.
struct Task<'a> {
    fitter: &'a mut Fitter,
    clock: Clock,
    times: &'a [f64],
    values: &'a [f64],
    known: [Breakpoints; 2],
    only_line: bool,
}

impl WithSimd for Task<'_> {
    type Output = Candidates;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Candidates {
        let Self { fitter: Fitter { even, work }, clock, times, values, known, only_line } = self;
        work.steps.resize(times.len(), 0.0);
        let (start, rate) = (times[0], clock.rate(times[0]));
        for (step, &t) in work.steps.iter_mut().zip(times) {
            *step = (t - start) * rate;
        }
        if only_line {
            let read = Reading { clock, t: times, x: &work.steps, y: values };
            let line = Fit::new(simd, Curve::Linear, &read, &[], &mut work.residuals);
            return Candidates { fits: [Some(line), None, None, None, None, None] };
        }
        let uneven;
        let mut known = known;
        let axes = if is_even(&work.steps) {
            let kept = even.take().filter(|[linear, _]| linear.len() == times.len());
            &*even.insert(kept.unwrap_or_else(|| even_axes(times.len())))
        } else {
            uneven = axes(&work.steps, false);
            // Beside a large gap sums lose digits, and a bound by earlier breakpoints might cut off the best ones.
            known = [Breakpoints::default(); 2];
            &uneven
        };
        unit(values, &mut work.small);
        curves(simd, axes, clock, (times, values), known, work)
    }
}

/// Fits both families.
#[inline(always)]
fn curves<S: Simd>(
    simd: S,
    axes: &[Axis; 2],
    clock: Clock,
    (t, y): (&[f64], &[f64]),
    known: [Breakpoints; 2],
    work: &mut Work,
) -> Candidates {
    let Work { small, residuals, room, .. } = work;
    let mut fits = [None; 6];
    // What is good on one clock may be good on the other.
    let mut known = [known[1], known[0]];
    for (axis, clock, [whole, twice, thrice]) in [
        (&axes[0], clock, [Curve::Linear, Curve::Linear2, Curve::Linear3]),
        (&axes[1], clock.logarithmic(), [Curve::Log, Curve::Log2, Curve::Log3]),
    ] {
        let found = breakpoints(simd, axis, small, &known, room);
        let read = Reading { clock, t, x: &axis.readings, y };
        fits[whole.index()] = Some(Fit::new(simd, whole, &read, &[], residuals));
        if let Some(at) = &found.two {
            fits[twice.index()] = Some(Fit::new(simd, twice, &read, at, residuals));
        }
        if let Some(at) = &found.three {
            fits[thrice.index()] = Some(Fit::new(simd, thrice, &read, at, residuals));
        }
        known[1] = found;
    }
    Candidates { fits }
}

/// The linear clock of an even window, and the logarithmic one.
fn even_axes(n: usize) -> [Axis; 2] {
    let steps: Vec<f64> = (0..n).map(|k| k as f64).collect();
    axes(&steps, true)
}

/// The axes of a clock that counts `steps`, and of its logarithmic face.
fn axes(steps: &[f64], even: bool) -> [Axis; 2] {
    let min = min_segment(steps.len());
    let log = steps.iter().map(|step| (1.0 + step.max(0.0)).ln()).collect();
    [Axis::new(steps.to_vec(), even, min), Axis::new(log, false, min)]
}

/// Whether the clock counts 0, 1, 2, … at the samples.
#[inline(always)]
fn is_even(steps: &[f64]) -> bool {
    let mut even = true;
    for (k, step) in steps.iter().enumerate() {
        even &= (step - k as f64).abs() <= EVEN;
    }
    even
}
