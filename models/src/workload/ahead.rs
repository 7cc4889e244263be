//! When so much more work will be done, if it goes on as it went.

/// The time from the last reading until `left` more work is done; `None` where no work is being done.
///
/// Work repeats itself with `period`: the average course over the whole periods that were seen, or, where not even one
/// was, the average rate.
#[must_use]
pub fn time_for(t: &[f64], w: &[f64], left: f64, period: f64) -> Option<f64> {
    let (&first, &now) = (t.first()?, t.last()?);
    let done = w.last()? - w.first()?;
    if !(0.0 < done && left.is_finite() && 0.0 < period) {
        return None;
    }
    let left = left.max(0.0);
    let seen = ((now - first) / period).floor();
    if seen < 1.0 {
        return Some(left * (now - first) / done);
    }
    // Work within the first part of a period, on average over those that were seen.
    let course = |part: f64| {
        let mut sum = 0.0;
        let mut begin = now - seen * period;
        while begin < now - 0.5 * period {
            sum += at(t, w, begin + part) - at(t, w, begin);
            begin += period;
        }
        sum / seen
    };
    let whole = course(period);
    if whole <= 0.0 {
        return None;
    }
    // What ends with a period is done when its work is, not when it is over.
    let periods = ((left / whole).ceil() - 1.0).max(0.0);
    let rest = left - periods * whole;
    let (mut from, mut to) = (0.0, period);
    for _ in 0..60 {
        let middle = f64::midpoint(from, to);
        if course(middle) < rest { from = middle } else { to = middle }
    }
    Some(periods * period + to)
}

/// The reading at `time`, between its neighbours.
fn at(t: &[f64], w: &[f64], time: f64) -> f64 {
    let k = t.partition_point(|&t| t <= time);
    if k == 0 || k == t.len() {
        return w[k.saturating_sub(1).min(w.len() - 1)];
    }
    let part = (time - t[k - 1]) / (t[k] - t[k - 1]);
    w[k - 1] + part * (w[k] - w[k - 1])
}
