//! What the user says about units and limits, by name pattern.

use super::super::Limit;
use super::super::{Note, Options, Unit};
use super::bench::{Bench, Draft};

/// Whether `name` is what `pattern` means; `*` stands for any text.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Whether the user named the column, as a value or with a limit or a unit: then it is a level.
pub(super) fn asks_for(bench: &Bench<'_>, column: usize) -> bool {
    let Options { values, limits, units, .. } = bench.options;
    let key = &bench.columns[column].key;
    let label = super::naming::label(key);
    let named = |pattern: &str| matches(pattern, &key.metric) || matches(pattern, &label);
    values.iter().any(|value| value.eq_ignore_ascii_case(&key.metric))
        || limits.iter().chain(units).any(|(pattern, ..)| named(pattern))
        || bench.options.limit_column.as_ref().is_some_and(|limit| limit.eq_ignore_ascii_case(&key.metric))
}

/// Scales the columns whose unit the user named.
pub(super) fn scale(bench: &mut Bench<'_>) {
    let options = bench.options;
    for (pattern, factor, unit) in &options.units {
        let mut found = false;
        for column in &mut bench.columns {
            if !matches(pattern, &column.key.metric) && !matches(pattern, &super::naming::label(&column.key))
            {
                continue;
            }
            found = true;
            column.unit = *unit;
            scale_by(&mut column.v, *factor);
        }
        if !found {
            bench.note(format!("--unit {pattern}: no column has that name"));
        }
    }
}

/// Multiplies, within what a number can hold.
pub(super) fn scale_by(values: &mut [f64], factor: f64) {
    for value in values {
        *value = (*value * factor).clamp(f64::MIN, f64::MAX);
    }
}

/// Puts the user's limits in the place of the data's.
pub(super) fn limit(bench: &mut Bench<'_>, names: &[String]) {
    let options: &Options = bench.options;
    for (pattern, value, unit) in &options.limits {
        let mut found = false;
        let mut notes = Vec::new();
        for (draft, name) in bench.drafts.iter_mut().zip(names) {
            if means(pattern, draft, name) {
                found = true;
                notes.extend(set(draft, name, *value, *unit));
            }
        }
        if !found {
            notes.push(format!("--limit {pattern}: no series, resource or column has that name"));
        }
        bench.notes.extend(notes.into_iter().map(|text| Note { source: bench.source.to_owned(), text }));
    }
}

fn means(pattern: &str, draft: &Draft, name: &str) -> bool {
    matches(pattern, name)
        || matches(pattern, &draft.resource)
        || matches(pattern, &format!("{}/{}", draft.resource, draft.scope))
        || matches(pattern, &draft.metric)
        || draft.also.iter().any(|also| matches(pattern, also))
}

fn set(draft: &mut Draft, name: &str, value: f64, unit: Unit) -> Option<String> {
    if !value.is_finite() {
        return Some(format!("--limit {name}: {value} is no limit"));
    }
    let note = match (unit, draft.unit) {
        (Unit::Bytes, Unit::Count | Unit::Percent | Unit::Seconds) => {
            return Some(format!(
                "--limit {name}: a size is no limit of a {} series; not applied",
                draft.unit
            ));
        }
        (Unit::Bytes, Unit::Unknown) => {
            let column = &draft.metric;
            Some(format!(
                "the unit of `{column}` is not in the file; --limit is taken as bytes: if it counts kB, say --unit \
                 {column}=kB"
            ))
        }
        _ => None,
    };
    draft.limit = Some(Limit::fixed(value, "--limit"));
    note
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in
            [("a", "a"), ("*", ""), ("a*", "abc"), ("*c", "abc"), ("a*b*c", "a-b-b-c"), ("**", "x")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("a", "ab"), ("", "a"), ("a*a", "a"), ("*b", "abc"), ("a*x*c", "abc"), ("A", "a")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
