//! The demo shop that `--demo` serves: a little shop with two items whose button is signed like a real one's.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use crate::texts;
use crate::ui::{Frame, Ui, Visit, answer};

/// Where it is.
pub const PATH: &str = "/demo/shop";

texts! {
    /// What the page says.
    Words {
        title: "茶と菓子 ちょうば", "Choba Tea & Sweets";
        intro: "デモ用のショップです。商品は届きません。お支払いはSandbox 環境で行われます。", "A demo shop: nothing is delivered, and the payment is made in the sandbox.";
        tea: "煎茶 100g", "Sencha, 100 g";
        tea_more: "やわらかな香りの、毎日のお茶。", "A gentle tea for every day.";
        sweet: "羊羹 詰め合わせ 6本", "Yokan, six pieces";
        sweet_more: "小倉、抹茶、栗を2本ずつ。贈りものに。", "Azuki, matcha and chestnut; a gift.";
        tax: "税込", "tax included";
        result: "お支払いの結果", "Result of the payment";
        nothing: "まだお支払いはありません。", "No payment yet.";
        noscript: "お支払いにはJavaScriptが必要です。", "The button needs JavaScript.";
    }
}

/// A button of the demo shop.
#[derive(Clone, Debug)]
pub struct Offer {
    /// `data-item-id-1`.
    pub id: String,
    /// `data-item-name-1`.
    pub name: String,
    /// `data-item-unit-price-1`.
    pub unit_price: i64,
    /// `data-cart-id`.
    pub cart_id: String,
    /// `data-sig`.
    pub signature: String,
}

/// What the demo shop sells, and the key of its buttons.
#[derive(Clone, Debug)]
pub struct Stall {
    /// `data-key`.
    pub public_key: String,
    /// The tea.
    pub tea: Offer,
    /// The sweets.
    pub sweet: Offer,
}

#[derive(Clone)]
struct Demo {
    ui: Ui,
    stall: Stall,
}

impl axum::extract::FromRef<Demo> for Ui {
    fn from_ref(demo: &Demo) -> Ui {
        demo.ui.clone()
    }
}

#[derive(Template)]
#[template(path = "checkout/demo.html")]
struct Page {
    frame: Frame,
    t: &'static Words,
    key: String,
    goods: [Goods; 2],
}

struct Goods {
    offer: Offer,
    name: &'static str,
    more: &'static str,
    price: String,
    image: u8,
    picture: &'static str,
}

/// The page.
pub fn routes(ui: &Ui, stall: Stall) -> Router {
    ui.has_demo_shop(PATH);
    Router::new().route(PATH, get(show)).with_state(Demo { ui: ui.clone(), stall })
}

async fn show(State(demo): State<Demo>, visit: Visit) -> Response {
    let t = Words::of(visit.language);
    let goods = |offer: &Offer, name, more, image, picture| Goods {
        price: kernel::Yen::new(offer.unit_price)
            .map(|price| super::text::yen(visit.language, price))
            .unwrap_or_default(),
        offer: offer.clone(),
        name,
        more,
        image,
        picture,
    };
    let page = Page {
        frame: visit.frame(),
        t,
        key: demo.stall.public_key.clone(),
        goods: [
            goods(&demo.stall.tea, t.tea, t.tea_more, 0, "demo-tea.svg"),
            goods(&demo.stall.sweet, t.sweet, t.sweet_more, 3, "demo-sweet.svg"),
        ],
    };
    visit.known(answer::html(http::StatusCode::OK, &page))
}
