//! A client that sends what it is told, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// No answer takes longer, or the test has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    /// A header of the answer.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// The body as JSON.
    #[track_caller]
    pub(super) fn json(&self) -> serde_json::Value {
        assert!(self.header("content-type").unwrap().contains("json"), "{}", self.head);
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Opens a connection.
pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends a request as it is, and reads until the end.
#[track_caller]
pub(super) fn raw(address: SocketAddr, request: &str) -> Answer {
    let mut stream = connect(address);
    // Who refuses a request may close before it was read to its end.
    let _ = stream.write_all(request.as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    parse(&String::from_utf8(bytes).unwrap())
}

#[track_caller]
fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no answer: {text:?}"));
    Answer { status, head: head.replace("\r\n", "\n"), body: body.to_owned() }
}

/// A request with further lines of its head.
#[track_caller]
pub(super) fn ask(address: SocketAddr, method: &str, path: &str, lines: &[&str]) -> Answer {
    let lines: String = lines.iter().flat_map(|line| [*line, "\r\n"]).collect();
    raw(address, &format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}\r\n"))
}

/// A page or an answer.
#[track_caller]
pub(super) fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, "GET", path, &[])
}

/// A form that is sent.
#[track_caller]
pub(super) fn send(address: SocketAddr, path: &str, form: &str, lines: &[&str]) -> Answer {
    let lines: String = lines.iter().flat_map(|line| [*line, "\r\n"]).collect();
    let length = form.len();
    raw(
        address,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{lines}Content-Length: {length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}"
        ),
    )
}
