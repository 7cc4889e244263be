//! A picture in a page: the drawing, its legend, and the numbers behind it.

use chrono_tz::Tz;
use maud::{Markup, PreEscaped, html};

use crate::{
    finding::{Finding, Picture},
    report::chart,
};

/// The picture of a finding with its legend and a table of its key points; `id` as for [`chart::svg`].
#[must_use]
pub fn figure(finding: &Finding, picture: &Picture, id: &str, name: &str, zone: Tz) -> Markup {
    let svg = chart::svg(finding, picture, id, zone);
    let points = chart::key_points(finding, picture, zone);
    html! {
        @if svg.is_empty() { p class="soft" { "There are no samples to draw." } }
        @else {
            figure {
                (PreEscaped(svg))
                figcaption { (legend(picture)) }
                details class="points" {
                    summary { "The numbers behind the picture" }
                    table {
                        caption class="unseen" { "Key points of " (name) }
                        thead { tr { th scope="col" { "Time" } th scope="col" { "What" } th scope="col" { "Value" } } }
                        tbody {
                            @for point in &points { tr { td { (point.time) } td { (point.what) } td { (point.value) } } }
                        }
                    }
                }
            }
        }
    }
}

/// The marks that this picture has, each beside its name.
fn legend(picture: &Picture) -> Markup {
    let dots = |class| format!("<path class=\"{class}\" d=\"M4,8h0M12,5h0M20,7h0M28,4h0\"/>");
    let line = |class| format!("<path class=\"{class}\" d=\"M2,6h28\"/>");
    let area = |class| format!("<rect class=\"{class}\" x=\"2\" y=\"1\" width=\"28\" height=\"10\"/>");
    let entries = [
        (picture.raw.is_empty(), dots("k-raw"), "samples"),
        (picture.accepted.is_empty(), dots("k-accepted"), "medians fitted"),
        (picture.curve.is_empty(), line("k-curve"), "curve"),
        (picture.band.is_empty(), area("k-band"), "90 % band"),
        (picture.limit.is_empty(), line("k-limit"), "limit"),
        (picture.exhaustion.is_none(), line("k-full"), "exhaustion"),
        (
            picture.surges.is_empty(),
            "<path class=\"k-hatch\" d=\"M4,11l8-10M12,11l8-10M20,11l8-10\"/>".to_owned(),
            "surge held",
        ),
        (
            picture.epochs.is_empty(),
            "<path class=\"k-epoch\" d=\"M12,11V1\"/><polygon class=\"k-epoch\" points=\"12,1 20,4 12,7\"/>"
                .to_owned(),
            "new epoch",
        ),
        (
            picture.marks.is_empty(),
            "<path class=\"k-mark-head\" d=\"M10,2H22L16,11Z\"/>".to_owned(),
            "marked",
        ),
    ];
    html! {
        @for (absent, mark, name) in entries {
            @if !absent {
                span class="key" {
                    svg viewBox="0 0 32 12" width="32" height="12" aria-hidden="true" { (PreEscaped(mark)) }
                    " " (name)
                }
            }
        }
    }
}
