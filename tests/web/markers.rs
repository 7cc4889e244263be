//! Marks over HTTP: who may say that something happened, and what is kept.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use hebe::evidence::Mark;
use hebe::finding::{Finding, Picture};
use hebe::snapshot::Snapshot;
use hebe_collectors::history::Series;

use super::client::{ask, get, send};
use super::made::{Made, options, serve};
use super::server::{Server, Source, start};

const TOKEN: &str = "0123456789-the-token";
const BEARER: &str = "Authorization: Bearer 0123456789-the-token";

/// A source that keeps marks, until its disk is full.
struct Marked {
    made: Made,
    kept: Mutex<Vec<Mark>>,
    room: usize,
}

impl Source for Marked {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.made.snapshot()
    }

    fn history(&self, name: &str, from_ms: i64, until_ms: i64) -> Option<Series> {
        self.made.history(name, from_ms, until_ms)
    }

    fn explain(&self, name: &str) -> Option<(Finding, Picture)> {
        self.made.explain(name)
    }

    fn metrics(&self) -> String {
        self.made.metrics()
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn marks(&self) -> Vec<Mark> {
        self.kept.lock().unwrap().clone()
    }

    fn mark(&self, mark: &Mark) -> anyhow::Result<()> {
        let mut kept = self.kept.lock().unwrap();
        anyhow::ensure!(kept.len() < self.room, "the disk is full");
        kept.push(mark.clone());
        Ok(())
    }
}

fn guarded(room: usize) -> Server {
    let marked = Marked { made: Made::host(), kept: Mutex::default(), room };
    start(&options("127.0.0.1:0", Some(TOKEN)), Arc::new(marked)).unwrap()
}

const PATH: &str = "/api/v1/markers";

#[test]
fn a_mark_is_kept_and_shown() {
    let server = guarded(9);
    let said = r#"{"text":"deployed 4.14.6","at":"2026-11-28T21:00:00Z","scope":"web"}"#;
    assert_eq!(send(server.address(), PATH, said, &[BEARER]).status, 201);
    assert_eq!(send(server.address(), PATH, r#"{"text":"reloaded"}"#, &[BEARER]).status, 201);
    let marks = ask(server.address(), "GET", PATH, &[BEARER]).json();
    assert_eq!(marks[0]["text"], "deployed 4.14.6");
    assert_eq!((&marks[0]["scope"], &marks[1]["at"]), (&"web".into(), &"1970-01-01T00:00:00Z".into()));
}

#[test]
fn nothing_is_marked_without_the_token_itself() {
    let server = guarded(9);
    let said = r#"{"text":"x"}"#;
    assert_eq!(send(server.address(), PATH, said, &[]).status, 401);
    let entered = send(server.address(), "/login", &format!("token={TOKEN}&next=%2F"), &[]);
    let cookie = format!("Cookie: {}", entered.header("set-cookie").unwrap().split(';').next().unwrap());
    assert_eq!(
        send(server.address(), PATH, said, &[&cookie]).status,
        403,
        "another site may send the cookie"
    );
    assert_eq!(ask(server.address(), "GET", PATH, &[&cookie]).json(), serde_json::json!([]));
    let open = serve(Made::host());
    assert_eq!(send(open.address(), PATH, said, &[]).status, 403, "not even this machine");
    assert_eq!(send(open.address(), PATH, said, &[BEARER]).status, 403);
    assert_eq!(get(open.address(), PATH).json(), serde_json::json!([]));
}

#[test]
fn what_is_no_mark_is_refused_with_the_reason() {
    let server = guarded(0);
    for (said, part) in [
        ("text=x", "Expected"),
        (r#"{"text":" "}"#, "without words"),
        (r#"{"text":"x","when":"now"}"#, "when"),
        (r#"{"text":"a\u001bb"}"#, "control"),
    ] {
        let answer = send(server.address(), PATH, said, &[BEARER]);
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains(part), "{}", answer.body);
    }
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(2_000));
    assert_eq!(send(server.address(), PATH, &long, &[BEARER]).status, 413);
    let full = send(server.address(), PATH, r#"{"text":"x"}"#, &[BEARER]);
    assert!(full.status == 500 && full.body.contains("the disk is full"), "{}", full.body);
}
