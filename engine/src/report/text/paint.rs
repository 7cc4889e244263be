//! State as a word and a shape; colour on top, for those who have it.

use super::Style;
use crate::finding::Status;

/// The shape that stands before a state's word, its ASCII form second.
pub(in crate::report) fn shapes(status: Status) -> (char, char) {
    match status {
        Status::Exhausted => ('■', '#'),
        Status::Critical => ('●', '@'),
        Status::Warning => ('▲', '!'),
        Status::Watch => ('△', '^'),
        Status::SurgeHeld | Status::Seasonal => ('◇', '~'),
        Status::Reset | Status::Collecting => ('○', 'o'),
        Status::BeyondHorizon | Status::Ok => ('✓', '+'),
        Status::Steady => ('·', '.'),
        Status::Stale | Status::Error => ('×', 'x'),
    }
}

/// Shape and word.
pub(super) fn state(status: Status, style: &Style) -> String {
    let (shape, plain) = shapes(status);
    format!("{} {status}", if style.ascii { plain } else { shape })
}

/// Colours a text by state.
pub(in crate::report) fn by_state(text: &str, status: Status, style: &Style) -> String {
    let code = match status {
        Status::Exhausted | Status::Critical => "1;31",
        Status::Warning => "1;33",
        Status::Watch => "36",
        Status::BeyondHorizon | Status::Ok => "32",
        _ => "2",
    };
    paint(text, code, style)
}

/// Makes a text stand out.
pub(in crate::report) fn bold(text: &str, style: &Style) -> String {
    paint(text, "1", style)
}

/// Makes a text step back.
pub(in crate::report) fn dim(text: &str, style: &Style) -> String {
    paint(text, "2", style)
}

/// Colours a text by an SGR code.
pub(in crate::report) fn paint(text: &str, code: &str, style: &Style) -> String {
    if style.color && !text.trim().is_empty() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}
