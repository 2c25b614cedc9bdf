//! `/dashboard/{side}/orders/{id}`: one order in full (seed 000 "詳細表示項目"), and what can be done to it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::ChargeNumber;
use pay::charge::{Address, Item, State};
use pay::orders::{Look, Why};
use shop::Right;
use store::Tx;

use super::text::{OrdersText, day, roles};
use super::{asked, mails, refusal, timeline, tone};
use crate::checkout::text::{grouped, points, yen};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::postal::postal_code;
use crate::ui::{Frame, Language, Problem, Query, Side, Tone};

#[derive(Template)]
#[template(path = "orders/one.html")]
struct Page {
    frame: Frame,
    t: &'static OrdersText,
    back: String,
    number: String,
    when: String,
    state: &'static str,
    tone: &'static str,
    /// Empty in Sandbox.
    key: &'static str,
    cart_id: Option<String>,
    open_id: String,
    payment: Vec<(&'static str, String)>,
    items: Vec<Row>,
    total: String,
    shipping: Option<Shipping>,
    /// Until when what can be done, piece by piece, with whether one stays on a line.
    deadline: Vec<(String, bool)>,
    actions: Vec<Action>,
    /// What is said of the deadline says why every button is grey.
    is_cancelled: bool,
    /// Where the page is loaded again while an outcome is not known.
    waiting: Option<String>,
    mails: mails::History,
    timeline: timeline::Timeline,
}

struct Row {
    id: String,
    name: String,
    quantity: String,
    unit_price: String,
    total: String,
}

struct Shipping {
    name: String,
    kana: String,
    address: Vec<String>,
    tel: String,
}

/// A button; grey where `why` says why.
struct Action {
    verb: &'static str,
    href: String,
    text: &'static str,
    class: &'static str,
    why: String,
}

/// `GET /dashboard/{side}/orders/{id}`.
pub(super) async fn show(desk: Desk, Path((_, id)): Path<(String, String)>) -> Result<Response, Response> {
    let look = find(&desk, &id).await?;
    let (environment, number) = (look.environment, look.charge.number);
    let mails = mails::load(&desk, environment, number).await.map_err(|error| desk.failed(&error))?;
    let timeline = timeline::load(&desk, environment, number).await.map_err(|error| desk.failed(&error))?;
    Ok(desk.visit.page(&page(&desk, &look, mails, timeline)))
}

/// The order of this number that the side shows, after an outcome that was not known was asked for. One of another shop is
/// not there.
pub(super) async fn find(desk: &Desk, id: &str) -> Result<Look, Response> {
    let number: ChargeNumber = id.parse().map_err(|_| desk.problem(Problem::Absent))?;
    let found = desk.visit.ui.gateway().look(desk.shop(), desk.side.environments(), number).await;
    let found = found.map_err(|error| desk.failed(&error))?;
    found.ok_or_else(|| desk.problem(Problem::Absent))
}

/// Whether the shop wants automatic mails.
pub(super) async fn are_mails_wanted(desk: &Desk) -> Result<bool, Response> {
    let shop = desk.shop();
    let read = move |tx: &mut Tx<'_>| pay::mail::rows::settings(tx, shop);
    let settings = desk.visit.ui.store().read(read).await.map_err(|error| desk.failed(&error))?;
    Ok(settings.automatic)
}

/// Whether somebody moves money in the environment of an order.
pub(super) fn has_provider(desk: &Desk, look: &Look) -> bool {
    desk.visit.ui.gateway().ports(look.environment).is_some()
}

/// The words for why something cannot be done.
pub(super) fn why(t: &OrdersText, why: Why) -> &'static str {
    use pay::charge::Refused;
    match why {
        Why::Running => t.why_running,
        Why::NoProvider => t.why_provider,
        Why::Refused(Refused::AlreadyCaptured) => t.why_captured,
        Why::Refused(Refused::AlreadyCancelled) => t.why_cancelled,
        Why::Refused(Refused::WindowClosed | Refused::NotDue) => t.why_window,
        Why::Refused(Refused::SameTotal | Refused::TotalTooSmall | Refused::NoCard) => t.why_running,
    }
}

/// Why the one who asks cannot do it now; empty if they can.
pub(super) fn barred(desk: &Desk, right: Right, possible: Result<(), Why>) -> String {
    let t = OrdersText::of(desk.visit.language);
    match possible {
        Err(reason) => why(t, reason).to_owned(),
        Ok(()) if !desk.may(right) => t.why_role.replace("{}", &roles(right, desk.visit.language)),
        Ok(()) => String::new(),
    }
}

fn page(desk: &Desk, look: &Look, mails: mails::History, timeline: timeline::Timeline) -> Page {
    let language = desk.visit.language;
    let t = OrdersText::of(language);
    let charge = &look.charge;
    let state = charge.standing.state;
    let own = desk.side.path(&format!("/orders/{}", charge.number));
    let query = Query::of(&desk.visit.path);
    let items: Vec<Item> = serde_json::from_str(&charge.items_json).unwrap_or_default();
    Page {
        frame: told(desk, look, query.get("done")).about(look.environment),
        t,
        back: asked::back(&desk.side.path("/orders"), query.get("back")),
        number: charge.number.to_string(),
        when: moment(charge.standing.ordered),
        state: t.state(state),
        tone: tone(state).class(),
        key: match desk.side {
            Side::Sandbox => "",
            Side::Live => t.key(look.environment),
        },
        cart_id: charge.cart_id.clone(),
        open_id: charge.open_id.clone(),
        payment: payment(look, language),
        items: items.iter().map(|item| row(item, language)).collect(),
        total: yen(language, charge.standing.amount),
        shipping: charge.address_json.as_deref().and_then(shipping),
        deadline: deadline(look, language),
        actions: actions(desk, look, &own),
        is_cancelled: look.charge.standing.state == State::Cancelled,
        waiting: look.running().map(|running| format!("{own}?done={}", running.verb)),
        mails,
        timeline,
    }
}

