//! Signatures that are kept in a file.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use hebe::evidence::Signature;

/// Signatures that are kept at most.
const MOST: usize = 100;

/// What the file knows with what was found now, which replaces what was known of the same series.
pub(super) fn kept(path: &Path, found: Vec<Signature>) -> Result<Vec<Signature>> {
    let shown = path.display();
    let mut known: Vec<Signature> = match fs::read(path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).with_context(|| format!("`{shown}` holds no signatures"))?
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read `{shown}`")),
    };
    known.retain(|signature| !found.iter().any(|new| new.name == signature.name));
    known.splice(0..0, found);
    known.truncate(MOST);
    crate::notify::files::replace(path, &serde_json::to_vec_pretty(&known)?)
        .with_context(|| format!("cannot write `{shown}`"))?;
    Ok(known)
}
