//! `hebe demo`: a real service that leaks, forecast, restarted with its visitors none the wiser; then a hang, recovered.
//!
//! Everything is the real thing: `hebe daemon`, `hebe restarter`, a map and two instances behind a balancer, in a folder
//! of their own. What lives here sets the scene and tells what is seen.

mod cast;
mod front;
mod part;
mod players;
mod service;
mod tell;
mod visitors;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use crate::output;
use cast::{DESCRIPTORS, INSTANCES, Scene};
use front::Front;
use players::Players;
use tell::Teller;
use visitors::Visitors;

/// `hebe demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Leave everything running at the end, until Ctrl-C
    #[arg(long)]
    stay: bool,
}

/// Parts of the demonstration that are programs of their own.
#[derive(Debug, Args)]
pub(crate) struct Stage {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// The service
    Service(service::Service),
    /// The drain hook
    Drain(front::Drain),
    /// A part of a station
    Part(part::Part),
}

/// Plays a part.
pub(crate) fn stage(stage: &Stage) -> Result<()> {
    match &stage.part {
        Part::Service(args) => service::service(args),
        Part::Drain(args) => front::drain(args),
        Part::Part(args) => part::part(args),
    }
}

/// An act that takes longer than this has failed.
const LONGEST: Duration = Duration::from_mins(4);
/// The forecast is certain enough to act on once its range is narrower than this share of the time left.
const LOOK: Duration = Duration::from_millis(200);
/// Progress of the forecast is told this often.
const TOLD: Duration = Duration::from_secs(10);

/// Plays all acts, and cleans up however they end.
pub(crate) fn demo(args: &Demo) -> Result<()> {
    let mut tell = Teller::new();
    let scene = Scene::new()?;
    let (a, b) = (INSTANCES[0].0, INSTANCES[1].0);
    let front = Front::start(&[(a, scene.ports[0]), (b, scene.ports[1])])?;
    scene.write_map(front.control)?;
    scene.write_config("observe")?;
    tell.title("A shop with two instances behind a balancer. One of them leaks file descriptors.");
    let players = Players::start(&scene)?;
    let visitors = Visitors::send(front.address);
    tell.line(&format!("{a} and {b} run under hebe restarter; {} visitors come and go", visitors::MANY));
    tell.line(&format!("hebe daemon observes, with its page on http://{}/", players.address()));
    forecast(&mut tell, &players, a)?;
    dry_run(&mut tell, &players, a)?;
    restart(&mut tell, &scene, &players, &visitors, a)?;
    hang(&mut tell, &players, &visitors, b)?;
    tell.title("That was it. Everything it wrote is removed.");
    if args.stay {
        tell.line(&format!(
            "It stays until Ctrl-C: page http://{}/, map {}",
            players.address(),
            scene.path("map.toml").display()
        ));
        players::wait();
    }
    drop(visitors);
    drop(players);
    output::print(
        "Next: hebe                   what this host is full of, and what to read\n      hebe daemon            observes this host; acts on nothing\n      hebe map FILE          checks and draws a restart map of your own\n      hebe demo --stay       plays it again, and leaves page and services up",
    )
}

/// Until `check` finds something; what it does not find in time is an error.
fn until<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> Result<T> {
    let began = Instant::now();
    loop {
        if let Some(found) = check() {
            return Ok(found);
        }
        if players::interrupted() {
            bail!("interrupted");
        }
        if LONGEST < began.elapsed() {
            bail!("waited in vain for {what}");
        }
        std::thread::sleep(LOOK);
    }
}

/// The forecast grows certain.
fn forecast(tell: &mut Teller, players: &Players, node: &str) -> Result<()> {
    tell.title("1. The forecast");
    let mut told: Option<(Instant, String)> = None;
    until("a forecast", || {
        let row = players.row(node)?;
        let status = row["status"].as_str()?.to_owned();
        let due = told.as_ref().is_none_or(|(at, before)| TOLD <= at.elapsed() || *before != status);
        if due {
            tell.row(node, &row);
            told = Some((Instant::now(), status.clone()));
        }
        matches!(status.as_str(), "WATCH" | "WARNING" | "CRITICAL").then_some(())
    })
}

