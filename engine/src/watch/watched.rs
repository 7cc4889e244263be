//! One live series: its samples, its limit, its restarts, and a lane for each horizon.

use std::sync::Arc;

use hebe_collectors::history::{Limit, Sense, Series};
use serde::{Deserialize, Serialize};

use super::lane::{Lane, LaneState, Pace};
use super::memory::{Memory, Step};
use super::{FORGOTTEN_LIVES, FORGOTTEN_MS, SOON_MS};
use crate::evidence::Origin;
use crate::finding::{Finding, Status};
use crate::settings::Settings;

/// Restarts that are remembered.
const RESTARTS: usize = 200;
/// Changes of the limit that are remembered.
const LIMITS: usize = 200;

/// A clock that goes back by less is only corrected: its samples are passed over until it has caught up.
const TURNED_BACK_MS: i64 = 60_000;

/// One live series.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    /// What it is; its samples are in `memory`.
    pub(super) series: Series,
    pub(super) memory: Memory,
    pub(super) lanes: Vec<Lane>,
    /// The status that was last told, if it was an alarm.
    pub(super) told: Option<Status>,
    /// Whether it was looked at since somebody asked who uses it up.
    pub(super) fresh: bool,
    /// Where its growth comes from, where it alarms and somebody has looked.
    pub(super) origin: Option<Origin>,
    /// What times are counted from.
    origin_ms: i64,
}

/// What a series keeps over a restart of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchedState {
    pub(super) series: String,
    origin_ms: i64,
    told: Option<Status>,
    lanes: Vec<LaneState>,
}

impl Watched {
    /// A series of which only what it is has been seen.
    pub(super) fn new(series: Series, steps: &[Step], horizons: &[f64], period_s: f64, now_ms: i64) -> Self {
        let lanes = horizons.iter().map(|&horizon_s| Lane::new(horizon_s, period_s)).collect();
        Self {
            series,
            memory: Memory::new(steps),
            lanes,
            told: None,
            fresh: false,
            origin: None,
            origin_ms: now_ms,
        }
    }

    pub(super) fn push(&mut self, t_ms: i64, value: f64, limit: Option<(f64, &str)>, restarted: bool) {
        if restarted {
            self.series.restarts_ms.push(t_ms);
            let old = self.series.restarts_ms.len().saturating_sub(RESTARTS);
            self.series.restarts_ms.drain(..old);
        }
        if self.memory.last().is_some_and(|(last, _)| t_ms + TURNED_BACK_MS < last) {
            self.turn_back(t_ms);
        }
        match limit {
            None => self.series.limit = None,
            Some((value, owner)) => self.bound(t_ms, value, owner),
        }
        self.memory.push(t_ms, value);
    }

    /// The clock was ahead and has been set right: what it dated later than now is not known any more.
    fn turn_back(&mut self, now_ms: i64) {
        self.memory.forget_from(now_ms);
        self.series.restarts_ms.retain(|t| *t < now_ms);
        if let Some(limit) = &mut self.series.limit {
            limit.steps.retain(|(t, _)| *t < now_ms);
        }
        self.series.limit.take_if(|limit| limit.steps.is_empty());
        self.origin_ms = self.origin_ms.min(now_ms);
        let now_s = (now_ms - self.origin_ms) as f64 / 1000.0;
        self.lanes.iter_mut().for_each(|lane| lane.turn_back(now_s, now_ms));
    }

    fn bound(&mut self, t_ms: i64, value: f64, owner: &str) {
        let limit = self
            .series
            .limit
            .get_or_insert_with(|| Limit { owner: owner.to_owned(), steps: vec![(t_ms, value)] });
        if limit.owner != owner {
            owner.clone_into(&mut limit.owner);
        }
        if limit.steps.last().is_none_or(|step| step.1.to_bits() != value.to_bits()) {
            limit.steps.push((t_ms, value));
            let old = limit.steps.len().saturating_sub(LIMITS);
            limit.steps.drain(..old);
        }
    }

