//! `choba mall model`: how the cards of the shop on the marketplace are settled.

use anyhow::Context as _;
use mall::market::{MallShop, Model, place, rows};
use shop::By;
use store::StoreError;

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba mall model`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// rpay: by the marketplace; rcard: by the shop, with the older card API. Nothing shows what it is
    #[arg(value_parser = ["rpay", "rcard"])]
    to: Option<String>,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Moves the first shop on the marketplace, if that is wanted, and shows its model.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let opened = Opened::open(&arguments.common.inputs(), Use::Shared)?;
    let shops = opened.store.read_blocking(rows::shops)?;
    let there = shops.into_iter().next().context("no shop is on the marketplace; `choba serve --demo` opens one")?;
    let wanted = arguments.to.as_deref().and_then(Model::named).unwrap_or(there.model);
    if wanted != there.model {
        let moved = MallShop { model: wanted, ..there };
        let by = By::new(opened.clock.now(), &OsEntropy, "operator".into(), "command line".into());
        opened.store.write_blocking::<_, StoreError, _>(move |tx| place::move_to(tx, &moved, &by))?;
    }
    output::line(format_args!("{}", wanted.as_str()))?;
    Ok(())
}
