//! The programs of the demonstration: a Re/Starter and a daemon, as children that end with it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::cast::{INSTANCES, Scene};
use super::until;
use crate::output;
use crate::restarter::Client;

/// Children have so long to end.
const END: Duration = Duration::from_secs(10);
/// An answer of the page is waited for so long.
const ANSWER: Duration = Duration::from_secs(5);

/// The children, and how to ask them.
#[derive(Debug)]
pub(super) struct Players {
    children: Vec<Child>,
    address: String,
    client: Client,
    dir: std::path::PathBuf,
    config: std::path::PathBuf,
    agent: ureq::Agent,
}

/// Whether somebody has pressed Ctrl-C.
pub(super) fn interrupted() -> bool {
    static PRESSED: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    let pressed = PRESSED.get_or_init(|| {
        let pressed = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // Without a handler the signal ends us at once, and the children with their session.
            let _ = signal_hook::flag::register(signal, Arc::clone(&pressed));
        }
        pressed
    });
    pressed.load(Ordering::Relaxed)
}

impl Players {
    /// Starts both, and waits until the instances are ready and the page is there.
    pub(super) fn start(scene: &Scene) -> Result<Self> {
        interrupted();
        let (dir, config) = (scene.dir.clone(), scene.path("hebe.toml"));
        let client = Client::here(&dir);
        let agent = ureq::Agent::config_builder().timeout_global(Some(ANSWER)).build().new_agent();
        let mut players = Self { children: Vec::new(), address: String::new(), client, dir, config, agent };
        let map = scene.path("map.toml");
        players.run(&["restarter", "--listen", "", "--map", &map.display().to_string()], Stdio::null())?;
        until("the instances", || {
            let all = INSTANCES.iter().all(|(name, _)| players.pid(name).is_some());
            all.then_some(())
        })?;
        players.run(&["daemon", "--listen", "127.0.0.1:0"], Stdio::piped())?;
        players.address = page(players.children.last_mut().context("the daemon")?)?;
        Ok(players)
    }

    fn run(&mut self, words: &[&str], said: Stdio) -> Result<()> {
        let mut command = Command::new(output::program());
        command.args(words).arg("--config").arg(&self.config).arg("--store").arg(&self.dir);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn();
        self.children.push(child.with_context(|| format!("cannot start hebe {}", words[0]))?);
        Ok(())
    }

    /// Where the page is.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The row of a node's descriptors.
    pub(super) fn row(&self, node: &str) -> Option<Value> {
        let url = format!("http://{}/api/v1/rows", self.address);
        let text = self.agent.get(&url).call().ok()?.into_body().read_to_string().ok()?;
        let rows: Vec<Value> = serde_json::from_str(&text).ok()?;
        rows.into_iter().find(|row| row["resource"] == "process.fds" && row["scope"] == node)
    }

    /// Descriptors that a node uses.
    pub(super) fn used(&self, node: &str) -> Option<f64> {
        self.row(node)?["used"].as_f64()
    }

    /// The process of a node.
    pub(super) fn pid(&self, node: &str) -> Option<u32> {
        let report = self.client.state(node).ok()?;
        let running = report.phase == hebe::restart::protocol::Phase::Running;
        report.pid.filter(|_| running).map(|pid| pid.pid)
    }

    /// Events of the daemon so far.
    fn log(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.dir.join("notify/events.jsonl")).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// How many events there are.
    pub(super) fn events(&self) -> usize {
        self.log().len()
    }

    /// The first event from number `from` on that fits.
    pub(super) fn action(&self, from: usize, fits: impl Fn(&Value) -> bool) -> Option<Value> {
        self.log().into_iter().skip(from).find(|event| fits(event))
    }

    /// What `hebe plan NODE` prints.
    pub(super) fn plan(&self, node: &str) -> Result<String> {
        let mut command = Command::new(output::program());
        command.args(["plan", node]).arg("--config").arg(&self.config).arg("--store").arg(&self.dir);
        let printed = command.stdin(Stdio::null()).output().context("hebe plan")?;
        if !printed.status.success() {
            bail!("hebe plan: {}", String::from_utf8_lossy(&printed.stderr).trim_end());
        }
        Ok(String::from_utf8_lossy(&printed.stdout).into_owned())
    }

    /// Ends a child, kindly first.
    fn end(child: &mut Child) {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let asked = pid.map(|pid| kill_process(pid, Signal::TERM));
        let began = Instant::now();
        while asked.is_some() && began.elapsed() < END {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = child.kill();
        let _ = child.wait();
    }
}

impl Drop for Players {
    fn drop(&mut self) {
        // The daemon first: it would take the end of the services for a failure.
        while let Some(mut child) = self.children.pop() {
            Self::end(&mut child);
        }
    }
}

/// The address of the daemon's page, as it says it.
fn page(daemon: &mut Child) -> Result<String> {
    let mut said = BufReader::new(daemon.stderr.take().context("the daemon's words")?);
    let mut line = String::new();
    while !line.contains("page: http://") {
        line.clear();
        if said.read_line(&mut line)? == 0 {
            bail!("the daemon ended at its start");
        }
    }
    let address =
        line.split("http://").nth(1).unwrap_or_default().trim_end().trim_end_matches('/').to_owned();
    // Whatever else it says is read, so that it never waits for us.
    thread::spawn(move || said.read_to_string(&mut String::new()));
    Ok(address)
}

/// Until Ctrl-C.
pub(super) fn wait() {
    while !interrupted() {
        thread::sleep(Duration::from_millis(200));
    }
}

/// Stops a process as a debugger would: it hangs.
pub(super) fn stop_process(pid: u32) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process")?;
    kill_process(pid, Signal::STOP).context("cannot stop the process")
}
