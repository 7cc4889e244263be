//! Who is let in, and under which headers.

use std::io::Read as _;
use std::process::Command;
use std::sync::Arc;

use super::client::{Answer, ask, connect, get, raw, send};
use super::made::{self, Made, options, serve};
use super::server::{Server, start};
use crate::skipped::{has, skipped};

const TOKEN: &str = "0123456789-the-token";
const PAGES: [&str; 8] =
    ["/", "/trends", "/events", "/sources", "/settings", "/calendar", "/actions", "/login"];
const DATA: [&str; 7] = [
    "/metrics",
    "/api/v1/rows",
    "/api/v1/actions",
    "/api/v1/events",
    "/api/v1/settings",
    "/api/v1/state",
    "/api/v1/openapi.json",
];

fn guarded() -> Server {
    start(&options("127.0.0.1:0", Some(TOKEN)), Arc::new(Made::host())).unwrap()
}

#[track_caller]
fn is_strict(answer: &Answer) {
    let policy = answer.header("content-security-policy").unwrap();
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "script-src 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{}", answer.head);
    }
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn every_answer_is_under_strict_headers() {
    let server = serve(Made::host());
    for path in
        PAGES.iter().chain(&DATA).chain(&["/assets/page.css", "/assets/page.js", "/nowhere", "/healthz"])
    {
        is_strict(&get(server.address(), path));
    }
    is_strict(&ask(server.address(), "POST", "/", &[]));
    is_strict(&raw(server.address(), "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"));
}

#[test]
fn nothing_can_be_changed_by_what_is_read() {
    let server = serve(Made::host());
    for path in PAGES[..7].iter().chain(&DATA) {
        for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            let answer = ask(server.address(), method, path, &[]);
            assert_eq!(answer.status, 405, "{method} {path}");
        }
        let (head, get) = (ask(server.address(), "HEAD", path, &[]), get(server.address(), path));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
    }
}

#[test]
fn a_name_of_strangers_is_not_answered() {
    let server = serve(Made::host());
    let asked = |host: &str| {
        let request = format!("GET /api/v1/rows HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        raw(server.address(), &request).status
    };
    for own in ["localhost", "localhost:9920", "127.0.0.1:1", "[::1]:80", "hebe.localhost"] {
        assert_eq!(asked(&format!("Host: {own}\r\n")), 200, "{own}");
    }
    for strange in ["evil.example", "localhost.evil.example", "10.0.0.1", ""] {
        assert_eq!(asked(&format!("Host: {strange}\r\n")), 421, "{strange}");
    }
    assert_eq!(asked("Host: localhost\r\nHost: evil.example\r\n"), 421);
    assert_eq!(asked(""), 421);
}

#[test]
fn strangers_are_served_with_a_token_only() {
    let refused = start(&options("0.0.0.0:0", None), Arc::new(made::empty())).unwrap_err();
    assert!(refused.to_string().contains("without a token"), "{refused}");
    let open = start(&options("0.0.0.0:0", Some(TOKEN)), Arc::new(made::empty())).unwrap();
    assert!(open.warning().unwrap().contains("not encrypted"));
    assert_eq!(guarded().warning(), None);
}

#[test]
fn without_the_token_nothing_is_told() {
    let server = guarded();
    for path in DATA {
        let answer = get(server.address(), path);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
        assert!(!answer.body.contains("web1"));
        let bearer = format!("Authorization: Bearer {TOKEN}");
        assert_eq!(ask(server.address(), "GET", path, &[&bearer]).status, 200, "{path}");
    }
    let page = get(server.address(), "/trends?span=day");
    assert_eq!((page.status, page.header("location")), (303, Some("/login?next=%2Ftrends%3Fspan%3Dday")));
    assert_eq!(get(server.address(), "/healthz").status, 200);
    let form = get(server.address(), "/login?next=%2Ftrends%3Fspan%3Dday");
    assert!(form.body.contains("value=\"/trends?span=day\"") && !form.body.contains("web1"));
}

#[test]
fn the_form_gives_a_cookie_that_stands_for_the_token() {
    let server = guarded();
    let answer = send(server.address(), "/login", &format!("token={TOKEN}&next=%2Fevents"), &[]);
    assert_eq!((answer.status, answer.header("location")), (303, Some("/events")));
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(TOKEN));
    let cookie = format!("Cookie: other=1; {}", cookie.split(';').next().unwrap());
    assert_eq!(ask(server.address(), "GET", "/events", &[&cookie]).status, 200);
    let elsewhere = guarded();
    assert_eq!(ask(elsewhere.address(), "GET", "/api/v1/rows", &[&cookie]).status, 401, "another server");
    let left = send(server.address(), "/logout", "", &[&cookie]);
    assert!(left.header("set-cookie").unwrap().contains("Max-Age=0"));
}

