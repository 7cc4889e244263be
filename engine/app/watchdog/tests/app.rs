//! An application in a process of its own: this binary, started again. It sends heartbeats with the library's client,
//! answers pings, and serves a page. The bench starts it, too.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::heartbeat::{Beat, Key, Process, Status};
use rustix::net::sockopt::set_ip_multicast_if;
use rustix::process::{Pid, Signal, kill_process};

use super::KEY;
use crate::watchdog::Config;

const NODE: &str = "HEBE_TEST_APP_NODE";
const PORT: &str = "HEBE_TEST_APP_PORT";
const HTTP: &str = "HEBE_TEST_APP_HTTP";
const MOOD: &str = "HEBE_TEST_APP_MOOD";
const EVERY: Duration = Duration::from_millis(250);

/// An application that is killed when it is dropped.
pub(super) struct App {
    child: Child,
    mood: PathBuf,
}

impl App {
    pub(super) fn start(node: &str, port: u16, http: u16, mood: &Path) -> Self {
        Self { child: Self::command(node, port, http, mood).spawn().unwrap(), mood: mood.to_path_buf() }
    }

    fn command(node: &str, port: u16, http: u16, mood: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "watchdog::tests::app::the_application", "--nocapture"]);
        command.env(NODE, node).env(PORT, port.to_string()).env(HTTP, http.to_string()).env(MOOD, mood);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// `mute`: no heartbeats any more, and no answer to pings; `hung`: no page either.
    pub(super) fn mood(&self, mood: &str) {
        fs::write(&self.mood, mood).unwrap();
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test, but the application that others start; nothing to do when it is run as one.
#[test]
fn the_application() {
    be();
}

/// Whether this process was started as the application.
#[allow(dead_code, reason = "the bench asks")]
pub(super) fn is_one() -> bool {
    std::env::var(NODE).is_ok()
}

/// Is the application, in a process that was started as one.
pub(super) fn be() {
    let Ok(node) = std::env::var(NODE) else { return };
    let number = |name| std::env::var(name).unwrap().parse::<u16>().unwrap();
    let mood_file = std::env::var(MOOD).unwrap();
    let mood = move || fs::read_to_string(&mood_file).unwrap_or_default();
    serve(number(HTTP), mood.clone());
    let parent = rustix::process::getppid();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    set_ip_multicast_if(&socket, &Ipv4Addr::LOCALHOST).unwrap();
    let group = (Config::default().group, number(PORT));
    let mut beat = Beat::new(Key::new(KEY), node, myself(), rand());
    let mut next = Instant::now();
    // It ends with the test that started it.
    while rustix::process::getppid() == parent {
        let silent = matches!(mood().as_str(), "mute" | "hung");
        if next <= Instant::now() {
            next = Instant::now() + EVERY;
            if !silent {
                socket.send_to(&beat.next(Status::Running, 0), group).unwrap();
            }
        }
        let rest = next.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        socket.set_read_timeout(Some(rest)).unwrap();
        let mut bytes = [0; 2048];
        match socket.recv(&mut bytes) {
            Ok(length) if !silent && beat.heed(&bytes[..length]) => next = Instant::now(),
            Ok(_) => {}
            // It was interrupted when it was stopped and went on.
            Err(error) => {
                let harmless = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::Interrupted];
                assert!(harmless.contains(&error.kind()), "{error}");
            }
        }
    }
}

fn serve(port: u16, mood: impl Fn() -> String + Send + 'static) {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if mood() == "hung" {
                kept.push(stream);
                continue;
            }
            let mut asked = Vec::new();
            let mut byte = [0];
            while !asked.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| 0 < count) {
                asked.push(byte[0]);
            }
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
}

/// This process, as packets name it.
pub(super) fn myself() -> Process {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let boot = u128::from_str_radix(&boot.trim().replace('-', ""), 16).unwrap().to_be_bytes();
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let start_ticks = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap();
    Process { boot, pid: std::process::id(), start_ticks }
}

/// A session.
pub(super) fn rand() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
