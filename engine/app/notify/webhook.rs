//! The webhook: `POST` of an event in the structured mode of `CloudEvents` over HTTP.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use chrono::Utc;

use super::Alive;
use super::backoff::Backoff;
use super::board::Board;
use super::config::Webhook;
use super::courier::{Courier, Outcome};
use super::http::Http;
use super::signature::{self, Key};

/// Answers that will not change however often the same body is sent.
const REFUSALS: [u16; 4] = [400, 413, 415, 422];

/// Starts the courier of the webhook.
pub(super) fn courier(config: Webhook, spool: &Path, board: &Arc<Board>, alive: Alive) -> Result<Courier> {
    let key = config.secret_file.as_deref().map(Key::read).transpose()?;
    let http = Http::new(config.timeout);
    let backoff = Backoff { first: config.first_retry, longest: config.longest_retry };
    let url = config.url;
    Courier::start("webhook", spool, config.queue, backoff, board, alive, move |body, _| {
        deliver(&http, &url, key.as_ref(), body)
    })
}

fn deliver(http: &Http, url: &str, key: Option<&Key>, body: &[u8]) -> Outcome {
    let (id, now) = (signature::id(body), Utc::now().timestamp());
    let (timestamp, signed) = (now.to_string(), key.map(|key| key.sign(&id, now, body)));
    let mut headers = vec![
        ("content-type", "application/cloudevents+json"),
        ("webhook-id", id.as_str()),
        ("webhook-timestamp", timestamp.as_str()),
    ];
    headers.extend(signed.as_deref().map(|signature| ("webhook-signature", signature)));
    match http.post(url, &headers, body) {
        Ok(answer) if answer.is_success() => Outcome::Delivered,
        Ok(answer) if REFUSALS.contains(&answer.status) => Outcome::Refused(answer.told(url)),
        Ok(answer) => Outcome::Later(answer.told(url)),
        Err(why) => Outcome::Later(why),
    }
}
