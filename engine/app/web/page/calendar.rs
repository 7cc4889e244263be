//! The calendar: days on which nothing is restarted, what is due, and services to place on days.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use hebe::report::clean;
use hebe::restart::calendar::{Day, Occurrence, Repeat, Span};
use maud::{Markup, html};

use super::super::hands::{Action, Hands, Service};
use super::actions::{hidden, mode, on_calendar, state, without_map, without_token};
use super::frame::{Tab, page};
use super::{NAME, View, names};

/// Things shown on a day of a month; the day itself has all.
const SHOWN: usize = 5;
/// Services shown at the left; the form has all.
const SERVICES: usize = 60;
/// Time of day at which the form begins.
const TIME: &str = "03:00";

/// What is looked at.
struct Sheet<'a> {
    zone: Tz,
    today: NaiveDate,
    /// The day that is meant.
    day: NaiveDate,
    week: bool,
    /// The node whose schedule is shown.
    node: Option<&'a str>,
    proof: Option<&'a str>,
}

pub(super) fn calendar(view: &View<'_>, query: &HashMap<String, String>) -> String {
    let hands = view.source.hands();
    let body = html! {
        h1 { "Calendar" }
        @match &hands {
            None => (without_map()),
            Some(hands) => (sheet(view, hands.as_ref(), query)),
        }
    };
    page(view, Tab::Calendar, "Calendar", &body)
}

fn sheet(view: &View<'_>, hands: &dyn Hands, query: &HashMap<String, String>) -> Markup {
    let services = hands.services();
    let node = query.get("node").filter(|name| services.iter().any(|service| service.name == **name));
    let node = node.map(String::as_str);
    let zone = hands.zone(node);
    let today = view.now.with_timezone(&zone).date_naive();
    let day = query
        .get("day")
        .and_then(|day| day.parse().ok())
        .filter(|day: &NaiveDate| possible(*day))
        .unwrap_or(today);
    let week = query.get("view").is_some_and(|word| word == "week");
    let sheet = Sheet { zone, today, day, week, node, proof: view.proof.as_deref() };
    let (first, last) = sheet.range();
    let days = hands.calendar(node, first, last);
    let actions = on_calendar(hands);
    html! {
        (mode(hands.mode()))
        @if view.proof.is_none() { (without_token()) }
        div class="calendar" {
            aside aria-label="Services" { (list(&sheet, &services)) (form(&sheet, &services)) }
            div {
                (head(&sheet))
                section id="sheet" data-live aria-label="Days" { (grid(&sheet, &days, &actions)) }
                (legend(&sheet))
            }
        }
    }
}

/// Days that can be shown, with their neighbours.
fn possible(day: NaiveDate) -> bool {
    (1971..2299).contains(&day.year())
}

impl Sheet<'_> {
    /// Whole weeks, from Monday on.
    fn range(&self) -> (NaiveDate, NaiveDate) {
        let monday = |day: NaiveDate| day - Days::new(u64::from(day.weekday().num_days_from_monday()));
        if self.week {
            let first = monday(self.day);
            return (first, first + Days::new(6));
        }
        let first = self.day.with_day(1).unwrap_or(self.day);
        let last = first + Months::new(1) - Days::new(1);
        (monday(first), monday(last) + Days::new(6))
    }
}

/// Where a day is shown, in its month or its week, by the schedule of a node.
fn path(day: NaiveDate, week: bool, node: Option<&str>) -> String {
    let view = if week { "&view=week" } else { "" };
    let node = node.map_or(String::new(), |node| format!("&node={}", names::query(node)));
    format!("/calendar?day={day}{view}{node}")
}

