//! Folds and running sums over columns, written in lanes that the compiler keeps in vector registers.
#![allow(clippy::inline_always, reason = "what is not inlined is compiled without the vector instructions")]

/// Lanes in which columns are folded: a multiple of those of every instruction set.
pub(super) const LANES: usize = 8;

/// Least number of a column.
#[inline(always)]
pub(super) fn least(column: &[f64]) -> f64 {
    least_of(column, |v| v)
}

/// Least `key` of a column.
#[inline(always)]
pub(super) fn least_of(column: &[f64], key: impl Fn(f64) -> f64) -> f64 {
    let mut lanes = [f64::INFINITY; LANES];
    let (chunks, rest) = column.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] = lesser(lanes[lane], key(chunk[lane]));
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let mut all = lesser(lesser(lesser(a, b), lesser(c, d)), lesser(lesser(e, f), lesser(g, h)));
    for &v in rest {
        all = lesser(all, key(v));
    }
    all
}

/// The lesser of two numbers in one instruction, which [`f64::min`] with its care for NaN is not.
#[inline(always)]
pub(super) fn lesser(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Sums of `terms` over two columns.
#[inline(always)]
pub(super) fn sums_of<const K: usize>(
    x: &[f64],
    y: &[f64],
    terms: impl Fn(f64, f64) -> [f64; K],
) -> [f64; K] {
    let mut lanes = [[0.0; LANES]; K];
    let (xs, x_rest) = x.as_chunks::<LANES>();
    let (ys, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in xs.iter().zip(ys) {
        for lane in 0..LANES {
            let terms = terms(x[lane], y[lane]);
            for k in 0..K {
                lanes[k][lane] += terms[k];
            }
        }
    }
    let mut sums = [0.0; K];
    for k in 0..K {
        let [a, b, c, d, e, f, g, h] = lanes[k];
        sums[k] = ((a + b) + (c + d)) + ((e + f) + (g + h));
    }
    for (&x, &y) in x_rest.iter().zip(y_rest) {
        let terms = terms(x, y);
        for k in 0..K {
            sums[k] += terms[k];
        }
    }
    sums
}

/// Writes a column centred and scaled to 1; a constant column becomes 0.
#[inline(always)]
pub(super) fn unit(column: &[f64], out: &mut Vec<f64>) {
    let first = column[0];
    let [sum] = sums_of(column, column, |v, _| [v - first]);
    let mean = first + sum / column.len() as f64;
    let largest = -least_of(column, |v| -(v - mean).abs());
    let scale = if 1e-300 < largest { 1.0 / largest } else { 0.0 };
    out.resize(column.len(), 0.0);
    for (out, v) in out.iter_mut().zip(column) {
        *out = (v - mean) * scale;
    }
}

/// Writes three running sums of `terms`, over the first 0, 1, … samples.
///
/// Two samples at a time: what has to wait for the sum before is one addition then.
#[inline(always)]
pub(super) fn running_sums(
    [a, b, c]: [&mut [f64]; 3],
    x: &[f64],
    y: &[f64],
    terms: impl Fn(f64, f64) -> [f64; 3],
) {
    let n = x.len();
    let mut sums = [0.0; 3];
    (a[0], b[0], c[0]) = (0.0, 0.0, 0.0);
    let pairs = x.as_chunks::<2>().0.iter().zip(y.as_chunks::<2>().0);
    for ((((a, b), c), x), y) in pairs_of(a, n)
        .iter_mut()
        .zip(pairs_of(b, n))
        .zip(pairs_of(c, n))
        .zip(pairs)
        .map(|(sums, (x, y))| ((sums, x), y))
    {
        let (first, second) = (terms(x[0], y[0]), terms(x[1], y[1]));
        let mut after = [0.0; 3];
        for k in 0..3 {
            after[k] = sums[k] + (first[k] + second[k]);
        }
        *a = [sums[0] + first[0], after[0]];
        *b = [sums[1] + first[1], after[1]];
        *c = [sums[2] + first[2], after[2]];
        sums = after;
    }
    if n % 2 == 1 {
        let last = terms(x[n - 1], y[n - 1]);
        (a[n], b[n], c[n]) = (sums[0] + last[0], sums[1] + last[1], sums[2] + last[2]);
    }
}

/// The sums after the first pair of samples, after the second, …
#[inline(always)]
fn pairs_of(sums: &mut [f64], n: usize) -> &mut [[f64; 2]] {
    sums[1..=n].as_chunks_mut::<2>().0
}

/// Writes running sums as those of the opposite order are, but for a constant: only their differences are used.
#[inline(always)]
pub(super) fn turn(sums: &[f64], out: &mut [f64]) {
    for (out, sum) in out.iter_mut().zip(sums.iter().rev()) {
        *out = -sum;
    }
}
