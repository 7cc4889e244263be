//! `/metrics`: what the daemon knows at one moment, in the text format of Prometheus (version 0.0.4).
//!
//! Where there is no forecast there is no series: never -1, never an infinity, never NaN. No process id is a label.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};

use crate::finding::{Row, Status};
use crate::snapshot::Snapshot;

/// What `Content-Type` says of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The metrics of `snapshot`. Families without a sample are left out with their header.
#[must_use]
pub fn text(snapshot: &Snapshot) -> String {
    let rows = rows(snapshot);
    let mut page = Page::default();
    forecasts(&mut page, snapshot, &rows);
    levels(&mut page, snapshot, &rows);
    own(&mut page, snapshot);
    page.0
}

/// One row for each resource and scope: the first, which is the worst. Two samples of one name are refused by whoever
/// reads them, and with them the whole page.
fn rows(snapshot: &Snapshot) -> Vec<&Row> {
    let mut seen = BTreeSet::new();
    let rows = snapshot.findings.iter().map(|finding| &finding.row);
    rows.filter(|row| seen.insert((&row.resource, &row.scope, &row.host))).collect()
}

fn forecasts(page: &mut Page, snapshot: &Snapshot, rows: &[&Row]) {
    page.family(
        "hebe_time_to_exhaustion_seconds",
        "Time until the resource meets its limit: the middle of the forecast and the ends of its 90 % range.",
        "gauge",
        rows.iter().flat_map(|row| {
            let bounds = [("low", row.left_lo_s), ("mid", row.left_s), ("high", row.left_hi_s)];
            bounds.map(|(bound, left)| {
                (place(snapshot, row, &[("bound", bound)]), left.filter(|&left| 0.0 <= left))
            })
        }),
    );
    page.family(
        "hebe_exhaustion_timestamp_seconds",
        "When the resource meets its limit, in seconds since 1970: the middle of the forecast and the ends of its \
         90 % range.",
        "gauge",
        rows.iter().flat_map(|row| {
            let bounds = [("low", row.exhausts_lo), ("mid", row.exhausts_at), ("high", row.exhausts_hi)];
            bounds.map(|(bound, at)| (place(snapshot, row, &[("bound", bound)]), at.map(seconds)))
        }),
    );
    page.family(
        "hebe_forecast_state",
        "1 for the state that the resource is in; there is no sample for the others.",
        "gauge",
        rows.iter().map(|row| (place(snapshot, row, &[("state", row.status.word())]), Some(1.0))),
    );
}

/// What is used and what may be, in the base unit of each.
fn levels(page: &mut Page, snapshot: &Snapshot, rows: &[&Row]) {
    for (suffix, unit, scale) in [
        ("_bytes", "bytes", 1.0),
        ("_seconds", "seconds", 1.0),
        ("_ratio", "percent", 0.01),
        ("", "count", 1.0),
    ] {
        // What has no recent sample is not so now.
        let of_unit = |row: &&&Row| {
            (row.unit == unit || (unit == "count" && row.unit.is_empty())) && row.status != Status::Stale
        };
        page.family(
            &format!("hebe_resource_used{suffix}"),
            "Used now.",
            "gauge",
            rows.iter()
                .filter(of_unit)
                .map(|row| (place(snapshot, row, &[]), row.used.map(|used| used * scale))),
        );
        page.family(
            &format!("hebe_resource_limit{suffix}"),
            "The limit now.",
            "gauge",
            rows.iter()
                .filter(of_unit)
                .map(|row| (place(snapshot, row, &[]), row.limit.map(|limit| limit * scale))),
        );
    }
}

/// What the daemon says of itself.
fn own(page: &mut Page, snapshot: &Snapshot) {
    let one = |value: f64| [(Vec::new(), Some(value))];
    let flag = |set: bool| if set { 1.0 } else { 0.0 };
    page.family(
        "hebe_surges_held_total",
        "Rises that passed before anybody was told, since the start.",
        "counter",
        one(snapshot.surges_held as f64),
    );
    let mut seen = BTreeSet::new();
    let sources = snapshot.sources.iter().filter(|source| seen.insert(&source.name));
    page.family(
        "hebe_collector_success",
        "Whether all that the source should give was read.",
        "gauge",
        sources.map(|source| (vec![("source", source.name.as_str())], Some(flag(source.success)))),
    );
    if let Some(store) = &snapshot.store {
        page.family("hebe_store_bytes", "Bytes of the store on the disk.", "gauge", one(store.bytes as f64));
        page.family(
            "hebe_store_limit_bytes",
            "Bytes that it may use.",
            "gauge",
            one(store.size_limit as f64),
        );
        let success = flag(store.failing.is_none());
        page.family("hebe_store_success", "Whether the store is written.", "gauge", one(success));
    }
    let own = &snapshot.own;
    page.family("hebe_sampling_period_seconds", "Time between samples now.", "gauge", one(own.period_s));
    let help = "Whether the time between samples was stretched because too much was used.";
    page.family("hebe_sampling_stretched", help, "gauge", one(flag(own.stretched)));
    let help = "Share of one core that the daemon used over the last minute.";
    page.family("hebe_own_cpu_ratio", help, "gauge", one(own.cpu));
    let help = "Resident memory of the daemon.";
    page.family("process_resident_memory_bytes", help, "gauge", one(own.rss_bytes as f64));
    let counted = |count: u64| one(count as f64).into_iter().filter(move |_| 0 < count);
    page.family("process_open_fds", "Open descriptors of the daemon.", "gauge", counted(own.fds));
    let most = [(Vec::new(), own.most_fds)];
    page.family("process_max_fds", "Descriptors that the daemon may have open.", "gauge", most);
    page.family("process_threads", "Threads of the daemon.", "gauge", counted(own.threads));
    let help = "When the daemon started, in seconds since 1970.";
    page.family("process_start_time_seconds", help, "gauge", one(seconds(snapshot.started)));
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    page.family("hebe_build_info", "1, with the version.", "gauge", [(version, Some(1.0))]);
}

type Labels<'a> = Vec<(&'a str, &'a str)>;

/// The labels of a row: the host is one of them only where it is not the daemon's own, which whoever scrapes it knows.
fn place<'a>(snapshot: &Snapshot, row: &'a Row, more: &[(&'a str, &'a str)]) -> Labels<'a> {
    let mut labels = vec![("resource", row.resource.as_str()), ("scope", row.scope.as_str())];
    if row.host != snapshot.host && !row.host.is_empty() {
        labels.push(("host", &row.host));
    }
    labels.extend(more);
    labels
}

fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

/// The text so far.
#[derive(Default)]
struct Page(String);

impl Page {
    /// One family: its help and type, and the samples that have a finite value.
    fn family<'a>(
        &mut self,
        name: &str,
        help: &str,
        kind: &str,
        samples: impl IntoIterator<Item = (Labels<'a>, Option<f64>)>,
    ) {
        let mut header = Some(format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        for (labels, value) in samples {
            let Some(value) = value.filter(|value| value.is_finite()) else { continue };
            self.0.push_str(&header.take().unwrap_or_default());
            self.0.push_str(name);
            self.labels(&labels);
            // Adding zero turns -0 into 0.
            let _ = writeln!(self.0, " {}", value + 0.0);
        }
    }

    fn labels(&mut self, labels: &Labels<'_>) {
        for (i, (name, value)) in labels.iter().enumerate() {
            let _ = write!(self.0, "{}{name}=\"", if i == 0 { '{' } else { ',' });
            escape(&mut self.0, value);
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
    }
}

/// A label's value as the format wants it: backslash, quote and newline are escaped, nothing else is special.
fn escape(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests;
