//! `/dashboard/{side}/commands`: pages and recent orders whose name or number holds what was typed.

use askama::Template;
use axum::response::Response;
use pay::charge::{Charge, State, recent};
use shop::Right;

use crate::staff::Desk;
use crate::texts;
use crate::ui::frame::moment;
use crate::ui::{Frame, Query};

/// Orders at the most.
const ORDERS_MAX: usize = 8;

texts! {
    /// What the page says.
    CommandsText {
        title: "コマンド", "Commands";
        find: "画面・注文番号・操作を探す", "Find a page, an order number or an action";
        search: "検索", "Search";
        pages: "画面", "Page";
        orders: "注文", "Order";
        here: "この画面の操作", "On this page";
        nothing: "見つかりませんでした。", "Nothing was found.";
        found: "{}件", "{} found";
        authorized: "仮売上", "provisional";
        captured: "実売上", "captured";
        cancelled: "キャンセル", "cancelled";
    }
}

impl CommandsText {
    fn state(&self, state: State) -> &'static str {
        match state {
            State::Authorized => self.authorized,
            State::Captured => self.captured,
            State::Cancelled => self.cancelled,
        }
    }
}

/// Something that can be gone to.
struct Found {
    href: String,
    kind: &'static str,
    text: String,
    /// Of an order: the amount, and what else is known.
    amount: String,
    more: String,
    /// Of a page: the letter that follows g.
    key: Option<char>,
}

#[derive(Template)]
#[template(path = "keys/commands.html")]
struct Page {
    frame: Frame,
    t: &'static CommandsText,
    /// Where the search leads.
    place: String,
    asked: Query,
    found: Vec<Found>,
}

/// `GET …/commands?q=…`.
pub async fn show(desk: Desk) -> Response {
    let (t, asked, frame) = (CommandsText::of(desk.visit.language), Query::of(&desk.visit.path), desk.frame());
    let text = asked.get("q").to_lowercase();
    let lines = frame.menu().into_iter().filter(|line| line.text.to_lowercase().contains(&text));
    let mut found: Vec<Found> = lines
        .map(|line| Found {
            href: line.href,
            kind: t.pages,
            text: line.text.to_owned(),
            amount: String::new(),
            more: String::new(),
            key: Some(line.key),
        })
        .collect();
    match orders(&desk, &text).await {
        Ok(charges) => found.extend(charges.iter().map(|charge| order(&desk, charge, t))),
        Err(error) => return desk.failed(&error),
    }
    desk.visit.page(&Page { frame, t, place: desk.side.path("/commands"), asked, found })
}

/// The orders, for who may see them.
async fn orders(desk: &Desk, text: &str) -> Result<Vec<Charge>, store::StoreError> {
    if !desk.may(Right::SeeOrders) {
        return Ok(Vec::new());
    }
    let (shop, environments, text) = (desk.shop(), desk.side.environments(), text.to_owned());
    let read = move |tx: &mut store::Tx<'_>| recent::recent(tx, shop, environments, &text, ORDERS_MAX);
    desk.visit.ui.store().read(read).await
}

fn order(desk: &Desk, charge: &Charge, t: &CommandsText) -> Found {
    let amount = crate::checkout::yen(desk.visit.language, charge.standing.amount);
    let created = moment(charge.standing.ordered);
    let more = format!("{} {}", t.state(charge.standing.state), created.get(..16).unwrap_or_default());
    let number = charge.number.to_string();
    Found { href: desk.side.path(&format!("/orders/{number}")), kind: t.orders, text: number, amount, more, key: None }
}
