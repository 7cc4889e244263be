//! The log, silences, the journal and the command.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use hebe::event::Kind;
use hebe::event::action::{Action, ActionEvent, Kind as ActionKind};
use hebe::finding::Status;
use hebe::restart::cause::Cause;
use hebe::silence::Silence;
use serde_json::Value;

use super::notifier::{Command, Config, Journald, SilenceFile, SinkState};
use super::receiver::{Web, free_port};
use super::{Notifier, PATIENCE, close, event, notifier, predictions, quiet, row, send_all, wait_for};

fn logged(spool: &Path) -> Vec<Value> {
    let text = fs::read_to_string(spool.join("events.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn sink(notifier: &Notifier, name: &str) -> SinkState {
    notifier.state().sinks.into_iter().find(|sink| sink.name == name).unwrap()
}

fn silence(scope: &str) -> Silence {
    Silence {
        id: "move".to_owned(),
        resource: "disk.*".to_owned(),
        scope: scope.to_owned(),
        owner: "ann".to_owned(),
        reason: "moving house".to_owned(),
        starts: None,
        ends: Utc::now() + TimeDelta::hours(1),
    }
}

fn command(script: &str, spool: &Path) -> Command {
    let argv = ["sh", "-c", script, "sh", spool.to_str().unwrap()];
    Command {
        argv: argv.map(str::to_owned).to_vec(),
        timeout: PATIENCE,
        attempts: 3,
        first_retry: Duration::from_millis(1),
        queue: 100,
    }
}

#[test]
fn what_is_silenced_is_logged_with_the_silence_and_told_to_nobody() {
    let spool = tempfile::tempdir().unwrap();
    let web = Web::start(0, &[]);
    let hook: super::notifier::Webhook =
        serde_json::from_str(&format!(r#"{{"url":"{}"}}"#, web.url())).unwrap();
    let notifier = notifier(Config { webhook: Some(hook), ..quiet() }, spool.path());
    // As a command beside the daemon does it.
    let silences = SilenceFile::new(spool.path().join("silences.json"));
    silences.add(silence("/va?"), Utc::now()).unwrap();
    assert_eq!(notifier.state().silences.len(), 1);
    notifier.send(event(Kind::Predicted, row("a", "/var", Status::Critical), 0));
    notifier.send(event(Kind::Predicted, row("b", "/home", Status::Critical), 1));
    assert_eq!(web.next().json()["subject"], "b");
    assert!(silences.remove("move", Utc::now()).unwrap());
    notifier.send(event(Kind::Updated, row("a", "/var", Status::Exhausted), 2));
    assert_eq!(web.next().json()["subject"], "a");
    close(notifier);
    let silenced: Vec<Value> =
        logged(spool.path()).into_iter().map(|event| event["silencedby"].clone()).collect();
    assert_eq!(silenced, [Value::from("move"), Value::Null, Value::Null]);
}

#[test]
fn the_log_goes_on_behind_a_torn_line_and_under_its_limit() {
    let spool = tempfile::tempdir().unwrap();
    let path = spool.path().join("events.jsonl");
    fs::write(&path, "{\"id\":\"whole\"}\n{\"id\":\"to").unwrap();
    let mut config = quiet();
    config.log.size_limit = 64 << 10;
    let notifier = notifier(config, spool.path());
    send_all(&notifier, predictions(0, 100));
    wait_for("the log", || (sink(&notifier, "log").delivered == 100).then_some(()));
    close(notifier);
    let files = fs::read_dir(spool.path()).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|file| file.file_name().to_str().unwrap().starts_with("events.jsonl"));
    let size: u64 = files.map(|file| file.metadata().unwrap().len()).sum();
    assert!((32 << 10..=64 << 10).contains(&size), "{size} bytes");
    assert_eq!(logged(spool.path()).last().unwrap()["subject"], "disk 99");
}

#[test]
fn the_log_takes_what_it_could_not_take_when_it_can() {
    let spool = tempfile::tempdir().unwrap();
    // Every write to this device fails as on a full disk.
    let mut config = quiet();
    config.log.path = Some("/dev/full".into());
    let notifier = notifier(config, spool.path());
    notifier.send(predictions(0, 1).remove(0));
    let why = wait_for("the failure", || sink(&notifier, "log").failing);
    assert!(why.contains("cannot write the event log"), "{why}");
    assert_eq!(sink(&notifier, "log").queued, 1);
    close(notifier);
}

#[test]
fn a_new_configuration_is_taken_on_with_what_waits_and_a_bad_one_changes_nothing() {
    let spool = tempfile::tempdir().unwrap();
    let hook = |url: String, secret: Option<&str>| {
        let json = serde_json::json!({"url": url, "secret_file": secret, "first_retry": "10min", "longest_retry": "10min"});
        Config { webhook: Some(serde_json::from_value(json).unwrap()), ..quiet() }
    };
    let nobody = format!("http://127.0.0.1:{}/hook", free_port());
    let mut notifier = notifier(hook(nobody, None), spool.path());
    notifier.send(predictions(0, 1).remove(0));
    let error =
        notifier.renew(hook("http://127.0.0.1:1/".to_owned(), Some("/no/secret")), PATIENCE).unwrap_err();
    assert!(format!("{error:#}").contains("/no/secret"), "{error:#}");
    notifier.send(predictions(1, 2).remove(0));
    let other = Notifier::new(quiet(), spool.path(), str::to_owned).unwrap_err();
    assert!(format!("{other:#}").contains("another daemon"), "{other:#}");
    let web = Web::start(0, &[]);
    notifier.renew(hook(web.url(), None), PATIENCE).unwrap();
    notifier.send(predictions(2, 3).remove(0));
    let subjects: Vec<Value> = (0..3).map(|_| web.next().json()["subject"].clone()).collect();
    assert_eq!(subjects, ["disk 0", "disk 1", "disk 2"]);
    close(notifier);
}

/// The fields of a datagram in the native protocol of the journal.
fn fields(datagram: &[u8]) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut rest = datagram;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap();
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        if let Some(equals) = line.iter().position(|&byte| byte == b'=') {
            fields.insert(text(&line[..equals]), text(&line[equals + 1..]));
            rest = after;
        } else {
            let length = usize::try_from(u64::from_le_bytes(after[..8].try_into().unwrap())).unwrap();
            fields.insert(text(line), text(&after[8..8 + length]));
            rest = after[8 + length..].strip_prefix(b"\n").unwrap();
        }
    }
    fields
}

#[test]
fn the_journal_gets_an_event_in_its_own_protocol() {
    let spool = tempfile::tempdir().unwrap();
    let socket = spool.path().join("journal");
    let journal = UnixDatagram::bind(&socket).unwrap();
    journal.set_read_timeout(Some(PATIENCE)).unwrap();
    let notifier = notifier(Config { journald: Journald { enabled: true, socket }, ..quiet() }, spool.path());
    notifier.send(event(Kind::Predicted, row("a", "/v\nPRIORITY=0", Status::Critical), 0));
    notifier.send(event(Kind::Cleared, row("a", "/v\nPRIORITY=0", Status::Steady), 1));
    let mut bytes = vec![0; 65_536];
    let mut next = || {
        let length = journal.recv(&mut bytes).unwrap();
        fields(&bytes[..length])
    };
    let (raised, cleared) = (next(), next());
    assert_eq!(raised["MESSAGE_ID"], "6db032bcf3444ffe964fa716ad8fad44");
    assert_eq!(cleared["MESSAGE_ID"], "8821c3c7d2aa4582b59f9a0d22aeedf1");
    assert_eq!((raised["PRIORITY"].as_str(), cleared["PRIORITY"].as_str()), ("3", "6"));
    assert_eq!(raised["MESSAGE"], "disk.bytes /v\nPRIORITY=0: CRITICAL: runs out on Thu 26 Nov");
    assert_eq!(raised["HEBE_SCOPE"], "/v\nPRIORITY=0");
    assert_eq!(raised["HEBE_CULPRIT"], "java");
    assert_eq!(raised["SYSLOG_IDENTIFIER"], "hebe");
    close(notifier);
}

#[test]
fn a_machine_without_a_journal_hears_nothing_of_it() {
    let spool = tempfile::tempdir().unwrap();
    let journald = Journald { enabled: true, socket: spool.path().join("none") };
    let notifier = notifier(Config { journald, ..quiet() }, spool.path());
    notifier.send(predictions(0, 1).remove(0));
    wait_for("the event", || (sink(&notifier, "log").delivered == 1).then_some(()));
    let sinks: Vec<&str> = notifier.state().sinks.iter().map(|sink| sink.name).collect();
    assert_eq!(sinks, ["log"]);
    close(notifier);
    assert_eq!(logged(spool.path()).len(), 1);
}

#[test]
fn the_command_gets_each_event_on_its_standard_input() {
    let spool = tempfile::tempdir().unwrap();
    let script = "cat >>\"$1/got\"; echo >>\"$1/got\"; echo thanks";
    let config = Config { command: Some(command(script, spool.path())), ..quiet() };
    let notifier = notifier(config, spool.path());
    send_all(&notifier, predictions(0, 2));
    wait_for("both runs", || (sink(&notifier, "command").delivered == 2).then_some(()));
    assert_eq!(sink(&notifier, "command").output.as_deref(), Some("thanks"));
    close(notifier);
    let read = |name: &str| fs::read_to_string(spool.path().join(name)).unwrap();
    assert_eq!(read("got"), read("events.jsonl"));
}

#[test]
fn a_command_that_fails_is_run_so_often_and_no_more() {
    let spool = tempfile::tempdir().unwrap();
    let config = Config { command: Some(command("echo run >>\"$1/runs\"; exit 7", spool.path())), ..quiet() };
    let notifier = notifier(config, spool.path());
    notifier.send(predictions(0, 1).remove(0));
    wait_for("it to be given up", || (sink(&notifier, "command").dropped == 1).then_some(()));
    assert!(sink(&notifier, "command").failing.unwrap().contains("exit status: 7"));
    close(notifier);
    assert_eq!(fs::read_to_string(spool.path().join("runs")).unwrap(), "run\nrun\nrun\n");
}

#[test]
fn a_command_that_hangs_is_killed_when_the_daemon_ends_and_run_again_after() {
    let spool = tempfile::tempdir().unwrap();
    let script = "echo run >>\"$1/runs\"; [ -e \"$1/well\" ] || sleep 600";
    let config = Config { command: Some(command(script, spool.path())), ..quiet() };
    let dying = notifier(config.clone(), spool.path());
    dying.send(predictions(0, 1).remove(0));
    wait_for("the command to run", || {
        fs::read(spool.path().join("runs")).ok().filter(|runs| !runs.is_empty())
    });
    close(dying);
    fs::write(spool.path().join("well"), "").unwrap();
    let born = notifier(config, spool.path());
    wait_for("the command to end", || (sink(&born, "command").delivered == 1).then_some(()));
    close(born);
    assert_eq!(fs::read_to_string(spool.path().join("runs")).unwrap(), "run\nrun\n");
}

#[test]
fn what_the_configuration_does_not_know_or_cannot_mean_is_an_error() {
    let read = |text: &str| serde_json::from_str::<Config>(text).map_err(|error| error.to_string());
    assert!(read("{}").unwrap().journald.enabled);
    assert_eq!(read(r#"{"log":{"size_limit":"1 MiB"}}"#).unwrap().log.size_limit, 1 << 20);
    for (text, why) in [
        (r#"{"webhok":{}}"#, "webhok"),
        (r#"{"webhook":{"url":"http://x","secret":"s"}}"#, "secret"),
        (r#"{"alertmanager":{"urls":[],"repeat":"60"}}"#, "60"),
        (r#"{"alertmanager":{"urls":[],"repeat":"0s"}}"#, "0s"),
        (r#"{"log":{"size_limit":"64"}}"#, "64"),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn an_action_is_logged_and_told_whatever_is_silenced() {
    let spool = tempfile::tempdir().unwrap();
    let web = Web::start(0, &[]);
    let hook: super::notifier::Webhook =
        serde_json::from_str(&format!(r#"{{"url":"{}"}}"#, web.url())).unwrap();
    let notifier = notifier(Config { webhook: Some(hook), ..quiet() }, spool.path());
    let cause = Cause::Hand { who: "ann".to_owned() };
    let action = Action { sentence: "shop restarted".to_owned(), ..Action::of("shop", &cause) };
    let time = "2026-11-22T12:00:00Z".parse().unwrap();
    notifier.send_action(ActionEvent::new(ActionKind::Succeeded, action, time, "web1"));
    let told = web.next().json();
    assert_eq!((&told["type"], &told["subject"]), (&"dev.hebe.action.succeeded.v1".into(), &"shop".into()));
    close(notifier);
    let logged = fs::read_to_string(spool.path().join("events.jsonl")).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&logged).unwrap(), told);
}
