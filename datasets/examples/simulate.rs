//! Writes simulated runs in the form of the replay protocol, the truth in a file of its own.
//!
//! ```text
//! cargo run -p hebe-datasets --example simulate -- OUT --seeds 100..105 [--every 20] [--scenario NAME…]
//!
//! OUT/data.csv     series,t,value,limit
//! OUT/meta.csv     series,step_s,window_s,horizon_s
//! OUT/evals.csv    series,t
//! OUT/truth.jsonl  one object a series; what forecasts must not see
//! ```
//!
//! Forecasts and scores do not live here.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use hebe_datasets::{Scenario, Simulated, simulate};
use serde::Serialize;

/// Samples of a window and of a horizon, as the laws of the scenarios assume.
const WINDOW: f64 = 300.0;
const HORIZON: f64 = 3000.0;

const USAGE: &str = "usage: simulate OUT --seeds FIRST..LAST [--every SAMPLES] [--scenario NAME…]";

fn main() -> ExitCode {
    let written =
        Request::parse(std::env::args().skip(1)).map_err(Into::into).and_then(|request| write(&request));
    let Err(error) = written else { return ExitCode::SUCCESS };
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(io::stderr(), "simulate: {error}");
    ExitCode::FAILURE
}

/// What the user asked for.
struct Request {
    out: PathBuf,
    seeds: RangeInclusive<u64>,
    every: usize,
    scenarios: Vec<Scenario>,
}

impl Request {
    fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut out, mut seeds, mut every, mut scenarios) = (None, None, 20, Vec::new());
        let mut args = args.peekable();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seeds" => seeds = Some(seed_range(&args.next().ok_or(USAGE)?)?),
                "--every" => every = positive(&args.next().ok_or(USAGE)?)?,
                "--scenario" => {
                    while let Some(name) = args.next_if(|arg| !arg.starts_with("--")) {
                        scenarios.push(scenario(&name)?);
                    }
                }
                _ if out.is_none() && !arg.starts_with("--") => out = Some(PathBuf::from(arg)),
                _ => return Err(format!("unexpected `{arg}`; {USAGE}")),
            }
        }
        if scenarios.is_empty() {
            scenarios.extend(Scenario::ALL);
        }
        Ok(Self { out: out.ok_or(USAGE)?, seeds: seeds.ok_or(USAGE)?, every, scenarios })
    }

    fn runs(&self) -> impl Iterator<Item = Simulated> {
        let draw = |seed| self.scenarios.iter().map(move |&scenario| simulate(scenario, seed));
        self.seeds.clone().flat_map(draw)
    }
}

/// `FIRST..LAST`, both included.
fn seed_range(text: &str) -> Result<RangeInclusive<u64>, String> {
    let ends =
        text.split_once("..").and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    let (first, last) = ends.ok_or_else(|| format!("`{text}` is not FIRST..LAST"))?;
    if last < first { Err(format!("`{text}` holds no seed")) } else { Ok(first..=last) }
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&n| 0 < n).ok_or_else(|| format!("`{text}` is not a number of samples"))
}

fn scenario(name: &str) -> Result<Scenario, String> {
    Scenario::ALL
        .into_iter()
        .find(|scenario| scenario.name() == name)
        .ok_or_else(|| format!("no scenario `{name}`"))
}

/// Writes the four files.
fn write(request: &Request) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&request.out)?;
    let mut data = table(&request.out, "data.csv", "series,t,value,limit\n")?;
    let mut meta = table(&request.out, "meta.csv", "series,step_s,window_s,horizon_s\n")?;
    let mut evals = table(&request.out, "evals.csv", "series,t\n")?;
    let mut truth = table(&request.out, "truth.jsonl", "")?;
    for (place, run) in request.runs().enumerate() {
        // Names that tell nothing: a forecast may look at them.
        let series = format!("s{place:04}");
        let step = run.step_s;
        writeln!(meta, "{series},{step},{},{}", WINDOW * step, HORIZON * step)?;
        for ((t, value), limit) in run.t.iter().zip(&run.value).zip(&run.limit) {
            writeln!(data, "{series},{t},{value},{limit}")?;
        }
        let known = Truth::of(&series, &run, request.every);
        for eval in &known.evals {
            writeln!(evals, "{series},{}", eval.t)?;
        }
        writeln!(truth, "{}", serde_json::to_string(&known)?)?;
    }
    [data, meta, evals, truth].iter_mut().try_for_each(Write::flush)?;
    Ok(())
}

fn table(folder: &Path, name: &str, header: &str) -> io::Result<BufWriter<File>> {
    let mut file = BufWriter::new(File::create(folder.join(name))?);
    file.write_all(header.as_bytes())?;
    Ok(file)
}

/// A line of `truth.jsonl`. Times are Unix seconds.
#[derive(Serialize)]
struct Truth<'a> {
    series: &'a str,
    scenario: &'static str,
    seed: u64,
    started_at: f64,
    exhausted_at: Option<f64>,
    known_from: f64,
    step_s: f64,
    window_s: f64,
    horizon_s: f64,
    every_s: f64,
    evals: Vec<Eval>,
}

/// The truth at one evaluation.
#[derive(Serialize)]
struct Eval {
    t: f64,
    /// Seconds left if the present regime goes on; `null` if it never ends.
    left_s: Option<f64>,
    grace: bool,
}

impl<'a> Truth<'a> {
    /// An evaluation every so many steps, from one window after the first sample on.
    fn of(series: &'a str, run: &Simulated, every: usize) -> Self {
        let every_s = every as f64 * run.step_s;
        let (first, last) = (run.t[0], run.t[run.t.len() - 1]);
        let times = (0_u32..).map(|k| first + WINDOW * run.step_s + f64::from(k) * every_s);
        Self {
            series,
            scenario: run.scenario.name(),
            seed: run.seed,
            started_at: first,
            exhausted_at: run.exhausted_at,
            known_from: run.known_from,
            step_s: run.step_s,
            window_s: WINDOW * run.step_s,
            horizon_s: HORIZON * run.step_s,
            every_s,
            evals: times.take_while(|&t| t <= last).map(|t| Eval::at(run, t)).collect(),
        }
    }
}

impl Eval {
    /// Where the sample was lost, time has passed since the one before, and no regime has changed.
    fn at(run: &Simulated, t: f64) -> Self {
        let newest = run.t.partition_point(|&sampled| sampled <= t) - 1;
        let left = run.left[newest] - (t - run.t[newest]);
        Self { t, left_s: left.is_finite().then_some(left), grace: run.grace[newest] }
    }
}
