//! Packets: who is believed.

use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hebe::restart::heartbeat::{Beat, Key, Process, Refusal, Status};
use hebe::restart::suspicion::Word;
use rustix::net::sockopt::set_ip_multicast_if;

use super::super::Found;
use super::app::{myself, rand};
use super::{Config, KEY, Kennel, PATIENCE, node};

/// A sender in this process.
struct Sender {
    socket: UdpSocket,
    beat: Beat,
    group: (Ipv4Addr, u16),
}

impl Sender {
    fn new(kennel: &Kennel, node: &str, key: &[u8], process: Process) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        set_ip_multicast_if(&socket, &Ipv4Addr::LOCALHOST).unwrap();
        let group = (Config::default().group, kennel.watchdog.port().unwrap());
        Self { socket, beat: Beat::new(Key::new(key), node, process, rand()), group }
    }

    fn send(&self, bytes: &[u8]) {
        self.socket.send_to(bytes, self.group).unwrap();
    }

    fn beat(&mut self) -> Vec<u8> {
        let bytes = self.beat.next(Status::Running, 0);
        self.send(&bytes);
        bytes
    }

    /// Sends heartbeats until it was pinged, and answers; the packet that was admitted.
    fn enter(&mut self) -> Vec<u8> {
        self.socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let began = Instant::now();
        let mut bytes = [0; 2048];
        loop {
            self.beat();
            if let Ok(length) = self.socket.recv(&mut bytes)
                && self.beat.heed(&bytes[..length])
            {
                return self.beat();
            }
            assert!(began.elapsed() < PATIENCE, "no ping");
        }
    }
}

fn count(kennel: &Kennel, refusal: Refusal) -> u64 {
    kennel.watchdog.state().refused.get(&refusal).copied().unwrap_or(0)
}

#[track_caller]
fn refuses(kennel: &Kennel, sender: &Sender, bytes: &[u8], refusal: Refusal) {
    let (before, admitted) = (count(kennel, refusal), kennel.watchdog.state().admitted);
    sender.send(bytes);
    kennel.wait(|state| state.refused.get(&refusal).is_some_and(|&count| before < count));
    assert_eq!(kennel.watchdog.state().admitted, admitted);
}

#[test]
fn what_is_forged_replayed_or_foreign_is_refused_and_counted() {
    let kennel = Kennel::of(vec![node("web"), super::tested("db", 1)]);
    let mut sender = Sender::new(&kennel, "web", KEY, myself());
    let mut packet = sender.enter();
    kennel.wait(|state| state.admitted == 1);
    refuses(&kennel, &sender, &packet, Refusal::Replayed);
    *packet.last_mut().unwrap() ^= 1;
    refuses(&kennel, &sender, &packet, Refusal::Seal);
    let forged = Beat::new(Key::new(b"guessed, and wrong"), "web", myself(), 1).next(Status::Running, 0);
    refuses(&kennel, &sender, &forged, Refusal::Seal);
    refuses(&kennel, &sender, b"GET / HTTP/1.1\r\n", Refusal::Length);
    refuses(&kennel, &sender, &[b'x'; 120], Refusal::Magic);
    let unknown = Beat::new(Key::new(KEY), "nobody", myself(), 1).next(Status::Running, 0);
    refuses(&kennel, &sender, &unknown, Refusal::Unknown);
    let other = Beat::new(Key::new(KEY), "web", myself(), 1).next(Status::Running, 0);
    refuses(&kennel, &sender, &other, Refusal::Unproven);
    // All of that has not changed who is believed.
    sender.beat();
    kennel.wait(|state| state.admitted == 2);
}

#[test]
fn a_recording_of_a_life_before_brings_nobody_back() {
    let kennel = Kennel::of(vec![node("web")]);
    let recorded = Sender::new(&kennel, "web", KEY, myself()).enter();
    let mut next = Sender::new(&kennel, "web", KEY, myself());
    next.enter();
    kennel.wait(|state| state.admitted == 2);
    refuses(&kennel, &next, &recorded, Refusal::Unproven);
    // Another watchdog, which has heard nothing yet, is not fooled either.
    let other = Kennel::of(vec![node("web")]);
    let sender = Sender::new(&other, "web", KEY, myself());
    refuses(&other, &sender, &recorded, Refusal::Unproven);
}

