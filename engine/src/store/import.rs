//! Takes in whole histories at once, past the write-ahead file.

use std::ops::Range;

use hebe_collectors::history::{Limit, Series};

use super::compact::DAY_MS;
use super::error::StoreError;
use super::meta::{Meta, SeriesId};
use super::rows::Rows;
use super::seal::{Pair, discard};
use super::store::Store;

/// Rows that make a segment worth having: fewer days than that share one.
const ENOUGH: usize = 4_000_000;
/// Samples of one series that are handed on at once.
const PIECE: usize = 1 << 20;

/// What became of a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Samples that are now in segments.
    pub kept: usize,
    /// Samples that were no newer than the last of their series, and were dropped.
    pub late: usize,
    /// Samples that were no numbers.
    pub rejected: usize,
}

/// A series, with what is new in it.
struct New<'a> {
    id: SeriesId,
    series: &'a Series,
    from: usize,
}

impl Store {
    /// Takes in whole histories, which are in segments when this returns. Samples that are no newer than the last of
    /// their series are dropped and counted: import before the first tick.
    ///
    /// # Errors
    ///
    /// A file cannot be written; what was sealed before that is kept.
    pub fn import(&mut self, histories: &[Series]) -> Result<Imported, StoreError> {
        self.seal()?;
        let mut imported = Imported::default();
        let mut new: Vec<New<'_>> = Vec::new();
        for series in histories {
            let id = self.register(&Meta::of(series));
            let from = series.t_ms.partition_point(|&t_ms| t_ms <= self.last_ms(id));
            imported.late += from;
            new.push(New { id, series, from });
        }
        new.sort_by_key(|new| new.id);
        for span in spans(&new) {
            let part = self.import_span(&new, &span);
            if part.is_err() {
                discard(self.dir());
            }
            let (kept, rejected) = part?;
            imported.kept += kept;
            imported.rejected += rejected;
            // Span by span, so that an import that fails on the way can be begun anew.
            for New { id, series, .. } in &new {
                self.took(*id, series, span.end);
            }
        }
        self.write_table()?;
        self.look()?;
        self.retain()?;
        Ok(imported)
    }

    /// Writes the segment of one span of time; gives how many samples it has, and how many were no numbers.
    fn import_span(&mut self, new: &[New<'_>], span: &Range<i64>) -> Result<(usize, usize), StoreError> {
        let mut pair = Pair::create(self.dir(), self.options.block_ms)?;
        let (mut kept, mut rejected) = (0, 0);
        for New { id, series, from } in new {
            let at = |t_ms: i64| series.t_ms.partition_point(|&t| t < t_ms).max(*from);
            let (mut start, end) = (at(span.start), at(span.end));
            while start < end {
                let stop = end.min(start + PIECE);
                let rows = rows(series, start..stop);
                kept += rows.len();
                rejected += stop - start - rows.len();
                pair.push(*id, &series.name, &rows)?;
                start = stop;
            }
            let restarts: Vec<i64> =
                series.restarts_ms.iter().copied().filter(|t| span.contains(t)).collect();
            if !restarts.is_empty() {
                pair.restarted(*id, &restarts);
            }
        }
        self.write_table()?;
        let number = self.take_number()?;
        pair.finish(number, number)?;
        Ok((kept, rejected))
    }
}

/// Samples of a series as rows with their limits.
fn rows(series: &Series, range: Range<usize>) -> Rows {
    let (t_ms, v) = (&series.t_ms[range.clone()], &series.v[range]);
    let fixed = match series.limit.as_ref().map(|limit| limit.steps.as_slice()) {
        None => Some(f64::NAN),
        Some([(_, value)]) => Some(*value),
        Some(_) => None,
    };
    if let (Some(limit), true) = (fixed, v.iter().all(|v| v.is_finite())) {
        let limit = vec![limit; v.len()];
        return Rows { t_ms: t_ms.to_vec(), used: v.to_vec(), limit, ..Rows::default() };
    }
    let mut rows = Rows::default();
    for (&t_ms, &used) in t_ms.iter().zip(v).filter(|(_, used)| used.is_finite()) {
        rows.push(t_ms, used, series.limit.as_ref().map(|limit: &Limit| limit.at(t_ms)));
    }
    rows
}

/// Spans of whole days that have enough rows each, on average.
fn spans(new: &[New<'_>]) -> Vec<Range<i64>> {
    let times = || new.iter().map(|new| &new.series.t_ms[new.from..]).filter(|times| !times.is_empty());
    let first = times().map(|times| times[0]).min();
    let last = times().map(|times| times[times.len() - 1]).max();
    let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
    let (first, last) = (first.div_euclid(DAY_MS), last.div_euclid(DAY_MS));
    let rows: usize = times().map(<[i64]>::len).sum();
    let segments = i64::try_from(rows / ENOUGH).unwrap_or(i64::MAX).max(1);
    let days = ((last - first + 1) / segments).max(1);
    let step = usize::try_from(days).unwrap_or(usize::MAX);
    (first..=last).step_by(step).map(|day| day * DAY_MS..day.saturating_add(days) * DAY_MS).collect()
}
