//! Mercury's trees and faults, as data, with what was published and what the simulation says of each.
//!
//! Candea, Cutler, Fox, Doshi, Garg, Gowda: "Reducing recovery time in a small recursively restartable system", DSN 2002,
//! doi 10.1109/DSN.2002.1029006. The same faults and starts as in `engine/src/restart/oracle/mercury.rs`.
#![allow(dead_code, reason = "the bench and the tests each use a part")]

/// Everything here is ten times as fast as it was there.
pub(crate) const SCALE: f64 = 10.0;

/// Seconds from start to ready of each program: the published times to recover less a second for detection.
pub(crate) const STARTS_S: [(&str, f64); 7] = [
    ("mbus", 4.73),
    ("ses", 4.75),
    ("str", 3.75),
    ("rtu", 4.59),
    ("fedrcom", 19.93),
    ("fedr", 4.76),
    ("pbcom", 20.24),
];
/// Mean seconds between failures of each.
const BETWEEN_S: [(&str, f64); 7] = [
    ("mbus", 2_592_000.0),
    ("ses", 18_000.0),
    ("str", 18_000.0),
    ("rtu", 18_000.0),
    ("fedrcom", 600.0),
    ("fedr", 660.0),
    ("pbcom", 18_000.0),
];

/// Failures of one program in one tree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    /// What is killed.
    pub(crate) kills: &'static str,
    /// What must have been restarted until it is cured.
    pub(crate) cures: &'static [&'static str],
    /// Of ten such failures, so many are cured only by a restart of `fedr` with it.
    pub(crate) joint_of_ten: usize,
    /// Its share of the trials. Rare failures are tried more often than they come, and weighed less.
    pub(crate) share: usize,
    /// Seconds to recover, as published.
    pub(crate) published_s: f64,
    /// Seconds to recover, as simulated.
    pub(crate) simulated_s: f64,
}

impl Fault {
    /// How often it comes.
    pub(crate) fn rate(&self) -> f64 {
        1.0 / of(&BETWEEN_S, self.kills)
    }
}

/// A tree with the failures that are tried in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    /// Its name.
    pub(crate) name: &'static str,
    /// Groups: name, and the node above.
    pub(crate) groups: &'static [(&'static str, &'static str)],
    /// Programs: name, the node above, and whether it is restarted only with all of that.
    pub(crate) parts: &'static [(&'static str, &'static str, bool)],
    /// What fails.
    pub(crate) faults: &'static [Fault],
}

/// A number of a table.
pub(crate) fn of(table: &[(&str, f64)], name: &str) -> f64 {
    table.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, value)| *value)
}

const fn fault(
    kills: &'static str,
    cures: &'static [&'static str],
    share: usize,
    published_s: f64,
    simulated_s: f64,
) -> Fault {
    Fault { kills, cures, joint_of_ten: 0, share, published_s, simulated_s }
}

/// A member of a cell is never restarted without the others.
const CELL: bool = true;
const ROOT: &str = "station";

const MBUS: Fault = fault("mbus", &["mbus"], 1, 5.73, 5.73);
const RTU: Fault = fault("rtu", &["rtu"], 1, 5.59, 5.59);
/// `ses` and `str` each make the other fail when they start alone.
const SES_APART: Fault = fault("ses", &["ses", "str"], 1, 9.50, 10.50);
const STR_APART: Fault = fault("str", &["str", "ses"], 1, 9.76, 10.50);
const SES: Fault = fault("ses", &["ses", "str"], 1, 6.25, 6.705);
const STR: Fault = fault("str", &["str", "ses"], 1, 6.11, 6.705);
const FEDR: Fault = fault("fedr", &["fedr"], 5, 5.76, 5.76);
const PBCOM: Fault = fault("pbcom", &["pbcom"], 1, 21.24, 21.24);
/// The smallest restart is the wrong guess for three of ten.
const PBCOM_FOUR: Fault =
    Fault { joint_of_ten: 3, ..fault("pbcom", &["pbcom"], 3, 29.19, 0.7 * 21.24 + 0.3 * 43.435) };
