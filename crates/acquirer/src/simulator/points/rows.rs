//! The SQL of the simulator's points.

use kernel::Yen;
use store::{Row, Statement, StoreError, Tx, params};

use super::{Change, Hold, Operation, Spread, opening};
use crate::points::{Refusal, Request};
use crate::port::Merchant;
use crate::simulator::book::BookHold;
use crate::simulator::rows::{Place, place};

/// What a hold needs: the answer that its key got before, or the balance of the account if it was ever seen.
pub(super) struct LoadedAccount {
    pub earlier: Option<Operation>,
    pub balance: Option<Yen>,
}

pub(super) fn load_account(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    key: &str,
    account: &str,
) -> Result<LoadedAccount, StoreError> {
    let sql = "SELECT o.kind, o.hold_id, o.account, o.points, o.outcome, o.reference, a.balance
               FROM (SELECT 1 AS one) base
               LEFT JOIN sim_points_operation o ON o.shop_id = $1 AND o.environment = $2 AND o.operation_key = $3
               LEFT JOIN sim_points_account a ON a.shop_id = $1 AND a.environment = $2 AND a.account = $4";
    let row = tx.query_one(sql, &params![merchant.shop, merchant.environment, key, account])?;
    Ok(LoadedAccount { earlier: operation(&row)?, balance: opt_yen(&row, 6)? })
}

/// What any other request needs: the answer that its key got before, or the hold and its account.
pub(super) struct LoadedHold {
    pub earlier: Option<Operation>,
    pub hold: Option<Hold>,
}

pub(super) fn load_hold(tx: &mut Tx<'_>, merchant: Merchant, key: &str, name: &str) -> Result<LoadedHold, StoreError> {
    let sql = "SELECT o.kind, o.hold_id, o.account, o.points, o.outcome, o.reference,
                      h.account, a.balance, h.held, h.used, h.returned
               FROM (SELECT 1 AS one) base
               LEFT JOIN sim_points_operation o ON o.shop_id = $1 AND o.environment = $2 AND o.operation_key = $3
               LEFT JOIN sim_points_hold h ON h.shop_id = $1 AND h.environment = $2 AND h.hold_id = $4
               LEFT JOIN sim_points_account a ON a.shop_id = $1 AND a.environment = $2 AND a.account = h.account";
    let row = tx.query_one(sql, &params![merchant.shop, merchant.environment, key, name])?;
    let hold = match row.opt_text(6)? {
        None => None,
        Some(account) => {
            let spread = Spread { held: row.yen(8)?, used: row.yen(9)?, returned: row.yen(10)? };
            Some(Hold { account: account.to_owned(), balance: row.yen(7)?, spread })
        }
    };
    Ok(LoadedHold { earlier: operation(&row)?, hold })
}

/// What became of the request under `key`.
pub(super) fn find_operation(tx: &mut Tx<'_>, merchant: Merchant, key: &str) -> Result<Option<Operation>, StoreError> {
    let sql = "SELECT kind, hold_id, account, points, outcome, reference FROM sim_points_operation
               WHERE shop_id = $1 AND environment = $2 AND operation_key = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, key])?;
    row.map_or(Ok(None), |row| operation(&row))
}

/// Writes an operation and what it changed. False if somebody was faster: the caller undoes this and runs again.
pub(super) fn save(
    tx: &mut Tx<'_>,
    request: &Request,
    operation: &Operation,
    change: Option<Change>,
) -> Result<bool, StoreError> {
    let mut statements = vec![insert_operation(request, operation)];
    if let Some(name) = &operation.hold {
        match change {
            None => {}
            Some(Change::Open { account, balance }) => {
                statements.push(insert_hold(request, name, &account, operation.points));
                statements.push(take_points(request, &account, balance, operation.points)?);
            }
            Some(Change::Respread { hold, to }) => {
                statements.push(update_hold(request, name, hold.spread, to));
                let back = of_range(to.returned.checked_sub(hold.spread.returned))?;
                if !back.is_zero() {
                    let balance = of_range(hold.balance.checked_add(back))?;
                    statements.push(update_balance(request, &hold.account, hold.balance, balance));
                }
            }
        }
    }
    let touched = tx.execute_all(&statements)?;
    Ok(touched.into_iter().all(|rows| rows == 1))
}

fn insert_operation(request: &Request, operation: &Operation) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "INSERT INTO sim_points_operation
             (shop_id, environment, operation_key, kind, hold_id, account, points, outcome, reference, at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (shop_id, environment, operation_key) DO NOTHING",
        params![
            shop,
            environment,
            &request.key,
            operation.kind.as_str(),
            operation.hold.as_deref(),
            operation.account.as_deref(),
            operation.points,
            operation.refused.map_or("succeeded", Refusal::code),
            operation.reference.as_deref(),
            request.at,
        ],
    )
}

