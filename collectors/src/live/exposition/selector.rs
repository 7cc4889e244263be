//! Which samples are meant: a metric, and what its labels must be, as in `jvm_memory_used_bytes{area="heap"}`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cursor::{Cursor, quote};
use super::parse::Exposed;

/// Chooses samples by metric and labels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Selector {
    /// The metric.
    pub metric: String,
    /// What its labels must be; all of it.
    pub matchers: Vec<Matcher>,
}

/// What one label must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// Its value; a label that is not there is empty.
    pub value: String,
    /// Whether it must be this value, or must not.
    pub equal: bool,
}

/// Why a text is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` selects no metric: expected `metric` or `metric{{label=\"value\",other!=\"value\"}}`")]
pub struct SelectorError {
    /// The text.
    pub text: String,
}

impl Selector {
    /// Whether a sample is meant.
    #[must_use]
    pub fn matches(&self, sample: &Exposed<'_>) -> bool {
        sample.name == self.metric
            && self
                .matchers
                .iter()
                .all(|matcher| (sample.label(&matcher.label) == matcher.value) == matcher.equal)
    }
}

impl TryFrom<String> for Selector {
    type Error = SelectorError;

    fn try_from(text: String) -> Result<Self, SelectorError> {
        read(&text).ok_or(SelectorError { text })
    }
}

fn read(text: &str) -> Option<Selector> {
    let mut cursor = Cursor(text.trim());
    let metric = cursor.name()?.into_owned();
    let mut matchers = Vec::new();
    cursor.skip_space();
    if cursor.take('{') {
        loop {
            cursor.skip_space();
            if cursor.take('}') {
                break;
            }
            let label = cursor.name()?.into_owned();
            cursor.skip_space();
            let equal = !cursor.take('!');
            if !cursor.take('=') {
                return None;
            }
            cursor.skip_space();
            matchers.push(Matcher { label, value: cursor.quoted()?.into_owned(), equal });
            cursor.skip_space();
            if !cursor.take(',') && !cursor.0.starts_with('}') {
                return None;
            }
        }
    }
    cursor.0.is_empty().then_some(Selector { metric, matchers })
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bare =
            |name: &str| Cursor(name).name().is_some_and(|bare| bare == name && !name.starts_with('"'));
        let name = |name: &str| if is_bare(name) { name.to_owned() } else { quote(name) };
        f.write_str(&name(&self.metric))?;
        if self.matchers.is_empty() {
            return Ok(());
        }
        let matcher = |matcher: &Matcher| {
            let sign = if matcher.equal { "=" } else { "!=" };
            format!("{}{sign}{}", name(&matcher.label), quote(&matcher.value))
        };
        write!(f, "{{{}}}", self.matchers.iter().map(matcher).collect::<Vec<_>>().join(","))
    }
}

impl From<Selector> for String {
    fn from(selector: Selector) -> Self {
        selector.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "numbers are read as they were written")]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use proptest::prelude::*;

    fn selector(text: &str) -> Selector {
        Selector::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn labels_must_be_or_must_not_be() {
        let found = parse("m{a=\"1\",b=\"2\"} 1\nm{a=\"2\"} 2\nn 3\n");
        let chosen = |text| {
            let selector = selector(text);
            found
                .samples
                .iter()
                .filter(|sample| selector.matches(sample))
                .map(|sample| sample.value)
                .sum::<f64>()
        };
        assert_eq!(chosen("m"), 3.0);
        assert_eq!(chosen("m{a=\"1\"}"), 1.0);
        assert_eq!(chosen("m{ a != \"1\" }"), 2.0);
        assert_eq!(chosen("m{b=\"\"}"), 2.0);
        assert_eq!(chosen("other"), 0.0);
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for text in ["", "{a=\"b\"}", "m{a}", "m{a=b}", "m{a=\"b\"} 1", "m{a=\"b\" c=\"d\"}"] {
            assert!(Selector::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Selector>("\"m{\"").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = Selector::try_from(text);
        }

        #[test]
        fn what_is_shown_is_read(metric in "\\PC{1,10}", labels in proptest::collection::vec(("\\PC{1,8}", any::<String>(), any::<bool>()), 0..4)) {
            let matchers = labels.into_iter().map(|(label, value, equal)| Matcher { label, value, equal }).collect();
            let written = Selector { metric, matchers };
            prop_assert_eq!(selector(&written.to_string()), written);
        }
    }
}
