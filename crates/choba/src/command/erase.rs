//! `choba erase`: the personal data of buyers, also while a server runs.

use std::process::ExitCode;

use anyhow::bail;
use kernel::{ChargeNumber, Environment};
use pay::erase::{self, Place};
use shop::By;

use crate::command::staff::known_shop;
use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba erase`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to erase.
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The buyer's data of one charge: name, addresses, mails; its amounts stay
    Charge {
        /// The order number
        number: ChargeNumber,
        /// Whose and where.
        #[command(flatten)]
        of: Of,
    },
    /// A buyer's data in every charge of a shop, and the cards saved with it
    Buyer {
        /// The buyer's OpenID, as charges show it
        open_id: String,
        /// Whose and where.
        #[command(flatten)]
        of: Of,
    },
    /// A buyer's account, with its saved cards and addresses, in all shops
    Account {
        /// The mail address of the account
        email: String,
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
}

#[derive(Debug, clap::Args)]
struct Of {
    /// Its shop; may be left out while there is only one
    #[arg(long)]
    shop: Option<i64>,
    /// sandbox, test or live
    #[arg(long, default_value = "sandbox")]
    environment: Environment,
    /// Where the data are.
    #[command(flatten)]
    common: CommonFlags,
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.what {
        What::Charge { number, of } => {
            let (opened, place) = of.open()?;
            let (by, vault) = (by(&opened), opened.vault()?);
            if !block_on(erase::charge(&opened.store, &vault, place, *number, &by))?? {
                bail!("there is no charge {number} in {} of shop {}", place.environment, place.shop);
            }
            output::line(format_args!("erased the buyer's data of {number}"))?;
        }
        What::Buyer { open_id, of } => {
            let (opened, place) = of.open()?;
            let (by, vault) = (by(&opened), opened.vault()?);
            let charges = block_on(erase::buyer(&opened.store, &vault, place, open_id, &by))??;
            output::line(format_args!("erased the buyer's data of {charges} charges"))?;
        }
        What::Account { email, common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            let (by, email) = (by(&opened), email.clone());
            if !opened.store.write_blocking(move |tx| erase::account::erase(tx, &email, &by))? {
                bail!("there is no such account");
            }
            output::line(format_args!("erased the account"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Of {
    fn open(&self) -> anyhow::Result<(Opened, Place)> {
        let opened = Opened::open(&self.common.inputs(), Use::Shared)?;
        let shop = known_shop(&opened, self.shop)?;
        Ok((opened, Place { shop, environment: self.environment }))
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work))
}

fn by(opened: &Opened) -> By {
    By::new(opened.clock.now(), &OsEntropy, "operator".to_owned(), "command line".to_owned())
}
