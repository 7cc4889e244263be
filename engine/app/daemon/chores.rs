//! The store's long work, on a thread of its own.

use std::sync::mpsc::Sender;
use std::thread;

use hebe::store::{Done, Store, StoreError};

use super::Event;

/// Starts a piece of work, if one is due.
pub(super) fn start(store: &mut Store, sender: &Sender<Event>) {
    let Some(chore) = store.chore() else { return };
    let sender = sender.clone();
    let work = move || {
        // Where the loop is gone, nobody is left to hear.
        let _ = sender.send(Event::Chore(chore.run()));
    };
    // Without a thread for it, the chore is offered again.
    let _ = thread::Builder::new().name("store".to_owned()).spawn(work);
}

/// Takes over what a chore has done.
pub(super) fn finish(store: &mut Store, done: Result<Done, StoreError>) -> Result<(), StoreError> {
    store.adopt(done?)
}
