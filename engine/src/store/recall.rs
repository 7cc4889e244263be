//! Reads whole histories back: raw segments and write-ahead files, and before them the tier.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use hebe_collectors::history::{Limit, Note, Series};
use rayon::prelude::*;

use super::error::StoreError;
use super::meta::SeriesId;
use super::replay::replay;
use super::rows::Rows;
use super::segment::{Open, Segment};
use super::shelf::Shelf;
use super::table::Row;
use super::track::Track;

/// What was read, and what could not be.
#[derive(Clone, Debug, Default)]
pub struct Recalled {
    /// The series that have samples in the range, in the order they were asked for.
    pub series: Vec<Series>,
    /// Damaged parts that were left out.
    pub notes: Vec<Note>,
}

/// Reads these series between two times. Where samples are gone, or would be more than about `most`, their blocks
/// stand in for them.
///
/// # Errors
///
/// A file cannot be read.
pub(super) fn recall(
    shelf: &Shelf,
    wanted: &[&Row],
    range: &Range<i64>,
    most: usize,
) -> Result<Recalled, StoreError> {
    let ids: HashSet<SeriesId> = wanted.iter().map(|row| row.id).collect();
    let mut notes = Vec::new();
    let segments = within(&shelf.raw, &ids, range, most);
    let mut raw = Tracks::new();
    for segment in segments {
        take(segment, &ids, range, &mut raw, &mut notes)?;
    }
    let mut restarts: HashMap<SeriesId, Vec<i64>> = HashMap::new();
    for (_, path) in &shelf.wals {
        let replayed = match replay(path, |id| ids.contains(&id), |_| 0) {
            Err(error @ StoreError::Damaged { .. }) => {
                notes.push(Note { source: path.display().to_string(), text: format!("left out: {error}") });
                continue;
            }
            replayed => replayed?,
        };
        for (id, rows) in replayed.rows {
            raw.entry(id).or_default().extend(&rows, 0..rows.len());
        }
        note_restarts(&replayed.restarts, &ids, &mut restarts);
    }
    let mut tier = Tracks::new();
    for segment in &shelf.tier {
        note_restarts(&segment.restarts, &ids, &mut restarts);
        if segments.iter().all(|raw| !raw.name.covers(segment.name)) {
            take(segment, &ids, range, &mut tier, &mut notes)?;
        }
    }
    for segment in &shelf.raw {
        note_restarts(&segment.restarts, &ids, &mut restarts);
    }
    let series = wanted.iter().filter_map(|row| {
        let (raw, tier) = (raw.remove(&row.id).unwrap_or_default(), tier.remove(&row.id).unwrap_or_default());
        series(row, raw, tier, restarts.remove(&row.id).unwrap_or_default(), range)
    });
    Ok(Recalled { series: series.collect(), notes })
}

/// The newest segments that have no more than `most` rows of these series together; one at least.
fn within<'a>(
    segments: &'a [Arc<Segment>],
    ids: &HashSet<SeriesId>,
    range: &Range<i64>,
    most: usize,
) -> &'a [Arc<Segment>] {
    let mut rows = 0_usize;
    let fits = segments.iter().rev().take_while(|segment| {
        let of = segment.runs.iter().filter(|(id, ..)| ids.contains(id));
        if segment.overlaps(range) {
            rows = rows.saturating_add(of.map(|(.., rows)| rows).sum());
        }
        rows <= most
    });
    &segments[segments.len().saturating_sub(fits.count().max(1))..]
}

fn note_restarts(
    found: &HashMap<SeriesId, Vec<i64>>,
    ids: &HashSet<SeriesId>,
    restarts: &mut HashMap<SeriesId, Vec<i64>>,
) {
    for (id, times) in found.iter().filter(|(id, _)| ids.contains(id)) {
        restarts.entry(*id).or_default().extend(times);
    }
}

/// Groups that are decoded before they are shared out: more would only take memory.
const AT_ONCE: usize = 16;

