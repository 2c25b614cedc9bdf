//! A buyer at the checkout, over HTTP without a browser: keeps cookies, sends the forms of the page that it sees, follows
//! redirects. And the button of a shop's page, signed as shops sign it.

use std::collections::BTreeMap;

use pay::charge::Item;
use pay::checkout::signature::{self, Signed};

use crate::app::TestShop;
use crate::http::{Http, Reply, Request};
use crate::merchant::escaped;
use kernel::Environment;

/// The origin of the shop's page, registered by [`crate::TestApp::open_shop_page`].
pub const SHOP_ORIGIN: &str = "https://shop.example";
/// Redirects that are followed before it is a loop.
const REDIRECTS_MAX: usize = 10;

/// The tag on a shop's page.
#[derive(Clone, Debug)]
pub struct Button {
    /// `data-key`.
    pub key: String,
    /// The items.
    pub items: Vec<Item>,
    /// `data-cart-id`.
    pub cart_id: Option<String>,
    /// `data-sig`.
    pub signature: String,
    /// The page's origin.
    pub origin: String,
    /// The page's address.
    pub return_url: Option<String>,
}

impl Button {
    /// One item of this price, signed by the shop.
    pub fn of(shop: &TestShop, environment: Environment, unit_price: i64) -> Button {
        let item = Item { id: "tea-01".into(), name: "煎茶 100g".into(), quantity: 1, unit_price };
        let button = Button {
            key: shop.public_key(environment).to_owned(),
            items: vec![item],
            cart_id: Some("cart-1".into()),
            signature: String::new(),
            origin: SHOP_ORIGIN.to_owned(),
            return_url: Some(format!("{SHOP_ORIGIN}/cart")),
        };
        button.signed(&shop.merchant(environment).private_key)
    }

    /// Signed again, after a change by the shop.
    #[must_use]
    pub fn signed(mut self, private_key: &str) -> Button {
        let signed = Signed { public_key: &self.key, items: &self.items, cart_id: self.cart_id.as_deref() };
        self.signature = signature::sign(&signed, private_key);
        self
    }

    /// What the button's script sends.
    pub fn form(&self) -> String {
        let mut pairs = vec![("key".to_owned(), self.key.clone()), ("sig".to_owned(), self.signature.clone())];
        pairs.extend(self.cart_id.iter().map(|text| ("cart_id".to_owned(), text.clone())));
        pairs.extend(self.return_url.iter().map(|text| ("return_url".to_owned(), text.clone())));
        for (number, item) in (1..).zip(&self.items) {
            pairs.extend([
                (format!("item_id_{number}"), item.id.clone()),
                (format!("item_name_{number}"), item.name.clone()),
                (format!("item_unit_price_{number}"), item.unit_price.to_string()),
                (format!("item_quantity_{number}"), item.quantity.to_string()),
            ]);
        }
        let texts: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        texts.join("&")
    }

