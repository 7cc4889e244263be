//! A page that must be answered: `GET`, a status, and perhaps a text in it.

use std::io::Read as _;
use std::time::Duration;

use ureq::Agent;

use super::shown;

/// As much of an answer is searched.
const MOST_BYTES: u64 = 1 << 20;

/// Asks once.
pub(super) fn get(
    url: &str,
    status: Option<u16>,
    contains: Option<&str>,
    within: Duration,
) -> Result<(), String> {
    let config = Agent::config_builder()
        .timeout_global(Some(within))
        .http_status_as_error(false)
        // The answer of this address is tested, and not that of another one that it names.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        // A proxy would answer for the one that is tested.
        .proxy(None)
        .user_agent(concat!("hebe/", env!("CARGO_PKG_VERSION")));
    let failed = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => format!("{url}: no answer within {}", shown(within)),
        error => format!("{url}: {error}"),
    };
    let answer = config.build().new_agent().get(url).call().map_err(failed)?;
    let found = answer.status().as_u16();
    if !status.map_or((200..300).contains(&found), |status| status == found) {
        let expected = status.map_or_else(|| "200 to 299".to_owned(), |status| status.to_string());
        return Err(format!("{url} answered {found} instead of {expected}"));
    }
    let Some(wanted) = contains else { return Ok(()) };
    let mut text = Vec::new();
    let read = answer.into_body().into_reader().take(MOST_BYTES).read_to_end(&mut text);
    if text.windows(wanted.len().max(1)).any(|part| part == wanted.as_bytes()) || wanted.is_empty() {
        return Ok(());
    }
    match read {
        Ok(_) => Err(format!("{url} answered {found} without `{wanted}`")),
        Err(error) => Err(format!("{url}: the answer broke off: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_mins(1);

    /// The address of a server that answers everybody with `answer`, and with silence if there is none.
    fn server(answer: Option<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/healthz", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(answer) = answer else {
                    kept.push(stream);
                    continue;
                };
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap() == 0 {
                        break;
                    }
                    asked.push(byte[0]);
                }
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        url
    }

    const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nall well";

    #[test]
    fn the_status_and_the_text_count() {
        let fine = server(Some(FINE));
        assert_eq!(get(&fine, None, None, SOON), Ok(()));
        assert_eq!(get(&fine, Some(200), Some("well"), SOON), Ok(()));
        assert!(get(&fine, Some(204), None, SOON).unwrap_err().contains("200 instead of 204"));
        assert!(get(&fine, None, Some("sick"), SOON).unwrap_err().contains("without `sick`"));
    }

    #[test]
    fn an_error_is_no_answer_and_a_redirect_is_not_followed() {
        let broken = server(Some("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        assert!(get(&broken, None, None, SOON).unwrap_err().contains("503 instead of 200 to 299"));
        assert_eq!(get(&broken, Some(503), None, SOON), Ok(()));
        let moved = server(Some(
            "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ));
        assert!(get(&moved, None, None, SOON).unwrap_err().contains("302"));
    }

    #[test]
    fn silence_ends_by_its_limit() {
        let error = get(&server(None), None, None, Duration::from_millis(50)).unwrap_err();
        assert!(error.contains("no answer within 50 ms"), "{error}");
    }

    #[test]
    fn nobody_there_is_said() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(get(&format!("http://{free}/"), None, None, SOON).unwrap_err().contains(&free.to_string()));
    }
}
