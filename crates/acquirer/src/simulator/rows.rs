//! The SQL of the simulator's cards, authorizations and operations.

use kernel::Yen;
use store::{Row, Statement, StoreError, Tx, params};

use super::authorization::{Authorization, Standing};
use super::book::BookAuthorization;
use super::magic::MagicCard;
use super::operation::Operation;
use crate::card::{Brand, CardToken};
use crate::port::{ActionOutcome, Merchant, Request};

/// Keeps a card that was handed over.
pub(super) fn insert_card(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    card: &CardToken,
    magic: Option<&MagicCard>,
) -> Result<(), StoreError> {
    let now = tx.machine_now();
    let sql = "INSERT INTO sim_card
                   (shop_id, environment, token, brand, last4, expiry_year, expiry_month, magic, tokenized_us)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let Merchant { shop, environment } = merchant;
    let (year, month, magic) = (card.expiry_year, i32::from(card.expiry_month), magic.map(|magic| magic.name));
    tx.execute(
        sql,
        &params![shop, environment, &card.token, card.brand.as_str(), &card.last4, year, month, magic, now],
    )?;
    Ok(())
}

/// What an authorize needs: the answer that its key got before, or the card.
pub(super) struct LoadedCard {
    pub earlier: Option<Operation>,
    pub card: Option<KeptCard>,
}

/// A card by its token.
pub(super) struct KeptCard {
    pub expiry_year: i64,
    pub expiry_month: i64,
    pub magic: Option<&'static MagicCard>,
}

pub(super) fn load_card(tx: &mut Tx<'_>, merchant: Merchant, key: &str, token: &str) -> Result<LoadedCard, StoreError> {
    let sql = "SELECT o.kind, o.authorization_id, o.card, o.order_ref, o.amount, o.outcome, o.reference,
                      c.expiry_year, c.expiry_month, c.magic
               FROM (SELECT 1 AS one) base
               LEFT JOIN sim_operation o ON o.shop_id = $1 AND o.environment = $2 AND o.operation_key = $3
               LEFT JOIN sim_card c ON c.shop_id = $1 AND c.environment = $2 AND c.token = $4";
    let row = tx.query_one(sql, &params![merchant.shop, merchant.environment, key, token])?;
    let card = match row.opt_int(7)? {
        None => None,
        Some(expiry_year) => Some(KeptCard { expiry_year, expiry_month: row.int(8)?, magic: magic(&row, 9)? }),
    };
    Ok(LoadedCard { earlier: operation(&row, 0)?, card })
}

/// What any other request needs: the answer that its key got before, or the authorization.
pub(super) struct LoadedAuthorization {
    pub earlier: Option<Operation>,
    pub authorization: Option<Authorization>,
}

pub(super) fn load_authorization(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    key: &str,
    name: &str,
) -> Result<LoadedAuthorization, StoreError> {
    let sql = "SELECT o.kind, o.authorization_id, o.card, o.order_ref, o.amount, o.outcome, o.reference,
                      a.state, a.amount, a.captured, a.refunded, a.magic, s.outcome
               FROM (SELECT 1 AS one) base
               LEFT JOIN sim_operation o ON o.shop_id = $1 AND o.environment = $2 AND o.operation_key = $3
               LEFT JOIN sim_authorization a
                      ON a.shop_id = $1 AND a.environment = $2 AND a.authorization_id = $4
               LEFT JOIN sim_action s
                      ON s.shop_id = $1 AND s.environment = $2 AND s.authorization_id = $4";
    let row = tx.query_one(sql, &params![merchant.shop, merchant.environment, key, name])?;
    let authorization = if row.opt_text(7)?.is_some() { Some(authorization(&row, 7)?) } else { None };
    Ok(LoadedAuthorization { earlier: operation(&row, 0)?, authorization })
}

