//! An explanation as it looks.

use chrono_tz::Tz;

use super::*;
use crate::report::sample;

fn explained(style: Style) -> String {
    let finding = &sample::host().findings[1];
    explain(finding, &sample::picture(finding, 14), &style)
}

fn style(width: usize) -> Style {
    Style { width, color: false, ascii: false, zone: Tz::UTC }
}

#[test]
fn the_chart_in_ascii() {
    let text = explained(Style { ascii: true, ..style(72) });
    let chart: Vec<&str> = text.lines().skip(3).take(18).collect();
    insta::assert_snapshot!(chart.join("\n"), @r"
                                           //          //     |           :***
                   = limit 65,536 ======================================****====
                                           //          //     |     :****::
                                           ./          //     |  :****:
            50,000                         ..          ..     |****:
                                      ...  ./          //   ****
                                    ....   ./          //**** |
                                 ....      //         ****    |
                             .....         //      ****//     |
                           ....            //   ****   //     |
                        ....               //****      //     |
                   !.....               ! ****         //     |
                 0 ...                  ***//          //     |
                   !                    !  //          //     |now
                   -----------------------------------------------------##X###--
                                    14 Nov               21 Nov
                                                                full 24-26 Nov
        . samples * curve : 90 % band = limit # exhaustion / surge held ! new
        ");
}

#[test]
fn it_fits_and_is_ascii_where_asked() {
    for width in [40, 80, 200] {
        for line in explained(style(width)).lines() {
            assert!(clean::columns(line) <= width, "{width}: {line}");
        }
    }
    assert!(explained(Style { ascii: true, ..style(80) }).is_ascii());
}

#[test]
fn nothing_to_draw_is_said() {
    let finding = &sample::host().findings[1];
    assert!(explain(finding, &Picture::default(), &style(80)).contains("There are no samples to draw."));
}
