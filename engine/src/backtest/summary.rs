//! The replay of all series in a few numbers and a sentence.

use serde::Serialize;

use super::{Came, Replayed, Rival};
use crate::report::units::duration;

/// The alarms of one method over all series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tally {
    /// The method.
    pub method: String,
    /// Alarms raised.
    pub warned: usize,
    /// Followed by use of over 95 %.
    pub followed: usize,
    /// Growth taken back, or history over before the date.
    pub unclear: usize,
    /// Followed by nothing.
    pub false_alarms: usize,
    /// Times that use came over 95 % without an alarm.
    pub missed: usize,
    /// Median of the time from alarm to 95 %, in seconds.
    pub lead_s: Option<f64>,
    /// Part of the time that an alarm stood, averaged over series, 0 to 1.
    pub alarmed: f64,
}

/// The replay in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Series replayed.
    pub series: usize,
    /// Longest stretch replayed, in seconds.
    pub replayed_s: f64,
    /// How far ahead was looked at most, in seconds.
    pub horizon_s: f64,
    /// Times that use came over 95 %.
    pub reached: usize,
    /// Rises that were held.
    pub surges_held: usize,
    /// Those for which the short line would have paged.
    pub surges_paged: usize,
    /// One tally for each method, Hebe first.
    pub tallies: Vec<Tally>,
    /// All of it in one sentence.
    pub sentence: String,
}

/// Counts the alarms of all series.
#[must_use]
pub fn summary(replayed: &[Replayed]) -> Summary {
    let tallies: Vec<Tally> = Rival::ALL.iter().map(|rival| tally(replayed, *rival)).collect();
    let most = |of: fn(&Replayed) -> f64| replayed.iter().map(of).fold(0.0, f64::max);
    let sum = |of: fn(&Replayed) -> usize| replayed.iter().map(of).sum();
    let mut summary = Summary {
        series: replayed.len(),
        replayed_s: most(|one| one.replayed_s),
        horizon_s: most(|one| one.horizon_s),
        reached: sum(|one| one.reached_ms.len()),
        surges_held: sum(|one| one.surges_held),
        surges_paged: sum(|one| one.surges_paged),
        tallies,
        sentence: String::new(),
    };
    summary.sentence = sentence(&summary);
    summary
}

fn tally(replayed: &[Replayed], rival: Rival) -> Tally {
    let records = || replayed.iter().map(|one| &one.records[rival.place()]);
    let came: Vec<Came> =
        records().flat_map(|record| record.episodes.iter().map(|episode| episode.came)).collect();
    let mut leads: Vec<f64> = came
        .iter()
        .filter_map(|came| if let Came::Followed { lead_s, .. } = came { Some(*lead_s) } else { None })
        .collect();
    leads.sort_by(f64::total_cmp);
    let count = |wanted: Came| came.iter().filter(|came| **came == wanted).count();
    Tally {
        method: rival.name().to_owned(),
        warned: came.len(),
        followed: leads.len(),
        unclear: count(Came::Unclear),
        false_alarms: count(Came::Nothing),
        missed: records().map(|record| record.missed).sum(),
        lead_s: leads.get(leads.len() / 2).copied(),
        alarmed: records().map(|record| record.alarmed).sum::<f64>() / replayed.len().max(1) as f64,
    }
}

/// `On the last 28 days I would have warned 3 times: 2 were followed by over 95 % use, 1 unclear; …`
fn sentence(summary: &Summary) -> String {
    if summary.series == 0 {
        return "There was nothing to replay.".to_owned();
    }
    let own = &summary.tallies[Rival::Default.place()];
    let span = duration(summary.replayed_s);
    let times = |n: usize| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    let warned = match own.warned {
        0 => "not have warned".to_owned(),
        n => {
            let mut parts = Vec::new();
            let mut part = |n: usize, words: &str| {
                if 0 < n {
                    parts.push(format!("{n} {words}"));
                }
            };
            part(own.followed, "followed by over 95 % use");
            part(own.unclear, "unclear");
            part(own.false_alarms, "followed by nothing");
            format!("have warned {}: {}", times(n), parts.join(", "))
        }
    };
    let missed = match own.missed {
        0 => String::new(),
        n => format!("; over 95 % use came {} without a warning", times(n)),
    };
    let surges = match summary.surges_held {
        0 => String::new(),
        n => {
            format!("; {n} surges ignored, of which a 6 h line would have paged for {}", summary.surges_paged)
        }
    };
    format!("On the last {span} Hebe would {warned}{missed}{surges}.")
}
