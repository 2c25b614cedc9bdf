//! Purchases through the checkout's own operations, without pages: a visit is opened, the buyer chooses, confirms, the shop
//! is asked (`charge.check`), the card is authorized. Each is durable when it counts. For `cargo xtask bench`.
//!
//! Figures for people: nothing here is near money, so fractions are allowed.
#![allow(clippy::float_arithmetic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use acquirer::{CardDetails, SecurityCode};
use anyhow::{Context as _, ensure};
use choba::system::Stopwatch;
use kernel::outside::sortable_hex;
use kernel::{Environment, ShopId};
use pay::Gateway;
use pay::buyer::address::Typed;
use pay::buyer::{Account, rows as buyer_rows};
use pay::charge::{Item, Items};
use pay::checkout::open::Opening;
use pay::checkout::origin::{self, Origin};
use pay::checkout::signature::{self, Signed};
use pay::checkout::{Bounds, Checkout, NotDone, SessionId, Visitor};
use pay::http::limit::Rate;
use pay::webhook::endpoint::{Endpoint, Key, State};
use pay::webhook::{EventType, rows as endpoint_rows};
use serde::Serialize;
use shop::CredentialKind;
use shop::password::Passwords;
use store::{StoreError, Tx};

const SANDBOX: Environment = Environment::Sandbox;
const ORIGIN: &str = "https://shop.example";

/// What came of a run. Times are microseconds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// Purchases a second.
    pub purchases_per_second: f64,
    /// From opening the visit to the charge, half of them.
    pub p50_us: u64,
    /// The same, 99 of 100.
    pub p99_us: u64,
    /// Of a purchase, on average: opening the visit.
    pub open_us: u64,
    /// Logging in to it, choosing card and address.
    pub choose_us: u64,
    /// Confirming, all of it: asking the shop and authorizing included.
    pub confirm_us: u64,
}

/// What buyers need to buy.
struct Shopping {
    checkout: Checkout,
    shop: ShopId,
    public_key: String,
    private_key: String,
}

/// A buyer with a saved card and a saved address.
struct Buyer {
    account: Account,
    visitor: Visitor,
    card: String,
    address: String,
}

/// How long each part of a purchase took, in microseconds.
#[derive(Clone, Copy, Default)]
struct Took {
    open: u64,
    choose: u64,
    confirm: u64,
}

/// So many buyers buy over and over, each after the other's end; the first `warm_up` does not count. `check_url` is the
/// shop's server.
pub async fn run(
    gateway: &Gateway,
    shop: ShopId,
    check_url: String,
    buyers: usize,
    (warm_up, measured): (Duration, Duration),
) -> anyhow::Result<Figures> {
    let shopping = Arc::new(Shopping::open(gateway, shop, check_url).await?);
    let mut ready = Vec::with_capacity(buyers);
    for number in 0..buyers {
        ready.push(shopping.buyer(number).await?);
    }
    let (counts, stops) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let bought = Arc::new(AtomicU64::new(0));
    let mut running = tokio::task::JoinSet::new();
    for buyer in ready {
        let (shopping, counts, stops, bought) = (shopping.clone(), counts.clone(), stops.clone(), bought.clone());
        running.spawn(async move {
            let mut took = Vec::new();
            while !stops.load(Ordering::Relaxed) {
                let one = shopping.buy(&buyer).await?;
                if counts.load(Ordering::Relaxed) {
                    bought.fetch_add(1, Ordering::Relaxed);
                    took.push(one);
                }
            }
            anyhow::Ok(took)
        });
    }
    tokio::time::sleep(warm_up).await;
    counts.store(true, Ordering::Relaxed);
    let watch = Stopwatch::start();
    tokio::time::sleep(measured).await;
    let (count, elapsed) = (bought.load(Ordering::Relaxed), watch.elapsed());
    stops.store(true, Ordering::Relaxed);
    let mut took = Vec::new();
    while let Some(ended) = running.join_next().await {
        took.extend(ended.context("a buyer")??);
    }
    ensure!(!took.is_empty(), "nobody bought anything");
    Ok(figures(count as f64 / elapsed.as_secs_f64(), &took))
}

fn figures(purchases_per_second: f64, took: &[Took]) -> Figures {
    let mut whole: Vec<u64> = took.iter().map(|took| took.open + took.choose + took.confirm).collect();
    whole.sort_unstable();
    let at = |hundredths: usize| whole[(whole.len() - 1) * hundredths / 100];
    let mean = |part: fn(&Took) -> u64| took.iter().map(part).sum::<u64>() / took.len() as u64;
    Figures {
        purchases_per_second,
        p50_us: at(50),
        p99_us: at(99),
        open_us: mean(|took| took.open),
        choose_us: mean(|took| took.choose),
        confirm_us: mean(|took| took.confirm),
    }
}

