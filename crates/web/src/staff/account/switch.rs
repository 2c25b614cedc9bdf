//! A section with one setting that is on or off: 最新のお知らせ, 自動メール.

use askama::Template;
use pay::http::form::Form;

use super::AccountText;
use crate::staff::Desk;
use crate::texts;
use crate::ui::{Frame, Link, Query, Tone};

texts! {
    /// What both pages say.
    SwitchText {
        now: "現在の設定", "Now";
    }
}

#[derive(Template)]
#[template(path = "account/switch.html")]
pub(super) struct Page {
    pub frame: Frame,
    pub t: &'static SwitchText,
    pub a: &'static AccountText,
    pub links: Vec<Link>,
    pub title: &'static str,
    pub lead: &'static str,
    pub is_on: bool,
    /// How it is set, in words.
    pub state: &'static str,
    /// What a list below the setting is called, and the list.
    pub facts: (&'static str, Vec<(&'static str, String)>),
    pub button: &'static str,
    pub action: String,
    /// Why it cannot be changed; empty if it can.
    pub why_not: &'static str,
    /// Where it can be changed instead.
    pub elsewhere: Option<(String, &'static str)>,
}

/// The frame, with what was switched just now.
pub(super) fn frame(desk: &Desk, switched_on: &str, switched_off: &str) -> Frame {
    match Query::of(&desk.visit.path).get("done") {
        "on" => desk.frame().saying(Tone::Good, switched_on),
        "off" => desk.frame().saying(Tone::Good, switched_off),
        _ => desk.frame(),
    }
}

/// What a form of the page asks for; none if it asks for nothing.
pub(super) fn wanted(form: &Form) -> Option<bool> {
    form.get("wanted").map(|text| text == "yes")
}

/// Where the page says that it was switched.
pub(super) fn done(section: &str, is_on: bool) -> String {
    format!("{section}?done={}", if is_on { "on" } else { "off" })
}
