//! The rows of buyers.

use kernel::{Environment, ShopId, Timestamp};
use store::{ErrorKind, Row, Statement, StoreError, Tx, params};

use super::{Account, SavedAddress, SavedCard};

const ACCOUNT: &str = "b.buyer_id, b.email, b.last_name, b.first_name, b.last_name_kana, b.first_name_kana";

/// Inserts an account; touches no row if the mail address is taken.
pub fn insert_account(account: &Account, password: &str, now: Timestamp) -> Statement<'static> {
    let Account { id, email, last_name, first_name, last_name_kana, first_name_kana } = account;
    Statement::new(
        "INSERT INTO buyer (buyer_id, email, password, last_name, first_name, last_name_kana, first_name_kana,
             created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (email) DO NOTHING",
        params![id, email, password, last_name, first_name, last_name_kana, first_name_kana, now],
    )
}

/// The account of a mail address, and its password's hash.
pub fn by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<(Account, String)>, StoreError> {
    let sql = format!("SELECT {ACCOUNT}, b.password FROM buyer b WHERE b.email = $1");
    let row = tx.query_opt(&sql, &params![email])?;
    row.map(|row| Ok((account(&row)?, row.text(6)?.to_owned()))).transpose()
}

/// Inserts a log-in.
pub fn insert_session(look_up: &[u8], buyer: &str, now: Timestamp, expires: Timestamp) -> Statement<'static> {
    Statement::new(
        "INSERT INTO buyer_session (look_up, buyer_id, created_us, expires_us) VALUES ($1, $2, $3, $4)",
        params![look_up, buyer, now, expires],
    )
}

/// Who is logged in.
pub fn by_session(tx: &mut Tx<'_>, look_up: &[u8]) -> Result<Option<Account>, StoreError> {
    let now = tx.machine_now();
    let sql = format!(
        "SELECT {ACCOUNT} FROM buyer_session s JOIN buyer b ON b.buyer_id = s.buyer_id
         WHERE s.look_up = $1 AND s.expires_us > $2"
    );
    tx.query_opt(&sql, &params![look_up, now])?.as_ref().map(account).transpose()
}

/// Ends a log-in.
pub fn delete_session(look_up: &[u8]) -> Statement<'static> {
    Statement::new("DELETE FROM buyer_session WHERE look_up = $1", params![look_up])
}

/// Forgets the log-ins that have ended.
pub fn delete_ended_sessions(now: Timestamp) -> Statement<'static> {
    Statement::new("DELETE FROM buyer_session WHERE expires_us <= $1", params![now])
}

fn account(row: &Row) -> Result<Account, StoreError> {
    let text = |column: usize| row.text(column).map(str::to_owned);
    Ok(Account {
        id: text(0)?,
        email: text(1)?,
        last_name: text(2)?,
        first_name: text(3)?,
        last_name_kana: text(4)?,
        first_name_kana: text(5)?,
    })
}

/// Saves a card.
pub fn insert_card(
    buyer: &str,
    shop: ShopId,
    environment: Environment,
    card: &SavedCard,
    now: Timestamp,
) -> Statement<'static> {
    let SavedCard { id, token, brand, last4, expiry_year, expiry_month } = card;
    Statement::new(
        "INSERT INTO buyer_card (buyer_id, card_id, shop_id, environment, token, brand, last4, expiry_year,
             expiry_month, created_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![buyer, id, shop, environment, token, brand.as_str(), last4, *expiry_year, *expiry_month, now],
    )
}

/// The cards that a buyer saved with a shop, newest first.
pub fn cards(
    tx: &mut Tx<'_>,
    buyer: &str,
    shop: ShopId,
    environment: Environment,
) -> Result<Vec<SavedCard>, StoreError> {
    let sql = "SELECT card_id, token, brand, last4, expiry_year, expiry_month FROM buyer_card
               WHERE buyer_id = $1 AND shop_id = $2 AND environment = $3 ORDER BY created_us DESC, card_id";
    let card = |row: &Row| {
        Ok(SavedCard {
            id: row.text(0)?.to_owned(),
            token: row.text(1)?.to_owned(),
            brand: row.parsed(2)?,
            last4: row.text(3)?.to_owned(),
            expiry_year: row.int(4)?,
            expiry_month: row.int(5)?,
        })
    };
    tx.query(sql, &params![buyer, shop, environment])?.iter().map(card).collect()
}

/// Saves an address.
pub fn insert_address(buyer: &str, saved: &SavedAddress, now: Timestamp) -> Statement<'static> {
    let json = serde_json::to_string(&saved.address).expect("texts are JSON");
    Statement::new(
        "INSERT INTO buyer_address (buyer_id, address_id, address, created_us) VALUES ($1, $2, $3, $4)",
        params![buyer, &saved.id, json, now],
    )
}

/// A buyer's addresses, newest first.
pub fn addresses(tx: &mut Tx<'_>, buyer: &str) -> Result<Vec<SavedAddress>, StoreError> {
    let sql = "SELECT address_id, address FROM buyer_address WHERE buyer_id = $1 ORDER BY created_us DESC, address_id";
    let address = |row: &Row| {
        let address = serde_json::from_str(row.text(1)?);
        let broken = |error: serde_json::Error| StoreError::new(ErrorKind::Corrupt, format!("buyer_address: {error}"));
        Ok(SavedAddress { id: row.text(0)?.to_owned(), address: address.map_err(broken)? })
    };
    tx.query(sql, &params![buyer])?.iter().map(address).collect()
}
