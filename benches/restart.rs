//! What the executor adds to a restart: `hebe restart` against the same restart over D-Bus alone, in turns, on a real
//! systemd in namespaces of its own. Root is needed.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts the command")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod program;

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::time::Instant;

use futures_core::Stream as _;
use serde_json::Value;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream, OwnedObjectPath};

/// Name and place of systemd on the bus.
const SYSTEMD: (&str, &str, &str) =
    ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager");
/// The unit that is restarted.
const UNIT: &str = "web.service";

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
    let (mut bare, mut executor) = (Vec::new(), Vec::new());
    for turn in 0..count {
        for way in [turn % 2, (turn + 1) % 2] {
            if way == 0 {
                bare.push(runtime.block_on(restart(&bus)));
            } else {
                executor.push(by_hebe(shared));
            }
        }
    }
    let (bare, executor) = (Figures::of(bare), Figures::of(executor));
    println!("restart of a unit, {count} times each, in turns (milliseconds)");
    println!("  D-Bus alone   median {:6.2}  p90 {:6.2}  most {:6.2}", bare.median, bare.p90, bare.most);
    println!(
        "  executor      median {:6.2}  p90 {:6.2}  most {:6.2}",
        executor.median, executor.p90, executor.most
    );
    println!("  it adds       median {:6.2}", executor.median - bare.median);
}

async fn call<B>(bus: &Connection, method: &str, body: &B) -> zbus::Result<zbus::Message>
where
    B: serde::Serialize + zbus::DynamicType,
{
    bus.call_method(Some(SYSTEMD.0), SYSTEMD.1, Some(SYSTEMD.2), method, body).await
}

/// A restart by the bus alone, from the call to the end of its job, in milliseconds.
async fn restart(bus: &Connection) -> f64 {
    let rule = MatchRule::builder().msg_type(Type::Signal).sender(SYSTEMD.0).member("JobRemoved").build();
    let mut ends = MessageStream::for_match_rule(rule.expect("a rule"), bus, None).await.expect("a stream");
    let began = Instant::now();
    let reply = call(bus, "TryRestartUnit", &(UNIT, "fail")).await.expect("a job");
    let job: OwnedObjectPath = reply.body().deserialize().expect("its place");
    loop {
        let next = std::future::poll_fn(|context| Pin::new(&mut ends).poll_next(context)).await;
        let signal = next.expect("the bus is open").expect("a signal");
        let body = signal.body();
        let (_, over, _, result): (u32, OwnedObjectPath, String, String) =
            body.deserialize().expect("a job's end");
        if over == job {
            assert_eq!(result, "done");
            return began.elapsed().as_secs_f64() * 1000.0;
        }
    }
}

/// A restart by the executor, from its request to its last entry on the disk, in milliseconds.
fn by_hebe(shared: &Path) -> f64 {
    let mut hebe = Command::new(program::hebe());
    hebe.args(["restart", "web", "--yes", "--format", "json", "--map"]).arg(shared.join("map.toml"));
    let output = hebe.arg("--store").arg(shared.join("hebe")).output().expect("hebe runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    told["took_s"].as_f64().expect("a time") * 1000.0
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
