//! `choba staff`: who may log in to a shop's pages.

use std::io::{self, BufRead as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use kernel::ShopId;
use shop::staff::Email;
use shop::{Duties, Role, Staff};

use crate::config::CommonFlags;
use crate::opened::{Opened, Use};
use crate::output;
use crate::staff::{self, Password};
use crate::system::OsEntropy;

/// Flags of `choba staff`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an account, and print a password that its owner changes at the first login
    Add {
        /// The address that its owner logs in with; no mail is sent to it
        #[arg(long)]
        email: Email,
        /// Its shop; may be left out while there is only one
        #[arg(long)]
        shop: Option<i64>,
        /// What colleagues call them
        #[arg(long, default_value = "")]
        name: String,
        /// What they do: owner, orders, shipping, accounting, developer (repeat for several)
        #[arg(long = "role", default_value = "owner")]
        roles: Vec<Role>,
        /// They also run this server: they see the operator's pages
        #[arg(long)]
        operator: bool,
        /// Read the password from standard input instead; it need not be changed
        #[arg(long)]
        password_stdin: bool,
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
    /// Give an account another password, end its sessions, and let it log in at once
    Reset {
        /// The address that its owner logs in with
        #[arg(long)]
        email: Email,
        /// Read the password from standard input instead; it need not be changed
        #[arg(long)]
        password_stdin: bool,
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
    /// List accounts
    List {
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.action {
        Action::Add { email, shop, name, roles, operator, password_stdin, common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            let account = Staff::new(known_shop(&opened, *shop)?, email.clone(), !password_stdin, &OsEntropy);
            let account = Staff { name: name.clone(), duties: Duties::of(roles, *operator), ..account };
            let password = password(email, *password_stdin)?;
            if !staff::add(&opened, &account, &password)? {
                bail!("{} has an account already; choba staff reset gives it another password", email.as_str());
            }
            tell(&password)?;
        }
        Action::Reset { email, password_stdin, common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            let password = password(email, *password_stdin)?;
            if !staff::reset(&opened, email, &password)? {
                bail!("there is no account {}", email.as_str());
            }
            tell(&password)?;
        }
        Action::List { common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            for Staff { id, shop, email, name, duties, must_change, two_step } in
                opened.store.read_blocking(shop::staff::rows::all)?
            {
                let said = |holds: bool, word: &'static str| if holds { word.to_owned() } else { String::new() };
                let parts = [
                    format!("{id}  shop {shop}  {}", email.as_str()),
                    name,
                    duties.joined(),
                    said(duties.is_operator(), "operator"),
                    said(two_step, "two-step"),
                    said(must_change, "has not logged in with a password of its own yet"),
                ];
                output::line(format_args!(
                    "{}",
                    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
                ))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn password(email: &Email, from_stdin: bool) -> anyhow::Result<Password> {
    if !from_stdin {
        return Ok(Password::OneTime(shop::staff::random_password(&OsEntropy)));
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("reading the password")?;
    let given = line.trim_end_matches(['\r', '\n']).to_owned();
    shop::staff::check_password(&given, email.as_str())?;
    Ok(Password::Own(given))
}

fn tell(password: &Password) -> io::Result<()> {
    if let Password::OneTime(text) = password {
        output::line(format_args!("{text}"))?;
        output::aside(format_args!("keep it for the first login, where it is changed; it is not shown again"));
    }
    Ok(())
}

/// The shop of a command: the only one, if none is said.
pub(super) fn known_shop(opened: &Opened, wanted: Option<i64>) -> anyhow::Result<ShopId> {
    let shops = opened.store.read_blocking(shop::rows::shops)?;
    match (wanted, shops.as_slice()) {
        (Some(wanted), shops) => {
            let known = shops.iter().map(|shop| shop.id).find(|id| id.0 == wanted);
            known.with_context(|| format!("there is no shop {wanted}"))
        }
        (None, [only]) => Ok(only.id),
        (None, []) => bail!("there is no shop yet: choba serve makes the first one"),
        (None, _) => bail!("there are several shops: say which one with --shop"),
    }
}
