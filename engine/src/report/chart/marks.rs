//! Marks on a picture: a tick at its upper edge for each, with its words where a pointer rests on it.

use chrono::DateTime;
use maud::{Markup, html};

use super::draw::{AXIS, MARGIN, SIZE, Scene};
use crate::report::clean;

/// Letters of a mark that are told on a picture.
const LETTERS: usize = 120;
/// Half of the room about a tick in which a pointer finds it.
const NEAR: f64 = 9.0;

impl Scene<'_> {
    /// The marks that can be seen, with their words.
    pub(super) fn shown_marks(&self) -> impl Iterator<Item = (i64, String)> {
        let inside = |t: i64| (self.frame.from..=self.frame.to).contains(&t);
        let words = |text: &str| clean::cut(&clean::line(text), LETTERS);
        self.picture.marks.iter().filter(move |(t, _)| inside(*t)).map(move |(t, text)| (*t, words(text)))
    }

    /// The ticks as elements of their own: plotters knows no titles.
    pub(super) fn ticks_of_marks(&self) -> Markup {
        let (width, height) = (f64::from(SIZE.0 - 2 * MARGIN), SIZE.1 - AXIS - MARGIN);
        let x = |t: i64| f64::from(MARGIN) + width * self.place(t);
        html! {
            @for (t, text) in self.shown_marks() {
                @let (left, middle, right) = (x(t) - NEAR, x(t), x(t) + NEAR);
                g class="k-mark" {
                    title { (text) @if let Some(at) = DateTime::from_timestamp_millis(t) { ", " (self.when.moment(at)) } }
                    path class="k-mark-line" d=(format!("M{middle:.1},{MARGIN}v{height}")) {}
                    path class="k-mark-head" d=(format!("M{left:.1},{MARGIN}H{right:.1}L{middle:.1},{}Z", MARGIN + 20)) {}
                    rect class="k-mark-room" x=(format!("{left:.1}")) y=(MARGIN) width=(2.0 * NEAR) height=(height) {}
                }
            }
        }
    }
}