/// The authorization alone.
pub(super) fn find_authorization(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    name: &str,
) -> Result<Option<Authorization>, StoreError> {
    let sql = "SELECT a.state, a.amount, a.captured, a.refunded, a.magic, s.outcome FROM sim_authorization a
               LEFT JOIN sim_action s ON s.shop_id = a.shop_id AND s.environment = a.environment
                   AND s.authorization_id = a.authorization_id
               WHERE a.shop_id = $1 AND a.environment = $2 AND a.authorization_id = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, name])?;
    row.map(|row| authorization(&row, 0)).transpose()
}

/// Notes what the buyer did on the page of 3-D Secure; the first thing counts.
pub(super) fn act(tx: &mut Tx<'_>, merchant: Merchant, name: &str, outcome: ActionOutcome) -> Result<(), StoreError> {
    let now = tx.machine_now();
    let sql = "INSERT INTO sim_action (shop_id, environment, authorization_id, outcome, acted_us)
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shop_id, environment, authorization_id) DO NOTHING";
    tx.execute(sql, &params![merchant.shop, merchant.environment, name, outcome.as_str(), now])?;
    Ok(())
}

/// The brand of a card by its token.
pub(super) fn brand_of(tx: &mut Tx<'_>, merchant: Merchant, token: &str) -> Result<Option<Brand>, StoreError> {
    let sql = "SELECT brand FROM sim_card WHERE shop_id = $1 AND environment = $2 AND token = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, token])?;
    row.map(|row| row.parsed(0)).transpose()
}

/// What became of the request under `key`.
pub(super) fn find_operation(tx: &mut Tx<'_>, merchant: Merchant, key: &str) -> Result<Option<Operation>, StoreError> {
    let sql = "SELECT kind, authorization_id, card, order_ref, amount, outcome, reference FROM sim_operation
               WHERE shop_id = $1 AND environment = $2 AND operation_key = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, key])?;
    row.map_or(Ok(None), |row| operation(&row, 0))
}

/// Loses the request, unless one under its key was lost before.
pub(super) fn lose_request(tx: &mut Tx<'_>, request: &Request) -> Result<bool, StoreError> {
    let sql = "INSERT INTO sim_lost_request (shop_id, environment, operation_key) VALUES ($1, $2, $3)
               ON CONFLICT (shop_id, environment, operation_key) DO NOTHING";
    let Merchant { shop, environment } = request.merchant;
    Ok(tx.execute(sql, &params![shop, environment, &request.key])? == 1)
}

/// What an operation does to its authorization.
pub(super) enum Change {
    /// Makes it.
    Open(Authorization),
    /// Moves it; only if it still stands where it was.
    Move { from: Standing, to: Standing },
}

/// Writes an operation and what it changed. False if somebody was faster, under the same key or on the same
/// authorization: the caller undoes this and runs again.
pub(super) fn save(
    tx: &mut Tx<'_>,
    request: &Request,
    operation: &Operation,
    change: Option<Change>,
) -> Result<bool, StoreError> {
    let mut statements = vec![insert_operation(request, operation)];
    if let Some(name) = &operation.authorization {
        statements.extend(change.map(|change| match change {
            Change::Open(opened) => insert_authorization(request, operation, name, &opened),
            Change::Move { from, to } => move_authorization(request, name, from, to),
        }));
    }
    let touched = tx.execute_all(&statements)?;
    Ok(touched.into_iter().all(|rows| rows == 1))
}

fn insert_operation(request: &Request, operation: &Operation) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "INSERT INTO sim_operation (shop_id, environment, operation_key, kind, authorization_id, card, order_ref,
                                    amount, outcome, reference, at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (shop_id, environment, operation_key) DO NOTHING",
        params![
            shop,
            environment,
            &request.key,
            operation.kind.as_str(),
            operation.authorization.as_deref(),
            operation.card.as_deref(),
            operation.order.as_deref(),
            operation.amount,
            operation.outcome.as_str(),
            operation.reference.as_deref(),
            request.at,
        ],
    )
}

