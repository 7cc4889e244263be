//! A real leak and a real surge of file descriptors: sampled, forecast, told, shown, kept; read by a real Prometheus,
//! alarmed at a real Alertmanager.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::started::{Daemon, FAST, Running, now_s, wait_for};
use crate::binary::hebe;
use crate::servers::Server;
use crate::skipped::{has, skipped};

/// Descriptors that the leaking process may have.
const LIMIT: u32 = 600;
/// Opens ten descriptors a second by the clock, however slow the machine, until it may not any more; says so by a
/// file, and gives them back when another one is there.
const LEAK: &str = r#"
ulimit -n 600
start=${EPOCHREALTIME/./}; n=0; held=()
leak() {
  while :; do
    due=$(( (${EPOCHREALTIME/./} - start) / 100000 ))
    while [ $n -lt $due ]; do exec {f}</dev/null || return; held+=($f); n=$((n + 1)); done
    read -t 0.05 <> <(:)
  done
}
leak
f=${held[0]}; exec {f}<&-
: > "$1/full"
while [ ! -e "$1/release" ]; do sleep 0.2; done
for f in "${held[@]:1}"; do exec {f}<&-; done
while :; do sleep 1; done"#;
/// Holds 20 descriptors; after 25 seconds 400 more for 3 seconds.
const SURGE: &str = r#"
ulimit -n 600
for i in {1..20}; do exec {f}</dev/null; done
sleep 25
held=()
for i in {1..400}; do exec {f}</dev/null; held+=($f); done
sleep 3
for f in "${held[@]}"; do exec {f}<&-; done
while :; do sleep 1; done"#;

/// The servers that listen to the daemon.
struct Listening {
    prometheus: Server,
    alertmanager: Server,
}

/// What Prometheus reads every second.
fn scraping(address: &str) -> String {
    format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
         scrape_configs: [{{job_name: hebe, static_configs: [{{targets: ['{address}']}}]}}]\n"
    )
}

#[test]
fn a_leak_is_dated_at_half_of_its_life_and_a_surge_says_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let real = has("prometheus") && has("prometheus-alertmanager");
    if !real {
        skipped("the daemon's metrics and alerts", "prometheus and prometheus-alertmanager");
    }
    let alertmanager =
        real.then(|| Server::alertmanager(folder.path(), "route: {receiver: us}\nreceivers: [{name: us}]\n"));
    let told_to = alertmanager
        .as_ref()
        .map_or_else(String::new, |server| format!("[notify.alertmanager]\nurls = [\"{}\"]\n", server.url));
    let daemon = Daemon::start(folder.path(), &format!("{FAST}{told_to}"));
    let listening = alertmanager.map(|alertmanager| Listening {
        prometheus: Server::prometheus(folder.path(), &scraping(daemon.address())),
        alertmanager,
    });
    let leak = Running::shell(folder.path(), "leaker", LEAK, folder.path());
    let surge = Running::shell(folder.path(), "surger", SURGE, folder.path());

    let half = f64::from(LIMIT) / 2.0;
    let (row, seen_at) = wait_for("half of the descriptors", || {
        let row = daemon.row("process.fds", "leaker")?;
        (half <= row["used"].as_f64()? && row["exhausts_at"].is_string()).then(|| (row, now_s()))
    });
    assert_eq!(row["limit"].as_f64(), Some(f64::from(LIMIT)));
    let predicted = seen_at + row["left_s"].as_f64().unwrap();
    wait_for("the end of the leak", || folder.path().join("full").exists().then_some(()));
    let (came, left) = (now_s(), now_s() - seen_at);
    assert!((predicted - came).abs() < 0.15 * left, "off by {} s of {left} s: {row}", predicted - came);
    let event = |kind: &str| {
        let is_it = |event: &Value| event["type"] == kind && about(event, "leaker");
        daemon.events().into_iter().find(is_it)
    };
    wait_for("the event", || event("dev.hebe.exhaustion.predicted.v1"));
    wait_for("the surge to be over", || (now_s() - seen_at > 30.0).then_some(()));
    let firing = listening.as_ref().map(|listening| (fires(listening), listening));

    fs::write(folder.path().join("release"), "").unwrap();
    wait_for("the event of its end", || event("dev.hebe.exhaustion.cleared.v1"));
    if let Some((alert, listening)) = firing {
        is_over(&alert, listening);
    }
    let alarms = daemon.events().into_iter().filter(|event| event["type"] != "dev.hebe.surge.held.v1");
    let of_surge: Vec<Value> = alarms.filter(|event| about(event, "surger")).collect();
    assert!(of_surge.is_empty(), "{of_surge:?}");
    drop((leak, surge));

    let page = daemon.get("/").unwrap();
    assert!(page.contains("process.fds") && page.contains("leaker"));
    assert!(daemon.get("/metrics").unwrap().contains("hebe_forecast_state{resource=\"process.fds\""));
    daemon.stop();
    is_a_history(folder.path());
}

