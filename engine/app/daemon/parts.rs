//! The thread that takes totals apart which cost too much to be sampled: swap by group, file systems by directory.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use chrono::Utc;
use hebe::watch::{Looked, Wanted};
use hebe_collectors::live::suspect::{Allowance, GroupsHeld, Walk, deleted, swapped};
use hebe_collectors::live::{CollectError, Named, Root};

use super::Event;

/// One look takes so long at most; the watch sees to it that looks are seldom.
const TIME: Duration = Duration::from_secs(20);
/// Entries of a file system: a hundred bytes each are remembered of those with several names.
const ENTRIES: usize = 1_000_000;
/// Looks that wait for their turn.
const WAITING: usize = 16;
/// On Linux a thread has a niceness of its own: whoever serves comes first.
const NICE: i32 = 19;

type Part = (&'static str, String, f64);

/// Asks the thread.
#[derive(Debug)]
pub(super) struct Parts {
    asks: SyncSender<(String, Wanted)>,
    named: Arc<Mutex<Named>>,
}

impl Parts {
    /// Starts the thread, which ends with this; what it finds goes to the loop.
    pub(super) fn start(events: Sender<Event>) -> std::io::Result<Self> {
        let (asks, asked) = mpsc::sync_channel(WAITING);
        let named = Arc::default();
        let names = Arc::clone(&named);
        thread::Builder::new().name("parts".to_owned()).spawn(move || answer_all(&asked, &events, &names))?;
        Ok(Self { asks, named })
    }

    /// Gives processes the names of those who run them.
    pub(super) fn name(&self, named: &Named) {
        let mut known = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != *named {
            known.clone_from(named);
        }
    }

    /// Has something looked at. Where too much waits nothing comes of it, and it is asked for again later.
    pub(super) fn ask(&self, series: String, wanted: Wanted) {
        let _ = self.asks.try_send((series, wanted));
    }
}

fn answer_all(asked: &Receiver<(String, Wanted)>, events: &Sender<Event>, names: &Mutex<Named>) {
    let _ = rustix::process::nice(NICE);
    for (series, wanted) in asked {
        let named = names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let begin = Instant::now();
        let may_go_on = || begin.elapsed() < TIME;
        let allowance = Allowance { may_go_on: &may_go_on, entries: ENTRIES, resident_bytes: 0 };
        let parts = match &wanted {
            Wanted::Swap => swap(&named, &allowance),
            Wanted::Disk { mount } => disk(mount, &named, &allowance),
        };
        let cost_s = begin.elapsed().as_secs_f64();
        let looked = Looked { t_ms: Utc::now().timestamp_millis(), cost_s, parts: parts.ok().flatten() };
        if events.send(Event::Looked { series, looked: Box::new(looked) }).is_err() {
            return;
        }
    }
}

/// What every group has in swap; none where not everybody could be asked in time.
fn swap(named: &Named, allowance: &Allowance<'_>) -> Result<Option<Vec<Part>>, CollectError> {
    let found = swapped(&Root::new("/")?, named, allowance)?;
    Ok((!found.is_cut).then(|| groups("process.swap", found).collect()))
}

/// Directories, and the deleted files that groups keep open; none where the walk was cut short.
fn disk(mount: &str, named: &Named, allowance: &Allowance<'_>) -> Result<Option<Vec<Part>>, CollectError> {
    let root = Root::new("/")?;
    let place = mount.trim_start_matches('/');
    let walk = Walk::of(&root, Path::new(place), i64::MAX, allowance)?;
    if walk.is_cut {
        return Ok(None);
    }
    let top = mount.trim_end_matches('/');
    let directory = |(path, found): (&String, &hebe_collectors::live::suspect::Directory)| {
        ("directory.bytes", format!("{top}/{path}"), found.bytes as f64)
    };
    let mut parts: Vec<Part> = walk.directories.iter().map(directory).collect();
    let held = deleted(&root, place, named, allowance)?;
    parts.extend(groups("deleted.bytes", held));
    Ok(Some(parts))
}

fn groups(resource: &'static str, found: GroupsHeld) -> impl Iterator<Item = Part> {
    found.groups.into_iter().map(move |group| (resource, group.name.to_string(), group.bytes as f64))
}
