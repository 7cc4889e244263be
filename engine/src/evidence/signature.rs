//! Signatures: what moved before a resource failed, and whether it moves now.

use hebe_collectors::history::{Sense, Series};
use hebe_models::cliffs_delta;
use serde::{Deserialize, Serialize};

/// At this part of its limit a resource has failed.
const FAILED: f64 = 0.98;
/// Below this part it is well again.
const WELL: f64 = 0.9;
/// What is called a large effect (Romano et al. 2006).
const LARGE: f64 = 0.474;
/// Fewest values of a window that are compared.
const FEWEST: usize = 8;
/// A window before a failure, as a part of the history, and the windows that are looked at.
const WINDOW: f64 = 0.02;
const WINDOWS: i64 = 4;
/// Movers that are kept.
const KEPT: usize = 8;
/// Movers of which a window must show this part to match.
const MATCHED: f64 = 0.6;

/// A series that moved before failures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mover {
    /// Its name.
    pub series: String,
    /// Cliff's delta of its values before failures against healthy ones: positive where it rose.
    pub effect: f64,
    /// Seconds before the failure at which it was already seen.
    pub lead_s: f64,
}

/// What moved before a resource failed, the earliest and clearest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// `before memory`.
    pub name: String,
    /// The series that failed.
    pub series: String,
    /// How often it failed.
    pub failures: usize,
    /// Length of a window, in seconds.
    pub window_s: f64,
    /// What moved.
    pub movers: Vec<Mover>,
}

/// The signature of every series that has reached its limit and was well again.
#[must_use]
pub fn signatures(all: &[Series]) -> Vec<Signature> {
    all.iter().filter_map(|series| signature(series, all)).collect()
}

fn signature(failed: &Series, all: &[Series]) -> Option<Signature> {
    let failures = failures(failed);
    let (&first, &last) = (failed.t_ms.first()?, failed.t_ms.last()?);
    #[expect(clippy::cast_possible_truncation, reason = "a part of a span of times")]
    let window = ((last - first) as f64 * WINDOW) as i64;
    if failures.is_empty() || window == 0 {
        return None;
    }
    let host = |other: &&Series| other.name != failed.name && other.host == failed.host;
    let mut movers: Vec<Mover> =
        all.iter().filter(host).filter_map(|other| mover(other, &failures, window)).collect();
    movers.sort_by(|a, b| {
        b.lead_s
            .total_cmp(&a.lead_s)
            .then(b.effect.abs().total_cmp(&a.effect.abs()))
            .then_with(|| a.series.cmp(&b.series))
    });
    movers.truncate(KEPT);
    (!movers.is_empty()).then(|| Signature {
        name: format!("before {}", failed.name),
        series: failed.name.clone(),
        failures: failures.len(),
        window_s: window as f64 / 1000.0,
        movers,
    })
}

/// Times at which the limit was reached, each after the resource was well.
fn failures(series: &Series) -> Vec<i64> {
    let Some(limit) = &series.limit else { return Vec::new() };
    let (mut failures, mut is_well) = (Vec::new(), false);
    for (&t, &value) in series.t_ms.iter().zip(&series.v) {
        let share = share(series.sense, value, limit.at(t));
        if share < WELL {
            is_well = true;
        } else if FAILED <= share && std::mem::replace(&mut is_well, false) {
            failures.push(t);
        }
    }
    failures
}

/// How full it is; what falls to nothing has no such number and fails at nothing left.
fn share(sense: Sense, value: f64, limit: f64) -> f64 {
    match sense {
        Sense::Rises if 0.0 < limit => value / limit,
        Sense::Falls if value <= limit => 1.0,
        _ => 0.0,
    }
}

/// What a series did in the windows before failures, if that was large, and the same before each of them.
fn mover(other: &Series, failures: &[i64], window: i64) -> Option<Mover> {
    let healthy = healthy(other, failures, window);
    if healthy.len() < FEWEST {
        return None;
    }
    let effect = |failure: i64, back: i64| {
        let values = between(other, failure - (back + 1) * window, failure - back * window);
        (FEWEST <= values.len()).then(|| cliffs_delta(values, &healthy)).flatten()
    };
    // From the failure back, as far as it moved the same way before every failure.
    let mut seen = None;
    for back in 0..WINDOWS {
        let effects: Option<Vec<f64>> = failures.iter().map(|&failure| effect(failure, back)).collect();
        let Some(effects) = effects else { break };
        let same =
            effects.iter().all(|effect| LARGE <= effect.abs() && effect.signum() == effects[0].signum());
        if !same {
            break;
        }
        let mean = effects.iter().sum::<f64>() / effects.len() as f64;
        let first = seen.map_or(mean, |(first, _): (f64, i64)| first);
        seen = Some((first, back));
    }
    let (effect, back) = seen?;
    Some(Mover { series: other.name.clone(), effect, lead_s: ((back + 1) * window) as f64 / 1000.0 })
}

/// Values at times that are far from the next failure, and not just behind the last one.
fn healthy(other: &Series, failures: &[i64], window: i64) -> Vec<f64> {
    let is_healthy = |t: i64| {
        failures.iter().all(|&failure| t < failure - (WINDOWS + 2) * window || failure + 2 * window < t)
    };
    other.t_ms.iter().zip(&other.v).filter(|&(&t, _)| is_healthy(t)).map(|(_, &value)| value).collect()
}

