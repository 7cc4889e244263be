//! Clients that are slow, greedy or broken, and a source that hangs: the others are served all the same.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use hebe::finding::{Finding, Picture};
use hebe::snapshot::Snapshot;
use hebe_collectors::history::Series;
use proptest::prelude::*;

use super::client::{connect, get, raw, send};
use super::made::{self, Made, options, serve};
use super::server::{Source, start};

#[test]
fn a_client_that_does_not_go_on_holds_up_nobody_and_is_let_go() {
    let server = serve(Made::host());
    let mut slow: Vec<_> = (0..40).map(|_| connect(server.address())).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: local").unwrap();
    }
    assert_eq!(get(server.address(), "/").status, 200);
    let mut rest = Vec::new();
    let ended = slow[0].read_to_end(&mut rest).map_err(|error| error.kind());
    assert!(!matches!(ended, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "it was not let go");
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    let server = serve(made::many(500, false));
    let mut greedy: Vec<_> = (0..20).map(|_| connect(server.address())).collect();
    for stream in &mut greedy {
        for _ in 0..8 {
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
    }
    assert_eq!(get(server.address(), "/healthz").status, 200);
}

#[test]
fn more_connections_than_seats_are_closed_at_once() {
    let server = serve(made::empty());
    let open: Vec<_> = (0..64).map(|_| connect(server.address())).collect();
    let mut one_more = connect(server.address());
    // Sooner than one that has a seat and says nothing.
    one_more.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let closed = one_more.read(&mut [0; 1]).map_err(|error| error.kind());
    assert!(matches!(closed, Ok(0) | Err(ErrorKind::ConnectionReset)), "{closed:?}");
    drop(open);
    // The seats are free again as soon as the server has seen that they were left.
    assert!((0..10_000).any(|_| is_served(server.address())));
}

fn is_served(address: SocketAddr) -> bool {
    let (mut stream, mut text) = (connect(address), String::new());
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let _ = stream.read_to_string(&mut text);
    text.starts_with("HTTP/1.1 200")
}

#[test]
fn what_is_too_large_is_refused() {
    let server = start(&options("127.0.0.1:0", Some("0123456789abcdef")), Arc::new(made::empty())).unwrap();
    let long = "x".repeat(20_000);
    assert_eq!(
        raw(server.address(), &format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n")).status,
        431
    );
    let lines = "A: b\r\n".repeat(100);
    assert_eq!(
        raw(server.address(), &format!("GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n")).status,
        431
    );
    assert_eq!(send(server.address(), "/login", &format!("token={long}"), &[]).status, 413);
}

/// A source whose explanations wait until they are released.
struct Hanging {
    made: Made,
    released: Arc<(Mutex<bool>, Condvar)>,
}

impl Source for Hanging {
    fn snapshot(&self) -> Arc<Snapshot> {
        self.made.snapshot()
    }

    fn history(&self, series: &str, from_ms: i64, until_ms: i64) -> Option<Series> {
        self.made.history(series, from_ms, until_ms)
    }

    fn explain(&self, series: &str) -> Option<(Finding, Picture)> {
        let (released, changed) = &*self.released;
        let _released = changed.wait_while(released.lock().unwrap(), |released| !*released).unwrap();
        self.made.explain(series)
    }

    fn metrics(&self) -> String {
        self.made.metrics()
    }

    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.made.now()
    }
}

#[test]
fn a_source_that_hangs_leaves_the_sign_of_life_and_ends_in_time() {
    let released = Arc::new((Mutex::new(false), Condvar::new()));
    let server = serve(Hanging { made: Made::host(), released: Arc::clone(&released) });
    let address = server.address();
    let waiting: Vec<_> = (0..3).map(|_| thread::spawn(move || get(address, "/").status)).collect();
    assert_eq!(get(address, "/healthz").status, 200);
    for answer in waiting {
        assert_eq!(answer.join().unwrap(), 503);
    }
    *released.0.lock().unwrap() = true;
    released.1.notify_all();
    assert_eq!(get(address, "/").status, 200);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_the_server_goes_on(
        requests in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..4),
        path in "/[ -~]{0,60}",
    ) {
        let server = serve(made::empty());
        for request in requests {
            let mut stream = connect(server.address());
            let _ = stream.write_all(&request);
            let _ = stream.write_all(b"\r\n\r\n");
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
        let path = path.replace([' ', '#'], "");
        let status = get(server.address(), &path).status;
        prop_assert!(status < 500, "{} {}", status, path);
        prop_assert_eq!(get(server.address(), "/healthz").status, 200);
    }
}
