//! A shop on the old model, and its program.

use kernel::{ShopId, Timestamp};
use mall::market::{MallShop, Model, rows};
use mall::rcard::http::PATH;
use roxmltree::{Document, Node};
use serde_json::{Value, json};
use shop::Scope;
use store::{StoreError, Tx};
use testkit::{Merchant, Reply, Request, TestApp};

/// 店舗URL of the first shop.
pub const SHOP_URL: &str = "chaya";
/// The six digits that its order numbers begin with.
pub const RMS_ID: u32 = 338_459;
const OPERATIONS: &str = "http://orderapi.rms.rakuten.co.jp/rccsapi-services/RCCSAPI";
const MODELS: &str = "java:jp.co.rakuten.rms.mall.rccsapi.model.entity";
const BUILTINS: &str = "java:language_builtins";

/// A shop's program that speaks the older card API.
pub struct Program<'a> {
    pub app: &'a TestApp,
    pub shop: ShopId,
    pub merchant: Merchant,
    pub auth_key: String,
    pub user_name: String,
}

/// What an order's turn came to: `cardStatus`, `errorCode`, `ccsErrorCode`.
pub type Came = (i64, String, String);

/// Puts the first shop on the old model of the marketplace.
pub async fn old_model(app: &TestApp) {
    let id = app.shop.id;
    let shop = MallShop { model: Model::Rcard, ..MallShop::new(id, RMS_ID, SHOP_URL) };
    let write = move |tx: &mut Tx<'_>| tx.execute_all(&[rows::insert_shop(&shop)]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing a shop of the mall");
}

