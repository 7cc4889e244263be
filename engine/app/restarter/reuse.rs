//! Numbers that are given to another process on purpose: whoever has one now is never signalled for who had it before.
//!
//! This needs a namespace of its own, in which the next number can be chosen; there the test runs itself again.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::group::{Group, Held};
use super::process::Process;
use super::session::MARK;

/// Set where the test runs inside; its value is the number of rounds.
const INSIDE: &str = "HEBE_REUSE_ROUNDS";
const MARKED: &str = "token/a";
/// What has not happened by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

fn sleeper(marked: bool) -> Child {
    let mut command = Command::new("sleep");
    command.arg("600").stdin(Stdio::null()).env_remove(MARK);
    if marked {
        command.env(MARK, MARKED);
    }
    command.spawn().unwrap()
}

/// One process that ends, and another that gets its number: whether it did, and how many signals reached it.
fn round() -> (bool, usize) {
    let mut group = Group::open(&Held::Session { mark: MARKED.to_owned() }).unwrap();
    let mut first = sleeper(true);
    let held = Process::open(first.id()).unwrap().unwrap();
    // A program that has just begun has no environment yet that others can see.
    let began = Instant::now();
    while group.members() != [first.id()] {
        assert!(began.elapsed() < PATIENCE, "{:?}", group.members());
        thread::yield_now();
    }
    assert!(group.adopt(held.identity()).is_some(), "{:?}", held.identity());
    first.kill().unwrap();
    first.wait().unwrap();
    group.lead(None);
    fs::write("/proc/sys/kernel/ns_last_pid", (first.id() - 1).to_string()).unwrap();
    let mut second = sleeper(false);
    let reused = second.id() == first.id();
    let by_handle = usize::from(held.signal(Signal::KILL));
    let by_record = usize::from(group.adopt(held.identity()).is_some_and(|found| found.signal(Signal::KILL)));
    let wrong = by_handle + by_record + group.signal(Signal::KILL);
    second.kill().unwrap();
    second.wait().unwrap();
    (reused, if reused { wrong } else { 0 })
}

#[test]
fn whoever_got_the_number_is_not_signalled() {
    if let Ok(rounds) = std::env::var(INSIDE) {
        let rounds: usize = rounds.parse().unwrap();
        let (mut reused, mut wrong) = (0, 0);
        for _ in 0..10 * rounds {
            let (again, signals) = round();
            reused += usize::from(again);
            wrong += signals;
            if reused == rounds {
                break;
            }
        }
        println!("reused {reused} wrong {wrong}");
        return;
    }
    let rounds = std::env::var("HEBE_ROUNDS").unwrap_or_else(|_| "100".to_owned());
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--kill-child", "--mount-proc"]).arg(this);
    command.args(["restarter::reuse::whoever_got_the_number_is_not_signalled", "--exact", "--nocapture"]);
    let output = command.env(INSIDE, &rounds).stdin(Stdio::null()).output();
    let Some(output) = output.ok().filter(|output| !output.stderr.starts_with(b"unshare:")) else {
        eprintln!("SKIPPED: numbers that are given to another process needs root and unshare");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains(&format!("reused {rounds} wrong 0")),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
