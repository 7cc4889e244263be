//! The elements of a picture, from the back to the front.

use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
};

use crate::{
    finding::{Finding, Picture},
    report::when::When,
};

use super::{frame::Frame, ink::Ink, thin};

pub(super) const SIZE: (u32, u32) = (1520, 680);
pub(super) const MARGIN: u32 = 6;
/// Room for the time axis and its labels.
pub(super) const AXIS: u32 = 56;
/// Samples nearer than this, in units of the picture, are one dot.
const DOT: f64 = 5.0;
/// At most so many dots of one kind, or the page would outgrow a mail.
const DOTS: usize = 600;
/// A line may be off by this much, in units of the picture.
const TOLERANCE: f64 = 0.6;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// All that a picture is drawn from.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) finding: &'a Finding,
    pub(super) picture: &'a Picture,
    pub(super) frame: &'a Frame,
    pub(super) when: &'a When,
}

/// Draws the scene in the colours of its inks.
pub(super) fn draw(scene: &Scene<'_>) -> Option<String> {
    let mut out = String::new();
    let root = SVGBackend::with_string(&mut out, SIZE).into_drawing_area();
    scene.on(&root).ok()?;
    root.present().ok()?;
    drop(root);
    Some(out)
}

impl Scene<'_> {
    fn on(&self, root: &DrawingArea<SVGBackend<'_>, Shift>) -> Drawn {
        let frame = self.frame;
        let chart = ChartBuilder::on(root)
            .margin(MARGIN)
            .margin_bottom(AXIS)
            .build_cartesian_2d(frame.from as f64..frame.to as f64, frame.low..frame.high)?;
        let area = chart.plotting_area();
        self.surges(area)?;
        self.grid(area)?;
        self.band(area)?;
        self.samples(area)?;
        self.limit(area)?;
        self.curve(area)?;
        self.epochs(area)?;
        self.now(area)?;
        self.exhaustion(area)?;
        self.labels(area)
    }

    fn surges(&self, area: &Area<'_>) -> Drawn {
        let frame = self.frame;
        for (from, to) in &self.picture.surges {
            // A short surge is still to be seen.
            let least = (frame.to - frame.from) / 300;
            let to = (*to).max(from.saturating_add(least)).min(frame.to);
            let from = (*from).max(frame.from);
            if from < to {
                let corners = [(from as f64, frame.high), (to as f64, frame.low)];
                area.draw(&Rectangle::new(corners, Ink::Surge.color().filled()))?;
            }
        }
        Ok(())
    }

    fn grid(&self, area: &Area<'_>) -> Drawn {
        for (value, _) in self.value_ticks() {
            stroke(area, self.across(value), Ink::Grid)?;
        }
        for (t, _) in self.time_ticks() {
            let foot = EmptyElement::at((t as f64, self.frame.low));
            area.draw(&(foot + PathElement::new([(0, 0), (0, 10)], Ink::Grid.color())))?;
        }
        stroke(area, self.across(self.frame.low), Ink::Grid)
    }

    fn band(&self, area: &Area<'_>) -> Drawn {
        let frame = self.frame;
        let inside = |y: f64| y.clamp(frame.low, frame.high);
        let band: Vec<_> = self
            .picture
            .band
            .iter()
            .filter(|(t, low, high)| {
                (frame.from..=frame.to).contains(t) && low.is_finite() && high.is_finite()
            })
            .collect();
        let edge = |y: fn(&(i64, f64, f64)) -> f64| {
            let edge: Vec<(f64, f64)> = band.iter().map(|point| (point.0 as f64, inside(y(point)))).collect();
            thin::line(&edge, self.tolerance())
        };
        let mut outline = edge(|point| point.2);
        outline.extend(edge(|point| point.1).into_iter().rev());
        if outline.len() > 2 { area.draw(&Polygon::new(outline, Ink::Band.color().filled())) } else { Ok(()) }
    }

    fn samples(&self, area: &Area<'_>) -> Drawn {
        for (points, ink, size) in
            [(&self.picture.raw, Ink::Raw, DOT), (&self.picture.accepted, Ink::Accepted, 2.0 * DOT)]
        {
            let shown: Vec<(f64, f64)> = self.inside(points).filter(|(_, y)| self.frame.shows(*y)).collect();
            let (t, y) = self.pixel();
            let dots = thin::to_at_most(DOTS, &shown, (size * t, size * y));
            if !dots.is_empty() {
                // `ink::dress` makes dots of the line.
                area.draw(&PathElement::new(dots, ink.color()))?;
            }
        }
        Ok(())
    }

    fn limit(&self, area: &Area<'_>) -> Drawn {
        let frame = self.frame;
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for (t, limit) in self.picture.limit.iter().filter(|(_, limit)| limit.is_finite()) {
            let t = (*t).clamp(frame.from, frame.to) as f64;
            let before = steps.last().map_or(*limit, |(_, before)| *before);
            steps.push((t, before));
            steps.push((t, *limit));
        }
        if let Some((_, last)) = steps.last().copied() {
            steps.push((frame.to as f64, last));
        }
        let steps = thin::line(&steps, 0.0);
        thin::clip(&steps, frame.low, frame.high)
            .into_iter()
            .try_for_each(|piece| stroke(area, piece, Ink::Limit))
    }

    fn curve(&self, area: &Area<'_>) -> Drawn {
        let points: Vec<(f64, f64)> = self.inside(&self.picture.curve).collect();
        let points = thin::line(&points, self.tolerance());
        let pieces = thin::clip(&points, self.frame.low, self.frame.high);
        pieces.into_iter().try_for_each(|piece| stroke(area, piece, Ink::Curve))
    }

    fn epochs(&self, area: &Area<'_>) -> Drawn {
        for t in self.picture.epochs.iter().filter(|t| (self.frame.from..=self.frame.to).contains(t)) {
            let foot = EmptyElement::at((*t as f64, self.frame.low));
            let flag = Polygon::new([(0, -34), (18, -27), (0, -20)], Ink::Epoch.color().filled());
            area.draw(&(foot + PathElement::new([(0, 0), (0, -34)], Ink::Epoch.color()) + flag))?;
        }
        Ok(())
    }

    fn now(&self, area: &Area<'_>) -> Drawn {
        let now = self.picture.now.clamp(self.frame.from, self.frame.to) as f64;
        stroke(area, vec![(now, self.frame.low), (now, self.frame.high)], Ink::Now)
    }

    /// A bar on the time axis, with its middle; it ends in an arrow where it goes on.
    fn exhaustion(&self, area: &Area<'_>) -> Drawn {
        let Some((low, middle, high)) = self.picture.exhaustion else { return Ok(()) };
        let frame = self.frame;
        let at = |t: i64| (t.clamp(frame.from, frame.to) as f64, frame.low);
        let end = high.filter(|high| *high <= frame.to);
        let bar = EmptyElement::at(at(low));
        area.draw(&(bar + PathElement::new([(0, -9), (0, 9)], Ink::Exhaustion.color())))?;
        stroke(area, vec![at(low), at(end.unwrap_or(frame.to))], Ink::Exhaustion)?;
        let shape = if end.is_some() { [(0, -9), (0, 9), (0, 0)] } else { [(-16, -9), (0, 0), (-16, 9)] };
        let last = EmptyElement::at(at(end.unwrap_or(frame.to)));
        area.draw(&(last + PathElement::new(shape, Ink::Exhaustion.color())))?;
        let diamond = EmptyElement::at(at(middle));
        area.draw(
            &(diamond
                + Polygon::new([(-11, 0), (0, -11), (11, 0), (0, 11)], Ink::Exhaustion.color().filled())),
        )
    }

    /// Where a time lies, from 0 at the left edge to 1 at the right.
    pub(super) fn place(&self, t: i64) -> f64 {
        (t - self.frame.from) as f64 / (self.frame.to - self.frame.from) as f64
    }

    /// The time and the value that one unit of the picture spans.
    fn pixel(&self) -> (f64, f64) {
        let frame = self.frame;
        let (width, height) = (f64::from(SIZE.0 - 2 * MARGIN), f64::from(SIZE.1 - MARGIN - AXIS));
        ((frame.to - frame.from) as f64 / width, (frame.high - frame.low) / height)
    }

    fn tolerance(&self) -> f64 {
        TOLERANCE * self.pixel().1
    }

    fn across(&self, value: f64) -> Vec<(f64, f64)> {
        vec![(self.frame.from as f64, value), (self.frame.to as f64, value)]
    }

    fn inside<'p>(&'p self, points: &'p [(i64, f64)]) -> impl Iterator<Item = (f64, f64)> + 'p {
        let shown = |(t, y): &&(i64, f64)| (self.frame.from..=self.frame.to).contains(t) && y.is_finite();
        points.iter().filter(shown).map(|(t, y)| (*t as f64, *y))
    }
}

fn stroke(area: &Area<'_>, points: Vec<(f64, f64)>, ink: Ink) -> Drawn {
    area.draw(&PathElement::new(points, ink.color()))
}