fn head(sheet: &Sheet<'_>) -> Markup {
    let (back, on) = if sheet.week {
        (sheet.day - Days::new(7), sheet.day + Days::new(7))
    } else {
        let first = sheet.day.with_day(1).unwrap_or(sheet.day);
        (first - Months::new(1), first + Months::new(1))
    };
    let title = if sheet.week {
        let (first, last) = sheet.range();
        format!("{} – {}", first.format("%-d %b"), last.format("%-d %b %Y"))
    } else {
        sheet.day.format("%B %Y").to_string()
    };
    let what = if sheet.week { "week" } else { "month" };
    html! {
        div class="turn" {
            h2 { (title) }
            nav class="spans" aria-label="Days shown" {
                ul {
                    li { a id="back" href=(path(back, sheet.week, sheet.node)) aria-label={ "The " (what) " before" } { "‹" } }
                    li { a id="today" href=(path(sheet.today, sheet.week, sheet.node)) { "Today" } }
                    li { a id="on" href=(path(on, sheet.week, sheet.node)) aria-label={ "The " (what) " after" } { "›" } }
                    li { a href=(path(sheet.day, false, sheet.node)) aria-current=[(!sheet.week).then_some("true")] { "Month" } }
                    li { a href=(path(sheet.day, true, sheet.node)) aria-current=[sheet.week.then_some("true")] { "Week" } }
                }
            }
        }
        @if let Some(node) = sheet.node {
            p class="soft" { "By the schedule of " strong { (short(node)) } ". "
                a href=(path(sheet.day, sheet.week, None)) { "All services" } }
        }
    }
}

fn list(sheet: &Sheet<'_>, services: &[Service]) -> Markup {
    html! {
        h2 { "Services" }
        @if sheet.proof.is_some() { p class="soft" { "Drag one onto a day, or use the form." } }
        ul class="services" {
            @for service in services.iter().take(SERVICES) {
                li {
                    a draggable=[sheet.proof.map(|_| "true")] data-node=(service.name)
                        aria-current=[(sheet.node == Some(service.name.as_str())).then_some("true")]
                        href={ (path(sheet.day, sheet.week, Some(&service.name))) "#place" } {
                        (short(&service.name))
                        span class="soft" { " " (clean::line(&service.kind)) }
                    }
                }
            }
            @if services.len() > SERVICES { li class="soft" { "and " (services.len() - SERVICES) " more in the form" } }
        }
    }
}

fn form(sheet: &Sheet<'_>, services: &[Service]) -> Markup {
    let Some(proof) = sheet.proof else { return html! {} };
    html! {
        form id="place" class="card placing" method="post" action="/calendar/place" {
            h3 { "Place a restart" }
            (hidden(proof, ""))
            label for="node" { "Service" }
            select id="node" name="node" required {
                @for service in services {
                    option value=(service.name) selected[sheet.node == Some(service.name.as_str())] { (short(&service.name)) }
                }
            }
            label for="date" { "Day" }
            input id="date" name="date" type="date" required value=(sheet.day.max(sheet.today)) min=(sheet.today);
            label for="time" { "Time (" (sheet.zone.name()) ")" }
            input id="time" name="time" type="time" required value=(TIME);
            label for="repeat" { "Again" }
            select id="repeat" name="repeat" {
                @for repeat in Repeat::ALL { option value=(repeat.word()) { (word(repeat)) } }
            }
            button type="submit" { "Place" }
        }
    }
}

fn word(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Once => "once",
        Repeat::Daily => "every day",
        Repeat::Weekly => "every week",
        Repeat::Fortnightly => "every two weeks",
        Repeat::FourWeekly => "every four weeks",
    }
}

fn grid(sheet: &Sheet<'_>, days: &[Day], actions: &[Action]) -> Markup {
    html! {
        table class={ "days" @if sheet.week { " week" } } {
            caption class="unseen" { "Days, and what is due on them" }
            thead { tr { @for name in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] { th scope="col" { (name) } } } }
            tbody { @for week in days.chunks(7) { tr { @for day in week { (cell(sheet, day, actions)) } } } }
        }
    }
}

