//! A small file system that really fills: its directory that grows and the deleted file that is kept open are named,
//! each with its share.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::started::{Daemon, FAST, wait_for};
use crate::skipped::skipped;

/// Sixty megabytes of our own; two thirds of what fills them go into a directory, a third into a file without a name.
const FILL: &str = r#"
mount -t tmpfs -o size=60m none "$DISK" || exit 7
mkdir -p "$DISK/log/app" "$DISK/lib/calm"
head -c 5000000 /dev/zero > "$DISK/lib/calm/x"
[ "$1" = only-try ] && exit 0
(
  exec 9> "$DISK/lib/gone"; rm "$DISK/lib/gone"
  start=${EPOCHREALTIME/./}; n=0
  while [ $n -lt 450 ] && kill -0 $PPID; do
    due=$(( (${EPOCHREALTIME/./} - start) / 100000 ))
    while [ $n -lt $due ]; do
      head -c 80000 /dev/zero >> "$DISK/log/app/x"; head -c 40000 /dev/zero >&9; n=$((n + 1))
    done
    sleep 0.05
  done
  while kill -0 $PPID; do sleep 0.2; done
) > /dev/null 2>&1 &
exec "$@""#;

fn filling(folder: &std::path::Path) -> Command {
    let disk = folder.join("disk");
    fs::create_dir_all(&disk).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "bash", "-c", FILL, "bash"]).env("DISK", disk);
    command
}

#[test]
fn a_file_system_that_fills_is_taken_apart() {
    let folder = tempfile::tempdir().unwrap();
    if !filling(folder.path()).arg("only-try").status().is_ok_and(|tried| tried.success()) {
        return skipped("a file system that fills", "unshare with user namespaces");
    }
    let mut command = filling(folder.path());
    command.arg(env!("CARGO_BIN_EXE_hebe"));
    let daemon =
        Daemon::start_by(command, folder.path(), &format!("{FAST}[collect]\npseudo_mounts = true\n"));
    let share = |row: &Value, part: &str| {
        let culprits = row["culprits"].as_array().cloned().unwrap_or_default();
        let found = culprits.into_iter().find(|culprit| culprit["name"].as_str().unwrap().contains(part));
        found.map_or(0.0, |culprit| culprit["growth_share"].as_f64().unwrap())
    };
    let row = wait_for("who fills it", || {
        let row = daemon.row("disk.bytes", "/disk")?;
        (0.3 < share(&row, "/disk/log/app") && 0.1 < share(&row, "deleted files held open by "))
            .then_some(row)
    });
    assert!((share(&row, "/disk/log/app") - 0.667).abs() < 0.15, "{row:#}");
    assert!((share(&row, "deleted files held open by ") - 0.333).abs() < 0.15, "{row:#}");
    assert!(share(&row, "calm") < 0.05 && share(&row, "unattributed") < 0.15, "{row:#}");
    let path = row["series"]
        .as_str()
        .unwrap()
        .bytes()
        .fold(String::new(), |path, byte| format!("{path}%{byte:02X}"));
    let told = daemon.get(&format!("/api/v1/explain/{path}")).unwrap();
    assert_eq!(told.matches("written under ").count(), 1, "{told}");
    let is_told = |event: &Value| {
        event["subject"].as_str().is_some_and(|subject| subject.ends_with("/disk"))
            && 0.3 < share(&event["data"], "/disk/log/app")
    };
    wait_for("an event that names it", || daemon.events().into_iter().find(is_told));
    daemon.stop();
}