fn about(event: &Value, program: &str) -> bool {
    event["subject"].as_str().is_some_and(|subject| subject.contains(program))
}

/// The alert of the leak at Alertmanager; and Prometheus has read what there is to read.
fn fires(listening: &Listening) -> Value {
    let Listening { prometheus, alertmanager } = listening;
    let alert = wait_for("the alert", || alert(alertmanager));
    assert_eq!(alert["labels"]["alertname"], "HebeExhaustion");
    assert_eq!(alert["labels"]["resource"], "process.fds");
    assert_eq!(prometheus.query("up{job=\"hebe\"}")[0]["value"][1], "1");
    // The leak is full or was dated before: its forecast has been read, and the surger never had one.
    let ever =
        |of: &str| format!("max_over_time(hebe_time_to_exhaustion_seconds{{scope=~\".*{of}.*\"}}[10m])");
    wait_for("the forecast in Prometheus", || prometheus.query(&ever("leaker")).pop());
    assert_eq!(prometheus.query(&ever("surger")), Vec::<Value>::new());
    let used = prometheus.query("hebe_resource_used{resource=\"process.fds\",scope=~\".*leaker.*\"}");
    let used: f64 = used[0]["value"][1].as_str().unwrap().parse().unwrap();
    assert!(f64::from(LIMIT) / 2.0 < used, "{used}");
    all_are_numbers(prometheus);
    alert
}

fn alert(alertmanager: &Server) -> Option<Value> {
    let alerts = alertmanager.json("/api/v2/alerts");
    let is_it =
        |alert: &&Value| alert["labels"]["scope"].as_str().is_some_and(|scope| scope.contains("leaker"));
    alerts.as_array().unwrap().iter().find(is_it).cloned()
}

/// Every sample of ours that Prometheus has: no NaN, no infinity, no -1 for "none".
fn all_are_numbers(prometheus: &Server) {
    let series = prometheus.query("{__name__=~\"hebe_.+\"}[10m]");
    assert!(50 < series.len(), "{}", series.len());
    for one in series {
        for sample in one["values"].as_array().unwrap() {
            let value: f64 = sample[1].as_str().unwrap().parse().unwrap();
            assert!(value.is_finite() && 0.0 <= value, "{value} of {}", one["metric"]);
        }
    }
}

/// Alertmanager was told of the end, and did not merely hear nothing for long; there is no forecast any more.
fn is_over(alert_before: &Value, listening: &Listening) {
    let ends: chrono::DateTime<chrono::Utc> = alert_before["endsAt"].as_str().unwrap().parse().unwrap();
    wait_for("the end of the alert", || alert(&listening.alertmanager).is_none().then_some(()));
    assert!(chrono::Utc::now() < ends, "it may have expired by itself");
    let now = "hebe_time_to_exhaustion_seconds{scope=~\".*leaker.*\"}";
    wait_for("no forecast in Prometheus", || listening.prometheus.query(now).is_empty().then_some(()));
    all_are_numbers(&listening.prometheus);
}

/// What was sampled is a history like any other.
fn is_a_history(folder: &Path) {
    let analyzed = hebe().args(["analyze", "--format", "json"]).arg(folder).output().unwrap();
    let text = String::from_utf8_lossy(&analyzed.stdout);
    assert!(
        analyzed.status.success() && text.contains("leaker"),
        "{}",
        String::from_utf8_lossy(&analyzed.stderr)
    );
}
