//! One notice for one cause: series that tell of the same resource in the same place are told as one.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use hebe::event::{Event, Kind, Severity};
use hebe::finding::Row;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alert::{self, Links, Place, Text};

/// An end that could not be told for so long is known by then: an alert that is not repeated is over.
const FORGET: TimeDelta = TimeDelta::minutes(15);

/// All that alarms, and what has just ceased to.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Causes {
    standing: Vec<Cause>,
    ended: Vec<Ended>,
    /// The number of the next end.
    next: u64,
}

/// A place in trouble.
#[derive(Debug, Serialize, Deserialize)]
struct Cause {
    place: Place,
    since: DateTime<Utc>,
    /// The series that tell of it.
    members: BTreeMap<String, Member>,
    /// What Alertmanager was told last.
    told: Option<Told>,
}

/// What one series tells of a place.
#[derive(Debug, Serialize, Deserialize)]
struct Member {
    /// Worst first.
    rank: u8,
    now: Told,
    /// What was last said of it; not known of what was said before a restart.
    #[serde(skip)]
    event: Option<Arc<Event>>,
}

/// What is told of a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    severity: String,
    text: Text,
}

/// An alert that is over, and that Alertmanager may not know to be.
#[derive(Debug, Serialize, Deserialize)]
struct Ended {
    number: u64,
    place: Place,
    told: Told,
    since: DateTime<Utc>,
    at: DateTime<Utc>,
}

/// What Alertmanager is to be told.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The alerts.
    pub(super) alerts: Vec<Value>,
    /// Ends that need not be told again after this one was taken.
    ends: Vec<u64>,
    /// Whether this tells of something for the first time, so that a crash must not forget it.
    pub(super) news: bool,
}

impl Causes {
    /// Places in trouble.
    pub(super) fn len(&self) -> usize {
        self.standing.len()
    }

    /// Takes an event in, and gives back what is to be told of it: itself, what it changes, or nothing where others
    /// have said as much.
    pub(super) fn apply(&mut self, event: &Arc<Event>, links: &Links) -> Option<Arc<Event>> {
        match event.kind {
            Kind::SurgeHeld => Some(Arc::clone(event)),
            Kind::Predicted | Kind::Updated => self.raise(event, links),
            Kind::Cleared => self.clear(event),
        }
    }

    fn raise(&mut self, event: &Arc<Event>, links: &Links) -> Option<Arc<Event>> {
        let cause = self.cause(&Place::of(&event.data), event.time);
        let before = cause.rank();
        let member = Member::of(&event.data, links, Some(Arc::clone(event)));
        let rank = member.rank;
        let known = cause.members.insert(event.subject.clone(), member).is_some();
        match before {
            None => Some(Arc::clone(event)),
            // It leads, and says something new of itself.
            Some(_) if known && cause.rank() == Some(rank) => Some(Arc::clone(event)),
            Some(before) if cause.rank() == Some(before) => None,
            Some(_) => cause.update(event),
        }
    }

    fn clear(&mut self, event: &Arc<Event>) -> Option<Arc<Event>> {
        let place = Place::of(&event.data);
        let Some(cause) = self.standing.iter_mut().find(|cause| cause.place == place) else {
            // Whoever was told of it in another life is told of its end.
            return Some(Arc::clone(event));
        };
        let before = cause.rank();
        cause.members.remove(&event.subject);
        if cause.members.is_empty() {
            self.end_empty(event.time);
            return Some(Arc::clone(event));
        }
        if cause.rank() == before { None } else { cause.update(event) }
    }

    /// Makes the places in trouble those of the `rows` that alarm; whether that changes more than the words.
    pub(super) fn stand(&mut self, rows: &[Row], now: DateTime<Utc>, links: &Links) -> bool {
        let mut changed = false;
        let alarms = || rows.iter().filter(|row| row.status.is_alarm());
        for cause in &mut self.standing {
            let before = cause.members.len();
            let stands =
                |series: &str| alarms().any(|row| row.series == series && Place::of(row) == cause.place);
            cause.members.retain(|series, _| stands(series));
            changed |= cause.members.len() < before;
        }
        self.end_empty(now);
        for row in alarms() {
            let cause = self.cause(&Place::of(row), now);
            let event = cause.members.get(&row.series).and_then(|member| member.event.clone());
            let member = Member::of(row, links, event);
            let rank = member.rank;
            let old = cause.members.insert(row.series.clone(), member);
            changed |= old.is_none_or(|old| old.rank != rank);
        }
        changed
    }

