//! `/dashboard/{side}/mall`: the marketplace for people: its orders, what buyers do with them, the clock that they live by,
//! 利用設定 of WEB APIサービス and 処理設定 of 受注・決済管理 (seed 001). It lives in the sandbox; Live says so.

mod act;
mod again;
mod clock;
mod functions;
mod licences;
mod list;
mod one;
mod rcard;
mod settings;
mod text;
mod words;

use ::mall::licence::Added;
use ::mall::market::{MallShop, Model, rows};
use askama::Template;
use axum::extract::FromRef;
use axum::response::Response;
use shop::Right;
use store::work::Background;
use store::{StoreError, Tx};

use crate::staff::Desk;
use crate::ui::{Access, Frame, Link, Pages, Problem, Side, Ui};

pub use text::MarketText;

/// What the pages stand on besides [`Ui`].
#[derive(Clone)]
pub struct Mall {
    /// Turns clocks.
    pub background: Background,
    /// What a function that is added does to the end of its licence key.
    pub added: Added,
}

#[derive(Clone)]
struct Held {
    ui: Ui,
    mall: Mall,
}

impl FromRef<Held> for Ui {
    fn from_ref(held: &Held) -> Ui {
        held.ui.clone()
    }
}

/// The pages.
pub fn pages(ui: &Ui, mall: &Mall) -> Pages {
    let with = Access::With;
    let (see, change) = (with(Right::SeeOrders), with(Right::ChangeMall));
    let (licences, change_licences) = (with(Right::SeeLicences), with(Right::ChangeLicences));
    Pages::new()
        .get("/dashboard/{side}/mall", see, list::show)
        .get("/dashboard/{side}/mall/orders/{order}", see, one::show)
        .post("/dashboard/{side}/mall/orders/{order}/ask_again", change, again::act)
        .get("/dashboard/{side}/mall/orders/{order}/{act}", change, act::ask)
        .post("/dashboard/{side}/mall/orders/{order}/{act}", change, act::act)
        .get("/dashboard/{side}/mall/clock", change, clock::show)
        .post("/dashboard/{side}/mall/clock", change, clock::advance)
        .get("/dashboard/{side}/mall/settings", see, settings::show)
        .post("/dashboard/{side}/mall/settings", change, settings::save)
        .get("/dashboard/{side}/mall/licences", licences, licences::show)
        .get("/dashboard/{side}/mall/licences/renew", change_licences, licences::ask)
        .post("/dashboard/{side}/mall/licences/renew", change_licences, licences::renew)
        .post("/dashboard/{side}/mall/licences/reveal", licences, licences::reveal)
        .get("/dashboard/{side}/mall/functions", change_licences, functions::show)
        .post("/dashboard/{side}/mall/functions", change_licences, functions::check)
        .post("/dashboard/{side}/mall/functions/register", change_licences, functions::register)
        .get("/dashboard/{side}/mall/rcard", see, rcard::show)
        .get("/dashboard/{side}/mall/rcard/{order}/cancel", change, rcard::ask)
        .post("/dashboard/{side}/mall/rcard/plus", change, rcard::plus)
        .post("/dashboard/{side}/mall/rcard/switch", change_licences, rcard::switch)
        .post("/dashboard/{side}/mall/rcard/reveal", licences, rcard::reveal)
        .with_state(Held { ui: ui.clone(), mall: mall.clone() })
}

/// The address of a page of the marketplace.
fn at(rest: &str) -> String {
    Side::Sandbox.path(&format!("/mall{rest}"))
}

/// The sections of the marketplace, of which `here` is open. R-Card is one of shops on the old model.
fn sections(desk: &Desk, shop: &MallShop, here: &str) -> Vec<Link> {
    let t = MarketText::of(desk.visit.language);
    let mut all = vec![
        (Right::SeeOrders, "", t.orders),
        (Right::SeeLicences, "/licences", t.licences),
        (Right::SeeOrders, "/settings", t.settings),
        (Right::ChangeMall, "/clock", t.clock),
    ];
    if shop.model == Model::Rcard {
        all.insert(1, (Right::SeeOrders, "/rcard", "R-Card"));
    }
    let ours = all.into_iter().filter(|(right, ..)| desk.may(*right));
    ours.map(|(_, rest, text)| Link { href: at(rest), text, is_here: rest == here }).collect()
}

#[derive(Template)]
#[template(path = "market/nothing.html")]
struct NothingPage {
    frame: Frame,
    t: &'static MarketText,
    title: &'static str,
    more: &'static str,
    /// Where to go instead; may be empty.
    href: String,
    say: &'static str,
}

/// The shop on the mall, for what there is only then.
async fn on_mall(desk: &Desk) -> Result<MallShop, Response> {
    if desk.side == Side::Live {
        return Err(desk.problem(Problem::Absent));
    }
    find_shop(desk).await?.ok_or_else(|| desk.problem(Problem::Absent))
}

async fn find_shop(desk: &Desk) -> Result<Option<MallShop>, Response> {
    let shop = desk.shop();
    let found = desk.visit.ui.store().read(move |tx: &mut Tx<'_>| rows::shop_of(tx, shop)).await;
    found.map_err(|error: StoreError| desk.failed(&error))
}

/// The shop on the mall; otherwise the page that says why there is none.
async fn mall_shop(desk: &Desk) -> Result<MallShop, Response> {
    let t = MarketText::of(desk.visit.language);
    let page = |title, more, href, say| NothingPage { frame: desk.frame(), t, title, more, href, say };
    if desk.side == Side::Live {
        let here = desk.visit.place() == Side::Live.path("/mall");
        let page = page(t.not_live, t.not_live_more, at(""), t.to_sandbox);
        return Err(if here { desk.visit.page(&page) } else { desk.problem(Problem::Absent) });
    }
    find_shop(desk).await?.ok_or_else(|| desk.visit.page(&page(t.no_shop, t.no_shop_more, String::new(), "")))
}
