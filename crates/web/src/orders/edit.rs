//! 金額変更: the editor of an order's items (seed 000 "金額変更"). Every button sends the whole form and gets the page with
//! what the button did; only 金額変更を実施する changes the order.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use kernel::Yen;
use pay::ApiError;
use pay::attempt::Work;
use pay::charge::{Items, State};
use pay::http::form::Form;
use pay::orders::Look;
use shop::Right;

use super::act::{Done, Seen, act};
use super::edit_text::EditText;
use super::text::OrdersText;
use super::typed::{Draft, Mode, Typed, Wrong};
use super::{one, refusal};
use crate::checkout::text::{grouped, points, yen};
use crate::staff::Desk;
use crate::ui::{Frame, Language, Problem, Sent, Tone, Visit};

#[derive(Template)]
#[template(path = "orders/edit.html")]
struct Page {
    frame: Frame,
    t: &'static OrdersText,
    e: &'static EditText,
    own: String,
    number: String,
    state: &'static str,
    environment: &'static str,
    seen: Seen,
    draft: Draft,
    lines: Vec<LineOf>,
    before: String,
    before_yen: i64,
    total: String,
    difference: String,
    /// Why this total is refused; empty if it is not.
    refused: &'static str,
    /// Nothing was changed yet: that it cannot stay so is a hint, no fault.
    is_untouched: bool,
    /// What will happen next.
    next: &'static str,
    /// How that is meant, and who is told by mail.
    next_tone: &'static str,
    mails: &'static str,
    /// What becomes of the points; empty if none are used.
    points: Vec<String>,
    /// After somebody else changed the order: what was seen, what is, and the items it has now.
    differs: Option<Differs>,
    why: String,
}

/// A line of the table.
struct LineOf {
    /// From 1, as fields are called.
    number: usize,
    /// From 0, as buttons are called.
    place: usize,
    typed: Typed,
    /// In words, as far as it can be read.
    unit_price: String,
    total: String,
    is_edited: bool,
    is_asked: bool,
}

struct Differs {
    was: String,
    is: String,
    items: Vec<Typed>,
}

impl Page {
    fn wrong(&self, wrong: &str) -> &'static str {
        let told = |which: &Wrong| match which {
            Wrong::Id => ("id", self.e.wrong_id),
            Wrong::Name => ("name", self.e.wrong_name),
            Wrong::Quantity => ("quantity", self.e.wrong_quantity),
            Wrong::UnitPrice => ("unit_price", self.e.wrong_unit_price),
            Wrong::Total => ("unit_price", self.e.wrong_total),
        };
        self.draft.wrong.iter().map(told).find(|(field, _)| *field == wrong).map_or("", |(_, text)| text)
    }

    fn is_editing(&self) -> bool {
        matches!(self.draft.mode, Mode::Edit { .. })
    }
}

/// `GET …/change`.
pub(super) async fn show(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let look = one::find(&desk, &id).await?;
    let items: Vec<pay::charge::Item> = serde_json::from_str(&look.charge.items_json).unwrap_or_default();
    let mails = one::are_mails_wanted(&desk).await?;
    let page = page(&desk, &look, (Draft::of(&items), Seen::of(&desk, &look)), mails, desk.frame());
    let refused = if page.why.is_empty() { page.e.untouched } else { "" };
    Ok(desk.visit.page(&Page { is_untouched: true, refused, ..page }))
}

/// `POST …/change`.
pub(super) async fn press(
    Path((_, id)): Path<(String, String)>,
    Sent { visit, form, is_proven }: Sent,
) -> Result<Response, Response> {
    let desk = match Desk::of(visit.clone()).await {
        Ok(desk) => desk,
        // On to the login: what was typed stays on a page that can go on afterwards.
        Err(response) if response.status() == StatusCode::SEE_OTHER => return Ok(kept(&visit, &form)),
        Err(response) => return Err(response),
    };
    let look = one::find(&desk, &id).await?;
    let seen = Seen::read(&form).ok_or_else(|| desk.problem(Problem::Unreadable))?;
    let mut draft = Draft::read(&form);
    let mails = one::are_mails_wanted(&desk).await?;
    if !is_proven {
        let frame = desk.frame().saying(Tone::Care, EditText::of(desk.visit.language).again);
        return Ok(desk.visit.page_with(StatusCode::FORBIDDEN, &page(&desk, &look, (draft, seen), mails, frame)));
    }
    let button = form.get("act").unwrap_or_default();
    if button == "change" {
        return change(&desk, look, seen, draft, mails).await;
    }
    draft.press(button);
    let status = if draft.wrong.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    Ok(desk.visit.page_with(status, &page(&desk, &look, (draft, seen), mails, desk.frame())))
}

/// 金額変更を実施する.
async fn change(desk: &Desk, look: Look, seen: Seen, mut draft: Draft, mails: bool) -> Result<Response, Response> {
    let e = EditText::of(desk.visit.language);
    let again = |draft: Draft, seen: Seen, text: &str| {
        let frame = desk.frame().saying(Tone::Bad, text);
        desk.visit.page_with(StatusCode::BAD_REQUEST, &page(desk, &look, (draft, seen), mails, frame))
    };
    if draft.mode != Mode::List {
        return Ok(again(draft, seen, e.unfinished));
    }
    let Ok(items) = draft.items() else { return Ok(again(draft, seen, e.check_items)) };
    let items = match Items::new(items) {
        Ok(items) => items,
        Err(error) => {
            let text =
                if draft.items.is_empty() { e.no_items } else { refusal::says(desk.visit.language, &error.into()) };
            return Ok(again(draft, seen, text));
        }
    };
    match act(desk, &look, &seen, Work::Change(items)).await {
        Done::Shown(response) => Ok(response),
        Done::Refused(error) => refused(desk, &look, seen, draft, &error).await,
    }
}

