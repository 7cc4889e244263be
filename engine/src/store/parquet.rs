//! Reads histories that are kept as Parquet: wide or long, one row group at a time.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;

use hebe_collectors::history::table::names;
use hebe_collectors::history::{Builder, ColumnKey, HistoryError, Kind, Merge, Note, Options, Unit};

use polars::prelude::*;

/// Why a Parquet file gave nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParquetError {
    /// It is no Parquet, or broken.
    #[error("cannot read `{path}` as Parquet")]
    Read {
        /// The file.
        path: String,
        /// What the reader says.
        source: Box<PolarsError>,
    },
    /// It cannot be opened, or its columns are not those of a history.
    #[error(transparent)]
    History(#[from] HistoryError),
}

/// What each column of a file is for.
#[derive(Debug, Default)]
struct Roles {
    time: String,
    /// Milliseconds in one unit of an integer or floating time column; 1 for dates, which polars casts itself.
    per_unit: f64,
    labels: Vec<String>,
    values: Vec<String>,
}

/// Pushes the samples of the file at `path` into `out`.
///
/// # Errors
///
/// The file cannot be opened, is no Parquet, or has no column of times or none of numbers.
pub fn read_parquet(path: &Path, options: &Options, out: &mut Builder) -> Result<Vec<Note>, ParquetError> {
    let name = path.display().to_string();
    let broken = |source: PolarsError| ParquetError::Read { path: name.clone(), source: Box::new(source) };
    let open = || File::open(path).map_err(|source| HistoryError::Read { path: name.clone(), source });
    let mut reader = ParquetReader::new(open()?);
    #[allow(clippy::redundant_closure_for_method_calls, reason = "the method's type is not exported")]
    let groups: Vec<usize> =
        reader.get_metadata().map_err(broken)?.row_groups.iter().map(|group| group.num_rows()).collect();
    let mut roles = None;
    let mut offset = 0;
    for rows in groups {
        let frame = ParquetReader::new(open()?).with_slice(Some((offset, rows))).finish().map_err(broken)?;
        offset += rows;
        if roles.is_none() {
            roles = Some(Roles::of(&frame, options, &name)?);
        }
        if let Some(roles) = &roles {
            push(&frame, roles, options, out).map_err(broken)?;
        }
    }
    Ok(notes(roles.as_ref(), &name, options))
}

fn notes(roles: Option<&Roles>, name: &str, options: &Options) -> Vec<Note> {
    let note = |text: String| Note { source: name.to_owned(), text };
    match roles {
        None => vec![note("holds no rows".to_owned())],
        Some(_) if !options.series.is_empty() => {
            let series = options.series.join(", ");
            vec![note(format!("rows of one time and one {series} are added up"))]
        }
        Some(_) => Vec::new(),
    }
}

impl Roles {
    fn of(frame: &DataFrame, options: &Options, path: &str) -> Result<Self, HistoryError> {
        let names: Vec<String> =
            frame.get_column_names().iter().map(|name| name.as_str().to_owned()).collect();
        let columns = || names::shortened(&names);
        let wanted = options.series.iter().chain(&options.values).chain(&options.limit_column);
        if let Some(column) = wanted.chain(&options.time_column).find(|wanted| !names.contains(wanted)) {
            return Err(HistoryError::NoColumn {
                path: path.to_owned(),
                column: column.clone(),
                columns: columns(),
            });
        }
        let dtype = |name: &str| frame.column(name).map(|column| column.dtype().clone()).ok();
        let dated = |name: &&String| matches!(dtype(name), Some(DataType::Datetime(..) | DataType::Date));
        let counted = |name: &&String| {
            names::is_time(name) && dtype(name).is_some_and(|dtype| dtype.is_primitive_numeric())
        };
        let time = options
            .time_column
            .as_ref()
            .or_else(|| names.iter().find(dated))
            .or_else(|| names.iter().find(counted))
            .ok_or_else(|| HistoryError::NoTime { path: path.to_owned(), columns: columns() })?
            .clone();
        let others = || names.iter().filter(|name| **name != time);
        let text =
            |name: &&String| dtype(name).is_some_and(|d| d.is_string() || d.is_categorical() || d.is_enum());
        let number = |name: &&String| dtype(name).is_some_and(|d| d.is_primitive_numeric());
        let labels: Vec<String> = match options.series.as_slice() {
            [] => others().filter(text).cloned().collect(),
            chosen => chosen.to_vec(),
        };
        let mut values: Vec<String> = match options.values.as_slice() {
            [] => others().filter(number).filter(|name| !labels.contains(name)).cloned().collect(),
            chosen => chosen.to_vec(),
        };
        values.extend(
            options.limit_column.iter().filter(|limit| !values.contains(limit)).cloned().collect::<Vec<_>>(),
        );
        if values.is_empty() {
            return Err(HistoryError::NoNumbers { path: path.to_owned(), columns: columns() });
        }
        let per_unit = per_unit(frame, &time);
        Ok(Self { time, per_unit, labels, values })
    }
}

