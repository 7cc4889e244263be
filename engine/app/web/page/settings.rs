//! The settings in force, each with the place where it was set; what is secret is not shown.

use hebe::report::clean;
use hebe::snapshot::{Setting, Snapshot};
use maud::html;

use super::View;
use super::frame::{Tab, page};

/// A key with one of these words holds a secret.
const SECRET: [&str; 5] = ["token", "secret", "password", "credential", "hmac"];
/// What is shown instead.
const HIDDEN: &str = "(not shown)";

pub(super) fn settings(view: &View<'_>) -> String {
    let settings = shown(view.snapshot);
    let body = html! {
        h1 { "Settings" }
        section id="in-force" data-live aria-label="Settings in force" {
            @if settings.is_empty() { p { "Everything is as it comes." } } @else {
                table class="stack settings" {
                    caption { "In force now" }
                    thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "Set by" } } }
                    tbody {
                        @for setting in &settings {
                            tr {
                                th scope="row" data-label="Setting" { code { (clean::line(&setting.key)) } }
                                td data-label="Value" { code { (clean::line(&setting.value)) } }
                                td data-label="Set by" { (clean::line(&setting.origin)) }
                            }
                        }
                    }
                }
            }
        }
        p class="soft" { "They are changed where they were set; the daemon takes them up when it is told to reload." }
    };
    page(view, Tab::Settings, "Settings", &body)
}

/// The settings as they may be shown.
pub(in super::super) fn shown(snapshot: &Snapshot) -> Vec<Setting> {
    snapshot.settings.iter().cloned().map(hide).collect()
}

fn hide(mut setting: Setting) -> Setting {
    let key = setting.key.to_lowercase();
    let file = key.ends_with("file") || key.ends_with("path");
    if SECRET.iter().any(|word| key.contains(word)) && !file && !setting.value.is_empty() {
        HIDDEN.clone_into(&mut setting.value);
    }
    setting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, expected: &str) {
        let setting = Setting { key: key.to_owned(), value: "x".to_owned(), origin: "default".to_owned() };
        assert_eq!(hide(setting).value, expected, "{key}");
    }

    #[test]
    fn secrets_are_not_shown() {
        for key in ["page.token", "webhook.hmac_key", "Password"] {
            check(key, HIDDEN);
        }
        check("page.token_file", "x");
        check("page.listen", "x");
    }
}
