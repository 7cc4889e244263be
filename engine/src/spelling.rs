//! The word that somebody probably meant.

/// The nearest of `words`, unless it is too far from `wrong` to have been meant.
pub fn nearest<'a>(wrong: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (away, word) = words.into_iter().map(|word| (distance(wrong, word), word)).min()?;
    (away <= 1 + wrong.len() / 4).then_some(word)
}

/// The nearest of the keys that an error message of the `toml` parser offers in backticks after the wrong one.
#[must_use]
pub fn suggestion(message: &str) -> Option<String> {
    let mut words = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let wrong = words.next()?;
    nearest(wrong, words).map(str::to_owned)
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_key_is_offered_and_a_far_one_is_not() {
        let message =
            |wrong: &str| format!("unknown field `{wrong}`, expected one of `period`, `horizons`, `risk`");
        assert_eq!(suggestion(&message("perod")).as_deref(), Some("period"));
        assert_eq!(suggestion(&message("horizon")).as_deref(), Some("horizons"));
        assert_eq!(suggestion(&message("colour")), None);
        assert_eq!(nearest("Europe/Berln", ["Europe/Berlin", "Europe/Dublin"]), Some("Europe/Berlin"));
    }
}
