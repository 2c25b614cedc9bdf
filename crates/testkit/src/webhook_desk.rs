//! Somebody of a shop who sees to its webhooks, through `/api`.

use kernel::{Environment, ShopId};
use serde_json::{Value, json};

use crate::http::{Http, Reply, Request};
use crate::receiver::Receiver;

/// Every type that an endpoint can hear of but `charge.check`.
pub const TOLD: [&str; 4] = ["charge.succeeded", "charge.captured", "charge.refunded", "charge.updated"];

/// Somebody of a shop, with a token.
#[derive(Clone)]
pub struct WebhookDesk {
    http: Http,
    token: String,
    base: String,
}

impl WebhookDesk {
    /// With a token that has the scope.
    pub fn new(http: Http, token: String, shop: ShopId, environment: Environment) -> WebhookDesk {
        WebhookDesk { http, token, base: format!("/api/shops/{shop}/{environment}") }
    }

    /// A request below the base path.
    pub async fn send(&self, method: &'static str, path: &str, body: impl Into<Vec<u8>>) -> Reply {
        let request = Request::post(format!("{}{path}", self.base), body).method(method);
        self.http.send(&request.header("authorization", format!("Bearer {}", self.token))).await
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Value {
        self.send("GET", path, "").await.good()
    }

    /// A POST of JSON that is good.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send("POST", path, body).await.good()
    }

    /// A POST with an idempotency key.
    pub async fn keyed(&self, key: &str, path: &str, body: &Value) -> Reply {
        let request = Request::post(format!("{}{path}", self.base), body.to_string());
        let request = request.header("authorization", format!("Bearer {}", self.token));
        self.http.send(&request.header("idempotency-key", key)).await
    }

    /// Adds an endpoint that hears of these types; its id.
    pub async fn add(&self, url: &str, types: &[&str]) -> String {
        let made = self.post("/webhooks", &json!({ "url": url, "events": types })).await;
        made["id"].as_str().expect("an id").to_owned()
    }

    /// Adds an endpoint for everything that is told; its id.
    pub async fn subscribe(&self, receiver: &Receiver) -> String {
        self.add(&receiver.url(), &TOLD).await
    }

    /// An endpoint.
    pub async fn endpoint(&self, id: &str) -> Value {
        self.get(&format!("/webhooks/{id}")).await
    }

    /// Logged tries that a query names, newest first.
    pub async fn tries(&self, query: &str) -> Vec<Value> {
        self.get(&format!("/webhook-attempts?limit=100&{query}")).await["data"].as_array().expect("a list").clone()
    }

    /// Events that a query names, newest first.
    pub async fn events(&self, query: &str) -> Vec<Value> {
        self.get(&format!("/events?limit=100&{query}")).await["data"].as_array().expect("a list").clone()
    }
}
