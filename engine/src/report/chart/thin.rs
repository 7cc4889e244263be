//! Fewer points that look the same.

use std::collections::HashSet;

/// Keeps one point in each cell of a grid of `columns` by `rows` over the frame of the points.
pub(super) fn cells(points: &[(f64, f64)], size: (f64, f64)) -> Vec<(f64, f64)> {
    let mut taken = HashSet::new();
    points
        .iter()
        .copied()
        .filter(|(t, y)| taken.insert(((t / size.0).round().to_bits(), (y / size.1).round().to_bits())))
        .collect()
}

/// Keeps one point in each cell, with cells as large as it takes to keep at most `most`.
pub(super) fn to_at_most(most: usize, points: &[(f64, f64)], size: (f64, f64)) -> Vec<(f64, f64)> {
    let mut size = size;
    let mut kept = cells(points, size);
    while kept.len() > most.max(1) && size.0.is_finite() {
        size = (1.3 * size.0, 1.3 * size.1);
        kept = cells(points, size);
    }
    kept
}

/// Leaves out the points that a line through their neighbours passes within `tolerance`, in units of `size`.
///
/// Douglas and Peucker, 1973; the distance is taken along the value, which is enough for a function of time.
pub(super) fn line(points: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut kept = vec![false; points.len()];
    let mut open = vec![(0, points.len() - 1)];
    while let Some((from, to)) = open.pop() {
        kept[from] = true;
        kept[to] = true;
        if let Some((at, distance)) = farthest(points, from, to)
            && distance > tolerance
        {
            open.push((from, at));
            open.push((at, to));
        }
    }
    points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

fn farthest(points: &[(f64, f64)], from: usize, to: usize) -> Option<(usize, f64)> {
    let ((t0, y0), (t1, y1)) = (points[from], points[to]);
    let chord = |t: f64| if t1 > t0 { y0 + (y1 - y0) * (t - t0) / (t1 - t0) } else { y0 };
    (from + 1..to)
        .map(|i| (i, (points[i].1 - chord(points[i].0)).abs()))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// Cuts a line to the values between `low` and `high`; a line that leaves and returns becomes several.
pub(super) fn clip(points: &[(f64, f64)], low: f64, high: f64) -> Vec<Vec<(f64, f64)>> {
    let mut pieces: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut joined = false;
    for pair in points.windows(2) {
        let Some((a, b)) = clip_pair(pair[0], pair[1], low, high) else {
            joined = false;
            continue;
        };
        match pieces.last_mut().filter(|_| joined) {
            Some(piece) => piece.push(b),
            None => pieces.push(vec![a, b]),
        }
        joined = b == pair[1];
    }
    pieces
}

fn clip_pair(a: (f64, f64), b: (f64, f64), low: f64, high: f64) -> Option<((f64, f64), (f64, f64))> {
    if a.1.max(b.1) < low || a.1.min(b.1) > high {
        return None;
    }
    let cut = |from: (f64, f64), to: (f64, f64), y: f64| {
        (from.0 + (to.0 - from.0) * (y - from.1) / (to.1 - from.1), y)
    };
    let end = |from: (f64, f64), to: (f64, f64)| match from.1 {
        y if y < low => cut(from, to, low),
        y if y > high => cut(from, to, high),
        _ => from,
    };
    Some((end(a, b), end(b, a)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_needs_two_points() {
        let points: Vec<(f64, f64)> = (0..100).map(|i| (f64::from(i), 2.0 * f64::from(i))).collect();
        assert_eq!(line(&points, 0.5), [points[0], points[99]]);
    }

    #[test]
    fn a_bend_is_kept() {
        let points = [(0.0, 0.0), (1.0, 0.0), (2.0, 5.0), (3.0, 10.0)];
        assert_eq!(line(&points, 0.5), [points[0], points[1], points[3]]);
    }

    #[test]
    fn points_in_one_cell_are_one() {
        assert_eq!(cells(&[(0.0, 0.0), (0.1, 0.1), (3.0, 0.0)], (1.0, 1.0)), [(0.0, 0.0), (3.0, 0.0)]);
    }

    #[test]
    fn noise_is_capped() {
        let noise: Vec<(f64, f64)> =
            (0..20_000).map(|i| (f64::from(i), f64::from(i * 7_919 % 10_007))).collect();
        let kept = to_at_most(600, &noise, (10.0, 10.0)).len();
        assert!((200..=600).contains(&kept), "{kept}");
    }

    #[test]
    fn a_line_ends_at_the_edge() {
        let line = [(0.0, 0.0), (1.0, 10.0), (2.0, 0.0)];
        let pieces = clip(&line, 0.0, 5.0);
        assert_eq!(pieces, [vec![(0.0, 0.0), (0.5, 5.0)], vec![(1.5, 5.0), (2.0, 0.0)]]);
        assert_eq!(clip(&line, 0.0, 20.0), [line.to_vec()]);
        assert!(clip(&line, 20.0, 30.0).is_empty());
    }
}
