//! The inks of a picture, and how plotters' colours become classes.

use std::fmt::Write as _;

use maud::html;
use plotters::style::RGBColor;

/// What is drawn, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Grid,
    Surge,
    Band,
    Raw,
    Accepted,
    Curve,
    Limit,
    Epoch,
    Now,
    Exhaustion,
    Label,
    /// A label that narrow screens leave out.
    Spare,
    LimitLabel,
    ExhaustionLabel,
}

const ALL: [Ink; 14] = [
    Ink::Grid,
    Ink::Surge,
    Ink::Band,
    Ink::Raw,
    Ink::Accepted,
    Ink::Curve,
    Ink::Limit,
    Ink::Epoch,
    Ink::Now,
    Ink::Exhaustion,
    Ink::Label,
    Ink::Spare,
    Ink::LimitLabel,
    Ink::ExhaustionLabel,
];

impl Ink {
    /// The colour that stands for this ink until [`dress`].
    pub(super) fn color(self) -> RGBColor {
        RGBColor(1, 0, self as u8)
    }

    fn class(self) -> &'static str {
        match self {
            Self::Grid => "k-grid",
            Self::Surge => "k-surge",
            Self::Band => "k-band",
            Self::Raw => "k-raw",
            Self::Accepted => "k-accepted",
            Self::Curve => "k-curve",
            Self::Limit => "k-limit",
            Self::Epoch => "k-epoch",
            Self::Now => "k-now",
            Self::Exhaustion => "k-full",
            Self::Label => "k-label",
            Self::Spare => "k-label k-spare",
            Self::LimitLabel => "k-label k-limit-label",
            Self::ExhaustionLabel => "k-label k-full-label",
        }
    }
}

/// Attributes that the style sheet says better.
const IDLE: [&str; 6] = [
    " opacity=\"1\"",
    " stroke=\"none\"",
    " fill=\"none\"",
    " stroke-width=\"1\"",
    " font-family=\"sans-serif\"",
    " font-size=\"16.129032258064516\"",
];

/// Makes what plotters drew a responsive, named element without a literal colour, with `more` elements in front.
///
/// Text cannot be mistaken for markup: plotters escapes `<` and `"` in it.
pub(super) fn dress(drawn: &str, id: &str, title: &str, description: &str, more: &str) -> String {
    let mut lines = drawn.lines();
    let size =
        lines.next().and_then(|head| head.split("viewBox=\"").nth(1)).and_then(|rest| rest.split('"').next());
    let mut out = head(id, size.unwrap_or("0 0 1 1"), title, description);
    for line in lines {
        if line.starts_with("</svg") {
            out += more;
        }
        out += &dress_line(line, id);
    }
    out
}

fn head(id: &str, size: &str, title: &str, description: &str) -> String {
    let words = html! {
        title id={ (id) "-title" } { (title) }
        desc id={ (id) "-desc" } { (description) }
    };
    let words = words.into_string();
    format!(
        "<svg class=\"chart\" id=\"{id}\" viewBox=\"{size}\" width=\"100%\" role=\"img\" \
         xmlns=\"http://www.w3.org/2000/svg\" aria-labelledby=\"{id}-title {id}-desc\">{words}\
         <defs><pattern id=\"{id}-hatch\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><line class=\"k-hatch\" y2=\"10\"/></pattern></defs>\n"
    )
}

fn dress_line(line: &str, id: &str) -> String {
    if !line.starts_with('<') {
        return line.to_owned();
    }
    let mut line = line.to_owned();
    for ink in ALL {
        let class = match ink {
            Ink::Surge => format!("class=\"{}\" fill=\"url(#{id}-hatch)\"", ink.class()),
            _ => format!("class=\"{}\"", ink.class()),
        };
        let color = ink.color();
        for attribute in ["fill", "stroke"] {
            let literal = format!("{attribute}=\"#{:02X}{:02X}{:02X}\"", color.0, color.1, color.2);
            if line.contains(&literal) {
                for idle in IDLE {
                    line = line.replace(idle, "");
                }
                line = line.replace(&literal, &class);
            }
        }
    }
    let line = dots(&line).unwrap_or(line);
    // A line break within a text element would be a space at its end.
    if line.starts_with("<text") { line } else { line + "\n" }
}

/// Turns the line through samples into one path of dots, a fraction of the size of as many circles.
fn dots(line: &str) -> Option<String> {
    let class =
        ["k-raw", "k-accepted"].into_iter().find(|class| line.contains(&format!("class=\"{class}\"")))?;
    let points = line.split("points=\"").nth(1)?.split('"').next()?;
    let mut path = String::new();
    let mut before = (0, 0);
    for point in points.split_whitespace().filter_map(|point| point.split_once(',')) {
        let (x, y): (i32, i32) = (point.0.parse().ok()?, point.1.parse().ok()?);
        let comma = if y < before.1 { "" } else { "," };
        let _ = write!(path, "m{}{comma}{}h0", x - before.0, y - before.1);
        before = (x, y);
    }
    Some(format!("<path class=\"{class}\" d=\"{path}\"/>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_relative() {
        let line = "<polyline class=\"k-raw\" points=\"5,9 8,4 10,4 \"/>";
        assert_eq!(dots(line).unwrap(), "<path class=\"k-raw\" d=\"m5,9h0m3-5h0m2,0h0\"/>");
        assert_eq!(dots("<polyline class=\"k-curve\" points=\"5,9 8,4 \"/>"), None);
    }
}