const PBCOM_FIVE: Fault = Fault { joint_of_ten: 3, ..fault("pbcom", &["pbcom"], 3, 21.63, 22.195) };
const FEDR_LESS: Fault = Fault { share: 3, ..FEDR };

/// The trees in the order in which they were found.
pub(crate) const TREES: [Tree; 6] = [
    // Everything is one cell.
    Tree {
        name: "I",
        groups: &[(ROOT, "")],
        parts: &[
            ("mbus", ROOT, CELL),
            ("fedrcom", ROOT, CELL),
            ("ses", ROOT, CELL),
            ("str", ROOT, CELL),
            ("rtu", ROOT, CELL),
        ],
        faults: &[
            fault("fedrcom", &["fedrcom"], 4, 24.75, 24.75),
            fault("mbus", &["mbus"], 1, 24.75, 24.75),
            fault("ses", &["ses", "str"], 1, 24.75, 24.75),
            fault("str", &["str", "ses"], 1, 24.75, 24.75),
            fault("rtu", &["rtu"], 1, 24.75, 24.75),
        ],
    },
    // A cell for each.
    Tree {
        name: "II",
        groups: &[(ROOT, "")],
        parts: &[
            ("mbus", ROOT, !CELL),
            ("fedrcom", ROOT, !CELL),
            ("ses", ROOT, !CELL),
            ("str", ROOT, !CELL),
            ("rtu", ROOT, !CELL),
        ],
        faults: &[fault("fedrcom", &["fedrcom"], 4, 20.93, 20.93), SES_APART, MBUS, STR_APART, RTU],
    },
    // fedrcom split into what fails often and what starts slowly.
    Tree {
        name: "III",
        groups: &[(ROOT, "")],
        parts: &[
            ("mbus", ROOT, !CELL),
            ("fedr", ROOT, !CELL),
            ("pbcom", ROOT, !CELL),
            ("ses", ROOT, !CELL),
            ("str", ROOT, !CELL),
            ("rtu", ROOT, !CELL),
        ],
        faults: &[FEDR, SES_APART, MBUS, STR_APART, RTU, PBCOM],
    },
    Tree { name: "IV", groups: FOUR_GROUPS, parts: FOUR_PARTS, faults: &[FEDR, SES, MBUS, STR, RTU, PBCOM] },
    // The same tree, where the first guess is often wrong.
    Tree {
        name: "IV faulty",
        groups: FOUR_GROUPS,
        parts: FOUR_PARTS,
        faults: &[PBCOM_FOUR, FEDR_LESS, SES, MBUS, STR, RTU],
    },
    // pbcom promoted: its button restarts fedr too.
    Tree {
        name: "V faulty",
        groups: &[(ROOT, ""), ("track", ROOT)],
        parts: &[
            ("mbus", ROOT, !CELL),
            ("rtu", ROOT, !CELL),
            ("ses", "track", CELL),
            ("str", "track", CELL),
            ("pbcom", ROOT, !CELL),
            ("fedr", "pbcom", !CELL),
        ],
        faults: &[PBCOM_FIVE, FEDR_LESS, SES, MBUS, STR, RTU],
    },
];

/// ses and str are one cell, and a cell above fedr and pbcom restarts both.
const FOUR_GROUPS: &[(&str, &str)] = &[(ROOT, ""), ("radio", ROOT), ("track", ROOT)];
const FOUR_PARTS: &[(&str, &str, bool)] = &[
    ("mbus", ROOT, !CELL),
    ("rtu", ROOT, !CELL),
    ("ses", "track", CELL),
    ("str", "track", CELL),
    ("fedr", "radio", !CELL),
    ("pbcom", "radio", !CELL),
];
