//! The door of a picture: what cannot be drawn does not come in.

use crate::finding::Picture;

/// Times beyond the year 9998 or before the year 1 are no times of samples, in milliseconds.
const TIMES: std::ops::RangeInclusive<i64> = -62_000_000_000_000..=253_000_000_000_000;
/// Beyond this, differences of values lose their meaning or overflow.
const LARGEST: f64 = 1e30;

/// The picture without what is no time or no number, in order of time.
pub(in crate::report) fn tidy(picture: &Picture) -> Picture {
    let time = |t: i64| TIMES.contains(&t);
    let clamp = |t: i64| t.clamp(*TIMES.start(), *TIMES.end());
    let value = |v: f64| v.abs() <= LARGEST;
    let points = |points: &[(i64, f64)]| {
        let mut points: Vec<_> = points.iter().copied().filter(|(t, v)| time(*t) && value(*v)).collect();
        points.sort_by_key(|(t, _)| *t);
        points
    };
    let mut band: Vec<_> = picture.band.clone();
    band.retain(|(t, low, high)| time(*t) && value(*low) && value(*high) && low <= high);
    band.sort_by_key(|(t, _, _)| *t);
    Picture {
        raw: points(&picture.raw),
        accepted: points(&picture.accepted),
        surges: picture
            .surges
            .iter()
            .copied()
            .filter(|(from, to)| time(*from) && time(*to) && from <= to)
            .collect(),
        epochs: picture.epochs.iter().copied().filter(|t| time(*t)).collect(),
        curve: points(&picture.curve),
        band,
        limit: points(&picture.limit),
        marks: picture.marks.iter().filter(|(t, _)| time(*t)).cloned().collect(),
        now: clamp(picture.now),
        exhaustion: picture
            .exhaustion
            .filter(|(low, middle, _)| time(*low) && time(*middle))
            .map(|(low, middle, high)| (low.min(middle), middle, high.filter(|t| time(*t) && *t >= middle))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_drawn_stays_out() {
        let picture = Picture {
            raw: vec![(5, 1.0), (i64::MAX, 1.0), (3, f64::NAN), (2, 4.0), (1, 1e300)],
            surges: vec![(9, 3), (3, 9)],
            exhaustion: Some((8, 7, Some(i64::MAX))),
            ..Picture::default()
        };
        let tidied = tidy(&picture);
        assert_eq!(tidied.raw, [(2, 4.0), (5, 1.0)]);
        assert_eq!(tidied.surges, [(3, 9)]);
        assert_eq!(tidied.exhaustion, Some((7, 7, None)));
    }
}
