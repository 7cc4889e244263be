//! What has been gathered of one series: columns, and the steps of its limit.

use std::ops::Range;

use super::rows::Rows;

/// Samples or blocks of one series, in order of time.
#[derive(Debug, Default)]
pub(super) struct Track {
    pub(super) t_ms: Vec<i64>,
    pub(super) used: Vec<f64>,
    /// Where the limit takes a value. Where it was unknown for a while, the one before went on.
    pub(super) limit: Vec<(i64, f64)>,
    /// The most samples that one value stands for; 0 for samples.
    pub(super) block: u32,
}

impl Track {
    pub(super) fn make_room(&mut self, rows: usize) {
        self.t_ms.reserve(rows);
        self.used.reserve(rows);
    }

    pub(super) fn extend(&mut self, rows: &Rows, range: Range<usize>) {
        self.t_ms.extend_from_slice(&rows.t_ms[range.clone()]);
        self.used.extend_from_slice(&rows.used[range.clone()]);
        self.block =
            rows.samples.get(range.clone()).unwrap_or_default().iter().copied().fold(self.block, u32::max);
        for k in range {
            self.step(rows.t_ms[k], rows.limit[k]);
        }
    }

    fn step(&mut self, t_ms: i64, limit: f64) {
        if !limit.is_nan() && self.limit.last().is_none_or(|step| step.1.to_bits() != limit.to_bits()) {
            self.limit.push((t_ms, limit));
        }
    }

    /// Leaves what is within the range; a limit that began before it goes on at its first sample.
    pub(super) fn cut(&mut self, range: Range<i64>) {
        let at = |t_ms: i64| self.t_ms.partition_point(|&t| t < t_ms);
        let (start, end) = (at(range.start), at(range.end));
        self.t_ms.truncate(end);
        self.used.truncate(end);
        self.t_ms.drain(..start.min(end));
        self.used.drain(..start.min(end));
        let Some(&first) = self.t_ms.first() else { return };
        self.limit.retain(|step| step.0 < range.end);
        let before = self.limit.partition_point(|step| step.0 <= first).saturating_sub(1);
        self.limit.drain(..before);
        if let Some(step) = self.limit.first_mut() {
            step.0 = step.0.max(first);
        }
    }

    /// Its blocks, and then those samples.
    pub(super) fn then(mut self, later: &Self) -> Self {
        self.t_ms.extend_from_slice(&later.t_ms);
        self.used.extend_from_slice(&later.used);
        later.limit.iter().for_each(|&(t_ms, limit)| self.step(t_ms, limit));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_began_before_the_range_goes_on_in_it() {
        let mut rows = Rows::default();
        for (t_ms, limit) in
            [(0, None), (1, Some(5.0)), (2, Some(5.0)), (3, None), (4, Some(7.0)), (5, Some(8.0))]
        {
            rows.push(t_ms, 0.0, limit);
        }
        let of = |range: Range<i64>| {
            let mut track = Track::default();
            track.extend(&rows, 0..6);
            track.cut(range);
            (track.t_ms, track.limit)
        };
        assert_eq!(of(0..9).1, [(1, 5.0), (4, 7.0), (5, 8.0)]);
        assert_eq!(of(2..5), (vec![2, 3, 4], vec![(2, 5.0), (4, 7.0)]));
        assert_eq!(of(5..6).1, [(5, 8.0)]);
    }
}
