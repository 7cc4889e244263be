//! How a level moves: in a daily cycle, in a sawtooth, or neither; and since when its samples belong together.

use super::Past;
use super::teeth::Teeth;
use crate::season::Season;

/// What is known of a level's ways before any line is drawn.
#[derive(Clone, Debug)]
pub struct Regime<'a> {
    /// Everything up to now.
    pub past: Past<'a>,
    /// Length of a day.
    pub(super) day: f64,
    /// The cycle, where one shows.
    pub season: Option<Season>,
    /// The sawtooth, where it follows one and no cycle.
    pub(super) teeth: Option<Teeth>,
    /// Index of the first sample of the present epoch.
    from: usize,
}

impl<'a> Regime<'a> {
    /// Looks for a cycle of length `day` and for a sawtooth since the last known restart.
    #[must_use]
    pub fn of(past: Past<'a>, day: f64) -> Self {
        let season = Season::find(&past.t[past.start..], &past.y[past.start..], day);
        let teeth =
            if season.is_none() { Teeth::of(&past).filter(|teeth| !teeth.outgrown(&past)) } else { None };
        let last = past.climbs.last().map_or(past.start, |climb| climb.end.max(past.start));
        // Where drops are the rule they start nothing new.
        let from = if season.is_some() || teeth.is_some() { past.start } else { last };
        Self { past, day, season, teeth, from }
    }

    /// The samples of the present epoch: since the last restart, and since the last drop that took a climb back.
    #[must_use]
    pub fn epoch(&self) -> (&'a [f64], &'a [f64]) {
        (&self.past.t[self.from..], &self.past.y[self.from..])
    }
}
