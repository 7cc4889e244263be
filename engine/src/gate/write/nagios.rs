//! For pollers of Nagios' kind: the status with performance data on the first line, a sentence a series below.

use std::fmt::Write as _;

use crate::gate::Ruling;
use crate::report::clean;

use super::headline;

/// Writes the rulings as a plugin does.
///
/// Growth is in base units an hour, CRITICAL above what is allowed; `least` is the smallest leak that would have
/// been seen.
#[must_use]
pub fn nagios(rulings: &[Ruling]) -> String {
    let said = headline(rulings).replacen(": ", " - ", 1);
    let data: Vec<String> = rulings.iter().flat_map(data).collect();
    let mut out = format!("HEBE GATE {}", bare(&said));
    if !data.is_empty() {
        let _ = write!(out, " | {}", data.join(" "));
    }
    out.push('\n');
    for ruling in rulings {
        let line = format!("{} {}: {}", ruling.verdict, ruling.series, ruling.sentence);
        let _ = writeln!(out, "{}", bare(&line));
    }
    out
}

/// `'label'=value[unit];warn;crit` of one series.
fn data(ruling: &Ruling) -> Vec<String> {
    let unit = if ruling.unit == "bytes" { "B" } else { "" };
    let label = |what: &str| bare(&format!("{} {what}", ruling.series)).replace('\'', "''").replace('=', "_");
    let growth = ruling.growth_per_h.map(|growth| {
        let allow = ruling.allow_per_h.map_or_else(String::new, plain);
        format!("'{}'={}{unit};;{allow}", label("growth per hour"), plain(growth))
    });
    let least = ruling
        .smallest_leak_per_h
        .map(|least| format!("'{}'={}{unit}", label("smallest leak per hour"), plain(least)));
    growth.into_iter().chain(least).collect()
}

/// A text without the bar that begins performance data.
fn bare(text: &str) -> String {
    clean::line(text).replace('|', "/")
}

/// A number in digits alone, six of them behind the point at most.
fn plain(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
