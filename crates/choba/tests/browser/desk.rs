//! What the paths share: server, shop's site, browser, and the steps that most paths take.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use kernel::Environment;
use testkit::browser::{Browser, Scheme};
use testkit::{Button, Engine, Receiver, Setup, TestApp};

use crate::shop::Shop;

/// How long the answer to `charge.check` is waited for.
pub const LIMIT: Duration = Duration::from_secs(3);

/// The page that is not ours.
const SHOPS_OWN: &str = "shop";
/// Approved.
pub const VISA: &str = "4111111111111111";

/// Everything that a path needs.
pub struct Desk {
    /// The server.
    pub app: TestApp,
    /// The shop's site.
    pub shop: Shop,
    /// The browser.
    pub browser: Browser,
    /// The shop's server, asked by `charge.check` where a path subscribes it.
    pub receiver: Receiver,
    /// Where our server is.
    pub ours: String,
    charges: usize,
    buyers: usize,
    /// Names of the pages that were looked at.
    looked: RefCell<HashSet<String>>,
}

impl Desk {
    pub async fn start() -> Desk {
        let limits = pay::webhook::Limits { check: LIMIT, ..pay::webhook::Limits::default() };
        let app = TestApp::start(Engine::Sqlite, Setup { webhook_limits: limits, ..Setup::default() }).await;
        let shop = Shop::start().await;
        app.open_shop_page(app.shop.id, &shop.origin).await;
        let (browser, receiver) = (Browser::start("ja").await, Receiver::plain().await);
        browser.with_axe().await;
        let ours = format!("http://{}", app.address());
        Desk { app, shop, browser, receiver, ours, charges: 0, buyers: 0, looked: RefCell::default() }
    }

    /// Walks one path; it says how many charges came of it.
    pub async fn path(&mut self, name: &str, walk: impl AsyncFn(&mut Desk) -> usize) {
        println!("{name}");
        self.browser.forget().await;
        // What the button keeps is kept for its page and window.
        self.browser.open(&self.shop.origin).await;
        self.browser.script("sessionStorage.clear()").await;
        self.browser.resize(1_280, 1_000).await;
        let made = walk(self).await;
        self.app.settle().await;
        let now = self.charge_count().await;
        assert_eq!(now - self.charges, made, "charges of {name:?}");
        self.charges = now;
    }

    pub async fn finish(self) {
        let Desk { app, browser, .. } = self;
        drop(browser);
        app.finish().await;
    }

    /// How many charges there are, as the LITE API says.
    pub async fn charge_count(&self) -> usize {
        let list = self.app.merchant().get("/charges?limit=1").await.good();
        list["total"].as_u64().expect("a total") as usize
    }

    /// A button for this price.
    pub fn button(&self, unit_price: i64) -> Button {
        Button::of(&self.app.shop, Environment::Sandbox, unit_price)
    }

    /// Opens the shop's page with one button.
    pub async fn shop_page(&self, unit_price: i64) {
        let url = self.shop.shows(&self.ours, "ja", &[self.button(unit_price)], "");
        self.browser.open(&url).await;
    }

    /// Presses the button and goes over to the window of the checkout; the shop's window and that one.
    pub async fn press_button(&self) -> (String, String) {
        let known = self.browser.windows().await;
        self.browser.click("button.checkout-lite").await;
        let opened = self.browser.to_new_window(&known).await;
        (known[0].clone(), opened)
    }

    /// Makes a new account.
    pub async fn sign_up(&mut self) {
        self.buyers += 1;
        let email = format!("buyer-{}@example.com", self.buyers);
        let browser = &self.browser;
        browser.click("a[href$='/signup']").await;
        // The page before has fields of the same names.
        browser.find("#last_name").await;
        for (css, text) in [
            ("#email", email.as_str()),
            ("#password", "choba-choba"),
            ("#last_name", "楽天"),
            ("#first_name", "太郎"),
            ("#last_name_kana", "ラクテン"),
            ("#first_name_kana", "タロウ"),
        ] {
            browser.fill(css, text).await;
        }
        self.shot("signup").await;
        self.browser.click("main form button.wide").await;
    }

