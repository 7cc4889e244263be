//! Members of a group that are restarted together: what is too few restarts in one of them is enough in all.

use std::collections::BTreeMap;

use hebe_collectors::history::Series;
use hebe_models::{Relief, Rhythm};

use crate::prepare::Prepared;

/// A group has so many members at least.
const FEWEST: usize = 3;
/// A restart of the group is one of this part of the members that were there.
const PART: f64 = 1.0 / 3.0;
/// A member is restarted where this part of its level is gone from one sample to the next: when others fall with it,
/// that is no chance.
const FALL: f64 = 0.2;

/// The members of one group on one host, or in one file.
#[derive(Clone, Debug)]
pub(super) struct Members<'a> {
    /// Host and file.
    pub(super) place: (&'a str, &'a str),
    pub(super) series: Vec<&'a Series>,
}

/// Members of one group that are restarted by one schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    /// The schedule.
    pub rhythm: Rhythm,
    /// When the group was seen to be restarted, in seconds since 1970 UTC: the last samples before and the first after.
    restarts: Vec<(f64, f64)>,
}

impl Together {
    /// The schedules of one group, by where its members are. A host that ends before another begins has got another
    /// name: its members are those of the other.
    pub(super) fn of<'a>(group: &[Members<'a>], until_ms: Option<i64>) -> BTreeMap<(&'a str, &'a str), Self> {
        let pools: Vec<&[Members<'a>]> = if follow(group) { vec![group] } else { group.chunks(1).collect() };
        let found = pools.into_iter().filter_map(|pool| {
            let members: Vec<&Series> =
                pool.iter().flat_map(|members| members.series.iter().copied()).collect();
            Some((pool, Self::among(&members, until_ms)?))
        });
        found.flat_map(|(pool, one)| pool.iter().map(move |members| (members.place, one.clone()))).collect()
    }

    fn among(members: &[&Series], until_ms: Option<i64>) -> Option<Self> {
        let (mut samples, mut drops, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for member in members {
            let prepared = Prepared::new(member, until_ms);
            let times: Vec<f64> = prepared.t.iter().map(|&t| prepared.ms(t) as f64 / 1000.0).collect();
            let falls = |k: &usize| prepared.y[k + 1] < (1.0 - FALL) * prepared.y[*k];
            drops.extend((0..times.len().saturating_sub(1)).filter(falls).map(|k| (times[k], times[k + 1])));
            spans.extend(times.first().copied().zip(times.last().copied()));
            samples.extend(times);
        }
        samples.sort_unstable_by(f64::total_cmp);
        samples.dedup();
        let there = |at: f64| spans.iter().filter(|&&(from, to)| from <= at && at <= to).count();
        let is_group = |&((_, until), count): &((f64, f64), usize)| {
            let there = there(until);
            FEWEST <= there && PART * there as f64 <= count as f64
        };
        let restarts: Vec<(f64, f64)> =
            at_once(drops).into_iter().filter(is_group).map(|(at, _)| at).collect();
        Some(Self { rhythm: Rhythm::of(&restarts, &samples)?, restarts })
    }

    /// Puts the schedule into what is known of one member, if what was seen of its restarts fits.
    pub fn put_into(&self, relief: &mut Relief) {
        let of_group = |at: f64| self.restarts.iter().any(|&(after, until)| after < at && at <= until);
        let own = relief.restarts.iter().filter(|restart| of_group(restart.at)).count();
        if relief.restarts.len() < 2 * own {
            relief.period = Some(self.rhythm.period);
            // Where restarts left no trace in this one, what looks like one life is several.
            let lives = relief.restarts.windows(2).map(|pair| pair[1].at - pair[0].at);
            if lives.into_iter().any(|life| 1.5 * self.rhythm.period < life) {
                relief.levels_off = None;
            }
        }
    }
}

/// Whether no two of them were there at the same time.
fn follow(group: &[Members<'_>]) -> bool {
    let span = |members: &Members<'_>| {
        let ends = |of: fn(&[i64]) -> Option<&i64>| {
            members.series.iter().filter_map(move |series| of(&series.t_ms).copied())
        };
        Some((ends(<[i64]>::first).min()?, ends(<[i64]>::last).max()?))
    };
    let mut spans: Vec<(i64, i64)> = group.iter().filter_map(span).collect();
    spans.sort_unstable();
    spans.windows(2).all(|pair| pair[0].1 < pair[1].0)
}

/// Drops whose bounds overlap, as one with its bounds and how many they are, in order.
fn at_once(mut drops: Vec<(f64, f64)>) -> Vec<((f64, f64), usize)> {
    drops.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut events: Vec<((f64, f64), usize)> = Vec::new();
    for drop in drops {
        match events.last_mut() {
            Some(((after, until), count)) if drop.0 < *until => {
                (*after, *until, *count) = (after.max(drop.0), until.min(drop.1), *count + 1);
            }
            _ => events.push((drop, 1)),
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_between_the_same_samples_are_one_event() {
        let drops = vec![(0.0, 6.0), (6.0, 12.0), (0.0, 6.0), (7.0, 13.0), (18.0, 24.0)];
        assert_eq!(at_once(drops), [((0.0, 6.0), 2), ((7.0, 12.0), 2), ((18.0, 24.0), 1)]);
    }
}