#[test]
fn the_example_in_python_is_heard_and_answers_pings() {
    let has = Command::new("python3").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: the example in Python needs python3");
        return;
    }
    let kennel = Kennel::of(vec![node("web")]);
    let page = include_str!("../../../src/restart/heartbeat/PACKET.md");
    let example = page.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let script = kennel.path("heartbeat.py");
    fs::write(&script, example).unwrap();
    let mut python = Command::new("python3");
    python.arg(&script).arg("web").arg(kennel.path("key")).arg(Config::default().group.to_string());
    let mut python = python.arg(kennel.watchdog.port().unwrap().to_string()).spawn().unwrap();
    let state = kennel.wait(|state| 5 <= state.admitted);
    let process = state.nodes[0].process.unwrap();
    python.kill().unwrap();
    python.wait().unwrap();
    assert_eq!(process.pid, python.id());
    assert_eq!(kennel.wait_told("web", Word::Failed).last().unwrap().sentence, "it has ended");
}

#[test]
fn a_daemon_that_speaks_sd_notify_is_who_the_kernel_says() {
    let kennel = Kennel::of(vec![node("web")]);
    let socket = UnixDatagram::unbound().unwrap();
    let path = kennel.path("socket");
    socket.send_to(b"WATCHDOG=1", &path).unwrap();
    kennel.wait(|state| state.refused.get(&Refusal::Unknown) == Some(&1));
    kennel.watchdog.process("web", Found::Runs { pid: std::process::id() });
    kennel.wait(|state| state.nodes[0].process.is_some());
    socket.send_to(b"STATUS=fine\nWATCHDOG=1\n", &path).unwrap();
    kennel.wait(|state| state.nodes[0].heard.is_some() && state.admitted == 1);
    // A packet is heard here too, if it is of its sender.
    let mut own = Beat::new(Key::new(KEY), "web", Process { pid: 1, ..myself() }, 1);
    socket.send_to(&own.next(Status::Running, 0), &path).unwrap();
    kennel.wait(|state| state.refused.get(&Refusal::Impostor) == Some(&1));
    socket.send_to(b"WATCHDOG=trigger", &path).unwrap();
    kennel.wait_told("web", Word::Suspected);
}

#[test]
fn a_packet_on_the_local_socket_is_answered_there() {
    let kennel = Kennel::of(vec![node("web")]);
    let socket = UnixDatagram::bind(kennel.path("client")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut beat = Beat::new(Key::new(KEY), "web", myself(), 1);
    socket.send_to(&beat.next(Status::Starting, 0), kennel.path("socket")).unwrap();
    let mut bytes = [0; 2048];
    let length = socket.recv(&mut bytes).unwrap();
    assert!(beat.heed(&bytes[..length]));
    socket.send_to(&beat.next(Status::Degraded, 0), kennel.path("socket")).unwrap();
    let state = kennel.wait(|state| state.admitted == 1);
    assert_eq!(state.nodes[0].status, Some(Status::Degraded));
}

#[test]
fn another_machine_is_heard_and_never_fails_without_a_look_at_it() {
    let kennel = Kennel::of(vec![super::tested("web", super::free_port())]);
    let mut sender = Sender::new(&kennel, "web", KEY, Process { boot: [1; 16], ..myself() });
    sender.enter();
    kennel.wait_heard("web");
    let told = kennel.wait_told("web", Word::Testing);
    assert!(told.iter().all(|suspicion| suspicion.to != Word::Failed));
    // It is tested, and tested again, and stays in doubt.
    kennel.wait_told("web", Word::Suspected);
    let told = kennel.wait_told("web", Word::Testing);
    assert!(told.iter().all(|suspicion| suspicion.to != Word::Failed), "{told:?}");
    assert_eq!(kennel.state_of("web").runs, None);
}
