//! A shop in the middle of its week: orders of some days in every state, mails, webhooks that arrive and that fail.

use kernel::Environment;
use mall::licence::{Functions, Sealing};
use mall::market::{Model, Undone};
use mall::rcard::orders::{self, Card, PlusAct};
use mall::scenario::{Scenario, arrives};
use serde_json::{Value, json};
use shop::password::Passwords;
use shop::staff::rows;
use shop::{Duties, Role, Scope, Staff};
use store::StoreError;
use testkit::browser::Browser;
use testkit::{Behaviour, Engine, Identity, Merchant, Receiver, Sale, Setup, TestApp, TestShop};

use crate::operations;

/// The password of everybody here.
pub const PASSWORD: &str = "twelve chars and more";
/// Who has every right, the operator's too.
pub const OWNER: &str = "owner@shop.example";
/// The owner of another shop.
pub const STRANGER: &str = "owner@other.example";

const HOUR: i64 = 3_600;
const GOODS: [(&str, &str, i64); 6] = [
    ("tea-01", "煎茶 100g", 1_080),
    ("tea-02", "ほうじ茶 ティーバッグ 20個入", 864),
    ("tea-07", "玉露 50g 化粧箱入", 3_240),
    ("sweet-01", "羊羹 詰め合わせ 6本（小倉・抹茶・栗）", 3_240),
    ("pot-03", "常滑焼 急須 一心窯 後手 260ml", 9_900),
    ("gift-12", "お茶と菓子の詰め合わせ 季節の贈りもの 風呂敷包み", 5_400),
];
const BUYERS: [(&str, &str, &str, &str); 4] = [
    ("楽天", "太郎", "ラクテン", "タロウ"),
    ("佐藤", "健一", "サトウ", "ケンイチ"),
    ("比嘉", "さくら", "ヒガ", "サクラ"),
    ("中村", "翔", "ナカムラ", "ショウ"),
];

/// The shop, its server, and another shop beside it.
pub struct World {
    pub app: TestApp,
    /// Another shop, with one order of its own.
    pub other: TestShop,
    /// Takes every webhook.
    pub receiver: Receiver,
    /// Where the server is.
    pub base: String,
    /// The newest provisional sale of the sandbox.
    pub open_order: String,
    /// Orders of the sandbox in every state, some changed.
    pub orders: Vec<String>,
    /// A notice of the operator.
    pub notice: String,
    /// A fee of the shop.
    pub fee: String,
    /// A saved view of its orders.
    pub view: String,
    /// An endpoint of webhooks with a certificate.
    pub pinned: String,
    /// Somebody who was invited to the shop's staff.
    pub invitation: String,
    /// A shop whose registration for Live is not complete.
    pub unregistered: i64,
    operator: String,
    /// The account that runs the server, alone.
    only_operator: String,
}

impl World {
    pub async fn start() -> World {
        let app = TestApp::start(Engine::Sqlite, Setup::default()).await;
        let other = app.new_shop(true).await;
        let mut accounts = Vec::new();
        for (shop, email, operator) in [(app.shop.id, OWNER, true), (other.id, STRANGER, false)] {
            let duties = Duties::of(&[Role::Owner], operator);
            let email = email.parse().expect("an address");
            let name = "山田 花子".to_owned();
            let staff = Staff { duties, name, ..Staff::new(shop, email, false, &*app.entropy) };
            accounts.push(staff.id.clone());
            make_staff(&app, staff).await;
        }
        let colleague = "shipping@shop.example".parse().expect("an address");
        let colleague = Staff::new(app.shop.id, colleague, false, &*app.entropy);
        let duties = Duties::of(&[Role::Shipping], false);
        make_staff(&app, Staff { duties, name: "佐藤 次郎".to_owned(), ..colleague }).await;
        app.switch_mails_on(app.shop.id, "shop@shop.example").await;
        let receiver = Receiver::plain().await;
        let desk = app.webhooks().await;
        desk.subscribe(&receiver).await;
        let pinned = desk.add("https://shop.example/hooks/choba", &[]).await;
        let certificate = Identity::of("shop.example").pem;
        desk.send("PUT", &format!("/webhooks/{pinned}/certificate"), certificate).await.good();
        desk.post(&format!("/webhooks/{pinned}/disable"), &Value::Null).await;
        let base = format!("http://{}", app.address());
        let operator = app.token(None, Scope::ALL.to_vec()).await;
        let [open_order, notice, fee, view, invitation] = [const { String::new() }; 5];
        let mut world = World {
            app,
            other,
            receiver,
            base,
            open_order,
            orders: Vec::new(),
            notice,
            fee,
            view,
            pinned,
            invitation,
            unregistered: 0,
            operator,
            only_operator: accounts.swap_remove(0),
        };
        world.live_some_days().await;
        world.trade_on_the_mall().await;
        let named = |made: Value| made["id"].as_str().expect("an id").to_owned();
        // Owners are told of the notice by mail.
        world.asked("put", "/api/shops/{shop}/news-mail").await;
        world.notice = named(world.asked("post", "/api/notices").await);
        world.fee = named(world.asked("post", "/api/shops/{shop}/fees").await);
        world.invitation = named(world.asked("post", "/api/shops/{shop}/staff-invitations").await);
        // The key before goes on for a while.
        world.asked("post", "/api/shops/{shop}/{environment}/keys/rotate").await;
        let opened = world.asked("post", "/api/shops").await;
        world.unregistered = opened["shop"].as_i64().expect("a number");
        world.view = named(world.asked("put", "/api/shops/{shop}/order-views").await);
        world.app.run_jobs().await;
        world
    }

