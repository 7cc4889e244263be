//! Recordings of others, which are not ours to ship: production servers whose end is known.

use hebe::finding::Row;
use hebe::settings::Settings;
use hebe_collectors::history::{Options, Series, Unit};
use serde_json::Value;

use crate::skipped::shared;
use crate::{binary, generated, library};

/// Moments at which a history is judged.
const MOMENTS: usize = 60;

#[test]
fn a_process_that_reached_its_plateau_is_no_alarm() {
    let Some(folder) = shared("ibm-cloud appln2") else { return };
    let file = folder.join("ibm-cloud/appln2.csv");
    let kilobytes = binary::row(&file, "--limit usage=3000000");
    let bytes = binary::row(&file, "--unit usage=kB --limit usage=3GB");
    for row in [&kilobytes, &bytes] {
        assert!(!binary::is_alarm(row), "{row:#}");
    }
    assert_eq!(bytes["unit"], "bytes");
    assert_eq!(bytes["limit"], 3e9);
    assert_eq!(kilobytes["status"], bytes["status"]);
}

#[test]
fn a_log_folder_that_breathes_by_hour_and_day_never_alarms() {
    let Some(folder) = shared("ibm-cloud varlog") else { return };
    let options = limited("usage", 100.0);
    let series = library::read(&folder.join("ibm-cloud/varlog.csv"), &options).remove(0);
    library::assert_silent(&library::life(&series, &Settings::default(), 0.0, MOMENTS));
}

#[test]
fn a_leak_of_months_is_no_alarm_within_thirty_days() {
    let Some(folder) = shared("llm-server") else { return };
    let rows = binary::rows(&folder.join("llm-server"), "--horizon 30d");
    let runs = |run: &str| rows.iter().filter(|row| row["series"].as_str().unwrap().contains(run)).count();
    for run in ["125m_1s", "125m_5s", "125m_10s"] {
        assert!(0 < runs(run), "{run}");
    }
    let alarms: Vec<&Value> = rows.iter().filter(|row| binary::is_alarm(row)).collect();
    assert!(alarms.is_empty(), "{alarms:#?}");
}

#[test]
fn among_ten_groups_of_relays_the_one_that_leaks_comes_first() {
    let Some(folder) = shared("tor-relays") else { return };
    let file = folder.join("tor-relays/memory_measurements.csv");
    for words in ["", "--series group --value rss_kb"] {
        let rows = binary::rows(&file, words);
        assert!(10 <= rows.len(), "{words}: {}", rows.len());
        let first = rows[0]["series"].as_str().unwrap();
        assert!(first.contains("group=\"I\""), "{words}: {first}");
        assert!(rows.iter().all(|row| !binary::is_alarm(row)), "{words}");
    }
}

#[test]
fn processors_that_work_harder_for_a_while_are_no_alarm_a_day_later() {
    let Some(folder) = shared("nab") else { return };
    let rows = binary::rows(&folder.join("nab"), "--limit value=100");
    assert_eq!(rows.len(), 4);
    assert!(!rows.iter().any(binary::is_alarm), "{rows:#?}");
    let names = ["ec2_cpu_utilization_5f5533", "rds_cpu_utilization_cc0c53", "rds_cpu_utilization_e47b3b"];
    for name in names {
        let file = folder.join("nab").join(name).with_extension("csv");
        let series = library::read(&file, &limited("value", 100.0)).remove(0);
        let rows = six_hourly(&series);
        let standing = rows.windows(5).find(|day| day[0].status.is_alarm() && day[4].status.is_alarm());
        assert!(standing.is_none(), "{name}: {}", library::line(&standing.unwrap()[4]));
    }
}

/// The rows every six hours of the history.
fn six_hourly(series: &Series) -> Vec<Row> {
    let step = generated::ms(6.0 * generated::HOUR);
    let (first, last) = (series.t_ms[0], series.t_ms[series.t_ms.len() - 1]);
    (1..=(last - first) / step).map(|k| library::row_until(series, first + k * step)).collect()
}

fn limited(name: &str, limit: f64) -> Options {
    Options { limits: vec![(name.to_owned(), limit, Unit::Unknown)], ..Options::default() }
}
