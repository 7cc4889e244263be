//! `hebe` alone: what histories this host keeps, and what to type next.

use anyhow::Result;

use crate::{output, read};

/// Prints what was found and the next command.
pub(crate) fn home() -> Result<()> {
    let text = match read::found() {
        Ok(folders) => format!("Histories on this host: {}\nNext: hebe analyze", folders.join(", ")),
        Err(_) => {
            "No histories found on this host.\nNext: hebe analyze FILE, FOLDER or http://PROMETHEUS:9090"
                .to_owned()
        }
    };
    output::print(&format!("{text}\n      hebe --help"))
}