fn insert_hold(request: &Request, name: &str, account: &str, points: Yen) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "INSERT INTO sim_points_hold
             (shop_id, environment, hold_id, account, points, held, used, returned, created_us, updated_us)
         VALUES ($1, $2, $3, $4, $5, $5, 0, 0, $6, $6)",
        params![shop, environment, name, account, points, request.at],
    )
}

/// Takes points out of an account, which the first hold makes.
fn take_points(
    request: &Request,
    account: &str,
    balance: Option<Yen>,
    points: Yen,
) -> Result<Statement<'static>, StoreError> {
    let Merchant { shop, environment } = request.merchant;
    if let Some(balance) = balance {
        return Ok(update_balance(request, account, balance, of_range(balance.checked_sub(points))?));
    }
    let opening = opening(account);
    let left = of_range(opening.checked_sub(points))?;
    Ok(Statement::new(
        "INSERT INTO sim_points_account (shop_id, environment, account, opening, balance)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (shop_id, environment, account) DO NOTHING",
        params![shop, environment, account, opening, left],
    ))
}

fn update_balance(request: &Request, account: &str, from: Yen, to: Yen) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "UPDATE sim_points_account SET balance = $5
         WHERE shop_id = $1 AND environment = $2 AND account = $3 AND balance = $4",
        params![shop, environment, account, from, to],
    )
}

fn update_hold(request: &Request, name: &str, from: Spread, to: Spread) -> Statement<'static> {
    let Merchant { shop, environment } = request.merchant;
    Statement::new(
        "UPDATE sim_points_hold SET held = $4, used = $5, returned = $6, updated_us = $7
         WHERE shop_id = $1 AND environment = $2 AND hold_id = $3 AND held = $8 AND used = $9 AND returned = $10",
        params![
            shop,
            environment,
            name,
            to.held,
            to.used,
            to.returned,
            request.at,
            from.held,
            from.used,
            from.returned,
        ],
    )
}

/// The decision has checked the range; another result would mean that the book is damaged.
fn of_range(amount: Result<Yen, kernel::yen::MoneyError>) -> Result<Yen, StoreError> {
    amount.map_err(|error| StoreError::new(store::ErrorKind::Corrupt, format!("points of an account: {error}")))
}

/// The balance of an account, if it was ever seen.
pub(in crate::simulator) fn balance(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    account: &str,
) -> Result<Option<Yen>, StoreError> {
    let sql = "SELECT balance FROM sim_points_account WHERE shop_id = $1 AND environment = $2 AND account = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, account])?;
    row.map(|row| row.yen(0)).transpose()
}

/// A page of a merchant's holds, in the order of their names.
pub(in crate::simulator) fn holds_page(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    after: &str,
    limit: u32,
) -> Result<Vec<BookHold>, StoreError> {
    let sql = "SELECT hold_id, account, points, held, used, returned FROM sim_points_hold
               WHERE shop_id = $1 AND environment = $2 AND hold_id > $3 ORDER BY hold_id LIMIT $4";
    let rows = tx.query(sql, &params![merchant.shop, merchant.environment, after, limit])?;
    rows.iter().map(book_hold).collect()
}

/// One hold of a merchant.
pub(in crate::simulator) fn hold_of(
    tx: &mut Tx<'_>,
    merchant: Merchant,
    name: &str,
) -> Result<Option<BookHold>, StoreError> {
    let sql = "SELECT hold_id, account, points, held, used, returned FROM sim_points_hold
               WHERE shop_id = $1 AND environment = $2 AND hold_id = $3";
    let row = tx.query_opt(sql, &params![merchant.shop, merchant.environment, name])?;
    row.as_ref().map(book_hold).transpose()
}

fn book_hold(row: &Row) -> Result<BookHold, StoreError> {
    Ok(BookHold {
        hold: row.text(0)?.to_owned(),
        account: row.text(1)?.to_owned(),
        points: row.yen(2)?,
        held: row.yen(3)?,
        used: row.yen(4)?,
        returned: row.yen(5)?,
    })
}

/// A hold with all that its operations must agree with. Points are as they stand, sane or not.
pub(in crate::simulator) struct KeptHold {
    pub place: Place,
    pub account: String,
    pub points: i64,
    pub used: i64,
    pub returned: i64,
    /// Whether the account has a row.
    pub has_account: bool,
}

