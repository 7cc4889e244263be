//! The series table: `series/series-NUMBER-SUM.parquet`, written anew whenever a segment is sealed; the highest number
//! counts, and the CRC-32 of the whole file is in its name.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::files;
use super::meta::{Meta, SeriesId, sense_of, sense_word, unit_of};
use super::segment::VERSION;

/// One series: its number, what it is, and the time of its newest sample in a segment (`i64::MIN`: none).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) id: SeriesId,
    pub(super) meta: Meta,
    pub(super) last_ms: i64,
}

/// Key of the layout's version in the footer.
const KEY: &str = "hebe.version";

/// The folder of the tables.
pub(super) const FOLDER: &str = "series";

fn path(dir: &Path, number: u32, sum: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("series-{number:09}-{sum:08x}.parquet"))
}

/// The number and the checksum of a table, by its name.
pub(super) fn name(path: &Path) -> Option<(u32, u32)> {
    let (number, sum) =
        path.file_name()?.to_str()?.strip_prefix("series-")?.strip_suffix(".parquet")?.split_once('-')?;
    Some((number.parse().ok()?, u32::from_str_radix(sum, 16).ok()?))
}

/// Writes the table of that number; it is on the disk when this returns.
///
/// # Errors
///
/// It cannot be written; the one before is still there.
pub(super) fn write(dir: &Path, number: u32, rows: &[Row]) -> Result<(), StoreError> {
    let temporary = dir.join(FOLDER).join("series.tmp");
    let mut bytes = Vec::new();
    frame(rows)
        .and_then(|mut frame| {
            let version = vec![(KEY.to_owned(), VERSION.to_string())];
            ParquetWriter::new(&mut bytes)
                .with_key_value_metadata(Some(KeyValueMetadata::from_static(version)))
                .finish(&mut frame)
        })
        .map_err(StoreError::parquet("write", &temporary))?;
    files::write(&temporary, &bytes)?;
    files::rename(&temporary, &path(dir, number, crc32fast::hash(&bytes)))?;
    for (older, _) in files::list(&dir.join(FOLDER))? {
        if name(&older).is_some_and(|(other, _)| other < number) {
            files::remove(&older)?;
        }
    }
    Ok(())
}

fn frame(rows: &[Row]) -> PolarsResult<DataFrame> {
    let text = |name: &str, of: fn(&Row) -> &str| {
        StringChunked::from_iter_values(name.into(), rows.iter().map(of)).into_column()
    };
    let units: Vec<String> = rows.iter().map(|row| row.meta.unit.to_string()).collect();
    let last: Int64Chunked =
        rows.iter().map(|row| (row.last_ms != i64::MIN).then_some(row.last_ms)).collect();
    let last = last.with_name("last".into()).into_column();
    let columns = vec![
        Column::new("id".into(), rows.iter().map(|row| row.id.0).collect::<Vec<_>>()),
        text("series", |row| &row.meta.name),
        text("resource", |row| &row.meta.resource),
        text("scope", |row| &row.meta.scope),
        text("host", |row| &row.meta.host),
        Column::new("unit".into(), units),
        text("sense", |row| sense_word(row.meta.sense)),
        text("limit_owner", |row| &row.meta.limit_owner),
        text("source", |row| &row.meta.source),
        last.cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?,
    ];
    DataFrame::new(rows.len(), columns)
}

/// Reads a table.
///
/// # Errors
///
/// It cannot be read, is damaged, or is of a later version.
pub(super) fn read(path: &Path, sum: u32) -> Result<Vec<Row>, StoreError> {
    let bytes = fs::read(path).map_err(StoreError::io("read", path))?;
    if crc32fast::hash(&bytes) != sum {
        return Err(StoreError::damaged(path, "it has another checksum than its name"));
    }
    let mut reader = ParquetReader::new(std::io::Cursor::new(bytes));
    let failed = || StoreError::parquet("read", path);
    let metadata = reader.get_metadata().map_err(failed())?.clone();
    let version = metadata.key_value_metadata.iter().flatten().find(|pair| pair.key == KEY);
    let version = version.and_then(|pair| pair.value.as_ref()?.parse().ok()).unwrap_or(0);
    if VERSION < version {
        return Err(StoreError::Version { path: path.to_path_buf(), found: version, known: VERSION });
    }
    reader.finish().and_then(|frame| self::rows(&frame)).map_err(failed())
}

fn rows(frame: &DataFrame) -> PolarsResult<Vec<Row>> {
    let ids = frame.column("id")?.u32()?;
    let last = frame.column("last")?.datetime()?.physical();
    let text = |name: &str| -> PolarsResult<Vec<String>> {
        let cells = frame.column(name)?.str()?.iter();
        Ok(cells.map(|cell| cell.unwrap_or_default().to_owned()).collect())
    };
    let mut names = text("series")?.into_iter();
    let mut resources = text("resource")?.into_iter();
    let mut scopes = text("scope")?.into_iter();
    let mut hosts = text("host")?.into_iter();
    let mut units = text("unit")?.into_iter();
    let mut senses = text("sense")?.into_iter();
    let mut owners = text("limit_owner")?.into_iter();
    let mut sources = text("source")?.into_iter();
    let next = |cells: &mut std::vec::IntoIter<String>| cells.next().unwrap_or_default();
    Ok(ids
        .iter()
        .zip(last.iter())
        .filter_map(|(id, last)| Some((id?, last)))
        .map(|(id, last)| Row {
            id: SeriesId(id),
            meta: Meta {
                name: next(&mut names),
                resource: next(&mut resources),
                scope: next(&mut scopes),
                host: next(&mut hosts),
                unit: unit_of(&next(&mut units)),
                sense: sense_of(&next(&mut senses)),
                limit_owner: next(&mut owners),
                source: next(&mut sources),
            },
            last_ms: last.unwrap_or(i64::MIN),
        })
        .collect())
}
