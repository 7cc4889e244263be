//! `/proc/vmstat`: how often the kernel killed a process for lack of memory.

use super::catalogue;
use super::error::CollectError;
use super::reading::Limit;
use super::round::{Round, Source};
use super::text;

const FILE: &str = "proc/vmstat";

/// Reads `/proc/vmstat`.
#[derive(Debug)]
pub(super) struct VmStat;

impl Source for VmStat {
    fn name(&self) -> &'static str {
        "vmstat"
    }

    fn collect(&mut self, round: &mut Round<'_>) -> Result<(), CollectError> {
        let kills = text::keyed(round.read(FILE)?, "oom_kill");
        let kills = kills.ok_or_else(|| round.malformed(FILE, "oom_kill (Linux 4.13 and later)"))?;
        round.push(&catalogue::MEMORY_OOM_KILLS, kills as f64, Limit::None);
        Ok(())
    }
}
