//! The trend of one resource: its picture over a span, and the way to all that is known of it.

use hebe::finding::{Finding, Picture};
use hebe::report::clean;
use hebe::report::html::parts;
use hebe::report::verdict;
use maud::{Markup, html};

use super::super::zoom::{Span, zoom};
use super::{View, names};

/// The panel beside a table: state, sentence, picture. Its links stay on `path`.
pub(super) fn panel(view: &View<'_>, finding: &Finding, span: Span, path: &str) -> Markup {
    let row = &finding.row;
    html! {
        header {
            h2 { (verdict::name(row)) }
            (parts::state(row.status))
        }
        p class="sentence" { (clean::line(&row.sentence)) }
        (picture(view, finding, span, path))
        details id="facts" class="facts" open[row.status.is_alarm()] {
            summary { "The facts" }
            (parts::facts(row, &view.when))
        }
        @if let Some(action) = &row.action { p class="action" { strong { "Do: " } (clean::line(action)) } }
        p class="more" { a id="explain" href=(super::super::explain_path(&row.series)) { "Why, who uses it, and what was tried" } }
    }
}

/// The picture with the choice of spans. The finding is made anew where the source can, so that both belong together.
fn picture(view: &View<'_>, finding: &Finding, span: Span, path: &str) -> Markup {
    let made = view.source.explain(&finding.row.series);
    let (finding, whole) = made.unwrap_or_else(|| (finding.clone(), Picture::default()));
    drawn(view, &finding, &whole, span, path)
}

/// The same of a finding and its picture.
pub(super) fn drawn(view: &View<'_>, finding: &Finding, whole: &Picture, span: Span, path: &str) -> Markup {
    let series = &finding.row.series;
    let picture = match span.range(whole.now) {
        Some((from, until)) => match view.source.history(series, from, until) {
            Some(history) => zoom(finding, whole, &history, span),
            None => Picture::default(),
        },
        None => whole.clone(),
    };
    html! {
        (spans(series, span, path))
        (parts::figure(finding, &picture, "picture", &verdict::name(&finding.row), view.when.zone))
    }
}

fn spans(series: &str, chosen: Span, path: &str) -> Markup {
    let query = if path.starts_with("/explain") {
        String::new()
    } else {
        format!("series={}&", names::segment(series))
    };
    html! {
        nav class="spans" aria-label="Span of the picture" {
            ul {
                @for span in Span::ALL {
                    li {
                        a id={ "span-" (span.word()) } href={ (path) "?" (query) "span=" (span.word()) "#trend" }
                            aria-current=[(span == chosen).then_some("true")] { (label(span)) }
                    }
                }
            }
        }
    }
}

fn label(span: Span) -> &'static str {
    match span {
        Span::Forecast => "Forecast",
        Span::Hour => "Hour",
        Span::Day => "Day",
        Span::Week => "Week",
        Span::All => "All",
    }
}
