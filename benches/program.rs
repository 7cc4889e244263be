//! The program that is measured: `$HEBE_PROGRAM`, such as a release build, or the one that was built with the bench.

use std::path::PathBuf;

pub(crate) fn hebe() -> PathBuf {
    std::env::var_os("HEBE_PROGRAM").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_hebe")), PathBuf::from)
}