fn between(series: &Series, from: i64, to: i64) -> &[f64] {
    let place = |t: i64| series.t_ms.partition_point(|&time| time <= t);
    &series.v[place(from)..place(to).max(place(from))]
}

impl Signature {
    /// What of the signature the newest window shows, as `(movers seen, movers that could be seen)`.
    #[must_use]
    pub fn seen_in(&self, all: &[Series]) -> (usize, usize) {
        #[expect(clippy::cast_possible_truncation, reason = "a span of times")]
        let window = (1000.0 * self.window_s) as i64;
        let (mut seen, mut known) = (0, 0);
        for mover in &self.movers {
            let Some(series) = all.iter().find(|series| series.name == mover.series) else { continue };
            let Some(&last) = series.t_ms.last() else { continue };
            let newest = between(series, last - window, last);
            let before = between(series, i64::MIN / 2, last - (WINDOWS + 2) * window);
            if newest.len() < FEWEST || before.len() < FEWEST {
                continue;
            }
            known += 1;
            let effect = cliffs_delta(newest, before).unwrap_or(0.0);
            seen += usize::from(LARGE <= effect.abs() && effect.signum() == mover.effect.signum());
        }
        (seen, known)
    }

    /// Whether the newest window looks like those before failures.
    #[must_use]
    pub fn matches(&self, all: &[Series]) -> bool {
        let (seen, known) = self.seen_in(all);
        0 < known && MATCHED * known as f64 <= seen as f64
    }

    /// `before memory failed, 3 times: a rose (effect 0.98, 2 h before), b fell (…)`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let told = |mover: &Mover| {
            let did = if 0.0 < mover.effect { "rose" } else { "fell" };
            let lead = crate::report::units::duration(mover.lead_s);
            format!("{} {did} (effect {:.2}, {lead} before)", mover.series, mover.effect.abs())
        };
        let movers: Vec<String> = self.movers.iter().map(told).collect();
        let times = if self.failures == 1 {
            "once, which proves little".to_owned()
        } else {
            format!("{} times", self.failures)
        };
        format!("before {} failed, {times}: {}", self.series, movers.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::{Limit, Unit};

    use super::*;

    fn series(name: &str, limit: Option<f64>, v: impl Fn(i64) -> f64) -> Series {
        Series {
            name: name.to_owned(),
            resource: name.to_owned(),
            scope: String::new(),
            host: String::new(),
            unit: Unit::Count,
            sense: Sense::Rises,
            t_ms: (0..2000).map(|k| k * 60_000).collect(),
            v: (0..2000).map(v).collect(),
            limit: limit.map(|limit| Limit::fixed(limit, "test")),
            restarts_ms: Vec::new(),
            rejected: 0,
            source: String::new(),
            also: Vec::new(),
            block: 1,
        }
    }

    fn ripple(k: i64) -> f64 {
        (1.7 * k as f64).sin()
    }

    /// It fails at 900 and at 1800; the queue is long for the last 100 minutes before, the errors for the last 40.
    fn host() -> Vec<Series> {
        let phase = |k: i64| k % 900;
        vec![
            series("memory", Some(100.0), move |k| {
                if phase(k) < 800 { 20.0 + ripple(k) } else { 20.0 + 0.81 * (phase(k) - 800) as f64 }
            }),
            series("queue", None, move |k| if 800 <= phase(k) { 50.0 } else { 10.0 } + ripple(k)),
            series("errors", None, move |k| if 860 <= phase(k) { 9.0 } else { 1.0 } + ripple(k)),
            series("calm", None, ripple),
            series("day", None, |k| 100.0 * (k as f64 / 300.0).sin()),
        ]
    }

    #[test]
    fn what_moved_first_comes_first_and_what_did_not_is_not_named() {
        let found = signatures(&host());
        assert_eq!(found.len(), 1);
        let names: Vec<&str> = found[0].movers.iter().map(|mover| mover.series.as_str()).collect();
        assert_eq!(names, ["queue", "errors"]);
        assert_eq!(found[0].failures, 2);
        assert!(found[0].movers.iter().all(|mover| 0.9 < mover.effect), "{found:?}");
        assert!(found[0].movers[1].lead_s < found[0].movers[0].lead_s);
        assert!(
            found[0].sentence().starts_with("before memory failed, 2 times: queue rose"),
            "{}",
            found[0].sentence()
        );
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Signature>>(&text).unwrap(), found);
    }

    #[test]
    fn later_windows_are_held_against_it() {
        let found = signatures(&host()).remove(0);
        let cut = |end: usize| {
            let mut all = host();
            for series in &mut all {
                series.t_ms.truncate(end);
                series.v.truncate(end);
            }
            all
        };
        assert!(found.matches(&cut(1795)), "just before the second failure");
        assert!(!found.matches(&cut(1500)), "in the middle of health");
        assert_eq!(found.seen_in(&[]), (0, 0));
    }

    #[test]
    fn what_never_failed_has_no_signature() {
        let calm = vec![series("memory", Some(100.0), |k| 20.0 + ripple(k)), series("queue", None, ripple)];
        assert!(signatures(&calm).is_empty());
        let always = vec![series("memory", Some(100.0), |_| 100.0), series("queue", None, ripple)];
        assert!(signatures(&always).is_empty(), "it was never well");
    }
}
