//! For a pull request: the answer, a table, a sentence a series.

use std::fmt::Write as _;

use crate::gate::pace::Scale;
use crate::gate::{Ruling, Terms};
use crate::report::{clean, units};

use super::{headline, table::held_to};

/// Writes the rulings as Markdown.
#[must_use]
pub fn markdown(rulings: &[Ruling], terms: &Terms) -> String {
    let mut out = format!("## Hebe gate: {}\n\n", escape(&headline(rulings)));
    out.push_str("| Verdict | Series | Growth | Interval | Smallest leak seen | Warm-up |\n|---|---|---|---|---|---|\n");
    for ruling in rulings {
        let cells = cells(ruling).map(|cell| escape(&cell));
        let _ = writeln!(out, "| **{}** | {} |", ruling.verdict, cells.join(" | "));
    }
    out.push('\n');
    for ruling in rulings {
        let _ = writeln!(
            out,
            "- {} **{}**: {}",
            ruling.verdict,
            escape(&ruling.series),
            escape(&ruling.sentence)
        );
    }
    let _ = writeln!(out, "\n{}", escape(&held_to(terms)));
    out
}

fn cells(ruling: &Ruling) -> [String; 5] {
    let nothing = || units::NOTHING.to_owned();
    let numbers =
        (ruling.growth_per_h, ruling.growth_lo_per_h, ruling.growth_hi_per_h, ruling.smallest_leak_per_h);
    let warm_up = ruling.warm_up_s.filter(|&s| 0.0 < s).map_or_else(nothing, units::duration);
    let (Some(growth), Some(low), Some(high), Some(least)) = numbers else {
        return [ruling.series.clone(), nothing(), nothing(), nothing(), warm_up];
    };
    let [growth, low, high, least] = [growth, low, high, least].map(|per_h| per_h / 3_600.0);
    let scale = Scale::of(low.abs().max(high.abs()).max(least), high - growth, &ruling.unit);
    let interval = format!("{} to {}", scale.number(low), scale.number(high));
    [ruling.series.clone(), scale.growth(growth), interval, scale.growth(least), warm_up]
}

/// Escapes what Markdown, and the HTML in it, would take for markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in clean::line(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
