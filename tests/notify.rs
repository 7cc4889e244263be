//! Notices as those who get them do: the real Alertmanager, a webhook, a command, a journal; metrics and rules as
//! Prometheus's own checker sees them.

mod alertmanager;
mod checked;
// The notifier belongs to the binary, which nothing can link: it is compiled in once more.
#[path = "../engine/app/notify/mod.rs"]
mod notifier;
mod others;
mod receiver;
mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use hebe::event::{Event, Kind};
use hebe::finding::{Confidence, Culprit, Row, Status};

use self::notifier::{Config, Journald, Notifier};

/// What has not happened by then never will.
const PATIENCE: Duration = Duration::from_mins(1);
/// Time from one look to the next.
const LOOK: Duration = Duration::from_millis(5);

/// Waits until `look` finds something.
#[track_caller]
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(LOOK);
    }
}

/// Nobody but the log, and not the journal of the machine that runs the tests.
fn quiet() -> Config {
    Config { journald: Journald { enabled: false, ..Journald::default() }, ..Config::default() }
}

fn notifier(config: Config, spool: &Path) -> Notifier {
    Notifier::new(config, spool, |series| format!("/explain/{series}")).unwrap()
}

/// Closes a notifier, with nothing left to wait for.
fn close(notifier: Notifier) {
    assert!(notifier.close(PATIENCE), "its threads end");
}

fn row(series: &str, scope: &str, status: Status) -> Row {
    let at: DateTime<Utc> = "2026-11-22T12:00:00Z".parse().unwrap();
    Row {
        series: series.to_owned(),
        resource: "disk.bytes".to_owned(),
        scope: scope.to_owned(),
        host: "web1".to_owned(),
        status,
        sentence: "runs out on Thu 26 Nov".to_owned(),
        at: Some(at),
        left_s: Some(345_600.0),
        left_lo_s: Some(259_200.0),
        left_hi_s: None,
        exhausts_at: Some(at + TimeDelta::days(4)),
        exhausts_lo: Some(at + TimeDelta::days(3)),
        exhausts_hi: None,
        probability: Some(0.93),
        horizon_s: Some(604_800.0),
        used: Some(4e10),
        limit: Some(5e10),
        unit: "bytes".to_owned(),
        limit_owner: Some("ext4".to_owned()),
        growth_per_day: Some(2.5e9),
        since: None,
        since_event: None,
        curve: Some("linear".to_owned()),
        method: "default".to_owned(),
        evidence: "grows on 3 of 3 stretches".to_owned(),
        confidence: Confidence::Medium,
        surges_held: 0,
        samples: 300,
        rejected: 0,
        epochs: 1,
        culprits: vec![Culprit {
            name: "java".to_owned(),
            kind: "process".to_owned(),
            used: 1e10,
            used_share: 0.25,
            growth_per_day: 2.4e9,
            growth_share: 0.96,
            ..Culprit::default()
        }],
        culprit_note: None,
        action: Some("restart java".to_owned()),
    }
}

/// The event `number` of a row: now, and no two at once.
fn event(kind: Kind, row: Row, number: u32) -> Arc<Event> {
    Arc::new(Event::new(kind, row, Utc::now() + TimeDelta::milliseconds(i64::from(number)), "web1"))
}

/// Events `from..to` of as many scopes, so that each is news.
fn predictions(from: u32, to: u32) -> Vec<Arc<Event>> {
    let row = |i: u32| row(&format!("disk {i}"), &format!("/{i}"), Status::Warning);
    (from..to).map(|i| event(Kind::Predicted, row(i), i)).collect()
}

fn send_all(notifier: &Notifier, events: Vec<Arc<Event>>) {
    for event in events {
        notifier.send(event);
    }
}
