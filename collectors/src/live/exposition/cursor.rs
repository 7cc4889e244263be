//! A place in a line, and the small steps that the format is made of.

use std::borrow::Cow;

/// What is left of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(pub(super) &'a str);

impl<'a> Cursor<'a> {
    /// Passes over spaces and tabs.
    pub(super) fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    /// Passes over `sign` if it is next.
    pub(super) fn take(&mut self, sign: char) -> bool {
        let rest = self.0.strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// What stands before the next of `ends`, or all.
    pub(super) fn until(&mut self, is_end: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(is_end).unwrap_or(self.0.len());
        let (found, rest) = self.0.split_at(end);
        self.0 = rest;
        found
    }

    /// A name, bare or in quotes; `None` where there is none.
    pub(super) fn name(&mut self) -> Option<Cow<'a, str>> {
        if self.0.starts_with('"') {
            return self.quoted();
        }
        let name = self.until(|letter| !(letter.is_ascii_alphanumeric() || "_:.".contains(letter)));
        (!name.is_empty()).then_some(Cow::Borrowed(name))
    }

    /// Text in quotes, in which `\\`, `\"` and `\n` stand for backslash, quote and line feed.
    pub(super) fn quoted(&mut self) -> Option<Cow<'a, str>> {
        let inside = self.0.strip_prefix('"')?;
        let end = inside.find(['"', '\\'])?;
        if inside[end..].starts_with('"') {
            self.0 = &inside[end + 1..];
            return Some(Cow::Borrowed(&inside[..end]));
        }
        let mut text = inside[..end].to_owned();
        let mut letters = inside[end..].char_indices();
        while let Some((place, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.0 = &inside[end + place + 1..];
                    return Some(Cow::Owned(text));
                }
                '\\' => text.push(match letters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                other => text.push(other),
            }
        }
        None
    }
}

/// Writes text so that [`Cursor::quoted`] reads it.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
