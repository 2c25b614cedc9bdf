//! `choba token`: tokens for `/api`. A token's value is shown once, when it is made.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use kernel::outside::sortable_hex;
use kernel::{ShopId, Timestamp};
use shop::{Scope, Token, Vault};
use store::audit::{self, NewEntry};

use crate::config::CommonFlags;
use crate::duration;
use crate::opened::{Opened, Use};
use crate::output;
use crate::system::OsEntropy;

/// Flags of `choba token`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make a token and print its value, this once
    Create {
        /// What it may do: clock, webhooks, mail, orders, keys, staff, settings, audit, mall, admin (repeat for several)
        #[arg(long = "scope", required = true)]
        scopes: Vec<Scope>,
        /// What it is for
        #[arg(long, default_value = "")]
        label: String,
        /// The only shop it works for; all shops if not said
        #[arg(long)]
        shop: Option<i64>,
        /// How long it lives, such as 30d; until revoked if not said
        #[arg(long)]
        expires_in: Option<String>,
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
    /// List tokens, without their values
    List {
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
    /// Revoke a token
    Revoke {
        /// Its id, tkn_…
        id: String,
        /// Where the data are.
        #[command(flatten)]
        common: CommonFlags,
    },
}

/// Does it.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.action {
        Action::Create { scopes, label, shop, expires_in, common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            let expires = expires_in.as_deref().map(duration::parse).transpose().context("--expires-in")?;
            let now = opened.clock.now();
            let expires = expires.map(|life| now.plus_micros(i64::try_from(life.as_micros()).unwrap_or(i64::MAX)));
            let shop = shop.map(|shop| known_shop(&opened, shop)).transpose()?;
            let (token, value) = create(&opened, shop, label, scopes.clone(), expires)?;
            output::line(format_args!("{value}"))?;
            output::aside(format_args!("{}: keep the value, it is not shown again", token.id));
        }
        Action::List { common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            for token in opened.store.read_blocking(shop::rows::tokens)? {
                print(&token, opened.clock.now())?;
            }
        }
        Action::Revoke { id, common } => {
            let opened = Opened::open(&common.inputs(), Use::Shared)?;
            revoke(&opened, id)?;
            output::line(format_args!("{id} is revoked"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a token; an error if there is no such shop.
pub fn create(
    opened: &Opened,
    shop: Option<ShopId>,
    label: &str,
    scopes: Vec<Scope>,
    expires: Option<Timestamp>,
) -> anyhow::Result<(Token, String)> {
    let vault: Arc<Vault> = opened.vault()?;
    if let Some(shop) = shop {
        known_shop(opened, shop.0)?;
    }
    let (token, value) = Token::generate(shop, label, scopes, opened.clock.now(), expires, &OsEntropy);
    let (stored, secret) = (token.clone(), value.clone());
    let audit_id = sortable_hex(opened.clock.now(), &OsEntropy);
    opened.store.write_blocking(move |tx| {
        let insert = shop::rows::insert_token(&vault, &stored, &secret);
        let entry = entry(&stored, &audit_id, tx.machine_now(), "token.create");
        tx.execute_all(&[insert, audit::record(&entry)]).map(|_| ())
    })?;
    Ok((token, value))
}

/// Revokes a token; an error if there is none that could be revoked.
pub fn revoke(opened: &Opened, id: &str) -> anyhow::Result<()> {
    let (wanted, audit_id) = (id.to_owned(), sortable_hex(opened.clock.now(), &OsEntropy));
    let revoked = opened.store.write_blocking(move |tx| {
        let token = shop::rows::tokens(tx)?.into_iter().find(|token| token.id == wanted);
        let Some(token) = token else { return Ok(false) };
        let revoked = shop::rows::revoke_token(tx, &wanted)?;
        if revoked {
            let entry = entry(&token, &audit_id, tx.machine_now(), "token.revoke");
            tx.execute_all(&[audit::record(&entry)])?;
        }
        Ok::<_, store::StoreError>(revoked)
    })?;
    if revoked { Ok(()) } else { bail!("there is no token {id} that is not revoked already") }
}

/// Tokens of the operator are noted under shop 0, which is no shop.
fn entry<'a>(token: &'a Token, id: &'a str, at: Timestamp, action: &'a str) -> NewEntry<'a> {
    let shop = token.shop.unwrap_or(ShopId(0));
    NewEntry { shop, id, at, actor: "operator", origin: "command line", action, object: &token.id, fields: "{}" }
}

fn known_shop(opened: &Opened, shop: i64) -> anyhow::Result<ShopId> {
    let shops = opened.store.read_blocking(shop::rows::shops)?;
    let known = shops.iter().map(|known| known.id).find(|known| known.0 == shop);
    known.with_context(|| format!("there is no shop {shop}"))
}

fn print(token: &Token, now: Timestamp) -> io::Result<()> {
    let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
    let shop = token.shop.map_or("every shop".to_owned(), |shop| format!("shop {shop}"));
    let state = match (token.revoked, token.is_valid_at(now)) {
        (Some(at), _) => format!("revoked {at}"),
        (None, true) => "valid".to_owned(),
        (None, false) => "expired".to_owned(),
    };
    output::line(format_args!(
        "{}  {state}  {}  {shop}  made {}  {}",
        token.id,
        scopes.join(","),
        token.created,
        token.label
    ))
}
