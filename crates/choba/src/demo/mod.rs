//! `--demo`: a shop with a few weeks of charges, made by the real operations on a clock that starts in the past.

mod bazaar;
mod market;
pub mod stall;
mod story;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context as _;
use kernel::{ChargeNumber, Clock, Environment, ShopId, Timestamp};
use pay::attempt::{Requester, Work, rows as attempt_rows};
use pay::charge::list::{Filter, PaymentFilter};
use pay::charge::rows;
use pay::gateway::{Answer, Change};
use pay::mail::MailSettings;
use pay::mail::deliver::Carrier;
use shop::staff::Email;
use shop::{Credential, CredentialKind, Duties, Role, Staff};
use store::audit::{self, NewEntry};
use store::{Database, PostgresOptions, Store, StoreError};

use crate::opened::{self, Opened};
use crate::shops;
use crate::staff::{self, Password};
use crate::system::OsEntropy;
use crate::wiring::{self, Parts, Wired};
use story::{Act, Scene};

/// Where the shop reads its own mails: in a domain that nobody has.
const CONTACT_ADDRESS: &str = "shop@example.com";
/// Days that the story covers.
const DAYS: i64 = 28;

/// Days that the orders of the marketplace go back: some of them are paid out.
const LONGER: i64 = 48;

/// A clock that stands where it is put.
struct StoryClock(AtomicI64);

impl Clock for StoryClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

/// Who asks for everything that the story tells.
const ACTOR: &str = "demo";
/// The audit row that says that the story was told to its end.
const TOLD: &str = "demo-told";

/// How far the story of a shop was told.
enum Told {
    /// Not at all.
    Nothing,
    /// Up to this instant: the process that told it died.
    Until(Timestamp),
    /// To its end; or the shop has charges of its own.
    Enough,
}

