//! Orders of the demo shop on the marketplace, in every status: placed, confirmed, shipped and settled by the real operations
//! on a clock that starts in the past.

use std::sync::atomic::Ordering;

use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp};
use mall::code::{Carrier, Progress, Reason, Restock};
use mall::market::{Script, Seen, Undone, Verdict, WORLD, act, place, rows};
use mall::order::{Day, Order, OrderNumber, Parcel};
use mall::progress::{Edit, Event};
use mall::scenario::Scenario;
use shop::By;
use store::work::Hands;
use store::{Store, StoreError, Tx, timer};

use super::StoryClock;
use crate::system::OsEntropy;
use crate::wiring::Wired;

const HOUR_MICROS: i64 = 3_600 * MICROS_PER_SECOND;
/// Longer than the mall's other parties take to answer.
const ANSWERED_MICROS: i64 = 2 * MICROS_PER_SECOND;

/// How far the shop takes an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// It does nothing.
    None,
    /// It confirms.
    Confirms,
    /// It ships on the same day.
    Ships,
    /// It ships, and the buyer sends the goods back; the company of the deferred payment takes nothing back.
    ShipsInVain,
    /// It is out of stock.
    Cancels,
    /// It adds something that is not paid yet.
    Adds,
}

/// Orders placed so many hours before now, and what the shop does about them.
const DAYS: [(i64, &[(Scenario, Care)]); 5] = [
    (
        47 * 24,
        &[
            (Scenario::CardOk, Care::Ships),
            (Scenario::PrepaidOk, Care::Ships),
            (Scenario::DeferredOk, Care::Ships),
            (Scenario::Cod, Care::Ships),
            (Scenario::CouponsAndPoints, Care::Ships),
            (Scenario::PrepaidNeverPaid, Care::Confirms),
        ],
    ),
    (
        20 * 24,
        &[
            (Scenario::CardOk, Care::Ships),
            (Scenario::MultiDestination, Care::Ships),
            (Scenario::Gift, Care::Ships),
            (Scenario::MixedTax, Care::Cancels),
        ],
    ),
    (
        36,
        &[
            (Scenario::ConvenienceStore, Care::Ships),
            (Scenario::Island, Care::Ships),
            (Scenario::PointsOnly, Care::Ships),
            (Scenario::DeferredOk, Care::ShipsInVain),
        ],
    ),
    (
        12,
        &[
            (Scenario::CardOk, Care::Confirms),
            (Scenario::Pickup, Care::Confirms),
            (Scenario::ManyParcels, Care::Confirms),
            (Scenario::DeferredNgThenChanged, Care::Confirms),
            (Scenario::PrepaidOk, Care::Adds),
        ],
    ),
    (
        1,
        &[
            (Scenario::CardRefused, Care::Confirms),
            (Scenario::PrepaidNeverPaid, Care::Confirms),
            (Scenario::DeferredOnHold, Care::Confirms),
            (Scenario::FraudNg, Care::Confirms),
            (Scenario::SocialGift, Care::None),
            (Scenario::NeedsApproval, Care::None),
            (Scenario::PostageUnset, Care::None),
            (Scenario::Reservation, Care::None),
            (Scenario::Generated, Care::None),
            (Scenario::Generated, Care::None),
            (Scenario::Generated, Care::None),
        ],
    ),
];

/// Tells the story up to `until`, unless the shop has orders already.
pub async fn play(wired: &Wired, shop: ShopId, clock: &StoryClock, until: Timestamp) -> anyhow::Result<()> {
    let known = wired.market.store().read(move |tx| rows::has_orders(tx, shop)).await?;
    if known {
        return Ok(());
    }
    let bazaar = Bazaar { wired, shop, clock };
    for (hours, orders) in DAYS {
        let morning = until.plus_micros(-hours * HOUR_MICROS);
        bazaar.pass(morning).await?;
        let mut placed = Vec::with_capacity(orders.len());
        for (scenario, care) in orders {
            placed.push((bazaar.place(*scenario, *care).await?, *care));
        }
        for (number, _) in placed.iter().filter(|(_, care)| *care != Care::None) {
            bazaar.happen(*number, |_| Event::Confirm).await?;
        }
        // One party answers after another: the acquirer, the buyer, the fraud check.
        for answers in 1..=4 {
            bazaar.pass(morning.plus_micros(answers * ANSWERED_MICROS)).await?;
        }
        for (number, care) in placed {
            bazaar.care(number, care).await?;
        }
    }
    bazaar.pass(until).await
}

