//! A web server that answers as told and remembers what it got.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use serde_json::Value;

use super::PATIENCE;
pub(super) use crate::servers::free_port;

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    /// Its path.
    pub(super) path: String,
    /// Its headers, in lower case.
    pub(super) headers: BTreeMap<String, String>,
    /// Its body.
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The server. It ends when it is dropped.
pub(super) struct Web {
    port: u16,
    requests: Receiver<Request>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Web {
    /// Listens on `port` (0: any) and answers with `statuses`, one a request, and then with 200.
    pub(super) fn start(port: u16, statuses: &[u16]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, requests) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (ended, mut statuses) = (Arc::clone(&stop), VecDeque::from(statuses.to_vec()));
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let answer = || statuses.pop_front().unwrap_or(200);
                let _ = serve(&stream.unwrap(), &seen, answer);
            }
        });
        Self { port, requests, stop, thread: Some(thread) }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The next request.
    #[track_caller]
    pub(super) fn next(&self) -> Request {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// Whether nothing more has come.
    pub(super) fn is_idle(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes it, so that it sees the flag.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        self.thread.take().unwrap().join().unwrap();
    }
}

fn serve(stream: &TcpStream, seen: &Sender<Request>, answer: impl FnOnce() -> u16) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let Some(path) = line.split(' ').nth(1).map(str::to_owned) else { return Ok(()) };
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body)?;
    let status = answer();
    // Remembered before it is answered: who has the answer can count on it.
    let _ = seen.send(Request { path, headers, body });
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} So\r\ncontent-length: 6\r\nconnection: close\r\n\r\nnoted\n")
}
