//! A shop's server: what calls the LITE API with a private key.

use base64::Engine as _;
use kernel::{Environment, ShopId};
use serde_json::{Value, json};

use crate::http::{Http, Reply, Request};

/// A shop's server in one environment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// The shop.
    pub shop: ShopId,
    /// The environment of the key.
    pub environment: Environment,
    /// The private key that it sends.
    pub private_key: String,
    /// The API base path that it calls.
    pub base: &'static str,
    http: Http,
    idempotency_key: Option<String>,
}

impl Merchant {
    /// A server that calls the base path of its key's environment (contract "Environments and keys").
    pub fn new(http: Http, shop: ShopId, environment: Environment, private_key: String) -> Merchant {
        let base = match environment {
            Environment::Sandbox => "/sandbox/v1",
            Environment::Test | Environment::Live => "/v1",
        };
        Merchant { shop, environment, private_key, base, http, idempotency_key: None }
    }

    /// The same server, sending this `Idempotency-Key` with each POST.
    #[must_use]
    pub fn keyed(&self, key: impl Into<String>) -> Merchant {
        Merchant { idempotency_key: Some(key.into()), ..self.clone() }
    }

    /// The same server, calling another base path.
    #[must_use]
    pub fn at(&self, base: &'static str) -> Merchant {
        Merchant { base, ..self.clone() }
    }

    /// A buyer pays, through the helper for programs.
    pub async fn create(&self, sale: &Sale) -> Reply {
        let request = Request::post("/api/test_helpers/charges", sale.0.to_string());
        self.send(request.header("content-type", "application/json")).await
    }

    /// A buyer pays; the order number. Panics if that is refused.
    pub async fn sell(&self, sale: &Sale) -> String {
        self.create(sale).await.good()["id"].as_str().expect("an order number").to_owned()
    }

    /// 確定.
    pub async fn capture(&self, id: &str) -> Reply {
        self.post(&format!("/charges/{id}/capture"), "").await
    }

    /// キャンセル.
    pub async fn cancel(&self, id: &str) -> Reply {
        self.post(&format!("/charges/{id}/refund"), "").await
    }

    /// 金額変更, to one item of this price.
    pub async fn change(&self, id: &str, total: i64) -> Reply {
        self.change_to(id, &[("item-01", "商品", 1, total)]).await
    }

    /// 金額変更, to these items: id, name, quantity, unit price.
    pub async fn change_to(&self, id: &str, items: &[(&str, &str, u32, i64)]) -> Reply {
        self.post(&format!("/charges/{id}/refund"), &items_form(items)).await
    }

    /// `GET /charges/{id}`.
    pub async fn retrieve(&self, id: &str) -> Reply {
        self.get(&format!("/charges/{id}")).await
    }

    /// `GET /charges` with a query, which is sent as it stands.
    pub async fn list(&self, query: &str) -> Reply {
        let question = if query.is_empty() { "" } else { "?" };
        self.get(&format!("/charges{question}{query}")).await
    }

    /// お知らせメール.
    pub async fn notify(&self, charge: &str, subject: &str, body: &str) -> Reply {
        let form = format!("charge={}&subject={}&body={}", escaped(charge), escaped(subject), escaped(body));
        self.post("/notifications/mail", &form).await
    }

    /// `GET /notifications` with a query, which is sent as it stands.
    pub async fn notifications(&self, query: &str) -> Reply {
        self.get(&format!("/notifications?{query}")).await
    }

    /// A GET below the base path.
    pub async fn get(&self, target: &str) -> Reply {
        self.send(Request::get(format!("{}{target}", self.base)).header("accept", "application/json")).await
    }

    /// A POST of a form below the base path. An empty one is sent without a type, as the official client does.
    pub async fn post(&self, target: &str, form: &str) -> Reply {
        let request = Request::post(format!("{}{target}", self.base), form);
        if form.is_empty() {
            return self.send(request).await;
        }
        self.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    /// Any request, with the private key as user name and the idempotency key if there is one.
    pub async fn send(&self, request: Request) -> Reply {
        let request = request.header("authorization", basic(&format!("{}:", self.private_key)));
        let request = match &self.idempotency_key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        self.http.send(&request).await
    }
}

/// The value of an `Authorization` header.
pub fn basic(user_and_password: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(user_and_password))
}

/// The form of 金額変更 (contract "Operations": change amount).
pub fn items_form(items: &[(&str, &str, u32, i64)]) -> String {
    let item = |(index, (id, name, quantity, price)): (usize, &(&str, &str, u32, i64))| {
        let n = index + 1;
        let (id, name) = (escaped(id), escaped(name));
        format!("item_id_{n}={id}&item_name_{n}={name}&item_quantity_{n}={quantity}&item_unit_price_{n}={price}")
    };
    items.iter().enumerate().map(item).collect::<Vec<_>>().join("&")
}

/// `text` with everything but letters and digits as `%XX`.
pub fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// What a buyer pays for: the body of the helper for programs.
#[derive(Clone, Debug)]
pub struct Sale(pub Value);

impl Sale {
    /// One item of this price, everything else left out.
    pub fn of(total: i64) -> Sale {
        Sale::items(&[("item-01", "商品", 1, total)])
    }

    /// These items: id, name, quantity, unit price.
    pub fn items(items: &[(&str, &str, u32, i64)]) -> Sale {
        let item = |item: &(&str, &str, u32, i64)| {
            let (id, name, quantity, unit_price) = item;
            json!({ "id": id, "name": name, "quantity": quantity, "unit_price": unit_price })
        };
        Sale(json!({ "items": items.iter().map(item).collect::<Vec<_>>() }))
    }

    /// With one more field of the body.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<Value>) -> Sale {
        self.0[field] = value.into();
        self
    }

    /// Paid with this card: a name of docs/magic-cards.md, or a number.
    #[must_use]
    pub fn card(self, card: &str) -> Sale {
        self.with("card", card)
    }

    /// With so many points.
    #[must_use]
    pub fn point(self, point: i64) -> Sale {
        self.with("point", point)
    }

    /// By a buyer with a name and an address.
    #[must_use]
    pub fn buyer_named(self, last_name: &str, first_name: &str, email: &str) -> Sale {
        let buyer = json!({ "id": "b", "last_name": last_name, "first_name": first_name, "email": email });
        self.with("buyer", buyer)
    }

    /// By this buyer.
    #[must_use]
    pub fn buyer(self, id: &str) -> Sale {
        self.with("buyer", json!({ "id": id }))
    }
}
