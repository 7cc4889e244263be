//! The words of a picture: values, times, the limit and its owner, now, the range of exhaustion.

use chrono::DateTime;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::report::{clean, ticks, units};

use super::{
    draw::{Area, Drawn, Scene},
    ink::Ink,
};

/// Where the labels of the time axis begin, below the plot.
const TIME_LABEL: i32 = 14;
/// Where labels above a line end.
const ABOVE: i32 = -9;
/// Where labels below a line begin.
const BELOW: i32 = 4;

impl Scene<'_> {
    pub(super) fn labels(&self, area: &Area<'_>) -> Drawn {
        let frame = self.frame;
        for (value, label) in self.value_ticks() {
            text(area, (frame.from as f64, value), (6, ABOVE), &label, Ink::Label, over(HPos::Left))?;
        }
        for (i, (t, label)) in self.time_ticks().into_iter().enumerate() {
            let ink = if i % 2 == 0 { Ink::Label } else { Ink::Spare };
            text(
                area,
                (t as f64, frame.low),
                (0, TIME_LABEL),
                &label,
                ink,
                Pos::new(HPos::Center, VPos::Top),
            )?;
        }
        if let Some(limit) = self.shown_limit() {
            let place = (frame.from as f64, limit);
            text(area, place, (6, ABOVE), &self.limit_label(limit), Ink::LimitLabel, over(HPos::Left))?;
        }
        let now = self.picture.now.clamp(frame.from, frame.to);
        let (off, side) = if self.crowded(now) { (-8, HPos::Right) } else { (8, HPos::Left) };
        // Where the exhaustion has its label below, there is room above: on narrow screens that label is wide.
        if self.picture.exhaustion.is_some() {
            let under = Pos::new(side, VPos::Top);
            text(area, (now as f64, frame.high), (off, BELOW), "now", Ink::Label, under)?;
        } else {
            text(area, (now as f64, frame.low), (off, ABOVE), "now", Ink::Label, over(side))?;
        }
        self.exhaustion_label(area)
    }

    /// Whether the edge or the label of the exhaustion is near on the right.
    fn crowded(&self, now: i64) -> bool {
        let full = self.picture.exhaustion.map_or(2.0, |(low, middle, _)| self.place(low.min(middle)));
        self.place(now) > 0.9 || full - self.place(now) < 0.2
    }

    fn exhaustion_label(&self, area: &Area<'_>) -> Drawn {
        let Some((low, middle, high)) = self.picture.exhaustion else { return Ok(()) };
        let date = |t: i64| DateTime::from_timestamp_millis(t);
        let Some(from) = date(low) else { return Ok(()) };
        let label = format!("full {}", self.when.range(from, high.and_then(date)));
        let middle = middle.clamp(self.frame.from, self.frame.to);
        let side = match self.place(middle) {
            place if place > 0.8 => HPos::Right,
            place if place < 0.2 => HPos::Left,
            _ => HPos::Center,
        };
        let nudge = if matches!(side, HPos::Right) { 14 } else { 0 };
        text(
            area,
            (middle as f64, self.frame.low),
            (nudge, 2 * ABOVE),
            &label,
            Ink::ExhaustionLabel,
            over(side),
        )
    }

    fn limit_label(&self, limit: f64) -> String {
        let row = &self.finding.row;
        let owner =
            row.limit_owner.as_deref().map_or(String::new(), |owner| format!(" · {}", clean::line(owner)));
        format!("limit {}{}", units::quantity(limit, &row.unit), clean::cut(&owner, 48))
    }

    /// The limit now, where it can be seen.
    fn shown_limit(&self) -> Option<f64> {
        self.picture.limit.last().map(|(_, limit)| *limit).filter(|limit| self.frame.shows(*limit))
    }

    /// Value ticks, without those that the limit's label would cover.
    pub(super) fn value_ticks(&self) -> Vec<(f64, String)> {
        let (low, high) = (self.frame.low, self.frame.high);
        let apart = |value: f64, other: f64| (value - other).abs() > 0.09 * (high - low);
        let limit = self.shown_limit();
        ticks::values(low, high, &self.finding.row.unit, 4)
            .into_iter()
            .filter(|(value, _)| {
                apart(*value, low) && apart(*value, high) && limit.is_none_or(|l| apart(*value, l))
            })
            .collect()
    }

    /// Time ticks, without those whose label would be cut by an edge.
    pub(super) fn time_ticks(&self) -> Vec<(i64, String)> {
        ticks::times(self.frame.from, self.frame.to, self.when.zone, 9)
            .into_iter()
            .filter(|(t, _)| (0.045..0.955).contains(&self.place(*t)))
            .collect()
    }
}

fn text(area: &Area<'_>, at: (f64, f64), off: (i32, i32), label: &str, ink: Ink, anchor: Pos) -> Drawn {
    let style = ("sans-serif", 20).into_font().color(&ink.color()).pos(anchor);
    area.draw(&(EmptyElement::at(at) + Text::new(label.to_owned(), off, style)))
}

/// A label that ends above its place, and grows upward on narrow screens.
fn over(side: HPos) -> Pos {
    Pos::new(side, VPos::Bottom)
}
