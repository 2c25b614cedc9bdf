//! A program of a shop on the mall: what calls the RMS order API with a licence.

use std::sync::Arc;

use kernel::{Entropy, ShopId};
use mall::licence::{self, Functions, Sealing};
use mall::market::{MallShop, rows};
use mall::order::Order;
use serde_json::Value;
use shop::By;
use store::Tx;

use crate::app::TestApp;
use crate::http::{Http, Reply, Request};

/// A program with a licence. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RmsProgram {
    /// Whose.
    pub shop: ShopId,
    /// serviceSecret.
    pub service_secret: String,
    /// licenseKey.
    pub license_key: String,
    http: Http,
}

impl RmsProgram {
    /// A request of an operation, as most clients send it.
    pub fn request(&self, operation: &str, body: &Value) -> Request {
        let request = Request::post(format!("/es/2.0/order/{operation}/"), body.to_string());
        request.header("authorization", self.authorization()).header("content-type", "application/json; charset=utf-8")
    }

    /// Calls an operation.
    pub async fn call(&self, operation: &str, body: Value) -> Reply {
        self.http.send(&self.request(operation, &body)).await
    }

    /// Calls an operation of a server that may hang up: what came of the answer then.
    pub async fn try_call(&self, operation: &str, body: Value) -> Result<Reply, String> {
        // A connection that was kept may be one that the server has closed.
        self.http.hang_up();
        self.http.try_send(&self.request(operation, &body)).await
    }

    /// Any request with the licence.
    pub async fn send(&self, request: Request) -> Reply {
        self.http.send(&request.header("authorization", self.authorization())).await
    }

    /// The same program with another key.
    #[must_use]
    pub fn keyed(&self, license_key: &str) -> RmsProgram {
        RmsProgram { license_key: license_key.to_owned(), ..self.clone() }
    }

    /// The value of its header.
    pub fn authorization(&self) -> String {
        licence::authorization(&self.service_secret, &self.license_key)
    }
}

impl TestApp {
    /// Opens the shop on the mall under these six digits, with a licence that has these functions.
    pub async fn open_on_mall(&self, shop: ShopId, rms_id: u32, functions: Functions) -> RmsProgram {
        let (vault, entropy) = (self.wired.gateway.vault().clone(), self.entropy.clone());
        let by = self.by("tests");
        let open = move |tx: &mut Tx<'_>| {
            let place = MallShop::new(shop, rms_id, &format!("shop-{rms_id}"));
            tx.execute_all(&[rows::insert_shop(&place)])?;
            let sealing = Sealing { vault: &vault, entropy: entropy.as_ref() };
            licence::issue(tx, sealing, shop, &functions, &by)?;
            licence::shown_to_programs(tx, &vault, shop, None)
        };
        let shown = self.store().write(open).await.expect("opening a shop on the mall");
        let (service_secret, license_key) = (shown.service_secret, shown.license_key);
        RmsProgram { shop, service_secret, license_key, http: self.http.clone() }
    }

    /// Somebody who changes something, now.
    pub fn by(&self, actor: &str) -> By {
        let entropy: Arc<dyn Entropy> = self.entropy.clone();
        By::new(self.store().machine_now(), entropy.as_ref(), actor.to_owned(), "tests".to_owned())
    }

    /// A buyer placed an order with the mall.
    pub async fn place_on_mall(&self, shop: ShopId, order: Order, script: mall::market::Script) {
        let by = self.by("buyer");
        let place = move |tx: &mut Tx<'_>| mall::market::place(tx, shop, order.clone(), script.clone(), &by);
        self.store().write(place).await.expect("placing an order");
    }
}
