//! Columnar files, the only home of polars: foreign Parquet is read here, and the samples of a daemon are kept here.
//!
//! A store is a folder: a write-ahead file that is durable tick by tick, immutable Parquet segments with every sample,
//! a tier of block medians beside them, and a table of series. `FORMAT.md` has the layout.
//! What lives here has no clock and no thread: time is an argument, and work that takes long is handed out.

mod append;
mod blocks;
mod chore;
mod compact;
mod entry;
mod error;
mod files;
mod frame;
mod hot;
mod import;
mod keep;
mod known;
mod lock;
mod meta;
mod options;
mod parquet;
mod recall;
mod replay;
mod rows;
mod runs;
mod seal;
mod segment;
mod shelf;
#[allow(clippy::module_inception, reason = "the store's own file")]
mod store;
mod table;
#[cfg(test)]
mod tests;
mod tick;
mod track;
mod view;
mod wake;
mod wal;

pub use chore::{Chore, Done, obey};
pub use error::StoreError;
pub use import::Imported;
pub use lock::owner;
pub use meta::{Meta, SeriesId};
pub use options::Options;
pub use parquet::{ParquetError, read_parquet};
pub use recall::Recalled;
pub use shelf::SetAside;
pub use store::Store;
pub use tick::{Appended, Reading, Tick};
pub use view::View;
