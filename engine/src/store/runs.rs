//! How many rows each series has in a segment, in order of id: neighbours with as many rows share a run.

use super::meta::SeriesId;

/// `count` series with successive ids from `first` on, each with `rows` rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u32,
    count: u32,
    rows: u32,
}

/// Rows per series, ids increasing. Written as `first+count*rows`, for example `0+4999*480 7000+1*12`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs(Vec<Run>);

impl Runs {
    /// Adds a series behind all others; of one that is the last already, the rows are added to it.
    pub(super) fn push(&mut self, id: SeriesId, rows: u32) {
        match self.0.last_mut() {
            Some(run) if run.first + run.count == id.0 + 1 => {
                run.count -= 1;
                let before = run.rows;
                if run.count == 0 {
                    self.0.pop();
                }
                self.push_new(id, before + rows);
            }
            _ => self.push_new(id, rows),
        }
    }

    fn push_new(&mut self, id: SeriesId, rows: u32) {
        match self.0.last_mut() {
            Some(run) if run.first + run.count == id.0 && run.rows == rows => run.count += 1,
            _ => self.0.push(Run { first: id.0, count: 1, rows }),
        }
    }

    /// Every series with its first row and its number of rows, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (SeriesId, usize, usize)> + '_ {
        let mut row = 0;
        self.0.iter().flat_map(move |&run| {
            let start = row;
            let rows = run.rows as usize;
            row += rows * run.count as usize;
            (0..run.count).map(move |k| (SeriesId(run.first + k), start + k as usize * rows, rows))
        })
    }

    /// The first row and the number of rows of one series.
    pub(super) fn find(&self, id: SeriesId) -> Option<(usize, usize)> {
        let mut row = 0;
        for run in &self.0 {
            let rows = run.rows as usize;
            if run.first <= id.0 && id.0 - run.first < run.count {
                return Some((row + (id.0 - run.first) as usize * rows, rows));
            }
            row += rows * run.count as usize;
        }
        None
    }

    /// All rows.
    pub(super) fn rows(&self) -> usize {
        self.0.iter().map(|run| run.rows as usize * run.count as usize).sum()
    }

    pub(super) fn written(&self) -> String {
        let runs: Vec<String> =
            self.0.iter().map(|run| format!("{}+{}*{}", run.first, run.count, run.rows)).collect();
        runs.join(" ")
    }

    /// Reads what [`Runs::written`] wrote; `None` where it is something else.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut runs = Vec::new();
        let mut next = 0_u32;
        let mut all = 0_u32;
        for word in text.split_ascii_whitespace() {
            let (first, rest) = word.split_once('+')?;
            let (count, rows) = rest.split_once('*')?;
            let run =
                Run { first: first.parse().ok()?, count: count.parse().ok()?, rows: rows.parse().ok()? };
            if run.first < next || run.count == 0 || run.rows == 0 {
                return None;
            }
            next = run.first.checked_add(run.count)?;
            all = all.checked_add(run.rows.checked_mul(run.count)?)?;
            runs.push(run);
        }
        Some(Self(runs))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(series: &[(u32, u32)]) -> Runs {
        let mut runs = Runs::default();
        for &(id, rows) in series {
            runs.push(SeriesId(id), rows);
        }
        runs
    }

    #[test]
    fn neighbours_with_as_many_rows_share_a_run() {
        assert_eq!(of(&[(0, 4), (1, 4), (2, 4), (3, 1), (9, 4)]).written(), "0+3*4 3+1*1 9+1*4");
    }

    #[test]
    fn a_series_may_come_in_parts() {
        assert_eq!(of(&[(0, 4), (1, 4), (1, 2), (1, 1), (2, 7)]).written(), "0+1*4 1+2*7");
    }

    #[test]
    fn what_is_no_run_is_refused() {
        for text in ["1", "1+2", "a+1*1", "5+2*3 4+1*1", "0+0*1", "0+1*0", "4294967295+9*1", "0+2*4294967295"]
        {
            assert_eq!(Runs::read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn rows_are_found_where_they_were_put(gaps in prop::collection::vec((1_u32..4, 1_u32..5), 0..40)) {
            let mut id = 0;
            let series: Vec<(u32, u32)> = gaps.iter().map(|&(gap, rows)| { id += gap; (id, rows) }).collect();
            let runs = of(&series);
            prop_assert_eq!(Runs::read(&runs.written()), Some(runs.clone()));
            let mut row = 0;
            for (&(id, rows), found) in series.iter().zip(runs.iter()) {
                prop_assert_eq!(found, (SeriesId(id), row, rows as usize));
                prop_assert_eq!(runs.find(SeriesId(id)), Some((row, rows as usize)));
                row += rows as usize;
            }
            prop_assert_eq!(runs.rows(), row);
            prop_assert_eq!(runs.find(SeriesId(0)), None);
        }

        #[test]
        fn arbitrary_text_does_not_panic(text in "[0-9+* ]{0,40}") {
            let _ = Runs::read(&text);
        }
    }
}