impl Shopping {
    /// The shop's page may show its button, and its server is asked before each payment.
    async fn open(gateway: &Gateway, shop: ShopId, check_url: String) -> anyhow::Result<Shopping> {
        let sealed = gateway.store().read(shop::rows::credentials).await?;
        let key = |kind: CredentialKind| {
            let of = sealed.iter().find(|key| (key.shop, key.environment, key.kind) == (shop, SANDBOX, kind));
            anyhow::Ok(of.context("the shop has no keys")?.clone().open(gateway.vault())?.value)
        };
        let (public_key, private_key) = (key(CredentialKind::PublicKey)?, key(CredentialKind::PrivateKey)?);
        let id = format!("we_{}", sortable_hex(gateway.store().machine_now(), gateway.entropy()));
        let (origin, created): (Origin, _) = (ORIGIN.parse()?, gateway.store().machine_now());
        let endpoint = Endpoint {
            key: Key { shop, environment: SANDBOX, id },
            url: check_url,
            state: State::Active,
            failing_since: None,
            certificate: None,
            created,
            types: vec![EventType::Check],
        };
        let set_up = move |tx: &mut Tx<'_>| {
            tx.execute_all(&[origin::rows::insert(shop, SANDBOX, &origin), endpoint_rows::insert(&endpoint)])?;
            endpoint_rows::set_types(tx, &endpoint.key, &endpoint.types)
        };
        let taken = gateway.store().write::<_, StoreError, _>(set_up).await?;
        ensure!(taken.is_none(), "the shop has an endpoint already");
        let unbounded = Rate { requests: u32::MAX, seconds: 3_600 };
        let bounds = Bounds {
            sessions_of_an_address: unbounded,
            cards_of_a_buyer: unbounded,
            cards_of_an_address: unbounded,
            accounts_of_an_address: unbounded,
        };
        let checkout = Checkout::new(gateway.clone(), Passwords::default(), bounds);
        Ok(Shopping { checkout, shop, public_key, private_key })
    }

    /// An account that has bought once: its card and address are saved.
    async fn buyer(&self, number: usize) -> anyhow::Result<Buyer> {
        let text = str::to_owned;
        let account = Account {
            id: format!("buyer_{number:032x}"),
            email: format!("buyer-{number}@example.com"),
            last_name: text("楽天"),
            first_name: text("太郎"),
            last_name_kana: text("ラクテン"),
            first_name_kana: text("タロウ"),
        };
        let made = account.clone();
        let gateway = self.checkout.gateway();
        let insert = move |tx: &mut Tx<'_>| {
            let now = tx.machine_now();
            tx.execute_all(&[buyer_rows::insert_account(&made, "$argon2id$", now)]).map(|_| ())
        };
        gateway.store().write::<_, StoreError, _>(insert).await?;
        let address = std::net::IpAddr::from([10, 0, (number >> 8) as u8, number as u8]);
        let visitor = Visitor { buyer: account.id.clone(), address, request_id: text("bench") };
        let id = self.visit(&visitor).await?;
        let details = CardDetails {
            number: text("4111111111111111"),
            expiry_year: 2_199,
            expiry_month: 12,
            security_code: Some(text("123")),
            holder: text("TARO RAKUTEN"),
        };
        let typed = Typed {
            last_name: text("楽天"),
            first_name: text("花子"),
            last_name_kana: text("ラクテン"),
            first_name_kana: text("ハナコ"),
            address_zip: text("1580094"),
            address_state: text("東京都"),
            address_city: text("世田谷区"),
            address_line: text("玉川1-14-1"),
            tel: text("0312345678"),
        };
        let checkout = &self.checkout;
        checkout.add_card(&id, &visitor, details).await.map_err(not_done)?;
        checkout.add_address(&id, &account.id, &typed).await.map_err(not_done)?;
        let view = checkout.view(&id, Some(&account.id)).await.map_err(not_done)?;
        let card = view.card().context("a saved card")?.id.clone();
        let address = view.address().context("a saved address")?.id.clone();
        Ok(Buyer { account, visitor, card, address })
    }

    async fn visit(&self, visitor: &Visitor) -> anyhow::Result<SessionId> {
        let item = Item { id: "tea-01".into(), name: "煎茶 100g".into(), quantity: 2, unit_price: 1_080 };
        let items = Items::new(vec![item])?;
        let cart_id = Some("cart-1".to_owned());
        let signed = Signed { public_key: &self.public_key, items: items.list(), cart_id: cart_id.as_deref() };
        let signature = signature::sign(&signed, &self.private_key);
        let (public_key, origin) = (self.public_key.clone(), ORIGIN.to_owned());
        let return_url = Some(format!("{ORIGIN}/cart"));
        let opening = Opening { public_key, items, cart_id, signature, origin, return_url, on_our_page: false };
        let opened = self.checkout.open(visitor.address, opening).await;
        let id = opened.map_err(|error| anyhow::anyhow!("{}: {}", error.code, error.message))?;
        ensure!(id.shop == self.shop, "a visit to another shop");
        Ok(id)
    }

    /// One purchase, which must lead to a charge.
    async fn buy(&self, buyer: &Buyer) -> anyhow::Result<Took> {
        let (checkout, owner) = (&self.checkout, buyer.account.id.as_str());
        let watch = Stopwatch::start();
        let id = self.visit(&buyer.visitor).await?;
        let open = watch.elapsed().as_micros() as u64;
        let watch = Stopwatch::start();
        checkout.claim(&id, owner).await.map_err(not_done)?;
        checkout.choose_card(&id, owner, &buyer.card).await.map_err(not_done)?;
        checkout.choose_address(&id, owner, &buyer.address).await.map_err(not_done)?;
        let choose = watch.elapsed().as_micros() as u64;
        let watch = Stopwatch::start();
        let code = SecurityCode::new("123".to_owned());
        checkout.confirm(&id, &buyer.visitor, &buyer.account, Some(code)).await.map_err(not_done)?;
        let confirm = watch.elapsed().as_micros() as u64;
        let view = checkout.view(&id, Some(owner)).await.map_err(not_done)?;
        ensure!(view.stage.word() == "paid", "a purchase ended as {:?}", view.stage);
        Ok(Took { open, choose, confirm })
    }
}

fn not_done(why: NotDone) -> anyhow::Error {
    anyhow::anyhow!("{why:?}")
}