/// Nothing was done: everything that was typed, beside the order as it is now.
async fn refused(desk: &Desk, was: &Look, seen: Seen, draft: Draft, error: &ApiError) -> Result<Response, Response> {
    let look = one::find(desk, &was.charge.number.to_string()).await?;
    let e = EditText::of(desk.visit.language);
    let now = Seen::of(desk, &look);
    let differs = (error.code == ApiError::charge_changed().code).then(|| Differs {
        was: e.was.replace("{}", &seen.words),
        is: e.is.replace("{}", &now.words),
        items: items_of(&look),
    });
    let frame = desk.frame().saying(Tone::Bad, refusal::says(desk.visit.language, error));
    let mails = one::are_mails_wanted(desk).await?;
    let page = Page { differs, ..page(desk, &look, (draft, now), mails, frame) };
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    Ok(desk.visit.page_with(status, &page))
}

fn items_of(look: &Look) -> Vec<Typed> {
    let items: Vec<pay::charge::Item> = serde_json::from_str(&look.charge.items_json).unwrap_or_default();
    items.iter().map(Typed::of).collect()
}

fn page(desk: &Desk, look: &Look, (draft, seen): (Draft, Seen), are_mails_wanted: bool, frame: Frame) -> Page {
    let language = desk.visit.language;
    let (t, e) = (OrdersText::of(language), EditText::of(language));
    let standing = &look.charge.standing;
    let (before, total) = (standing.amount, draft.total());
    let why = one::barred(desk, Right::ChangeAmount, look.possible(one::has_provider(desk, look)).change);
    let difference = total.saturating_sub(before.get());
    let after = Yen::new(total).ok().map(|total| (total, look.after_change(total)));
    let (next, next_tone) = match standing.state {
        State::Captured => (e.next_actual, "care"),
        State::Authorized | State::Cancelled => (e.next_provisional, ""),
    };
    Page {
        frame: frame.about(look.environment),
        own: desk.side.path(&format!("/orders/{}", look.charge.number)),
        number: look.charge.number.to_string(),
        state: t.state(standing.state),
        environment: t.key(look.environment),
        lines: lines(&draft, desk),
        before: yen(language, before),
        before_yen: before.get(),
        total: Yen::new(total).map_or_else(|_| e.too_large.to_owned(), |total| yen(language, total)),
        difference: signed(language, difference),
        refused: match &after {
            Some((_, Err(refused))) if why.is_empty() => refusal::says(language, &ApiError::from(*refused)),
            Some(_) => "",
            None => e.too_large,
        },
        next,
        next_tone,
        mails: if are_mails_wanted { t.mail_both } else { t.mail_none },
        points: told_points(look, after.as_ref().and_then(|(total, after)| Some((*total, after.ok()?))), desk),
        is_untouched: false,
        differs: None,
        why,
        seen,
        draft,
        t,
        e,
    }
}

/// `+200円`.
fn signed(language: Language, difference: i64) -> String {
    let sign = match difference {
        ..0 => "-",
        0 => "±",
        1.. => "+",
    };
    let amount = i64::try_from(difference.unsigned_abs()).unwrap_or(i64::MAX);
    format!("{sign}{}", Yen::new(amount).map_or_else(|_| grouped(amount), |amount| yen(language, amount)))
}

fn lines(draft: &Draft, desk: &Desk) -> Vec<LineOf> {
    let words = |yen_of: Option<Yen>| yen_of.map(|amount| yen(desk.visit.language, amount));
    let line = |(place, typed): (usize, &Typed)| LineOf {
        number: place + 1,
        place,
        typed: typed.clone(),
        unit_price: words(typed.item().ok().and_then(|item| Yen::new(item.unit_price).ok()))
            .unwrap_or_else(|| typed.unit_price.clone()),
        total: words(typed.item().ok().and_then(|item| Yen::new(item.unit_price).ok()?.times(item.quantity).ok()))
            .unwrap_or_default(),
        is_edited: matches!(draft.mode, Mode::Edit { place: edited, .. } if edited == place),
        is_asked: draft.mode == Mode::Delete(place),
    };
    draft.items.iter().enumerate().map(line).collect()
}

/// The rule for points, and what it comes to with this total.
fn told_points(look: &Look, after: Option<(Yen, Yen)>, desk: &Desk) -> Vec<String> {
    let language = desk.visit.language;
    let e = EditText::of(language);
    if look.charge.standing.point.is_zero() {
        return Vec::new();
    }
    let mut lines = vec![e.points_rule.to_owned()];
    if let Some((total, point)) = after {
        let back = look.charge.standing.point.saturating_sub(point);
        let words = [
            ("{card}", yen(language, total.saturating_sub(point))),
            ("{points}", points(language, point)),
            ("{back}", points(language, back)),
        ];
        lines.push(words.into_iter().fold(e.points_after.to_owned(), |text, (name, value)| text.replace(name, &value)));
    }
    lines
}

#[derive(Template)]
#[template(path = "orders/kept.html")]
struct Kept {
    frame: Frame,
    e: &'static EditText,
    action: String,
    login: String,
    fields: Vec<(String, String)>,
}

/// The session ended while somebody was typing: the page holds the form, and the button goes on once they logged in.
fn kept(visit: &Visit, form: &Form) -> Response {
    let e = EditText::of(visit.language);
    let fields = form.pairs().filter(|(name, _)| !["csrf", "act"].contains(name));
    let page = Kept {
        frame: visit.frame().saying(Tone::Care, e.session_ended),
        e,
        action: visit.place().to_owned(),
        login: format!("/login?to={}", crate::ui::query::escaped(visit.place())),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    visit.page_with(StatusCode::FORBIDDEN, &page)
}
