//! One order of the marketplace: everything that getOrder shows, in people's words; who must act, what happens next and
//! when; and what its buyer can do now.

use ::mall::code::Progress;
use ::mall::market::{WORLD, rows};
use ::mall::order::{Address, Day, DueKind, Item, Order, OrderNumber, Package, Parcel, Payment};
use ::mall::progress::{Notice, Policy, Refused, TimerKind};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use kernel::{ShopId, Timestamp};
use store::{StoreError, Tx, clock, timer};

use super::act::{self, Buyer};
use super::again::{self, AgainText};
use super::list::{marks, money, name, price};
use super::{MarketText, at, on_mall, words};
use crate::staff::Desk;
use crate::ui::frame::moment;
use crate::ui::{Frame, Language, Problem, Query, Tone};

#[derive(Template)]
#[template(path = "market/one.html")]
struct Page {
    frame: Frame,
    t: &'static MarketText,
    ask_again: &'static str,
    back: String,
    number: String,
    status: &'static str,
    tone: &'static str,
    marks: Vec<&'static str>,
    caution: Option<(&'static str, &'static str)>,
    now: String,
    next: Vec<(&'static str, String)>,
    is_asked: bool,
    /// What the shop does next, through its programs; may be empty.
    to_do: &'static str,
    /// Requests that were given up, and where to send them again; empty without the right to.
    stopped: Option<(Vec<String>, String)>,
    /// What the buyer can do now, and why not the rest; none for who may not play the buyer.
    buttons: Option<(Vec<Button>, Vec<String>)>,
    dates: Vec<(&'static str, String)>,
    orderer: Vec<(&'static str, String)>,
    notes: Vec<(&'static str, String)>,
    amounts: Vec<(String, String)>,
    packages: Vec<Parts>,
    payments: Vec<Tried>,
    changes: Vec<Changed>,
    notices: Vec<(&'static str, String)>,
}

/// What the buyer can do.
struct Button {
    href: String,
    text: &'static str,
}

/// A destination.
struct Parts {
    title: String,
    facts: Vec<(&'static str, String)>,
    items: Vec<Line>,
    parcels: Vec<[String; 3]>,
}

struct Line {
    name: String,
    more: String,
    units: i64,
    price: String,
    subtotal: String,
}

/// A way of paying that was tried.
struct Tried {
    title: String,
    facts: Vec<(&'static str, String)>,
}

struct Changed {
    what: String,
    why: &'static str,
    when: String,
}

/// What is known of an order.
pub(super) struct Look {
    pub order: Order,
    pub policy: Policy,
    pub now: Timestamp,
    timers: Vec<(TimerKind, Timestamp)>,
    notices: Vec<(Notice, Timestamp)>,
    given_up: usize,
}

/// The order of this number of the shop, which is on the mall.
pub(super) async fn find(desk: &Desk, number: &str) -> Result<Look, Response> {
    let known = on_mall(desk).await?;
    let number: OrderNumber = number.parse().map_err(|_| desk.problem(Problem::Absent))?;
    let (shop, policy) = (desk.shop(), known.policy());
    let look = desk.visit.ui.store().read(move |tx: &mut Tx<'_>| look(tx, shop, number, policy)).await;
    look.map_err(|error| desk.failed(&error))?.ok_or_else(|| desk.problem(Problem::Absent))
}

fn look(tx: &mut Tx<'_>, shop: ShopId, number: OrderNumber, policy: Policy) -> Result<Option<Look>, StoreError> {
    let Some(order) = rows::find(tx, shop, number)? else { return Ok(None) };
    let kinds = TimerKind::ALL.map(TimerKind::as_str);
    let due = timer::of_subject(tx, shop, WORLD, &kinds, &number.to_string())?;
    let timers = due.into_iter().filter_map(|(kind, at)| Some((TimerKind::of(&kind)?, at))).collect();
    let notices = rows::notices(tx, shop, number)?;
    let given_up = rows::given_up(tx, shop, number)?.len();
    let now = clock::world_now(tx, shop, WORLD)?;
    Ok(Some(Look { order, policy, now, timers, notices, given_up }))
}

/// `GET …/mall/orders/{order}`.
pub(super) async fn show(desk: Desk, Path((_, number)): Path<(String, String)>) -> Result<Response, Response> {
    let look = find(&desk, &number).await?;
    Ok(desk.visit.page(&page(&desk, &look)))
}

fn page(desk: &Desk, look: &Look) -> Page {
    let language = desk.visit.language;
    let t = MarketText::of(language);
    let Look { order, now, timers, notices, .. } = look;
    let done = match Query::of(&desk.visit.path).get("done") {
        again::NAME => Some(again::done(language)),
        name => act::done(language, name),
    };
    let frame = match done {
        Some(text) => desk.frame().saying(Tone::Good, text),
        None => desk.frame(),
    };
    Page {
        frame,
        t,
        ask_again: AgainText::of(language).button,
        back: at(""),
        number: order.number.to_string(),
        status: words::progress(language, order.progress),
        tone: words::tone(order.progress).class(),
        marks: marks(t, order),
        caution: order.caution.map(|caution| words::caution(t, language, caution)),
        now: t.now.replace("{}", &moment(*now)),
        next: timers.iter().map(|(kind, due)| (words::timer(language, *kind), moment(*due))).collect(),
        is_asked: look.given_up == 0 && order.payment().is_some_and(|payment| payment.asked.is_some()),
        to_do: to_do(t, order),
        stopped: stopped(desk, look),
        buttons: buttons(desk, look),
        dates: dates(t, order),
        orderer: person(t, &order.orderer.person, &order.orderer.address, Some(&order.orderer.email)),
        notes: notes(t, order),
        amounts: amounts(t, language, order),
        packages: order
            .packages
            .iter()
            .enumerate()
            .map(|(index, package)| parts(t, language, index, package))
            .collect(),
        payments: order.payments.iter().map(|payment| tried(t, language, payment)).collect(),
        changes: changes(language, order),
        notices: notices.iter().map(|(notice, at)| (words::notice(language, *notice), moment(*at))).collect(),
    }
}

/// What the shop's programs do next with an order.
fn to_do(t: &'static MarketText, order: &Order) -> &'static str {
    match order.progress {
        Progress::AwaitingConfirmation => t.to_confirm,
        Progress::AwaitingShipment => t.to_ship,
        Progress::InProcess
        | Progress::AwaitingChange
        | Progress::Shipped
        | Progress::SettlementInProgress
        | Progress::Settled
        | Progress::AwaitingCancellation
        | Progress::Cancelled => "",
    }
}

/// What is said of requests that were given up and of refunds that were refused, and where they are sent again, for who may.
fn stopped(desk: &Desk, look: &Look) -> Option<(Vec<String>, String)> {
    let (language, t) = (desk.visit.language, AgainText::of(desk.visit.language));
    let given_up = (look.given_up > 0).then(|| t.given_up.replace("{}", &look.given_up.to_string()));
    let refused = look.order.refunds_refused();
    let refused = refused.map(|refund| t.refused.replace("{}", &money(language, refund.amount)));
    let says: Vec<String> = given_up.into_iter().chain(refused).collect();
    let may = desk.may(shop::Right::ChangeMall);
    let href = || at(&format!("/orders/{}/{}", look.order.number, again::NAME));
    (!says.is_empty()).then(|| (says, if may { href() } else { String::new() }))
}

fn buttons(desk: &Desk, look: &Look) -> Option<(Vec<Button>, Vec<String>)> {
    if !desk.may(shop::Right::ChangeMall) {
        return None;
    }
    let (language, t) = (desk.visit.language, MarketText::of(desk.visit.language));
    let (mut buttons, mut not_now, mut why) = (Vec::new(), Vec::new(), Vec::new());
    for buyer in Buyer::ALL {
        let text = buyer.text(language);
        match buyer.barred(look) {
            None => {
                let href = at(&format!("/orders/{}/{}", look.order.number, buyer.name()));
                buttons.push(Button { href, text });
            }
            Some(Refused::Status) => not_now.push(text),
            Some(refused) => why.push(format!("{text}: {}", words::refused(language, refused))),
        }
    }
    if !not_now.is_empty() {
        why.push(t.not_now.replace("{}", &not_now.join(t.between)));
    }
    Some((buttons, why))
}

fn dates(t: &'static MarketText, order: &Order) -> Vec<(&'static str, String)> {
    let named = [
        (t.placed, Some(order.placed)),
        (t.confirmed, order.confirmed),
        (t.fixed, order.fixed),
        (t.reported, order.reported),
        (t.settled, order.settled),
    ];
    let due = order.due_dates.iter().map(|due| {
        let text = match due.kind {
            DueKind::Payment => t.due_payment,
            DueKind::MethodChange => t.due_method,
            DueKind::Refund => t.due_refund,
        };
        (text, day(due.date))
    });
    named.into_iter().filter_map(|(text, at)| Some((text, moment(at?)))).chain(due).collect()
}

fn day(day: Day) -> String {
    day.0.to_string()
}

fn person(
    t: &'static MarketText,
    person: &::mall::order::Person,
    address: &Address,
    email: Option<&str>,
) -> Vec<(&'static str, String)> {
    let kana = [&person.family_kana, &person.first_kana].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let tel = person.phone.iter().flatten().cloned().collect::<Vec<_>>().join("-");
    let Address { zip: [first, last], prefecture, city, rest } = address;
    let facts = [
        (t.name, name(person)),
        (t.kana, kana),
        (t.address, format!("〒{first}-{last} {prefecture}{city}{rest}")),
        (t.tel, tel),
        (t.email, email.unwrap_or_default().to_owned()),
    ];
    facts.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

fn notes(t: &'static MarketText, order: &Order) -> Vec<(&'static str, String)> {
    let notes = &order.notes;
    let facts = [
        (t.delivery, notes.delivery_name.clone()),
        (t.delivery_date, notes.delivery_date.map(day).unwrap_or_default()),
        (t.remarks, notes.remarks.clone()),
        (t.memo, notes.memo.clone().unwrap_or_default()),
    ];
    facts.into_iter().filter(|(_, text)| !text.is_empty()).collect()
}

fn amounts(t: &'static MarketText, language: Language, order: &Order) -> Vec<(String, String)> {
    let sums = order.amounts();
    let off = |yen: i64| if yen == 0 { money(language, 0) } else { format!("−{}", money(language, yen)) };
    // What the goods hold beside the items that are listed.
    let wrapped = order.wrappings.iter().filter(|wrapping| !wrapping.deleted);
    let wrapped = wrapped.map(|wrapping| (wrapping.name.clone(), money(language, wrapping.price_with_tax())));
    let sums = [
        (t.goods, money(language, sums.goods)),
        (t.postage, price(t, language, sums.postage)),
        (t.cod_fee, price(t, language, sums.cod_fee)),
        (t.charge, money(language, sums.charge)),
        (t.coupons, off(sums.coupons)),
        (t.points, off(order.points)),
        (t.request, price(t, language, sums.request)),
        (t.accepted, price(t, language, order.accepted)),
    ];
    wrapped.chain(sums.into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}

fn parts(t: &'static MarketText, language: Language, index: usize, package: &Package) -> Parts {
    let title = t.package.replace("{}", &(index + 1).to_string());
    let title = if package.deleted { format!("{title} ({})", t.deleted) } else { title };
    let mut facts = person(t, &package.person, &package.address, None);
    facts.push((t.postage, price(t, language, package.postage)));
    if let Some(noshi) = &package.noshi {
        facts.push((t.noshi, noshi.clone()));
    }
    let parcel = |parcel: &Parcel| {
        let none = || t.none.to_owned();
        [
            parcel.carrier.map_or_else(none, |carrier| carrier.text().to_owned()),
            parcel.number.clone().unwrap_or_else(none),
            parcel.date.map_or_else(none, day),
        ]
    };
    Parts {
        title,
        facts,
        items: package.items.iter().map(|item| line(t, language, item)).collect(),
        parcels: package.parcels.iter().map(parcel).collect(),
    }
}

fn line(t: &'static MarketText, language: Language, item: &Item) -> Line {
    let tax = format!("{} {}%", t.tax, item.tax.0);
    let choice = item.choice.as_deref().unwrap_or_default().replace('\n', " / ");
    let deleted = if item.deleted { t.deleted } else { "" };
    let more = [tax.as_str(), choice.as_str(), deleted].into_iter().filter(|text| !text.is_empty());
    Line {
        name: item.name.clone(),
        more: more.collect::<Vec<_>>().join(" · "),
        units: item.units,
        price: money(language, item.price_with_tax()),
        subtotal: money(language, item.subtotal()),
    }
}

fn tried(t: &'static MarketText, language: Language, payment: &Payment) -> Tried {
    let mut facts =
        vec![(t.payment_status, words::status(language, payment.status)), (t.request, money(language, payment.amount))];
    let instants = [
        (t.asked_at, payment.asked_at),
        (t.done_at, payment.done_at),
        (t.refused_at, payment.refused_at),
        (t.fixed_at, payment.fixed_at),
    ];
    facts.extend(instants.into_iter().filter_map(|(text, at)| Some((text, moment(at?)))));
    let sums = |all: Vec<(i64, Timestamp)>| {
        all.into_iter()
            .map(|(yen, at)| format!("{} ({})", money(language, yen), moment(at)))
            .collect::<Vec<_>>()
            .join(" / ")
    };
    let deposits = sums(payment.deposits.iter().map(|one| (one.amount, one.at)).collect());
    let refunds = sums(payment.refunds.iter().map(|one| (one.amount, one.at)).collect());
    facts.extend([(t.deposits, deposits), (t.refunds, refunds)].into_iter().filter(|(_, text)| !text.is_empty()));
    let card = payment.card.as_ref().map_or(String::new(), |card| format!(" {} {}", card.name, card.number));
    Tried { title: format!("{}{card}", words::method(language, payment.method)), facts }
}

fn changes(language: Language, order: &Order) -> Vec<Changed> {
    let changed = |change: &::mall::order::Change| Changed {
        what: words::change(language, change.kind).to_owned(),
        why: change.reason.map_or("", |reason| words::reason(language, reason)),
        when: change.completed.or(change.fixed).or(change.applied).map_or(String::new(), moment),
    };
    order.changes.iter().map(changed).collect()
}
