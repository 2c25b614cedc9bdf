//! Timers of the marketplace that are about no order: licenceKeys that end, reports that were taken to be done later.

use shop::By;
use store::timer::{self, Timer};
use store::work::{Hands, Working};
use store::{StoreError, Tx, clock};

use crate::market::{Market, WORLD};
use crate::{licence, shipping_job};

/// Who does them. Cheap to clone.
#[derive(Clone)]
pub struct Chores {
    market: Market,
}

impl Chores {
    /// Those of a market.
    pub fn new(market: Market) -> Chores {
        Chores { market }
    }

    fn by(&self) -> By {
        By::new(self.market.store().machine_now(), self.market.entropy(), "system".into(), "mall".into())
    }
}

impl Hands for Chores {
    fn handles(&self, kind: &str) -> bool {
        [licence::END_TIMER, shipping_job::TIMER].contains(&kind)
    }

    fn fire(&self, timers: Vec<Timer>) -> Working<'_> {
        Box::pin(async move {
            let count = timers.len();
            for timer in timers {
                let by = self.by();
                self.market.store().write(move |tx| fire(tx, &timer, &by)).await?;
            }
            Ok(count)
        })
    }

    fn send(&self) -> Working<'_> {
        Box::pin(async { Ok(0) })
    }

    fn send_in_sandbox(&self, _: kernel::ShopId) -> Working<'_> {
        Box::pin(async { Ok(0) })
    }

    fn next_due(&self, _: &mut Tx<'_>, _: kernel::ShopId) -> Result<Option<kernel::Timestamp>, StoreError> {
        Ok(None)
    }
}

fn fire(tx: &mut Tx<'_>, timer: &Timer, by: &By) -> Result<(), StoreError> {
    // Who ended or moved the timer meanwhile did what is to be done.
    if tx.execute_all(&[timer::finish(timer)])? != [1] {
        return Ok(());
    }
    match timer.kind.as_str() {
        licence::END_TIMER => {
            let now = clock::world_now(tx, timer.shop, WORLD)?;
            licence::end_is_noted(tx, timer.shop, &timer.subject, now, by)
        }
        _ => shipping_job::work_off(tx, timer.shop, &timer.subject, by),
    }
}
