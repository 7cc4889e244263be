//! The store's long work, by a process of its own: what it needs in memory, which is more than all the rest of the
//! daemon, goes with it.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;

use anyhow::{Context as _, Result, bail};
use hebe::store::{self, Chore, Done, Store, StoreError};
use rustix::process::{Signal, getppid, nice, set_parent_process_death_signal};

use super::Event;
use crate::output;

/// So much kinder than others to the processor.
const NICE: i32 = 10;

/// Starts a piece of work, if one is due.
pub(super) fn start(store: &mut Store, sender: &Sender<Event>) {
    let Some(chore) = store.chore() else { return };
    let sender = sender.clone();
    let work = move || {
        // Where the loop is gone, nobody is left to hear.
        let _ = sender.send(Event::Chore(run(chore)));
    };
    // Without a thread for it, the chore is offered again.
    let _ = thread::Builder::new().name("store".to_owned()).spawn(work);
}

/// Takes over what a chore has done.
pub(super) fn finish(store: &mut Store, done: Result<Done, StoreError>) -> Result<(), StoreError> {
    store.adopt(done?)
}

/// Has it done, and waits for it.
fn run(chore: Chore) -> Result<Done, StoreError> {
    match ordered(&chore) {
        Ok(told) => chore.obeyed(&told),
        Err(error) => Err(chore.broke(format!("{error:#}"))),
    }
}

fn ordered(chore: &Chore) -> Result<String> {
    let order = chore.order()?;
    // The same program even where the file was replaced meanwhile.
    let mut command = Command::new("/proc/self/exe");
    command.args(["__chore", &std::process::id().to_string()]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("no process for it")?;
    let mut stdin = child.stdin.take().context("no line to its process")?;
    // What cannot be told is told by how the process ends.
    let _ = stdin.write_all(order.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().context("its process")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).context("its process told something else")
}

/// `hebe __chore`: does what it reads, for a daemon of this number, and ends with it.
pub(crate) fn obey(daemon: i32) -> Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL)).context("cannot be tied to the daemon")?;
    // It may have ended before that.
    if getppid().is_none_or(|parent| parent.as_raw_nonzero().get() != daemon) {
        bail!("the daemon is gone");
    }
    let _ = nice(NICE);
    let order = std::io::read_to_string(std::io::stdin()).context("the order")?;
    output::print(&store::obey(&order)?)
}
