//! What the page can have done, for whom, and for whom not.

use std::net::SocketAddr;
use std::sync::Arc;

use hebe::restart::world::Mode;

use super::client::{Answer, ask, get, raw, send};
use super::hands::Noting;
use super::made::{Made, options};
use super::server::{Server, Source as _, start};

const TOKEN: &str = "0123456789-the-token";

/// A server whose hands are watched.
struct Watched {
    server: Server,
    hands: Arc<Noting>,
}

fn watched(make: impl FnOnce(chrono::DateTime<chrono::Utc>) -> Noting, token: Option<&str>) -> Watched {
    let mut made = Made::host();
    let hands = Arc::new(make(made.now()));
    made.hands = Some(Arc::clone(&hands));
    Watched { server: start(&options("127.0.0.1:0", token), Arc::new(made)).unwrap(), hands }
}

impl Watched {
    fn address(&self) -> SocketAddr {
        self.server.address()
    }

    fn asked(&self) -> Vec<String> {
        self.hands.asked.lock().unwrap().clone()
    }

    /// A cookie after the login, and the proof that the forms of its session hold.
    fn log_in(&self) -> (String, String) {
        let answer = send(self.address(), "/login", &format!("token={TOKEN}"), &[]);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let cookie = format!("Cookie: {cookie}");
        let page = ask(self.address(), "GET", "/calendar", &[&cookie]).body;
        let proof =
            page.split_once("name=\"proof\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        assert_eq!(proof.len(), 64);
        (cookie, proof)
    }

    fn program(&self, method: &str, path: &str, body: &str, lines: &[&str]) -> Answer {
        let (address, length) = (self.address(), body.len());
        let lines: String = lines.iter().flat_map(|line| [*line, "\r\n"]).collect();
        raw(
            address,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}\
                 Content-Length: {length}\r\n\r\n{body}"
            ),
        )
    }
}

/// The forms of the page and what they say besides the proof.
const FORMS: [(&str, &str); 4] = [
    ("/calendar/place", "node=web&date=2031-05-05&time=03%3A00&repeat=weekly"),
    ("/calendar/remove", "id=placed-1&date=2031-05-05"),
    ("/actions/approve", "id=web%401"),
    ("/actions/skip", "id=web%400&reason=not+today"),
];

