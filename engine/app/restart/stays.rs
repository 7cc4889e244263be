//! Whether what was restarted by hand stays up for a moment, where no test of its own tells that it is ready.
//!
//! A daemon has its watchdog for that, and a plan waits for nothing that no map asks for.

use std::thread;
use std::time::{Duration, Instant};

use hebe::restart::map::{Kind, Node};

use super::executor::Executor;
use super::finish::Ended;
use super::preview::find;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// Watches for as long; who ended, in words.
pub(super) fn watch(executor: &Executor, ended: &Ended, long: Duration) -> Option<String> {
    let untested = |node: &&Node| {
        let kept = matches!(node.kind, Kind::Unit { .. } | Kind::Process(_));
        kept && node.ready.is_empty() && node.probes.is_empty()
    };
    let nodes = ended.past.nodes.iter().filter_map(|name| find(executor.map(), name));
    let nodes: Vec<&Node> = nodes.filter(untested).collect();
    let began = Instant::now();
    let mut up = vec![false; nodes.len()];
    while !nodes.is_empty() && began.elapsed() < long {
        let stand = executor.hands().look_all(&nodes);
        for ((node, now), was_up) in nodes.iter().zip(stand).zip(&mut up) {
            *was_up |= now.runs == Some(true);
            if now.runs == Some(false) && (*was_up || now.failed) {
                let away = began.elapsed().as_secs_f64();
                let sentence =
                    format!("{} did not stay up, {away:.1} s after its restart: {}", node.name, now.words);
                return is_last(executor, ended).then_some(sentence);
            }
        }
        thread::sleep(LOOK);
    }
    None
}

/// Whether nothing was restarted since.
fn is_last(executor: &Executor, ended: &Ended) -> bool {
    executor.read().is_ok_and(|journal| {
        let last = journal.fold.history.past.last();
        journal.fold.open.is_empty() && last.is_some_and(|past| past.plan == ended.past.plan)
    })
}