/// Makes the shop and its charges, or the rest of them, unless it has charges of its own. Blocks; call it outside of a
/// runtime.
pub fn fill(opened: &Opened) -> anyhow::Result<()> {
    let vault = opened.vault()?;
    let shop = shops::ensure_first(&opened.store, &vault, &OsEntropy)?;
    market::open(&opened.store, vault.clone(), shop.id).context("the demo shop on the marketplace")?;
    let after = match told(&opened.store, shop.id)? {
        Told::Enough => return Ok(()),
        Told::Nothing => None,
        Told::Until(at) => Some(at),
    };
    let until = opened.clock.now();
    let clock = Arc::new(StoryClock(AtomicI64::new(until.jst_date().plus_days(-LONGER).start().micros())));
    let store = Store::open(unhurried(opened), &wiring::migrations(), clock.clone())
        .context("opening the database for --demo")?;
    let carrier = wiring::carrier(&opened.settings)?;
    let keeps_mails = matches!(carrier, Carrier::Mailbox);
    // A mailbox with four weeks of mails; a real mail server gets only what happens from now on.
    set_mails(&store, shop.id, keeps_mails)?;
    let wired = Wired::new(Parts {
        store,
        vault,
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        base_url: opened.settings.base_url(opened.settings.listen),
        acquirer_timeout: opened.settings.acquirer_timeout,
        late_after: opened.settings.acquirer_timeout,
        request_log: opened.settings.request_log,
        carrier,
        guard: opened.settings.guard(),
        webhook_limits: pay::webhook::Limits::default(),
        // The story captures and cancels within these.
        windows: pay::charge::Windows::USUAL,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(bazaar::play(&wired, shop.id, &clock, until)).context("orders of the marketplace")?;
    let mut dice = Dice(u64::from_be_bytes(kernel::outside::random_bytes(&OsEntropy)));
    let mut scenes = story::write(until.jst_date().plus_days(-DAYS), until, &mut dice);
    scenes.retain(|scene| after.is_none_or(|after| after < scene.at));
    runtime.block_on(play(&wired, shop.id, &clock, scenes))?;
    if !keeps_mails {
        set_mails(&opened.store, shop.id, true)?;
    }
    note_told(&opened.store, shop.id)
}

/// The database, whose commits need not be on the disk one by one: nobody hears of the story before [`note_told`], whose
/// commit takes everything before it along, and a story that broke off is told to its end.
fn unhurried(opened: &Opened) -> Database {
    match opened::database(&opened.settings.database) {
        Database::Postgres(options) => Database::Postgres(PostgresOptions { durable_later: true, ..options }),
        Database::Sqlite(options) => Database::Sqlite(options),
    }
}

fn note_told(store: &Store, shop: ShopId) -> anyhow::Result<()> {
    store.write_blocking::<_, StoreError, _>(move |tx| {
        let (at, object) = (tx.machine_now(), format!("sandbox of shop {shop}"));
        let (origin, action) = ("choba serve --demo", "demo.fill");
        let entry = NewEntry { shop, id: TOLD, at, actor: ACTOR, origin, action, object: &object, fields: "{}" };
        tx.execute_all(&[audit::record(&entry)])
    })?;
    Ok(())
}

fn set_mails(store: &Store, shop: ShopId, automatic: bool) -> anyhow::Result<()> {
    let settings =
        MailSettings { automatic, contact_address: Some(CONTACT_ADDRESS.parse()?), sender_name: None, opening: None };
    store.write_blocking(move |tx| tx.execute_all(&[pay::mail::rows::save_settings(shop, &settings)]))?;
    Ok(())
}

fn told(store: &Store, shop: ShopId) -> Result<Told, StoreError> {
    store.read_blocking(move |tx| {
        if audit::is_recorded(tx, shop, TOLD)? {
            return Ok(Told::Enough);
        }
        Ok(match attempt_rows::first_and_last(tx, shop, Environment::Sandbox)? {
            None => Told::Nothing,
            // Nobody else could ask for anything before the end of the story.
            Some([(first, _), (last, at)]) if first == ACTOR && last == ACTOR => Told::Until(at),
            Some(_) => Told::Enough,
        })
    })
}

/// Plays the scenes in the order of their instants.
async fn play(wired: &Wired, shop: ShopId, clock: &StoryClock, scenes: Vec<Scene>) -> anyhow::Result<()> {
    let mut numbers: BTreeMap<usize, ChargeNumber> = BTreeMap::new();
    for Scene { at, order, act } in scenes {
        clock.0.store(at.micros(), Ordering::SeqCst);
        let requester = Requester { actor: ACTOR.into(), origin: "choba serve --demo".into() };
        let change = Change { shop, environment: Environment::Sandbox, key: None, requester };
        let work = match act {
            Act::Pay(order_of_buyer) => {
                let base = format!("{}/openid/user/", wired.gateway.base_url());
                let paid = wired.gateway.pay(change, order_of_buyer.into_order(&base)).await;
                if let Ok(Answer::Charge(snapshot, _)) = paid {
                    numbers.insert(order, snapshot.number()?);
                }
                continue;
            }
            Act::Capture => Work::Capture,
            Act::Cancel => Work::Cancel,
            Act::Change(items) => Work::Change(items),
        };
        // A refused card made no charge: the rest of its story does not happen.
        let Some(number) = numbers.get(&order) else { continue };
        let done = wired.gateway.change(change, *number, work).await;
        done.map_err(|error| anyhow::anyhow!("{}: {}", error.code, error.message))?;
    }
    Ok(())
}

/// Address of the account that the shop of --demo has.
const OWNER: &str = "owner@shop.example";

/// Makes the owner's account, or gives it another password: this one is shown once, when the server is ready. Blocks.
pub fn owner(opened: &Opened) -> anyhow::Result<String> {
    let shop = shops::ensure_first(&opened.store, &*opened.vault()?, &OsEntropy)?;
    let email: Email = OWNER.parse()?;
    // It stands on the screen of who started the server: nobody else has seen it.
    let text = shop::staff::random_password(&OsEntropy);
    let password = Password::Own(text.clone());
    if !staff::reset(opened, &email, &password)? {
        // Whoever starts a demo runs the server, and has a look at Live too.
        let staff = Staff { duties: Duties::of(&[Role::Owner], true), ..Staff::new(shop.id, email, false, &OsEntropy) };
        staff::add(opened, &staff, &password)?;
        let live =
            move |tx: &mut store::Tx<'_>| tx.execute_all(&[shop::rows::register_live(shop.id, tx.machine_now())]);
        opened.store.write_blocking::<_, store::StoreError, _>(live)?;
    }
    Ok(text)
}

/// What to try next, for standard output.
pub fn advice(opened: &Opened, url: &str, password: &str) -> anyhow::Result<String> {
    let vault = opened.vault()?;
    let sealed = opened.store.read_blocking(shop::rows::credentials)?;
    let key = sealed
        .into_iter()
        .rfind(|sealed| sealed.environment == Environment::Sandbox && sealed.kind == CredentialKind::PrivateKey)
        .context("the shop has no sandbox key")?;
    let key: Credential = key.open(&vault)?;
    let provisional = PaymentFilter { captured: Some(false), refunded: Some(false), ..PaymentFilter::default() };
    let shop = key.shop;
    let newest = opened.store.read_blocking(move |tx| {
        let filter = Filter { payment: provisional, ..Filter::default() };
        let page = pay::charge::list::Page { limit: 1, offset: 0, starting_after: None };
        rows::page(tx, shop, Environment::Sandbox, &filter, &page)
    })?;
    let number = newest.first().map_or("ORDER_NUMBER".to_owned(), |charge| charge.number.to_string());
    let key = key.value;
    let (buyer, buyer_password) = pay::buyer::READY_MADE;
    Ok(format!(
        "choba is ready at {url} (sandbox; keys: choba keys). Try next:

  # 決済リスト: the newest provisional sales
  curl -g -u {key}: '{url}/sandbox/v1/charges?payment[paid]=true&payment[captured]=false&limit=3'

  # 確定: capture one of them
  curl -u {key}: -X POST -H 'Idempotency-Key: try-{number}' {url}/sandbox/v1/charges/{number}/capture

  # a new charge, as if a buyer had paid
  curl -u {key}: -H 'Content-Type: application/json' {url}/api/test_helpers/charges \\
    -d '{{\"items\":[{{\"id\":\"tea-01\",\"name\":\"煎茶 100g\",\"unit_price\":1080,\"quantity\":2}}]}}'

Demo shop: {url}/demo/shop  (buyer: {buyer} / {buyer_password}, card 4111 1111 1111 1111)
Pages: {url}/login  {OWNER}  {password}
API reference: {url}/api/docs
"
    ))
}

/// Small random numbers for the story; not for keys.
pub struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides.max(1)
    }

    /// One of `choices`.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.roll(choices.len() as u64) as usize]
    }
}
