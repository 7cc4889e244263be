//! Values that several keys share: lengths of time, commands, hooks, budgets, lists of names.

use std::path::PathBuf;

use super::fields::Item;
use super::words;
use crate::restart::map::error::Faults;
use crate::restart::map::{Budget, Hook};
use crate::restart::span;

/// Time that a hook may take if the map does not say.
pub(in crate::restart::map) const HOOK_S: f64 = 30.0;

/// The largest count.
const MOST: usize = 1_000_000;

const COMMAND: &str = "expected a command: one text such as \"systemctl reboot\", or a list of words";
const BUDGET: &str = "expected a budget such as \"3 in 1h\" or { intensity = 3, period = \"1h\" }";

/// Seconds of a length of time.
pub(super) fn seconds(item: Item<'_>, faults: &mut Faults<'_>) -> Option<f64> {
    let seconds = item.value.as_str().and_then(span::seconds);
    if seconds.is_none() {
        item.refuse(faults, span::EXPECTED);
    }
    seconds
}

/// A whole number of at least one.
pub(super) fn count(item: Item<'_>, faults: &mut Faults<'_>) -> Option<usize> {
    count_from(1, item, faults)
}

fn count_from(least: usize, item: Item<'_>, faults: &mut Faults<'_>) -> Option<usize> {
    let digits = item.value.as_integer();
    let count = digits
        .and_then(|digits| usize::from_str_radix(digits.as_str(), digits.radix()).ok())
        .filter(|count| (least..=MOST).contains(count));
    if count.is_none() {
        item.refuse(faults, &format!("expected a whole number from {least} on"));
    }
    count
}

/// Yes or no.
pub(super) fn flag(item: Item<'_>, faults: &mut Faults<'_>) -> Option<bool> {
    let flag = item.value.as_bool();
    if flag.is_none() {
        item.refuse(faults, "expected true or false");
    }
    flag
}

/// One text or a list of texts.
pub(super) fn texts<'a>(item: Item<'a>, faults: &mut Faults<'_>, expected: &str) -> Vec<(&'a str, usize)> {
    item.each().into_iter().filter_map(|each| Some((each.text(faults, expected)?, each.at))).collect()
}

/// A path that does not depend on a working folder.
pub(super) fn path(item: Item<'_>, faults: &mut Faults<'_>) -> Option<PathBuf> {
    let path = item.value.as_str().map(PathBuf::from).filter(|path| path.is_absolute());
    if path.is_none() {
        item.refuse(faults, "expected an absolute path");
    }
    path.filter(|path| !path.to_string_lossy().contains('\0'))
}

/// Program and arguments.
pub(super) fn argv(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Vec<String>> {
    let argv = if let Some(text) = item.value.as_str() {
        words::words(text)
    } else if item.value.is_array() {
        let listed = item.each();
        let words: Vec<String> =
            listed.iter().filter_map(|word| word.value.as_str().map(str::to_owned)).collect();
        if words.len() < listed.len() {
            item.refuse(faults, COMMAND);
            return None;
        }
        words::checked(words)
    } else {
        item.refuse(faults, COMMAND);
        return None;
    };
    argv.map_err(|why| faults.add(item.at, format!("`{}` {why}", item.key))).ok()
}

/// A command, alone or with its time limit.
pub(super) fn hook(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Hook> {
    let Some(fields) = item.fields() else {
        return Some(Hook { argv: argv(item, faults)?, within_s: HOOK_S });
    };
    fields.only(&["command", "within"], &format!("`{}`", item.key), faults);
    let within_s = fields.get("within").map_or(Some(HOOK_S), |within| seconds(within, faults));
    let Some(command) = fields.get("command") else {
        faults.add(item.at, format!("`{}` has no `command`; {COMMAND}", item.key));
        return None;
    };
    Some(Hook { argv: argv(command, faults)?, within_s: within_s? })
}

/// A bound on restarts.
pub(super) fn budget(item: Item<'_>, faults: &mut Faults<'_>) -> Option<Budget> {
    if let Some(fields) = item.fields() {
        fields.only(&["intensity", "period"], "a budget", faults);
        let intensity = fields.get("intensity").map(|intensity| count_from(0, intensity, faults));
        let period_s = fields.get("period").map(|period| seconds(period, faults));
        if intensity.is_none() || period_s.is_none() {
            item.refuse(faults, BUDGET);
        }
        return Some(Budget { intensity: intensity??, period_s: period_s?? });
    }
    let read = |text: &str| {
        let (intensity, period) = text.split_once(" in ")?;
        let intensity = intensity.trim().parse().ok().filter(|intensity| *intensity <= MOST)?;
        Some(Budget { intensity, period_s: span::seconds(period)? })
    };
    let budget = item.value.as_str().and_then(read);
    if budget.is_none() {
        item.refuse(faults, BUDGET);
    }
    budget
}
