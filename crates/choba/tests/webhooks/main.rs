//! Webhooks, with real receivers: what happened is told at least once, in order for each charge, and nothing is silent.

mod certificates;
mod endpoints;
mod failing;
mod following;
mod synchronous;
mod told;

use kernel::{ShopId, Timestamp};
use testkit::{Received, TestApp};

/// Event types that were taken, of one charge, in their order.
fn story(taken: &[Received], charge: &str) -> Vec<String> {
    let ours = taken.iter().filter(|received| received.text("/data/object/id") == charge);
    ours.map(|received| received.text("/type")).collect()
}

/// Turns the clock of the first shop by so many seconds.
async fn pass(app: &TestApp, seconds: i64) -> Timestamp {
    let shop: ShopId = app.shop.id;
    let to = app.now(shop).await.plus_seconds(seconds);
    app.advance(shop, to).await;
    to
}
