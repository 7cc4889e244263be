//! One series to its ruling: what is measured, what is compared, and the word for it.

use hebe_collectors::history::Series;
use hebe_models::{Onset, Shape, Soak, Window};

use super::{Ruling, Terms, Verdict, words};
use crate::prepare::Prepared;

/// Power of the smallest leak: of ten runs with such a leak eight would fail.
const POWER: f64 = 0.8;
/// Fewer samples are not judged, however long they took.
const MIN_SAMPLES: usize = 20;
/// A series that ends earlier than the others of its source by this part of the run has stopped.
const STOPPED: f64 = 0.1;

/// One run of one series, measured.
#[derive(Clone, Debug)]
pub(super) struct Run<'a> {
    pub(super) series: &'a Series,
    prepared: Prepared<'a>,
    /// The longest stretch between two known restarts: its first and last time.
    pub(super) from: f64,
    pub(super) to: f64,
    /// Samples of the stretch.
    pub(super) samples: usize,
    /// Restarts that are known.
    pub(super) restarts: usize,
    pub(super) soak: Soak,
}

impl<'a> Run<'a> {
    /// Measures a series; none where it has too few samples for anything.
    pub(super) fn of(series: &'a Series, terms: &Terms) -> Option<Self> {
        let prepared = Prepared::new(series, None);
        let restarts = prepared.restarts();
        let (start, end) = longest(&prepared.t, &restarts);
        let soak = {
            let window = Window::new(&prepared.t[start..end], &prepared.y[start..end]).ok()?;
            Soak::of(&window, terms.confidence, POWER)
        };
        let (from, to) = (prepared.t[start], prepared.t[end - 1]);
        let samples = end - start;
        Some(Self { series, from, to, samples, restarts: restarts.len(), soak, prepared })
    }

    /// Time that is judged.
    pub(super) fn judged_s(&self) -> f64 {
        self.to - self.soak.from
    }

    /// How long the run was, the last sample's period included.
    pub(super) fn lasted_s(&self) -> f64 {
        (self.to - self.from) * self.samples as f64 / (self.samples - 1).max(1) as f64
    }

    /// Time before the stretch that is judged; none where nothing was cut off.
    pub(super) fn before_s(&self) -> Option<f64> {
        (self.soak.onset != Onset::Whole).then_some(self.soak.from - self.from)
    }

    /// What a share of the level is taken of: the level, or what it does, where that is more.
    fn size(&self) -> f64 {
        self.soak.level.abs().max(self.soak.spread)
    }
}

/// Places of the longest stretch without a restart in it.
fn longest(t: &[f64], restarts: &[f64]) -> (usize, usize) {
    let edges = restarts.iter().map(|&restart| t.partition_point(|&t| t < restart)).chain([t.len()]);
    let mut begin = 0;
    let mut longest = (0, 0);
    let span = |(start, end): (usize, usize)| if start < end { t[end - 1] - t[start] } else { -1.0 };
    for edge in edges {
        if span(longest) < span((begin, edge)) {
            longest = (begin, edge);
        }
        begin = edge;
    }
    longest
}

/// The growth that is judged: a run's own, or how much more it is than the baseline's. All a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    pub(super) middle: f64,
    pub(super) error: f64,
    /// The smallest growth that would have been told from none.
    pub(super) least: f64,
    /// The growth of the run and of the baseline, where they are compared.
    pub(super) of: Option<(f64, f64)>,
}

impl Growth {
    /// A run's growth; against a baseline the difference, with the errors of both at right angles.
    fn of(run: &Run<'_>, baseline: Option<&Run<'_>>) -> Option<Self> {
        let rate = run.soak.rate?;
        let Some(baseline) = baseline else {
            return Some(Self { middle: rate.slope, error: rate.error, least: rate.least, of: None });
        };
        let old = baseline.soak.rate?;
        Some(Self {
            middle: rate.slope - old.slope,
            error: rate.error.hypot(old.error),
            least: rate.least.hypot(old.least),
            of: Some((rate.slope, old.slope)),
        })
    }

    pub(super) fn low(&self) -> f64 {
        self.middle - self.error
    }

    pub(super) fn high(&self) -> f64 {
        self.middle + self.error
    }
}

/// What is held against a growth, a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) allow: f64,
    pub(super) sensitivity: f64,
}

impl Bounds {
    /// The terms for one series; terms in another unit give way to the default ones.
    fn of(terms: &Terms, run: &Run<'_>) -> Self {
        let size = run.size();
        let default = Terms::default();
        let per_s = |own: super::Pace, default: super::Pace| {
            own.per_s(run.series.unit, size).or_else(|| default.per_s(run.series.unit, size)).unwrap_or(0.0)
        };
        Self {
            allow: per_s(terms.allow, default.allow),
            sensitivity: per_s(terms.sensitivity, default.sensitivity),
        }
    }
}

