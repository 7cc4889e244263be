//! The Re/Starter: starts the processes of a map, keeps them, and tells who they are. One a host.
//!
//! It decides nothing beyond one process: which nodes restart together, and when, is the oracle's and the executor's.

mod cgroup;
mod client;
mod command;
mod doors;
mod group;
mod keeper;
mod key;
mod orders;
mod peer;
mod process;
mod readiness;
mod records;
mod report;
#[cfg(test)]
mod reuse;
mod service;
mod session;
mod settings;
mod signals;
mod sink;
mod spawn;
mod speech;
mod vitals;
mod words;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hebe::restart::map::{Kind, Map, Node, NodeId};

use crate::output;

pub(crate) use client::{Acted, Client, ClientError};
pub(crate) use command::{Restarter, restarter};
pub(crate) use process::is_here;
pub(crate) use settings::Settings;
pub(crate) use spawn::{Spawn, spawn};

use keeper::{Aim, Ears, Keeper};
use service::{Service, Shared};

/// The folder of the Re/Starter in the state folder of the configuration.
pub(crate) fn folder(state_dir: &Path) -> PathBuf {
    state_dir.join("restarter")
}

/// Its Unix socket.
pub(crate) fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

/// Runs until it is told to end.
fn keep(map: &Map, settings: &Settings, state_dir: &Path) -> Result<()> {
    let folder = folder(state_dir);
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(&folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
    let _lock = lock(&folder)?;
    // Who is left without its parent comes to us.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
        .context("cannot take in orphans")?;
    let key = settings.key_file.as_deref().map(key::Key::read).transpose()?;
    let tcp = Some(settings.listen.as_str()).filter(|address| !address.is_empty());
    let tcp = tcp.map(|address| doors::tcp(address, key.is_some())).transpose()?;
    let (readiness, waited, bell) = readiness::Waits::new()?;
    let shared = shared(&folder, settings, readiness)?;
    let ears = Ears {
        signals: signals::Signals::listen()?,
        waited,
        bell,
        unix: doors::unix(&socket(&folder))?,
        tcp,
        speech: speech::Speech::bind(&shared.notify)?,
    };
    let services = services(map, &shared)?;
    say(&services, &shared, &folder, ears.tcp.as_ref().and_then(|tcp| tcp.local_addr().ok()));
    let mut keeper = Keeper::new(shared, services, key, ears);
    keeper.run()?;
    end(&mut keeper)
}

fn shared(folder: &Path, settings: &Settings, readiness: readiness::Waits) -> Result<Shared> {
    let token = token(&folder.join("token"))?;
    let place = settings.cgroups.then(|| cgroup::Place::find(&token)).flatten();
    let booted = process::uptime().context("cannot read `/proc/uptime`")?;
    Ok(Shared {
        place,
        token,
        records: records::Records::open(&folder.join("nodes"))?,
        notify: folder.join("notify"),
        readiness,
        log_limit: settings.log_limit,
        abort: settings.abort.and_then(|s| Duration::try_from_secs_f64(s).ok()),
        booted,
        began: Instant::now(),
    })
}

fn services(map: &Map, shared: &Shared) -> Result<Vec<Service>> {
    let mut services = Vec::new();
    for (i, node) in map.nodes.iter().enumerate() {
        if let Kind::Process(command) = &node.kind {
            let mut service = Service::new(NodeId(i), node, command, shared)?;
            service.needs = before(map, NodeId(i), |node| &node.needs);
            service.after = before(map, NodeId(i), |node| &node.after);
            services.push(service);
        }
    }
    if services.is_empty() {
        bail!("the map has no process to keep; give a node `process = [\"PROGRAM\", \"ARGUMENT\"]`");
    }
    for node in shared.records.nodes() {
        let known = services.iter().any(|service| service.node.name == node);
        if let (false, Ok(Some(record))) = (known, shared.records.read(&node)) {
            stranded(&record, shared);
        }
    }
    Ok(services)
}

/// The processes below what a node, or a node above it, names.
fn before(map: &Map, id: NodeId, names: impl Fn(&Node) -> &Vec<NodeId>) -> Vec<NodeId> {
    let own = std::iter::once(id).chain(map.ancestors(id));
    let named = own.flat_map(|id| names(map.node(id)).iter().copied());
    let mut below: Vec<NodeId> = named.flat_map(|id| map.subtree(id)).collect();
    below.sort_unstable();
    below.dedup();
    below.retain(|&other| other != id);
    below
}

/// A process of an earlier map: it is left alone, and said to be there.
fn stranded(record: &records::Record, shared: &Shared) {
    let lives = record.pid.as_ref().and_then(|pid| process::Process::find(pid).ok().flatten());
    match lives {
        Some(process) => output::note(&format!(
            "hebe: `{}` is no longer in the map, but runs as process {}; it is left alone",
            record.node,
            process.pid()
        )),
        None => shared.records.remove(&record.node),
    }
}

/// What tells processes of this folder from those of another Re/Starter, for as long as the folder lives.
fn token(path: &Path) -> Result<String> {
    let usable = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Ok(text) = fs::read_to_string(path)
        && usable(text.trim())
    {
        return Ok(text.trim().to_owned());
    }
    let token: String = key::number()?.chars().take(12).collect();
    output::write(path, &token)?;
    Ok(token)
}

/// One Re/Starter a folder.
/// A lock that is held for longer than this is another Re/Starter's.
const LOCKED: Duration = Duration::from_secs(2);

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("LOCK");
    let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = open.with_context(|| format!("cannot open `{}`", path.display()))?;
    // A copy that was on its way when the last Re/Starter was killed holds the lock until it becomes a program.
    let began = Instant::now();
    while file.try_lock().is_err() {
        if LOCKED < began.elapsed() {
            bail!("another Re/Starter has `{}`", folder.display());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // A full disk is no reason not to start: the lock holds without a number in it.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

fn say(services: &[Service], shared: &Shared, folder: &Path, tcp: Option<std::net::SocketAddr>) {
    let adopted = services.iter().filter(|service| service.main.is_some()).count();
    let held = if shared.place.is_some() { "cgroups" } else { "sessions" };
    let listens = tcp.map_or_else(String::new, |address| format!(" and {address}"));
    output::note(&format!(
        "hebe: keeps {} processes ({adopted} found running) in {held}; listens on {}{listens}",
        services.len(),
        socket(folder).display()
    ));
}

/// The last words.
fn end(keeper: &mut Keeper) -> Result<()> {
    for service in &mut keeper.services {
        service.write(&keeper.shared);
    }
    if keeper.aim == Aim::Leave {
        output::note("hebe: ends; its processes go on");
        return Ok(());
    }
    let left: Vec<&str> =
        keeper.services.iter().filter(|it| it.holds()).map(|it| it.node.name.as_str()).collect();
    for service in &keeper.services {
        service.group.remove();
    }
    if let Some(place) = &keeper.shared.place {
        place.remove();
    }
    if left.is_empty() { Ok(()) } else { bail!("could not be stopped: {}", left.join(", ")) }
}
