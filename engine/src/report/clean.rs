//! Names from outside, made safe to print.
//!
//! Names of mounts, processes and columns come from files and from the kernel, where anybody can choose
//! them. What could steer a terminal or turn a line around is replaced here, once.

/// Makes a text one line without control characters.
///
/// Line breaks and tabs become a space; other control characters, and the invisible ones that change the
/// direction of a text, become `U+FFFD`.
#[must_use]
pub fn line(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if steers(c) => '\u{FFFD}',
            c => c,
        })
        .collect()
}

/// Whether a character acts on the reader's screen instead of being shown on it.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Writes a text in ASCII, with the marks that Hebe itself uses spelled out.
#[must_use]
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '·' | '–' | '—' | '−' => out.push('-'),
            // One column, as the mark itself, so that a table stays straight.
            '…' => out.push('~'),
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '±' => out.push_str("+-"),
            '×' => out.push('x'),
            '→' => out.push_str("->"),
            '²' => out.push('2'),
            '\u{A0}' => out.push(' '),
            _ => out.push('?'),
        }
    }
    out
}

/// Counts the columns that a text takes on a terminal.
///
/// Wide East Asian characters and pictographs take two, combining marks none; this is the coarse half of
/// Unicode's UAX #11, enough to keep a table straight.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

fn char_columns(c: char) -> usize {
    match c {
        '\u{0300}'..='\u{036F}' | '\u{FE00}'..='\u{FE0F}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{1F300}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    }
}

/// Cuts a text to at most `width` columns, the cut marked by `…`.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut taken = 1;
    for c in text.chars() {
        taken += char_columns(c);
        if taken > width {
            break;
        }
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

/// Cuts the middle out of a text, so that a path keeps both its ends.
#[must_use]
pub fn cut_middle(text: &str, width: usize) -> String {
    if columns(text) <= width || width < 8 {
        return cut(text, width);
    }
    let tail_width = (width - 1) / 2;
    let mut tail = Vec::new();
    let mut taken = 0;
    for c in text.chars().rev() {
        taken += char_columns(c);
        if taken > tail_width {
            break;
        }
        tail.push(c);
    }
    let tail: String = tail.iter().rev().collect();
    cut(text, width - columns(&tail)) + &tail
}

/// Breaks a text into lines of at most `width` columns, at spaces where there are any.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = cut_middle(word, width);
        match lines.last_mut() {
            Some(last) if columns(last) + 1 + columns(&word) <= width => {
                last.push(' ');
                last.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(line("a\u{1b}[31mred\nb\u{202e}c\u{9b}d"), "a\u{FFFD}[31mred b\u{FFFD}c\u{FFFD}d");
    }

    #[test]
    fn ascii_is_ascii() {
        assert_eq!(ascii("3 ≤ é · x…"), "3 <= ? - x~");
    }

    #[test]
    fn cuts_are_marked_and_fit() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("日本語日本語", 7), "日本語…");
        assert_eq!(cut_middle("/var/lib/containers/storage", 13), "/var/l…torage");
        assert_eq!(cut("abc", 3), "abc");
    }

    #[test]
    fn long_words_are_cut_not_spilled() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert!(wrap(&"x".repeat(50), 10).iter().all(|line| columns(line) <= 10));
    }
}
