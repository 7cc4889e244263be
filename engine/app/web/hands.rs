//! What the page can have done, and by whom it is done: the page itself only asks.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use hebe::restart::calendar::{Day, Draft};
use hebe::restart::hold::Code;
use hebe::restart::plan::Step;
use hebe::restart::world::Mode;
use serde::Serialize;

/// How an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// It will begin at its time.
    Planned,
    /// It will begin when a person has approved it.
    Waiting,
    /// What would be done, if Hebe were allowed to.
    DryRun,
    /// It is not made.
    Skipped,
    /// It is under way.
    Started,
    /// It was made, and all is well.
    Finished,
    /// It was begun, and did not end well.
    Failed,
    /// Nothing more is tried: a person must look.
    GaveUp,
}

/// A restart that is planned, was made, or was not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Action {
    /// The plan's id.
    pub(crate) id: String,
    /// The node whose button is pushed.
    pub(crate) node: String,
    /// All that restarts with it.
    pub(crate) nodes: Vec<String>,
    /// How it stands.
    pub(crate) standing: Standing,
    /// When it stood so: its begin where it is planned, else when that was written down.
    pub(crate) at: DateTime<Utc>,
    /// When it must have begun.
    pub(crate) deadline: Option<DateTime<Utc>>,
    /// Why it is wanted.
    pub(crate) why: Vec<String>,
    /// Why it is not made.
    pub(crate) code: Option<Code>,
    /// The same, or how it ended, in one sentence.
    pub(crate) reason: Option<String>,
    /// What is done, step by step.
    pub(crate) steps: Vec<Step>,
}

impl Action {
    /// Whether a person may say yes to it.
    pub(crate) fn can_be_approved(&self) -> bool {
        self.standing == Standing::Waiting
    }

    /// Whether a person may say no to it.
    pub(crate) fn can_be_skipped(&self) -> bool {
        matches!(self.standing, Standing::Planned | Standing::Waiting)
    }
}

/// A node of the restart map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: String,
    /// What it is, in a word: `unit`, `process`, `group`.
    pub(crate) kind: String,
    /// The schedule that it keeps.
    pub(crate) schedule: String,
}

/// Why something that was asked for is not done. Each in one sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such action or entry.
    Unknown(String),
    /// It cannot be done now, or not so.
    Impossible(String),
    /// It was tried, and failed.
    Failed(String),
}

/// Those who act, where there is a restart map. Calls may come from several threads at once.
pub(crate) trait Hands: Send + Sync {
    /// What Hebe may do.
    fn mode(&self) -> Mode;

    /// The nodes of the map, in its order.
    fn services(&self) -> Vec<Service>;

    /// The zone of the schedule that a node keeps; of the default where there is none.
    fn zone(&self, node: Option<&str>) -> Tz;

    /// The days from one to another, by the schedule that a node keeps; by the default where there is none.
    fn calendar(&self, node: Option<&str>, from: NaiveDate, until: NaiveDate) -> Vec<Day>;

    /// What is planned, under way, done and not done, newest first.
    fn actions(&self) -> Vec<Action>;

    /// Lets a plan be made.
    fn approve(&self, id: &str, who: &str) -> Result<(), Refusal>;

    /// Lets a plan not be made.
    fn skip(&self, id: &str, who: &str, reason: &str) -> Result<(), Refusal>;

    /// Places a service on the calendar; the name of the entry.
    fn place(&self, draft: &Draft, who: &str) -> Result<String, Refusal>;

    /// Takes an entry that was placed through the page away.
    fn remove(&self, entry: &str, who: &str) -> Result<(), Refusal>;
}
