//! What the whole daemon costs with a thousand processes, beside `node_exporter` and process-exporter scraped as often,
//! and beside the `procfs` crate's calls: processor time and memory as the kernel counts them, all in the same minutes.
//!
//! `--test` runs it once, for a second and on a few processes; `--seconds N` measures for so long.
#![allow(clippy::disallowed_methods, reason = "a bench reads the clock and starts processes")]
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

mod program;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::all_processes;

/// Clock ticks a second in /proc (`USER_HZ`).
const TICKS: f64 = 100.0;
/// A server that does not answer by then never will.
const PATIENCE: Duration = Duration::from_mins(1);

/// How much is measured.
struct Plan {
    processes: usize,
    period: Duration,
    warm_up: Duration,
    measured: Duration,
}

/// A process that ends with the bench.
struct Running {
    name: &'static str,
    child: Child,
    /// Where it is scraped.
    page: Option<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn main() {
    let plan = plan();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-daemon");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the daemon");
    let sleepers: Vec<Running> =
        (0..plan.processes).map(|_| quiet("sleep", Command::new("sleep").arg("100000"))).collect();
    let mut measured = vec![daemon(&folder, plan.period)];
    measured.extend(exporter("node_exporter", "prometheus-node-exporter", &folder));
    measured.extend(exporter("process-exporter", "prometheus-process-exporter", &folder));
    run(&measured, plan.period, plan.warm_up);
    let before: Vec<f64> = measured.iter().map(|one| busy_s(one.child.id())).collect();
    let start = Instant::now();
    let reference_s = run(&measured, plan.period, plan.measured);
    let wall = start.elapsed().as_secs_f64();
    println!(
        "{} processes beside those of the machine, a sample every {} s, over {wall:.0} s",
        plan.processes,
        plan.period.as_secs_f64()
    );
    for (one, before) in measured.iter().zip(before) {
        let share = 100.0 * (busy_s(one.child.id()) - before) / wall;
        println!("{:46} {share:.3} % of a core  {:.1} MB", one.name, resident_mb(one.child.id()));
    }
    println!(
        "{:46} {:.3} % of a core",
        "procfs: stat, status, io, cgroups, fd_count",
        100.0 * reference_s / wall
    );
    drop((measured, sleepers));
    fs::remove_dir_all(&folder).expect("the folder can be removed");
}

fn plan() -> Plan {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--test") {
        let period = Duration::from_millis(200);
        return Plan {
            processes: 10,
            period,
            warm_up: Duration::from_millis(400),
            measured: Duration::from_secs(1),
        };
    }
    let said = arguments.iter().skip_while(|argument| *argument != "--seconds").nth(1);
    let seconds = said.map_or(300, |said| said.parse().expect("--seconds takes a whole number"));
    Plan {
        processes: 1000,
        period: Duration::from_secs(10),
        warm_up: Duration::from_mins(1),
        measured: Duration::from_secs(seconds),
    }
}

fn quiet(name: &'static str, command: &mut Command) -> Running {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Running { name, child: command.spawn().expect(name), page: None }
}

fn daemon(folder: &Path, period: Duration) -> Running {
    let config = folder.join("hebe.toml");
    fs::write(&config, "[history]\nsysstat = false\n[notify.journald]\nenabled = false\n")
        .expect("a configuration");
    let port = free_port();
    let mut command = Command::new(program::hebe());
    command.arg("daemon").args(["--listen", &format!("127.0.0.1:{port}")]);
    command.arg("--config").arg(config).arg("--store").arg(folder);
    command.args(["--period", &format!("{}ms", period.as_millis())]);
    let running = quiet("hebe daemon (samples, keeps, forecasts)", &mut command);
    wait_for(&format!("127.0.0.1:{port}"));
    running
}

/// An exporter of the system's packages that watches every process, if it is there.
fn exporter(name: &'static str, program: &str, folder: &Path) -> Option<Running> {
    let page = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(program);
    command.arg(format!("--web.listen-address={page}"));
    if name == "process-exporter" {
        let groups = folder.join("groups.yml");
        fs::write(&groups, "process_names: [{name: '{{.Comm}}', cmdline: ['.+']}]\n")
            .expect("a configuration");
        command.arg(format!("--config.path={}", groups.display()));
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(child) = command.spawn() else {
        println!("SKIPPED: {name} needs {program}");
        return None;
    };
    wait_for(&page);
    Some(Running { name, child, page: Some(page) })
}

/// Scrapes who is to be scraped and asks `procfs` once a period; the seconds that this took of the processor.
fn run(measured: &[Running], period: Duration, how_long: Duration) -> f64 {
    let start = Instant::now();
    let mut reference_s = 0.0;
    let mut next = start;
    while start.elapsed() < how_long {
        for page in measured.iter().filter_map(|one| one.page.as_deref()) {
            assert!(scrape(page).is_some_and(|bytes| 1000 < bytes), "{page} answers");
        }
        let before = thread_s();
        procfs_calls();
        reference_s += thread_s() - before;
        next += period;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    reference_s
}

fn procfs_calls() {
    let Ok(processes) = all_processes() else { return };
    for process in processes.flatten() {
        let _ = (process.stat(), process.status(), process.io(), process.cgroups(), process.fd_count());
    }
}

/// The bytes of a page of metrics.
fn scrape(page: &str) -> Option<usize> {
    let mut stream = TcpStream::connect(page).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let ask = format!("GET /metrics HTTP/1.1\r\nHost: {page}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()
}

fn wait_for(page: &str) {
    let start = Instant::now();
    while TcpStream::connect(page).is_err() {
        assert!(start.elapsed() < PATIENCE, "{page} answers");
        thread::sleep(Duration::from_millis(20));
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Processor time of a process, in seconds.
fn busy_s(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let ticks: f64 =
        fields.split_ascii_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / TICKS
}

fn resident_mb(pid: u32) -> f64 {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).expect("it runs");
    let pages: f64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("pages");
    pages * rustix::param::page_size() as f64 / 1e6
}

/// Processor time of this thread, in seconds.
fn thread_s() -> f64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").expect("a kernel that counts");
    told.split(' ').next().and_then(|nanoseconds| nanoseconds.parse().ok()).map_or(0.0, |ns: f64| ns / 1e9)
}
