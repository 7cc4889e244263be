//! What the executor adds to a restart: `hebe restart` against the same restart over D-Bus alone, in turns, on a real
//! systemd in namespaces of its own. Root is needed.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts the command")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use futures_core::Stream as _;
use serde_json::Value;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

/// Name and place of systemd on the bus.
const SYSTEMD: (&str, &str, &str) =
    ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager");
/// The unit that is restarted.
const UNIT: &str = "web.service";

/// Before each restart: for some milliseconds after one, the kernel moves processes between cgroups without waiting for
/// a grace period, and whoever comes next would be measured by that.
const CALM: Duration = Duration::from_millis(100);

/// A job that takes longer was never queued.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(place) = args.iter().position(|arg| arg == "--inside") {
        return inside(Path::new(&args[place + 1]), args[place + 2].parse().expect("a count"));
    }
    let quick = args.iter().any(|arg| arg == "--test");
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    if !root || !Path::new("/lib/systemd/system/dbus.service").exists() {
        println!("SKIPPED: the executor's overhead needs root, systemd and dbus");
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-restart");
    let _ = fs::remove_dir_all(&folder);
    boot(&folder);
    let us = std::env::current_exe().expect("the path of this bench");
    let count = if quick { "2" } else { "60" };
    let status = lab(&folder, "run")
        .arg(folder.join("state"))
        .arg(us)
        .arg("--inside")
        .arg(folder.join("shared"))
        .arg(count)
        .status();
    let ended = lab(&folder, "end").arg(folder.join("state")).status();
    assert!(status.is_ok_and(|status| status.success()), "the bench inside");
    assert!(ended.is_ok_and(|status| status.success()), "the end of the lab");
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

fn lab(folder: &Path, verb: &str) -> Command {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/restart/lab.sh");
    let mut command = Command::new(script);
    command.arg(verb).current_dir(folder).stdin(Stdio::null());
    command
}

/// Boots a machine with one unit, which sees our folder and the programs.
fn boot(folder: &Path) {
    let units = folder.join("units");
    for part in ["units", "state", "shared"] {
        fs::create_dir_all(folder.join(part)).expect("a folder");
    }
    for target in ["sysinit", "basic", "shutdown", "umount", "final", "sockets", "timers", "paths", "slices"]
    {
        let text = "[Unit]\nDefaultDependencies=no\n";
        fs::write(units.join(format!("{target}.target")), text).expect("a target");
    }
    for unit in ["dbus.socket", "dbus.service"] {
        fs::copy(Path::new("/lib/systemd/system").join(unit), units.join(unit)).expect("a unit of the host");
    }
    let target = format!("[Unit]\nRequires=dbus.socket {UNIT}\nAfter=dbus.socket\n");
    fs::write(units.join("lab.target"), target).expect("a target");
    let unit = "[Unit]\nStartLimitBurst=1000000\n[Service]\nExecStart=/bin/sleep infinity\n";
    fs::write(units.join(UNIT), unit).expect("a unit");
    let map = format!(
        "budget = \"1000000 in 1h\"\n[[node]]\nname = \"web\"\nunit = \"{UNIT}\"\nbudget = \"1000000 in 1h\"\n"
    );
    fs::write(folder.join("shared/map.toml"), map).expect("a map");
    let mut boot = lab(folder, "boot");
    boot.arg(&units).arg(folder.join("state")).arg(folder.join("shared"));
    let us = std::env::current_exe().expect("the path of this bench");
    for program in [program::hebe().as_path(), us.as_path()] {
        boot.arg(program.parent().expect("it is in a folder"));
    }
    assert!(boot.status().is_ok_and(|status| status.success()), "the lab boots");
}

/// Inside: both ways in turns, in the order bare, executor, executor, bare …
fn inside(shared: &Path, count: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let bus = runtime.block_on(Connection::system()).expect("the system bus");
    runtime.block_on(call(&bus, "Subscribe", &())).expect("systemd tells of its jobs");
    let (mut asking, mut bare, mut executor, mut adds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for turn in 0..count {
        for way in [turn % 2, (turn + 1) % 2] {
            thread::sleep(CALM);
            if way == 0 {
                let (queued, over) = runtime.block_on(restart(&bus));
                asking.push(queued);
                bare.push(over);
            } else {
                let (took, job) = runtime.block_on(by_hebe(&bus, shared));
                executor.push(took);
                adds.push(took - job);
            }
        }
    }
    println!("restart of a unit, {count} times each, in turns (milliseconds)");
    for (what, times) in [
        ("D-Bus alone", bare),
        ("until it is queued", asking),
        ("executor", executor),
        ("executor, less the job within", adds),
    ] {
        let Figures { median, p90, most } = Figures::of(times);
        println!("  {what:30} median {median:6.2}  p90 {p90:6.2}  most {most:6.2}");
    }
}

async fn call<B>(bus: &Connection, method: &str, body: &B) -> zbus::Result<zbus::Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    bus.call_method(Some(SYSTEMD.0), SYSTEMD.1, Some(SYSTEMD.2), method, body).await
}

/// What systemd tells of jobs.
async fn jobs(bus: &Connection) -> MessageStream {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(SYSTEMD.0).interface(SYSTEMD.2).build();
    MessageStream::for_match_rule(rule.expect("a rule"), bus, None).await.expect("a stream")
}

/// A restart by the bus alone: from the call until its job is queued, and until that is over, in milliseconds.
async fn restart(bus: &Connection) -> (f64, f64) {
    let mut told = jobs(bus).await;
    let began = Instant::now();
    call(bus, "TryRestartUnit", &(UNIT, "fail")).await.expect("a job");
    let queued = word(&mut told, "JobNew").await;
    let over = word(&mut told, "JobRemoved").await;
    let ms = |at: Instant| (at - began).as_secs_f64() * 1000.0;
    (ms(queued), ms(over))
}

/// A restart by the executor, from its request to its last entry on the disk, and the job of systemd within, from the
/// word that it is queued to the word that it is over; in milliseconds.
async fn by_hebe(bus: &Connection, shared: &Path) -> (f64, f64) {
    let mut told = jobs(bus).await;
    let mut hebe = Command::new(program::hebe());
    hebe.args(["restart", "web", "--yes", "--watch", "0s", "--format", "json", "--map"])
        .arg(shared.join("map.toml"));
    hebe.arg("--store").arg(shared.join("hebe"));
    let hebe = thread::spawn(move || hebe.output().expect("hebe runs"));
    let queued = word(&mut told, "JobNew").await;
    let job = word(&mut told, "JobRemoved").await - queued;
    let output = hebe.join().expect("its thread ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    (said["took_s"].as_f64().expect("a time") * 1000.0, job.as_secs_f64() * 1000.0)
}

/// When systemd said that of the unit's job.
async fn word(told: &mut MessageStream, what: &str) -> Instant {
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut *told).poll_next(context));
        let next = tokio::time::timeout(PATIENCE, next).await.expect("a word of systemd");
        let signal = next.expect("the bus is open").expect("a signal");
        let is_it = signal.header().member().is_some_and(|member| member.as_str() == what);
        if is_it && String::from_utf8_lossy(signal.body().data().bytes()).contains(UNIT) {
            return Instant::now();
        }
    }
}

/// Order statistics.
struct Figures {
    median: f64,
    p90: f64,
    most: f64,
}

impl Figures {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() - 1) * share / 100];
        Self { median: at(50), p90: at(90), most: at(100) }
    }
}
