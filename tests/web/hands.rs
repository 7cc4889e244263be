//! Hands made here: they note what they are asked to do.

use std::sync::Mutex;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use hebe::restart::calendar::{Calendar, Day, Draft, Placed};
use hebe::restart::hold::Code;
use hebe::restart::map::Map;
use hebe::restart::plan::{Act, Step};
use hebe::restart::world::Mode;

use super::server::{Action, Hands, Refusal, Service, Standing};

const MAP: &str = r#"
zone = "Europe/Berlin"

[schedule.default]
never = ["Sat-Sun", "Dec 24..Jan 2"]
holidays = ["Oct 3", "Easter+1"]
quiet = ["Mon-Fri 08:00-18:00"]

[schedule.nights]
only = ["22:00-06:00"]

[[node]]
name = "host"
group = true

[[node]]
name = "web"
parent = "host"
unit = "nginx.service"

[[node]]
name = "payments"
parent = "host"
unit = "payments.service"
schedule = "nights"

[[timed]]
node = "web"
at = "Sun 03:00"

[[timed]]
node = "payments"
every = "4d"
from = "2020-01-01 23:30"
"#;

/// Hands over a calendar of their own.
pub(super) struct Noting {
    pub(super) calendar: Calendar,
    pub(super) placed: Mutex<Placed>,
    pub(super) actions: Vec<Action>,
    pub(super) services: Vec<Service>,
    pub(super) mode: Mode,
    pub(super) now: DateTime<Utc>,
    /// What was asked for, and by whom.
    pub(super) asked: Mutex<Vec<String>>,
}

impl Noting {
    /// With nothing planned and a map of one node.
    pub(super) fn empty(now: DateTime<Utc>) -> Self {
        Self::of("[[node]]\nname = \"web\"\nunit = \"nginx.service\"", Vec::new(), Mode::Observe, now)
    }

    /// A bit of everything.
    pub(super) fn full(now: DateTime<Utc>) -> Self {
        Self::of(MAP, actions(now), Mode::Plan, now)
    }

    pub(super) fn of(map: &str, actions: Vec<Action>, mode: Mode, now: DateTime<Utc>) -> Self {
        let calendar = Calendar::read("map.toml", map, Tz::Europe__Berlin).unwrap();
        let map = Map::parse(map, "map.toml").unwrap();
        let calendar = calendar.bind(&map).unwrap();
        let service = |name: &String| Service {
            name: name.clone(),
            kind: "unit".to_owned(),
            schedule: calendar.schedule(name).name().to_owned(),
        };
        let services = map.nodes.iter().map(|node| service(&node.name)).collect();
        Self { services, calendar, placed: Mutex::default(), actions, mode, now, asked: Mutex::default() }
    }

    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }

    fn known(&self, id: &str) -> Result<&Action, Refusal> {
        let unknown = || Refusal::Unknown("There is no such action.".to_owned());
        self.actions.iter().find(|action| action.id == id).ok_or_else(unknown)
    }
}

/// An action of every standing.
fn actions(now: DateTime<Utc>) -> Vec<Action> {
    let standings = [
        (Standing::Planned, 20),
        (Standing::Waiting, 30),
        (Standing::DryRun, 50),
        (Standing::Skipped, -1),
        (Standing::Started, 0),
        (Standing::Finished, -26),
        (Standing::Failed, -50),
        (Standing::GaveUp, -51),
    ];
    let one = |(place, (standing, hours)): (usize, (Standing, i64))| Action {
        id: format!("web@{place}"),
        node: "web".to_owned(),
        nodes: vec!["web".to_owned(), "payments".to_owned()],
        standing,
        at: now + TimeDelta::hours(hours),
        deadline: (hours > 0).then(|| now + TimeDelta::hours(hours + 40)),
        why: vec![
            "process.fds of nginx.service is full Tue 8 Dec 14:00 (7-10 Dec); 93 % of its growth is web's"
                .to_owned(),
        ],
        code: (standing == Standing::Skipped).then_some(Code::BudgetSpent),
        reason: match standing {
            Standing::Skipped => Some("3 restarts in 1 h were made, and the budget is 3".to_owned()),
            Standing::Finished => Some("ready after 1.2 s; 41,000 descriptors came back".to_owned()),
            Standing::Failed => Some("not ready within 30 s".to_owned()),
            _ => None,
        },
        steps: [Act::Drain, Act::Restart, Act::Ready, Act::Probe]
            .iter()
            .enumerate()
            .map(|(stage, &act)| Step { stage, node: "web".to_owned(), act, within_s: 30.0 })
            .collect(),
    };
    standings.into_iter().enumerate().map(one).collect()
}

impl Hands for Noting {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn services(&self) -> Vec<Service> {
        self.services.clone()
    }

    fn zone(&self, node: Option<&str>) -> Tz {
        self.calendar.schedule(node.unwrap_or_default()).zone()
    }

    fn calendar(&self, node: Option<&str>, from: NaiveDate, until: NaiveDate) -> Vec<Day> {
        self.calendar.sheet(&self.placed.lock().unwrap(), node, from, until)
    }

    fn actions(&self) -> Vec<Action> {
        self.actions.clone()
    }

    fn approve(&self, id: &str, who: &str) -> Result<(), Refusal> {
        if !matches!(self.known(id)?.standing, Standing::Waiting) {
            return Err(Refusal::Impossible("It does not wait for anybody.".to_owned()));
        }
        self.note(format!("approve {id} {who}"));
        Ok(())
    }

    fn skip(&self, id: &str, who: &str, reason: &str) -> Result<(), Refusal> {
        self.known(id)?;
        self.note(format!("skip {id} {who}: {reason}"));
        Ok(())
    }

    fn place(&self, draft: &Draft, who: &str) -> Result<String, Refusal> {
        let mut placed = self.placed.lock().unwrap();
        let entry = placed.place(&self.calendar, draft, who, self.now).map_err(Refusal::Impossible)?;
        self.note(format!("place {} {} {who}", entry.node, entry.text));
        Ok(entry.name)
    }

    fn remove(&self, entry: &str, who: &str) -> Result<(), Refusal> {
        let unknown = || Refusal::Unknown("There is no such entry.".to_owned());
        self.placed.lock().unwrap().remove(entry).ok_or_else(unknown)?;
        self.note(format!("remove {entry} {who}"));
        Ok(())
    }
}