    /// Presses it: the answer of the server.
    pub async fn press(&self, http: &Http) -> Reply {
        let request = Request::post("/checkout/sessions", self.form());
        let request = request.header("origin", &self.origin);
        http.send(&request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    /// Presses it, which must open a session; its path.
    #[track_caller]
    pub fn opened(reply: &Reply) -> String {
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()["path"].as_str().expect("a path").to_owned()
    }
}

/// A buyer with a browser of their own.
#[derive(Clone, Debug)]
pub struct Shopper {
    http: Http,
    cookies: BTreeMap<String, String>,
    /// Where the session's pages are.
    pub base: String,
    /// The page that is seen.
    pub page: String,
    /// The path of that page.
    pub at: String,
    /// Its status.
    pub status: u16,
}

impl Shopper {
    /// Somebody who was sent to the session at `base`.
    pub fn new(http: &Http, base: &str) -> Shopper {
        let (page, at) = (String::new(), String::new());
        Shopper { http: http.clone(), cookies: BTreeMap::new(), base: base.to_owned(), page, at, status: 0 }
    }

    /// The same browser at another session.
    #[must_use]
    pub fn at_session(&self, base: &str) -> Shopper {
        Shopper { base: base.to_owned(), ..self.clone() }
    }

    /// The same browser, for a server that was started again.
    #[must_use]
    pub fn at_server(&self, http: &Http) -> Shopper {
        Shopper { http: http.clone(), ..self.clone() }
    }

    /// Sends a form of the session and does not go on; the status of the answer, if one came.
    pub async fn try_form(&self, page: &str, fields: &[(&str, &str)]) -> Option<u16> {
        self.http.try_send(&self.form(page, fields)).await.ok().map(|reply| reply.status)
    }

    /// Opens a page of the session: what comes after its path.
    pub async fn open(&mut self, page: &str) -> &mut Shopper {
        let path = format!("{}{page}", self.base);
        self.go(&path).await
    }

    /// Opens a path.
    pub async fn go(&mut self, path: &str) -> &mut Shopper {
        self.follow(path.to_owned(), Request::get(path)).await
    }

    /// Sends a form of the session with the token of the page that is seen.
    pub async fn send(&mut self, page: &str, fields: &[(&str, &str)]) -> &mut Shopper {
        let request = self.form(page, fields);
        let path = self.path_of(page);
        self.follow(path, request).await
    }

    fn path_of(&self, page: &str) -> String {
        if page.starts_with('/') { page.to_owned() } else { format!("{}/{page}", self.base) }
    }

    /// The request that a form would be.
    pub fn form(&self, page: &str, fields: &[(&str, &str)]) -> Request {
        let mut body = format!("csrf={}", self.csrf());
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", escaped(value)));
        }
        let request = Request::post(self.path_of(page), body);
        self.with_cookies(request.header("content-type", "application/x-www-form-urlencoded"))
    }

    fn csrf(&self) -> &str {
        let rest = self.page.split_once("name=\"csrf\" value=\"").map_or("", |(_, rest)| rest);
        rest.split('"').next().unwrap_or_default()
    }

    fn with_cookies(&self, request: Request) -> Request {
        if self.cookies.is_empty() {
            return request;
        }
        let line: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header("cookie", line.join("; "))
    }

    async fn follow(&mut self, mut path: String, mut request: Request) -> &mut Shopper {
        for _ in 0..REDIRECTS_MAX {
            if !request.has_header("cookie") {
                request = self.with_cookies(request);
            }
            let reply = self.http.send(&request).await;
            self.keep_cookies(&reply);
            let Some(to) = reply.header("location").map(str::to_owned) else {
                (self.page, self.at, self.status) = (reply.text, path, reply.status);
                return self;
            };
            path = to;
            request = Request::get(path.clone());
        }
        panic!("redirects without end at {path}");
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for line in reply.head.lines().filter_map(|line| line.split_once(": ")) {
            let (true, Some((name, value))) = (
                line.0.eq_ignore_ascii_case("set-cookie"),
                line.1.split(';').next().and_then(|pair| pair.split_once('=')),
            ) else {
                continue;
            };
            self.cookies.insert(name.to_owned(), value.to_owned());
            if line.1.contains("Max-Age=0") {
                self.cookies.remove(name);
            }
        }
    }

    /// The page must be this one, below the session.
    #[track_caller]
    pub fn is_at(&self, page: &str) -> &Shopper {
        let main = self.page.split_once("<main").map_or(self.page.as_str(), |(_, main)| main);
        assert_eq!(self.at, format!("{}{page}", self.base), "{} {main}", self.status);
        self
    }

    /// The page must say this.
    #[track_caller]
    pub fn sees(&self, text: &str) -> &Shopper {
        assert!(self.page.contains(text), "no {text:?} at {} {}: {}", self.at, self.status, self.page);
        self
    }

    /// Makes an account of this mail address and is logged in.
    pub async fn sign_up(&mut self, email: &str) {
        self.open("").await;
        self.open("/signup").await;
        self.send(
            "signup",
            &[
                ("email", email),
                ("password", "choba-choba"),
                ("last_name", "楽天"),
                ("first_name", "太郎"),
                ("last_name_kana", "ラクテン"),
                ("first_name_kana", "タロウ"),
            ],
        )
        .await;
    }

    /// Types a card.
    pub async fn add_card(&mut self, number: &str) {
        let code = if number.starts_with('3') && number.len() == 15 { "1234" } else { "123" };
        self.open("/card").await;
        self.send(
            "card",
            &[
                ("new", "1"),
                ("number", number),
                ("expiry", "12/30"),
                ("security_code", code),
                ("holder", "TARO RAKUTEN"),
            ],
        )
        .await;
    }

    /// Uses so many points; none with 0.
    pub async fn use_points(&mut self, points: u32) {
        self.open("/points").await;
        self.send("points", &[("use", "some"), ("points", &points.to_string())]).await;
    }

    /// Types an address.
    pub async fn add_address(&mut self) {
        self.open("/address").await;
        self.send(
            "address",
            &[
                ("new", "1"),
                ("last_name", "楽天"),
                ("first_name", "花子"),
                ("last_name_kana", "ラクテン"),
                ("first_name_kana", "ハナコ"),
                ("address_zip", "158-0094"),
                ("address_state", "東京都"),
                ("address_city", "世田谷区"),
                ("address_line", "玉川1-14-1"),
                ("tel", "03-1234-5678"),
            ],
        )
        .await;
    }

    /// Everything until the confirmation, with this card.
    pub async fn up_to_confirm(&mut self, email: &str, card: &str) {
        self.sign_up(email).await;
        self.add_card(card).await;
        self.use_points(0).await;
        self.add_address().await;
        self.is_at("/confirm");
    }
}
