//! What is told to others when something changes: `CloudEvents` 1.0, one for each transition of a resource.

pub mod action;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::finding::{Row, Status};
use crate::report::json;

/// How bad it is, in the three words that alerting systems share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look within the lead time.
    Warning,
    /// Worth waking somebody.
    Critical,
}

impl Severity {
    /// The severity of a state, if anybody should be told of it.
    #[must_use]
    pub fn of(status: Status) -> Option<Self> {
        match status {
            Status::Exhausted | Status::Critical => Some(Self::Critical),
            Status::Warning => Some(Self::Warning),
            Status::Watch => Some(Self::Info),
            _ => None,
        }
    }

    /// The word in labels.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Kind {
    /// A prediction has persisted: an alarm stands from now on.
    #[serde(rename = "dev.hebe.exhaustion.predicted.v1")]
    Predicted,
    /// The alarm stands, and its status has changed.
    #[serde(rename = "dev.hebe.exhaustion.updated.v1")]
    Updated,
    /// The alarm is over.
    #[serde(rename = "dev.hebe.exhaustion.cleared.v1")]
    Cleared,
    /// A rise passed before anybody was told.
    #[serde(rename = "dev.hebe.surge.held.v1")]
    SurgeHeld,
}

impl Kind {
    /// The `CloudEvents` type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Predicted => "dev.hebe.exhaustion.predicted.v1",
            Self::Updated => "dev.hebe.exhaustion.updated.v1",
            Self::Cleared => "dev.hebe.exhaustion.cleared.v1",
            Self::SurgeHeld => "dev.hebe.surge.held.v1",
        }
    }
}

/// One event, in the JSON form of `CloudEvents` 1.0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CloudEvent<Kind, Data> {
    /// Always `1.0`.
    pub specversion: &'static str,
    /// With `source`, unique for each transition: who repeats an event repeats its id.
    pub id: String,
    /// Who says it: `//HOST/hebe`.
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The series, or the node.
    pub subject: String,
    /// When.
    pub time: DateTime<Utc>,
    /// Always `application/json`.
    pub datacontenttype: &'static str,
    /// What it is about, as it was then.
    pub data: Data,
}

impl<Kind, Data> CloudEvent<Kind, Data> {
    /// An event on the machine `host`.
    pub(crate) fn of(
        (kind, id, subject): (Kind, String, String),
        data: Data,
        time: DateTime<Utc>,
        host: &str,
    ) -> Self {
        let (source, datacontenttype) = (format!("//{host}/hebe"), "application/json");
        Self { specversion: "1.0", id, source, kind, subject, time, datacontenttype, data }
    }
}

/// What happened to a series, with its row.
pub type Event = CloudEvent<Kind, Row>;

impl Event {
    /// The event of a transition of `row` at `time`, on the machine `host`.
    #[must_use]
    pub fn new(kind: Kind, row: Row, time: DateTime<Utc>, host: &str) -> Self {
        let word = match kind {
            Kind::Predicted => "predicted",
            Kind::Updated => "updated",
            Kind::Cleared => "cleared",
            Kind::SurgeHeld => "surge",
        };
        let (id, subject) =
            (format!("{}/{}/{word}", row.series, time.timestamp_millis()), row.series.clone());
        Self::of((kind, id, subject), row, time, host)
    }

    /// How bad it is: an alarm whose state has no severity of its own is `info`.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of(self.data.status).unwrap_or(Severity::Info)
    }

    /// The event in one line: `disk.bytes /var: CRITICAL: …`.
    #[must_use]
    pub fn summary(&self) -> String {
        let Row { resource, scope, status, sentence, .. } = &self.data;
        let place = if scope.is_empty() { resource.clone() } else { format!("{resource} {scope}") };
        let state = match self.kind {
            Kind::Predicted | Kind::Updated => status.to_string(),
            Kind::Cleared => "cleared".to_owned(),
            Kind::SurgeHeld => "surge held".to_owned(),
        };
        if sentence.is_empty() {
            format!("{place}: {state}")
        } else {
            format!("{place}: {state}: {sentence}")
        }
    }

    /// One line of JSON. With `silenced_by`, the extension attribute `silencedby` says which silence kept it from
    /// being sent. (`CloudEvents` allows lower-case letters and digits alone in names of attributes.)
    #[must_use]
    pub fn to_json(&self, silenced_by: Option<&str>) -> String {
        json::value(&Line { event: self, silencedby: silenced_by })
    }
}

/// An event with what was done about it.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    silencedby: Option<&'a str>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row that says little: `resource` of `scope` in the state `status`.
    pub(crate) fn row(resource: &str, scope: &str, status: Status) -> Row {
        Row {
            series: format!("{resource}:{scope}"),
            sentence: "full on Thu 26 Nov".to_owned(),
            method: "default".to_owned(),
            epochs: 1,
            ..Row::bare(resource, scope, "web1", status)
        }
    }

    fn event(kind: Kind) -> Event {
        let time = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        Event::new(kind, row("disk.bytes", "/var", Status::Critical), time, "web1")
    }

    #[test]
    fn it_has_what_cloud_events_demands_and_no_other_form_of_name() {
        let json = event(Kind::Predicted).to_json(Some("s1"));
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["specversion"], "1.0");
        assert_eq!(json["type"], "dev.hebe.exhaustion.predicted.v1");
        assert_eq!(json["source"], "//web1/hebe");
        assert_eq!(json["time"], "2023-11-14T22:13:20Z");
        assert_eq!(json["silencedby"], "s1");
        for name in json.as_object().unwrap().keys() {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{name}");
        }
    }

    #[test]
    fn every_kind_has_one_name_and_another_id() {
        let kinds = [Kind::Predicted, Kind::Updated, Kind::Cleared, Kind::SurgeHeld];
        let ids: std::collections::BTreeSet<String> = kinds.iter().map(|&kind| event(kind).id).collect();
        assert_eq!(ids.len(), kinds.len());
        for kind in kinds {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn the_summary_is_one_line_that_names_the_place() {
        assert_eq!(event(Kind::Predicted).summary(), "disk.bytes /var: CRITICAL: full on Thu 26 Nov");
        assert_eq!(event(Kind::Cleared).summary(), "disk.bytes /var: cleared: full on Thu 26 Nov");
    }

    #[test]
    fn states_that_alarm_have_a_severity_and_no_others() {
        assert_eq!(Severity::of(Status::Watch), Some(Severity::Info));
        assert_eq!(Severity::of(Status::Warning), Some(Severity::Warning));
        assert_eq!(Severity::of(Status::Exhausted), Some(Severity::Critical));
        assert_eq!(Severity::of(Status::SurgeHeld), None);
        assert!(Severity::Info < Severity::Warning && Severity::Warning < Severity::Critical);
    }
}
