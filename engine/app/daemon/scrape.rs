//! Endpoints that speak the text format of Prometheus, each asked on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use hebe_collectors::live::Reading;
use hebe_collectors::live::exposition::{Mapping, parse, readings};

use super::Event;
use crate::config::Scrape;

/// Longest answer that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// The threads that scrape; they end some time after this is dropped.
#[derive(Debug)]
pub(super) struct Scrapes {
    going: Arc<AtomicBool>,
}

impl Drop for Scrapes {
    fn drop(&mut self) {
        self.going.store(false, Ordering::Relaxed);
    }
}

impl Scrapes {
    pub(super) fn start(targets: &[Scrape], period_s: f64, sender: &Sender<Event>) -> Self {
        let going = Arc::new(AtomicBool::new(true));
        for target in targets {
            let (target, sender, going) = (target.clone(), sender.clone(), Arc::clone(&going));
            let work = move || scrape(&target, Duration::from_secs_f64(period_s), &sender, &going);
            // Without a thread the endpoint stays silent, which its series say.
            let _ = thread::Builder::new().name("scrape".to_owned()).spawn(work);
        }
        Self { going }
    }
}

fn scrape(target: &Scrape, period: Duration, sender: &Sender<Event>, going: &AtomicBool) {
    let patience = period.clamp(Duration::from_secs(1), Duration::from_secs(10));
    let agent = ureq::Agent::config_builder().timeout_global(Some(patience)).build().new_agent();
    let name = target.name.clone().unwrap_or_else(|| place(&target.url));
    let mappings = if target.mapping.is_empty() { Mapping::known() } else { target.mapping.clone() };
    while going.load(Ordering::Relaxed) {
        let readings = ask(&agent, target, &name, &mappings);
        if sender.send(Event::Scraped { name: name.clone(), readings }).is_err() {
            return;
        }
        thread::sleep(period);
    }
}

fn ask(
    agent: &ureq::Agent,
    target: &Scrape,
    name: &str,
    mappings: &[Mapping],
) -> Result<(Vec<Reading>, Option<i64>), String> {
    let mut answer = agent
        .get(&target.url)
        .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
        .call()
        .map_err(|error| error.to_string())?;
    let text =
        answer.body_mut().with_config().limit(LONGEST).read_to_string().map_err(|error| error.to_string())?;
    let scraped = readings(&parse(&text), mappings, name, target.most);
    Ok((scraped.readings, scraped.start_ms))
}

/// Host and port of a URL.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    place.rsplit('@').next().unwrap_or(place).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_by_its_place_and_no_password() {
        assert_eq!(place("http://user:secret@web1:9100/metrics?a=b"), "web1:9100");
        assert_eq!(place("localhost:9100"), "localhost:9100");
    }
}