fn insert_authorization(
    request: &Request,
    operation: &Operation,
    name: &str,
    opened: &Authorization,
) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "INSERT INTO sim_authorization (shop_id, environment, authorization_id, order_ref, card, magic, amount,
                                        captured, refunded, state, created_us, updated_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        params![
            shop,
            environment,
            name,
            operation.order.as_deref(),
            operation.card.as_deref(),
            opened.magic.map(|magic| magic.name),
            opened.amount,
            opened.standing.captured,
            opened.standing.refunded,
            opened.standing.state.as_str(),
            request.at,
        ],
    )
}

fn move_authorization(request: &Request, name: &str, from: Standing, to: Standing) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "UPDATE sim_authorization SET state = $4, captured = $5, refunded = $6, updated_us = $7
         WHERE shop_id = $1 AND environment = $2 AND authorization_id = $3
           AND state = $8 AND captured = $9 AND refunded = $10",
        params![
            shop,
            environment,
            name,
            to.state.as_str(),
            to.captured,
            to.refunded,
            request.at,
            from.state.as_str(),
            from.captured,
            from.refunded,
        ],
    )
}

/// A page of a merchant's authorizations, in the order of their names.
pub(super) fn book_page(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    after: &str,
    limit: u32,
) -> Result<Vec<BookAuthorization>, StoreError> {
    let sql = "SELECT authorization_id, order_ref, amount, captured, refunded, state FROM sim_authorization
               WHERE shop_id = $1 AND environment = $2 AND authorization_id > $3
               ORDER BY authorization_id LIMIT $4";
    let rows = tx.query(sql, &params![merchant.shop, merchant.environment, after, limit])?;
    rows.iter().map(book_authorization).collect()
}

/// One authorization of a merchant.
pub(super) fn book_of(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    name: &str,
) -> Result<Option<BookAuthorization>, StoreError> {
    let sql = "SELECT authorization_id, order_ref, amount, captured, refunded, state FROM sim_authorization
               WHERE shop_id = $1 AND environment = $2 AND authorization_id = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, name])?;
    row.as_ref().map(book_authorization).transpose()
}

fn book_authorization(row: &Row) -> Result<BookAuthorization, StoreError> {
    Ok(BookAuthorization {
        authorization: row.text(0)?.to_owned(),
        order: row.text(1)?.to_owned(),
        amount: row.yen(2)?,
        captured: row.yen(3)?,
        refunded: row.yen(4)?,
        state: row.parsed(5)?,
    })
}

/// The place of a row in the whole book: what recounting pages by.
///
/// Shop, environment and name as they stand, so that a damaged row can be named too.
pub(super) type Place = (i64, String, String);

/// An authorization with all that its operations must agree with. Amounts are as they stand, sane or not.
pub(super) struct KeptAuthorization {
    pub place: Place,
    pub order: String,
    pub card: String,
    pub amount: i64,
    pub captured: i64,
    pub refunded: i64,
    pub state: String,
}

/// A page of the whole book.
pub(super) fn authorizations_after(
    tx: &mut Tx<'_>,
    after: &Place,
    limit: u32,
) -> Result<Vec<KeptAuthorization>, StoreError> {
    let sql = "SELECT shop_id, environment, authorization_id, order_ref, card, amount, captured, refunded, state
               FROM sim_authorization WHERE (shop_id, environment, authorization_id) > ($1, $2, $3)
               ORDER BY shop_id, environment, authorization_id LIMIT $4";
    let rows = tx.query(sql, &params![after.0, &after.1, &after.2, limit])?;
    rows.iter().map(kept_authorization).collect()
}

