//! `POST`, and what came back in a few words.

use std::time::Duration;

use ureq::Agent;

/// As much of an answer is read as a person wants to see of it.
const MOST_BYTES: u64 = 2000;

/// A client that waits no longer than told.
#[derive(Debug)]
pub(super) struct Http(Agent);

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// The start of what it says.
    text: String,
}

impl Http {
    pub(super) fn new(timeout: Duration) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // A signed event goes where it was told to go, and nowhere else.
            .max_redirects(0)
            .max_redirects_will_error(false)
            // Notices are rare: a kept connection would be found closed.
            .max_idle_connections(0)
            .user_agent(concat!("hebe/", env!("CARGO_PKG_VERSION")));
        Self(config.build().new_agent())
    }

    /// Sends `body`; the error says why there is no answer.
    pub(super) fn post(&self, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, String> {
        let request =
            headers.iter().fold(self.0.post(url), |request, (name, value)| request.header(*name, *value));
        let answer = request.send(body).map_err(|error| format!("no answer from {url}: {error}"))?;
        let status = answer.status().as_u16();
        let text = answer.into_body().into_with_config().limit(MOST_BYTES).lossy_utf8(true).read_to_string();
        Ok(Answer { status, text: text.unwrap_or_default().trim().to_owned() })
    }
}

impl Answer {
    /// Whether it was taken.
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// What `url` said, for people.
    pub(super) fn told(&self, url: &str) -> String {
        let Self { status, text } = self;
        if text.is_empty() {
            format!("{url} answered {status}")
        } else {
            format!("{url} answered {status}: {text}")
        }
    }
}
