//! What part of time and value a picture shows.

use crate::finding::Picture;

/// The future may take so many times the room of the past where no exhaustion asks for more.
const FUTURE_SHARE: f64 = 1.0;
/// The limit is shown where the data reach at least this share of it.
const LIMIT_IN_SIGHT: f64 = 0.2;

/// The ranges of both axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::report) struct Frame {
    pub(in crate::report) from: i64,
    pub(in crate::report) to: i64,
    pub(in crate::report) low: f64,
    pub(in crate::report) high: f64,
}

impl Frame {
    /// Chooses the ranges, where there is something to draw.
    pub(in crate::report) fn of(picture: &Picture, unit: &str) -> Option<Self> {
        let (from, to) = times(picture)?;
        let shown = |points: &[(i64, f64)]| {
            points
                .iter()
                .filter(|(t, _)| (from..=to).contains(t))
                .map(|(_, v)| *v)
                .filter(|v| v.is_finite())
                .collect::<Vec<_>>()
        };
        let mut data = shown(&picture.raw);
        data.extend(shown(&picture.accepted));
        let (low, high) = extent(&data)?;
        let limit = picture.limit.iter().map(|(_, v)| *v).filter(|v| v.is_finite()).fold(f64::NAN, f64::max);
        let forecast = picture.exhaustion.is_some();
        let in_sight = limit.is_finite() && (forecast || (limit >= low && high >= LIMIT_IN_SIGHT * limit));
        let (curve_low, curve_high) = extent(&shown(&picture.curve)).unwrap_or((low, high));
        let top =
            if in_sight { high.max(limit) } else { high.max(curve_high.min(high + 2.0 * (high - low))) };
        let bottom = if in_sight { low.min(limit) } else { low };
        let bottom = bottom.min(curve_low.max(low - 0.5 * (high - low)));
        Some(Self { from, to, ..spread(bottom, top, unit) })
    }

    /// Whether a value can be seen.
    pub(in crate::report) fn shows(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The past, and as much of the future as the exhaustion or the past asks for.
fn times(picture: &Picture) -> Option<(i64, i64)> {
    let samples =
        || picture.raw.iter().chain(&picture.accepted).filter(|(_, v)| v.is_finite()).map(|(t, _)| *t);
    let (first, last) = (samples().min()?, samples().max()?);
    let now = picture.now.clamp(last, last.saturating_add(last.saturating_sub(first)));
    let past = now.saturating_sub(first).max(1_000);
    let Some((_, middle, high)) = picture.exhaustion.filter(|(_, middle, _)| *middle >= first) else {
        let drawn = picture.curve.last().map_or(now, |(t, _)| *t).max(now);
        let most = now.saturating_add((past as f64 * FUTURE_SHARE).round_ms());
        return Some((first, drawn.min(most).max(now.saturating_add(past / 40)).max(first + 1_000)));
    };
    let ahead = middle.saturating_sub(now).max(0);
    // Room for the end of the range, unless it is far beyond the middle.
    let reach = high
        .unwrap_or(i64::MAX)
        .saturating_sub(now)
        .clamp(0, ahead.saturating_add(ahead / 2).saturating_add(past / 8));
    let margin = (past.saturating_add(ahead)) / 25;
    Some((first, now.saturating_add(reach.max(ahead)).saturating_add(margin).max(first + 1_000)))
}

trait RoundMs {
    fn round_ms(self) -> i64;
}

impl RoundMs for f64 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates, which is what is meant")]
    fn round_ms(self) -> i64 {
        self.round() as i64
    }
}

fn extent(values: &[f64]) -> Option<(f64, f64)> {
    let low = values.iter().copied().reduce(f64::min)?;
    let high = values.iter().copied().reduce(f64::max)?;
    Some((low, high))
}

/// Room above and below, down to zero where zero is near.
fn spread(low: f64, high: f64, unit: &str) -> Frame {
    // Noise on a level is not blown up to fill the picture.
    let span = (high - low).max(0.2 * high.abs().max(low.abs())).max(1e-9);
    let high = high + 0.12 * span;
    let floor = if low >= 0.0 && (low < 0.5 * high || unit == "percent" && low < 20.0) {
        0.0
    } else {
        low - 0.12 * span
    };
    Frame { from: 0, to: 1, low: floor, high: high.max(floor + 1e-9) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(values: &[f64]) -> Picture {
        let raw: Vec<(i64, f64)> = (0..).map(|i| i * 60_000).zip(values.iter().copied()).collect();
        Picture { now: raw.last().map_or(0, |(t, _)| *t), raw, ..Picture::default() }
    }

    #[test]
    fn nothing_has_no_frame() {
        assert_eq!(Frame::of(&Picture::default(), ""), None);
        assert_eq!(Frame::of(&picture(&[f64::NAN]), ""), None);
    }

    #[test]
    fn one_sample_has_room() {
        let frame = Frame::of(&picture(&[5.0]), "").unwrap();
        assert!(frame.from < frame.to && frame.low < 5.0 && 5.0 < frame.high);
    }

    #[test]
    fn a_far_limit_does_not_flatten_the_data() {
        let far = Picture { limit: vec![(0, 1e18)], ..picture(&[10.0, 12.0, 14.0]) };
        assert!(Frame::of(&far, "").unwrap().high < 20.0);
        let near = Picture { limit: vec![(0, 20.0)], ..picture(&[10.0, 12.0, 14.0]) };
        assert!(Frame::of(&near, "").unwrap().shows(20.0));
    }

    #[test]
    fn an_exhaustion_is_in_the_picture() {
        let ends = Picture { exhaustion: Some((600_000, 900_000, None)), ..picture(&[1.0, 2.0]) };
        assert!(Frame::of(&ends, "").unwrap().to > 900_000);
    }
}
