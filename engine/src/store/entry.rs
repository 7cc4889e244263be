//! What one frame of the write-ahead file says.
//!
//! ```text
//! body     = 1 | varint id | JSON of the series            a series, or what is new about it
//!          | 2 | time | samples | limits                   a tick
//!          | 3 | time | ids                                started anew
//!          | 4 | time                                      the clock leapt ahead from this time
//! samples  = ids | f64 of each                             64-bit, little-endian, as are times (i64, ms since 1970 UTC)
//! limits   = ids | f64 of each                             those that changed in this file; NaN: none any more
//! ids      = varint how many | varint of each, less the one before
//! ```

use super::frame;
use super::meta::{Meta, SeriesId, Written};
use super::tick::Reading;

const SERIES: u8 = 1;
const TICK: u8 = 2;
const RESTART: u8 = 3;
const LEAP: u8 = 4;

/// One frame's content.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    Series { id: SeriesId, meta: Meta },
    Tick { t_ms: i64, samples: Vec<(SeriesId, f64)>, limits: Vec<(SeriesId, Option<f64>)> },
    Restart { t_ms: i64, ids: Vec<SeriesId> },
    Leap { from_ms: i64 },
}

/// Appends a frame that names a series.
pub(super) fn push_series(out: &mut Vec<u8>, id: SeriesId, meta: &Meta) {
    frame::push(out, |body| {
        body.push(SERIES);
        push_varint(body, id.0);
        // Strings in a struct cannot fail to become JSON; were they to, the frame would be passed over on reading.
        body.extend(serde_json::to_vec(&Written::from(meta)).unwrap_or_default());
    });
}

/// Appends a frame with the readings of one time, and the limits that changed; ids increase.
pub(super) fn push_tick(
    out: &mut Vec<u8>,
    t_ms: i64,
    readings: &[Reading],
    limits: &[(SeriesId, Option<f64>)],
) {
    frame::push(out, |body| {
        body.push(TICK);
        body.extend(t_ms.to_le_bytes());
        push_ids(body, readings.iter().map(|reading| reading.id));
        body.extend(readings.iter().flat_map(|reading| reading.used.to_le_bytes()));
        push_ids(body, limits.iter().map(|limit| limit.0));
        body.extend(limits.iter().flat_map(|limit| limit.1.unwrap_or(f64::NAN).to_le_bytes()));
    });
}

/// Appends a frame that says that these series start anew; ids increase.
pub(super) fn push_restart(out: &mut Vec<u8>, t_ms: i64, ids: &[SeriesId]) {
    frame::push(out, |body| {
        body.push(RESTART);
        body.extend(t_ms.to_le_bytes());
        push_ids(body, ids.iter().copied());
    });
}

/// Appends a frame that says that the clock leapt ahead, and from when.
pub(super) fn push_leap(out: &mut Vec<u8>, from_ms: i64) {
    frame::push(out, |body| {
        body.push(LEAP);
        body.extend(from_ms.to_le_bytes());
    });
}

impl Entry {
    /// Reads a body; `None` where it is of no known kind or cut off.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut rest = body;
        let entry = match take::<1>(&mut rest)?[0] {
            SERIES => {
                let id = SeriesId(take_varint(&mut rest)?);
                let written: Written = serde_json::from_slice(rest).ok()?;
                return Some(Self::Series { id, meta: written.into() });
            }
            TICK => {
                let t_ms = i64::from_le_bytes(*take(&mut rest)?);
                let samples = take_values(&mut rest)?;
                let limits = take_values(&mut rest)?;
                let limits = limits.into_iter().map(|(id, v)| (id, (!v.is_nan()).then_some(v))).collect();
                Self::Tick { t_ms, samples, limits }
            }
            RESTART => {
                Self::Restart { t_ms: i64::from_le_bytes(*take(&mut rest)?), ids: take_ids(&mut rest)? }
            }
            LEAP => Self::Leap { from_ms: i64::from_le_bytes(*take(&mut rest)?) },
            _ => return None,
        };
        rest.is_empty().then_some(entry)
    }
}

