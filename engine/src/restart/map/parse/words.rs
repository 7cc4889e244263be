//! A command in one string, split as a shell would split it; nothing is expanded, for there is no shell.

/// What only a shell would understand.
const SHELL: [char; 8] = ['|', '&', ';', '<', '>', '`', '$', '('];

/// The words of a command, or why it is none.
///
/// Single quotes keep all; double quotes keep all but `\"` and `\\`; a backslash keeps the next character.
pub(super) fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' | '"' => quoted(letter, &mut letters, word.get_or_insert_default())?,
            '\\' => {
                let kept = letters.next().ok_or("ends with a backslash")?;
                word.get_or_insert_default().push(kept);
            }
            _ if SHELL.contains(&letter) => return Err(no_shell(letter)),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    checked(words)
}

/// Reads on to the closing quote.
fn quoted(quote: char, letters: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    let open = || format!("has no closing {quote}");
    loop {
        match letters.next().ok_or_else(open)? {
            letter if letter == quote => return Ok(()),
            '\\' if quote == '"' => match letters.next().ok_or_else(open)? {
                kept @ ('"' | '\\') => word.push(kept),
                other => word.extend(['\\', other]),
            },
            letter @ ('$' | '`') if quote == '"' => return Err(no_shell(letter)),
            letter => word.push(letter),
        }
    }
}

fn no_shell(letter: char) -> String {
    format!(
        "holds `{letter}`, and no shell reads it; quote it with '…', or write [\"sh\", \"-c\", \"…\"] if a shell is wanted"
    )
}

/// Words that can be started.
pub(super) fn checked(words: Vec<String>) -> Result<Vec<String>, String> {
    if words.first().is_none_or(String::is_empty) {
        return Err("names no program".to_owned());
    }
    if words.iter().any(|word| word.contains('\0')) {
        return Err("holds a zero byte, which no program can be given".to_owned());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text).unwrap(), expected, "{text}");
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        check("nginx -g 'daemon off;'", &["nginx", "-g", "daemon off;"]);
        check(r#"a "b \" c" d\ e ''"#, &["a", "b \" c", "d e", ""]);
        check(r#"a"b"'c'  d"#, &["abc", "d"]);
        check("curl http://h/?a=b*", &["curl", "http://h/?a=b*"]);
    }

    #[test]
    fn what_needs_a_shell_is_refused() {
        for text in ["a | b", "a && b", "a > f", "echo $HOME", "echo \"$HOME\"", "a `b`", "a;b"] {
            assert!(words(text).unwrap_err().contains("no shell"), "{text}");
        }
        check("echo '$HOME'", &["echo", "$HOME"]);
    }

    #[test]
    fn half_a_command_is_refused() {
        for text in ["", "  ", "'a", "\"a", "a\\", "''", "\"a\\"] {
            assert!(words(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_split_without_panic(text in "\\PC{0,60}") {
            let _ = words(&text);
        }
    }
}
