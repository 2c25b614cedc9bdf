//! Erasing is as documented, the good answers and the refusals.

use serde_json::json;
use shop::Scope;
use testkit::{Engine, Request, Sale, Setup, TestApp};

use crate::conversation::Conversation;

const ERASURES: &str = "/api/shops/{shop}/{environment}/erasures";
const SETTINGS: &str = "/api/shops/{shop}/{environment}/erasure-settings";
const ACCOUNTS: &str = "/api/buyers/erasures";

#[tokio::test]
async fn erasing_is_as_documented() {
    let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
    let charge = app.merchant().sell(&Sale::of(500)).await;
    let (operator, shops) =
        (app.token(None, vec![Scope::Admin]).await, app.token(Some(app.shop.id), vec![Scope::Clock]).await);
    let mut said = Conversation::new(&app.http);
    let bodies = [
        json!({ "charge": charge }).to_string(),
        json!({ "open_id": "https://choba.example/openid/user/1" }).to_string(),
        json!({ "after_days": 30 }).to_string(),
        json!({ "after_days": null }).to_string(),
        json!({ "after_days": -1 }).to_string(),
        json!({ "email": "nobody@example.jp" }).to_string(),
        json!({ "charge": "nothing" }).to_string(),
        json!({ "open_id": "" }).to_string(),
        "{}".to_owned(),
        "[".to_owned(),
        String::new(),
    ];
    for token in [&operator, &shops] {
        for (method, path) in [("POST", ERASURES), ("PUT", SETTINGS), ("GET", SETTINGS), ("POST", ACCOUNTS)] {
            for body in &bodies {
                let target = path.replace("{shop}", "1").replace("{environment}", "sandbox");
                let body = if method == "GET" { String::new() } else { body.clone() };
                let request = Request::post(target, body).method(method);
                let request = request.header("authorization", format!("Bearer {token}"));
                said.send(&method.to_ascii_lowercase(), path, request).await;
            }
        }
    }
    let met = |operation: &str, status: u16| said.met.iter().any(|met| met.0 == operation && met.1 == status);
    for operation in ["erase_personal_data", "replace_erasure_settings"] {
        assert!([200, 400, 403].into_iter().all(|status| met(operation, status)), "{operation}: {:?}", said.met);
    }
    assert!(met("show_erasure_settings", 200) && met("erase_personal_data", 404) && met("erase_buyer_account", 404));
    app.finish().await;
}
