//! The real Alertmanager: it takes an alert, has it repeated, and tells others when it is over.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hebe::event::Kind;
use hebe::finding::Status;
use serde_json::Value;

use super::notifier::{Alertmanager, Config};
use super::receiver::{Web, free_port};
use super::{close, event, notifier, quiet, row, wait_for};
use crate::servers::Server;
use crate::skipped::{has, skipped};

/// One in `folder` that tells `receiver`.
fn start(folder: &Path, receiver: &str) -> Server {
    let config = format!(
        "route: {{receiver: us, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}\n\
         receivers: [{{name: us, webhook_configs: [{{url: '{receiver}', send_resolved: true}}]}}]\n"
    );
    Server::alertmanager(folder, &config)
}

/// The alerts that it takes for active.
fn alerts(server: &Server) -> Vec<Value> {
    server.json("/api/v2/alerts").as_array().unwrap().clone()
}

fn ends(alert: &Value) -> DateTime<Utc> {
    alert["endsAt"].as_str().unwrap().parse().unwrap()
}

/// The next alert that Alertmanager told its receiver, with its state.
fn told(web: &Web) -> (String, Value) {
    let json = web.next().json();
    (json["status"].as_str().unwrap().to_owned(), json["alerts"][0].clone())
}

#[test]
fn alertmanager_takes_an_alert_has_it_repeated_and_tells_its_end() {
    if !has("prometheus-alertmanager") {
        return skipped("the real Alertmanager", "prometheus-alertmanager");
    }
    let folder = tempfile::tempdir().unwrap();
    let web = Web::start(0, &[]);
    let server = start(folder.path(), &web.url());
    let to = Alertmanager {
        urls: vec![format!("{}/", server.url)],
        repeat: Duration::from_millis(500),
        timeout: Duration::from_secs(10),
    };
    let config = Config {
        alertmanager: Some(to.clone()),
        page_url: Some("http://web1:9797/".to_owned()),
        runbook_url: Some("http://wiki/{resource}".to_owned()),
        ..quiet()
    };
    let spool = folder.path().join("spool");
    let notifier = notifier(config.clone(), &spool);

    notifier.send(event(Kind::Predicted, row("a", "/v\"ar\n", Status::Warning), 0));
    let alert = wait_for("the alert", || alerts(&server).into_iter().next());
    assert_eq!(alert["labels"]["alertname"], "HebeExhaustion");
    assert_eq!(alert["labels"]["resource"], "disk.bytes");
    assert_eq!(alert["labels"]["scope"], "/v\"ar\n");
    assert_eq!(alert["labels"]["host"], "web1");
    assert_eq!(alert["labels"]["severity"], "warning");
    assert_eq!(alert["generatorURL"], "http://web1:9797/explain/a");
    let said = &alert["annotations"];
    assert_eq!(said["summary"], "disk.bytes /v\"ar\n: WARNING");
    assert_eq!(said["description"], "runs out on Thu 26 Nov · grows on 3 of 3 stretches");
    assert_eq!(said["runbook_url"], "http://wiki/disk.bytes");
    assert_eq!(said["culprit"], "java (process), 96 % of the growth");
    assert_eq!(said["exhaustion_at"], "2026-11-26T12:00:00.000Z");
    assert_eq!(said["action"], "restart java");
    assert_eq!(told(&web).0, "firing");

    // It is told again: its end moves on. The daemon that dies and comes back goes on telling.
    wait_for("a repetition", || (ends(&alert) < ends(&alerts(&server)[0])).then_some(()));
    close(notifier);
    let to = Alertmanager { repeat: Duration::from_mins(1), ..to };
    let notifier = super::notifier(Config { alertmanager: Some(to), ..config }, &spool);
    assert_eq!(notifier.state().alerts, 1);
    // From here on nothing ends for want of repetition.
    let before = Utc::now() + Duration::from_mins(3);
    wait_for("a repetition after the restart", || (before < ends(&alerts(&server)[0])).then_some(()));

    // A second series of the same cause is no second alert; a worse state is another one, and the former is over.
    notifier.send(event(Kind::Predicted, row("b", "/v\"ar\n", Status::Critical), 1));
    let severities = || -> Vec<Value> {
        alerts(&server).iter().map(|alert| alert["labels"]["severity"].clone()).collect()
    };
    wait_for("the worse one alone", || (severities() == ["critical"]).then_some(()));
    notifier.standing(vec![row("b", "/v\"ar\n", Status::Critical)], Utc::now());
    notifier.send(event(Kind::Cleared, row("b", "/v\"ar\n", Status::Steady), 2));
    wait_for("its end", || alerts(&server).is_empty().then_some(()));
    let mut told: Vec<(String, Value)> = (0..3).map(|_| told(&web)).collect();
    told.sort_by_key(|(status, alert)| (status.clone(), alert["labels"]["severity"].to_string()));
    let told: Vec<String> =
        told.into_iter().map(|(status, alert)| format!("{status} {}", alert["labels"]["severity"])).collect();
    assert_eq!(told, ["firing \"critical\"", "resolved \"critical\"", "resolved \"warning\""]);
    close(notifier);
}

#[test]
fn an_end_that_nobody_heard_is_told_after_the_next_start_and_what_does_not_stand_is_resolved() {
    let spool = tempfile::tempdir().unwrap();
    let port = free_port();
    let to = |url: String| Config {
        alertmanager: Some(Alertmanager {
            urls: vec![url],
            repeat: Duration::from_millis(20),
            timeout: Duration::from_secs(10),
        }),
        ..quiet()
    };
    let web = Web::start(0, &[]);
    let first = notifier(to(web.url()), spool.path());
    first.send(event(Kind::Predicted, row("a", "/var", Status::Warning), 0));
    first.send(event(Kind::Predicted, row("b", "/home", Status::Warning), 1));
    wait_for("both to be told", || (web.next().json().as_array().unwrap().len() == 2).then_some(()));
    close(first);

    let second = notifier(to(format!("http://127.0.0.1:{port}")), spool.path());
    let now = Utc::now();
    let mut other = row("c", "/srv", Status::Critical);
    other.sentence = String::new();
    second.standing(vec![row("b", "/home", Status::Warning), other], now);
    wait_for("the failure", || {
        second.state().sinks.iter().find(|sink| sink.name == "alertmanager").unwrap().failing.clone()
    });
    assert_eq!(second.state().alerts, 2);
    close(second);

    let web = Web::start(port, &[]);
    let third = notifier(to(format!("http://127.0.0.1:{port}")), spool.path());
    let request = web.next();
    assert_eq!(request.path, "/api/v2/alerts");
    let mut scopes: Vec<(String, bool)> = request
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| (alert["labels"]["scope"].as_str().unwrap().to_owned(), ends(alert) <= Utc::now()))
        .collect();
    scopes.sort();
    assert_eq!(scopes, [("/home".to_owned(), false), ("/srv".to_owned(), false), ("/var".to_owned(), true)]);
    let next = wait_for("the end to be settled", || {
        let alerts = web.next().json();
        (alerts.as_array().unwrap().len() == 2).then_some(alerts)
    });
    assert!(next.as_array().unwrap().iter().all(|alert| Utc::now() < ends(alert) + Duration::from_mins(1)));
    close(third);
}