    /// Orders of the marketplace in some statuses, and a renewed licence.
    async fn trade_on_the_mall(&self) {
        let (app, shop) = (&self.app, self.app.shop.id);
        app.open_on_mall(shop, 123_456, Functions::all()).await;
        let (vault, entropy, by) = (app.wired.gateway.vault().clone(), app.entropy.clone(), app.by("tests"));
        let renew = move |tx: &mut store::Tx<'_>| {
            let sealing = Sealing { vault: &vault, entropy: entropy.as_ref() };
            mall::licence::issue(tx, sealing, shop, &Functions::none(), &by).map(|_| ())
        };
        app.store().write(renew).await.expect("renewing a licence");
        for name in ["card_ok", "prepaid_never_paid", "gift", "postage_unset", "coupons_and_points"] {
            let (scenario, by) = (Scenario::named(name).expect("a scenario"), app.by("buyer"));
            let place = move |tx: &mut store::Tx<'_>| {
                arrives(tx, shop, (scenario, &serde_json::Map::new()), &by).map(|order| order.number)
            };
            let number = app.store().write(place).await.expect("an order");
            if ["prepaid_never_paid", "gift"].contains(&name) {
                let by = app.by("tests");
                let confirm = move |tx: &mut store::Tx<'_>| {
                    let event = |_: mall::market::Seen<'_>| Ok::<_, Undone>(mall::progress::Event::Confirm);
                    mall::market::act(tx, shop, number, &by, event).map(|_| ())
                };
                app.store().write(confirm).await.expect("confirming");
            }
        }
        self.app.run_jobs().await;
        self.go_back_to_the_old_model().await;
    }

    /// The page of R-Card is there for shops on the old model: orders as R-Card Plus has them.
    async fn go_back_to_the_old_model(&self) {
        let (app, shop) = (&self.app, self.app.shop.id);
        let by = [app.by("tests"), app.by("tests"), app.by("tests")];
        let place = move |tx: &mut store::Tx<'_>| {
            let mut known = mall::market::rows::shop_of(tx, shop)?.expect("a shop of the mall");
            known.model = Model::Rcard;
            tx.execute_all(&[mall::market::rows::save_shop(&known)])?;
            let card = Card {
                token: "visa".into(),
                brand: "VISA".into(),
                last4: "1111".into(),
                expires: "2029/03".into(),
                owner: "TARO RAKUTEN".into(),
            };
            let amount = kernel::Yen::new(3_240).expect("yen");
            orders::place(tx, shop, amount, card.clone(), &by[0]).expect("an order");
            let held = orders::place(tx, shop, amount, card, &by[1]).expect("an order");
            orders::by_plus(tx, shop, held.number, PlusAct::Authorize, &by[2]).expect("authorizing");
            Ok::<_, StoreError>(())
        };
        app.store().write(place).await.expect("card orders");
    }

    async fn live_some_days(&mut self) {
        let (sandbox, test) = (self.app.merchant(), self.app.shop.merchant(Environment::Test));
        for n in 0..26 {
            let id = order(&sandbox, n).await;
            self.orders.push(id.clone());
            self.app.wait(HOUR);
            match n % 6 {
                0 | 3 | 4 => drop(sandbox.capture(&id).await.good()),
                1 => drop(sandbox.cancel(&id).await.good()),
                2 => drop(sandbox.change(&id, 4_320).await.good()),
                _ => {}
            }
            if n % 5 == 0 {
                let body = "この度はご注文ありがとうございます。\n本日、商品を発送いたしました。到着まで今しばらくお待ちください。";
                sandbox.notify(&id, "【茶と菓子 ちょうば】商品発送のお知らせ", body).await.good();
            }
            // The shop's server was away for some hours.
            self.receiver.always(if (8..11).contains(&n) { Behaviour::Status(503) } else { Behaviour::Status(200) });
            self.app.run_jobs().await;
            self.app.wait(2 * HOUR);
        }
        self.receiver.always(Behaviour::Status(200));
        for n in 0..3 {
            order(&test, n).await;
        }
        order(&self.other.sandbox(), 0).await;
        sandbox.create(&Sale::of(1_080).card("insufficient_funds")).await;
        self.open_order = order(&sandbox, 4).await;
        self.app.run_jobs().await;
    }

    /// What the operator is answered who sends what the document gives as an example, of the first shop
    /// and its test keys.
    pub async fn asked(&self, method: &str, path: &str) -> Value {
        let target = path.replace("{shop}", &self.app.shop.id.to_string()).replace("{environment}", "test");
        let request = operations::example(method, &target, operations::operation(method, path));
        let request = request.header("authorization", format!("Bearer {}", self.operator));
        self.app.http.send(&request).await.good()
    }

    /// A browser with somebody of the staff logged in.
    pub async fn browser(&self, language: &str) -> Browser {
        let browser = Browser::start(language).await;
        self.log_in(&browser, OWNER).await;
        browser
    }

    /// Logs in, as a person does.
    pub async fn log_in(&self, browser: &Browser, email: &str) {
        browser.open(&format!("{}/login", self.base)).await;
        browser.fill("#email", email).await;
        browser.fill("#password", PASSWORD).await;
        browser.click("main form button.wide").await;
        browser.until("logged in", "return !location.pathname.startsWith('/login')").await;
    }

    pub async fn finish(self) {
        self.app.finish().await;
    }
}

