//! Immutable Parquet files: writing one, checking one, and reading rows out of it.
//!
//! Which files there are, and which of them count, is told in `shelf`.

mod frame;
mod head;
mod name;
mod read;
mod write;

pub(super) use head::VERSION;
pub(super) use name::{Kind, Name};
pub(super) use read::{Open, Segment};
pub(super) use write::Writer;