    /// How long it is remembered after its last sample, which was at `last_ms`. Whoever was told of it is told its end.
    pub(super) fn remembered_ms(&self, last_ms: i64) -> i64 {
        if self.told.is_some() {
            return FORGOTTEN_MS;
        }
        let lived_ms = last_ms.saturating_sub(self.origin_ms).max(0);
        lived_ms.saturating_mul(FORGOTTEN_LIVES).clamp(SOON_MS, FORGOTTEN_MS)
    }

    /// Whether any lane is due.
    pub(super) fn is_due(&self, now_ms: i64) -> bool {
        (0..self.lanes.len()).any(|k| self.is_lane_due(k, now_ms))
    }

    fn is_lane_due(&self, k: usize, now_ms: i64) -> bool {
        // Without a limit only growth is told, and that by the longest.
        let counts = self.series.limit.is_some() || k + 1 == self.lanes.len();
        counts && self.lanes[k].due_ms <= now_ms
    }

    /// Looks at the lanes that are due; how many surges have passed.
    pub(super) fn look(&mut self, pace: Pace, settings: &Settings, now_ms: i64) -> usize {
        let sign = if self.series.sense == Sense::Falls { -1.0 } else { 1.0 };
        let mut whole = None;
        let mut passed = 0;
        for k in 0..self.lanes.len() {
            if !self.is_lane_due(k, now_ms) {
                continue;
            }
            #[allow(clippy::cast_possible_truncation, reason = "a window in milliseconds")]
            let window_ms =
                (1000.0 * super::lane::plan(self.lanes[k].horizon_s, pace.period_s).window_s) as i64;
            if self.lanes[k].may_rest() && self.memory.has_not_grown(window_ms, sign) {
                let now_s = (now_ms - self.origin_ms) as f64 / 1000.0;
                self.lanes[k].rest(now_s, pace, now_ms);
                continue;
            }
            self.fresh = true;
            let series = whole.get_or_insert_with(|| history(&self.series, &self.memory));
            passed += usize::from(self.lanes[k].look(series, self.origin_ms, pace, settings, now_ms));
        }
        passed
    }

    /// The finding that stands for the series: the nearest horizon that alarms, else the longest that can be judged,
    /// else the one that can be judged first.
    pub(super) fn finding(&self) -> Option<&Arc<Finding>> {
        let found = || self.lanes.iter().filter_map(|lane| lane.finding.as_ref());
        let worst =
            found().filter(|finding| finding.row.status.is_alarm()).min_by_key(|f| f.row.status.rank());
        let judged = || found().rev().find(|finding| !is_waiting(finding.row.status));
        worst.or_else(judged).or_else(|| found().next())
    }

    /// The same, to be filled in.
    pub(super) fn finding_mut(&mut self) -> Option<&mut Finding> {
        let stands = Arc::as_ptr(self.finding()?);
        let mut found = self.lanes.iter_mut().filter_map(|lane| lane.finding.as_mut());
        found.find(|finding| Arc::as_ptr(finding) == stands).map(Arc::make_mut)
    }

    /// All that is known of it.
    pub(super) fn history(&self) -> Series {
        history(&self.series, &self.memory)
    }

    pub(super) fn state(&self) -> WatchedState {
        let lane = |lane: &Lane| LaneState { horizon_s: lane.horizon_s, standing: lane.standing.clone() };
        WatchedState {
            series: self.series.name.clone(),
            origin_ms: self.origin_ms,
            told: self.told,
            lanes: self.lanes.iter().map(lane).collect(),
        }
    }

    pub(super) fn restore(&mut self, state: &WatchedState) {
        self.origin_ms = state.origin_ms;
        self.told = state.told;
        for lane in &mut self.lanes {
            let same = |kept: &&LaneState| kept.horizon_s.to_bits() == lane.horizon_s.to_bits();
            if let Some(kept) = state.lanes.iter().find(same) {
                lane.standing = kept.standing.clone();
            }
        }
    }
}

fn is_waiting(status: Status) -> bool {
    matches!(status, Status::Collecting | Status::Reset)
}

fn history(series: &Series, memory: &Memory) -> Series {
    let (t_ms, v) = memory.all();
    Series { t_ms, v, ..series.clone() }
}
