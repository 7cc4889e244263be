//! The files of cgroups: memory that cannot be dropped, limits, events.

use crate::live::text;

/// A limit as cgroups write it: a number, or `max` where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// So many.
    At(u64),
    /// None is set.
    Max,
}

/// Reads a limit; `None` where the file says something else.
pub(super) fn bound(bytes: &[u8]) -> Option<Bound> {
    let value = text::fields(bytes).next()?;
    if value == b"max" { Some(Bound::Max) } else { text::unsigned(value).map(Bound::At) }
}

/// Bytes that cannot be dropped, of version 2: `anon + shmem + sock + kernel - slab_reclaimable`. Page cache and
/// droppable objects fill any limit, and are no aging.
///
/// Before Linux 5.18 `kernel` is the sum of its parts.
pub(super) fn held_two(stat: &[u8]) -> Option<u64> {
    let mut held = Held::default();
    for (key, value) in pairs(stat) {
        match key {
            b"anon" => held.anonymous = Some(value),
            b"kernel" => held.kernel = Some(value),
            b"shmem" | b"sock" => held.other = held.other.saturating_add(value),
            b"kernel_stack" | b"pagetables" | b"percpu" | b"vmalloc" | b"slab" => {
                held.parts = held.parts.saturating_add(value);
            }
            b"slab_reclaimable" => held.droppable = value,
            _ => {}
        }
    }
    let kernel = held.kernel.unwrap_or(held.parts).saturating_sub(held.droppable);
    Some(held.anonymous?.saturating_add(held.other).saturating_add(kernel))
}

/// Bytes that cannot be dropped, of version 1: with those of the cgroups within, without the kernel's.
pub(super) fn held_one(stat: &[u8]) -> Option<u64> {
    let (mut anonymous, mut shared) = (None, 0);
    for (key, value) in pairs(stat) {
        match key {
            b"total_rss" => anonymous = Some(value),
            b"total_shmem" => shared = value,
            _ => {}
        }
    }
    anonymous.map(|anonymous: u64| anonymous.saturating_add(shared))
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    anonymous: Option<u64>,
    kernel: Option<u64>,
    parts: u64,
    other: u64,
    droppable: u64,
}

/// `key number` lines.
fn pairs(bytes: &[u8]) -> impl Iterator<Item = (&[u8], u64)> {
    text::lines(bytes).filter_map(|line| {
        let mut fields = text::fields(line);
        Some((fields.next()?, text::unsigned(fields.next()?)?))
    })
}

/// How often processes were killed, and how often they were slowed down, of `memory.events` (version 2) or
/// `memory.oom_control` (version 1, which does not slow down).
pub(super) fn events(bytes: &[u8]) -> (Option<u64>, Option<u64>) {
    let value = |wanted: &[u8]| pairs(bytes).find(|&(key, _)| key == wanted).map(|(_, value)| value);
    (value(b"oom_kill"), value(b"high"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_can_be_dropped_is_not_held() {
        let new = b"anon 1000\nfile 99999\nkernel 500\nkernel_stack 10\npagetables 10\nsock 3\nshmem 20\nslab_reclaimable 100\nslab 200\n";
        assert_eq!(held_two(new), Some(1000 + 3 + 20 + 400));
        let old = b"anon 1000\nfile 99999\nkernel_stack 10\nsock 3\nshmem 20\nslab_reclaimable 100\nslab 200\npercpu 5\n";
        assert_eq!(held_two(old), Some(1000 + 3 + 20 + 115));
        assert_eq!(held_one(b"cache 5\nrss 7\ntotal_rss 70\ntotal_shmem 9\n"), Some(79));
        assert_eq!(held_two(b"file 1000\n"), None);
    }

    #[test]
    fn limits_and_events() {
        assert_eq!(bound(b"max\n"), Some(Bound::Max));
        assert_eq!(bound(b"4096\n"), Some(Bound::At(4096)));
        assert_eq!(bound(b"4x\n"), None);
        assert_eq!(bound(b""), None);
        assert_eq!(events(b"low 0\nhigh 7\nmax 0\noom 2\noom_kill 1\n"), (Some(1), Some(7)));
        assert_eq!(events(b"oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), (Some(3), None));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (bound(&bytes), held_one(&bytes), held_two(&bytes), events(&bytes));
        }

        #[test]
        fn what_is_written_is_read(anonymous: u32, kernel in 100_u32.., droppable in 0_u32..100) {
            let file = format!("anon {anonymous}\nfile 1\nkernel {kernel}\nslab_reclaimable {droppable}\n");
            let expected = u64::from(anonymous) + u64::from(kernel) - u64::from(droppable);
            prop_assert_eq!(held_two(file.as_bytes()), Some(expected));
            prop_assert_eq!(bound(format!("{kernel}\n").as_bytes()), Some(Bound::At(u64::from(kernel))));
        }
    }
}
