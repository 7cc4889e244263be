//! A simulated run as a reader of samples sees it, in seconds and units, with its truth beside it.

use crate::course::Course;
use crate::random::Random;
use crate::scenario::Scenario;
use crate::scenarios;

/// First sample of every run, Unix seconds: large, as real times are.
const START_S: f64 = 1_700_000_000.0;

/// Times from sample to sample: horizons of 5, 10 and 20 days hold 3000 of them.
const STEPS_S: [f64; 3] = [144.0, 288.0, 576.0];

/// A heap, descriptors, percent, a disk, processes.
const LIMITS: [f64; 5] = [8_589_934_592.0, 65_536.0, 100.0, 500e9, 32_768.0];

/// Seconds of a day.
const DAY_S: f64 = 86_400.0;

/// A simulated run with its truth. The columns are of equal length, one entry a sample that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// What it is a run of.
    pub scenario: Scenario,
    /// What it was drawn from.
    pub seed: u64,
    /// Nominal time from sample to sample, seconds.
    pub step_s: f64,
    /// When, Unix seconds, increasing.
    pub t: Vec<f64>,
    /// What was read of the use.
    pub value: Vec<f64>,
    /// The limit at that time.
    pub limit: Vec<f64>,
    /// When the noiseless use meets the limit; `None` if not within the run.
    pub exhausted_at: Option<f64>,
    /// The last change of regime before that: nobody can know the exhaustion earlier.
    pub known_from: f64,
    /// The truth at each sample: seconds left if the present regime goes on, infinite if it never ends.
    pub left: Vec<f64>,
    /// Whether the sample is just after a change of regime, when nothing should be scored.
    pub grace: Vec<bool>,
}

/// Draws a run: the same for the same `scenario` and `seed`, on every platform.
#[must_use]
pub fn simulate(scenario: Scenario, seed: u64) -> Simulated {
    let mut random = Random::new(scenario.name(), seed);
    let step_s = random.one_of(&STEPS_S);
    let full = random.one_of(&LIMITS);
    let course = scenarios::draw(scenario, &mut random, DAY_S / step_s);
    let at = |i: f64| START_S + i * step_s;
    Simulated {
        scenario,
        seed,
        step_s,
        t: kept(&course, |i| at(i as f64)),
        value: kept(&course, |i| readable(course.used[i].max(0.0) * full, full)),
        limit: kept(&course, |i| course.limit[i] * full),
        exhausted_at: course.exhausted_at.map(at),
        known_from: at(course.known_from),
        left: kept(&course, |i| course.left[i] * step_s),
        grace: kept(&course, |i| course.grace[i]),
    }
}

/// One column, without the samples that nobody read.
fn kept<T>(course: &Course, cell: impl Fn(usize) -> T) -> Vec<T> {
    (0..course.len()).filter(|&i| course.kept[i]).map(cell).collect()
}

/// As a collector would give it: whole units, or a percentage with three places.
fn readable(value: f64, full: f64) -> f64 {
    if full > 1000.0 { value.round() } else { (value * 1000.0).round() / 1000.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEDS: std::ops::Range<u64> = 0..20;

    fn each(check: impl Fn(&Simulated)) {
        for scenario in Scenario::ALL {
            SEEDS.for_each(|seed| check(&simulate(scenario, seed)));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_run_and_another_another() {
        for scenario in Scenario::ALL {
            assert_eq!(simulate(scenario, 1), simulate(scenario, 1), "{scenario}");
            assert_ne!(simulate(scenario, 1).value, simulate(scenario, 2).value, "{scenario}");
        }
    }

    /// Changes whenever a generator does: results measured before cannot be compared with those after.
    #[test]
    fn the_runs_are_those_that_were_measured() {
        let mut hash = 0_u64;
        for scenario in Scenario::ALL {
            for value in simulate(scenario, 1).value {
                hash = hash.rotate_left(5).wrapping_mul(0x100_0000_01b3) ^ value.to_bits();
            }
        }
        assert_eq!(hash, 7_164_048_161_063_149_641);
    }

    #[test]
    fn columns_are_of_equal_length_and_finite() {
        each(|run| {
            let n = run.t.len();
            let lengths = [run.value.len(), run.limit.len(), run.left.len(), run.grace.len()];
            assert_eq!(lengths, [n; 4], "{} {}", run.scenario, run.seed);
            let finite = |column: &[f64]| column.iter().all(|x| x.is_finite() && *x >= 0.0);
            assert!(finite(&run.value) && finite(&run.limit), "{} {}", run.scenario, run.seed);
            assert!(run.left.iter().all(|&left| left > 0.0), "{} {}", run.scenario, run.seed);
        });
    }

    #[test]
    fn times_increase_by_whole_steps() {
        each(|run| {
            for pair in run.t.windows(2) {
                let steps = (pair[1] - pair[0]) / run.step_s;
                assert!(steps >= 1.0 && steps.fract() == 0.0, "{} {}", run.scenario, run.seed);
            }
        });
    }

    #[test]
    fn runs_are_long_enough_for_a_window() {
        each(|run| assert!(run.t.len() >= 300, "{} {}: {}", run.scenario, run.seed, run.t.len()));
    }

    #[test]
    fn exhausting_runs_end_at_their_limit_and_others_do_not_end() {
        each(|run| assert_eq!(run.exhausted_at.is_some(), run.scenario.exhausts(), "{}", run.scenario));
        each(|run| {
            let Some(exhausted_at) = run.exhausted_at else { return };
            let last = run.t[run.t.len() - 1];
            assert!(last < exhausted_at, "{} {}", run.scenario, run.seed);
            // Gaps may swallow the end of a run; a sawtooth may be read at its foot.
            let end: Vec<f64> =
                run.value.iter().zip(&run.limit).map(|(value, limit)| value / limit).collect();
            let highest = end.iter().rev().take(60).copied().fold(0.0, f64::max);
            assert!(highest > 0.85, "{} {}: {highest}", run.scenario, run.seed);
        });
    }

    #[test]
    fn the_truth_of_the_last_regime_is_the_time_to_the_end() {
        each(|run| {
            let Some(exhausted_at) = run.exhausted_at else { return };
            assert!(run.known_from < exhausted_at, "{} {}", run.scenario, run.seed);
            for (t, left) in run.t.iter().zip(&run.left).filter(|(t, _)| **t >= run.known_from) {
                assert!((t + left - exhausted_at).abs() < 1e-3, "{} {}", run.scenario, run.seed);
            }
        });
    }

    #[test]
    fn a_slow_leak_is_never_due() {
        for seed in SEEDS {
            let run = simulate(Scenario::SlowLeak, seed);
            assert!(run.left.iter().all(|&left| left > 1.5 * 3000.0 * run.step_s), "{seed}");
        }
    }

    #[test]
    fn healthy_runs_stay_below_their_limit() {
        for scenario in Scenario::ALL.into_iter().filter(|scenario| !scenario.exhausts()) {
            // An outlier without a variance does touch it; that is its point.
            if scenario == Scenario::HeavyTailFlat {
                continue;
            }
            for seed in SEEDS {
                let run = simulate(scenario, seed);
                let over = run.value.iter().zip(&run.limit).filter(|(value, limit)| value >= limit).count();
                assert_eq!(over, 0, "{scenario} {seed}");
            }
        }
    }

    #[test]
    fn only_a_raised_limit_moves() {
        each(|run| {
            let moved = run.limit.windows(2).filter(|pair| pair[0].to_bits() != pair[1].to_bits()).count();
            assert_eq!(moved, usize::from(run.scenario == Scenario::LimitChange), "{}", run.scenario);
        });
    }
}
