//! From what calls for a restart to the oracle's answer, and from there to the executor.

use std::sync::PoisonError;

use chrono::{DateTime, Utc};
use hebe::finding::Row;
use hebe::habit::Habit;
use hebe::restart::cause::Cause;
use hebe::restart::decision::{Decision, Event};
use hebe::restart::history::History;
use hebe::restart::hold::Hold;
use hebe::restart::meant;
use hebe::restart::oracle::Oracle;
use hebe::restart::world::World;

use super::{Conduct, keep};
use crate::output;

impl Conduct {
    /// Decides about the forecasts that alarm.
    pub(super) fn forecast(&mut self, now: DateTime<Utc>) {
        for row in std::mem::take(&mut self.alarms) {
            let seen = row.at.unwrap_or(now);
            match self.cause(&row) {
                Ok((node, cause)) if !self.is_under_way(&node) && !self.waits(&node) => {
                    self.decide(&Event { node, cause, seen }, now);
                }
                Ok(_) => {}
                Err(hold) => {
                    let cause = Cause::Forecast {
                        series: row.series.clone(),
                        lo: row.exhausts_lo.unwrap_or(now),
                        mid: row.exhausts_at.unwrap_or(now),
                        hi: row.exhausts_hi,
                        share: None,
                    };
                    let decision = Decision::Hold { hold, plan: None };
                    self.carry_out(&Event { node: row.series.clone(), cause, seen }, decision, now);
                }
            }
        }
    }

    fn cause(&self, row: &Row) -> Result<(String, Cause), Hold> {
        let meant = meant::meant(&self.map, row)?;
        let cause = meant::cause(row, &meant)?;
        Ok((self.map.node(meant.node).name.clone(), cause))
    }

    /// Whether a restart of the node waits already.
    fn waits(&self, node: &str) -> bool {
        self.executor.read().is_ok_and(|journal| {
            journal.fold.waiting.values().any(|waiting| waiting.plan.nodes.iter().any(|other| other == node))
        })
    }

    pub(super) fn decide(&mut self, event: &Event, now: DateTime<Utc>) {
        let history = match self.executor.read() {
            Ok(journal) => journal.fold.history,
            Err(error) => return output::note(&format!("hebe: nothing is decided: {error}")),
        };
        let decision = self.oracle(event, &history, now);
        self.carry_out(event, decision, now);
    }

    fn oracle(&self, event: &Event, history: &History, now: DateTime<Utc>) -> Decision {
        let mut world = self.world();
        // The watchdog has weighed it: what is called failed is not merely starved.
        world.starved = world.starved.filter(|_| event.cause.is_planned());
        world.firing = self.executor.firing(&event.cause);
        let mut calendar = self.shelf.calendar();
        if let Some(habit) = self.habit(event) {
            calendar.learn(&event.node, habit);
        }
        let oracle =
            Oracle { map: &self.map, history, world: &world, timetable: &calendar, settings: &self.settings };
        oracle.decide(event, now)
    }

    /// How busy what runs out is through the day: restarts are made where it is quiet.
    fn habit(&self, event: &Event) -> Option<Habit> {
        let Cause::Forecast { series, .. } = &event.cause else { return None };
        let history = self.common.watch.lock().unwrap_or_else(PoisonError::into_inner).history(series)?;
        Habit::of(&history, self.shelf.zone(Some(&event.node)))
    }

    fn carry_out(&mut self, event: &Event, decision: Decision, now: DateTime<Utc>) {
        if self.said.is_news(event, &decision, now) {
            let done = self.executor.carry_out(decision, event, now).map(|_| ());
            keep(done);
        }
    }

    /// The machine as the watchdog, systemd and the Re/Starter see it.
    fn world(&self) -> World {
        let watched = self.watchdog.state();
        let mut world = self.executor.world().unwrap_or_default();
        for standing in &watched.nodes {
            let state = world.nodes.entry(standing.node.clone()).or_default();
            let seen = standing.for_world();
            state.well = seen.well;
            state.runs = state.runs.or(seen.runs);
        }
        World { starved: watched.starved, ..world }
    }
}
