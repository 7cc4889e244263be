//! What is planned, under way, done and not done; and the buttons that say yes or no to what waits.

use hebe::report::{clean, units};
use hebe::restart::plan::{Act, Step};
use hebe::restart::world::Mode;
use maud::{Markup, html};

use super::super::act::REASON;
use super::super::hands::{Action, Hands, Standing};
use super::View;
use super::frame::{Tab, page};

/// Actions shown; the API has all that are kept.
const SHOWN: usize = 200;

pub(super) fn actions(view: &View<'_>) -> String {
    let hands = view.source.hands();
    let body = html! {
        h1 { "Actions" }
        @match &hands {
            None => (without_map()),
            Some(hands) => {
                (mode(hands.mode()))
                @if view.proof.is_none() { (without_token()) }
                section id="actions" data-live aria-label="Actions" { (table(view, &hands.actions())) }
                p class="soft" { "The same as data: " a href="/api/v1/actions" { "actions" } ". Everything that was ever "
                    "planned, skipped, started and finished is in the journal: " code { "hebe audit" } "." }
            }
        }
    };
    page(view, Tab::Actions, "Actions", &body)
}

/// What to do where there is no map.
pub(super) fn without_map() -> Markup {
    html! {
        section class="card" aria-label="No restart map" {
            p { strong { "There is no restart map, so nothing is planned and nothing is ever restarted." } }
            p class="soft" {
                "Write down what may be restarted, in " code { "map.toml" } " beside the configuration, check it with "
                code { "hebe map" } ", and have the daemon read it (SIGHUP). Until the configuration says "
                code { "[restart] mode = \"act\"" } ", Hebe only shows what it would do. The shortest map:"
            }
            pre { "[[node]]\nname = \"web\"\nunit = \"nginx.service\"" }
        }
    }
}

pub(super) fn without_token() -> Markup {
    html! {
        p class="warning mild" { strong { "For reading only: " } "nothing is done through a page without a token. Set "
            code { "web.token_file" } " to place, approve and skip here." }
    }
}

pub(super) fn mode(mode: Mode) -> Markup {
    html! {
        p class="soft mode" {
            @match mode {
                Mode::Observe => { strong { "Observe: " } "nothing is restarted; what would be done is shown." }
                Mode::Plan => { strong { "Plan: " } "what you approve is restarted." }
                Mode::Act => { strong { "Act: " } "what the map, the budgets and the calendar allow is restarted." }
            }
        }
    }
}

fn table(view: &View<'_>, actions: &[Action]) -> Markup {
    html! {
        @if actions.is_empty() { p { "Nothing has been planned yet." } } @else {
            table class="stack actions" {
                caption {
                    @if actions.len() > SHOWN { "The newest " (SHOWN) " of " (actions.len()) } @else { "Newest first" }
                }
                thead {
                    tr {
                        th scope="col" { "When" } th scope="col" { "State" } th scope="col" { "Node" }
                        th scope="col" { "Why, and how it ended" }
                    }
                }
                tbody { @for (place, action) in actions.iter().take(SHOWN).enumerate() { (line(view, action, place)) } }
            }
        }
    }
}

fn line(view: &View<'_>, action: &Action, place: usize) -> Markup {
    html! {
        tr {
            td data-label="When" { (view.when.moment(action.at)) }
            td data-label="State" { (state(action.standing)) }
            th scope="row" data-label="Node" {
                div {
                    (clean::cut_middle(&clean::line(&action.node), super::NAME))
                    @if action.nodes.len() > 1 { div class="soft" { "and " (action.nodes.len() - 1) " with it" } }
                }
            }
            td data-label="Why" {
                div {
                    @for why in &action.why { div { (clean::line(why)) } }
                    @if let Some(reason) = &action.reason {
                        div class="soft" { @if let Some(code) = action.code { code { (code) } ": " } (clean::line(reason)) }
                    }
                    @if let Some(deadline) = action.deadline {
                        div class="soft" { "Must begin by " (view.when.moment(deadline)) }
                    }
                    (steps(&action.steps, place))
                    (buttons(view, action, place))
                }
            }
        }
    }
}

/// A standing, told by a shape and a word.
pub(super) fn state(standing: Standing) -> Markup {
    let (class, shape, word) = match standing {
        Standing::Planned => ("s-watch", "◷", "PLANNED"),
        Standing::Waiting => ("s-warning", "?", "WAITS FOR YOU"),
        Standing::DryRun => ("", "○", "DRY RUN"),
        Standing::Skipped => ("", "–", "SKIPPED"),
        Standing::Started => ("s-watch", "▶", "STARTED"),
        Standing::Finished => ("s-ok", "●", "FINISHED"),
        Standing::Failed => ("s-critical", "✖", "FAILED"),
        Standing::GaveUp => ("s-critical", "■", "GAVE UP"),
    };
    html! { span class={ "state " (class) } { span aria-hidden="true" { (shape) } " " (word) } }
}

fn steps(steps: &[Step], place: usize) -> Markup {
    html! {
        @if !steps.is_empty() {
            details id={ "steps-" (place) } {
                summary { (steps.len()) @if steps.len() == 1 { " step" } @else { " steps" } }
                ol class="steps" {
                    @for step in steps {
                        li { (word(step.act)) " " (clean::line(&step.node)) " "
                            span class="soft" { "within " (units::duration(step.within_s)) } }
                    }
                }
            }
        }
    }
}

fn word(act: Act) -> &'static str {
    match act {
        Act::Drain => "drain",
        Act::Checkpoint => "checkpoint",
        Act::Stop => "stop, and see that it is gone:",
        Act::Start => "start",
        Act::Restart => "restart",
        Act::Ready => "wait until ready:",
        Act::Probe => "test end to end:",
        Act::Resume => "give load back to",
    }
}

fn buttons(view: &View<'_>, action: &Action, place: usize) -> Markup {
    let Some(proof) = &view.proof else { return html! {} };
    html! {
        @if action.can_be_approved() || action.can_be_skipped() {
            div class="doing" {
                @if action.can_be_approved() {
                    form method="post" action="/actions/approve" {
                        (hidden(proof, &action.id))
                        button id={ "approve-" (place) } type="submit" { "Approve" }
                    }
                }
                @if action.can_be_skipped() {
                    form method="post" action="/actions/skip" {
                        (hidden(proof, &action.id))
                        input id={ "reason-" (place) } name="reason" maxlength=(REASON) placeholder="Reason"
                            aria-label={ "Reason to skip " (clean::line(&action.node)) } autocomplete="off";
                        button id={ "skip-" (place) } type="submit" { "Skip" }
                    }
                }
            }
        }
    }
}

/// What every form that acts holds.
pub(super) fn hidden(proof: &str, id: &str) -> Markup {
    html! {
        input type="hidden" name="proof" value=(proof);
        input type="hidden" name="id" value=(id);
    }
}

/// Actions of a day are shown on the calendar too, those that are or were made or would be.
pub(super) fn on_calendar(hands: &dyn Hands) -> Vec<Action> {
    let mut actions = hands.actions();
    actions.retain(|action| action.standing != Standing::Skipped);
    actions
}
