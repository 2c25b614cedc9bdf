//! A shop of the mall inside a test server, with its buyers.

use std::sync::atomic::{AtomicU32, Ordering};

use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp};
use mall::code::{Carrier, Progress, Status};
use mall::market::{MallShop, Script, Seen, Undone, act, ask_again, place, rows};
use mall::order::{Day, Order, OrderNumber, Parcel};
use mall::progress::{Confirmation, Event, Notice};
use mall::scenario::Scenario;
use shop::By;
use store::StoreError;
use testkit::app::TestApp;

pub const RMS_ID: u32 = 123_456;

pub struct Bazaar<'a> {
    pub app: &'a TestApp,
    pub shop: ShopId,
    acts: AtomicU32,
}

impl<'a> Bazaar<'a> {
    pub async fn open(app: &'a TestApp) -> Bazaar<'a> {
        let bazaar = Bazaar { app, shop: app.shop.id, acts: AtomicU32::new(0) };
        let shop = MallShop::new(bazaar.shop, RMS_ID, "tea-shop");
        let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::insert_shop(&shop)]);
        app.store().write::<_, StoreError, _>(write).await.unwrap();
        bazaar
    }

    pub async fn set(&self, confirmation: Confirmation) {
        let shop = MallShop { confirmation, ..MallShop::new(self.shop, RMS_ID, "tea-shop") };
        let write = move |tx: &mut store::Tx<'_>| tx.execute_all(&[rows::save_shop(&shop)]);
        self.app.store().write::<_, StoreError, _>(write).await.unwrap();
    }

    fn by(&self) -> By {
        let number = self.acts.fetch_add(1, Ordering::Relaxed);
        By::named(format!("{number:032x}"), "tests", "tests")
    }

    pub async fn now(&self) -> Timestamp {
        self.app.now(self.shop).await
    }

    pub async fn place(&self, scenario: Scenario) -> OrderNumber {
        self.place_with(scenario, |_, _| {}).await
    }

    pub async fn place_with(&self, scenario: Scenario, change: impl Fn(&mut Order, &mut Script)) -> OrderNumber {
        let (shop, by, now) = (self.shop, self.by(), self.now().await);
        let serial = move |tx: &mut store::Tx<'_>| rows::reserve_serials(tx, shop, 1);
        let serial = self.app.store().write(serial).await.unwrap().unwrap();
        let (mut order, mut script) = scenario.order(RMS_ID, serial, now).unwrap();
        change(&mut order, &mut script);
        let write = move |tx: &mut store::Tx<'_>| place(tx, shop, order.clone(), script.clone(), &by);
        self.app.store().write(write).await.unwrap().number
    }

    pub async fn act(
        &self,
        number: OrderNumber,
        what: impl Fn(Seen<'_>) -> Event + Send + 'static,
    ) -> Result<Order, Undone> {
        let (shop, by) = (self.shop, self.by());
        let write = move |tx: &mut store::Tx<'_>| act(tx, shop, number, &by, |seen| Ok::<_, Undone>(what(seen)));
        self.app.store().write(write).await
    }

    pub async fn happen(&self, number: OrderNumber, event: Event) -> Result<Order, Undone> {
        self.act(number, move |_| event.clone()).await
    }

    pub async fn ask_again(&self, number: OrderNumber) -> Result<usize, Undone> {
        let (shop, by) = (self.shop, self.by());
        self.app.store().write(move |tx| ask_again(tx, shop, number, &by)).await
    }

    pub async fn order(&self, number: OrderNumber) -> Order {
        let shop = self.shop;
        self.app.store().read(move |tx| rows::find(tx, shop, number)).await.unwrap().unwrap()
    }

    /// Progress and payment status.
    pub async fn stands(&self, number: OrderNumber) -> (Progress, Option<Status>) {
        let order = self.order(number).await;
        (order.progress, order.payment().map(|payment| payment.status))
    }

    pub async fn told(&self, number: OrderNumber) -> Vec<Notice> {
        let shop = self.shop;
        let read = move |tx: &mut store::Tx<'_>| rows::notices(tx, shop, number);
        self.app.store().read(read).await.unwrap().into_iter().map(|(notice, _)| notice).collect()
    }

    pub async fn seconds(&self, seconds: i64) {
        let to = self.now().await.plus_micros(seconds * MICROS_PER_SECOND);
        self.app.advance(self.shop, to).await;
    }

    pub async fn days(&self, days: i64) {
        self.seconds(days * 86_400).await;
    }

    /// Confirms an order and waits until nobody has anything to answer any more.
    pub async fn confirm(&self, number: OrderNumber) {
        self.happen(number, Event::Confirm).await.unwrap();
        self.seconds(10).await;
    }

    /// Registers one complete parcel for every package, leaving so many days from now.
    pub async fn ship(&self, number: OrderNumber, in_days: i64) -> Result<Order, Undone> {
        self.act(number, move |seen| {
            let mut order = seen.order.clone();
            let date = Day(seen.now.jst_date().plus_days(in_days));
            for index in 0..order.packages.len() {
                let id = i64::from(order.next_id());
                let parcel =
                    Parcel { id, number: Some("1234".into()), carrier: Some(Carrier::Yamato), date: Some(date) };
                order.packages[index].parcels = vec![parcel];
            }
            Event::ShippingChanged { order: Box::new(order) }
        })
        .await
    }

    /// The ledger of an order: received, promised, given back, taken back, paid out are netted into what the mall has and
    /// owes, in yen.
    pub async fn balance(&self, number: OrderNumber) -> Balance {
        let (shop, number) = (self.shop, number.to_string());
        let read = move |tx: &mut store::Tx<'_>| ledger::lines_after(tx, shop, mall::market::WORLD, ("", 0), 100_000);
        let lines = self.app.store().read(read).await.unwrap();
        let mut balance = Balance::default();
        for line in lines.into_iter().map(Result::unwrap).filter(|line| line.reference == number) {
            let yen = line.movement.amount().get();
            for (account, yen) in [(line.movement.debit(), yen), (line.movement.credit(), -yen)] {
                match account {
                    ledger::Account::MallFunds => balance.funds += yen,
                    ledger::Account::MallPromotion => balance.promotion += yen,
                    ledger::Account::MallPayable => balance.payable -= yen,
                    other => panic!("{other} in an entry of the mall"),
                }
            }
        }
        balance
    }
}

/// Sums of an order's ledger lines, in yen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What the mall got and did not pay out.
    pub funds: i64,
    /// What it paid by itself.
    pub promotion: i64,
    /// What it owes the shop.
    pub payable: i64,
}
