//! Rows to a polars frame and back.

use polars::prelude::*;

use super::super::rows::Rows;
use super::name::Kind;

/// Columns of numbers, in the order of the file.
pub(super) fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Raw => &["time", "used", "limit"],
        Kind::Tier => &["time", "used", "limit", "used_min", "used_max", "samples"],
    }
}

/// A frame of rows whose series' names are given with how many rows each has.
pub(super) fn of(rows: Rows, kind: Kind, names: &[(String, usize)]) -> PolarsResult<DataFrame> {
    let height = rows.len();
    let mut columns = vec![repeated(names, height)?.into_column()];
    columns.push(times(rows.t_ms)?);
    columns.push(Column::new("used".into(), rows.used));
    columns.push(limits(&rows.limit));
    if kind == Kind::Tier {
        columns.push(Column::new("used_min".into(), rows.min));
        columns.push(Column::new("used_max".into(), rows.max));
        columns.push(Column::new("samples".into(), rows.samples));
    }
    DataFrame::new(height, columns)
}

/// Each name as often as it has rows; the text itself is held once.
fn repeated(names: &[(String, usize)], height: usize) -> PolarsResult<StringChunked> {
    let distinct = StringChunked::from_iter_values("series".into(), names.iter().map(|name| name.0.as_str()));
    let mut rows: Vec<IdxSize> = Vec::with_capacity(height);
    for (k, &(_, count)) in (0..).zip(names) {
        rows.extend(std::iter::repeat_n(k, count));
    }
    distinct.take(&IdxCa::from_vec("".into(), rows))
}

fn times(t_ms: Vec<i64>) -> PolarsResult<Column> {
    Column::new("time".into(), t_ms).cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
}

fn limits(limit: &[f64]) -> Column {
    let limits: Float64Chunked = limit.iter().map(|limit| (!limit.is_nan()).then_some(*limit)).collect();
    limits.with_name("limit".into()).into_column()
}

/// The rows of a frame that has some of the columns.
pub(super) fn rows(frame: &DataFrame) -> PolarsResult<Rows> {
    let has = |name: &str| frame.schema().contains(name);
    let floats = |name: &str| -> PolarsResult<Vec<f64>> {
        if !has(name) {
            return Ok(Vec::new());
        }
        let column = frame.column(name)?.f64()?;
        Ok(match column.cont_slice() {
            Ok(values) => values.to_vec(),
            Err(_) => column.iter().map(|value| value.unwrap_or(f64::NAN)).collect(),
        })
    };
    let samples = if has("samples") {
        frame.column("samples")?.u32()?.iter().map(Option::unwrap_or_default).collect()
    } else {
        Vec::new()
    };
    Ok(Rows {
        t_ms: integers(frame.column("time")?)?,
        used: floats("used")?,
        limit: floats("limit")?,
        min: floats("used_min")?,
        max: floats("used_max")?,
        samples,
    })
}

fn integers(column: &Column) -> PolarsResult<Vec<i64>> {
    let column = column.datetime()?.physical();
    Ok(match column.cont_slice() {
        Ok(values) => values.to_vec(),
        Err(_) => column.iter().map(Option::unwrap_or_default).collect(),
    })
}
