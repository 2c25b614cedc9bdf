//! `/operator/notices`: お知らせ to shops, written, scheduled and withdrawn.

use ::shop::notice::{self, Draft, Notice, Severity, Unfit};
use ::shop::register::Made;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::{ShopId, Timestamp};
use pay::http::form::Form;
use store::Tx;

use super::registration::Confirm;
use super::text::OperatorText;
use super::{Typed, key_for, key_of, name, sections, shop_of};
use crate::staff::{Desk, posted};
use crate::top::date;
use crate::ui::frame::moment;
use crate::ui::part::{Choice, Link};
use crate::ui::{Frame, Posted, Problem, Query, Tone};

/// Notices of a page.
const PAGE: i64 = 50;
const FIELDS: [&str; 6] = ["to", "severity", "title", "body", "from", "until"];

#[derive(Template)]
#[template(path = "operator/notices.html")]
struct ListPage {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    rows: Vec<Row>,
    older: Option<String>,
    is_later: bool,
}

struct Row {
    id: String,
    title: String,
    body: String,
    to: String,
    severity: &'static str,
    period: String,
    phase: &'static str,
    tone: &'static str,
    can_withdraw: bool,
}

/// `GET /operator/notices`.
pub(super) async fn list(desk: Desk) -> Response {
    let t = OperatorText::of(desk.visit.language);
    let query = Query::of(&desk.visit.path);
    let before = query.given("before");
    let is_later = before.is_some();
    let read = move |tx: &mut Tx<'_>| notice::rows::page(tx, before.as_deref(), PAGE + 1);
    let mut found = match desk.visit.ui.store().read(read).await {
        Ok(found) => found,
        Err(error) => return desk.failed(&error),
    };
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    let older = found.last().filter(|_| more).map(|last| format!("/operator/notices?before={}", last.id));
    let now = desk.visit.ui.now();
    let frame = match query.get("done") {
        "written" => desk.frame().saying(Tone::Good, t.published),
        "withdrawn" => desk.frame().saying(Tone::Good, t.taken_back),
        _ => desk.frame(),
    };
    let rows = found.into_iter().map(|notice| row(notice, now, t)).collect();
    desk.visit.page(&ListPage { frame, t, sections: sections(&desk), rows, older, is_later })
}

fn row(notice: Notice, now: Timestamp, t: &'static OperatorText) -> Row {
    let (phase, tone) = t.phase(notice.phase(now));
    let from = minute(notice.from);
    Row {
        to: notice.shop.map_or_else(|| t.to_all.to_owned(), |shop| t.to_shop.replace("{n}", &shop.to_string())),
        severity: t.severity_word(notice.severity),
        period: match notice.until.map(minute) {
            Some(until) => format!("{from} – {until}"),
            None => t.no_end.replace("{}", &from),
        },
        phase,
        tone: tone.class(),
        can_withdraw: matches!(notice.phase(now), notice::Phase::Scheduled | notice::Phase::Shown),
        id: notice.id,
        title: notice.title,
        body: notice.body,
    }
}

/// `2026-11-22 09:30`.
fn minute(at: Timestamp) -> String {
    moment(at).chars().take(16).collect()
}

#[derive(Template)]
#[template(path = "operator/notice.html")]
struct FormPage {
    frame: Frame,
    t: &'static OperatorText,
    sections: Vec<Link>,
    typed: Typed,
    kinds: Vec<Choice>,
    key: String,
}

fn form(desk: &Desk, status: StatusCode, frame: Frame, (typed, key): (Typed, String)) -> Response {
    let t = OperatorText::of(desk.visit.language);
    let kind = |one: Severity| {
        let chosen = typed.get("severity").parse().unwrap_or(Severity::Information) == one;
        Choice::new(one.as_str(), t.severity_word(one), chosen)
    };
    let kinds = Severity::ALL.map(kind).to_vec();
    desk.visit.page_with(status, &FormPage { frame, t, sections: sections(desk), typed, kinds, key })
}

/// `GET /operator/notices/new`.
pub(super) async fn ask(desk: Desk) -> Response {
    form(&desk, StatusCode::OK, desk.frame(), (Typed::default(), key_for(&desk, None)))
}

/// What was typed, or the fields that cannot be read.
fn draft(sent: &Form, typed: &mut Typed, t: &OperatorText) -> Option<Draft> {
    let to = Some(typed.get("to").trim().to_owned()).filter(|text| !text.is_empty());
    let shop: Option<Option<ShopId>> = to.map_or(Some(None), |text| shop_of(&text).map(Some));
    if shop.is_none() {
        typed.wrong("to", t.wrong_shop);
    }
    let mut instant = |field: &'static str| -> Option<Option<Timestamp>> {
        let text = typed.get(field).trim().to_owned();
        if text.is_empty() {
            return Some(None);
        }
        let read = instant_of(&text);
        if read.is_none() {
            typed.wrong(field, t.wrong_moment);
        }
        read.map(Some)
    };
    let (from, until) = (instant("from"), instant("until"));
    let severity = sent.get("severity").unwrap_or_default().parse().unwrap_or(Severity::Information);
    let text = |field: &str| sent.get(field).unwrap_or_default().to_owned();
    Some(Draft { shop: shop?, severity, title: text("title"), body: text("body"), from: from?, until: until? })
}