/// The same for programs.
const CALLS: [(&str, &str, &str); 4] = [
    ("POST", "/api/v1/calendar", r#"{"node":"web","date":"2031-05-05","time":"03:00","repeat":"weekly"}"#),
    ("DELETE", "/api/v1/calendar/placed-1", ""),
    ("POST", "/api/v1/actions/web%401/approve", ""),
    ("POST", "/api/v1/actions/web%400/skip", r#"{"reason":"not today"}"#),
];

const DONE: [&str; 4] =
    ["place web every 7d from 2031-05-05 03:00 ", "remove placed-1 ", "approve web@1 ", "skip web@0 "];

#[track_caller]
fn is_done(asked: &[String], way: &str) {
    assert_eq!(asked.len(), DONE.len(), "{asked:?}");
    for (asked, done) in asked.iter().zip(DONE) {
        assert!(asked.starts_with(done) && asked.contains(&format!("{way}, 127.0.0.1")), "{asked}");
    }
    assert!(asked[3].ends_with(": not today"), "{asked:?}");
}

#[test]
fn the_forms_of_a_session_act() {
    let watched = watched(Noting::full, Some(TOKEN));
    let (cookie, proof) = watched.log_in();
    let origin = format!("Origin: http://{}", watched.address());
    for (path, form) in FORMS {
        let form = format!("{form}&proof={proof}");
        // As Chromium sends it under `Referrer-Policy: no-referrer`, and as others do.
        let origin = if path.ends_with("skip") { origin.as_str() } else { "Origin: null" };
        let lines = [cookie.as_str(), origin, "Sec-Fetch-Site: same-origin"];
        let answer = send(watched.address(), path, &form, &lines);
        assert_eq!(answer.status, 303, "{path} {}", answer.body);
        assert!(
            answer.header("location").unwrap().starts_with(&format!("/{}", path.split('/').nth(1).unwrap()))
        );
    }
    is_done(&watched.asked(), "page");
}

#[test]
fn a_program_with_the_token_acts() {
    let watched = watched(Noting::full, Some(TOKEN));
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let statuses = CALLS.map(|(method, path, body)| watched.program(method, path, body, &[&bearer]).status);
    assert_eq!(statuses, [201, 204, 204, 204]);
    is_done(&watched.asked(), "API");
    let again = watched.program("DELETE", "/api/v1/calendar/placed-1", "", &[&bearer]);
    assert_eq!((again.status, again.json()["detail"].as_str()), (404, Some("There is no such entry.")));
    assert_eq!(watched.program("POST", "/api/v1/actions/web%400/approve", "", &[&bearer]).status, 409);
    assert_eq!(watched.program("POST", "/api/v1/actions/nobody/skip", "", &[&bearer]).status, 404);
}

/// Sends every form and every call with these lines and that proof; all must be refused so.
#[track_caller]
fn refused(watched: &Watched, lines: &[&str], proof: &str, forms: u16, calls: u16) {
    for (path, form) in FORMS {
        let answer = send(watched.address(), path, &format!("{form}&proof={proof}"), lines);
        assert_eq!(answer.status, forms, "{path} {lines:?} {}", answer.body);
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    }
    for (method, path, body) in CALLS {
        let answer = watched.program(method, path, body, lines);
        assert_eq!(answer.status, calls, "{method} {path} {lines:?} {}", answer.body);
    }
    assert_eq!(watched.asked(), Vec::<String>::new());
}

#[test]
fn without_a_token_of_the_page_nothing_acts_also_on_loopback() {
    let open = watched(Noting::full, None);
    refused(&open, &[], "", 403, 403);
    refused(&open, &[&format!("Authorization: Bearer {TOKEN}")], "", 403, 403);
    let page = get(open.address(), "/calendar").body;
    assert!(
        page.contains("web.token_file")
            && !page.contains("<form id=\"place\"")
            && !page.contains("draggable")
    );
    assert!(!get(open.address(), "/actions").body.contains("Approve"));
}

#[test]
fn who_has_not_shown_the_token_does_not_act() {
    let watched = watched(Noting::full, Some(TOKEN));
    refused(&watched, &[], "", 401, 401);
    refused(&watched, &["Cookie: hebe-1=0"], "", 401, 401);
}

#[test]
fn who_shows_a_wrong_token_does_not_act() {
    let watched = watched(Noting::full, Some(TOKEN));
    let wrong =
        watched.program("POST", "/api/v1/actions/web%401/approve", "", &["Authorization: Bearer wrong"]);
    assert_eq!(wrong.status, 401);
    let soon = watched.program(
        "POST",
        "/api/v1/actions/web%401/approve",
        "",
        &[&format!("Authorization: Bearer {TOKEN}")],
    );
    assert_eq!(soon.status, 429);
    assert_eq!(watched.asked(), Vec::<String>::new());
}

#[test]
fn a_form_without_its_proof_or_with_anothers_does_not_act() {
    let watched = watched(Noting::full, Some(TOKEN));
    let ((cookie, proof), (other, others)) = (watched.log_in(), watched.log_in());
    assert_ne!(proof, others);
    refused(&watched, &[&cookie], "", 403, 403);
    refused(&watched, &[&cookie], &others, 403, 403);
    refused(&watched, &[&other], &proof.to_uppercase().replace('A', "b"), 403, 403);
}

#[test]
fn what_another_site_sends_does_not_act() {
    let watched = watched(Noting::full, Some(TOKEN));
    let (cookie, proof) = watched.log_in();
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let same_port = format!("Origin: http://evil.example:{}", watched.address().port());
    let encrypted = format!("Origin: https://{}", watched.address());
    let both = "Origin: null\r\nSec-Fetch-Site: cross-site";
    for line in [
        both,
        "Origin: http://evil.example",
        "Origin: null",
        same_port.as_str(),
        encrypted.as_str(),
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: none",
    ] {
        refused(&watched, &[&cookie, line], &proof, 403, 403);
        refused(&watched, &[&bearer, line], "", 403, 403);
    }
}

#[test]
fn nothing_acts_by_reading() {
    let watched = watched(Noting::full, Some(TOKEN));
    let (cookie, proof) = watched.log_in();
    for (path, form) in FORMS {
        for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE"] {
            let answer = ask(watched.address(), method, &format!("{path}?{form}&proof={proof}"), &[&cookie]);
            assert_eq!(answer.status, 405, "{method} {path}");
        }
    }
    let bearer = format!("Authorization: Bearer {TOKEN}");
    for (right, path, _) in CALLS {
        for method in ["GET", "PUT", "PATCH", "POST", "DELETE"] {
            if method != right && (method, path) != ("GET", "/api/v1/calendar") {
                assert_eq!(watched.program(method, path, "", &[&bearer]).status, 405, "{method} {path}");
            }
        }
    }
    assert_eq!(watched.asked(), Vec::<String>::new());
}

#[test]
fn what_is_too_long_or_no_sense_does_not_act() {
    let watched = watched(Noting::full, Some(TOKEN));
    let (cookie, proof) = watched.log_in();
    let long = "x".repeat(9_000);
    let sent = |path: &str, form: &str| {
        send(watched.address(), path, &format!("{form}&proof={proof}"), &[&cookie]).status
    };
    assert_eq!(sent("/actions/skip", &format!("id=web%400&reason={long}")), 413);
    assert_eq!(sent("/actions/skip", &format!("id=web%400&reason={}", &long[..501])), 422);
    assert_eq!(sent("/calendar/place", "node=web&date=2031-02-30&time=03%3A00&repeat=once"), 422);
    assert_eq!(sent("/calendar/place", "node=web&date=2031-02-20&time=25%3A00&repeat=once"), 422);
    assert_eq!(sent("/calendar/place", "node=web&date=2031-02-20&time=03%3A00&repeat=hourly"), 422);
    assert_eq!(sent("/calendar/place", "node=nobody&date=2031-02-20&time=03%3A00&repeat=once"), 409);
    assert_eq!(sent("/calendar/place", "node=web&date=2001-02-20&time=03%3A00&repeat=once"), 409);
    assert_eq!(sent("/calendar/remove", "id=nothing"), 404);
    let bearer = format!("Authorization: Bearer {TOKEN}");
    let call = |body: &str| watched.program("POST", "/api/v1/calendar", body, &[&bearer]).status;
    assert_eq!(call(&format!("{{\"node\":\"{long}\"}}")), 413);
    for body in
        ["", "{", "[]", "{\"node\":\"web\"}", "{\"node\":1,\"date\":\"2031-05-05\",\"time\":\"03:00\"}"]
    {
        assert_eq!(call(body), 422, "{body}");
    }
    assert_eq!(watched.asked(), Vec::<String>::new());
}

#[test]
fn without_a_map_the_tabs_say_what_to_do_and_nothing_acts() {
    let server = start(&options("127.0.0.1:0", Some(TOKEN)), Arc::new(Made::host())).unwrap();
    let bearer = format!("Authorization: Bearer {TOKEN}");
    for path in ["/calendar", "/actions"] {
        let page = ask(server.address(), "GET", path, &[&bearer]).body;
        assert!(page.contains("There is no restart map") && page.contains("map.toml"), "{path}");
        assert!(page.contains("looks, and changes nothing"));
    }
    let approve =
        ask(server.address(), "POST", "/api/v1/actions/web/approve", &[&bearer, "Content-Length: 0"]);
    assert_eq!(approve.status, 409);
    for path in ["/api/v1/actions", "/api/v1/calendar"] {
        assert_eq!(ask(server.address(), "GET", path, &[&bearer]).body, "[]");
    }
}

#[test]
fn the_foot_says_what_hebe_does() {
    let said = |mode| {
        let make = |now| Noting { mode, ..Noting::full(now) };
        get(watched(make, None).address(), "/").body
    };
    assert!(said(Mode::Observe).contains("looks, and changes nothing"));
    for (mode, words) in
        [(Mode::Plan, "restarts what you approve"), (Mode::Act, "restarts what its map allows")]
    {
        let page = said(mode);
        assert!(page.contains(words) && !page.contains("changes nothing"));
    }
}

#[test]
fn the_calendar_shows_shut_days_timed_restarts_and_plans() {
    let watched = watched(Noting::full, None);
    let page = get(watched.address(), "/calendar?day=2027-01-15").body;
    assert!(page.contains("January 2027") && page.contains("<s>2</s>") && page.contains("(`Dec 24..Jan 2`)"));
    assert!(page.contains("NOT MADE"), "web's Sunday is shut");
    assert!(page.contains("open 00:00–08:00, 18:00–24:00"));
    assert!(page.contains("TIMED"), "payments keep their own schedule");
    let week = get(watched.address(), "/calendar?day=2027-01-15&view=week&node=payments").body;
    assert!(week.contains("11 Jan – 17 Jan 2027") && week.contains("open 00:00–06:00, 22:00–24:00"));
    for odd in ["day=0000-00-00", "day=9999-12-31", "day=%00", "view=%3Cscript%3E", "node=%22%3E%3Cb"] {
        let page = get(watched.address(), &format!("/calendar?{odd}"));
        assert!(page.status == 200 && !page.body.contains("\"><b"), "{odd}");
    }
    let planned = get(watched.address(), "/actions").body;
    for word in [
        "PLANNED",
        "WAITS FOR YOU",
        "DRY RUN",
        "SKIPPED",
        "budget_spent",
        "STARTED",
        "FINISHED",
        "FAILED",
        "GAVE UP",
    ] {
        assert!(planned.contains(word), "{word}");
    }
}

#[test]
fn no_name_breaks_the_tabs() {
    let hostile = "\"><script>alert(1)</script>\u{202e}\u{1b}[31m'&amp;";
    let make = |now| {
        let map = "[[node]]\nname = \"web\"\nunit = \"a.service\"";
        // The map lets no such name in; what would steer a terminal is only left in it where it can be no name.
        let name: String = hostile.chars().filter(|c| !c.is_control()).collect();
        let mut hands =
            Noting { actions: Noting::full(now).actions, ..Noting::of(map, Vec::new(), Mode::Plan, now) };
        hands.services[0].name.clone_from(&name);
        hands.services[0].kind = hostile.to_owned();
        for action in &mut hands.actions {
            action.id.clone_from(&name);
            action.node = hostile.to_owned();
            action.why = vec![hostile.to_owned()];
            action.reason = Some(hostile.to_owned());
            action.steps[0].node = hostile.to_owned();
        }
        hands
    };
    let watched = watched(make, Some(TOKEN));
    let (cookie, _) = watched.log_in();
    for path in ["/calendar", "/calendar?view=week", "/actions"] {
        let page = ask(watched.address(), "GET", path, &[&cookie]).body;
        assert!(!page.contains("<script>alert") && !page.contains('\u{1b}'), "{path}");
        assert_eq!(page.matches("<script").count(), 1, "{path}");
    }
}
