//! A restart that is meant to happen: forecast, on the calendar, or by hand.

use chrono::{DateTime, Utc};

use super::{Case, held};
use crate::report::units;
use crate::restart::cause::Cause;
use crate::restart::closure::closure;
use crate::restart::decision::Decision;
use crate::restart::hold::{Code, Hold};
use crate::restart::learn::{GivenBack, learnt};
use crate::restart::map::NodeId;
use crate::restart::plan::Plan;
use crate::restart::timetable::{Opening, Risk};

/// A range narrower than this is never too wide: close to the end every range is wide beside the time left.
const FINE_S: f64 = 3600.0;

impl Case<'_> {
    /// What is done about a restart that somebody or something wants.
    pub(super) fn planned(&self, id: NodeId) -> Decision {
        let mut plan = self.plan(id);
        plan.why.extend(self.wish(id));
        let inside = closure(self.map(), id);
        let by_hand = matches!(self.event.cause, Cause::Hand { .. });
        let refused = self
            .hands_off(&inside)
            .or_else(|| self.not_running(id))
            .or_else(|| self.need_unwell(id).filter(|_| !by_hand))
            .or_else(|| self.doubtful())
            .or_else(|| self.would_not_help(id))
            .or_else(|| self.too_young(id).filter(|_| !by_hand))
            .or_else(|| self.own_budget(id))
            .or_else(|| self.whole_budget())
            .or_else(|| self.last_instance(id, &inside));
        if let Some(hold) = refused {
            return held(hold, Some(plan));
        }
        match self.placed(&mut plan).or_else(|| self.not_calm(&plan)) {
            Some(hold) => held(hold, Some(plan)),
            None => self.by_mode(plan),
        }
    }

    /// Why it is wanted.
    fn wish(&self, id: NodeId) -> Vec<String> {
        match &self.event.cause {
            Cause::Forecast { series, mid, share, .. } => {
                let who = share
                    .map(|share| format!("{} is {} of its growth", self.name(id), units::percent(share)));
                let back = learnt(self.oracle.history, self.name(id), 0.0, self.now).gave_back.remove(series);
                let back = back.map(|back| {
                    let share = crate::restart::learn::median(back.shares).unwrap_or(0.0);
                    format!(
                        "{} earlier restarts gave back {} of what was used (median)",
                        back.restarts,
                        units::percent(share)
                    )
                });
                let date = format!("{series} is forecast to run out at {}", self.at(*mid));
                std::iter::once(date).chain(who).chain(back).collect()
            }
            Cause::Timed { entry } => vec![format!("the calendar places it here ({entry})")],
            Cause::Hand { who } => vec![format!("{who} asks for it")],
            Cause::Failure { .. } => Vec::new(),
        }
    }

    /// Alerts are firing, and it would begin at once; a person who asks sees them.
    fn not_calm(&self, plan: &Plan) -> Option<Hold> {
        let by_hand = matches!(self.event.cause, Cause::Hand { .. });
        let at_once = plan.at.is_none_or(|at| at <= self.now);
        let firing = self.oracle.world.firing.as_ref().filter(|_| at_once && !by_hand)?;
        Some(Hold::new(Code::AlertsFiring, firing.clone()))
    }

    fn not_running(&self, id: NodeId) -> Option<Hold> {
        self.state(id).filter(|state| state.runs == Some(false))?;
        let name = self.name(id);
        Some(Hold::new(
            Code::NotRunning,
            format!("{name} does not run; a restart would start what somebody stopped"),
        ))
    }

    fn need_unwell(&self, id: NodeId) -> Option<Hold> {
        let need = self.unwell_need(id)?;
        let (name, need) = (self.name(id), self.name(need));
        let sentence = format!("{name} needs {need}, which is not well: {name} might not come up again");
        Some(Hold::new(Code::DependencyUnhealthy, sentence))
    }

    /// A forecast that is too uncertain, or of which the node is too small a part.
    fn doubtful(&self) -> Option<Hold> {
        let Cause::Forecast { series, lo, mid, hi, share } = &self.event.cause else { return None };
        let settings = self.oracle.settings;
        if let Some(share) = share.filter(|share| *share < settings.least_share) {
            let (share, least) = (units::percent(share), units::percent(settings.least_share));
            let name = &self.event.node;
            let sentence = format!(
                "{name} is {share} of the growth of {series}; below {least} a restart buys too little time"
            );
            return Some(Hold::new(Code::LowConfidence, sentence));
        }
        let Some(hi) = hi else {
            let sentence = format!("{series} may never run out: its range is open from {} on", self.at(*lo));
            return Some(Hold::new(Code::LowConfidence, sentence));
        };
        let (range, left) = ((*hi - *lo).as_seconds_f64(), (*mid - self.now).as_seconds_f64());
        (FINE_S.max(settings.widest * left) < range).then(|| {
            let (range, left) = (units::duration(range), units::duration(left));
            let sentence = format!("the range of {series} is {range} wide, and {left} are left");
            Hold::new(Code::LowConfidence, sentence)
        })
    }

    /// Earlier restarts gave nothing back, or less each time.
    fn would_not_help(&self, id: NodeId) -> Option<Hold> {
        let Cause::Forecast { series, .. } = &self.event.cause else { return None };
        let name = self.name(id);
        let back = learnt(self.oracle.history, name, 0.0, self.now).gave_back.remove(series)?;
        let why = nothing(&back, self.oracle.settings.least_given).or_else(|| ever_less(&back))?;
        Some(Hold::new(
            Code::RestartWouldNotHelp,
            format!("{series}: {why}; a restart of {name} would not help"),
        ))
    }

    /// It was started too short a time ago.
    fn too_young(&self, id: NodeId) -> Option<Hold> {
        let name = self.name(id);
        let started = self.state(id).and_then(|state| state.since);
        let restarted = self.pasts_of(name).map(|past| past.ended).max();
        let since = started.into_iter().chain(restarted).max()?;
        let least = self.map().node(id).min_uptime_s;
        let until = Self::after(since, least);
        (self.now < until).then(|| {
            let (since, least) = (self.at(since), units::duration(least));
            let sentence = format!("{name} was started at {since}, and is left alone for {least}");
            Hold::new(Code::MinUptime, sentence)
        })
    }

    /// Asks the calendar, and places the plan.
    fn placed(&self, plan: &mut Plan) -> Option<Hold> {
        let timetable = self.oracle.timetable;
        let risk = match &self.event.cause {
            Cause::Forecast { lo, mid, hi, .. } => Risk { lo: *lo, mid: *mid, hi: *hi },
            Cause::Timed { .. } => {
                let why = timetable.closed(&plan.nodes, self.now)?;
                return Some(Hold::new(Code::Blackout, why));
            }
            // A person who is there is told, not stopped.
            _ => {
                plan.why.extend(timetable.closed(&plan.nodes, self.now));
                return None;
            }
        };
        plan.deadline = Some(risk.lo);
        match timetable.opening(&plan.nodes, self.now, Some(&risk)) {
            Opening::Now { why } => plan.why.push(why),
            Opening::At { at, why } => {
                plan.at = Some(at);
                plan.why.push(why);
            }
            Opening::TooLate { opens, why } => return Some(self.too_late(opens, &why, risk.lo)),
            Opening::Never { why } => return Some(Hold::new(Code::Blackout, why)),
        }
        None
    }

    fn too_late(&self, opens: DateTime<Utc>, why: &str, deadline: DateTime<Utc>) -> Hold {
        let (opens, deadline) = (self.at(opens), self.at(deadline));
        let sentence = format!("it may begin at {opens}, and from {deadline} on the risk is too high: {why}");
        Hold::new(Code::WindowTooLate, sentence)
    }
}

/// The last two or more restarts gave nothing back that counts.
fn nothing(back: &GivenBack, least: f64) -> Option<String> {
    let last: Vec<f64> = back.shares.iter().rev().take(3).copied().collect();
    (2 <= last.len() && last.iter().all(|share| *share < least)).then(|| {
        let most = last.iter().copied().fold(f64::NEG_INFINITY, f64::max).max(0.0);
        format!(
            "the last {} restarts gave back at most {} of what was used",
            last.len(),
            units::percent(most)
        )
    })
}

/// Three restarts or more, the level after each higher than after the one before, and at last less than half of what
/// the first gave back.
fn ever_less(back: &GivenBack) -> Option<String> {
    let (first, last) = (back.given.first()?, back.given.last()?);
    let rises = back.after.windows(2).all(|pair| pair[0] < pair[1]);
    let shrinks = back.given.windows(2).all(|pair| pair[1] < pair[0]) && *last < 0.5 * first;
    (3 <= back.after.len() && rises && shrinks).then(|| {
        let share = units::percent(last / first);
        format!("the level after each of {} restarts was higher than before, and the last gave back {share} of what the first did", back.after.len())
    })
}
