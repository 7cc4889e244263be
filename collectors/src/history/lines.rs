//! What the readers of lines share.

use std::io::{self, BufRead, Read};

/// The longest line that is held: ten million samples of one series, where a line is one.
const LONGEST: u64 = 1 << 28;

/// Reads the next line into `bytes`; of one that is too long the beginning. `false` at the end.
pub(super) fn next_line(input: &mut dyn BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let mut head = input.take(LONGEST);
    head.read_until(b'\n', bytes)?;
    if bytes.len() as u64 == LONGEST && bytes.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
    }
    Ok(!bytes.is_empty())
}

/// The beginning of a line, for messages.
pub(super) fn short(text: &str) -> String {
    const SHOWN: usize = 60;
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
