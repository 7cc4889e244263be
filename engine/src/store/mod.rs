//! Columnar files: the only home of polars.

mod parquet;

pub use parquet::{ParquetError, read_parquet};
