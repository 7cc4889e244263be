//! The moment that costs least: windows weighed by load, and by the risk that grows while one waits.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use hebe_models::{Costs, Lifetime, Moment, Slot, Timing, best_instant};

use super::span::Span;
use super::{Calendar, ms, wall};
use crate::quiet::RISK;
use crate::restart::timetable::{Opening, Risk, Timetable};

/// A failure costs so many planned restarts. Huang, Kintala, Kolettis and Fulton (FTCS 1995) have ten and more.
const UNPLANNED: f64 = 10.0;
/// Days looked ahead: later than that, a forecast is made anew before it matters.
const AHEAD: TimeDelta = TimeDelta::days(60);
/// A restart begins so long before its window ends, so that it also ends in it …
const LEEWAY: TimeDelta = TimeDelta::minutes(10);
/// … unless the window is shorter than so many times that.
const PARTS: i32 = 3;
/// Chances and the standard normal quantiles that belong to them (`scipy.stats.norm.ppf`).
const NORMAL: [(f64, f64); 12] = [
    (0.001, -3.090_232_306_167_8),
    (0.005, -2.575_829_303_548_9),
    (0.01, -2.326_347_874_040_8),
    (0.02, -2.053_748_910_631_8),
    (0.05, -1.644_853_626_951_5),
    (0.1, -1.281_551_565_544_6),
    (0.25, -0.674_489_750_196_1),
    (0.5, 0.0),
    (0.75, 0.674_489_750_196_1),
    (0.9, 1.281_551_565_544_6),
    (0.95, 1.644_853_626_951_5),
    (0.99, 2.326_347_874_040_8),
];
/// The quantile that a range of 90 % ends at.
const EDGE: f64 = 1.644_853_626_951_5;

impl Timetable for Calendar {
    fn closed(&self, nodes: &[String], at: DateTime<Utc>) -> Option<String> {
        let (node, closed) = nodes.iter().find_map(|node| Some((node, self.schedule(node).closed(at)?)))?;
        let opens = match self.next_opening(nodes, at) {
            Some(opens) => format!("opens {}", said(opens, self.schedule(node).zone())),
            None => "never opens".to_owned(),
        };
        Some(format!("{}; {opens}", closed.why))
    }

    fn opening(&self, nodes: &[String], now: DateTime<Utc>, risk: Option<&Risk>) -> Opening {
        let zone = self.zone(nodes);
        let reason = || self.closed(nodes, now).unwrap_or_default();
        let Some(opens) = self.next_opening(nodes, now) else { return Opening::Never { why: reason() } };
        match risk {
            None if opens <= now => Opening::Now { why: "the schedule is open".to_owned() },
            None => Opening::At { at: opens, why: reason() },
            Some(risk) if opens <= now && risk.lo <= now => {
                let why = format!(
                    "the chance of running out first has been {} since {}",
                    percent(RISK),
                    said(risk.lo, zone)
                );
                Opening::Now { why }
            }
            Some(risk) if risk.lo <= opens => {
                let why = format!(
                    "{}, but the chance of running out is {} by {}",
                    reason(),
                    percent(RISK),
                    said(risk.lo, zone)
                );
                Opening::TooLate { opens, why }
            }
            Some(risk) => self.cheapest(nodes, now, opens, risk),
        }
    }
}

impl Calendar {
    fn zone(&self, nodes: &[String]) -> Tz {
        self.schedule(nodes.first().map_or("", String::as_str)).zone()
    }

    /// The moment in the windows before `risk.lo` that is expected to cost least.
    fn cheapest(&self, nodes: &[String], now: DateTime<Utc>, opens: DateTime<Utc>, risk: &Risk) -> Opening {
        let windows = self.windows(nodes, now, risk.lo.min(now + AHEAD));
        let pieces: Vec<(Span, f64)> =
            windows.iter().flat_map(|&window| self.pieces(nodes, begin_in(window))).collect();
        let slots: Vec<Slot> = pieces
            .iter()
            .filter_map(|(span, load)| Slot::new(away_s(now, span.from), away_s(now, span.until), *load).ok())
            .collect();
        let chosen = lifetime(now, risk).and_then(|lifetime| {
            let costs = costs(&lifetime, now, risk)?;
            match best_instant(&lifetime, &slots, &costs, RISK) {
                Timing::At(moment) => Some(moment),
                Timing::TooLate { opening, .. } => Some(opening),
                Timing::NoSlot => None,
            }
        });
        match chosen {
            Some(moment) => self.at(nodes, now, risk, &moment, slots[moment.slot].load()),
            None if opens <= now => Opening::Now { why: "the schedule is open".to_owned() },
            None => Opening::At { at: opens, why: "the first opening".to_owned() },
        }
    }

