//! What whoever runs this server does with shops: opens one with its keys, gives it an owner, names other operators.

pub mod operators;
pub mod rows;

use std::sync::Arc;

use kernel::{Entropy, Environment, ServiceId, ShopId, Timestamp};
use serde_json::json;
use store::idempotency::{self, Known, RequestKey};
use store::{Statement, Store, StoreError, Tx};

use crate::by::{By, HOUSE};
use crate::service::{Services, Shop};
use crate::{Credential, CredentialKind, Vault};

/// How often another number is looked for when somebody was faster.
const LOOKS: usize = 8;
/// Statements sent together.
const TOGETHER: usize = 8;
/// The space of the operator's idempotency keys, which belong to [`HOUSE`]: that of `/api`.
pub const SCOPE: &str = "api";

/// A shop that is about to be written: its service ids, and keys and webhook secrets for every environment.
pub struct Prepared {
    shop: Shop,
    services: Services,
    credentials: Vec<Statement<'static>>,
}

/// Makes random keys for a new shop, at `now` of the machine.
pub fn prepare(vault: &Vault, entropy: &dyn Entropy, shop: Shop, now: Timestamp) -> Prepared {
    let number = |digits: u64| {
        let random = u64::from_be_bytes(kernel::outside::random_bytes(entropy)) % 1_000_000_000;
        ServiceId::new(digits * 1_000_000_000 + random).expect("ten digits")
    };
    // Sandbox service ids begin with 1 and live ones with 2, so that people see what a number belongs to.
    let services = Services { sandbox: number(1), live: number(2) };
    let credentials = Environment::ALL
        .into_iter()
        .flat_map(|environment| CredentialKind::ALL.map(|kind| (environment, kind)))
        .map(|(environment, kind)| Credential::generate(shop.id, environment, kind, now, entropy))
        .flat_map(|credential| crate::rows::insert_credential(vault, &credential, entropy))
        .collect();
    Prepared { shop, services, credentials }
}

/// Writes a new shop; false if its number is taken.
pub fn insert(tx: &mut Tx<'_>, prepared: &Prepared) -> Result<bool, StoreError> {
    if crate::rows::find_shop(tx, prepared.shop.id)?.is_some() {
        return Ok(false);
    }
    crate::rows::insert_shop(tx, &prepared.shop, prepared.services)?;
    for together in prepared.credentials.chunks(TOGETHER) {
        tx.execute_all(together)?;
    }
    Ok(true)
}

/// What came of asking for something new under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made<T> {
    /// It was made now.
    New(T),
    /// The same request made it before.
    Before(T),
    /// Another request was made under the same key.
    KeyReused,
}

/// What the same request made before; none if the key is new or there is none.
pub fn made_before(tx: &mut Tx<'_>, key: Option<&RequestKey>) -> Result<Option<Made<String>>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    Ok(match idempotency::find(tx, key)? {
        Known::Unused => None,
        Known::Work(work) => Some(Made::Before(work)),
        Known::OtherRequest | Known::Answered { .. } => Some(Made::KeyReused),
    })
}

/// Keeps under the key what was made.
pub fn keep_made(tx: &mut Tx<'_>, key: Option<&RequestKey>, work: &str) -> Result<(), StoreError> {
    let Some(key) = key else { return Ok(()) };
    let now = tx.machine_now();
    let claimed = tx.execute_all(&[idempotency::claim(key, work, now)])?;
    // Somebody was faster: everything is undone, and done again with what they made.
    if claimed == [0] { Err(StoreError::new(store::ErrorKind::Contention, "the same key at once")) } else { Ok(()) }
}

/// A shop that the operator wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// サイト名, checked by [`crate::information::checked_name`].
    pub name: String,
    /// Whether its charges carry the shipping address.
    pub receives_address: bool,
}

enum Tried {
    Made(Made<ShopId>),
    Taken,
}

/// Opens a shop with random keys, under the next number.
pub async fn open(
    store: &Store,
    vault: &Vault,
    entropy: &Arc<dyn Entropy>,
    wanted: &Wanted,
    (key, by): (Option<RequestKey>, By),
) -> Result<Made<ShopId>, StoreError> {
    for _ in 0..LOOKS {
        let id = store.read(rows::next_number).await?;
        let shop = Shop { id, name: wanted.name.clone(), receives_address: wanted.receives_address };
        let prepared = prepare(vault, &**entropy, shop, store.machine_now());
        let (key, by) = (key.clone(), by.clone());
        match store.write(move |tx| opened(tx, &prepared, key.as_ref(), &by)).await? {
            Tried::Made(made) => return Ok(made),
            Tried::Taken => {}
        }
    }
    Err(StoreError::new(store::ErrorKind::Contention, "others open shops at the same time"))
}

fn opened(tx: &mut Tx<'_>, prepared: &Prepared, key: Option<&RequestKey>, by: &By) -> Result<Tried, StoreError> {
    match made_before(tx, key)? {
        Some(Made::Before(id)) => {
            let id = id.parse().map_err(|_| StoreError::new(store::ErrorKind::Corrupt, "the number of a shop"))?;
            return Ok(Tried::Made(Made::Before(ShopId(id))));
        }
        Some(Made::New(_) | Made::KeyReused) => return Ok(Tried::Made(Made::KeyReused)),
        None => {}
    }
    if !insert(tx, prepared)? {
        return Ok(Tried::Taken);
    }
    let Shop { id, receives_address, .. } = prepared.shop;
    keep_made(tx, key, &id.0.to_string())?;
    let fields = json!({ "receives_address": receives_address });
    let entry = by.record(HOUSE, tx.machine_now(), ("shop.open", &format!("shop {id}")), &fields);
    tx.execute_all(&[entry])?;
    Ok(Tried::Made(Made::New(id)))
}