/// Milliseconds in one unit of the time column: by type, or by the magnitude of its first value.
fn per_unit(frame: &DataFrame, time: &str) -> f64 {
    let first = frame
        .column(time)
        .ok()
        .filter(|column| column.dtype().is_primitive_numeric())
        .and_then(|column| column.cast(&DataType::Float64).ok())
        .and_then(|column| column.f64().ok().and_then(|values| values.iter().flatten().next()));
    match first.map(f64::abs) {
        None => 1.0,
        Some(t) if t < 1e11 => 1e3,
        Some(t) if t < 1e14 => 1.0,
        Some(t) if t < 1e17 => 1e-3,
        Some(_) => 1e-6,
    }
}

/// Pushes one row group.
fn push(frame: &DataFrame, roles: &Roles, options: &Options, out: &mut Builder) -> PolarsResult<()> {
    let times = times(frame, roles)?;
    let labels: Vec<StringChunked> = roles
        .labels
        .iter()
        .map(|name| frame.column(name)?.cast(&DataType::String)?.str().cloned())
        .collect::<PolarsResult<_>>()?;
    let (keys, of_row) = keys(&labels, times.len());
    let merge = if options.series.is_empty() { Merge::Last } else { Merge::Sum };
    for value in &roles.values {
        let ids: Vec<usize> = keys
            .iter()
            .map(|key| {
                out.column(
                    &key_of(value, &roles.labels, key, roles.values.len() == 1),
                    Unit::Unknown,
                    Kind::Gauge,
                    merge,
                )
            })
            .collect();
        let column = frame.column(value)?.cast(&DataType::Float64)?;
        for (row, sample) in column.f64()?.iter().enumerate() {
            if let (Some(t_ms), Some(sample)) = (times[row], sample) {
                out.push(ids[of_row[row] as usize], t_ms, sample);
            }
        }
    }
    Ok(())
}

/// Times in milliseconds since 1970 UTC.
fn times(frame: &DataFrame, roles: &Roles) -> PolarsResult<Vec<Option<i64>>> {
    let column = frame.column(&roles.time)?;
    if column.dtype().is_primitive_numeric() {
        let column = column.cast(&DataType::Float64)?;
        #[allow(clippy::cast_possible_truncation, reason = "saturates; such times are no dates")]
        let t_ms = |t: f64| (t * roles.per_unit).round() as i64;
        return Ok(column.f64()?.iter().map(|t| t.filter(|t| t.is_finite()).map(t_ms)).collect());
    }
    let column = column.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?;
    let column = column.cast(&DataType::Int64)?;
    Ok(column.i64()?.iter().collect())
}

/// The distinct label values, and which of them each row has.
fn keys(labels: &[StringChunked], rows: usize) -> (Vec<Vec<String>>, Vec<u32>) {
    if labels.is_empty() {
        return (vec![Vec::new()], vec![0; rows]);
    }
    let mut keys: Vec<Vec<String>> = Vec::new();
    let mut ids: HashMap<Vec<String>, u32> = HashMap::new();
    let mut of_row = Vec::with_capacity(rows);
    let mut iterators: Vec<_> = labels.iter().map(ChunkedArray::iter).collect();
    let mut last: Option<u32> = None;
    for _ in 0..rows {
        let cells: Vec<&str> =
            iterators.iter_mut().map(|column| column.next().flatten().unwrap_or_default()).collect();
        // Files are mostly sorted by series: the row before has the same key.
        let repeated =
            last.filter(|&id| keys[id as usize].iter().map(String::as_str).eq(cells.iter().copied()));
        let id = repeated.unwrap_or_else(|| {
            let key: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
            *ids.entry(key).or_insert_with_key(|key| {
                keys.push(key.clone());
                u32::try_from(keys.len() - 1).unwrap_or(u32::MAX)
            })
        });
        last = Some(id);
        of_row.push(id);
    }
    (keys, of_row)
}

/// The key of one series of one value column; where that column is `alone`, a label may name the metric.
fn key_of(value: &str, labels: &[String], cells: &[String], alone: bool) -> ColumnKey {
    let mut key = ColumnKey { metric: value.to_owned(), ..ColumnKey::default() };
    for (name, cell) in labels.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        if alone && key.metric == value && names::metric_rank(name).is_some() {
            key.metric.clone_from(cell);
        } else if key.host.is_empty() && names::host_rank(name).is_some() {
            key.host.clone_from(cell);
        } else {
            key.labels.push((name.clone(), cell.clone()));
        }
    }
    key
}