/// Why a run cannot pass or fail, whatever its growth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Doubt {
    /// Fewer samples than can be judged.
    Samples,
    /// Less time than must be judged.
    Short,
    /// Falls that are no sawtooth yet: how many, and their median height.
    Falls(usize, f64),
}

/// Judges a series, against a baseline where there is one; `newest_ms` is the last time of its source.
pub(super) fn judge(run: &Run<'_>, baseline: Option<&Run<'_>>, newest_ms: i64, terms: &Terms) -> Ruling {
    let growth = Growth::of(run, baseline);
    let bounds = Bounds::of(terms, run);
    let doubt = doubt(run, terms).map(|doubt| (doubt, false));
    let doubt = doubt.or_else(|| baseline.and_then(|run| self::doubt(run, terms)).map(|doubt| (doubt, true)));
    let early_s = stopped(run, newest_ms);
    let verdict = match growth.filter(|_| doubt.is_none()) {
        Some(growth) if bounds.allow < growth.low() => Verdict::Fail,
        Some(growth) if growth.high() <= bounds.allow + bounds.sensitivity && early_s.is_none() => {
            Verdict::Pass
        }
        _ => Verdict::Inconclusive,
    };
    let run_for_s = run_for(run, growth.as_ref(), doubt.map(|doubt| doubt.0), &bounds, terms)
        .filter(|_| verdict == Verdict::Inconclusive && early_s.is_none());
    let case = words::Case { run, growth: growth.as_ref(), bounds, doubt, early_s, run_for_s, terms };
    Ruling { verdict, sentence: words::sentence(&case, verdict), run_for_s, ..numbers(&case) }
}

fn doubt(run: &Run<'_>, terms: &Terms) -> Option<Doubt> {
    if run.samples < MIN_SAMPLES || run.soak.rate.is_none() {
        Some(Doubt::Samples)
    } else if run.judged_s() < terms.least_s {
        Some(Doubt::Short)
    } else if let Shape::Falls { count, height } = run.soak.shape {
        Some(Doubt::Falls(count, height))
    } else {
        None
    }
}

/// How long before the other series of its source a series ends, where that is early.
fn stopped(run: &Run<'_>, newest_ms: i64) -> Option<f64> {
    let last = run.prepared.t.last().copied().unwrap_or(0.0);
    let early = (newest_ms - run.prepared.ms(last)) as f64 / 1000.0;
    (STOPPED * (last + early) < early).then_some(early)
}

/// About how long a run must be: the smallest leak shrinks with the time judged to the power 3/2.
fn run_for(
    run: &Run<'_>,
    growth: Option<&Growth>,
    doubt: Option<Doubt>,
    bounds: &Bounds,
    terms: &Terms,
) -> Option<f64> {
    let before = run.soak.from - run.from;
    match doubt {
        Some(Doubt::Short) => Some(before + terms.least_s),
        Some(Doubt::Samples) => None,
        Some(Doubt::Falls(count, _)) => Some((run.to - run.from) * 6.0 / count as f64),
        None => {
            let matters = bounds.allow + bounds.sensitivity;
            let more = (growth?.least / matters).powf(2.0 / 3.0);
            (more.is_finite() && 1.0 < more).then(|| before + more * run.judged_s())
        }
    }
}

/// The numbers of a ruling.
fn numbers(case: &words::Case<'_>) -> Ruling {
    let words::Case { run, growth, bounds, terms, .. } = case;
    let hourly = |per_s: f64| Some(per_s * 3_600.0).filter(|value| value.is_finite());
    let (judged_by, troughs, period) = match run.soak.shape {
        Shape::Sawtooth { troughs, period, .. } => ("troughs", Some(troughs), Some(period)),
        Shape::Level | Shape::Falls { .. } => ("medians", None, None),
    };
    Ruling {
        series: run.series.name.clone(),
        source: run.series.source.clone(),
        unit: run.series.unit.to_string(),
        growth_per_h: growth.and_then(|growth| hourly(growth.middle)),
        growth_lo_per_h: growth.and_then(|growth| hourly(growth.low())),
        growth_hi_per_h: growth.and_then(|growth| hourly(growth.high())),
        confidence: terms.confidence,
        smallest_leak_per_h: growth.and_then(|growth| hourly(bounds.allow + growth.least)),
        allow_per_h: hourly(bounds.allow),
        sensitivity_per_h: hourly(bounds.sensitivity),
        run_growth_per_h: growth.and_then(|growth| growth.of).and_then(|of| hourly(of.0)),
        baseline_growth_per_h: growth.and_then(|growth| growth.of).and_then(|of| hourly(of.1)),
        warm_up_s: Some(run.before_s().unwrap_or(0.0)),
        onset: Some(words::onset_name(run)),
        judged_by: Some(judged_by),
        troughs,
        tooth_period_s: period,
        level: Some(run.prepared.value(run.soak.level)),
        from: run.prepared.date(run.from),
        to: run.prepared.date(run.to),
        span_s: Some(run.to - run.from),
        judged_s: Some(run.judged_s()),
        samples: run.samples,
        ..Ruling::default()
    }
}