    fn cause(&mut self, place: &Place, since: DateTime<Utc>) -> &mut Cause {
        let found = self.standing.iter().position(|cause| cause.place == *place);
        let at = found.unwrap_or_else(|| {
            self.standing.push(Cause { place: place.clone(), since, members: BTreeMap::new(), told: None });
            self.standing.len() - 1
        });
        &mut self.standing[at]
    }

    /// Ends the places of which nobody tells any more.
    fn end_empty(&mut self, at: DateTime<Utc>) {
        let causes = std::mem::take(&mut self.standing);
        let (over, rest): (Vec<Cause>, _) = causes.into_iter().partition(|cause| cause.members.is_empty());
        self.standing = rest;
        for Cause { place, since, told, .. } in over {
            self.end(place, told, since, at);
        }
    }

    /// Of what Alertmanager was never told it need not hear the end.
    fn end(&mut self, place: Place, told: Option<Told>, since: DateTime<Utc>, at: DateTime<Utc>) {
        let Some(told) = told else { return };
        self.ended.push(Ended { number: self.next, place, told, since, at });
        self.next += 1;
    }

    /// What Alertmanager is to be told at `now`: what stands until `until` and is not `silenced`, and what is over.
    pub(super) fn batch(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        silenced: impl Fn(&Place) -> bool,
    ) -> Batch {
        let mut batch = Batch::default();
        let mut causes = std::mem::take(&mut self.standing);
        for cause in &mut causes {
            let Some(leader) = cause.leader().filter(|_| !silenced(&cause.place)) else { continue };
            let told = leader.now.clone();
            batch.alerts.push(alert::json(&cause.place, &told.severity, &told.text, cause.since, until));
            self.ended.retain(|ended| ended.place != cause.place || ended.told.severity != told.severity);
            let before = cause.told.replace(told.clone());
            batch.news |= before.as_ref().is_none_or(|before| before.severity != told.severity);
            let former = before.filter(|before| before.severity != told.severity);
            // Severity is a label: with another one it is another alert, and the former is over.
            self.end(cause.place.clone(), former, cause.since, now);
        }
        self.standing = causes;
        // A clock that has stepped back makes no end of the future.
        self.ended.iter_mut().for_each(|ended| ended.at = ended.at.min(now));
        self.ended.retain(|ended| now < ended.at + FORGET);
        for Ended { number, place, told, since, at } in &self.ended {
            batch.alerts.push(alert::json(place, &told.severity, &told.text, *since, *at));
            batch.ends.push(*number);
        }
        batch
    }

    /// Everybody has taken `batch`; whether that leaves less to tell.
    pub(super) fn taken(&mut self, batch: &Batch) -> bool {
        let before = self.ended.len();
        self.ended.retain(|ended| !batch.ends.contains(&ended.number));
        self.ended.len() < before
    }
}

impl Cause {
    /// The member that speaks for all: the worst.
    fn leader(&self) -> Option<&Member> {
        self.members.values().min_by_key(|member| member.rank)
    }

    fn rank(&self) -> Option<u8> {
        self.leader().map(|leader| leader.rank)
    }

    /// The event that tells how the place stands after `event` of one of its series.
    fn update(&self, event: &Event) -> Option<Arc<Event>> {
        let said = self.leader()?.event.as_ref()?;
        let host = event.source.strip_prefix("//").and_then(|rest| rest.strip_suffix("/hebe"));
        let host = host.unwrap_or(&event.data.host);
        Some(Arc::new(Event::new(Kind::Updated, said.data.clone(), event.time, host)))
    }
}

impl Member {
    fn of(row: &Row, links: &Links, event: Option<Arc<Event>>) -> Self {
        let severity = Severity::of(row.status).unwrap_or(Severity::Info).word().to_owned();
        Self { rank: row.status.rank(), now: Told { severity, text: Text::of(row, links) }, event }
    }
}