async fn make_staff(app: &TestApp, staff: Staff) {
    let hash = Passwords::default().hash(PASSWORD.to_owned(), &*app.entropy).await;
    let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::insert(&staff, &hash, tx.machine_now())]);
    app.store().write::<_, StoreError, _>(write).await.expect("writing an account");
}

/// The n-th order: its number.
async fn order(merchant: &Merchant, n: usize) -> String {
    let good = |n: usize| GOODS[n % GOODS.len()];
    let items: Vec<(&str, &str, u32, i64)> = (0..1 + n % 3)
        .map(|line| {
            let (id, name, price) = good(n + line * 2);
            (id, name, 1 + (line % 2) as u32, price)
        })
        .collect();
    let (last, first, last_kana, first_kana) = BUYERS[n % BUYERS.len()];
    let buyer = json!({
        "id": format!("buyer-{}", n % BUYERS.len()), "email": format!("buyer-{}@example.com", n % BUYERS.len()),
        "last_name": last, "first_name": first, "last_name_kana": last_kana, "first_name_kana": first_kana,
    });
    let address = json!({
        "country": "JPN", "last_name": last, "first_name": first, "last_name_kana": last_kana,
        "first_name_kana": first_kana, "address_zip": "1580094", "address_state": "東京都", "address_city": "世田谷区",
        "address_line": "玉川1-14-1 楽天クリムゾンハウス 12階", "tel": "0312345678",
    });
    let card = ["visa", "mastercard", "jcb", "amex"][n % 4];
    let sale = Sale::items(&items).card(card).with("buyer", buyer).with("address", address);
    let sale = sale.with("cart_id", format!("cart-{:05}", n + 1)).point(if n % 4 == 1 { 300 } else { 0 });
    merchant.sell(&sale).await
}

impl World {
    /// Addresses to be looked at besides those that links lead to first: an order in each state, that
    /// endpoint, that shop.
    pub fn more(&self) -> Vec<String> {
        let newest = self.orders.iter().rev().take(6);
        let orders = newest.map(|number| format!("/dashboard/sandbox/orders/{number}"));
        let others = [
            format!("/dashboard/sandbox/webhooks/{}", self.pinned),
            format!("/operator/shops/{}/registration", self.unregistered),
            // No link of the page leads there while there is no other operator.
            format!("/operator/operators/{}/revoke", self.only_operator),
        ];
        orders.chain(others).collect()
    }
}
