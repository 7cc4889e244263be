//! Recorded runs: where their files are, and their samples as numbers.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use crate::truth::Truth;

/// One reading of a recorded run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub time: DateTime<Utc>,
    /// Used, in the run's unit.
    pub used: f64,
    /// The limit, in the same.
    pub limit: f64,
}

/// A run of a real process against a real limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The file's name without its extension, such as `fds-leak`.
    pub name: String,
    /// The CSV file.
    pub path: PathBuf,
    /// What is known about the run.
    pub truth: Truth,
}

impl Recording {
    /// When the run's life ended: its first failure, or its last sample where there is none.
    ///
    /// # Panics
    ///
    /// As [`Recording::samples`].
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        let last = || self.samples().last().map_or(self.truth.started, |sample| sample.time);
        self.truth.first_failure.unwrap_or_else(last)
    }

    /// The moment when `share` of the run's life was over: 0 is its start, 1 its [end](Recording::end).
    ///
    /// # Panics
    ///
    /// As [`Recording::samples`].
    #[must_use]
    pub fn moment(&self, share: f64) -> DateTime<Utc> {
        let life = self.end() - self.truth.started;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a life of milliseconds is far from the ends of i64"
        )]
        let passed = (life.num_milliseconds() as f64 * share).round() as i64;
        self.truth.started + TimeDelta::milliseconds(passed)
    }

    /// Reads the samples, oldest first.
    ///
    /// # Panics
    ///
    /// If the file is missing or not as `record.py` writes it: it is a part of this package, not an input.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let text = read(&self.path);
        let mut lines = text.lines();
        let head = format!("time,{},{}", self.truth.column, self.truth.limit_column);
        assert_eq!(lines.next(), Some(head.as_str()), "head of {}", self.path.display());
        lines
            .map(|line| sample(line).unwrap_or_else(|| panic!("`{line}` in {}", self.path.display())))
            .collect()
    }
}

/// All recorded runs, in the order of `recordings/truth.json`.
///
/// # Panics
///
/// If that file is missing or not as `record.py` writes it: it is a part of this package, not an input.
#[must_use]
pub fn recordings() -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let truths = serde_json::from_str::<Vec<Truth>>(&read(&folder.join("truth.json")));
    truths
        .expect("truth.json is as record.py writes it")
        .into_iter()
        .map(|truth| found(&folder, truth))
        .collect()
}

fn found(folder: &Path, truth: Truth) -> Recording {
    let name = truth.file.trim_end_matches(".csv").to_owned();
    Recording { name, path: folder.join(&truth.file), truth }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

fn sample(line: &str) -> Option<Sample> {
    let mut cells = line.split(',');
    let time = cells.next()?.parse().ok()?;
    let used = cells.next()?.parse().ok()?;
    let limit = cells.next()?.parse().ok()?;
    cells.next().is_none().then_some(Sample { time, used, limit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::Kind;

    fn each(check: impl Fn(&Recording, &[Sample])) {
        let runs = recordings();
        assert_eq!(runs.len(), 8);
        for run in &runs {
            check(run, &run.samples());
        }
    }

    fn peak(samples: &[Sample]) -> f64 {
        samples.iter().map(|sample| sample.used / sample.limit).fold(0.0, f64::max)
    }

    #[test]
    fn times_increase_and_start_with_the_run() {
        each(|run, samples| {
            assert!(samples.is_sorted_by(|a, b| a.time < b.time), "{}", run.name);
            assert!((samples[0].time - run.truth.started).num_seconds().abs() < 1, "{}", run.name);
            assert_eq!(samples.len(), run.truth.samples, "{}", run.name);
        });
    }

    #[test]
    fn half_a_life_has_samples_enough_to_forecast_from() {
        each(|run, samples| {
            let half = run.moment(0.5);
            let seen = samples.iter().filter(|sample| sample.time <= half).count();
            assert!(seen >= 300, "{}: {seen}", run.name);
        });
    }

    #[test]
    fn the_limit_is_the_one_in_the_truth_and_is_kept() {
        each(|run, samples| {
            for sample in samples {
                assert_eq!(sample.limit.to_bits(), run.truth.limit.to_bits(), "{}", run.name);
                assert!(0.0 < sample.used && sample.used <= sample.limit, "{}", run.name);
            }
        });
    }

    #[test]
    fn what_fails_is_what_was_exhausted() {
        each(|run, samples| {
            assert_eq!(run.truth.kind == Kind::Exhaustion, run.truth.first_failure.is_some(), "{}", run.name);
            assert_eq!(run.truth.errno.is_some(), run.truth.first_failure.is_some(), "{}", run.name);
            let Some(failure) = run.truth.first_failure else { return };
            assert!(samples[0].time < failure && failure < samples[samples.len() - 1].time, "{}", run.name);
            let before = samples.iter().rfind(|sample| sample.time < failure).expect("checked above");
            assert!(before.used >= 0.97 * before.limit, "{}: {before:?}", run.name);
        });
    }

    #[test]
    fn what_recovers_comes_near_the_limit_and_back() {
        each(|run, samples| {
            if run.truth.kind == Kind::Exhaustion {
                return;
            }
            let last = samples[samples.len() - 1];
            assert!((0.6..0.95).contains(&peak(samples)), "{}: {}", run.name, peak(samples));
            assert!(last.used < 0.7 * last.limit, "{}: {last:?}", run.name);
        });
    }

    #[test]
    fn a_moment_divides_the_life() {
        let run = recordings().remove(0);
        assert_eq!(run.moment(0.0), run.truth.started);
        assert_eq!(Some(run.moment(1.0)), run.truth.first_failure);
        let (first, second) = (run.moment(0.5) - run.moment(0.0), run.moment(1.0) - run.moment(0.5));
        assert!((first - second).num_milliseconds().abs() <= 1);
    }

    #[test]
    fn a_line_of_another_shape_is_no_sample() {
        for line in ["", "2026-11-21T21:30:00.512Z,1", "2026-11-21T21:30:00.512Z,1,2,3", "now,1,2"] {
            assert_eq!(sample(line), None, "{line}");
        }
        assert!(sample("2026-11-21T21:30:00.512Z,1,2").is_some());
    }
}