/// A page of the whole book.
pub(in crate::simulator) fn holds_after(
    tx: &mut Tx<'_>,
    after: &Place,
    limit: u32,
) -> Result<Vec<KeptHold>, StoreError> {
    let sql = "SELECT h.shop_id, h.environment, h.hold_id, h.account, h.points, h.used, h.returned, a.balance
               FROM sim_points_hold h
               LEFT JOIN sim_points_account a
                      ON a.shop_id = h.shop_id AND a.environment = h.environment AND a.account = h.account
               WHERE (h.shop_id, h.environment, h.hold_id) > ($1, $2, $3)
               ORDER BY h.shop_id, h.environment, h.hold_id LIMIT $4";
    let rows = tx.query(sql, &params![after.0, &after.1, &after.2, limit])?;
    rows.iter().map(kept_hold).collect()
}

fn kept_hold(row: &Row) -> Result<KeptHold, StoreError> {
    Ok(KeptHold {
        place: place(row)?,
        account: row.text(3)?.to_owned(),
        points: row.int(4)?,
        used: row.int(5)?,
        returned: row.int(6)?,
        has_account: row.opt_int(7)?.is_some(),
    })
}

/// An operation at the place of its hold.
pub(in crate::simulator) struct KeptOperation {
    pub place: Place,
    pub key: String,
    pub kind: String,
    pub account: Option<String>,
    pub points: i64,
    pub outcome: String,
}

/// The operations on holds after one place, up to and with another.
pub(in crate::simulator) fn operations_between(
    tx: &mut Tx<'_>,
    after: &Place,
    last: Option<&Place>,
) -> Result<Vec<KeptOperation>, StoreError> {
    let from = params![after.0, &after.1, &after.2];
    let rows = match last {
        None => tx.query(
            "SELECT shop_id, environment, hold_id, operation_key, kind, account, points, outcome
             FROM sim_points_operation
             WHERE hold_id IS NOT NULL AND (shop_id, environment, hold_id) > ($1, $2, $3)
             ORDER BY shop_id, environment, hold_id",
            &from,
        ),
        Some(last) => tx.query(
            "SELECT shop_id, environment, hold_id, operation_key, kind, account, points, outcome
             FROM sim_points_operation
             WHERE hold_id IS NOT NULL AND (shop_id, environment, hold_id) > ($1, $2, $3)
               AND (shop_id, environment, hold_id) <= ($4, $5, $6)
             ORDER BY shop_id, environment, hold_id",
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
        account: row.opt_text(5)?.map(str::to_owned),
        points: row.int(6)?,
        outcome: row.text(7)?.to_owned(),
    })
}

/// An account beside what its holds say.
pub(in crate::simulator) struct KeptAccount {
    pub place: Place,
    pub opening: i64,
    pub balance: i64,
    /// Points that its holds hold or used.
    pub taken: i64,
}

/// A page of the accounts of the whole book.
pub(in crate::simulator) fn accounts_after(
    tx: &mut Tx<'_>,
    after: &Place,
    limit: u32,
) -> Result<Vec<KeptAccount>, StoreError> {
    let sql = "SELECT a.shop_id, a.environment, a.account, a.opening, a.balance,
                      CAST((SELECT COALESCE(SUM(h.held + h.used), 0) FROM sim_points_hold h
                            WHERE h.shop_id = a.shop_id AND h.environment = a.environment AND h.account = a.account)
                           AS BIGINT)
               FROM sim_points_account a WHERE (a.shop_id, a.environment, a.account) > ($1, $2, $3)
               ORDER BY a.shop_id, a.environment, a.account LIMIT $4";
    let rows = tx.query(sql, &params![after.0, &after.1, &after.2, limit])?;
    rows.iter().map(kept_account).collect()
}

fn kept_account(row: &Row) -> Result<KeptAccount, StoreError> {
    Ok(KeptAccount { place: place(row)?, opening: row.int(3)?, balance: row.int(4)?, taken: row.int(5)? })
}

fn opt_yen(row: &Row, column: usize) -> Result<Option<Yen>, StoreError> {
    row.opt_int(column)?.map(|_| row.yen(column)).transpose()
}

/// The operation in the first six columns, if the outer join found one.
fn operation(row: &Row) -> Result<Option<Operation>, StoreError> {
    if row.opt_text(0)?.is_none() {
        return Ok(None);
    }
    let text = |column: usize| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let refused = if row.text(4)? == "succeeded" { None } else { Some(row.parsed(4)?) };
    Ok(Some(Operation {
        kind: row.parsed(0)?,
        hold: text(1)?,
        account: text(2)?,
        points: row.yen(3)?,
        refused,
        reference: text(5)?,
    }))
}
