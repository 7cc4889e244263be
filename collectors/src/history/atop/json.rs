//! `atop -J`: one JSON object a sample.

use std::collections::HashSet;
use std::io::BufRead;

use super::levels::{File, Levels, Process};
use crate::history::json::{self, Key, Nest, Scalar, Walker};
use crate::history::lines::next_line;
use crate::history::{Builder, HistoryError, Note, Options};

/// Reads the output of `atop -J`. A line is the unit of failure.
///
/// # Errors
///
/// When the bytes cannot be read, when there are none, or when not one line is a sample of atop.
pub fn read(
    input: &mut dyn BufRead,
    source: &str,
    _options: &Options,
    out: &mut Builder,
) -> Result<Vec<Note>, HistoryError> {
    let mut file = File::default();
    let (mut number, mut bytes) = (0, Vec::new());
    loop {
        match next_line(input, &mut bytes) {
            Ok(true) => number += 1,
            Ok(false) => break,
            Err(error) if file.good == 0 => {
                return Err(HistoryError::Read { path: source.to_owned(), source: error });
            }
            Err(error) => {
                out.reject(number + 1, || format!("the file breaks off: {error}"));
                break;
            }
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match sample(&bytes) {
            Ok(sample) => sample.hand_on(&mut file, out),
            Err(reason) => file.refuse(number, reason, out),
        }
    }
    file.ended(source, "a sample of atop -J")
}

fn sample(bytes: &[u8]) -> Result<Sample, String> {
    let mut sample = Sample::default();
    json::walk_slice(bytes, &mut sample).map_err(|error| error.to_string())?;
    if sample.host.is_none() || sample.t_s.is_none() {
        return Err("no `host` and `timestamp`".to_owned());
    }
    Ok(sample)
}

/// Where in the object the walk stands.
#[derive(Clone, Copy, Debug)]
enum Part {
    Sample,
    Memory,
    Swap,
    Processes,
    Process,
}

/// What one line says.
#[derive(Debug, Default)]
struct Sample {
    part: Vec<Part>,
    host: Option<String>,
    t_s: Option<f64>,
    interval_s: f64,
    levels: Levels,
    processes: Vec<Process>,
}

impl Sample {
    fn hand_on(self, file: &mut File, out: &mut Builder) {
        let (Some(host), Some(t_s)) = (self.host, self.t_s) else { return };
        #[expect(clippy::cast_possible_truncation, reason = "a cast to integer saturates")]
        file.begin(&host, t_s as i64, self.interval_s as i64, out);
        file.level(&self.levels);
        // Only the general part says what is a thread: its numbers mark the other parts.
        let general = || self.processes.iter().filter(|process| process.program.is_some());
        let own: HashSet<u64> =
            general().filter(|process| !process.is_thread).map(|process| process.pid).collect();
        let threads: HashSet<u64> =
            general().map(|process| process.pid).filter(|pid| !own.contains(pid)).collect();
        for process in self.processes.into_iter().filter(|process| !threads.contains(&process.pid)) {
            file.process(process);
        }
        file.close(out);
    }

    fn level(&mut self, name: &str, value: f64) {
        let levels = &mut self.levels;
        let place = match name {
            "physmem" => &mut levels.memory,
            "freemem" => &mut levels.free,
            "cachemem" => &mut levels.cache,
            "buffermem" => &mut levels.buffers,
            "slabmem" => &mut levels.slab,
            "slabreclaim" => &mut levels.slab_reclaimable,
            "shmem" => &mut levels.shared,
            "pagetables" => &mut levels.page_tables,
            "totswap" => &mut levels.swap,
            "freeswap" => &mut levels.swap_free,
            "committed" => &mut levels.committed,
            _ => return,
        };
        *place = Some(value);
    }

    fn of_process(&mut self, name: &str, value: Scalar<'_>) {
        let Some(process) = self.processes.last_mut() else { return };
        if let (Scalar::Text(text), "name" | "state") = (value, name) {
            match name {
                "name" => process.program = Some(bare(text).to_owned()),
                _ => process.has_ended = text == "E",
            }
            return;
        }
        let Some(number) = value.number().filter(|number| number.is_finite()) else { return };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast to integer saturates"
        )]
        match name {
            "pid" => process.pid = number as u64,
            "isproc" => process.is_thread = number == 0.0,
            "nthr" => process.threads = Some(number),
            "btime" => process.start_s = Some(number as i64),
            "vmem" => process.mapped = Some(number * 1024.0),
            "rmem" => process.memory = Some(number * 1024.0),
            "vswap" => process.swap = Some(number * 1024.0),
            _ => {}
        }
    }
}

/// The name without the parentheses that atop puts around it.
fn bare(name: &str) -> &str {
    name.strip_prefix('(').and_then(|name| name.strip_suffix(')')).unwrap_or(name)
}

impl Walker for Sample {
    fn enter(&mut self, key: Key<'_>, nest: Nest) -> bool {
        let part = match (self.part.last(), key, nest) {
            (None, Key::Root, Nest::Object) => Part::Sample,
            (Some(Part::Sample), Key::Name("MEM"), Nest::Object) => Part::Memory,
            (Some(Part::Sample), Key::Name("SWP"), Nest::Object) => Part::Swap,
            (Some(Part::Sample), Key::Name("PRG" | "PRM"), Nest::Array) => Part::Processes,
            (Some(Part::Processes), Key::Item(_), Nest::Object) => Part::Process,
            _ => return false,
        };
        if matches!(part, Part::Process) {
            self.processes.push(Process::default());
        }
        self.part.push(part);
        true
    }

    fn scalar(&mut self, key: Key<'_>, value: Scalar<'_>) {
        let Key::Name(name) = key else { return };
        match (self.part.last(), name, value) {
            (Some(Part::Sample), "host", Scalar::Text(text)) => self.host = Some(text.to_owned()),
            (Some(Part::Sample), "timestamp", value) => self.t_s = value.number(),
            (Some(Part::Sample), "elapsed", value) => self.interval_s = value.number().unwrap_or(0.0),
            (Some(Part::Memory | Part::Swap), name, value) => {
                if let Some(value) = value.number().filter(|value| value.is_finite()) {
                    self.level(name, value);
                }
            }
            (Some(Part::Process), name, value) => self.of_process(name, value),
            _ => {}
        }
    }

    fn leave(&mut self) {
        self.part.pop();
    }
}
