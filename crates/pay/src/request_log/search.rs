//! Looking into the request log of a shop.

use kernel::{Environment, ShopId, Timestamp};
use store::{StoreError, Tx};

use super::{Entry, Exchange, rows};
use crate::gateway::Gateway;

/// Requests of a page.
pub const PAGE: usize = 50;
/// Requests that are opened for a page, when what is looked for stands in their bytes.
const OPENED_MAX: usize = 2_000;
/// Requests read at once while looking.
const READ_AT_ONCE: i64 = 200;

/// Which answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Those of a hundred: 2 for 200 to 299.
    Class(u16),
    /// This one.
    Exactly(u16),
}

/// Which requests: those that everything given fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this environment.
    pub environment: Option<Environment>,
    /// With such an answer.
    pub status: Option<StatusFilter>,
    /// About this order number.
    pub charge: Option<String>,
    /// With this key, by its name.
    pub key: Option<String>,
    /// With this in their path, in either case.
    pub path: Option<String>,
    /// Not before; machine time.
    pub from: Option<Timestamp>,
    /// Before; machine time.
    pub until: Option<Timestamp>,
    /// With this anywhere in request or answer.
    pub text: Option<String>,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Where to look on; none when everything was looked at.
    pub next: Option<String>,
}

/// Requests of `shop` before `before` (an id, or nothing for the newest) that `filter` lets pass.
pub async fn list(
    gateway: &Gateway,
    shop: ShopId,
    filter: Filter,
    before: Option<String>,
) -> Result<Found, StoreError> {
    let vault = gateway.vault().clone();
    let looked = move |tx: &mut Tx<'_>| look(tx, &vault, shop, &filter, before.as_deref());
    gateway.store().read(looked).await
}

fn look(
    tx: &mut Tx<'_>,
    vault: &shop::Vault,
    shop: ShopId,
    filter: &Filter,
    before: Option<&str>,
) -> Result<Found, StoreError> {
    // After every id: they are hexadecimal digits.
    let mut before = before.unwrap_or("~").to_owned();
    let (mut found, mut opened) = (Found::default(), 0);
    loop {
        let limit = if filter.text.is_some() { READ_AT_ONCE } else { PAGE as i64 + 1 };
        let page = rows::page(tx, shop, filter, &before, limit)?;
        let was_last = (page.len() as i64) < limit;
        for (entry, sealed) in page {
            if found.entries.len() == PAGE || opened == OPENED_MAX {
                found.next = Some(before);
                return Ok(found);
            }
            before.clone_from(&entry.id);
            opened += 1;
            let fits = filter
                .text
                .as_deref()
                .is_none_or(|text| rows::open(vault, &entry, &sealed).is_some_and(|exchange| exchange.contains(text)));
            if fits {
                found.entries.push(entry);
            }
        }
        if was_last {
            return Ok(found);
        }
    }
}

/// One request of `shop` with its bytes; none if there is none, or it is another shop's.
pub async fn find(gateway: &Gateway, shop: ShopId, id: &str) -> Result<Option<(Entry, Exchange)>, StoreError> {
    let (vault, id) = (gateway.vault().clone(), id.to_owned());
    let found = move |tx: &mut Tx<'_>| {
        let Some((entry, sealed)) = rows::find(tx, shop, &id)? else { return Ok(None) };
        let exchange = rows::open(&vault, &entry, &sealed);
        let exchange = exchange.ok_or_else(|| {
            StoreError::new(store::ErrorKind::Corrupt, format!("the request {} of the log does not open", entry.id))
        })?;
        Ok(Some((entry, exchange)))
    };
    gateway.store().read(found).await
}
