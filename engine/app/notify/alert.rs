//! What an alert of Alertmanager says of a row.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use hebe::finding::{Culprit, Row, first_culprit};
use hebe::report::clean;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The name of all our alerts.
const NAME: &str = "HebeExhaustion";

/// What is in trouble: alerts of one place are one alert.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) resource: String,
    pub(super) scope: String,
}

impl Place {
    pub(super) fn of(row: &Row) -> Self {
        Self { host: row.host.clone(), resource: row.resource.clone(), scope: row.scope.clone() }
    }
}

/// What an alert says beside its labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Text {
    annotations: BTreeMap<String, String>,
    /// Where it is explained.
    url: Option<String>,
}

/// Where links in alerts lead.
#[derive(Clone, Debug)]
pub(super) struct Links {
    /// Where our page is.
    pub(super) page: Option<String>,
    /// The path of the page that explains a series.
    pub(super) explain_path: fn(&str) -> String,
    /// What people do about it.
    pub(super) runbook: Option<String>,
}

impl Text {
    /// What is said of `row`. What is not known is left out.
    pub(super) fn of(row: &Row, links: &Links) -> Self {
        let status = row.status;
        let description = [row.sentence.as_str(), row.evidence.as_str()].map(str::trim);
        let description =
            description.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
        let annotations = [
            ("summary", Some(format!("{} {}: {status}", row.resource, row.scope))),
            ("description", Some(description)),
            ("runbook_url", links.runbook.as_ref().map(|url| url.replace("{resource}", &row.resource))),
            ("culprit", leading(row).map(culprit)),
            ("since", row.since.map(|at| since(at, row.since_event.as_deref()))),
            ("exhaustion_at", row.exhausts_at.map(time)),
            ("action", row.action.clone()),
        ];
        let annotations = annotations
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text.filter(|text| !text.is_empty())?)));
        let url = links
            .page
            .as_ref()
            .map(|page| format!("{}{}", page.trim_end_matches('/'), (links.explain_path)(&row.series)));
        Self { annotations: annotations.collect(), url }
    }
}

/// Who takes most of the growth; where nobody is known to, who is named first.
pub(super) fn leading(row: &Row) -> Option<&Culprit> {
    let named = || row.culprits.iter().find(|culprit| culprit.kind != "unattributed");
    first_culprit(&row.culprits).or_else(named)
}

/// `java (group, unit app.service), 96 % of the growth`.
fn culprit(culprit: &Culprit) -> String {
    let share = (culprit.growth_share * 100.0).round();
    let unit = culprit.unit.as_deref().map_or(String::new(), |unit| format!(", unit {unit}"));
    if share.is_finite() && 0.0 < share {
        format!("{} ({}{unit}), {share:.0} % of the growth", culprit.name, culprit.kind)
    } else {
        format!("{} ({}{unit})", culprit.name, culprit.kind)
    }
}

/// `2026-11-28T21:42:10.000Z (deployed 4.14.6, 2 min before)`.
fn since(at: DateTime<Utc>, event: Option<&str>) -> String {
    event.map_or_else(|| time(at), |event| format!("{} ({})", time(at), clean::line(event)))
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The alert in the form of Alertmanager's API v2. A start after the end would cost the whole request: clocks jump.
pub(super) fn json(
    place: &Place,
    severity: &str,
    text: &Text,
    starts: DateTime<Utc>,
    ends: DateTime<Utc>,
) -> Value {
    let mut alert = json!({
        "labels": {
            "alertname": NAME,
            "resource": place.resource,
            "scope": place.scope,
            "host": place.host,
            "severity": severity,
        },
        "annotations": text.annotations,
        "startsAt": time(starts.min(ends)),
        "endsAt": time(ends),
    });
    if let Some(url) = &text.url {
        alert["generatorURL"] = json!(url);
    }
    alert
}
