//! What a sample of atop tells, however it is written: the host's memory and its processes.

use std::collections::{BTreeMap, HashMap};

use super::{Line, Part};
use crate::history::programs::{Member, Programs};
use crate::history::{Builder, ColumnKey, HistoryError, Kind, Merge, Note, Unit};

/// Two boots are at least this far apart; atop works the time of a boot out of a clock that is put right.
const BOOTS_S: i64 = 60;

/// Levels of the host, in bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    pub(super) memory: Option<f64>,
    pub(super) free: Option<f64>,
    pub(super) cache: Option<f64>,
    pub(super) buffers: Option<f64>,
    pub(super) slab: Option<f64>,
    pub(super) slab_reclaimable: Option<f64>,
    pub(super) shared: Option<f64>,
    pub(super) page_tables: Option<f64>,
    pub(super) swap: Option<f64>,
    pub(super) swap_free: Option<f64>,
    pub(super) committed: Option<f64>,
}

impl Levels {
    /// The columns of the host. Memory in use is what neither lies idle nor can be dropped: the cache holds shared
    /// memory, which cannot.
    fn columns(&self) -> [(&'static str, Option<f64>); 9] {
        let parts = [self.memory, self.free, self.cache, self.buffers];
        let used = parts.into_iter().collect::<Option<Vec<f64>>>().map(|parts| {
            let (kept, dropped) = (self.shared.unwrap_or(0.0), self.slab_reclaimable.unwrap_or(0.0));
            (parts[0] - parts[1] - parts[2] - parts[3] - dropped + kept).max(0.0)
        });
        let kept_slab = self.slab.zip(self.slab_reclaimable).map(|(slab, dropped)| (slab - dropped).max(0.0));
        [
            ("atop.memory.used", used),
            ("atop.memory.total", self.memory),
            ("atop.memory.slab", self.slab),
            ("atop.memory.slab_unreclaimable", kept_slab),
            ("atop.memory.shared", self.shared),
            ("atop.memory.page_tables", self.page_tables),
            ("atop.memory.committed", self.committed),
            ("atop.swap.used", self.swap.zip(self.swap_free).map(|(total, free)| (total - free).max(0.0))),
            ("atop.swap.total", self.swap),
        ]
    }
}

/// What one line or object tells of a process.
#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub(super) pid: u64,
    /// It is a thread's, and its process has one of its own.
    pub(super) is_thread: bool,
    /// It ended in the interval, and holds nothing any more.
    pub(super) has_ended: bool,
    pub(super) program: Option<String>,
    pub(super) start_s: Option<i64>,
    pub(super) threads: Option<f64>,
    pub(super) memory: Option<f64>,
    pub(super) mapped: Option<f64>,
    pub(super) swap: Option<f64>,
}

/// A file on its way: the sample that is being read, and what is kept from one to the next.
#[derive(Debug, Default)]
pub(super) struct File {
    /// Host, time and interval of the sample.
    open: Option<(String, i64, i64)>,
    levels: BTreeMap<&'static str, f64>,
    members: BTreeMap<u64, Member>,
    /// Numbers whose process line has been seen: lines of threads come behind it.
    ended: Vec<u64>,
    is_reset: bool,
    hosts: HashMap<String, Host>,
    /// Lines that are atop's.
    pub(super) good: u64,
    processes: u64,
    first: Option<(u64, String)>,
}

#[derive(Debug)]
struct Host {
    programs: Programs,
    boot_s: Option<i64>,
}

impl File {
    /// The sample that follows counts since boot.
    pub(super) fn reset(&mut self) {
        self.is_reset = true;
    }

    /// Takes one line.
    pub(super) fn take(&mut self, line: Line<'_>, out: &mut Builder) {
        self.begin(line.host, line.t_s, line.interval_s, out);
        match line.part {
            Part::Levels(levels) => self.level(&levels),
            Part::Process(process) => self.process(process),
            Part::Other => {}
        }
    }

