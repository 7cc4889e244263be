//! Spans of time, and sets of them: sorted, apart from each other, none empty.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// From the first instant on, until before the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Belongs to it.
    pub from: DateTime<Utc>,
    /// Does not.
    pub until: DateTime<Utc>,
}

impl Span {
    /// A span.
    #[must_use]
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until }
    }

    /// Whether the instant belongs to it.
    #[must_use]
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// How long it lasts by a stopwatch, whatever clocks on walls do meanwhile.
    #[must_use]
    pub fn length(&self) -> TimeDelta {
        self.until - self.from
    }

    fn is_empty(&self) -> bool {
        self.until <= self.from
    }
}

/// Any spans as a set.
pub(super) fn set(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable();
    let mut set: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match set.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => set.push(span),
        }
    }
    set
}

/// What is in both sets.
pub(super) fn both(a: &[Span], b: &[Span]) -> Vec<Span> {
    let (mut i, mut j, mut both) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        let common = Span::new(a[i].from.max(b[j].from), a[i].until.min(b[j].until));
        if !common.is_empty() {
            both.push(common);
        }
        if a[i].until < b[j].until { i += 1 } else { j += 1 }
    }
    both
}

/// What of `whole` is not in the set.
pub(super) fn rest(whole: Span, taken: &[Span]) -> Vec<Span> {
    let (mut rest, mut from) = (Vec::new(), whole.from);
    for span in taken {
        rest.push(Span::new(from, span.from.min(whole.until)));
        from = from.max(span.until);
    }
    rest.push(Span::new(from, whole.until));
    rest.retain(|span| !span.is_empty());
    rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span((from, until): (i64, i64)) -> Span {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap();
        Span::new(at(from), at(until))
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        proptest::collection::vec((0_i64..60, 0_i64..60).prop_map(span), 0..8)
    }

    proptest! {
        #[test]
        fn sets_hold_what_they_should(a in spans(), b in spans(), whole in (0_i64..60, 0_i64..60)) {
            let (whole, set_a, set_b) = (span(whole), set(a.clone()), set(b.clone()));
            let (common, left) = (both(&set_a, &set_b), rest(whole, &set_a));
            for made in [&set_a, &common, &left] {
                prop_assert!(made.iter().all(|span| !span.is_empty()));
            }
            prop_assert!(set_a.windows(2).all(|two| two[0].until < two[1].from));
            for s in 0..60 {
                let at = DateTime::from_timestamp(s, 0).unwrap();
                let holds = |spans: &[Span]| spans.iter().filter(|span| span.holds(at)).count();
                prop_assert_eq!(holds(&set_a) == 1, 0 < holds(&a));
                prop_assert_eq!(holds(&common) == 1, 0 < holds(&a) && 0 < holds(&b));
                prop_assert_eq!(holds(&left) == 1, whole.holds(at) && holds(&a) == 0);
            }
        }
    }
}
