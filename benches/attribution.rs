//! What it costs to take totals apart: 1,000 processes and 4 resources an evaluation, on one thread. `--test` runs
//! everything once.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod support;

use std::hint::black_box;
use std::time::Instant;

use hebe_models::attribution::{BLOCKS, Growth, attribute, without_overlap};
use support::{Random, uniform_times};

const PROCESSES: usize = 1000;
const RESOURCES: usize = 4;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let rounds = if quick { 1 } else { 50 };
    let t = uniform_times(BLOCKS);
    println!(
        "{PROCESSES} processes x {RESOURCES} resources, {BLOCKS} blocks; median ms an evaluation [fastest .. slowest tenth]"
    );
    for (name, leaking) in
        [("3 of 1,000 leak", 3), ("a tenth leaks", PROCESSES / 10), ("all leak", PROCESSES)]
    {
        let hosts: Vec<Host> = (0..RESOURCES).map(|seed| Host::new(seed as u64, leaking)).collect();
        let mut times: Vec<f64> =
            (0..rounds).map(|_| time(|| hosts.iter().for_each(|host| host.evaluate(&t)))).collect();
        println!("{name:16} {}", summary(&mut times, 1.0));
    }
    let leak = Host::new(9, PROCESSES);
    let slopes = || {
        let growths: Vec<Growth> = leak.members.iter().map(|member| Growth::of(&t, member)).collect();
        black_box(growths);
    };
    let mut times: Vec<f64> = (0..rounds).map(|_| time(slopes)).collect();
    println!("one leaking series, us: {}", summary(&mut times, 1000.0 / PROCESSES as f64));
}

/// One resource of a host.
struct Host {
    members: Vec<Vec<f64>>,
    total: Vec<f64>,
    number: Vec<f64>,
}

impl Host {
    fn new(seed: u64, leaking: usize) -> Self {
        let mut random = Random::seeded(seed);
        let members: Vec<Vec<f64>> = (0..PROCESSES)
            .map(|m| {
                let (noise, slope) = (random.white(BLOCKS), if m < leaking { 1.0 } else { 0.0 });
                let (period, height) = (5 + m % 20, if m % 10 == 9 { 40.0 } else { 0.0 });
                (0..BLOCKS)
                    .map(|k| {
                        300.0
                            + slope * k as f64
                            + height * (k % period) as f64 / period as f64
                            + 2.0 * noise[k]
                    })
                    .collect()
            })
            .collect();
        let total =
            (0..BLOCKS).map(|k| 500.0 + members.iter().map(|member| member[k]).sum::<f64>()).collect();
        Self { members, total, number: vec![1.0; PROCESSES] }
    }

    /// As the engine does: what is shared is counted once in every block, then all is taken apart.
    fn evaluate(&self, t: &[f64]) {
        let mut members = self.members.clone();
        let mut column = vec![0.0; PROCESSES];
        for (k, &total) in self.total.iter().enumerate() {
            column.iter_mut().zip(&members).for_each(|(used, member)| *used = member[k]);
            without_overlap(&mut column, &self.number, 0.99 * total);
            column.iter().zip(&mut members).for_each(|(&used, member)| member[k] = used);
        }
        black_box(attribute(t, &self.total, &members));
    }
}

/// Milliseconds.
fn time(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

fn summary(times: &mut [f64], scale: f64) -> String {
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| scale * times[(times.len() - 1) * share / 10];
    format!("{:7.2} [{:.2} .. {:.2}]", at(5), at(0), at(9))
}