    /// Begins the sample of that host and time, unless it is the one that is being read.
    pub(super) fn begin(&mut self, host: &str, t_s: i64, interval_s: i64, out: &mut Builder) {
        self.good += 1;
        if self.open.as_ref().is_some_and(|(open, time, _)| open != host || *time != t_s) {
            self.close(out);
        }
        self.open.get_or_insert_with(|| (host.to_owned(), t_s, interval_s));
    }

    pub(super) fn level(&mut self, levels: &Levels) {
        let columns = levels.columns().into_iter();
        self.levels.extend(columns.filter_map(|(metric, value)| Some((metric, value?))));
    }

    pub(super) fn process(&mut self, process: Process) {
        if process.is_thread {
            return;
        }
        if process.has_ended {
            self.ended.push(process.pid);
        }
        let member = self.members.entry(process.pid).or_default();
        if let Some(program) = process.program.filter(|_| member.program.is_empty()) {
            member.program = program;
        }
        // The first line is the process's own; another with its number is that of its first thread.
        member.start_s = member.start_s.or(process.start_s);
        member.threads = member.threads.or(process.threads);
        member.memory = member.memory.or(process.memory);
        member.mapped = member.mapped.or(process.mapped);
        member.swap = member.swap.or(process.swap);
    }

    /// Ends a sample.
    pub(super) fn close(&mut self, out: &mut Builder) {
        let (mut members, levels) = (std::mem::take(&mut self.members), std::mem::take(&mut self.levels));
        let (ended, is_reset) = (std::mem::take(&mut self.ended), std::mem::take(&mut self.is_reset));
        let Some((name, t_s, interval_s)) = self.open.take() else { return };
        let Some(t_ms) = super::super::json::milliseconds(t_s as f64, 1000.0) else { return };
        let new = || Host { programs: Programs::of(&name), boot_s: None };
        let host = self.hosts.entry(name.clone()).or_insert_with(new);
        let since_boot = t_s.checked_sub(interval_s).filter(|_| is_reset);
        if let Some(boot_s) = members.get(&1).and_then(|first| first.start_s).or(since_boot) {
            host.boot(boot_s, &name, out);
        }
        for (metric, value) in levels {
            let key = ColumnKey { host: name.clone(), metric: metric.to_owned(), labels: Vec::new() };
            let column = out.column(&key, Unit::Bytes, Kind::Gauge, Merge::Last);
            out.push(column, t_ms, value);
        }
        // Threads of the kernel map nothing, and neither does what has ended.
        members.retain(|pid, member| {
            !ended.contains(pid) && !member.program.is_empty() && member.mapped != Some(0.0)
        });
        self.processes += members.len() as u64;
        host.programs.close(t_ms, &members, true, out);
    }

    /// Counts a line that is not atop's.
    pub(super) fn refuse(&mut self, line: u64, reason: String, out: &mut Builder) {
        out.reject(line, || reason.clone());
        self.first.get_or_insert((line, reason));
    }

    /// What is to be said of the whole file.
    pub(super) fn ended(self, source: &str, expected: &str) -> Result<Vec<Note>, HistoryError> {
        let path = source.to_owned();
        match self.first {
            _ if 0 < self.good => {}
            None => return Err(HistoryError::Empty { path }),
            Some((line, found)) => {
                return Err(HistoryError::Parse { path, line, expected: expected.to_owned(), found });
            }
        }
        let text = if self.processes == 0 {
            "no process in it: write it with atop -P MEM,SWP,PRG,PRM or atop -J MEM,SWP,PRG,PRM"
        } else {
            "processes are added up by program; memory in use is what atop counts neither as free, cache nor reclaimable"
        };
        Ok(vec![Note { source: path, text: text.to_owned() }])
    }
}

impl Host {
    fn boot(&mut self, boot_s: i64, name: &str, out: &mut Builder) {
        let moved =
            self.boot_s.is_none_or(|known| BOOTS_S < known.abs_diff(boot_s).try_into().unwrap_or(i64::MAX));
        if moved {
            if let Some(t_ms) = boot_s.checked_mul(1000).filter(|_| self.boot_s.is_some()) {
                out.restart(name, t_ms);
            }
            self.boot_s = Some(boot_s);
        }
    }
}
