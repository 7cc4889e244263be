//! Processes of one round, added up by program: atop and pidstat tell of them one by one.
//!
//! The columns carry the names of the live collectors (`process.memory`), with the program as their label.

use std::collections::{BTreeMap, HashMap};

use super::{Builder, ColumnKey, Kind, Merge, Unit};

/// What a round tells of one process. What it does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Member {
    /// The program, as the file names it.
    pub(super) program: String,
    /// When it was started, in seconds since 1970.
    pub(super) start_s: Option<i64>,
    /// Resident bytes.
    pub(super) memory: Option<f64>,
    /// Mapped bytes.
    pub(super) mapped: Option<f64>,
    /// Bytes in swap.
    pub(super) swap: Option<f64>,
    pub(super) threads: Option<f64>,
    pub(super) fds: Option<f64>,
}

/// The columns of a program, in the order of [`Sum::values`].
const METRICS: [(&str, Unit); 7] = [
    ("process.memory", Unit::Bytes),
    ("process.virtual", Unit::Bytes),
    ("process.swap", Unit::Bytes),
    ("process.threads", Unit::Count),
    ("process.fds_total", Unit::Count),
    ("process.fds", Unit::Count),
    ("process.count", Unit::Count),
];

/// Which start of a program is its present one.
#[derive(Clone, Debug)]
struct Run {
    /// The oldest member: its start where that is known, and its number.
    oldest: (Option<i64>, u64),
    columns: [Option<usize>; METRICS.len()],
}

/// What the members of one program use together.
#[derive(Clone, Debug, Default)]
struct Sum {
    values: [Option<f64>; METRICS.len()],
    members: Vec<(Option<i64>, u64)>,
}

/// The programs of one host, over all rounds.
#[derive(Debug, Default)]
pub(super) struct Programs {
    host: String,
    runs: HashMap<String, Run>,
}

impl Programs {
    pub(super) fn of(host: &str) -> Self {
        Self { host: host.to_owned(), runs: HashMap::new() }
    }

    /// Writes a round: a sample of every program that runs. `whole` says that every process is in it, so that their
    /// number tells something.
    pub(super) fn close(
        &mut self,
        t_ms: i64,
        members: &BTreeMap<u64, Member>,
        whole: bool,
        out: &mut Builder,
    ) {
        let mut sums: BTreeMap<&str, Sum> = BTreeMap::new();
        for (&pid, member) in members {
            sums.entry(&member.program).or_default().add(pid, member);
        }
        for (program, mut sum) in sums {
            if whole {
                sum.values[6] = Some(sum.members.len() as f64);
            }
            self.write(t_ms, program, &sum, out);
        }
    }

    fn write(&mut self, t_ms: i64, program: &str, sum: &Sum, out: &mut Builder) {
        let Some(&oldest) = sum.members.iter().min() else { return };
        let new = || Run { oldest, columns: [None; METRICS.len()] };
        let run = self.runs.entry(program.to_owned()).or_insert_with(new);
        for ((metric, unit), (column, value)) in METRICS.iter().zip(run.columns.iter_mut().zip(sum.values)) {
            let Some(value) = value else { continue };
            let column = *column.get_or_insert_with(|| {
                let labels = vec![("program".to_owned(), program.to_owned())];
                let key = ColumnKey { host: self.host.clone(), metric: (*metric).to_owned(), labels };
                out.column(&key, *unit, Kind::Gauge, Merge::Last)
            });
            out.push(column, t_ms, value);
        }
        if !sum.members.contains(&run.oldest) {
            run.oldest = oldest;
            // A start that stands in the file is exact; else it was at some time since the round before.
            let start = oldest.0.and_then(|second| second.checked_mul(1000)).filter(|&start| start <= t_ms);
            for column in run.columns.iter().flatten() {
                out.restart_of(*column, start.unwrap_or(t_ms));
            }
        }
    }
}

impl Sum {
    fn add(&mut self, pid: u64, member: &Member) {
        let [memory, mapped, swap, threads, total, fullest, _] = &mut self.values;
        let sums = [
            (memory, member.memory),
            (mapped, member.mapped),
            (swap, member.swap),
            (threads, member.threads),
        ];
        for (sum, value) in sums.into_iter().chain([(total, member.fds)]) {
            *sum = value.map_or(*sum, |value| Some(sum.unwrap_or(0.0) + value));
        }
        *fullest = member.fds.map_or(*fullest, |fds| Some(fullest.unwrap_or(0.0).max(fds)));
        self.members.push((member.start_s, pid));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(program: &str, start_s: i64, memory: f64, fds: f64) -> Member {
        let (start_s, memory, fds) = (Some(start_s), Some(memory), Some(fds));
        Member { program: program.to_owned(), start_s, memory, fds, ..Member::default() }
    }

    #[test]
    fn members_add_up_and_the_fullest_counts_for_the_limit() {
        let mut out = Builder::default();
        let mut programs = Programs::of("web1");
        let two = BTreeMap::from([(7, member("a", 1, 10.0, 3.0)), (9, member("a", 2, 5.0, 4.0))]);
        programs.close(1000, &two, true, &mut out);
        let (columns, ..) = out.finish();
        let found: Vec<(&str, f64)> = columns.iter().map(|c| (c.key.metric.as_str(), c.v[0])).collect();
        let expected = [
            ("process.memory", 15.0),
            ("process.fds_total", 7.0),
            ("process.fds", 4.0),
            ("process.count", 2.0),
        ];
        assert_eq!(found, expected);
        assert_eq!(columns[0].key.labels, [("program".to_owned(), "a".to_owned())]);
    }

    #[test]
    fn a_program_is_new_when_its_oldest_process_is_another() {
        let mut out = Builder::default();
        let mut programs = Programs::of("");
        let rounds = [
            (10_000, vec![(7, 1), (9, 2)]),
            (20_000, vec![(7, 1), (11, 15)]),
            (30_000, vec![(11, 15)]),
            (40_000, vec![(12, 39)]),
        ];
        for (t_ms, members) in rounds {
            let members = members.into_iter().map(|(pid, start)| (pid, member("a", start, 1.0, 1.0)));
            programs.close(t_ms, &members.collect(), false, &mut out);
        }
        let (columns, ..) = out.finish();
        assert_eq!(columns[0].restarts_ms, [15_000, 39_000]);
        assert!(columns.iter().all(|column| column.key.metric != "process.count"));
    }
}
