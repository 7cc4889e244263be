//! Ten thousand processes that come and go while the daemon looks.

use std::fs;

use super::started::{Daemon, FAST, Running, wait_for};

/// Starts ten thousand processes, fifty at a time, each gone after some hundredths of a second, with names that differ.
const CROWD: &str = r#"
for i in {1..200}; do
  for j in {1..50}; do (exec -a "short-$i-$j" sleep 0.02) & done
  wait
done
: > "$1/done""#;

#[test]
fn ten_thousand_short_lives_cost_it_neither_descriptors_nor_memory_nor_series() {
    let folder = tempfile::tempdir().unwrap();
    let mut daemon = Daemon::start(folder.path(), FAST);
    daemon.goes_on(10);
    let (fds, series) = (daemon.metric("process_open_fds").unwrap(), daemon.rows().len());
    let mut crowd = Running::shell(folder.path(), "crowd", CROWD, folder.path());
    let end = folder.path().join("done");
    wait_for("the crowd to be gone", || {
        assert!(daemon.lives(), "{}", daemon.said());
        end.exists().then_some(())
    });
    crowd.0.wait().unwrap();
    daemon.goes_on(5);
    // What was kept open of those that are gone is closed by the next listing of processes.
    wait_for("its descriptors to be closed", || {
        let others = slack();
        daemon.metric("process_open_fds").filter(|&now| now <= fds + others)
    });
    // The crowd is at most some groups: those of one program and one unit are one.
    let now = daemon.rows().len();
    assert!(now < series + 200, "{series} series became {now}");
    daemon.stop();
}

/// Descriptors for processes of others that were started meanwhile: three each.
fn slack() -> f64 {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let is_process = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().parse::<u32>().is_ok();
    3.0 * entries.filter(is_process).count() as f64 / 2.0 + 60.0
}
