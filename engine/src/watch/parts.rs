//! Parts of totals that cost too much to be sampled: swap by group, directories and deleted files of a file system.
//! They are looked at on demand, while their total heads for its limit or somebody asks, and two looks tell growth.
//!
//! The looks themselves are made elsewhere; here are neither files nor a clock.

use std::collections::{BTreeMap, HashMap, VecDeque};

use hebe_collectors::history::{Series, Unit};

use super::Watch;
use crate::analyze::LIVE;
use crate::finding::{Row, Status};
use crate::plan::HORIZON_PER_WINDOW;

/// Looks at one total that are kept.
const LOOKS: usize = 32;
/// Parts of one look that are kept, the largest ones.
const PARTS: usize = 300;
/// Totals of which looks are kept.
const TOTALS: usize = 16;
/// A window is looked at so often.
const IN_A_WINDOW: f64 = 30.0;
/// Looking takes at most one part in so many of the time.
const SPARING: f64 = 20.0;
/// Who is asked for a look has so long to answer, in milliseconds.
const PATIENCE_MS: i64 = 600_000;
/// What somebody asks for is looked at for so long after, in milliseconds.
const ASKED_MS: i64 = 600_000;
/// Growth between looks is told from so many samples of the total on: fewer blocks are no trend.
const SAMPLES: usize = 12;
/// Points of a part between the first look and the last.
const POINTS: i64 = 240;

/// What is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// What every group has in swap.
    Swap,
    /// Directories of the file system that is mounted there, and deleted files in it that are kept open.
    Disk {
        /// Where, with its leading slash.
        mount: String,
    },
}

/// What one look has found.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// When it ended, in milliseconds since 1970 UTC.
    pub t_ms: i64,
    /// How long it took, in seconds.
    pub cost_s: f64,
    /// Resource (`process.swap`, `directory.bytes`, `deleted.bytes`), scope, bytes. None where the look was cut short,
    /// of which nothing can be compared.
    pub parts: Option<Vec<(&'static str, String, f64)>>,
}

type Name = (&'static str, String);

/// One look as it is kept.
#[derive(Clone, Debug, Default)]
struct Look {
    t_ms: i64,
    parts: BTreeMap<Name, f64>,
    /// Whether all parts are kept: then who is not there has nothing.
    is_whole: bool,
}

/// The looks at one total.
#[derive(Clone, Debug, Default)]
struct Kept {
    looks: VecDeque<Look>,
    due_ms: i64,
    asked_ms: Option<i64>,
    was_cut: bool,
}

/// The looks at all totals.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    of: HashMap<String, Kept>,
}

impl Watch {
    /// What is to be looked at now, with the series that it is a part of. Each is named once until its look is told.
    pub fn wanted(&mut self, now_ms: i64) -> Vec<(String, Wanted)> {
        let Self { series, parts, .. } = self;
        parts.of.retain(|name, _| series.contains_key(name));
        let mut found = Vec::new();
        for (name, one) in series {
            let Some(row) = one.finding().map(|finding| &finding.row) else { continue };
            let Some(wanted) = wanted(row) else { continue };
            let kept = parts.of.get(name);
            let asked = kept.and_then(|kept| kept.asked_ms).is_some_and(|asked| now_ms - asked < ASKED_MS);
            let heads = row.status.is_alarm() || row.status == Status::SurgeHeld;
            let due = kept.is_none_or(|kept| kept.due_ms <= now_ms);
            let room = kept.is_some() || parts.of.len() < TOTALS;
            if (asked || heads) && due && room {
                parts.of.entry(name.clone()).or_default().due_ms = now_ms + PATIENCE_MS;
                found.push((name.clone(), wanted));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// Somebody wants to know who uses a series up: it is looked at for a while.
    pub fn ask_for_parts(&mut self, name: &str, now_ms: i64) {
        let is_apart = self.finding(name).is_some_and(|finding| wanted(&finding.row).is_some());
        if is_apart && (self.parts.of.contains_key(name) || self.parts.of.len() < TOTALS) {
            self.parts.of.entry(name.to_owned()).or_default().asked_ms = Some(now_ms);
        }
    }

    /// Takes in what a look has found.
    pub fn looked(&mut self, name: &str, looked: Looked) {
        let Some(one) = self.series.get_mut(name) else { return };
        let horizon_s = one.finding().and_then(|finding| finding.row.horizon_s).unwrap_or(0.0);
        let kept = self.parts.of.entry(name.to_owned()).or_default();
        #[allow(clippy::cast_possible_truncation, reason = "a pause in milliseconds; saturates")]
        let pause_ms =
            (1000.0 * (horizon_s / HORIZON_PER_WINDOW / IN_A_WINDOW).max(SPARING * looked.cost_s)) as i64;
        kept.due_ms = looked.t_ms.saturating_add(pause_ms.max(1000));
        kept.take(looked);
        // Who uses it up is to be found out anew.
        one.fresh = true;
    }
}

/// What a total is taken apart with, if that costs too much to be sampled.
fn wanted(row: &Row) -> Option<Wanted> {
    match row.resource.as_str() {
        "swap" => Some(Wanted::Swap),
        "disk.bytes" if row.scope.starts_with('/') => Some(Wanted::Disk { mount: row.scope.clone() }),
        _ => None,
    }
}

impl Kept {
    fn take(&mut self, looked: Looked) {
        self.was_cut = looked.parts.is_none();
        let Some(mut parts) = looked.parts else { return };
        // A clock that was set back: what was dated later than now cannot be compared.
        self.looks.retain(|look| look.t_ms < looked.t_ms);
        parts.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.1.cmp(&b.1)));
        let is_whole = parts.len() <= PARTS;
        parts.truncate(PARTS);
        let parts = parts.into_iter().map(|(resource, scope, bytes)| ((resource, scope), bytes)).collect();
        if self.looks.len() == LOOKS {
            self.looks.pop_front();
        }
        self.looks.push_back(Look { t_ms: looked.t_ms, parts, is_whole });
    }

    /// A part at one look: who is not among all of them has nothing.
    fn at(look: &Look, name: &Name) -> Option<f64> {
        look.parts.get(name).copied().or(look.is_whole.then_some(0.0))
    }
}

impl Parts {
    /// A total over the time that looks cover, and its parts on the way between them; over all of its time, and at
    /// their newest level, where looks cover too little to tell growth. None where there was no look.
    pub(super) fn apart(&self, total: &Series) -> Option<(Series, Vec<Series>)> {
        let looks = &self.of.get(&total.name)?.looks;
        let (first, last) = (looks.front()?, looks.back()?);
        let from = total.t_ms.partition_point(|&t| t < first.t_ms);
        let until = total.t_ms.partition_point(|&t| t <= last.t_ms).max(from);
        if SAMPLES <= until - from {
            let cut = Series {
                t_ms: total.t_ms[from..until].to_vec(),
                v: total.v[from..until].to_vec(),
                ..total.clone()
            };
            let parts = last.parts.keys().map(|name| between(looks, name));
            return Some((cut, parts.collect()));
        }
        let (&begin, &end) = (total.t_ms.first()?, total.t_ms.last()?);
        let level = |(name, &bytes): (&Name, &f64)| {
            series(name, grid(begin, end).into_iter().map(|t| (t, bytes)).unzip())
        };
        Some((total.clone(), last.parts.iter().map(level).collect()))
    }