#[test]
fn a_wrong_token_makes_the_next_one_wait() {
    let server = guarded();
    let wrong = send(server.address(), "/login", "token=wrong&next=//evil.example", &[]);
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("name=\"next\" value=\"/\""), "{}", wrong.body);
    // Even the right one: or it could be told from the others by its haste.
    let answer = send(server.address(), "/login", &format!("token={TOKEN}"), &[]);
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some());
    let bearer = format!("Authorization: Bearer {TOKEN}");
    assert_eq!(ask(server.address(), "GET", "/metrics", &[&bearer]).status, 429);
    assert_eq!(get(server.address(), "/login").status, 200, "the form itself is there");
}

#[test]
fn a_form_of_another_site_is_refused() {
    let server = guarded();
    let form = format!("token={TOKEN}");
    for site in ["cross-site", "same-site"] {
        let line = format!("Sec-Fetch-Site: {site}");
        assert_eq!(send(server.address(), "/login", &form, &[&line]).status, 403);
    }
    assert_eq!(send(server.address(), "/login", &form, &["Sec-Fetch-Site: same-origin"]).status, 303);
}

#[test]
fn a_server_that_was_stopped_is_gone() {
    let server = serve(made::empty());
    let address = server.address();
    let mut open = connect(address);
    assert_eq!(get(address, "/healthz").status, 200);
    server.stop();
    assert_eq!(open.read(&mut [0; 1]).unwrap_or(0), 0, "an open connection is closed");
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn an_address_that_is_taken_is_said() {
    let server = serve(made::empty());
    let again = start(&options(&server.address().to_string(), None), Arc::new(made::empty())).unwrap_err();
    assert!(format!("{again:#}").contains(&server.address().to_string()), "{again:#}");
}

#[test]
fn it_speaks_tls_by_files() {
    if !has("openssl") {
        return skipped("the page over TLS", "openssl, to make a certificate");
    }
    let folder = tempfile::tempdir().unwrap();
    let (key, chain) = (folder.path().join("key.pem"), folder.path().join("chain.pem"));
    let mut make = Command::new("openssl");
    make.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]);
    make.args(["-subj", "/CN=localhost", "-keyout"]).arg(&key).arg("-out").arg(&chain);
    assert!(make.output().unwrap().status.success());

    let mut options = options("127.0.0.1:0", Some(TOKEN));
    options.tls = Some((chain.clone(), key.clone()));
    let server = start(&options, Arc::new(Made::host())).unwrap();
    let tls = ureq::tls::TlsConfig::builder().disable_verification(true).build();
    let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    let mut ask = agent.get(format!("https://{}/api/v1/rows", server.address()));
    ask = ask.header("Authorization", format!("Bearer {TOKEN}"));
    let rows = ask.call().unwrap().body_mut().read_to_string().unwrap();
    assert!(rows.starts_with('['), "{rows}");
    // Who speaks plainly gets no answer.
    let mut plain = connect(server.address());
    std::io::Write::write_all(&mut plain, b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    let _ = plain.read_to_end(&mut bytes);
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");

    options.tls = Some((key, chain));
    let refused = start(&options, Arc::new(made::empty())).unwrap_err();
    assert!(format!("{refused:#}").contains("key.pem"), "{refused:#}");
}