fn cell(sheet: &Sheet<'_>, day: &Day, actions: &[Action]) -> Markup {
    let of_day = |at: DateTime<Utc>| at.with_timezone(&sheet.zone).date_naive() == day.date;
    let actions: Vec<&Action> = actions.iter().filter(|action| of_day(action.at)).collect();
    let room = if sheet.week { usize::MAX } else { SHOWN };
    let count = actions.len() + day.due.len();
    let other = !sheet.week && day.date.month() != sheet.day.month();
    let class = format!(
        "day{}{}{}",
        if day.shut.is_some() { " shut" } else { "" },
        if other { " other" } else { "" },
        if count == 0 && day.shut.is_none() && day.date != sheet.today { " plain" } else { "" },
    );
    html! {
        td class=(class) data-date=(day.date) aria-current=[(day.date == sheet.today).then_some("date")] {
            div class="date" {
                span class="weekday" { (day.date.format("%a")) " " }
                a href={ (path(day.date, sheet.week, sheet.node)) "#place" } aria-label=(day.date.format("%A %-d %B %Y")) {
                    @if day.shut.is_some() { s { (day.date.day()) } } @else { (day.date.day()) }
                }
                span class="weekday" { " " (day.date.format("%b")) }
            }
            @match &day.shut {
                Some(why) => p class="soft shut" title=(clean::line(why)) {
                    @if sheet.week { (clean::line(why)) } @else { "no restarts" span class="unseen" { ": " (clean::line(why)) } }
                },
                None => @if !day.is_open_throughout(sheet.zone) { p class="soft open" { (open(sheet, &day.open)) } },
            }
            @if count > 0 {
                ul class="due" {
                    @for action in actions.iter().take(room) { li { (made(sheet, action)) } }
                    @for due in day.due.iter().take(room.saturating_sub(actions.len())) { li { (timed(sheet, due, day.date)) } }
                    @if count > room { li { a href=(path(day.date, true, sheet.node)) { "and " (count - room) " more" } } }
                }
            }
        }
    }
}

/// `open 00:00–06:00, 22:00–24:00`
fn open(sheet: &Sheet<'_>, spans: &[Span]) -> String {
    let one = |span: &Span| {
        let at = |at: DateTime<Utc>| at.with_timezone(&sheet.zone);
        let (from, until) = (at(span.from), at(span.until));
        let end = if from.date_naive() < until.date_naive() {
            "24:00".to_owned()
        } else {
            until.format("%H:%M").to_string()
        };
        format!("{}–{end}", from.format("%H:%M"))
    };
    format!("open {}", spans.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn made(sheet: &Sheet<'_>, action: &Action) -> Markup {
    html! {
        a href="/actions" { (time(sheet, action.at)) " " (short(&action.node)) }
        " " (state(action.standing))
    }
}

fn timed(sheet: &Sheet<'_>, due: &Occurrence, date: NaiveDate) -> Markup {
    html! {
        @match &due.closed {
            None => { (time(sheet, due.at)) " " (short(&due.node)) " " span class="state" { span aria-hidden="true" { "◷" } " TIMED" } }
            Some(closed) => {
                s { (time(sheet, due.at)) " " (short(&due.node)) } " "
                span class="state" title=(clean::line(&closed.why)) { "NOT MADE" }
                span class={ @if sheet.week { "soft" } @else { "unseen" } } { " " (clean::line(&closed.why)) }
            }
        }
        @if let (true, Some(proof)) = (due.placed, sheet.proof) {
            form method="post" action="/calendar/remove" {
                (hidden(proof, &due.entry))
                input type="hidden" name="date" value=(date);
                button type="submit" class="small" aria-label={ "Remove " (clean::line(&due.node)) ", " (time(sheet, due.at)) } { "Remove" }
            }
        }
    }
}

fn legend(sheet: &Sheet<'_>) -> Markup {
    html! {
        p class="soft" { "Times are those of " (sheet.zone.name()) ". A day that is struck through has no restarts on purpose; "
            "after a failure, what has failed is restarted on any day. Removing an entry removes it from every day." }
    }
}

fn time(sheet: &Sheet<'_>, at: DateTime<Utc>) -> String {
    at.with_timezone(&sheet.zone).format("%H:%M").to_string()
}

fn short(name: &str) -> String {
    clean::cut_middle(&clean::line(name), NAME / 2)
}
