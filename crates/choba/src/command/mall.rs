//! `choba mall`: the marketplace from the command line.

mod generate;
mod model;
mod rules;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use mall::licence::{self, Shown};
use mall::market::rows;
use shop::By;
use store::StoreError;

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba mall`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show the shop's URL, serviceSecret and newest licenseKey of the RMS order API; this is written to the audit log
    Licence {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
    /// Place believable orders with the first shop on the marketplace; the same seed makes the same orders
    Generate(generate::Arguments),
    /// Show or set how the shop's cards are settled: by the marketplace, or with the older card API (R-Card)
    Model(model::Arguments),
    /// Show or set where the shop's rules with a number differ from the usual ones
    Rules(rules::Arguments),
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.action {
        Action::Licence { json, common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            print(&shown(&opened)?, *json)?;
        }
        Action::Generate(arguments) => generate::run(arguments)?,
        Action::Model(arguments) => model::run(arguments)?,
        Action::Rules(arguments) => rules::run(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Both values of the first shop on the marketplace.
fn shown(opened: &Opened) -> anyhow::Result<Shown> {
    let vault: Arc<shop::Vault> = opened.vault()?;
    let shops = opened.store.read_blocking(rows::shops)?;
    let first = shops.first().context("no shop is on the marketplace; `choba serve --demo` opens one")?.id;
    let by = By::new(opened.clock.now(), &OsEntropy, "operator".into(), "command line".into());
    let reveal = move |tx: &mut store::Tx<'_>| match licence::reveal(tx, &vault, first, None, &by) {
        Ok(shown) => Ok(Ok(shown)),
        Err(licence::Refused::Store(error)) => Err(error),
        Err(refused) => Ok(Err(refused)),
    };
    let shown = opened.store.write_blocking::<_, StoreError, _>(reveal)?;
    shown.with_context(|| format!("the licence of shop {first}"))
}

fn print(shown: &Shown, json: bool) -> io::Result<()> {
    let Shown { shop_url, service_secret, license_key } = shown;
    if json {
        let body = serde_json::json!({
            "shop_url": shop_url, "service_secret": service_secret, "license_key": license_key,
        });
        output::line(format_args!("{body}"))?;
    } else {
        output::line(format_args!("shop URL       {shop_url}"))?;
        output::line(format_args!("serviceSecret  {service_secret}"))?;
        output::line(format_args!("licenseKey     {license_key}"))?;
        output::line(format_args!("Authorization  {}", licence::authorization(service_secret, license_key)))?;
    }
    Ok(())
}
