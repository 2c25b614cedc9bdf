//! The hosted checkout over HTTP, without a browser: what the button may open, one charge or none whatever is clicked, the
//! shop's `charge.check`, 3-D Secure, accounts, settings; what is erased of buyers, and what is removed after a time.

mod accounts;
mod acting;
mod buying;
mod checks;
mod erasing;
mod opening;
mod pruning;
mod settings;

use kernel::Environment;
use testkit::{Button, SHOP_ORIGIN, Shopper, TestApp};

/// Approved.
pub const VISA: &str = "4111111111111111";
/// Refused.
pub const NO_MONEY: &str = "4111110000000013";
/// Asks for 3-D Secure.
pub const ACTS: &str = "5555550000000010";

/// The path of a session for one item of this price, opened by the button of the first shop.
pub async fn session(app: &TestApp, unit_price: i64) -> String {
    app.open_shop_page(app.shop.id, SHOP_ORIGIN).await;
    Button::opened(&Button::of(&app.shop, Environment::Sandbox, unit_price).press(&app.http).await)
}

/// A buyer at such a session, with everything chosen but the last click.
pub async fn shopper(app: &TestApp, unit_price: i64, card: &str) -> Shopper {
    let mut shopper = Shopper::new(&app.http, &session(app, unit_price).await);
    shopper.up_to_confirm("taro@example.com", card).await;
    shopper
}

/// The charges of the first shop, newest first.
pub async fn charges(app: &TestApp) -> Vec<serde_json::Value> {
    let list = app.merchant().get("/charges?limit=100").await.good();
    list["data"].as_array().expect("data").clone()
}
