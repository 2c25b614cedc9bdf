//! `choba mall generate`: believable orders in the database, many in a transaction and several transactions at a time. They
//! wait for the shop's confirmation, as if buyers had placed them in the days up to now.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use anyhow::Context as _;
use kernel::time::MICROS_PER_SECOND;
use kernel::{ShopId, Timestamp};
use mall::generate::{Dice, order};
use mall::market::{MallShop, Script, Undone, WORLD, place_many, rows};
use shop::By;
use store::{Store, StoreError, Tx, clock};

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::{OsEntropy, Stopwatch};

/// Orders of one transaction.
const TOGETHER: u64 = 500;
/// Transactions at a time.
const AT_ONCE: usize = 4;

/// Flags of `choba mall generate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// How many orders
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    orders: u32,
    /// The same seed makes the same orders, apart from their numbers and dates
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Over how many days up to now they were placed; after 14 days an order that nobody confirmed is cancelled
    #[arg(long, value_name = "DAYS", default_value_t = 13, value_parser = clap::value_parser!(u32).range(1..=730))]
    days: u32,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Generates, and says what was done.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let shops = opened.store.read_blocking(rows::shops)?;
    let shop = shops.into_iter().next().context("no shop is on the marketplace; `choba serve --demo` opens one")?;
    let (id, watch) = (shop.id, Stopwatch::start());
    let wanted = Wanted { count: u64::from(arguments.orders), seed: arguments.seed, days: i64::from(arguments.days) };
    let placed = generate(&opened.store, &shop, wanted)?;
    let seconds = watch.elapsed().as_millis();
    output::line(format_args!("placed {placed} orders with shop {id} (seed {}) in {seconds} ms", wanted.seed))?;
    if placed < wanted.count {
        output::line(format_args!(
            "{} more cannot be had with this shop's settings and were left out",
            wanted.count - placed
        ))?;
    }
    Ok(())
}

/// What is generated.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How many orders.
    pub count: u64,
    /// Which.
    pub seed: u64,
    /// Over how many days up to now.
    pub days: i64,
}

/// Places them; how many there are, without those that this shop cannot take. Blocks.
pub fn generate(store: &Store, shop: &MallShop, wanted: Wanted) -> anyhow::Result<u64> {
    let id = shop.id;
    let count = u32::try_from(wanted.count).context("more orders than serials can be counted in")?;
    let begin = move |tx: &mut Tx<'_>| {
        let first = rows::reserve_serials(tx, id, count)?;
        Ok::<_, StoreError>((first, clock::world_now(tx, id, WORLD)?))
    };
    let (first, now) = store.write_blocking(begin)?;
    let run =
        Run { shop: id, rms_id: shop.rms_id, first: first.context("the shop left the marketplace")?, now, wanted };
    let (next, placed) = (AtomicU64::new(0), AtomicUsize::new(0));
    let outcomes: Vec<anyhow::Result<()>> = std::thread::scope(|scope| {
        let work = || -> anyhow::Result<()> {
            loop {
                let from = next.fetch_add(TOGETHER, Ordering::Relaxed);
                if from >= wanted.count {
                    return Ok(());
                }
                placed.fetch_add(run.place(store, from, wanted.count.min(from + TOGETHER))?, Ordering::Relaxed);
            }
        };
        let hands: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        hands.into_iter().map(|hand| hand.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread failed")))).collect()
    });
    outcomes.into_iter().collect::<anyhow::Result<()>>()?;
    let placed = placed.into_inner() as u64;
    note(store, &run, placed)?;
    Ok(placed)
}

struct Run {
    shop: ShopId,
    rms_id: u32,
    /// The serial of the first order.
    first: u64,
    now: Timestamp,
    wanted: Wanted,
}

impl Run {
    /// Places the orders from index `from` to before `end`; how many.
    fn place(&self, store: &Store, from: u64, end: u64) -> anyhow::Result<usize> {
        let made: Option<Vec<_>> = (from..end).map(|index| self.order(index)).collect();
        let orders = made.context("the test clock is past what an order number can say")?;
        let (shop, by) = (self.shop, by(store));
        let place = move |tx: &mut Tx<'_>| place_many(tx, shop, orders.clone(), &by);
        match store.write_blocking(place) {
            Ok(placed) => Ok(placed),
            Err(Undone::Store(error)) => Err(error.into()),
            Err(undone) => Err(undone.into()),
        }
    }

    fn order(&self, index: u64) -> Option<(mall::order::Order, Script)> {
        let span = self.wanted.days * 86_400 * MICROS_PER_SECOND;
        // Evenly over the days, the last one now.
        let before = i128::from(span) * i128::from(self.wanted.count - 1 - index) / i128::from(self.wanted.count);
        let placed = self.now.plus_micros(-i64::try_from(before).ok()?);
        let mut dice = Dice::of(self.wanted.seed, index);
        Some((order(&mut dice, self.rms_id, self.first + index, placed)?, Script::default()))
    }
}

fn by(store: &Store) -> By {
    By::new(store.machine_now(), &OsEntropy, "operator".into(), "command line".into())
}

/// One audit row for all of them; the planner of PostgreSQL counts what is there now.
fn note(store: &Store, run: &Run, placed: u64) -> Result<(), StoreError> {
    let (by, shop) = (by(store), run.shop);
    let fields = serde_json::json!({ "orders": placed, "seed": run.wanted.seed });
    let object = format!("{:06}", run.rms_id);
    store.write_blocking(move |tx| {
        let row = by.record(shop, tx.machine_now(), ("mall.generate", &object), &fields);
        tx.execute_all(&[row]).map(|_| ())
    })?;
    store.write_blocking(|tx: &mut Tx<'_>| tx.analyse())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, count: u64) -> Run {
        let now = Timestamp::from_seconds(1_795_300_000);
        Run { shop: ShopId(1), rms_id: 123_456, first: 1, now, wanted: Wanted { count, seed, days: 10 } }
    }

    #[test]
    fn a_seed_names_its_orders_and_the_last_one_is_placed_now() {
        let orders = |seed| (0..200).map(|index| run(seed, 200).order(index).unwrap().0).collect::<Vec<_>>();
        assert_eq!(orders(7), orders(7));
        assert_ne!(orders(7), orders(8));
        let placed: Vec<Timestamp> = orders(7).iter().map(|order| order.placed).collect();
        assert!(placed.is_sorted());
        assert_eq!(placed.last(), Some(&run(7, 200).now));
        assert!(placed[0] >= run(7, 200).now.plus_micros(-10 * 86_400 * MICROS_PER_SECOND));
        // However many there are, the first ones are drawn alike.
        let drawn = |count| run(7, count).order(3).unwrap().0.packages;
        assert_eq!(drawn(200), drawn(5_000));
    }
}