impl<'a> Program<'a> {
    /// Of the first shop, which has switched over.
    pub async fn switched(app: &'a TestApp) -> Program<'a> {
        old_model(app).await;
        Program::switch(app).await
    }

    /// Switches the first shop over.
    pub async fn switch(app: &'a TestApp) -> Program<'a> {
        let key = switch_over(app, "tempostar").await.good();
        let auth_key = key["auth_key"].as_str().expect("a key").to_owned();
        Program { app, shop: app.shop.id, merchant: app.merchant(), auth_key, user_name: "tempostar".to_owned() }
    }

    /// A card order that a buyer placed.
    pub async fn order(&self, amount: i64, card: &str) -> String {
        order(&self.merchant, amount, card).await
    }

    /// Where the payment of an order stands: 決済ステータス, and the same in RMS.
    pub async fn standing(&self, order: &str) -> (String, String) {
        let shown = helper(&self.merchant, "GET", &format!("/{order}"), None).await.good();
        let text = |name: &str| shown[name].as_str().expect("text").to_owned();
        (text("status"), text("statusInRms"))
    }

    /// Sends an operation whose parts follow the credentials.
    pub async fn send(&self, operation: &str, parts: &str) -> Reply {
        let body = self.envelope(operation, parts);
        self.app.http.send(&soap(body)).await
    }

    /// The envelope of an operation.
    pub fn envelope(&self, operation: &str, parts: &str) -> String {
        let (key, user) = (&self.auth_key, &self.user_name);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:ns1=\"{MODELS}\" \
             xmlns:ns2=\"{OPERATIONS}\" xmlns:ns3=\"{BUILTINS}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <SOAP-ENV:Body><ns2:{operation}><ns2:userAuthModel><ns1:authKey>{key}</ns1:authKey>\
             <ns1:shopUrl>{SHOP_URL}</ns1:shopUrl><ns1:userName>{user}</ns1:userName></ns2:userAuthModel>\
             {parts}</ns2:{operation}></SOAP-ENV:Body></SOAP-ENV:Envelope>"
        )
    }

    /// A request id.
    pub async fn request_id(&self) -> i64 {
        let reply = self.send("getRCCSRequestId", "").await;
        assert_eq!((reply.status, code(&reply).as_str()), (200, "RCCS_N00-000"), "{}", reply.text);
        texts(&reply, "requestId")[0].parse().expect("a number")
    }

    /// Sends `kind` for these orders under a new request id, which it gives; the answer must be that it is accepted.
    pub async fn ask(&self, kind: &str, orders: &[&str], price: i64) -> i64 {
        let id = self.request_id().await;
        let reply = self.send(kind, &parts(kind, id, orders, price)).await;
        assert_eq!((reply.status, code(&reply).as_str()), (200, "RCCS_N00-000"), "{}", reply.text);
        id
    }

    /// The same, and waits for the usual delay; what came of the first order.
    pub async fn do_it(&self, kind: &str, order: &str, price: i64) -> Came {
        let id = self.ask(kind, &[order], price).await;
        self.pass(31).await;
        self.came(id).await.remove(0)
    }

    /// What a request came to, order by order.
    pub async fn came(&self, id: i64) -> Vec<Came> {
        let reply = self.results(&[id]).await;
        let each = |name: &str| within(&reply, "UiRCCSResultModel", name);
        let (statuses, codes, companies) = (each("cardStatus"), each("errorCode"), each("ccsErrorCode"));
        let came = statuses.into_iter().zip(codes).zip(companies);
        came.map(|((status, code), company)| (status.parse().expect("a number"), code, company)).collect()
    }

    /// getRCCSResult.
    pub async fn results(&self, ids: &[i64]) -> Reply {
        let ints: String = ids.iter().map(|id| format!("<ns3:int>{id}</ns3:int>")).collect();
        self.send("getRCCSResult", &format!("<ns2:ints>{ints}</ns2:ints>")).await
    }

    /// Turns the shop's test clock by so many seconds.
    pub async fn pass(&self, seconds: i64) -> Timestamp {
        let to = self.app.now(self.shop).await.plus_seconds(seconds);
        self.app.advance(self.shop, to).await;
        to
    }
}

/// Asks for a switch-over.
pub async fn switch_over(app: &TestApp, user_name: &str) -> Reply {
    let token = app.token(Some(app.shop.id), vec![Scope::Mall]).await;
    let target = format!("/api/shops/{}/rcard/switch_over", app.shop.id);
    let request = Request::post(target, json!({ "user_name": user_name }).to_string());
    app.http.send(&request.header("authorization", format!("Bearer {token}"))).await
}

/// A card order that a buyer placed.
pub async fn order(merchant: &Merchant, amount: i64, card: &str) -> String {
    let placed = helper(merchant, "POST", "", Some(json!({ "amount": amount, "card": card }))).await.good();
    placed["orderNumber"].as_str().expect("a number").to_owned()
}

/// A request of the helper below the orders.
pub async fn helper(merchant: &Merchant, method: &'static str, rest: &str, body: Option<Value>) -> Reply {
    let target = format!("/api/test_helpers/mall/rcard_orders{rest}");
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    merchant.send(Request::post(target, body).method(method)).await
}

/// A SOAP request.
pub fn soap(body: String) -> Request {
    Request::post(PATH, body).header("content-type", "text/xml; charset=utf-8").header("soapaction", "\"\"")
}

/// The parts of an operation after the credentials.
pub fn parts(kind: &str, id: i64, orders: &[&str], price: i64) -> String {
    let (list, model) = match kind {
        "authori" => ("uiAuthoriRequestModels", "UiAuthoriRequestModel"),
        "sales" => ("uiSalesRequestModels", "UiSalesRequestModel"),
        _ => ("uiCancelRequestModels", "UiCancelRequestModel"),
    };
    let money = match kind {
        "authori" => format!("<ns1:payType>0</ns1:payType><ns1:price>{price}</ns1:price>"),
        _ => String::new(),
    };
    let one = |order: &&str| {
        format!(
            "<ns1:{model}><ns1:helpItem xsi:nil=\"true\"/><ns1:orderNumber>{order}</ns1:orderNumber>{money}</ns1:{model}>"
        )
    };
    let orders: String = orders.iter().map(one).collect();
    format!("<ns2:intVal>{id}</ns2:intVal><ns2:{list}>{orders}</ns2:{list}>")
}

/// `errorCode` of the result itself.
pub fn code(reply: &Reply) -> String {
    within(reply, "result", "errorCode").into_iter().next().unwrap_or_default()
}

/// Texts of all elements of this name.
pub fn texts(reply: &Reply, name: &str) -> Vec<String> {
    read(reply, |document| {
        let named = document.descendants().filter(|node| node.tag_name().name() == name);
        named.map(text).collect()
    })
}

/// Texts of the direct children of this name, of every element called `parent`.
pub fn within(reply: &Reply, parent: &str, name: &str) -> Vec<String> {
    read(reply, |document| {
        let parents = document.descendants().filter(|node| node.tag_name().name() == parent);
        let children = parents.flat_map(|node| node.children());
        children.filter(|node| node.tag_name().name() == name).map(text).collect()
    })
}

/// Names of the children of the first element called `parent`, with their texts; `-` for `xsi:nil`.
pub fn members(reply: &Reply, parent: &str) -> Vec<(String, String)> {
    read(reply, |document| {
        let parent = document.descendants().find(|node| node.tag_name().name() == parent);
        let parent = parent.unwrap_or_else(|| panic!("no {parent:?}: {}", reply.text));
        let member = |node: Node<'_, '_>| (node.tag_name().name().to_owned(), text(node));
        parent.children().filter(Node::is_element).map(member).collect()
    })
}

fn text(node: Node<'_, '_>) -> String {
    let nil = node.attribute(("http://www.w3.org/2001/XMLSchema-instance", "nil"));
    match nil {
        Some("true") => "-".to_owned(),
        _ => node.text().unwrap_or_default().to_owned(),
    }
}

fn read<T>(reply: &Reply, look: impl FnOnce(&Document<'_>) -> T) -> T {
    let document = Document::parse(&reply.text).unwrap_or_else(|error| panic!("{error}: {}", reply.text));
    look(&document)
}
