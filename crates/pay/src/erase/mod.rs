//! Erasing what is personal of buyers, while amounts, ledger, events and counts stay (design "Audit").
//!
//! | what | what becomes of it |
//! |---|---|
//! | charge: name, mail address, shipping address | NULL; the wire shows no address |
//! | mails and お知らせメール of the charge | subject, text, address and name NULL; later ones have no reader |
//! | visit to the checkout that it came from | removed |
//! | request log: requests about the charge, lists that show it | removed |
//! | log of webhooks: what the shop's server answered about it | the text is emptied |
//! | log of webhooks: what the shop was asked about it (`charge.check`) and about earlier orders of the buyer | NULL, and the answer emptied; of every order when a buyer is erased |
//! | saved cards of the buyer with this shop | removed, when a buyer is erased |
//!
//! The OpenID stays, because charges, events and what the shop's own system keeps are tied together by it; it names
//! nobody once the account behind it is erased ([`account`]). An answer that is asked for again under its idempotency key
//! is made from the charge as it is then, so it shows no address either. Erasing twice is erasing once.

pub mod account;
pub(crate) mod rows;
pub mod settings;
pub mod timer;

use std::collections::HashSet;

use kernel::{ChargeNumber, Environment, ShopId};
use shop::{By, Vault};
use store::{Store, StoreError, Tx};

use crate::request_log;
use crate::webhook::log;

/// Charges erased by one transaction.
pub(crate) const BATCH: usize = 50;
/// Requests of the log looked at by one transaction.
const LOG_PAGE: i64 = 200;

/// Whose data are erased: of a shop in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The shop.
    pub shop: ShopId,
    /// The environment.
    pub environment: Environment,
}

/// Erases the buyer's data of one charge; false if there is no such charge.
pub async fn charge(
    store: &Store,
    vault: &Vault,
    place: Place,
    number: ChargeNumber,
    by: &By,
) -> Result<bool, StoreError> {
    let id = number.to_string();
    let known = id.clone();
    if !store.read(move |tx| rows::is_known(tx, place, &known)).await? {
        return Ok(false);
    }
    forget_in_log(store, vault, place, std::slice::from_ref(&id)).await?;
    let by = by.clone();
    store.write(move |tx| erase(tx, place, std::slice::from_ref(&id), &by)).await?;
    Ok(true)
}

/// Erases the data of a buyer in every charge of the shop, and the cards that he saved with it; how many charges named
/// him until now.
pub async fn buyer(store: &Store, vault: &Vault, place: Place, open_id: &str, by: &By) -> Result<usize, StoreError> {
    let asked = log::rows::erase_of_buyer(place.shop, place.environment, open_id);
    store.write(move |tx| tx.execute_all(std::slice::from_ref(&asked)).map(|_| ())).await?;
    let (mut after, mut erased) = (String::new(), 0);
    loop {
        let (from, of) = (after.clone(), open_id.to_owned());
        let page = store.read(move |tx| rows::unerased_of(tx, place, &of, &from, BATCH)).await?;
        let Some(last) = page.last() else { return Ok(erased) };
        after.clone_from(last);
        erased += page.len();
        forget_in_log(store, vault, place, &page).await?;
        // Each batch has an audit row of its own.
        let by = By { id: format!("{}-{erased}", by.id), ..by.clone() };
        store
            .write(move |tx| {
                rows::remove_cards(tx, place, &page)?;
                erase(tx, place, &page, &by)
            })
            .await?;
    }
}

/// Erases the data of these charges and notes that it was done: which ones, nothing of what stood there.
pub(crate) fn erase(tx: &mut Tx<'_>, place: Place, charges: &[String], by: &By) -> Result<(), StoreError> {
    for charge in charges {
        tx.execute_all(&rows::erase(place, charge))?;
    }
    let Place { shop, environment } = place;
    let object = format!("{environment} buyers of shop {shop}");
    let fields = serde_json::json!({ "charges": charges });
    let entry = by.record(shop, tx.machine_now(), ("buyer_data.erase", &object), &fields);
    tx.execute_all(&[entry]).map(|_| ())
}

/// Removes requests of the log that show these charges without being about one: lists. They are sealed, so each has to be
/// opened and looked at.
pub(crate) async fn forget_in_log(
    store: &Store,
    vault: &Vault,
    place: Place,
    charges: &[String],
) -> Result<(), StoreError> {
    let wanted: HashSet<&str> = charges.iter().map(String::as_str).collect();
    let mut after = String::new();
    while !wanted.is_empty() {
        let from = after.clone();
        let page = store.read(move |tx| request_log::rows::lists_after(tx, place.shop, &from, LOG_PAGE)).await?;
        let Some((last, ..)) = page.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let shows = |(entry, sealed): &&(request_log::Entry, Vec<u8>)| {
            let opened = request_log::rows::open(vault, entry, sealed);
            entry.environment == place.environment && opened.is_some_and(|exchange| exchange.names_one_of(&wanted))
        };
        let shown: Vec<String> = page.iter().filter(shows).map(|(entry, _)| entry.id.clone()).collect();
        if !shown.is_empty() {
            store.write(move |tx| request_log::rows::remove(tx, place.shop, &shown)).await?;
        }
    }
    Ok(())
}