/// `2026-11-22T09:30` as fields of browsers spell it, in Japan.
fn instant_of(text: &str) -> Option<Timestamp> {
    let (day, time) = text.split_once(['T', ' '])?;
    let (hour, minute) = time.split_once(':')?;
    let number = |part: &str, below: i64| {
        let plain = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|number| plain && *number < below)
    };
    let (hour, minute) = (number(hour, 24)?, number(minute.get(..2)?, 60)?);
    Some(date(day)?.start().plus_seconds(hour * 3_600 + minute * 60))
}

/// `POST /operator/notices/new`.
pub(super) async fn write(sent: Posted) -> Result<Response, Response> {
    let (desk, sent) = posted(sent).await?;
    let t = OperatorText::of(desk.visit.language);
    let mut typed = Typed::of(&sent, &FIELDS);
    let again = |typed: Typed, text: &str| {
        let frame = desk.frame().saying(Tone::Bad, text);
        form(&desk, StatusCode::BAD_REQUEST, frame, (typed, key_for(&desk, Some(&sent))))
    };
    let Some(draft) = draft(&sent, &mut typed, t) else { return Err(again(typed, t.check)) };
    let id = name(&desk, "ntc_");
    let notice = match draft.checked(id, desk.visit.ui.now()) {
        Ok(notice) => notice,
        Err(unfit) => {
            refuse(&mut typed, unfit, t);
            return Err(again(typed, t.check));
        }
    };
    let (key, by) = (key_of(&desk, &sent), desk.by());
    let write = move |tx: &mut Tx<'_>| notice::write_once(tx, &notice, (key.as_ref(), &by));
    let written = desk.visit.ui.store().write(write).await;
    match written.map_err(|error| desk.failed(&error))? {
        Ok(Made::New(_) | Made::Before(_)) => Ok(desk.visit.redirect("/operator/notices?done=written")),
        Ok(Made::KeyReused) => Err(again(typed, t.sent_before)),
        Err(unfit) => {
            refuse(&mut typed, unfit, t);
            Err(again(typed, t.check))
        }
    }
}

fn refuse(typed: &mut Typed, unfit: Unfit, t: &OperatorText) {
    match unfit {
        Unfit::Title => typed.wrong("title", t.wrong_title),
        Unfit::Body => typed.wrong("body", t.wrong_body),
        Unfit::Period => typed.wrong("until", t.wrong_period),
        Unfit::Shop => typed.wrong("to", t.wrong_shop),
    }
}

/// `GET /operator/notices/{notice}/withdraw`.
pub(super) async fn ask_withdraw(desk: Desk, Path(id): Path<String>) -> Response {
    let t = OperatorText::of(desk.visit.language);
    match desk.visit.ui.store().read(move |tx| notice::rows::find(tx, &id)).await {
        Ok(Some(notice)) => desk.visit.page(&Confirm {
            frame: desk.frame(),
            t,
            sections: sections(&desk),
            title: t.take_back_title.to_owned(),
            text: t.take_back_ask.replace("{}", &notice.title),
            action: format!("/operator/notices/{}/withdraw", notice.id),
            back: "/operator/notices".to_owned(),
            hidden: ("", ""),
            is_danger: true,
        }),
        Ok(None) => desk.problem(Problem::Absent),
        Err(error) => desk.failed(&error),
    }
}

/// `POST /operator/notices/{notice}/withdraw`: doing it twice is doing it once.
pub(super) async fn withdraw(Path(id): Path<String>, sent: Posted) -> Result<Response, Response> {
    let (desk, _) = posted(sent).await?;
    let by = desk.by();
    match desk.visit.ui.store().write(move |tx| notice::withdraw(tx, &id, &by)).await {
        Ok(true) => Ok(desk.visit.redirect("/operator/notices?done=withdrawn")),
        Ok(false) => Err(desk.problem(Problem::Absent)),
        Err(error) => Err(desk.failed(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_japanese_time() {
        // 2026-11-22T09:00+09:00 is 1795305600.
        assert_eq!(instant_of("2026-11-22T09:00"), Some(Timestamp::from_seconds(1_795_305_600)));
        assert_eq!(instant_of("2026-11-22T09:00:30"), Some(Timestamp::from_seconds(1_795_305_600)));
        for wrong in ["", "2026-11-22", "2026-02-30T09:00", "2026-11-22T24:00", "2026-11-22T9:00", "2026-11-22T09:é"] {
            assert_eq!(instant_of(wrong), None, "{wrong}");
        }
    }
}
