//! The visitors of the demonstration: requests one after the other, and how they fared.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Time between the requests of one visitor.
const PACE: Duration = Duration::from_millis(50);
/// A visitor who has waited this long has been failed.
const PATIENCE: Duration = Duration::from_secs(3);
/// Who come at once.
pub(super) const MANY: usize = 3;

/// How requests have fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Answered.
    pub(super) served: u64,
    /// Not answered, or wrongly.
    pub(super) failed: u64,
    /// The longest wait for an answer, in milliseconds.
    pub(super) slowest_ms: u64,
}

#[derive(Debug, Default)]
struct Counts {
    served: AtomicU64,
    failed: AtomicU64,
    slowest_ms: AtomicU64,
    stop: AtomicBool,
}

/// Visitors, from their start until they are dropped.
#[derive(Debug)]
pub(super) struct Visitors {
    counts: Arc<Counts>,
    threads: Vec<JoinHandle<()>>,
}

impl Visitors {
    /// Sends them to an address.
    pub(super) fn send(address: SocketAddr) -> Self {
        let counts = Arc::new(Counts::default());
        let one = |_| {
            let counts = Arc::clone(&counts);
            thread::spawn(move || visit(address, &counts))
        };
        let threads = (0..MANY).map(one).collect();
        Self { counts, threads }
    }

    /// How they have fared since the tally before.
    pub(super) fn tally(&self) -> Tally {
        Tally {
            served: self.counts.served.swap(0, Ordering::Relaxed),
            failed: self.counts.failed.swap(0, Ordering::Relaxed),
            slowest_ms: self.counts.slowest_ms.swap(0, Ordering::Relaxed),
        }
    }
}

impl Drop for Visitors {
    fn drop(&mut self) {
        self.counts.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn visit(address: SocketAddr, counts: &Counts) {
    while !counts.stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let good = request(address).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "));
        let counter = if good { &counts.served } else { &counts.failed };
        counter.fetch_add(1, Ordering::Relaxed);
        let waited = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        counts.slowest_ms.fetch_max(waited, Ordering::Relaxed);
        thread::sleep(PACE);
    }
}

fn request(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
