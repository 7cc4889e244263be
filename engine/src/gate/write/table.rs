//! For people: the answer, a paragraph a series, the terms.

use std::fmt::Write as _;

use crate::gate::{Ruling, Terms, Verdict, verdict};
use crate::report::{Style, clean};

use super::headline;

/// Series shown, worst first; the others are counted.
const SHOWN: usize = 24;

/// Writes the rulings for a terminal.
#[must_use]
pub fn table(rulings: &[Ruling], terms: &Terms, style: &Style) -> String {
    let width = style.width.clamp(40, 240);
    let mut out = String::new();
    for line in clean::wrap(&headline(rulings), width) {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
    for ruling in rulings.iter().take(SHOWN) {
        let (shape, plain) = ruling.verdict.shape();
        let head = format!(
            "{} {} {}",
            if style.ascii { plain } else { shape },
            ruling.verdict,
            clean::line(&ruling.series)
        );
        let _ = writeln!(out, "{}", paint(&clean::cut_middle(&head, width), ruling.verdict, style));
        for line in clean::wrap(&clean::line(&ruling.sentence), width - 2) {
            let _ = writeln!(out, "  {line}");
        }
    }
    if let Some(more) = rulings.get(SHOWN..).filter(|more| !more.is_empty()) {
        let _ = writeln!(out, "and {} more, {} at worst; --format json has all", more.len(), verdict(more));
    }
    out.push('\n');
    for line in clean::wrap(&held_to(terms), width) {
        let _ = writeln!(out, "{line}");
    }
    if style.ascii { clean::ascii(&out) } else { out }
}

/// The terms, in one sentence.
pub(super) fn held_to(terms: &Terms) -> String {
    format!(
        "Allowed: growth of {}. To pass, a run must rule out {} more, at {:.0} % confidence.",
        terms.allow.words(),
        terms.sensitivity.words(),
        100.0 * terms.confidence
    )
}

fn paint(text: &str, verdict: Verdict, style: &Style) -> String {
    let code = match verdict {
        Verdict::Pass => "32",
        Verdict::Inconclusive => "1;33",
        Verdict::Unknown => "35",
        Verdict::Fail => "1;31",
    };
    if style.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}
