//! The webhook: signed, in order, again until it is taken, and not lost when the daemon dies.

use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use hebe::event::Kind;
use hebe::finding::Status;
use ring::hmac;

use super::notifier::{Config, Notifier, Webhook};
use super::receiver::{Request, Web, free_port};
use super::{close, event, notifier, predictions, quiet, row, send_all, wait_for};

const SECRET: &str = "a secret of some length";

fn hook(url: String) -> Webhook {
    Webhook {
        url,
        secret_file: None,
        timeout: Duration::from_secs(10),
        first_retry: Duration::from_millis(1),
        longest_retry: Duration::from_millis(20),
        queue: 100,
    }
}

fn to(webhook: Webhook) -> Config {
    Config { webhook: Some(webhook), ..quiet() }
}

fn failing(notifier: &Notifier) -> Option<String> {
    sink(notifier).failing
}

fn sink(notifier: &Notifier) -> super::notifier::SinkState {
    notifier.state().sinks.into_iter().find(|sink| sink.name == "webhook").unwrap()
}

fn scopes(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|request| request.json()["data"]["scope"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_event_comes_signed_and_an_alarm_that_is_told_again_has_its_id_again() {
    let spool = tempfile::tempdir().unwrap();
    let secret = spool.path().join("secret");
    fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let web = Web::start(0, &[503]);
    let notifier = notifier(to(Webhook { secret_file: Some(secret), ..hook(web.url()) }), spool.path());
    notifier.send(predictions(0, 1).remove(0));
    let (first, again) = (web.next(), web.next());
    for request in [&first, &again] {
        let header = |name: &str| request.headers[name].as_str();
        let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
        let age = Utc::now().timestamp() - timestamp.parse::<i64>().unwrap();
        assert!((0..60).contains(&age), "{age} s old");
        let signed = [format!("{id}.{timestamp}.").as_bytes(), &request.body].concat();
        let signature = STANDARD.decode(header("webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        hmac::verify(&key, &signed, &signature).unwrap();
        assert_eq!(header("content-type"), "application/cloudevents+json");
        assert_eq!(request.path, "/hook");
    }
    assert_eq!(first.headers["webhook-id"], again.headers["webhook-id"]);
    assert_eq!(first.body, again.body);
    assert_eq!(first.json()["type"], "dev.hebe.exhaustion.predicted.v1");
    close(notifier);
}

#[test]
fn order_is_kept_through_failures_and_each_comes_once() {
    let spool = tempfile::tempdir().unwrap();
    let web = Web::start(0, &[500, 200, 429, 302, 200, 503]);
    let notifier = notifier(to(hook(web.url())), spool.path());
    send_all(&notifier, predictions(0, 5));
    let requests: Vec<Request> = (0..9).map(|_| web.next()).collect();
    assert_eq!(scopes(&requests), ["/0", "/0", "/1", "/1", "/1", "/2", "/2", "/3", "/4"]);
    wait_for("all to be delivered", || (sink(&notifier).delivered == 5).then_some(()));
    assert_eq!(failing(&notifier), None);
    close(notifier);
    assert!(web.is_idle());
}

#[test]
fn what_is_refused_does_not_stand_in_the_way() {
    let spool = tempfile::tempdir().unwrap();
    let web = Web::start(0, &[422]);
    let notifier = notifier(to(hook(web.url())), spool.path());
    send_all(&notifier, predictions(0, 2));
    assert_eq!(scopes(&[web.next(), web.next()]), ["/0", "/1"]);
    wait_for("both to be settled", || (sink(&notifier).delivered == 1).then_some(()));
    assert_eq!((sink(&notifier).dropped, sink(&notifier).queued), (1, 0));
    close(notifier);
}

#[test]
fn nobody_there_is_waited_for() {
    let spool = tempfile::tempdir().unwrap();
    let port = free_port();
    let notifier = notifier(to(hook(format!("http://127.0.0.1:{port}/hook"))), spool.path());
    notifier.send(predictions(0, 1).remove(0));
    let why = wait_for("the failure", || failing(&notifier));
    assert!(why.contains("no answer"), "{why}");
    let web = Web::start(port, &[]);
    assert_eq!(web.port(), port);
    assert_eq!(scopes(&[web.next()]), ["/0"]);
    wait_for("the failure to be over", || failing(&notifier).is_none().then_some(()));
    close(notifier);
}

#[test]
fn a_full_queue_keeps_the_newest_and_says_what_it_dropped() {
    let spool = tempfile::tempdir().unwrap();
    let port = free_port();
    let patient = Duration::from_mins(10);
    let webhook = Webhook {
        queue: 3,
        first_retry: patient,
        longest_retry: patient,
        ..hook(format!("http://127.0.0.1:{port}/hook"))
    };
    let notifier = notifier(to(webhook.clone()), spool.path());
    send_all(&notifier, predictions(0, 10));
    wait_for("the queue to be full", || (sink(&notifier).dropped == 7).then_some(()));
    assert_eq!(sink(&notifier).queued, 3);
    close(notifier);
    let web = Web::start(port, &[]);
    let notifier = super::notifier(to(webhook), spool.path());
    assert_eq!(scopes(&[web.next(), web.next(), web.next()]), ["/7", "/8", "/9"]);
    close(notifier);
}

/// What `kill -9` would leave: the files as they are at this moment, of a notifier that knows nothing of it.
fn killed(spool: &Path, into: &Path) {
    fs::create_dir_all(into).unwrap();
    for entry in fs::read_dir(spool).unwrap() {
        let (from, to) = (entry.as_ref().unwrap().path(), into.join(entry.unwrap().file_name()));
        if from.is_dir() {
            killed(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

#[test]
fn a_daemon_that_is_killed_delivers_after_its_next_start() {
    let spool = tempfile::tempdir().unwrap();
    let after = tempfile::tempdir().unwrap();
    let port = free_port();
    let webhook = hook(format!("http://127.0.0.1:{port}/hook"));
    let dying = notifier(to(webhook.clone()), spool.path());
    send_all(&dying, predictions(0, 4));
    wait_for("all to be queued", || (sink(&dying).queued == 4).then_some(()));
    killed(spool.path(), after.path());
    close(dying);
    let web = Web::start(port, &[]);
    let born = notifier(to(webhook), after.path());
    born.send(predictions(4, 5).remove(0));
    let requests: Vec<Request> = (0..5).map(|_| web.next()).collect();
    assert_eq!(scopes(&requests), ["/0", "/1", "/2", "/3", "/4"]);
    close(born);
}

#[test]
fn closing_keeps_what_was_sent_a_moment_before() {
    let spool = tempfile::tempdir().unwrap();
    let port = free_port();
    let webhook = hook(format!("http://127.0.0.1:{port}/hook"));
    let dying = notifier(to(webhook.clone()), spool.path());
    send_all(&dying, predictions(0, 50));
    close(dying);
    let web = Web::start(port, &[]);
    let born = notifier(to(webhook), spool.path());
    let requests: Vec<Request> = (0..50).map(|_| web.next()).collect();
    assert_eq!(scopes(&requests), (0..50).map(|i| format!("/{i}")).collect::<Vec<_>>());
    close(born);
}

#[test]
fn one_cause_is_told_once_and_its_end_when_the_last_series_of_it_is_well() {
    let spool = tempfile::tempdir().unwrap();
    let web = Web::start(0, &[]);
    let notifier = notifier(to(hook(web.url())), spool.path());
    let say = |kind, series: &str, status, number| {
        notifier.send(event(kind, row(series, "/var", status), number));
    };
    say(Kind::Predicted, "a", Status::Warning, 0); // told
    say(Kind::Predicted, "b", Status::Warning, 1); // says as much
    say(Kind::SurgeHeld, "c", Status::SurgeHeld, 2); // nobody asked
    say(Kind::Updated, "b", Status::Critical, 3); // worse: told
    say(Kind::Cleared, "b", Status::Steady, 4); // no longer worse: told as `a` stands
    say(Kind::Cleared, "a", Status::Steady, 5); // told
    let told: Vec<(String, String, String)> = (0..4)
        .map(|_| {
            let json = web.next().json();
            let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
            (word(&json["type"]), word(&json["subject"]), word(&json["data"]["status"]))
        })
        .collect();
    let expected = [
        ("dev.hebe.exhaustion.predicted.v1", "a", "WARNING"),
        ("dev.hebe.exhaustion.updated.v1", "b", "CRITICAL"),
        ("dev.hebe.exhaustion.updated.v1", "a", "WARNING"),
        ("dev.hebe.exhaustion.cleared.v1", "a", "STEADY"),
    ];
    assert_eq!(told, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    close(notifier);
    assert!(web.is_idle());
    let log = fs::read_to_string(spool.path().join("events.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 6, "the log has all of them");
}