fn push_ids(out: &mut Vec<u8>, ids: impl ExactSizeIterator<Item = SeriesId>) {
    push_varint(out, u32::try_from(ids.len()).unwrap_or(u32::MAX));
    let mut before = 0;
    for id in ids {
        push_varint(out, id.0 - before);
        before = id.0;
    }
}

/// Seven bits a byte, the lowest first; the top bit says that more follow (LEB128).
fn push_varint(out: &mut Vec<u8>, mut number: u32) {
    while 0x7f < number {
        #[allow(clippy::cast_possible_truncation, reason = "the low seven bits are meant")]
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    #[allow(clippy::cast_possible_truncation, reason = "at most seven bits are left")]
    out.push(number as u8);
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(head)
}

fn take_varint(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u32;
    for shift in (0..32).step_by(7) {
        let byte = take::<1>(rest)?[0];
        let bits = u32::from(byte & 0x7f);
        number |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take_ids(rest: &mut &[u8]) -> Option<Vec<SeriesId>> {
    let count = take_varint(rest)? as usize;
    // Each takes a byte at least: a count beyond that is no reason to ask for memory.
    let mut ids = Vec::with_capacity(count.min(rest.len()));
    let mut before = 0_u32;
    for _ in 0..count {
        before = before.checked_add(take_varint(rest)?)?;
        ids.push(SeriesId(before));
    }
    Some(ids)
}

fn take_values(rest: &mut &[u8]) -> Option<Vec<(SeriesId, f64)>> {
    let ids = take_ids(rest)?;
    ids.into_iter().map(|id| Some((id, f64::from_le_bytes(*take(rest)?)))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::frame::Frames;
    use super::*;

    fn ids() -> impl Strategy<Value = Vec<SeriesId>> {
        prop::collection::btree_set(any::<u32>(), 0..20)
            .prop_map(|ids| ids.into_iter().map(SeriesId).collect())
    }

    fn tick() -> impl Strategy<Value = Entry> {
        let value = -1e300..1e300_f64;
        (any::<i64>(), ids(), ids(), prop::collection::vec(value, 20)).prop_map(|(t_ms, ids, limited, v)| {
            Entry::Tick {
                t_ms,
                samples: ids.into_iter().zip(v.clone()).collect(),
                limits: limited.into_iter().zip(v).map(|(id, v)| (id, (0.0 < v).then_some(v))).collect(),
            }
        })
    }

    fn entry() -> impl Strategy<Value = Entry> {
        let meta = ".{0,12}".prop_map(|name| Meta { name, ..Meta::default() });
        prop_oneof![
            (any::<u32>(), meta).prop_map(|(id, meta)| Entry::Series { id: SeriesId(id), meta }),
            tick(),
            (any::<i64>(), ids()).prop_map(|(t_ms, ids)| Entry::Restart { t_ms, ids }),
            any::<i64>().prop_map(|from_ms| Entry::Leap { from_ms }),
        ]
    }

    fn push(out: &mut Vec<u8>, entry: &Entry) {
        match entry {
            Entry::Series { id, meta } => push_series(out, *id, meta),
            Entry::Tick { t_ms, samples, limits } => {
                let reading = |&(id, used)| Reading { id, used, limit: None };
                push_tick(out, *t_ms, &samples.iter().map(reading).collect::<Vec<_>>(), limits);
            }
            Entry::Restart { t_ms, ids } => push_restart(out, *t_ms, ids),
            Entry::Leap { from_ms } => push_leap(out, *from_ms),
        }
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back(entries in prop::collection::vec(entry(), 0..6)) {
            let mut bytes = Vec::new();
            for entry in &entries {
                push(&mut bytes, entry);
            }
            let mut frames = Frames::new(&bytes[..], 0);
            for entry in entries {
                prop_assert_eq!(frames.next().unwrap().and_then(Entry::read), Some(entry));
            }
            prop_assert_eq!(frames.next().unwrap(), None);
        }

        #[test]
        fn arbitrary_bodies_do_not_panic(kind in 0..6_u8, mut body in prop::collection::vec(any::<u8>(), 0..80)) {
            body.insert(0, kind);
            let _ = Entry::read(&body);
        }
    }

    #[test]
    fn a_count_without_ids_asks_for_no_memory() {
        assert_eq!(Entry::read(&[RESTART, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
    }
}
