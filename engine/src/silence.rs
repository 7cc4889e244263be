//! Silences: what is not told for a while, who said so and why. An end is required.
//!
//! A silenced event is still logged, with the silence that kept it back. What lives here is pure: time comes in, files
//! are opened by others.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// Its name, unique among the silences.
    pub id: String,
    /// Which resources: a pattern with `*` (any run of characters) and `?` (one).
    #[serde(default = "anything")]
    pub resource: String,
    /// Which scopes: a pattern of the same form.
    #[serde(default = "anything")]
    pub scope: String,
    /// Who asked for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Not before this; at once where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<DateTime<Utc>>,
    /// Not from here on.
    pub ends: DateTime<Utc>,
}

fn anything() -> String {
    "*".to_owned()
}

/// Why a silence is not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SilenceError {
    /// The text is not a list of silences.
    #[error("not a list of silences in JSON")]
    Form(#[from] serde_json::Error),
    /// A field is empty that someone will want to read later.
    #[error("silence `{id}` has no {field}")]
    Empty {
        /// The silence.
        id: String,
        /// The field.
        field: &'static str,
    },
    /// Two silences have one name.
    #[error("silence `{id}` is there twice")]
    Twice {
        /// The name.
        id: String,
    },
    /// It ends before it begins.
    #[error("silence `{id}` ends before it starts")]
    Backwards {
        /// The silence.
        id: String,
    },
}

impl Silence {
    /// Whether it holds for `scope` of `resource` at `now`.
    #[must_use]
    pub fn holds(&self, resource: &str, scope: &str, now: DateTime<Utc>) -> bool {
        self.starts.is_none_or(|starts| starts <= now)
            && now < self.ends
            && matches(&self.resource, resource)
            && matches(&self.scope, scope)
    }

    fn check(&self) -> Result<(), SilenceError> {
        let fields = [
            ("id", &self.id),
            ("resource", &self.resource),
            ("scope", &self.scope),
            ("owner", &self.owner),
            ("reason", &self.reason),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(SilenceError::Empty { id: self.id.clone(), field });
        }
        if self.starts.is_some_and(|starts| self.ends <= starts) {
            return Err(SilenceError::Backwards { id: self.id.clone() });
        }
        Ok(())
    }
}

/// The silences of a host, in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Silences(Vec<Silence>);

impl Silences {
    /// Reads what [`Silences::to_json`] wrote, or what a person did. Nothing at all is no silence.
    ///
    /// # Errors
    ///
    /// On anything that is not wholly understood: half a silence is none, and who is silenced wrongly hears nothing.
    pub fn parse(text: &[u8]) -> Result<Self, SilenceError> {
        if text.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let mut silences = Self::default();
        for silence in serde_json::from_slice::<Vec<Silence>>(text)? {
            silences.add(silence)?;
        }
        Ok(silences)
    }

    /// JSON for people: one silence after another, indented.
    ///
    /// # Errors
    ///
    /// None of today's fields can fail to be written.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(&self.0).map(|text| text + "\n")
    }

    /// Adds one.
    ///
    /// # Errors
    ///
    /// Where it lacks owner, reason or pattern, ends before it starts, or has the name of another.
    pub fn add(&mut self, silence: Silence) -> Result<(), SilenceError> {
        silence.check()?;
        if self.0.iter().any(|other| other.id == silence.id) {
            return Err(SilenceError::Twice { id: silence.id });
        }
        self.0.push(silence);
        Ok(())
    }

    /// Takes one away; whether there was one of that name.
    pub fn remove(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|silence| silence.id != id);
        self.0.len() < before
    }

    /// Forgets those that are over at `now`.
    pub fn expire(&mut self, now: DateTime<Utc>) {
        self.0.retain(|silence| now < silence.ends);
    }

    /// The first silence that holds for `scope` of `resource` at `now`.
    #[must_use]
    pub fn holding(&self, resource: &str, scope: &str, now: DateTime<Utc>) -> Option<&Silence> {
        self.0.iter().find(|silence| silence.holds(resource, scope, now))
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Silence] {
        &self.0
    }
}

/// Whether `text` is of the form `pattern`: `*` stands for any run of characters, `?` for one, the rest for itself.
///
/// Linear in practice, at worst the product of the lengths: on a mismatch only the last `*` is widened.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn silence(id: &str, scope: &str) -> Silence {
        Silence {
            id: id.to_owned(),
            resource: "disk.*".to_owned(),
            scope: scope.to_owned(),
            owner: "ann".to_owned(),
            reason: "moving house".to_owned(),
            starts: Some(at(100)),
            ends: at(200),
        }
    }

    /// The definition, to hold the loop against.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some('*'), _) => {
                by_definition(&pattern[1..], text) || (!text.is_empty() && by_definition(pattern, &text[1..]))
            }
            (Some(&c), Some(&other)) if c == '?' || c == other => by_definition(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    #[test]
    fn it_holds_from_its_start_up_to_its_end() {
        let silence = silence("a", "/var");
        let holds: Vec<i64> =
            [99, 100, 199, 200].into_iter().filter(|&t| silence.holds("disk.bytes", "/var", at(t))).collect();
        assert_eq!(holds, [100, 199]);
        assert!(!silence.holds("memory.used", "/var", at(150)));
        assert!(!silence.holds("disk.bytes", "/var/lib", at(150)));
    }

    #[test]
    fn those_that_are_over_are_forgotten() {
        let mut silences = Silences::default();
        silences.add(silence("a", "*")).unwrap();
        silences.expire(at(199));
        assert_eq!(silences.holding("disk.bytes", "/", at(150)).unwrap().id, "a");
        silences.expire(at(200));
        assert_eq!(silences.all(), []);
    }

    #[test]
    fn nobody_is_silenced_without_owner_reason_and_end() {
        let fields = r#""id":"a","owner":"ann","reason":"r","ends":"2026-11-22T00:00:00Z""#;
        assert_eq!(Silences::parse(format!("[{{{fields}}}]").as_bytes()).unwrap().all().len(), 1);
        for missing in [r#""owner":"ann","#, r#""reason":"r","#, r#","ends":"2026-11-22T00:00:00Z""#] {
            let text = format!("[{{{}}}]", fields.replace(missing, ""));
            assert!(Silences::parse(text.as_bytes()).is_err(), "{text}");
        }
        let blank = format!("[{{{}}}]", fields.replace("ann", "  "));
        assert!(Silences::parse(blank.as_bytes()).unwrap_err().to_string().contains("no owner"));
        let unknown = format!(r#"[{{{fields},"scpoe":"/var"}}]"#);
        assert!(Silences::parse(unknown.as_bytes()).is_err(), "a misspelt pattern would silence everything");
    }

    #[test]
    fn names_are_unique_and_taken_away_once() {
        let mut silences = Silences::default();
        silences.add(silence("a", "*")).unwrap();
        assert!(silences.add(silence("a", "/")).is_err());
        assert!(silences.remove("a"));
        assert!(!silences.remove("a"));
    }

    proptest! {
        #[test]
        fn patterns_match_as_defined(pattern in "[ab*?/]{0,8}", text in "[ab/ü]{0,10}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), by_definition(&p, &t));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Silences::parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(scope in "\\PC{1,20}", reason in "\\PC{1,20}", id in "[a-z]{1,5}") {
            let mut silences = Silences::default();
            let silence = Silence { reason, ..silence(&id, &scope) };
            prop_assume!(silence.check().is_ok());
            silences.add(silence).unwrap();
            prop_assert_eq!(Silences::parse(silences.to_json().unwrap().as_bytes()).unwrap(), silences);
        }
    }
}
