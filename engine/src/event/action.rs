//! What is told to others when something is restarted, or is not: `CloudEvents` 1.0, one for each step of a decision.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{CloudEvent, Severity};
use crate::report::json;
use crate::restart::cause::Cause;
use crate::restart::history::Outcome;
use crate::restart::hold::Hold;
use crate::restart::plan::Plan;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// A restart is proposed, or waits for its time.
    #[serde(rename = "dev.hebe.action.planned.v1")]
    Planned,
    /// A restart is not made.
    #[serde(rename = "dev.hebe.action.skipped.v1")]
    Skipped,
    /// A restart has begun.
    #[serde(rename = "dev.hebe.action.started.v1")]
    Started,
    /// A restart has ended as it should.
    #[serde(rename = "dev.hebe.action.succeeded.v1")]
    Succeeded,
    /// A restart has ended otherwise.
    #[serde(rename = "dev.hebe.action.failed.v1")]
    Failed,
    /// Nothing more is tried.
    #[serde(rename = "dev.hebe.action.gave_up.v1")]
    GaveUp,
}

impl Kind {
    /// The `CloudEvents` type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Planned => "dev.hebe.action.planned.v1",
            Self::Skipped => "dev.hebe.action.skipped.v1",
            Self::Started => "dev.hebe.action.started.v1",
            Self::Succeeded => "dev.hebe.action.succeeded.v1",
            Self::Failed => "dev.hebe.action.failed.v1",
            Self::GaveUp => "dev.hebe.action.gave_up.v1",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Planned | Self::Skipped | Self::Started | Self::Succeeded => Severity::Info,
            Self::Failed => Severity::Warning,
            Self::GaveUp => Severity::Critical,
        }
    }
}

/// An action, as it stands when something is said about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Action {
    /// The node whose button is pushed.
    pub node: String,
    /// All that restarts with it; empty where that is not known.
    pub nodes: Vec<String>,
    /// Why.
    pub cause: Cause,
    /// The plan's id, if there is one.
    pub plan: Option<String>,
    /// When it is to begin, where it waits.
    pub at: Option<DateTime<Utc>>,
    /// Why it is not made.
    pub hold: Option<Hold>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// In one sentence.
    pub sentence: String,
}

impl Action {
    /// An action on `node` of which no more is known.
    #[must_use]
    pub fn of(node: &str, cause: &Cause) -> Self {
        Self {
            node: node.to_owned(),
            nodes: Vec::new(),
            cause: cause.clone(),
            plan: None,
            at: None,
            hold: None,
            outcome: None,
            sentence: String::new(),
        }
    }

    /// A restart that is laid out.
    #[must_use]
    pub fn planned(plan: &Plan) -> Self {
        let sentence = plan.why.join("; ");
        Self {
            nodes: plan.nodes.clone(),
            plan: Some(plan.id.clone()),
            at: plan.at,
            sentence,
            ..Self::of(&plan.target, &plan.cause)
        }
    }
}

/// What happened to a restart.
pub type ActionEvent = CloudEvent<Kind, Action>;

impl ActionEvent {
    /// The event of what happened to `data` at `time`, on the machine `host`.
    #[must_use]
    pub fn new(kind: Kind, data: Action, time: DateTime<Utc>, host: &str) -> Self {
        let word = kind.name().trim_start_matches("dev.hebe.action.").trim_end_matches(".v1");
        let of = data.plan.clone().unwrap_or_else(|| format!("{}@{}", data.node, time.timestamp_millis()));
        let subject = data.node.clone();
        Self::of((kind, format!("{of}/{word}"), subject), data, time, host)
    }

    /// The event in one line: `web: skipped: budget_spent: …`.
    #[must_use]
    pub fn summary(&self) -> String {
        let word =
            self.kind.name().trim_start_matches("dev.hebe.action.").trim_end_matches(".v1").replace('_', " ");
        let Action { node, hold, sentence, .. } = &self.data;
        let code = hold.as_ref().map_or(String::new(), |hold| format!(": {}", hold.code));
        if sentence.is_empty() {
            format!("{node}: {word}{code}")
        } else {
            format!("{node}: {word}{code}: {sentence}")
        }
    }

    /// One line of JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::value(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restart::hold::Code;

    fn event(kind: Kind) -> ActionEvent {
        let cause = Cause::Hand { who: "ann".to_owned() };
        let hold = Some(Hold::new(Code::BudgetSpent, "three within an hour"));
        let data = Action { hold, sentence: "three within an hour".to_owned(), ..Action::of("web", &cause) };
        ActionEvent::new(kind, data, DateTime::from_timestamp(1_700_000_000, 0).unwrap(), "web1")
    }

    #[test]
    fn it_has_what_cloud_events_demands() {
        for kind in [Kind::Planned, Kind::Skipped, Kind::Started, Kind::Succeeded, Kind::Failed, Kind::GaveUp]
        {
            let json: serde_json::Value = serde_json::from_str(&event(kind).to_json()).unwrap();
            assert_eq!(json["type"], kind.name());
            assert_eq!((&json["specversion"], &json["source"]), (&"1.0".into(), &"//web1/hebe".into()));
            assert_eq!(json["data"]["hold"]["code"], "budget_spent");
        }
        assert_eq!(event(Kind::GaveUp).id, "web@1700000000000/gave_up");
    }

    #[test]
    fn the_summary_names_the_code() {
        assert_eq!(event(Kind::Skipped).summary(), "web: skipped: budget_spent: three within an hour");
        assert_eq!(event(Kind::GaveUp).summary(), "web: gave up: budget_spent: three within an hour");
    }
}
