//! Bytes of kernel files to fields and numbers. Nothing here panics, whatever the bytes are.

use std::fmt::Write as _;

/// The lines of a file, without their ends.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty())
}

/// The fields of a line, whatever space is between them.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|field| !field.is_empty())
}

/// A whole number without sign; the largest one where it does not fit.
pub(super) fn unsigned(field: &[u8]) -> Option<u64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let mut value = 0_u64;
    for byte in field {
        value = value.saturating_mul(10).saturating_add(digit(byte)?);
    }
    (!field.is_empty()).then_some(value)
}

/// The only number of a file that holds one.
pub(super) fn single(bytes: &[u8]) -> Option<u64> {
    unsigned(fields(bytes).next()?)
}

/// The number in column `index` of a line, counted from zero.
pub(super) fn nth(line: &[u8], index: usize) -> Option<u64> {
    unsigned(fields(line).nth(index)?)
}

/// A number with a fraction.
pub(super) fn decimal(field: &[u8]) -> Option<f64> {
    fast_float2::parse(field).ok().filter(|value: &f64| value.is_finite())
}

/// The number behind `key` on a line of its own (`anon 4096`).
pub(super) fn keyed(bytes: &[u8], key: &str) -> Option<u64> {
    lines(bytes).find_map(|line| {
        let mut fields = fields(line);
        (fields.next()? == key.as_bytes()).then(|| fields.next().and_then(unsigned)).flatten()
    })
}

/// The longest name that is kept, in bytes.
const LONGEST: usize = 255;

/// A name that others chose, made fit to be shown: what is not printable text is escaped, what is long is cut.
pub(super) fn printable(name: &[u8]) -> String {
    let mut shown = String::with_capacity(name.len().min(LONGEST));
    for chunk in name.utf8_chunks() {
        for letter in chunk.valid().chars() {
            if letter.is_control() {
                // Writing to a string cannot fail.
                let _ = write!(shown, "\\x{:02x}", u32::from(letter));
            } else if is_deceptive(letter) {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(letter));
            } else {
                shown.push(letter);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
        if LONGEST < shown.len() {
            break;
        }
    }
    if LONGEST < shown.len() {
        shown.truncate(shown.floor_char_boundary(LONGEST));
        shown.push('…');
    }
    shown
}

/// Letters that are not seen, or that change the order of others (Unicode's bidirectional controls).
fn is_deceptive(letter: char) -> bool {
    matches!(letter,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_names_become_harmless() {
        assert_eq!(printable(b"nginx"), "nginx");
        assert_eq!(printable(b"a) S 1\n\x1b[31m"), "a) S 1\\x0a\\x1b[31m");
        assert_eq!(printable(b"\xff\xfe"), "\\xff\\xfe");
        assert_eq!(printable("a\u{202e}b".as_bytes()), "a\\u{202e}b");
        assert_eq!(printable("größe".as_bytes()), "größe");
    }

    #[test]
    fn numbers_are_numbers_or_nothing() {
        assert_eq!(unsigned(b"42"), Some(42));
        assert_eq!(unsigned(b"99999999999999999999999"), Some(u64::MAX));
        assert_eq!(unsigned(b""), None);
        assert_eq!(unsigned(b"4x"), None);
        assert_eq!(keyed(b"file 1\nanon 4096\n", "anon"), Some(4096));
        assert_eq!(keyed(b"anonymous 1\nanon", "anon"), None);
    }

    proptest! {
        #[test]
        fn a_shown_name_is_short_and_has_no_control(name in proptest::collection::vec(any::<u8>(), 0..600)) {
            let shown = printable(&name);
            prop_assert!(shown.len() <= LONGEST + '…'.len_utf8());
            prop_assert!(!shown.chars().any(|letter| letter.is_control() || is_deceptive(letter)));
        }

        #[test]
        fn a_written_number_is_read(value in any::<u64>()) {
            prop_assert_eq!(unsigned(value.to_string().as_bytes()), Some(value));
        }
    }
}
