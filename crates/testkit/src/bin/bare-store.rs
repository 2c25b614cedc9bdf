//! `bare-store`: captures without HTTP, and large databases, for `cargo xtask bench`.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use choba::config::{CommonFlags, DatabaseSettings};
use choba::opened::{Opened, Use, database};
use choba::shops;
use choba::system::OsEntropy;
use choba::wiring::{Parts, Wired, migrations};
use clap::{Parser, Subcommand};
use store::{Database, SqliteOptions, Store, Synchronous};
use testkit::fill::{self, Shape, Target};
use testkit::{bare, purchases};

/// Writes the rows of captures without HTTP and prints one line of JSON.
#[derive(Debug, Parser)]
#[command(name = "bare-store", args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    instead: Option<Instead>,
    /// How long.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Captures at once.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    #[command(flatten)]
    common: CommonFlags,
}

#[derive(Debug, Subcommand)]
enum Instead {
    /// Fill the sandbox of the first shop with charges of the last year
    Fill {
        /// How many.
        #[arg(long)]
        charges: u64,
        #[command(flatten)]
        common: CommonFlags,
    },
    /// Buy through the checkout's operations in the first shop, and print one line of JSON
    Buy {
        /// The shop's server, which is asked before each payment.
        #[arg(long)]
        check_url: String,
        /// Buyers at once.
        #[arg(long, default_value_t = 64)]
        buyers: usize,
        /// How long.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Seconds before that.
        #[arg(long, default_value_t = 2)]
        warm_up: u64,
        #[command(flatten)]
        common: CommonFlags,
    },
}

fn main() -> anyhow::Result<()> {
    let line = CommandLine::parse();
    let common = match &line.instead {
        Some(Instead::Fill { common, .. } | Instead::Buy { common, .. }) => common,
        None => &line.common,
    };
    let mut opened = Opened::open(&common.inputs(), Use::Alone)?;
    let folder = match (&opened.settings.database, &line.instead) {
        (DatabaseSettings::Folder(folder), Some(Instead::Fill { .. })) => Some(folder.clone()),
        (DatabaseSettings::Folder(_) | DatabaseSettings::Postgres { .. }, _) => None,
    };
    if folder.is_some() {
        opened.store = without_waiting_for_the_disk(&opened)?;
    }
    let wired = wired(&opened)?;
    let shop = shops::ensure_first(&opened.store, wired.gateway.vault(), &OsEntropy).context("making the shop")?;
    let target = Target { gateway: wired.gateway.clone(), simulator: Arc::clone(&wired.simulator), shop: shop.id };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match line.instead {
        Some(Instead::Fill { charges, .. }) => {
            runtime.block_on(fill::fill(&target, charges, Shape::AYear))?;
        }
        Some(Instead::Buy { check_url, buyers, seconds, warm_up, .. }) => {
            let times = (Duration::from_secs(warm_up), Duration::from_secs(seconds));
            let bought = purchases::run(&wired.gateway, shop.id, check_url, buyers, times);
            println!("{}", serde_json::to_string(&runtime.block_on(bought)?)?);
        }
        None => {
            let figures = runtime.block_on(bare::run(&target, line.seconds, line.connections))?;
            println!("{}", serde_json::to_string(&figures)?);
        }
    }
    // The runtime ends first: the stores then write their last.
    drop((runtime, target, wired, opened.store));
    folder.map_or(Ok(()), |folder| sync(&folder))
}

/// The database again, for a filling that is begun anew if it is interrupted.
fn without_waiting_for_the_disk(opened: &Opened) -> anyhow::Result<Store> {
    let database = match database(&opened.settings.database) {
        Database::Sqlite(options) => Database::Sqlite(SqliteOptions { synchronous: Synchronous::Off, ..options }),
        postgres @ Database::Postgres(_) => postgres,
    };
    Store::open(database, &migrations(), opened.clock.clone()).context("opening the database")
}

fn wired(opened: &Opened) -> anyhow::Result<Wired> {
    Wired::new(Parts {
        store: opened.store.clone(),
        vault: opened.vault()?,
        clock: opened.clock.clone(),
        entropy: Arc::new(OsEntropy),
        base_url: opened.settings.base_url(opened.settings.listen),
        acquirer_timeout: opened.settings.acquirer_timeout,
        late_after: opened.settings.acquirer_timeout,
        request_log: opened.settings.request_log,
        carrier: pay::mail::deliver::Carrier::Mailbox,
        guard: opened.settings.guard(),
        webhook_limits: pay::webhook::Limits::default(),
        windows: pay::charge::Windows::USUAL,
    })
}

/// What was filled is on the disk before it is measured.
fn sync(folder: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        File::open(&path)?.sync_all().with_context(|| format!("syncing {}", path.display()))?;
    }
    Ok(())
}
