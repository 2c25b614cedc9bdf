//! What a server tells about what happened, asked over HTTP as anybody with a token may: nothing here looks into its
//! database.

use kernel::ShopId;
use serde_json::Value;
use shop::Scope;

use crate::app::TestApp;
use crate::http::Request;
use crate::merchant::Merchant;

impl TestApp {
    /// A good answer of `/api` to an operator's token.
    pub async fn told(&self, path: &str) -> Value {
        let token = self.watcher.get_or_init(|| self.token(None, Scope::ALL.to_vec())).await;
        let request = Request::get(path.to_owned()).header("authorization", format!("Bearer {token}"));
        self.http.send(&request).await.good()
    }

    /// Everything that a list has, page by page.
    async fn told_in_full(&self, path: &str) -> Vec<Value> {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let page = self.told(&format!("{path}{before}")).await;
            all.extend(page["data"].as_array().expect("a list").iter().cloned());
            let Some(next) = page["next"].as_str() else { return all };
            before = format!("&before={next}");
        }
    }

    /// Rows of a shop's audit log that tell of an action, newest first.
    pub async fn audit(&self, shop: ShopId, action: &str) -> Vec<Value> {
        let rows = self.told_in_full(&format!("/api/shops/{shop}/audit?limit=100&action={action}")).await;
        rows.into_iter().filter(|row| row["action"] == action).collect()
    }

    /// How many rows of audit logs tell of an action, of any shop.
    pub async fn actions(&self, action: &str) -> usize {
        let shops = self.told("/api/shops").await;
        let mut count = 0;
        for shop in shops["data"].as_array().expect("shops") {
            count += self.audit(ShopId(shop["shop"].as_i64().expect("a number")), action).await.len();
        }
        count
    }

    /// Types of a charge's events without `charge.`, sorted: a test's clock stands, and what is of one instant has no order.
    pub async fn events(&self, merchant: &Merchant, charge: &str) -> Vec<String> {
        let Merchant { shop, environment, .. } = *merchant;
        let list = self.told(&format!("/api/shops/{shop}/{environment}/events?limit=100&charge={charge}")).await;
        let kinds = list["data"].as_array().expect("events").iter().map(|event| event["type"].as_str());
        let short =
            |kind: Option<&str>| kind.and_then(|kind| kind.strip_prefix("charge.")).expect("of a charge").to_owned();
        let mut kinds: Vec<String> = kinds.map(short).collect();
        kinds.sort();
        kinds
    }

    /// How many requests a shop's log holds.
    pub async fn logged(&self, shop: ShopId) -> usize {
        self.told_in_full(&format!("/api/shops/{shop}/requests?")).await.len()
    }
}