/// What would be done.
fn dry_run(tell: &mut Teller, players: &Players, node: &str) -> Result<()> {
    tell.title("2. What Hebe would do (mode = \"observe\")");
    let skipped = until("a decision", || {
        players.action(0, |event| event["type"] == "dev.hebe.action.skipped.v1" && event["subject"] == node)
    })?;
    tell.line(&format!(
        "not done: {}: {}",
        skipped["data"]["hold"]["code"].as_str().unwrap_or_default(),
        skipped["data"]["sentence"].as_str().unwrap_or_default()
    ));
    tell.command("hebe plan", node);
    Teller::text(&players.plan(node)?);
    Ok(())
}

/// It is done, and the resource is given back.
fn restart(
    tell: &mut Teller,
    scene: &Scene,
    players: &Players,
    visitors: &Visitors,
    node: &str,
) -> Result<()> {
    tell.title("3. The restart (mode = \"act\")");
    let before = players.used(node).context("the level before")?;
    let pid = players.pid(node);
    visitors.tally();
    let seen = players.events();
    scene.write_config("act")?;
    let planned = until("the plan", || {
        players
            .action(seen, |event| event["type"] == "dev.hebe.action.planned.v1" && event["subject"] == node)
    })?;
    tell.line(&format!(
        "planned for {}: as late as the risk allows; a schedule would name the hours",
        planned["data"]["at"].as_str().and_then(|at| at.get(11..19)).unwrap_or("at once")
    ));
    let event = until("the restart", || {
        players.action(seen, |event| {
            let kind = event["type"].as_str().unwrap_or_default();
            event["subject"] == node && (kind.contains("succeeded") || kind.contains("failed"))
        })
    })?;
    if event["type"] != "dev.hebe.action.succeeded.v1" {
        bail!("the restart failed: {}", event["data"]["sentence"]);
    }
    let after = until("the level after", || players.used(node).filter(|used| *used < before / 2.0))?;
    let tally = visitors.tally();
    tell.line(&format!(
        "{node} was drained, stopped, started and given its visitors back: process {} → {}",
        shown(pid),
        shown(players.pid(node))
    ));
    tell.line(&format!("descriptors in use: {before:.0} → {after:.0} of {DESCRIPTORS}"));
    tell.line(&format!(
        "requests meanwhile: {} served, {} failed, the slowest took {} ms",
        tally.served, tally.failed, tally.slowest_ms
    ));
    Ok(())
}

/// A process that hangs is found and restarted.
fn hang(tell: &mut Teller, players: &Players, visitors: &Visitors, node: &str) -> Result<()> {
    tell.title("4. A hang (SIGSTOP)");
    let pid = until("the second instance", || players.pid(node))?;
    let seen = players.events();
    visitors.tally();
    let began = Instant::now();
    players::stop_process(pid)?;
    tell.line(&format!("{node} (process {pid}) hangs"));
    let started = until("the watchdog", || {
        players
            .action(seen, |event| event["type"] == "dev.hebe.action.started.v1" && event["subject"] == node)
    })?;
    tell.line(&format!(
        "after {:.2} s the witnesses agree: {}",
        began.elapsed().as_secs_f64(),
        started["data"]["cause"]["seen"].as_str().unwrap_or_default()
    ));
    let new = until("a new process", || players.pid(node).filter(|new| *new != pid))?;
    until("the restart", || {
        players
            .action(seen, |event| event["subject"] == node && event["type"] == "dev.hebe.action.succeeded.v1")
    })?;
    let tally = visitors.tally();
    tell.line(&format!("well again after {:.2} s, as process {new}", began.elapsed().as_secs_f64()));
    tell.line(&format!(
        "requests meanwhile: {} served, {} failed, the slowest took {} ms",
        tally.served, tally.failed, tally.slowest_ms
    ));
    Ok(())
}

fn shown(pid: Option<u32>) -> String {
    pid.map_or_else(|| "?".to_owned(), |pid| pid.to_string())
}
