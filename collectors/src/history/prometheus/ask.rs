//! What to ask a Prometheus server, so that its answer holds raw samples and stays within its bounds.

use std::iter;

use super::super::catalogue;

/// The most points a server gives in one stepped answer.
const MOST_POINTS: i64 = 11_000;

/// The time to ask for, in whole seconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first second wanted.
    pub start_s: i64,
    /// The last second wanted.
    pub end_s: i64,
    /// The time between two samples: the scrape interval where it is known.
    pub step_s: i64,
}

/// Which way to ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ask {
    /// Instant queries of range vectors: the samples as they were scraped.
    #[default]
    Raw,
    /// `query_range`: one value a step, the last one repeated up to five minutes past the end.
    Stepped,
}

/// The selectors that fetch what the catalogue knows, one a resource, its limit in the same query.
#[must_use]
pub fn queries() -> Vec<String> {
    let select = |names: Vec<&str>| match names.as_slice() {
        [name] => (*name).to_owned(),
        _ => format!("{{__name__=~\"{}\"}}", names.join("|")),
    };
    catalogue::exported().into_iter().map(select).collect()
}

/// The requests that fetch `queries` over `span` from the server at `base`. A `base` that already names an API call
/// is asked as it stands.
#[must_use]
pub fn urls(base: &str, queries: &[String], span: Span, ask: Ask) -> Vec<String> {
    let base = base.trim_end_matches('/');
    if base.contains("/api/v1/") {
        return vec![base.to_owned()];
    }
    let step_s = span.step_s.max(1);
    let mut urls = Vec::new();
    for query in queries {
        match ask {
            Ask::Raw => urls.extend(chunks(span, step_s, 1).map(|piece| raw(base, query, piece))),
            Ask::Stepped => {
                urls.extend(chunks(span, step_s, step_s).map(|piece| stepped(base, query, piece, step_s)));
            }
        }
    }
    urls
}

/// Cuts `span` so that no piece holds more than [`MOST_POINTS`] steps, and the next begins `apart_s` behind it.
fn chunks(span: Span, step_s: i64, apart_s: i64) -> impl Iterator<Item = (i64, i64)> {
    let length_s = step_s.saturating_mul(MOST_POINTS - 1);
    let piece = move |start_s: i64| {
        (start_s <= span.end_s).then(|| (start_s, start_s.saturating_add(length_s).min(span.end_s)))
    };
    iter::successors(piece(span.start_s), move |&(_, end_s)| piece(end_s.checked_add(apart_s)?))
}

/// A range selector looks back from its evaluation time and leaves out its left edge: one second more takes it in.
fn raw(base: &str, query: &str, (start_s, end_s): (i64, i64)) -> String {
    let range_s = end_s.saturating_sub(start_s).saturating_add(1);
    format!("{base}/api/v1/query?query={}&time={end_s}", escaped(&format!("{query}[{range_s}s]")))
}

fn stepped(base: &str, query: &str, (start_s, end_s): (i64, i64), step_s: i64) -> String {
    format!("{base}/api/v1/query_range?query={}&start={start_s}&end={end_s}&step={step_s}", escaped(query))
}

/// Escapes for the query part of a URL.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out
}

const HEX: [u8; 16] = *b"0123456789ABCDEF";

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { start_s: 1000, end_s: 1600, step_s: 60 };

    fn ask(base: &str, query: &str, span: Span, ask: Ask) -> Vec<String> {
        urls(base, &[query.to_owned()], span, ask)
    }

    #[test]
    fn raw_samples_are_asked_for_with_their_left_edge() {
        assert_eq!(
            ask("http://host:9090/", "up", SPAN, Ask::Raw),
            ["http://host:9090/api/v1/query?query=up%5B601s%5D&time=1600"]
        );
    }

    #[test]
    fn a_stepped_query_names_its_step() {
        assert_eq!(
            ask("http://host:9090", "{a=~\"b|c\"}", SPAN, Ask::Stepped),
            ["http://host:9090/api/v1/query_range?query=%7Ba%3D~%22b%7Cc%22%7D&start=1000&end=1600&step=60"]
        );
    }

    #[test]
    fn a_url_of_the_api_is_asked_as_it_stands() {
        let url = "http://host/prom/api/v1/query?query=up[1h]";
        assert_eq!(urls(url, &queries(), SPAN, Ask::Raw), [url]);
    }

    #[test]
    fn no_piece_is_over_the_bound_and_together_they_are_the_span() {
        let span = Span { start_s: 0, end_s: 1_000_000, step_s: 15 };
        let pieces: Vec<(i64, i64)> = chunks(span, 15, 15).collect();
        assert!(pieces.iter().all(|(start_s, end_s)| (end_s - start_s) / 15 < 11_000));
        assert!(pieces.windows(2).all(|pair| pair[0].1 + 15 == pair[1].0));
        assert_eq!((pieces.len(), pieces[0].0, pieces[pieces.len() - 1].1), (7, 0, 1_000_000));
        let pieces: Vec<(i64, i64)> = chunks(span, 15, 1).collect();
        assert!(pieces.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
    }

    #[test]
    fn odd_spans_end() {
        for span in [
            Span { start_s: 5, end_s: 4, step_s: 60 },
            Span { start_s: i64::MAX - 5, end_s: i64::MAX, step_s: 0 },
            Span { start_s: 0, end_s: 0, step_s: i64::MAX },
        ] {
            assert!(ask("http://h", "up", span, Ask::Raw).len() <= 1);
        }
    }

    #[test]
    fn a_resource_and_its_limit_are_one_query() {
        let queries = queries();
        let memory = "{__name__=~\"node_memory_MemAvailable_bytes|node_memory_MemTotal_bytes\"}";
        assert!(queries.iter().any(|query| query == memory), "{queries:?}");
        assert!(queries.iter().any(|query| query == "go_goroutines"), "{queries:?}");
    }
}
