//! Serials of order numbers, taken from the database by blocks: the row that counts them is locked until the commit, so that
//! charges made at once would wait for each other's disk. What a block has left when the process ends is a gap.
//!
//! Lists are in the order of the numbers (docs/adr/0008-newest-first.md), so where other processes may take blocks too, a
//! block that was not used up at once is left behind.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{Environment, ServiceId, ShopId, Timestamp};
use shop::service::Space;
use store::{Database, Store, StoreError};

/// The largest block. The first one is a single serial and each further one twice the last: who sells little leaves small gaps.
const LARGEST: u64 = 32;
/// How long a block counts where others may take some too, microseconds of machine time: as long as charges of two processes
/// may stand in another order than they were made in.
const SHARED_MICROS: i64 = 1_000_000;

/// The blocks of this process, one for each service.
#[derive(Default)]
pub struct Serials {
    blocks: Mutex<HashMap<(ShopId, Space), Shared>>,
}

type Shared = Arc<tokio::sync::Mutex<Block>>;

/// What is left of the block that was taken last.
#[derive(Default)]
struct Block {
    service: Option<ServiceId>,
    serials: Range<u64>,
    size: u64,
    /// Machine time; none before the first.
    taken: Option<Timestamp>,
}

impl Serials {
    /// The next serial of the service of `shop` in `environment`; nobody else gets it.
    pub async fn take(
        &self,
        store: &Store,
        shop: ShopId,
        environment: Environment,
    ) -> Result<(ServiceId, u64), StoreError> {
        let block = {
            let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
            blocks.entry((shop, Space::of(environment))).or_default().clone()
        };
        let mut block = block.lock().await;
        let now = store.machine_now();
        if matches!(store.database(), Database::Postgres(_)) && block.is_stale(now) {
            *block = Block::default();
        }
        if let (Some(service), Some(serial)) = (block.service, block.serials.next()) {
            return Ok((service, serial));
        }
        let size = (block.size * 2).clamp(1, LARGEST);
        let taken = move |tx: &mut store::Tx<'_>| shop::rows::take_serials(tx, shop, environment, size);
        let (service, first) = store.write(taken).await?;
        *block = Block { service: Some(service), serials: first + 1..first + size, size, taken: Some(now) };
        Ok((service, first))
    }
}

impl Block {
    /// Whether another process may have made charges since, whose numbers are higher than those that are left here. A clock
    /// that was set back does not say how long it was.
    fn is_stale(&self, now: Timestamp) -> bool {
        self.taken.is_some_and(|taken| !(0..SHARED_MICROS).contains(&(now.micros() - taken.micros())))
    }
}