fn kept_authorization(row: &Row) -> Result<KeptAuthorization, StoreError> {
    Ok(KeptAuthorization {
        place: place(row)?,
        order: row.text(3)?.to_owned(),
        card: row.text(4)?.to_owned(),
        amount: row.int(5)?,
        captured: row.int(6)?,
        refunded: row.int(7)?,
        state: row.text(8)?.to_owned(),
    })
}

/// An operation at the place of its authorization.
pub(super) struct KeptOperation {
    pub place: Place,
    pub key: String,
    pub kind: String,
    pub card: Option<String>,
    pub order: Option<String>,
    pub amount: Option<i64>,
    pub outcome: String,
}

/// The operations on authorizations after one place, up to and with another.
pub(super) fn operations_between(
    tx: &mut Tx<'_>,
    after: &Place,
    last: Option<&Place>,
) -> Result<Vec<KeptOperation>, StoreError> {
    let from = params![after.0, &after.1, &after.2];
    let rows = match last {
        None => tx.query(
            "SELECT shop_id, environment, authorization_id, operation_key, kind, card, order_ref, amount, outcome
             FROM sim_operation
             WHERE authorization_id IS NOT NULL AND (shop_id, environment, authorization_id) > ($1, $2, $3)
             ORDER BY shop_id, environment, authorization_id",
            &from,
        ),
        Some(last) => tx.query(
            "SELECT shop_id, environment, authorization_id, operation_key, kind, card, order_ref, amount, outcome
             FROM sim_operation
             WHERE authorization_id IS NOT NULL AND (shop_id, environment, authorization_id) > ($1, $2, $3)
               AND (shop_id, environment, authorization_id) <= ($4, $5, $6)
             ORDER BY shop_id, environment, authorization_id",
            &[&from[..], &params![last.0, &last.1, &last.2]].concat(),
        ),
    }?;
    rows.iter().map(kept_operation).collect()
}

fn kept_operation(row: &Row) -> Result<KeptOperation, StoreError> {
    Ok(KeptOperation {
        place: place(row)?,
        key: row.text(3)?.to_owned(),
        kind: row.text(4)?.to_owned(),
        card: row.opt_text(5)?.map(str::to_owned),
        order: row.opt_text(6)?.map(str::to_owned),
        amount: row.opt_int(7)?,
        outcome: row.text(8)?.to_owned(),
    })
}

/// The place in the first three columns.
pub(super) fn place(row: &Row) -> Result<Place, StoreError> {
    Ok((row.int(0)?, row.text(1)?.to_owned(), row.text(2)?.to_owned()))
}

/// The authorization in the five columns from `first`.
fn authorization(row: &Row, first: usize) -> Result<Authorization, StoreError> {
    let standing = Standing { state: row.parsed(first)?, captured: row.yen(first + 2)?, refunded: row.yen(first + 3)? };
    let acted = row.opt_text(first + 5)?.map(|_| row.parsed(first + 5));
    Ok(Authorization {
        amount: row.yen(first + 1)?,
        standing,
        magic: magic(row, first + 4)?,
        acted: acted.transpose()?,
    })
}

/// The operation in the seven columns from `first`, if the outer join found one.
fn operation(row: &Row, first: usize) -> Result<Option<Operation>, StoreError> {
    if row.opt_text(first)?.is_none() {
        return Ok(None);
    }
    let text = |column: usize| Ok::<_, StoreError>(row.opt_text(first + column)?.map(str::to_owned));
    let amount: Option<Yen> = row.opt_int(first + 4)?.map(|_| row.yen(first + 4)).transpose()?;
    Ok(Some(Operation {
        kind: row.parsed(first)?,
        authorization: text(1)?,
        card: text(2)?,
        order: text(3)?,
        amount,
        outcome: row.parsed(first + 5)?,
        reference: text(6)?,
    }))
}

/// The magic card whose name is in `column`, if one is.
fn magic(row: &Row, column: usize) -> Result<Option<&'static MagicCard>, StoreError> {
    row.opt_text(column)?.map(|_| row.parsed(column)).transpose()
}