/// What came of the act that led here, as far as it is known.
fn told(desk: &Desk, look: &Look, done: &str) -> Frame {
    let t = OrdersText::of(desk.visit.language);
    let frame = desk.frame();
    if let Some(running) = look.running() {
        return frame.saying(Tone::Care, t.waiting.replace("{}", verb(t, &running.verb)));
    }
    if let Some(text) = mails::said(desk, done) {
        return frame.saying(Tone::Good, text);
    }
    let Some(latest) = look.latest.as_ref().filter(|latest| !done.is_empty() && latest.verb == done) else {
        return frame;
    };
    if let Some(refusal) = &latest.refusal {
        let said = refusal::of_provider(desk.visit.language, refusal);
        return frame.saying(Tone::Bad, t.not_done.replacen("{}", verb(t, done), 1).replacen("{}", said, 1));
    }
    match done {
        "capture" => frame.saying(Tone::Good, t.done_capture),
        "cancel" => frame.saying(Tone::Good, t.done_cancel),
        "change" => frame.saying(Tone::Good, t.done_change),
        _ => frame,
    }
}

/// What an act is called.
fn verb(t: &OrdersText, verb: &str) -> &'static str {
    match verb {
        "capture" => t.capture,
        "change" => t.change,
        "pay" => t.payment,
        _ => t.cancel,
    }
}

fn payment(look: &Look, language: Language) -> Vec<(&'static str, String)> {
    let t = OrdersText::of(language);
    let standing = &look.charge.standing;
    let mut lines = Vec::new();
    if standing.card_amount().is_zero() {
        lines.push((t.only_points, String::new()));
    } else {
        lines.push((t.by_card, yen(language, standing.card_amount())));
    }
    lines.push((t.by_points, points(language, standing.point)));
    lines
}

fn row(item: &Item, language: Language) -> Row {
    let price = kernel::Yen::new(item.unit_price).unwrap_or(kernel::Yen::ZERO);
    Row {
        id: item.id.clone(),
        name: item.name.clone(),
        quantity: grouped(i64::from(item.quantity)),
        unit_price: yen(language, price),
        total: price.times(item.quantity).map(|total| yen(language, total)).unwrap_or_default(),
    }
}

/// 送付先; none when nothing of it is known.
fn shipping(json: &str) -> Option<Shipping> {
    let address: Address = serde_json::from_str(json).ok()?;
    if address == Address::default() {
        return None;
    }
    let joined = |parts: [Option<String>; 2]| parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let zip = address.address_zip.map(|zip| format!("〒{}", postal_code(&zip)));
    let place = [address.address_state, address.address_city, address.address_line];
    let place: String = place.into_iter().flatten().collect();
    Some(Shipping {
        name: joined([address.last_name, address.first_name]),
        kana: joined([address.last_name_kana, address.first_name_kana]),
        address: zip.into_iter().chain([place]).filter(|line| !line.is_empty()).collect(),
        tel: address.tel.unwrap_or_default(),
    })
}

/// How long what is possible in plain words (the windows of [`pay::rules`]).
fn deadline(look: &Look, language: Language) -> Vec<(String, bool)> {
    let t = OrdersText::of(language);
    let standing = &look.charge.standing;
    // The window is open until midnight of its last day.
    let last = standing.window_ends.plus_micros(-1).jst_date();
    let left = last.day_number() - look.now.jst_date().day_number();
    let is_open = look.now < standing.window_ends;
    let text = match (standing.state, is_open) {
        (State::Authorized, true) => t.provisional_until,
        (State::Authorized, false) => t.provisional_over,
        (State::Captured, true) => t.actual_until,
        (State::Captured, false) => t.actual_over,
        (State::Cancelled, _) => t.cancelled_for_good,
    };
    let left = if left == 0 { t.today.to_owned() } else { t.days_left.replace("{}", &grouped(left.max(0))) };
    let values = [("{date}", day(last, language)), ("{left}", left)];
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((name, value)) =
        values.iter().filter(|(name, _)| rest.contains(name)).min_by_key(|(name, _)| rest.find(name))
    {
        let (before, after) = rest.split_once(name).unwrap_or((rest, ""));
        pieces.extend([(before.to_owned(), false), (value.clone(), true)]);
        rest = after;
    }
    pieces.push((rest.to_owned(), false));
    pieces
}

fn actions(desk: &Desk, look: &Look, own: &str) -> Vec<Action> {
    let t = OrdersText::of(desk.visit.language);
    let possible = look.possible(has_provider(desk, look));
    let action = |verb: &'static str, text, class, right, possible| Action {
        verb,
        href: format!("{own}/{verb}"),
        text,
        class,
        why: barred(desk, right, possible),
    };
    vec![
        action("capture", t.capture, "", Right::Capture, possible.capture),
        action("change", t.change, "second", Right::ChangeAmount, possible.change),
        action("cancel", t.cancel, "danger", Right::Cancel, possible.cancel),
    ]
}
