//! The `hebe` command: what the user typed, done, and the exit code.
#![allow(
    clippy::disallowed_methods,
    reason = "the binary reads the clock, the environment and starts processes"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the program that speaks")]

mod analyze;
mod ask;
mod backtest;
mod check;
mod child;
mod cli;
mod conditions;
mod config;
mod daemon;
mod demo;
mod evidence;
mod explain;
mod export;
mod gate;
mod home;
mod map;
mod marks;
mod notify;
mod output;
mod probe;
mod read;
mod report;
mod restart;
mod restarter;
mod run;
mod settings;
mod shelf;
mod silence;
mod systemd;
mod watchdog;
mod web;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

/// Done. Findings never change the exit code.
const DONE: u8 = 0;
/// Nothing could be read or written. (Two, a wrong command line, is clap's.)
const FAILED: u8 = 1;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return gate::mistyped(&error).unwrap_or_else(|| error.exit()),
    };
    let done = match cli.command {
        None => home::home(),
        Some(Command::Analyze(args)) => analyze::analyze(&args),
        Some(Command::Backtest(args)) => backtest::backtest_command(&args),
        Some(Command::Check(args)) => return check::check(&args),
        Some(Command::Explain(args)) => explain::explain(&args),
        Some(Command::Mark(args)) => marks::mark(&args),
        Some(Command::Gate(args)) => return gate::gate(&args),
        Some(Command::Report(args)) => report::report(&args),
        Some(Command::Daemon(args)) if args.print_unit => output::print(&daemon::unit(&output::program())),
        Some(Command::Daemon(args)) => daemon::daemon(&args),
        Some(Command::Export(args)) => export::export(&args),
        Some(Command::Map(args)) => map::map(&args),
        Some(Command::Silence(args)) => silence::silence(&args),
        Some(Command::Restarter(args)) => restarter::restarter(&args),
        Some(Command::Spawn(args)) => restarter::spawn(&args),
        Some(Command::Chore { daemon }) => daemon::obey(daemon),
        Some(Command::Plan(args)) => restart::plans(&args),
        Some(Command::Restart(args)) => restart::restart(&args),
        Some(Command::Hold(args)) => restart::hold(&args),
        Some(Command::Audit(args)) => restart::audit(&args),
        Some(Command::Demo(args)) => demo::demo(&args),
        Some(Command::Stage(args)) => demo::stage(&args),
        Some(Command::Config(args)) => settings::settings(&args.verb),
    };
    match done {
        Ok(()) => DONE.into(),
        Err(error) if output::is_broken_pipe(&error) => DONE.into(),
        Err(error) => {
            eprintln!("hebe: {error:#}");
            FAILED.into()
        }
    }
}
