//! Merges the segments of a day into one.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::error::StoreError;
use super::meta::SeriesId;
use super::rows::Rows;
use super::seal::{Names, Sheet, batches, name};
use super::segment::Segment;

/// Milliseconds of a day.
pub(super) const DAY_MS: i64 = 86_400_000;
/// Rows merged at once, of 24 bytes each: with fewer, more groups would be decoded more than once.
const BATCH: usize = 1 << 19;
/// Rows beyond which segments are not merged further.
const MOST: usize = 100_000_000;

/// Segments of one day that can be merged: the first run of two or more whose day was over at `newest_ms`.
///
/// Segments follow each other by number, and so do the samples of every series in them.
pub(super) fn due(segments: &[Arc<Segment>], newest_ms: i64) -> Option<&[Arc<Segment>]> {
    let day = |segment: &Segment| segment.from_ms.div_euclid(DAY_MS);
    let within = |segment: &Segment| segment.to_ms.div_euclid(DAY_MS) == day(segment);
    segments
        .chunk_by(|a, b| within(a) && within(b) && day(a) == day(b))
        .find(|run| 1 < run.len() && day(&run[0]) < newest_ms.div_euclid(DAY_MS) && rows(run) <= MOST)
}

fn rows(segments: &[Arc<Segment>]) -> usize {
    segments.iter().map(|segment| segment.runs.rows()).sum()
}

/// Writes one segment with the rows of all these. A damaged group of rows is left out, and named in what is returned.
///
/// # Errors
///
/// A file cannot be read or written; nothing has changed.
pub(super) fn merge(
    dir: &Path,
    segments: &[Arc<Segment>],
    names: &Names,
) -> Result<Vec<StoreError>, StoreError> {
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(Vec::new()) };
    let mut sheet = Sheet::create(dir, first.name.kind)?;
    let mut counts: BTreeMap<SeriesId, usize> = BTreeMap::new();
    for segment in segments {
        segment.runs.iter().for_each(|(id, _, rows)| *counts.entry(id).or_default() += rows);
    }
    let counts: Vec<(SeriesId, usize)> = counts.into_iter().collect();
    let opened: Vec<_> = segments.iter().map(|segment| segment.rows()).collect::<Result<_, _>>()?;
    let mut lost = Vec::new();
    for batch in batches(&counts, BATCH) {
        let (low, high) = (batch[0].0, batch[batch.len() - 1].0);
        let mut merged: HashMap<SeriesId, Rows> =
            batch.iter().map(|&(id, rows)| (id, Rows::with_room(rows))).collect();
        for (segment, rows) in segments.iter().zip(&opened) {
            collect(segment, rows, low..=high, &mut merged, &mut lost)?;
        }
        for (id, _) in batch {
            if let Some(rows) = merged.remove(id) {
                sheet.writer.push(*id, name(names, *id), &rows)?;
            }
        }
    }
    for segment in segments {
        segment.restarts.iter().for_each(|(id, times)| sheet.writer.restarted(*id, times));
    }
    sheet.finish(first.name.first, last.name.last)?;
    Ok(lost)
}

/// Appends the rows of series in a range of ids.
fn collect(
    segment: &Segment,
    rows: &super::segment::Open<'_>,
    ids: std::ops::RangeInclusive<SeriesId>,
    merged: &mut HashMap<SeriesId, Rows>,
    lost: &mut Vec<StoreError>,
) -> Result<(), StoreError> {
    let series: Vec<_> = segment.runs.iter().filter(|(id, ..)| ids.contains(id)).collect();
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Ok(()) };
    let mut series = series.iter().copied().peekable();
    let span = first.1..last.1 + last.2;
    let mut at = first.1;
    for (group, range) in segment.groups(span) {
        let count = range.len();
        match rows.group(group, range, true) {
            Ok(part) => share(&mut series, at, &part, merged),
            Err(error @ (StoreError::Damaged { .. } | StoreError::Parquet { .. })) => lost.push(error),
            Err(error) => return Err(error),
        }
        at += count;
    }
    Ok(())
}

/// Gives the rows of `part`, which begin at row `at` of the segment, to their series.
fn share(
    series: &mut std::iter::Peekable<impl Iterator<Item = (SeriesId, usize, usize)>>,
    at: usize,
    part: &Rows,
    merged: &mut HashMap<SeriesId, Rows>,
) {
    let end = at + part.len();
    while let Some(&(id, first, count)) = series.peek() {
        if end <= first {
            return;
        }
        let (from, to) = (first.max(at), (first + count).min(end));
        if from < to {
            merged.entry(id).or_default().extend(part, from - at, to - from);
        }
        if end < first + count {
            return;
        }
        series.next();
    }
}
