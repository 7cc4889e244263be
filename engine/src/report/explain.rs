//! One finding in depth on a terminal.

use std::fmt::Write as _;

use chrono::DateTime;

use super::{
    clean, facts,
    html::flaws_in_words,
    text::{Style, paint},
    units,
    verdict::name,
    when::When,
};
use crate::diagnose::restarts;
use crate::finding::{Finding, Picture};

mod canvas;
mod plot;
mod tables;

/// Writes all that is known about one finding: the sentence, a chart, the facts and the reasons.
#[must_use]
pub fn explain(finding: &Finding, picture: &Picture, style: &Style) -> String {
    let row = &finding.row;
    let now = row.at.or_else(|| DateTime::from_timestamp_millis(picture.now)).unwrap_or_default();
    let when = When::new(style.zone, now);
    let mut out = heading(finding, style);
    out += &plot::plot(finding, picture, &when, style);
    for (name, value) in facts::facts(row, &when) {
        entry(&mut out, name, &value, style);
    }
    if let Some(action) = &row.action {
        entry(&mut out, "Do", &clean::line(action), style);
    }
    if let Some(relief) = &finding.relief {
        entry(&mut out, "A restart", &restarts::sentence(relief, &row.unit), style);
    }
    list(&mut out, "Why we believe it", &finding.why, style);
    list(&mut out, "What would change our mind", &finding.unless, style);
    out += &tables::candidates(finding, style);
    out += &tables::surges(finding, &when, style);
    out += &tables::culprits(finding, &when, style);
    list(&mut out, "Data quality", &quality(finding), style);
    style.finish(out)
}

fn heading(finding: &Finding, style: &Style) -> String {
    let row = &finding.row;
    let (shape, plain) = paint::shapes(row.status);
    let state = format!("{} {}", if style.ascii { plain } else { shape }, row.status);
    let mut out =
        format!("{}  {}\n", paint::by_state(&state, row.status, style), paint::bold(&name(row), style));
    for line in clean::wrap(&clean::line(&row.sentence), style.columns()) {
        let _ = writeln!(out, "{line}");
    }
    out.push('\n');
    out
}

/// A name and a value, the value wrapped beside the name.
fn entry(out: &mut String, name: &str, value: &str, style: &Style) {
    const NAME: usize = 15;
    for (i, line) in clean::wrap(value, style.columns() - NAME).iter().enumerate() {
        let name = format!("{:NAME$}", if i == 0 { name } else { "" });
        let _ = writeln!(out, "{}{line}", paint::dim(&name, style));
    }
}

fn list(out: &mut String, title: &str, sentences: &[String], style: &Style) {
    if sentences.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint::bold(title, style));
    for sentence in sentences {
        for (i, line) in clean::wrap(&clean::line(sentence), style.columns() - 4).iter().enumerate() {
            let _ = writeln!(out, "  {} {line}", if i == 0 { "-" } else { " " });
        }
    }
}

fn quality(finding: &Finding) -> Vec<String> {
    let quality = &finding.quality;
    let mut words = Vec::new();
    if !quality.source.trim().is_empty() {
        words.push(format!("from {}", clean::line(&quality.source)));
    }
    if quality.period_s.is_finite() && quality.period_s > 0.0 {
        words.push(format!("a sample every {}", units::duration(quality.period_s)));
    }
    words.extend(flaws_in_words(quality));
    words
}

#[cfg(test)]
mod tests;
