//! The rows of the ledger: inserted, read, nothing else.

use kernel::{Environment, ShopId};
use store::{Row, Statement, StoreError, Tx, params};

use crate::{Entry, Line, PostedLine};

/// A row that is no line: an unknown account, an amount of nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLine {
    /// The entry it belongs to.
    pub entry_id: String,
    /// Its number.
    pub line: i64,
    /// What is wrong with it.
    pub problem: String,
}

/// The statements that post `entry` under `entry_id`. Posting the same id twice violates the primary key.
pub fn post(shop: ShopId, book: Environment, entry_id: &str, entry: &Entry) -> Vec<Statement<'static>> {
    let lines = entry.lines().len() as i64;
    let statement = |(index, line): (usize, &Line)| {
        Statement::new(
            "INSERT INTO ledger_entry
                 (shop_id, book, entry_id, line, lines, kind, reference, debit, credit, amount, posted_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            params![
                shop,
                book,
                entry_id,
                index as i64 + 1,
                lines,
                entry.kind,
                &entry.reference,
                line.debit().as_str(),
                line.credit().as_str(),
                line.amount(),
                entry.posted,
            ],
        )
    };
    entry.lines().iter().enumerate().map(statement).collect()
}

/// The next lines of a book after (`entry_id`, `line`), at most `limit`, in the order of their keys. A row that is
/// no line comes back as what is wrong with it.
pub fn lines_after(
    tx: &mut Tx<'_>,
    shop: ShopId,
    book: Environment,
    (entry_id, line): (&str, i64),
    limit: i64,
) -> Result<Vec<Result<PostedLine, BrokenLine>>, StoreError> {
    let sql = "SELECT entry_id, line, lines, kind, reference, debit, credit, amount FROM ledger_entry
               WHERE shop_id = $1 AND book = $2 AND (entry_id > $3 OR (entry_id = $3 AND line > $4))
               ORDER BY entry_id, line LIMIT $5";
    let rows = tx.query(sql, &params![shop, book, entry_id, line, limit])?;
    rows.iter().map(posted_line).collect()
}

fn posted_line(row: &Row) -> Result<Result<PostedLine, BrokenLine>, StoreError> {
    let (entry_id, line) = (row.text(0)?.to_owned(), row.int(1)?);
    let (debit, credit, amount) = (row.parsed(5), row.parsed(6), row.yen(7));
    Ok(match (debit, credit, amount) {
        (Ok(debit), Ok(credit), Ok(amount)) if debit != credit && !amount.is_zero() => Ok(PostedLine {
            movement: Line::new(debit, credit, amount),
            entry_id,
            line,
            lines: row.int(2)?,
            kind: row.text(3)?.to_owned(),
            reference: row.text(4)?.to_owned(),
        }),
        (debit, credit, amount) => {
            let what = [debit.err(), credit.err(), amount.err()].into_iter().flatten().map(|error| error.message);
            Err(BrokenLine { entry_id, line, problem: what.collect::<Vec<_>>().join("; ") })
        }
    })
}
