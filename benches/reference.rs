//! Optimal segmentation as the textbook writes it: a matrix of segment costs from prefix sums, then dynamic
//! programming over the number of segments. Plain, and slow on purpose only where the textbook is.
//!
//! Tests take it for the truth, the bench for the pace to beat.
#![allow(dead_code, reason = "the bench and the tests each use a part")]

/// The least total cost of a number of segments, and the places where new segments begin.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segmentation {
    pub(crate) cost: f64,
    pub(crate) breakpoints: Vec<usize>,
}

/// The best segmentations of `0 .. n` into 1, 2, … `most` segments of at least `min` samples; `cost(i, j)` is that
/// of the segment `i .. j`. Stops at the first number of segments that does not fit.
pub(crate) fn segmentations(
    n: usize,
    min: usize,
    most: usize,
    cost: impl Fn(usize, usize) -> f64,
) -> Vec<Segmentation> {
    let mut costs = vec![f64::INFINITY; (n + 1) * (n + 1)];
    for j in min..=n {
        for i in 0..=j - min {
            costs[j * (n + 1) + i] = cost(i, j);
        }
    }
    let mut best: Vec<Vec<f64>> = vec![(0..=n).map(|j| costs[j * (n + 1)]).collect()];
    let mut from: Vec<Vec<usize>> = vec![vec![0; n + 1]];
    for k in 1..most.min(n / min) {
        let mut row = vec![f64::INFINITY; n + 1];
        let mut place = vec![0; n + 1];
        for j in (k + 1) * min..=n {
            for i in k * min..=j - min {
                let total = best[k - 1][i] + costs[j * (n + 1) + i];
                if total < row[j] {
                    row[j] = total;
                    place[j] = i;
                }
            }
        }
        best.push(row);
        from.push(place);
    }
    (0..best.len())
        .map(|k| Segmentation { cost: best[k][n], breakpoints: backtrack(&from[..=k], n) })
        .collect()
}

fn backtrack(from: &[Vec<usize>], n: usize) -> Vec<usize> {
    let mut breakpoints = vec![];
    let mut end = n;
    for place in from.iter().skip(1).rev() {
        end = place[end];
        breakpoints.push(end);
    }
    breakpoints.reverse();
    breakpoints
}

/// Sum of squared residuals around the line through the samples `i .. j`, from prefix sums of centred columns.
pub(crate) fn line_cost(x: &[f64], y: &[f64]) -> impl Fn(usize, usize) -> f64 {
    let (x, y) = (centred(x), centred(y));
    let sum = |term: &dyn Fn(usize) -> f64| prefix_sums((0..x.len()).map(term));
    let (sx, sy) = (sum(&|k| x[k]), sum(&|k| y[k]));
    let (sxx, sxy, syy) = (sum(&|k| x[k] * x[k]), sum(&|k| x[k] * y[k]), sum(&|k| y[k] * y[k]));
    move |i, j| {
        let m = (j - i) as f64;
        let (dx, dy) = (sx[j] - sx[i], sy[j] - sy[i]);
        let xx = sxx[j] - sxx[i] - dx * dx / m;
        let xy = sxy[j] - sxy[i] - dx * dy / m;
        let yy = syy[j] - syy[i] - dy * dy / m;
        (yy - xy * xy / xx).max(0.0)
    }
}

/// Sum of squared distances from the mean of the samples `i .. j`.
pub(crate) fn level_cost(y: &[f64]) -> impl Fn(usize, usize) -> f64 {
    let y = centred(y);
    let sy = prefix_sums(y.iter().copied());
    let syy = prefix_sums(y.iter().map(|y| y * y));
    move |i, j| {
        let dy = sy[j] - sy[i];
        (syy[j] - syy[i] - dy * dy / (j - i) as f64).max(0.0)
    }
}

fn centred(column: &[f64]) -> Vec<f64> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    column.iter().map(|v| v - mean).collect()
}

fn prefix_sums(terms: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    for term in terms {
        sums.push(sums[sums.len() - 1] + term);
    }
    sums
}
