//! A finding as a picture: SVG drawn by plotters, coloured by the page it stands in.
//!
//! plotters writes literal colours; each `ink::Ink` is drawn in a colour of its own and replaced by a class,
//! so that one style sheet ([`CSS`]) serves light, dark and paper. No font is measured: labels are anchored
//! inside the plot, and none of them stands where its length would matter.

mod draw;
pub(super) mod frame;
mod ink;
mod labels;
mod marks;
mod points;
mod thin;
pub(super) mod tidy;

use std::fmt::Write as _;

use chrono::DateTime;
use chrono_tz::Tz;

use super::{clean, units, verdict::name, when::When};
use crate::finding::{Finding, Picture};

pub use points::{KeyPoint, key_points};

use frame::Frame;

/// The style sheet that the pictures need.
pub const CSS: &str = include_str!("chart/chart.css");

/// Draws a finding as an SVG element to stand in a page, or nothing where there is nothing to draw.
///
/// `id` must be unique in the page and made of ASCII letters, digits and `-`; other characters are left out.
#[must_use]
pub fn svg(finding: &Finding, picture: &Picture, id: &str, zone: Tz) -> String {
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let picture = &tidy::tidy(picture);
    let Some(frame) = Frame::of(picture, &finding.row.unit) else {
        return String::new();
    };
    let when = When::new(zone, DateTime::from_timestamp_millis(picture.now).unwrap_or_default());
    let scene = draw::Scene { finding, picture, frame: &frame, when: &when };
    draw::draw(&scene).map_or(String::new(), |drawn| {
        let (title, marks) =
            (format!("{} over time", name(&finding.row)), scene.ticks_of_marks().into_string());
        ink::dress(&drawn, &id, &title, &describe(&scene), &marks)
    })
}

/// Says in words what the picture shows.
fn describe(scene: &draw::Scene<'_>) -> String {
    let (picture, row, when) = (scene.picture, &scene.finding.row, scene.when);
    let date = |t: i64| DateTime::from_timestamp_millis(t).map_or(String::new(), |t| when.moment(t));
    let ends =
        picture.raw.first().or(picture.accepted.first()).zip(picture.raw.last().or(picture.accepted.last()));
    let mut out = String::new();
    if let Some((first, last)) = ends {
        let value = |v: f64| units::quantity(v, &row.unit);
        let _ = write!(
            out,
            "From {} at {} to {} at {}.",
            value(first.1),
            date(first.0),
            value(last.1),
            date(last.0)
        );
    }
    if let Some(limit) = row.limit {
        let _ = write!(out, " The limit is {}.", units::quantity(limit, &row.unit));
    }
    let _ = match picture.exhaustion {
        Some((low, middle, Some(high))) => {
            write!(out, " Exhausted about {}, between {} and {}.", date(middle), date(low), date(high))
        }
        Some((low, middle, None)) => write!(out, " Exhausted about {}, from {} on.", date(middle), date(low)),
        None => match row.exhausts_at {
            Some(at) => write!(out, " Exhausted about {}, outside what is shown.", when.moment(at)),
            None => write!(out, " No exhaustion is forecast."),
        },
    };
    let marks: Vec<String> = scene.shown_marks().map(|(t, text)| format!("{text} at {}", date(t))).collect();
    if let [.., last] = &marks[..] {
        let more = if 1 < marks.len() {
            format!("; {} more marks before it", marks.len() - 1)
        } else {
            String::new()
        };
        let _ = write!(out, " Marked: {last}{more}.");
    }
    clean::line(out.trim())
}

#[cfg(test)]
mod tests;
