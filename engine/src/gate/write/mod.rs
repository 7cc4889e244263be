//! A gate's answer on paper: one file a format.

mod json;
mod junit;
mod markdown;
mod nagios;
mod table;

pub use json::json;
pub use junit::junit;
pub use markdown::markdown;
pub use nagios::nagios;
pub use table::table;

use super::{Ruling, Verdict, verdict};
use crate::report::clean;

/// The answer in one line: `FAIL: 1 of 3 series grows: rss`.
fn headline(rulings: &[Ruling]) -> String {
    let worst = verdict(rulings);
    let of: Vec<&Ruling> = rulings.iter().filter(|ruling| ruling.verdict == worst).collect();
    let names: Vec<String> = of.iter().take(3).map(|ruling| clean::line(&ruling.series)).collect();
    let more = if 3 < of.len() { format!(" and {} more", of.len() - 3) } else { String::new() };
    let one = of.len() == 1;
    let said = match worst {
        Verdict::Pass if one => "does not grow more than is allowed",
        Verdict::Pass => "do not grow more than is allowed",
        Verdict::Inconclusive if one => "is not clear",
        Verdict::Inconclusive => "are not clear",
        Verdict::Unknown if one => "could not be judged",
        Verdict::Unknown => "could not be judged",
        Verdict::Fail if one => "grows more than is allowed",
        Verdict::Fail => "grow more than is allowed",
    };
    if rulings.is_empty() {
        return format!("{worst}: there is nothing to judge");
    }
    format!("{worst}: {} of {} series {said}: {}{more}", of.len(), rulings.len(), names.join(", "))
}
