//! A real Prometheus server with a leak in its database, asked over a socket.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::binary;
use crate::generated::{MINUTE, noise};
use crate::servers::Server;
use crate::skipped::{has, skipped};

/// Samples in the server, a minute apart: two days.
const SAMPLES: usize = 2880;
/// Open files that leak and a file system that does not, up to now, as an exporter would have told them.
fn history() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as f64;
    let mut text = String::new();
    let mut family = |name: &str, labels: &str, value: &dyn Fn(f64) -> f64| {
        let _ = writeln!(text, "# TYPE {name} gauge");
        for i in 0..SAMPLES {
            let t = now - (SAMPLES - i) as f64 * MINUTE;
            let _ = writeln!(text, "{name}{{instance=\"web1:9100\"{labels}}} {:.0} {t}", value(i as f64));
        }
    };
    family("node_filefd_allocated", "", &|i| 100_000.0 + 150.0 * i + 500.0 * noise(i));
    family("node_filefd_maximum", "", &|_| 800_000.0);
    let mount = ",device=\"/dev/vda1\",fstype=\"ext4\",mountpoint=\"/\"";
    family("node_filesystem_avail_bytes", mount, &|i| 3e10 + 1e8 * noise(i));
    family("node_filesystem_size_bytes", mount, &|_| 5e10);
    text + "# EOF\n"
}

#[test]
fn a_running_prometheus_names_what_leaks() {
    if !(has("prometheus") && has("promtool")) {
        return skipped("the live Prometheus server", "prometheus and promtool");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.txt"), history()).unwrap();
    let mut make = Command::new("promtool");
    make.args(["tsdb", "create-blocks-from", "openmetrics", "history.txt", "data"]).current_dir(&folder);
    let made = make.output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let server = Server::prometheus(folder.path(), "");
    let rows = binary::run(&["analyze", "--format", "json", &server.url]).rows();
    let leak = &rows[0];
    assert_eq!(leak["resource"], "files.open", "{leak:#}");
    assert_eq!(leak["host"], "web1:9100");
    assert_eq!(leak["limit"], 800_000.0);
    assert!(binary::is_alarm(leak), "{leak:#}");
    let left = (800_000.0 - 100_000.0 - 150.0 * SAMPLES as f64) / 150.0 * MINUTE;
    let said = leak["left_s"].as_f64().unwrap();
    assert!((said / left - 1.0).abs() < 0.1, "{said} s for {left} s");
    let samples = leak["samples"].as_u64().unwrap();
    assert_eq!(samples, SAMPLES as u64, "the samples as they were scraped");
    let disk = rows.iter().find(|row| row["resource"] == "disk.bytes").expect("the file system");
    assert!(!binary::is_alarm(disk), "{disk:#}");
}
