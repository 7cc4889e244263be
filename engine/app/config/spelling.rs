//! The key that somebody probably meant.

/// The nearest of the keys that an error message of the parser offers in backticks after the wrong one.
pub(super) fn suggestion(message: &str) -> Option<String> {
    let mut words = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let wrong = words.next()?;
    let nearest = words.min_by_key(|word| distance(wrong, word))?;
    (distance(wrong, nearest) <= 1 + wrong.len() / 4).then(|| nearest.to_owned())
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
    }
}
