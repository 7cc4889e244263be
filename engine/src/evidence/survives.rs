//! Whether a trouble survives restarts, by the levels after those that the history has seen.

use hebe_collectors::history::Series;
use hebe_models::Relief;

use crate::prepare::Prepared;

/// Of several restarts, a typical one gives something back from this part of the level before on.
const SOMETHING: f64 = 0.05;
/// Of a single one more is asked for: levels about one moment differ by chance.
const MUCH: f64 = 0.2;
/// A restart and the sample that shows it are no further apart than so many samples.
const NEAR: usize = 3;

/// What was restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restarted {
    /// The group of processes that is suspected.
    Group,
    /// The whole host.
    Host,
}

/// What restarts did to a trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survival {
    /// What was restarted.
    pub restarted: Restarted,
    /// How often.
    pub times: usize,
    /// Whether the level after was that before.
    pub survives: bool,
}

/// What the restarts did that the histories of the suspect and of what runs out have seen; none where there were
/// none, or where they do not agree. What gives it back decides; of what does not, the reboot says more.
#[must_use]
pub fn survival(suspect: &Series, total: &Series, until_ms: Option<i64>) -> Option<Survival> {
    let of = |series: &Series| {
        let restarted = if is_of_host(series) { Restarted::Host } else { Restarted::Group };
        one(series, restarted, until_ms)
    };
    let (group, host) = (of(suspect), if suspect.name == total.name { None } else { of(total) });
    let both: Vec<Survival> = group.into_iter().chain(host).collect();
    let given_back = both.iter().find(|one| !one.survives);
    given_back
        .or_else(|| both.iter().rev().find(|one| one.restarted == Restarted::Host))
        .or(both.first())
        .copied()
}

/// Whether restarts in a series are those of its host: what belongs to nobody in particular.
fn is_of_host(series: &Series) -> bool {
    const HOST: [&str; 6] = ["memory.", "disk.", "files.", "threads", "tasks", "swap"];
    HOST.iter().any(|start| series.resource.starts_with(start))
        && (series.scope.is_empty() || series.scope.starts_with('/'))
}

fn one(series: &Series, restarted: Restarted, until_ms: Option<i64>) -> Option<Survival> {
    let prepared = Prepared::new(series, until_ms);
    let known = prepared.restarts();
    let relief = Relief::of(&prepared.t, &prepared.y, &known)?;
    let step = prepared.t.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    // A drop that nobody restarted is something else: garbage collected, a cache emptied.
    let is_known = |at: f64| known.iter().any(|known| (at - known).abs() <= NEAR as f64 * step);
    let mut parts: Vec<f64> = relief
        .restarts
        .iter()
        .filter(|restart| is_known(restart.at) && 0.0 < restart.before.abs())
        .map(|restart| (restart.before - restart.after) / restart.before.abs())
        .collect();
    parts.sort_unstable_by(f64::total_cmp);
    let part = *parts.get(parts.len() / 2)?;
    let survives = match parts.len() {
        1 if SOMETHING < part && part < MUCH => return None,
        _ => part <= SOMETHING,
    };
    Some(Survival { restarted, times: parts.len(), survives })
}

impl Survival {
    /// `3 restarts of it gave it back`.
    #[must_use]
    pub fn words(&self) -> String {
        let what = match (self.restarted, self.times) {
            (Restarted::Group, 1) => "the one restart of it".to_owned(),
            (Restarted::Group, times) => format!("{times} restarts of it"),
            (Restarted::Host, 1) => "a reboot".to_owned(),
            (Restarted::Host, times) => format!("{times} reboots"),
        };
        format!("{what} {}", if self.survives { "did not give it back" } else { "gave it back" })
    }

    /// What that speaks for.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        match (self.restarted, self.survives) {
            (Restarted::Group, false) => "software",
            (Restarted::Host, false) => "software, of the kernel or of whoever was not restarted alone",
            (Restarted::Group, true) => "outside of what was restarted",
            (Restarted::Host, true) => "hardware, or data on the disk",
        }
    }
}

#[cfg(test)]
mod tests {
    use hebe_collectors::history::{Sense, Unit};

    use super::*;

    const MINUTE: i64 = 60_000;

    fn series(resource: &str, scope: &str, restarts: &[i64], v: impl Fn(i64) -> f64) -> Series {
        Series {
            name: format!("{resource} {scope}"),
            resource: resource.to_owned(),
            scope: scope.to_owned(),
            host: String::new(),
            unit: Unit::Bytes,
            sense: Sense::Rises,
            t_ms: (0..400).map(|k| k * MINUTE).collect(),
            v: (0..400).map(v).collect(),
            limit: None,
            restarts_ms: restarts.iter().map(|k| k * MINUTE).collect(),
            rejected: 0,
            source: String::new(),
            also: Vec::new(),
            block: 1,
        }
    }

    const EVERY: [i64; 3] = [100, 200, 300];

    fn given_back(k: i64) -> f64 {
        100.0 + (k % 100) as f64
    }

    fn goes_on(k: i64) -> f64 {
        100.0 + k as f64
    }

    #[track_caller]
    fn check(
        group: (&[i64], fn(i64) -> f64),
        host: (&[i64], fn(i64) -> f64),
        expected: Option<(&str, &str)>,
    ) {
        let suspect = series("process.memory", "web", group.0, group.1);
        let found = survival(&suspect, &series("memory.available", "", host.0, host.1), None);
        let told = found.map(|found| (found.words(), found.verdict()));
        assert_eq!(told.as_ref().map(|(words, verdict)| (words.as_str(), *verdict)), expected);
    }

    #[test]
    fn what_gives_it_back_decides_and_a_reboot_that_does_not_says_more() {
        let never = (&[][..], goes_on as fn(i64) -> f64);
        let software = Some(("3 restarts of it gave it back", "software"));
        check((&EVERY, given_back), never, software);
        check((&EVERY, given_back), (&[200], goes_on), software);
        check(
            (&EVERY, goes_on),
            never,
            Some(("3 restarts of it did not give it back", "outside of what was restarted")),
        );
        let hard = Some(("a reboot did not give it back", "hardware, or data on the disk"));
        check((&EVERY, goes_on), (&[200], goes_on), hard);
        let kernel = "software, of the kernel or of whoever was not restarted alone";
        check(
            (&EVERY, goes_on),
            (&[200], |k| if k < 200 { goes_on(k) } else { 100.0 }),
            Some(("a reboot gave it back", kernel)),
        );
    }

    #[test]
    fn drops_that_nobody_restarted_and_no_restarts_at_all_say_nothing() {
        let never = (&[][..], goes_on as fn(i64) -> f64);
        check((&[], given_back), never, None);
        check(never, never, None);
        // A single restart that gave a little back may be chance.
        check((&[200], |k| if k < 200 { 100.0 } else { 90.0 }), never, None);
    }
}