    /// Types a card.
    pub async fn add_card(&self, number: &str) {
        let browser = &self.browser;
        browser.fill("#number", number).await;
        browser.fill("#expiry", "12/30").await;
        browser.fill("#security_code", "123").await;
        browser.fill("#holder", "TARO RAKUTEN").await;
        self.shot("card").await;
        browser.click("form[autocomplete='on'] button").await;
    }

    /// Types an address; the name is there already.
    pub async fn add_address(&self) {
        let browser = &self.browser;
        for (css, text) in [
            ("#address_zip", "158-0094"),
            ("#address_state", "東京都"),
            ("#address_city", "世田谷区"),
            ("#address_line", "玉川1-14-1"),
            ("#tel", "03-1234-5678"),
        ] {
            browser.fill(css, text).await;
        }
        self.shot("address").await;
        browser.click("main form button.wide:not(.second)").await;
    }

    /// From the button to the confirmation, with this card; the shop's window and the checkout's.
    pub async fn up_to_confirm(&mut self, unit_price: i64, card: &str) -> (String, String) {
        self.shop_page(unit_price).await;
        self.shot("shop").await;
        let windows = self.press_button().await;
        self.browser.find("#password").await;
        self.shot("login").await;
        self.go_through_pages(card).await;
        windows
    }

    /// From the log-in to the confirmation.
    pub async fn go_through_pages(&mut self, card: &str) {
        self.sign_up().await;
        self.add_card(card).await;
        self.browser.find("#points").await;
        self.shot("points").await;
        self.browser.click("main form button.wide").await;
        self.add_address().await;
        self.browser.find("#pay").await;
        self.shot("confirm").await;
    }

    /// How many visits to the checkout were opened.
    pub async fn sessions(&self) -> i64 {
        let count = |tx: &mut store::Tx<'_>| tx.query_one("SELECT count(*) FROM checkout_session", &[])?.int(0);
        self.app.store().read::<_, store::StoreError, _>(count).await.expect("counting sessions")
    }

    /// Back in the shop's window, the callback must have been told of one charge.
    pub async fn shop_is_told(&self, shop_window: &str) {
        self.browser.to_window(shop_window).await;
        self.browser.sees("paid ").await;
        let told = self.browser.script("return window.told").await;
        let told = told.as_array().expect("what was told");
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["object"], "charge");
        assert_eq!(told[0]["cipher"].as_str().map(str::len), Some(64));
    }

    /// Looks at a page of ours when a path comes by for the first time: it is accessible in light and dark, wide and
    /// narrow. A picture of it is kept where `CHOBA_TEST_PICTURES` says.
    pub async fn shot(&self, name: &str) {
        if name == SHOPS_OWN || !self.looked.borrow_mut().insert(name.to_owned()) {
            return;
        }
        let folder = std::env::var_os("CHOBA_TEST_PICTURES").map(PathBuf::from);
        for (width, scheme, kind) in
            [(390, Scheme::Dark, None), (390, Scheme::Light, Some("phone")), (1_280, Scheme::Dark, Some("dark"))]
                .into_iter()
                .chain([(1_280, Scheme::Light, Some("desktop"))])
        {
            self.browser.resize(width, 1_000).await;
            self.browser.prefer(scheme).await;
            let barriers = self.browser.barriers().await;
            assert!(barriers.is_empty(), "{name}, {width} px, {}: {}", scheme.as_str(), barriers.join("\n"));
            if let (Some(folder), Some(kind)) = (&folder, kind) {
                let picture = self.browser.picture().await;
                let file = folder.join(format!("checkout-{name}.{kind}.png"));
                std::fs::write(file, picture).expect("writing a picture");
            }
        }
    }
}