/// Rows of one group, to be shared among series: `(series, first row, rows)`.
struct Part {
    group: usize,
    rows: Range<usize>,
    shares: Vec<(SeriesId, Range<usize>)>,
}

/// Appends the rows of a segment to their series; groups are decoded in parallel.
fn take(
    segment: &Segment,
    ids: &HashSet<SeriesId>,
    range: &Range<i64>,
    out: &mut Tracks,
    notes: &mut Vec<Note>,
) -> Result<(), StoreError> {
    if !segment.overlaps(range) {
        return Ok(());
    }
    let parts = parts(segment, ids);
    if parts.is_empty() {
        return Ok(());
    }
    for part in &parts {
        for (id, share) in &part.shares {
            out.entry(*id).or_default().make_room(share.len());
        }
    }
    let open = segment.rows()?;
    for some in parts.chunks(AT_ONCE) {
        let decoded: Vec<Result<Rows, StoreError>> = match some {
            [one] => vec![decode(&open, one)],
            _ => some.par_iter().map(|part| decode(&open, part)).collect(),
        };
        for (part, rows) in some.iter().zip(decoded) {
            match rows {
                Ok(rows) => {
                    for (id, share) in &part.shares {
                        out.entry(*id).or_default().extend(&rows, share.clone());
                    }
                }
                Err(error @ (StoreError::Damaged { .. } | StoreError::Parquet { .. })) => {
                    let source = segment.path.display().to_string();
                    notes.push(Note { source, text: format!("left out: {error}") });
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn decode(open: &Open<'_>, part: &Part) -> Result<Rows, StoreError> {
    open.group(part.group, part.rows.clone(), true)
}

/// The groups that have rows of the wanted series; of each the span from the first to the last of them.
fn parts(segment: &Segment, ids: &HashSet<SeriesId>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let wanted: Vec<_> = match ids.len() {
        1 => ids
            .iter()
            .filter_map(|&id| segment.runs.find(id).map(|(first, rows)| (id, first, rows)))
            .collect(),
        _ => segment.runs.iter().filter(|(id, ..)| ids.contains(id)).collect(),
    };
    for (id, first, rows) in wanted {
        for (group, within) in segment.groups(first..first + rows) {
            match parts.last_mut() {
                Some(part) if part.group == group => {
                    part.shares.push((id, within.start - part.rows.start..within.end - part.rows.start));
                    part.rows.end = within.end;
                }
                _ => parts.push(Part { group, rows: within.clone(), shares: vec![(id, 0..within.len())] }),
            }
        }
    }
    parts
}

/// One series of what was found, cut to the range; `None` where nothing is in it.
fn series(
    row: &Row,
    raw: Track,
    mut tier: Track,
    mut restarts: Vec<i64>,
    range: &Range<i64>,
) -> Option<Series> {
    tier.cut(i64::MIN..raw.t_ms.first().copied().unwrap_or(i64::MAX));
    let mut track = if tier.t_ms.is_empty() { raw } else { tier.then(&raw) };
    track.cut(range.clone());
    if track.t_ms.is_empty() {
        return None;
    }
    restarts.sort_unstable();
    restarts.dedup();
    restarts.retain(|t_ms| range.contains(t_ms));
    let meta = &row.meta;
    let owner = meta.limit_owner.clone();
    Some(Series {
        name: meta.name.clone(),
        resource: meta.resource.clone(),
        scope: meta.scope.clone(),
        host: meta.host.clone(),
        unit: meta.unit,
        sense: meta.sense,
        limit: match track.limit.as_slice() {
            [] => None,
            [(_, value)] => Some(Limit::fixed(*value, &owner)),
            _ => Some(Limit { owner, steps: track.limit }),
        },
        t_ms: track.t_ms,
        v: track.used,
        restarts_ms: restarts,
        rejected: 0,
        block: track.block.max(1),
        source: meta.source.clone(),
        also: Vec::new(),
    })
}

/// What has been gathered of each series.
type Tracks = HashMap<SeriesId, Track>;