    /// Why nobody is named, where a look is what would tell.
    pub(super) fn note(&self, total: &Series) -> Option<&'static str> {
        if total.resource != "swap" && total.resource != "disk.bytes" {
            return None;
        }
        Some(match self.of.get(&total.name) {
            Some(kept) if kept.was_cut => {
                "it has too many entries to be added up; what was written lately is told instead"
            }
            Some(_) => "a look at who uses it up is under way",
            None => "who uses it up is looked at when it heads for its limit, or when somebody asks",
        })
    }
}

/// A part on straight lines between its looks.
fn between(looks: &VecDeque<Look>, name: &Name) -> Series {
    let known: Vec<(i64, f64)> =
        looks.iter().filter_map(|look| Some((look.t_ms, Kept::at(look, name)?))).collect();
    let (first, last) = (known[0].0, known[known.len() - 1].0);
    let at = |t: i64| {
        let k = known.partition_point(|&(time, _)| time <= t);
        if k == 0 || k == known.len() {
            return known[k.saturating_sub(1)].1;
        }
        let ((t0, y0), (t1, y1)) = (known[k - 1], known[k]);
        y0 + (y1 - y0) * ((t - t0) as f64 / (t1 - t0) as f64)
    };
    series(name, grid(first, last).into_iter().map(|t| (t, at(t))).unzip())
}

/// Even times from one to another, with both.
fn grid(from: i64, until: i64) -> Vec<i64> {
    let mut times: Vec<i64> = (0..=POINTS).map(|k| from + (until - from) * k / POINTS).collect();
    times.dedup();
    times
}

fn series((resource, scope): &Name, samples: (Vec<i64>, Vec<f64>)) -> Series {
    Series::here(resource, scope, Unit::Bytes, LIVE, samples)
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "what is exact is compared exactly")]
mod tests {
    use super::*;

    #[test]
    fn a_part_moves_evenly_between_looks_and_who_is_new_had_nothing() {
        let name = |scope: &str| ("process.swap", scope.to_owned());
        let look = |t_ms: i64, parts: &[(&str, f64)]| Look {
            t_ms,
            parts: parts.iter().map(|&(scope, bytes)| (name(scope), bytes)).collect(),
            is_whole: true,
        };
        let looks = VecDeque::from([look(0, &[("a", 10.0)]), look(2400, &[("a", 20.0), ("new", 8.0)])]);
        let (a, new) = (between(&looks, &name("a")), between(&looks, &name("new")));
        assert_eq!((a.v[0], a.v[120], a.v[240], a.t_ms[120]), (10.0, 15.0, 20.0, 1200));
        assert_eq!((new.v[0], new.v[60], new.v[240]), (0.0, 2.0, 8.0));
    }

    #[test]
    fn looks_are_kept_within_bounds_whatever_the_clock_does() {
        let mut kept = Kept::default();
        for k in 0..100_i64 {
            let parts = (0..400).map(|p| ("directory.bytes", format!("/{p}"), f64::from(p))).collect();
            kept.take(Looked { t_ms: if k == 50 { 0 } else { k }, cost_s: 0.1, parts: Some(parts) });
        }
        assert!(kept.looks.len() <= LOOKS);
        assert!(kept.looks.iter().all(|look| look.parts.len() == PARTS && !look.is_whole));
        assert!(kept.looks.iter().zip(kept.looks.iter().skip(1)).all(|(a, b)| a.t_ms < b.t_ms));
    }
}
