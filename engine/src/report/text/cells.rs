//! One row of the table as text, before it is laid out.

use crate::{
    finding::{Row, Status},
    report::{
        clean, facts, units,
        verdict::{name_among, scale},
        when::When,
    },
};

use super::{Style, paint};

/// The cells of a row, in the order of the columns, and the sentences under it.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) status: Status,
    /// State, resource, left, date, used, growth.
    pub(super) columns: [String; 6],
    pub(super) sentence: String,
    pub(super) evidence: String,
    pub(super) culprit: String,
    pub(super) action: String,
}

impl Cells {
    pub(super) fn of(row: &Row, several_hosts: bool, when: &When, style: &Style) -> Self {
        let used = units::used_of(row.used, row.limit, &row.unit);
        Self {
            status: row.status,
            columns: [
                paint::state(row.status, style),
                name_among(row, several_hosts),
                left(row),
                date(row, when),
                used,
                row.growth_per_day.map_or(units::NOTHING.to_owned(), |g| units::growth(g, &row.unit)),
            ],
            sentence: clean::line(&row.sentence),
            evidence: clean::line(&row.evidence),
            culprit: facts::culprit(row).unwrap_or_default(),
            action: row
                .action
                .as_deref()
                .map_or(String::new(), |action| format!("Do: {}", clean::line(action))),
        }
    }

    /// The paragraphs under a row: what no column has room for, the sentences, and what to do.
    pub(super) fn below(&self, dropped: &[usize], evidence: bool) -> Vec<String> {
        let dropped = dropped
            .iter()
            .map(|&column| self.columns[column].as_str())
            .filter(|cell| *cell != units::NOTHING);
        let evidence = Some(self.evidence.as_str()).filter(|_| evidence);
        let sentences = [self.sentence.as_str(), self.culprit.as_str()].into_iter().chain(evidence);
        let first = dropped.chain(sentences.filter(|text| !text.is_empty())).collect::<Vec<_>>().join(" · ");
        [first, self.action.clone()].into_iter().filter(|paragraph| !paragraph.is_empty()).collect()
    }
}

/// Time left with its range.
pub(in crate::report) fn left(row: &Row) -> String {
    if row.status == Status::Exhausted {
        return "none".to_owned();
    }
    let Some(left) = row.left_s.filter(|left| left.is_finite()) else {
        return units::NOTHING.to_owned();
    };
    match row.left_lo_s {
        Some(low) => format!("{} ({})", units::duration(left), units::duration_range(low, row.left_hi_s)),
        None => units::duration(left),
    }
}

/// The date of exhaustion.
pub(in crate::report) fn date(row: &Row, when: &When) -> String {
    row.exhausts_at.map_or(units::NOTHING.to_owned(), |at| when.date(at, scale(row)))
}