    fn at(&self, nodes: &[String], now: DateTime<Utc>, risk: &Risk, moment: &Moment, load: f64) -> Opening {
        let zone = self.zone(nodes);
        let busy =
            if self.is_learnt(nodes) { format!("load {load:.2} of the mean, ") } else { String::new() };
        let why = format!(
            "{busy}chance of running out first {}; must begin by {}",
            percent(moment.risk),
            said(risk.lo, zone)
        );
        match now + TimeDelta::try_milliseconds(ms(moment.at)).unwrap_or_default() {
            at if at <= now + TimeDelta::seconds(1) => Opening::Now { why },
            at => Opening::At { at, why },
        }
    }

    fn is_learnt(&self, nodes: &[String]) -> bool {
        nodes.iter().any(|node| self.habits.contains_key(node))
    }

    /// A window cut where the half hours of the wall begin, each with its load; whole where no load is known.
    fn pieces(&self, nodes: &[String], window: Span) -> Vec<(Span, f64)> {
        if !self.is_learnt(nodes) {
            return vec![(window, 1.0)];
        }
        let zone = self.zone(nodes);
        let (mut pieces, mut from) = (Vec::new(), window.from);
        while from < window.until {
            let into = i64::from(wall::shows(zone, from).time().num_seconds_from_midnight()) % 1_800;
            let until = (from + TimeDelta::seconds(1_800 - into)).min(window.until);
            pieces.push((Span::new(from, until), self.load(nodes, zone, from)));
            from = until;
        }
        pieces
    }

    /// The mean load of the nodes whose habit is known.
    fn load(&self, nodes: &[String], zone: Tz, at: DateTime<Utc>) -> f64 {
        let second = f64::from(wall::shows(zone, at).time().num_seconds_from_midnight());
        let loads: Vec<f64> =
            nodes.iter().filter_map(|node| Some(self.habits.get(node)?.load(second))).collect();
        if loads.is_empty() { 1.0 } else { loads.iter().sum::<f64>() / loads.len() as f64 }
    }
}

/// The part of a window in which a restart may begin.
fn begin_in(window: Span) -> Span {
    Span::new(window.from, window.until - LEEWAY.min(window.length() / PARTS))
}

/// Running on until the mean time of exhaustion is worth one planned restart: it saves the next one. Of what may never
/// happen, the time until twice the middle is taken.
fn costs(lifetime: &Lifetime, now: DateTime<Utc>, risk: &Risk) -> Option<Costs> {
    let late = risk.hi.map_or(2.0 * away_s(now, risk.mid), |hi| away_s(now, hi));
    let mean = lifetime.running(late);
    Costs::new(1.0, UNPLANNED).ok()?.with_gain(1.0 / mean.max(1.0)).ok()
}

/// The time to exhaustion as a table: its logarithm is normal on each side of the middle, through the dates of `risk`.
fn lifetime(now: DateTime<Utc>, risk: &Risk) -> Option<Lifetime> {
    let (lo, mid) = (away_s(now, risk.lo), away_s(now, risk.mid));
    if lo <= 0.0 || mid <= lo {
        return None;
    }
    let below = (mid / lo).ln() / EDGE;
    let above = risk.hi.map(|hi| away_s(now, hi)).filter(|hi| mid < *hi).map(|hi| (hi / mid).ln() / EDGE);
    let time = |z: f64| if z <= 0.0 { Some(mid * (z * below).exp()) } else { Some(mid * (z * above?).exp()) };
    let (times, shares): (Vec<f64>, Vec<f64>) =
        NORMAL.iter().filter_map(|&(share, z)| Some((time(z)?, share))).unzip();
    Lifetime::new(&times, &shares).ok()
}

fn away_s(now: DateTime<Utc>, at: DateTime<Utc>) -> f64 {
    (at - now).num_milliseconds() as f64 / 1000.0
}

fn percent(share: f64) -> String {
    match 100.0 * share {
        low if low < 0.1 => "below 0.1 %".to_owned(),
        low if low < 10.0 => format!("{low:.1} %"),
        high => format!("{high:.0} %"),
    }
}

/// A date as people read it, with its zone.
fn said(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%a %-d %b %Y %H:%M %Z").to_string()
}
