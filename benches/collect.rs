//! What a round of live collecting costs with a thousand processes, beside the `procfs` crate's calls on the same
//! processes, in turns. `--test` runs everything once on a few processes.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts processes")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

use std::hint::black_box;
use std::process::{Child, Command, Stdio};

use hebe_collectors::live::{Options, Root, Sampler};
use procfs::process::Process;
use rustix::time::{ClockId, clock_gettime};

/// Processes that sleep, ended when the bench ends.
struct Sleepers(Vec<Child>);

impl Sleepers {
    fn start(count: usize) -> Self {
        let sleeper = |_| {
            let mut command = Command::new("sleep");
            command.arg("600").stdin(Stdio::null()).spawn().expect("`sleep` starts")
        };
        Self((0..count).map(sleeper).collect())
    }

    fn pids(&self) -> Vec<i32> {
        self.0.iter().filter_map(|child| i32::try_from(child.id()).ok()).collect()
    }
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A call of the reference for one process.
type Call = fn(&Process) -> bool;

const CALLS: &[(&str, Call)] = &[
    ("procfs: statm", |process| process.statm().is_ok()),
    ("procfs: stat", |process| process.stat().is_ok()),
    ("procfs: status", |process| process.status().is_ok()),
    ("procfs: statm, threads by stat, fd_count", |process| {
        process.statm().is_ok() && process.stat().is_ok() && process.fd_count().is_ok()
    }),
    ("procfs: stat, status, io, cgroups, fd_count", |process| {
        process.stat().is_ok()
            && process.status().is_ok()
            && process.io().is_ok()
            && process.cgroups().is_ok()
            && process.fd_count().is_ok()
    }),
];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let (count, rounds) = if quick { (5, 2) } else { (1000, 300_usize) };
    let alone = Ours::new().measure(rounds.div_ceil(3));
    println!("a round without them: {:.0} us", median(&mut alone[0].clone()));
    let sleepers = Sleepers::start(count);
    println!(
        "{count} sleeping processes, {rounds} rounds in turns; median us of processor time a process [least]"
    );
    println!("the sampler: a whole round, less what it costs without them");
    let mut ours = Ours::new();
    let mut theirs: Vec<Vec<f64>> = vec![vec![]; CALLS.len()];
    let pids = sleepers.pids();
    for round in 0..rounds {
        ours.once();
        if round % 10 == 0 {
            for (times, (_, call)) in theirs.iter_mut().zip(CALLS) {
                times.push(reference(&pids, *call) / pids.len() as f64);
            }
        }
    }
    let each = ours.each(&alone, count as f64);
    let medians: Vec<f64> = theirs.iter_mut().map(|times| median(times)).collect();
    for (name, times) in NAMES.iter().zip(&each) {
        println!("{name:44} {:6.2} [{:.2}]", times.0, times.1);
    }
    for (((name, _), times), median) in CALLS.iter().zip(&theirs).zip(medians) {
        let (kept, opened) = (median / each[0].0, median / each[1].0);
        println!("{name:44} {median:6.2} [{:.2}]  {kept:.1} times kept, {opened:.1} times opening", times[0]);
    }
}

/// The ways of ours.
const NAMES: [&str; 3] =
    ["hebe, kept descriptors", "hebe, opening", "hebe, kept descriptors, a process is new"];

/// The sampler in its ways, and the microseconds of its rounds.
struct Ours {
    kept: Sampler,
    opened: Sampler,
    times: [Vec<f64>; 3],
}

impl Ours {
    fn new() -> Self {
        let sampler = |kept_descriptors| {
            let root = Root::new("/").expect("a host has a root");
            Sampler::new(root, &Options { kept_descriptors, ..Options::default() })
        };
        Self { kept: sampler(usize::MAX), opened: sampler(0), times: Default::default() }
    }

    /// One round of every way. Some rounds begin after a process came and went, so that the list is read anew.
    fn once(&mut self) {
        self.times[0].push(time(|| self.kept.sample(0)));
        self.times[1].push(time(|| self.opened.sample(0)));
        if self.times[0].len() % 10 == 1 {
            let _ = Command::new("true").stdin(Stdio::null()).status();
            // What a start does to caches is not a cost of the list.
            black_box(self.opened.sample(0));
            self.times[2].push(time(|| self.kept.sample(0)));
        }
    }

    fn measure(mut self, rounds: usize) -> [Vec<f64>; 3] {
        (0..rounds.max(10)).for_each(|_| self.once());
        self.times
    }

    /// Median and least, a process.
    fn each(&mut self, alone: &[Vec<f64>; 3], count: f64) -> Vec<(f64, f64)> {
        let pairs = self.times.iter_mut().zip(alone);
        pairs
            .map(|(times, alone)| {
                let before = median(&mut alone.clone());
                let middle = median(times);
                let least = times.first().copied().unwrap_or(f64::NAN);
                ((middle - before) / count, (least - before) / count)
            })
            .collect()
    }
}

fn reference(pids: &[i32], call: Call) -> f64 {
    let all = || pids.iter().filter(|&&pid| Process::new(pid).is_ok_and(|process| call(&process))).count();
    time(|| assert_eq!(all(), pids.len()))
}

fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let start = busy_us();
    black_box(work());
    busy_us() - start
}

/// Processor time of this thread: what others do on the machine counts less.
fn busy_us() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// The middle of `times`, which are sorted by this.
fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