struct Bazaar<'a> {
    wired: &'a Wired,
    shop: ShopId,
    clock: &'a StoryClock,
}

impl Bazaar<'_> {
    fn store(&self) -> &Store {
        self.wired.market.store()
    }

    /// Lets time pass, working off what becomes due at its instant.
    async fn pass(&self, until: Timestamp) -> anyhow::Result<()> {
        let (shop, background, market) = (self.shop, self.wired.background(), self.wired.market.clone());
        loop {
            let market = market.clone();
            let due = move |tx: &mut Tx<'_>| {
                let answers = market.next_due(tx, shop)?;
                Ok::<_, StoreError>([timer::next_due(tx, shop, WORLD)?, answers].into_iter().flatten().min())
            };
            let next = self.store().read(due).await?;
            let now = next.filter(|due| *due < until).unwrap_or(until);
            self.clock.0.fetch_max(now.micros(), Ordering::SeqCst);
            while background.round().await?.taken > 0 {}
            if now == until {
                return Ok(());
            }
        }
    }

    fn by(&self) -> By {
        By::new(self.store().machine_now(), &OsEntropy, super::ACTOR.into(), "choba serve --demo".into())
    }

    async fn place(&self, scenario: Scenario, care: Care) -> anyhow::Result<OrderNumber> {
        let (shop, by) = (self.shop, self.by());
        let write = move |tx: &mut Tx<'_>| {
            let mall = rows::shop_of(tx, shop)?.ok_or(Undone::NoSuchShop)?;
            let serial = rows::reserve_serials(tx, shop, 1)?.ok_or(Undone::NoSuchShop)?;
            let now = tx.machine_now();
            let (order, mut script) = scenario.order(mall.rms_id, serial, now).ok_or(Undone::NoSuchShop)?;
            if care == Care::ShipsInVain {
                script = Script { billings: vec![Verdict::Yes, Verdict::No], ..script };
            }
            place(tx, shop, order, script, &by)
        };
        Ok(self.store().write(write).await?.number)
    }

    /// Something happens to an order; what the engine refuses is not part of the story.
    async fn happen(
        &self,
        number: OrderNumber,
        what: impl Fn(Seen<'_>) -> Event + Send + 'static,
    ) -> anyhow::Result<()> {
        let (shop, by) = (self.shop, self.by());
        let write = move |tx: &mut Tx<'_>| act(tx, shop, number, &by, |seen| Ok::<_, Undone>(what(seen)));
        match self.store().write(write).await {
            Ok(_) | Err(Undone::Refused(_)) => Ok(()),
            Err(undone) => Err(undone.into()),
        }
    }

    async fn care(&self, number: OrderNumber, care: Care) -> anyhow::Result<()> {
        let reason = Reason::OutOfStock;
        match care {
            Care::None | Care::Confirms => Ok(()),
            Care::Ships => self.happen(number, shipped).await,
            Care::ShipsInVain => {
                self.happen(number, shipped).await?;
                // The night after, and the answers to it.
                let night = self.store().machine_now().jst_date().plus_days(1).start();
                self.pass(night).await?;
                self.pass(night.plus_micros(2 * ANSWERED_MICROS)).await?;
                let reason = Reason::CustomerReturn;
                self.happen(number, move |_| Event::ShopCancelsAfterShipping { reason, restock: Restock::Restore })
                    .await
            }
            Care::Cancels => {
                self.happen(number, move |_| Event::ShopCancels { reason, restock: Restock::AsItem }).await
            }
            Care::Adds => {
                self.happen(number, move |seen| {
                    let mut order = seen.order.clone();
                    order.packages[0].items[0].units += 1;
                    Event::Edited(Box::new(Edit { order, reason: None, method: None }))
                })
                .await
            }
        }
    }
}

/// One parcel for every package, today.
fn shipped(seen: Seen<'_>) -> Event {
    let mut order: Order = seen.order.clone();
    debug_assert_ne!(order.progress, Progress::AwaitingConfirmation);
    let date = Day(seen.now.jst_date());
    for index in 0..order.packages.len() {
        let id = i64::from(order.next_id());
        let number = Some(format!("4000-{:04}-{id:04}", index + 1));
        let parcel = Parcel { id, number, carrier: Some(Carrier::Yamato), date: Some(date) };
        order.packages[index].parcels = vec![parcel];
    }
    Event::ShippingChanged { order: Box::new(order) }
}
